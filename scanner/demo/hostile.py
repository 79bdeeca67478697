"""Hostile responses over HTTP: one method a kind of fault. Big bodies are streamed and never held in memory."""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Awaitable, Callable, Iterator

from aiohttp import web

from scanner.demo.broken import BREAKS, redesigned, with_calendar, with_foreign_links
from scanner.demo.misbehaviour import Fault

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

# A handler asks the request whether its lists shall never end.
ENDLESS = web.RequestKey("endless", bool)

_PIECE = 64 * 1024
_HTML = "text/html; charset=utf-8"
_OPENING = b"<!DOCTYPE html><html><head><meta charset=utf-8><title>page</title></head><body><h1>page</h1><p>"
_CAPTCHA = (
    "<!DOCTYPE html><html><head><title>安全验证</title></head><body><h1>请完成安全验证后继续访问</h1></body></html>"
)

_GZIP_HEADER = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff"
_DEFLATE_END = b"\x03\x00"


async def act(request: web.Request, fault: Fault, handler: Handler) -> web.StreamResponse:
    """Answer the request as the fault says; each kind of fault is a method of that name."""
    method: Callable[[], Awaitable[web.StreamResponse]] = getattr(Act(request, fault, handler), fault.kind.value)
    return await method()


class Act:
    """One request that meets one fault; ``handler`` would have answered it properly."""

    def __init__(self, request: web.Request, fault: Fault, handler: Handler) -> None:
        self._request, self._fault, self._handler = request, fault, handler

    async def throttle(self) -> web.StreamResponse:
        """429 with Retry-After in seconds."""
        headers = {"Retry-After": str(self._fault.retry_after)}
        return web.Response(status=429, text="Too many requests", headers=headers)

    async def server_error(self) -> web.StreamResponse:
        """An error before anything was done."""
        return web.Response(status=self._fault.status, text="Something went wrong on our side")

    async def error_after_effect(self) -> web.StreamResponse:
        """An error although everything was done."""
        await self._handler(self._request)
        return await self.server_error()

    async def stall(self) -> web.StreamResponse:
        """Nothing at all for a while, then the proper answer."""
        await asyncio.sleep(self._fault.seconds)
        return await self._handler(self._request)

    async def drop(self) -> web.StreamResponse:
        """The connection closed without a word."""
        self._hang_up()
        return web.Response()

    async def slow_loris(self) -> web.StreamResponse:
        """The page byte by byte, spread over the fault's seconds."""
        _, body = await self._sound()
        pause = self._fault.seconds / max(1, len(body))
        answer = await self._open(length=len(body))
        for byte in body:
            await answer.write(bytes([byte]))
            await asyncio.sleep(pause)
        return answer

    async def truncate(self) -> web.StreamResponse:
        """Half of what Content-Length promises, then the end of the connection."""
        _, body = await self._sound()
        answer = await self._open(length=len(body))
        await answer.write(body[: len(body) // 2])
        self._hang_up()
        return answer

    async def empty(self) -> web.StreamResponse:
        """200 and no body."""
        return self._page(200, b"")

    async def captcha(self) -> web.StreamResponse:
        """200 and a page that wants to know whether the reader is a person."""
        return self._page(200, _CAPTCHA.encode("utf8"))

    async def broken_html(self) -> web.StreamResponse:
        """The page damaged, by the fault's variant."""
        return await self._changed(BREAKS[self._fault.variant or "unclosed"])

    async def redesign(self) -> web.StreamResponse:
        """The page without any mark that a page function could go by."""
        return await self._changed(redesigned)

    async def calendar(self) -> web.StreamResponse:
        """The page, and a way into a calendar without an end."""
        return await self._changed(with_calendar)

    async def foreign_links(self) -> web.StreamResponse:
        """The page or sitemap, and addresses that nobody should follow from here."""
        return await self._changed(with_foreign_links)

    async def wrong_charset(self) -> web.StreamResponse:
        """The header names another charset than the bytes are in; the page's own ``meta`` tells the truth."""
        status, body = await self._sound()
        if self._fault.variant == "header":
            return self._page(status, body, kind="text/html; charset=gb18030")
        text = body.decode("utf8").replace('<meta charset="utf-8">', '<meta charset="gb18030">')
        return self._page(status, text.encode("gb18030"))

    async def huge(self) -> web.StreamResponse:
        """A page of ``size`` bytes; variant ``declared`` says so in Content-Length, otherwise it just goes on."""
        size = self._fault.size
        answer = await self._open(length=size if self._fault.variant == "declared" else None)
        for piece in _pieces(size):
            await answer.write(piece)
        return answer

    async def gzip_bomb(self) -> web.StreamResponse:
        """A small body that unpacks to ``size`` bytes, in whole MiB."""
        answer = await self._open(headers={"Content-Encoding": "gzip"})
        for piece in _bomb(max(1, self._fault.size >> 20)):
            await answer.write(piece)
        return answer

    async def redirect_loop(self) -> web.StreamResponse:
        """Back and forth between two addresses of one page."""
        turn = 0 if self._request.query.get("turn") == "1" else 1
        return self._redirect(f"{self._request.path}?turn={turn}")

    async def redirect_offsite(self) -> web.StreamResponse:
        """To another site."""
        return self._redirect(self._fault.target or f"http://elsewhere.invalid{self._request.path}")

    async def redirect_private(self) -> web.StreamResponse:
        """To an address inside somebody's network: by default the metadata service of clouds."""
        return self._redirect(self._fault.target or "http://169.254.169.254/latest/meta-data/")

    async def redirect_home(self) -> web.StreamResponse:
        """To the front page."""
        return self._redirect("/")

    async def endless_pages(self) -> web.StreamResponse:
        """Lists that always have a next page."""
        self._request[ENDLESS] = True
        return await self._handler(self._request)

    async def _changed(self, change: Callable[[str], str]) -> web.StreamResponse:
        """The proper answer with its text changed; pictures and packed files stay as they are."""
        response = await self._handler(self._request)
        body = response.body if isinstance(response, web.Response) else None
        if not isinstance(body, bytes) or not response.content_type.endswith(("/html", "/xml")):
            return response
        kind = response.headers["Content-Type"]
        return self._page(response.status, change(body.decode("utf8")).encode("utf8"), kind=kind)

    async def _sound(self) -> tuple[int, bytes]:
        """Status and body of the proper answer."""
        response = await self._handler(self._request)
        body = response.body if isinstance(response, web.Response) else None
        return response.status, body if isinstance(body, bytes) else b""

    async def _open(self, *, length: int | None = None, headers: dict[str, str] | None = None) -> web.StreamResponse:
        answer = web.StreamResponse(headers={"Content-Type": _HTML} | (headers or {}))
        answer.content_length = length
        await answer.prepare(self._request)
        return answer

    def _page(self, status: int, body: bytes, *, kind: str = _HTML) -> web.Response:
        return web.Response(status=status, body=body, headers={"Content-Type": kind})

    def _redirect(self, target: str) -> web.Response:
        return web.Response(status=302, headers={"Location": target})

    def _hang_up(self) -> None:
        if self._request.transport is not None:
            self._request.transport.close()


def _pieces(size: int) -> Iterator[bytes]:
    """A page of exactly ``size`` bytes, a piece at a time."""
    filler = (b"lorem ipsum dolor sit amet " * (_PIECE // 27 + 1))[:_PIECE]
    yield _OPENING[:size]
    for left in range(size - len(_OPENING), 0, -_PIECE):
        yield filler[:left]


def _bomb(mebibytes: int) -> Iterator[bytes]:
    """A gzip stream (RFC 1952) of so many MiB of blanks: one compressed piece, again and again.

    A full flush ends the piece on a byte border and forgets the window, so its copies are one valid stream.
    """
    plain = b" " * 2**20
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    piece = squeeze.compress(plain) + squeeze.flush(zlib.Z_FULL_FLUSH)
    yield _GZIP_HEADER
    check = 0
    for _ in range(mebibytes):
        check = zlib.crc32(plain, check)
        yield piece
    yield _DEFLATE_END + struct.pack("<II", check, (mebibytes << 20) % 2**32)
