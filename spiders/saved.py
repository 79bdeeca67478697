"""Reads pages that were saved before: a folder of ``.html``, ``.htm``, each also ``.gz``, of recordings, or one file.

A page's address is looked for in this order: an index (JSON lines of ``{"file": …, "url": …}``), ``<page>.json`` beside
it or a ``meta.json`` in its folder, the page's own canonical link or ``og:url``. One that has none goes by its name.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import re2

from scanner.errors import InputError, PageError
from scanner.model import Failed, Fetched, Listing, Observation, Skipped
from scanner.sources import Source
from spiders import recorded
from spiders.pages import NotAListing, Page, link_pattern_of, read_page
from spiders.pages.identity import listing_id_of
from spiders.recorded import is_recording
from spiders.recorder import no_listing

SUFFIXES = (".html", ".htm", ".html.gz", ".htm.gz", ".xhtml")
_HEAD = 200_000
_CANONICAL = re2.compile(r"""(?i)<link\s[^<>]*rel\s*=\s*["']?canonical["']?[^<>]*>""")
_OG_URL = re2.compile(r"""(?i)<meta\s[^<>]*property\s*=\s*["']?og:url["']?[^<>]*>""")
_ADDRESS = re2.compile(r"""(?i)(?:href|content)\s*=\s*["']?(https?://[^"'\s<>]+)""")


def observations(source: Source, start: tuple[str, ...]) -> Iterator[tuple[Observation, int]]:
    """What each saved page turns out to be, and its bytes. Raises ``InputError`` where there is nothing to read."""
    urls = _indices(tuple(Path(part) for part in start if part.endswith(".jsonl")))
    for part in start:
        if not part.endswith(".jsonl"):
            for path in pages_in(Path(part)):
                if is_recording(path):
                    yield from ((_recorded(page, source), len(page.body)) for page in recorded.pages(path))
                else:
                    yield _observe(path, source, urls.get(path.name, ""))


def pages_in(place: Path) -> list[Path]:
    """The saved pages at ``place``, in the order of their names. Raises ``InputError`` if there are none."""
    if place.is_file():
        return [place]
    if not place.is_dir():
        raise InputError(f"{place}: no such file or folder")
    ends = SUFFIXES + recorded.SUFFIXES
    found = sorted(path for path in place.rglob("*") if path.name.lower().endswith(ends) and path.is_file())
    if not found:
        raise InputError(f"{place}: no saved pages in it", hint=f"They end in one of {', '.join(ends)}.")
    return found


def _observe(path: Path, source: Source, url: str) -> tuple[Observation, int]:
    """One page's outcome; nothing that a page holds can stop the next."""
    here, pattern = path.as_posix(), link_pattern_of(source.page, source.link_pattern)
    try:
        page = load(path, most_bytes=max(source.max_bytes, 2**20), url=url, pattern=pattern)
    except PageError as error:
        return Failed(url=here, reason="unreadable", detail=str(error)[:300]), 0
    return _outcome(page, source, here), len(page.body)


def _recorded(page: Page, source: Source) -> Observation:
    """The outcome of a page out of a recording, which goes by its address."""
    listing_id = listing_id_of(page.url, link_pattern_of(source.page, source.link_pattern))
    if not listing_id:
        return Skipped(url=page.url, reason="not_a_listing")
    return _outcome(msgspec.structs.replace(page, listing_id=listing_id), source, page.url)


def _outcome(page: Page, source: Source, here: str) -> Observation:
    try:
        found = read_page(page, platform=source.platform_name, refine=source.page)
    except PageError as error:
        return Failed(url=here, reason="unreadable", detail=str(error)[:300])
    except Exception as error:  # noqa: BLE001  # a page function's fault is a finding, not the end of the crawl
        return Failed(url=here, reason="page_function_error", detail=f"{type(error).__name__}: {error}"[:300])
    if isinstance(found, NotAListing):
        return no_listing(found, here)
    return Fetched(listing=found) if isinstance(found, Listing) else found


def load(path: Path, *, most_bytes: int, url: str = "", pattern: str = "") -> Page:
    """The page saved at ``path``. Raises ``PageError`` if it cannot be read or is larger than ``most_bytes``."""
    body = _body(path, most_bytes)
    meta = _meta(path)
    address = url or str(meta.get("url") or "") or own_address(body)
    status = meta.get("status")
    return Page(
        body=body,
        url=address,
        asked=str(meta.get("asked") or ""),
        status=status if isinstance(status, int) else 200,
        content_type=str(meta.get("content_type") or ""),
        seen_at=datetime.fromtimestamp(path.stat().st_mtime, UTC),
        listing_id=str(meta.get("listing_id") or (listing_id_of(address, pattern) if address else _stem(path))),
    )


def own_address(body: bytes) -> str:
    """The address that a page gives as its own, or empty."""
    head = body[:_HEAD].decode("utf-8", "replace")
    for pattern in (_CANONICAL, _OG_URL):
        element = pattern.search(head)
        if element and (found := _ADDRESS.search(element.group())):
            return str(found.group(1)).replace("&amp;", "&")
    return ""


def _body(path: Path, most_bytes: int) -> bytes:
    try:
        with path.open("rb") as file:
            body = file.read(most_bytes + 1)
        if body.startswith(b"\x1f\x8b"):
            unpacker = zlib.decompressobj(16 + zlib.MAX_WBITS)
            body = unpacker.decompress(body, most_bytes + 1)
            if not unpacker.eof and len(body) <= most_bytes:
                raise PageError(f"{path}: compressed data breaks off")
    except OSError as error:
        raise PageError(f"{path}: {error.strerror or error}") from error
    except zlib.error as error:
        raise PageError(f"{path}: broken gzip: {error}") from error
    if len(body) > most_bytes:
        raise PageError(f"{path}: larger than {most_bytes} bytes")
    return body


def _meta(path: Path) -> dict[str, Any]:
    """What was saved beside the page, if anything was."""
    for beside in (
        path.with_name(f"{path.name}.json"),
        path.with_name(f"{_stem(path)}.json"),
        path.with_name("meta.json"),
    ):
        try:
            found = msgspec.json.decode(beside.read_bytes())
        except (OSError, msgspec.DecodeError):
            continue
        if isinstance(found, dict):
            return found
    return {}


def _stem(path: Path) -> str:
    return path.name.removesuffix(".gz").rpartition(".")[0] or path.name


def _indices(files: tuple[Path, ...]) -> dict[str, str]:
    """File name -> address, from JSON lines; raises ``InputError`` for a file that cannot be read."""
    found = {}
    for file in files:
        try:
            rows = [msgspec.json.decode(line) for line in file.read_bytes().splitlines() if line.strip()]
        except (OSError, msgspec.DecodeError) as error:
            raise InputError(f"{file}: not an index of saved pages: {error}") from error
        for row in rows:
            if isinstance(row, dict) and row.get("file") and row.get("url"):
                found[Path(str(row["file"])).name] = str(row["url"])
    return found
