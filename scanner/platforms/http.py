"""The one way in which adapters speak HTTP: with a deadline, a limit on what is read, and no redirect followed unseen.

A redirect turns a PATCH into something else, or drops its body, and the answer still says 200. So a redirected order is
a refusal with the address in it; looks follow a few redirects on the same host by themselves, and keep each answer.
"""

from __future__ import annotations

import json
import time
import zlib
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any
from urllib.parse import urljoin, urlsplit

import msgspec
import urllib3
from urllib3.exceptions import HTTPError

from scanner.orders import Answer, Capture, Order, Receipt, gives_back, is_about_seller
from scanner.platforms.connecting import PatientPool

_CHUNK = 65_536
_MOST_REDIRECTS = 5
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_AWAY = frozenset({408, 502, 503, 504})
_DENIED = frozenset({401, 403, 407})
_USER_AGENT = "Delist"


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """What came back. ``status`` is 0 where nothing whole did; then ``trouble`` says why in words."""

    url: str
    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()
    body: bytes = b""
    trouble: str = ""

    def header(self, name: str) -> str:
        """The first header of that name, or an empty string."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def json(self) -> Any:
        """The body as JSON; ``None`` for what is none."""
        try:
            return json.loads(self.body)
        except (ValueError, RecursionError):
            return None

    @property
    def capture(self) -> Capture:
        """The answer as evidence."""
        return Capture(url=self.url, status=self.status, headers=self.headers, body=self.body)


class Client:
    """Makes single requests. Safe to share between threads; it keeps no cookies and no credentials."""

    def __init__(
        self, *, seconds: float = 20.0, most_bytes: int = 4 * 2**20, pool: urllib3.PoolManager | None = None
    ) -> None:
        """``pool``: by which connections it goes, where there is something particular about them."""
        self._seconds, self._most = seconds, most_bytes
        self._pool = pool or PatientPool(num_pools=8, maxsize=16, retries=False)

    def call(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Reply:
        """One request, one answer, no redirect. Never raises for what the other side does or fails to do."""
        over = time.monotonic() + self._seconds
        sent = {"User-Agent": _USER_AGENT, "Accept-Encoding": "identity", **(headers or {})}
        timeout = urllib3.Timeout(connect=min(10.0, self._seconds), read=self._seconds)
        try:
            answer = self._pool.urlopen(
                method, url, headers=sent, body=body, redirect=False, preload_content=False, timeout=timeout
            )
        except (HTTPError, UnicodeError, ValueError) as error:
            return Reply(url=url, trouble=_trouble(error, self._seconds))
        try:
            found, trouble = self._read(answer, over)
        except (HTTPError, OSError) as error:
            found, trouble = b"", _trouble(error, self._seconds)
        finally:
            answer.close()
        if trouble:
            return Reply(url=url, trouble=trouble)
        # The body is as it was before it was packed, so that hash and evidence are of what was judged.
        plain = tuple((name, value) for name, value in answer.headers.items() if name.lower() != "content-encoding")
        return Reply(url=url, status=answer.status, headers=plain, body=found)

    def look(self, url: str, *, headers: Mapping[str, str] | None = None) -> tuple[Reply, ...]:
        """GET an address as anybody would, and follow it on the same host; the last reply is where that ended."""
        replies = [self.call("GET", url, headers=headers)]
        while replies[-1].status in _REDIRECTS and len(replies) <= _MOST_REDIRECTS:
            target = urljoin(replies[-1].url, replies[-1].header("location"))
            if not target or urlsplit(target).netloc != urlsplit(url).netloc:
                break
            replies.append(self.call("GET", target, headers=headers))
        return tuple(replies)

    def _read(self, answer: urllib3.BaseHTTPResponse, over: float) -> tuple[bytes, str]:
        """The whole body, and what kept us from having it."""
        parts: list[bytes] = []
        size = 0
        # What has come, however little: who drips bytes must not keep us longer than who is silent.
        while part := answer.read1(_CHUNK, decode_content=False):
            parts.append(part)
            size += len(part)
            if size > self._most:
                return b"", f"the answer is larger than {self._most:,} bytes"
            if time.monotonic() > over:
                return b"", f"the answer was not whole after {self._seconds:g} s"
        body = b"".join(parts)
        encoding = answer.headers.get("content-encoding", "identity").lower()
        return (body, "") if encoding in {"", "identity"} else self._unpacked(body)

    def _unpacked(self, body: bytes) -> tuple[bytes, str]:
        """Some servers compress unasked; no more is unpacked than may be read."""
        unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
        try:
            plain = unpacker.decompress(body, self._most)
        except zlib.error:
            return b"", "the answer is compressed in a way that was not asked for"
        return (plain, "") if unpacker.eof else (b"", f"the answer is larger than {self._most:,} bytes, or cut off")


def receipt_of(reply: Reply, *, name: str) -> Receipt | None:
    """What an answer that is not the adapter's own business means; ``None`` for 2xx, 404 and 410, which it must judge.

    1. No answer, time-out, 502, 503, 504: away. 2. 5xx: it broke on this order. 3. 429: throttled.
    4. 401, 403: our credentials are not accepted. 5. A redirect or any other 4xx: refused.
    """
    says = f"{name} answered {reply.status}{_phrase(reply.status)}{told(reply)}"
    if reply.status == 0:
        return Receipt(answer=Answer.AWAY, says=f"{name} gave no answer: {reply.trouble}.")
    if reply.status == 429:
        wait = retry_after(reply)
        return Receipt(answer=Answer.THROTTLED, status=429, retry_after=wait, says=f"{name} asks us to wait.")
    if reply.status in _AWAY:
        return Receipt(answer=Answer.AWAY, status=reply.status, retry_after=retry_after(reply), says=f"{says}.")
    if reply.status >= 500:
        return Receipt(answer=Answer.FAILED, status=reply.status, says=f"{says}.")
    if reply.status in _DENIED:
        why = "It does not accept our token: renew it, or give it the right to hide listings"
        return Receipt(answer=Answer.DENIED, status=reply.status, says=f"{says}. {why}.")
    if reply.status in _REDIRECTS:
        target = reply.header("location")[:200]
        why = f"It sends us to {target}, and orders are not redirected: mend its url in delist.toml"
        return Receipt(answer=Answer.REFUSED, status=reply.status, says=f"{says}. {why}.")
    if 200 <= reply.status < 300 or reply.status in {404, 410}:
        return None
    return Receipt(answer=Answer.REFUSED, status=reply.status, says=f"{says}. It will not do this order.")


def gone_or_unknown(reply: Reply, order: Order, *, name: str) -> Receipt:
    """What 404 and 410 mean: what is to be hidden or closed is gone already; anything else cannot be done to it."""
    what = "seller" if is_about_seller(order.action) else "listing"
    if order.action in {"hide", "close_account"}:
        says = f"{name} does not know the {what} any more: it is gone already."
        return Receipt(answer=Answer.ALREADY, status=reply.status, says=says)
    so = "show it again" if gives_back(order.action) else "do this to it"
    says = f"{name} does not know the {what} any more, so it cannot {so}."
    return Receipt(answer=Answer.REFUSED, status=reply.status, says=says)


def told(reply: Reply) -> str:
    """What the answer says of itself, cut short, with nothing in it that could spoil a terminal or a page."""
    body = reply.json
    said = (
        next((body[key] for key in ("error", "detail", "message") if isinstance(body.get(key), str)), "")
        if (isinstance(body, dict))
        else ""
    )
    plain = "".join(sign if sign.isprintable() else " " for sign in said[:200]).strip().rstrip(".")
    return f": {plain}" if plain else ""


def retry_after(reply: Reply) -> float | None:
    """``Retry-After`` in seconds, given as a number or as a date (RFC 9110, 10.2.3)."""
    said = reply.header("retry-after").strip()
    if said.isascii() and said.isdigit() and len(said) < 10:
        return float(said)
    try:
        moment = parsedate_to_datetime(said)
    except ValueError:
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(0.0, (aware - datetime.now(UTC)).total_seconds())


def _phrase(status: int) -> str:
    try:
        return f" ({HTTPStatus(status).phrase})"
    except ValueError:
        return ""


def _trouble(error: Exception, seconds: float) -> str:
    """Why there is no answer, in words."""
    kind = type(error).__name__
    if "Timeout" in kind or "timed out" in str(error):
        return f"nothing came within {seconds:g} s"
    if kind == "NameResolutionError":
        return "its name is not known"
    if kind == "NewConnectionError":
        return "nobody listens at its address"
    if "SSL" in kind or "CERTIFICATE" in str(error).upper():
        return _certificate_trouble(str(error))
    return "the connection broke off"


def _certificate_trouble(said: str) -> str:
    """What is wrong with a certificate, for whoever writes to the platform's people about it."""
    reasons = {
        "has expired": "its certificate has expired: its operator must renew it",
        "not yet valid": "its certificate is not valid yet: its clock, or ours, is wrong",
        "doesn't match": "its certificate is for another name: its url in delist.toml, or the certificate, is wrong",
        "mismatch": "its certificate is for another name: its url in delist.toml, or the certificate, is wrong",
        "self-signed": "nobody that this machine trusts has signed its certificate",
        "self signed": "nobody that this machine trusts has signed its certificate",
        "unable to get": "nobody that this machine trusts has signed its certificate",
    }
    known = next((words for sign, words in reasons.items() if sign in said), "")
    return known or f"no safe connection to it can be made ({said[:120]})"
