"""Hostile responses over HTTP: one function a kind of fault. Big bodies are streamed and never held in memory."""

from __future__ import annotations

import asyncio
import re
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable

from aiohttp import web

from scanner.demo.misbehaviour import Fault, FaultKind

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Act = Callable[[web.Request, Fault, Handler], Awaitable[web.StreamResponse]]

# A handler asks the request whether its lists shall never end.
ENDLESS = "endless"

_PIECE = 64 * 1024
_HTML = "text/html; charset=utf-8"
_OPENING = b"<!DOCTYPE html><html><head><meta charset=utf-8><title>page</title></head><body><h1>page</h1><p>"


async def act(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    """Answer the request as the fault says."""
    return await _ACTS[fault.kind](request, fault, handler)


async def _body(request: web.Request, handler: Handler) -> tuple[web.Response, bytes]:
    """The response that would have been given, and its body."""
    response = await handler(request)
    if not isinstance(response, web.Response) or not isinstance(response.body, bytes):
        return web.Response(status=response.status, body=b""), b""
    return response, response.body


async def _throttle(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    return web.Response(status=429, text="Too many requests", headers={"Retry-After": str(fault.retry_after)})


async def _server_error(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    return web.Response(status=fault.status, text="Something went wrong on our side")


async def _error_after_effect(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    await handler(request)
    return web.Response(status=fault.status, text="Something went wrong on our side")


async def _stall(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    await asyncio.sleep(fault.seconds)
    return await handler(request)


async def _drop(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    _hang_up(request)
    return web.Response()


async def _slow_loris(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    """The page byte by byte, for as long as the fault lasts."""
    _, body = await _body(request, handler)
    pause = fault.seconds / max(1, len(body))
    answer = await _open(request, length=len(body))
    for byte in body:
        await answer.write(bytes([byte]))
        await asyncio.sleep(max(pause, 0.05))
    return answer


async def _truncate(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    _, body = await _body(request, handler)
    answer = await _open(request, length=len(body))
    await answer.write(body[: len(body) // 2])
    _hang_up(request)
    return answer


async def _empty(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    return web.Response(body=b"", headers={"Content-Type": _HTML})


async def _captcha(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    text = (
        "<!DOCTYPE html><html><head><title>安全验证</title></head><body><h1>请完成安全验证后继续访问</h1></body></html>"
    )
    return web.Response(text=text, headers={"Content-Type": _HTML})


async def _broken_html(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    response, body = await _body(request, handler)
    broken = _BREAKS[fault.variant or "unclosed"](body.decode("utf8"))
    return web.Response(status=response.status, body=broken.encode("utf8"), headers={"Content-Type": _HTML})


async def _wrong_charset(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    response, body = await _body(request, handler)
    if fault.variant == "header":
        return web.Response(status=response.status, body=body, headers={"Content-Type": "text/html; charset=gb18030"})
    text = body.decode("utf8").replace('<meta charset="utf-8">', '<meta charset="gb18030">')
    return web.Response(status=response.status, body=text.encode("gb18030"), headers={"Content-Type": _HTML})


async def _redesign(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    """The same page for people, with every mark gone that a page function could go by."""
    response, body = await _body(request, handler)
    text = _MARKS.sub("", _MACHINE_DATA.sub("", body.decode("utf8")))
    return web.Response(status=response.status, text=text, headers={"Content-Type": _HTML})


async def _huge(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    """A page of ``size`` bytes; variant ``declared`` says so in Content-Length, otherwise it just goes on."""
    answer = await _open(request, length=fault.size if fault.variant == "declared" else None)
    async for piece in _pieces(fault.size):
        await answer.write(piece)
    return answer


async def _pieces(size: int) -> AsyncIterator[bytes]:
    filler = (b"lorem ipsum dolor sit amet " * (_PIECE // 27 + 1))[:_PIECE]
    yield _OPENING[:size]
    left = size - len(_OPENING)
    while left > 0:
        yield filler[:left]
        left -= _PIECE


async def _gzip_bomb(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    """A small body that unpacks to ``size`` bytes (a MiB at least): one compressed piece, sent again and again.

    A full flush ends the piece on a byte border and forgets the window, so copies of it are one valid stream (RFC 1951).
    """
    answer = await _open(request, headers={"Content-Encoding": "gzip"})
    plain = b" " * 2**20
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -15)
    piece = squeeze.compress(plain) + squeeze.flush(zlib.Z_FULL_FLUSH)
    await answer.write(b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff")
    count, check = max(1, fault.size // len(plain)), 0
    for _ in range(count):
        check = zlib.crc32(plain, check)
        await answer.write(piece)
    await answer.write(b"\x03\x00" + struct.pack("<II", check, count * len(plain) % 2**32))
    return answer


async def _redirect_loop(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    """Back and forth between two addresses of one page."""
    turn = int(request.query.get("turn", "0") or 0) if request.query.get("turn", "0").isdigit() else 0
    return _redirect(f"{request.path}?turn={1 - turn % 2}")


async def _redirect_offsite(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    return _redirect(fault.target or f"http://elsewhere.invalid{request.path}")


async def _redirect_private(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    return _redirect(fault.target or "http://169.254.169.254/latest/meta-data/")


async def _redirect_home(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    return _redirect("/")


async def _endless_pages(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    request[ENDLESS] = True
    return await handler(request)


def _redirect(target: str) -> web.Response:
    return web.Response(status=302, headers={"Location": target})


async def _open(
    request: web.Request, *, length: int | None = None, headers: dict[str, str] | None = None
) -> web.StreamResponse:
    answer = web.StreamResponse(headers={"Content-Type": _HTML} | (headers or {}))
    answer.content_length = length
    await answer.prepare(request)
    return answer


def _hang_up(request: web.Request) -> None:
    if request.transport is not None:
        request.transport.close()


_MACHINE_DATA = re.compile(
    r'<script type="application/ld\+json">.*?</script>|<meta (?:property|itemprop)=[^>]*>', re.DOTALL
)
_MARKS = re.compile(r' (?:class|id|itemprop|itemscope|itemtype|data-[a-z-]+)(?:="[^"]*")?')


def _unclosed(text: str) -> str:
    """Half the closing tags gone, attributes without quotes, a stray angle bracket, cut off before the end."""
    text = re.sub(r"</(?:div|li|span|p)>(?=\s)", "", text)
    return (
        re.sub(r'(class|href)="([^"\s<>]+)"', r"\1=\2", text)
        .replace("<main", "< <main")
        .removesuffix("</body>\n</html>")
    )


def _deep(text: str) -> str:
    return text.replace("<main", "<div>" * 10_000 + "<main", 1)


def _attribute(text: str) -> str:
    return text.replace("<main", f'<main data-state="{"x" * 2**20}"', 1)


def _json_ld(text: str) -> str:
    """JSON-LD as careless shops write it: a comment, a CDATA wrapper, commas before closing brackets."""
    opening = '<script type="application/ld+json">'
    text = text.replace(opening, f"{opening}\n//<![CDATA[\n/* product data */\n").replace(
        "}</script>", ",}\n//]]>\n</script>"
    )
    return text.replace("}]</script>", "},]\n//]]>\n</script>")


def _controls(text: str) -> str:
    return text.replace("<h1", "\x00\x08\x1b<h1", 1)


_BREAKS: dict[str, Callable[[str], str]] = {
    "unclosed": _unclosed,
    "deep": _deep,
    "attribute": _attribute,
    "json_ld": _json_ld,
    "controls": _controls,
}

_ACTS: dict[FaultKind, Act] = {
    FaultKind.THROTTLE: _throttle,
    FaultKind.SERVER_ERROR: _server_error,
    FaultKind.ERROR_AFTER_EFFECT: _error_after_effect,
    FaultKind.STALL: _stall,
    FaultKind.SLOW_LORIS: _slow_loris,
    FaultKind.TRUNCATE: _truncate,
    FaultKind.DROP: _drop,
    FaultKind.EMPTY: _empty,
    FaultKind.BROKEN_HTML: _broken_html,
    FaultKind.WRONG_CHARSET: _wrong_charset,
    FaultKind.REDESIGN: _redesign,
    FaultKind.CAPTCHA: _captcha,
    FaultKind.HUGE: _huge,
    FaultKind.GZIP_BOMB: _gzip_bomb,
    FaultKind.REDIRECT_LOOP: _redirect_loop,
    FaultKind.REDIRECT_OFFSITE: _redirect_offsite,
    FaultKind.REDIRECT_PRIVATE: _redirect_private,
    FaultKind.REDIRECT_HOME: _redirect_home,
    FaultKind.ENDLESS_PAGES: _endless_pages,
}
