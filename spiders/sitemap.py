"""Walks sitemaps (sitemaps.org protocol 0.9): indexes, gzip, plain lists of URLs; ``lastmod`` is kept."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from io import BytesIO
from itertools import chain
from typing import Any, ClassVar
from urllib.parse import urljoin

import msgspec
from lxml import etree
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from scanner.model import Failed
from spiders.walk import Walk

# The protocol's own limit, uncompressed, with some room.
MOST_BYTES = 64 * 2**20
_KINDS = {"urlset", "sitemapindex"}


class NotASitemap(ValueError):
    """The response is neither a sitemap nor an index of them."""


class Entry(msgspec.Struct, frozen=True):
    """One ``<url>`` or ``<sitemap>``."""

    url: str
    changed_at: datetime | None = None


class Sitemap(msgspec.Struct, frozen=True):
    """A sitemap file; ``is_whole`` is false if its end is missing."""

    is_index: bool
    entries: Iterable[Entry]
    is_whole: bool = True


class SitemapWalk(Walk):
    """From sitemaps to listings; the entries of an index are followed within this partition.

    Sitemaps are large: one is asked for when the one before it has been read, while listings come in.
    """

    name: ClassVar[str] = "sitemap"  # type: ignore[misc]  # as in Walk

    def beginnings(self) -> Iterable[Request]:
        """The first sitemap."""
        self.further = iter(tuple(super().beginnings()))
        return self._next_sitemap()

    def _next_sitemap(self) -> Iterator[Request]:
        for request in self.further:
            self.list_urls.add(request.url)
            yield request
            return

    def list_request(self, url: str, **known: Any) -> Request:
        """A sitemap may be larger than a page."""
        request = super().list_request(url, **known)
        request.meta["download_maxsize"] = max(MOST_BYTES, self.source.max_bytes)
        return request

    def on_list(self, response: Response, **known: Any) -> Iterator[Request]:
        """A sitemap came in; the next one may."""
        yield from super().on_list(response, **known)
        yield from self._next_sitemap()

    def on_list_error(self, failure: Failure) -> Iterator[Request]:
        """A sitemap did not come in; the next one may."""
        yield from super().on_list_error(failure)
        yield from self._next_sitemap()

    def read_list(self, response: Response) -> Iterator[Request]:
        """Note what an index names, for its turn; want everything else."""
        sitemap = read_sitemap(response.body, response.url)
        if not sitemap.is_whole:
            self.recorder.at_once(Failed(url=response.url, reason="list_truncated"))
        if sitemap.is_index:
            named = [entry.url for entry in sitemap.entries]
            self.further = chain(self.further, self.more_lists(named))
        else:
            for entry in sitemap.entries:
                self.want(entry.url, entry.changed_at)
        return iter(())


def parse_sitemap(body: bytes, url: str = "") -> Sitemap:
    """The same as ``read_sitemap``, with its entries all at once."""
    sitemap = read_sitemap(body, url)
    return msgspec.structs.replace(sitemap, entries=tuple(sitemap.entries))


def read_sitemap(body: bytes, url: str = "") -> Sitemap:
    """Read a sitemap, gzip-compressed or not, its entries as they are asked for, once.

    Raises ``NotASitemap``; what is not well-formed inside is passed over.
    """
    data = _uncompressed(body)
    if data[:1024].lstrip().lower().startswith((b"http://", b"https://")):
        lines = (line.decode("utf-8", "replace").strip() for line in BytesIO(data))
        return Sitemap(is_index=False, entries=(Entry(line) for line in lines if line))
    events = etree.iterparse(
        BytesIO(data), events=("start", "end"), recover=True, resolve_entities=False, no_network=True
    )
    kind = _kind(events)
    entries = _entries(events, url)
    tail = data[-2048:].lower()
    return Sitemap(is_index=kind == "sitemapindex", entries=entries, is_whole=f"{kind}>".encode() in tail)


def sitemaps_in_robots(body: bytes, url: str) -> tuple[str, ...]:
    """The addresses that a robots.txt names as sitemaps (RFC 9309 leaves the line to sitemaps.org)."""
    lines = body[: 512 * 1024].decode("utf-8", "replace").splitlines()
    named = (line.split(":", 1)[1].strip() for line in lines if line.strip().lower().startswith("sitemap:"))
    return tuple(dict.fromkeys(urljoin(url, address) for address in named if address))


def _uncompressed(body: bytes) -> bytes:
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
    try:
        return unpacker.decompress(body, MOST_BYTES)
    except zlib.error as error:
        raise NotASitemap(f"broken gzip: {error}") from error


def _kind(events: Iterator[Any]) -> str:
    try:
        _, root = next(events)
    except (StopIteration, etree.XMLSyntaxError) as error:
        raise NotASitemap("no XML in it") from error
    name = _local(root)
    if name not in _KINDS:
        raise NotASitemap(f"its root is <{name}>")
    return name


def _entries(events: Iterator[Any], base: str) -> Iterator[Entry]:
    for event, element in events:
        if event != "end" or _local(element) not in {"url", "sitemap"}:
            continue
        # News, image and video extensions have a loc and a lastmod of their own, in namespaces of their own.
        own = _namespace(element)
        values = {_local(child): (child.text or "").strip() for child in element if _namespace(child) == own}
        if address := values.get("loc"):
            yield Entry(urljoin(base, address), parse_moment(values.get("lastmod", "")))
        element.clear()
        while element.getprevious() is not None:
            del element.getparent()[0]


def _local(element: Any) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _namespace(element: Any) -> str:
    return element.tag.rpartition("}")[0] if isinstance(element.tag, str) else ""


def parse_moment(text: str) -> datetime | None:
    """A W3C date or moment in UTC, none if it is neither. A mere day means its end: it may have changed until then."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    if len(text) <= len("2026-01-01"):
        return datetime.combine(moment.date(), time.max, tzinfo=UTC)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
