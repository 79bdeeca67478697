"""Which source somebody means: one in ``delist.toml``, a shop's address, a file of listings, saved pages, a list."""

from __future__ import annotations

import re
from collections.abc import Container
from pathlib import Path
from urllib.parse import urlsplit

from scanner.cli.addresses import is_address, source_of_addresses
from scanner.errors import InputError, UnknownSource
from scanner.settings import Settings, Source, Walker
from spiders import recorded
from spiders.feed import format_of

PAGE_SUFFIXES = (".html", ".htm", ".html.gz", ".htm.gz", ".har", ".warc", ".warc.gz")
# A sitemap in XML, or in its plainest form: a list of addresses.
SITEMAP_SUFFIXES = (".xml", ".xml.gz", ".txt", ".txt.gz")
ADDRESSES_SUFFIXES = (".txt", ".txt.gz", ".txt.zst")
PATH_LIKE = re.compile(r"[/.\\:]")


def chosen(name: str, settings: Settings) -> Source:
    """A configured source; else a shop's address, a file of listings, a saved page or a folder of them.

    Raises ``UnknownSource``.
    """
    if not name:
        raise InputError("nothing to inspect", hint="Name a source, a file or a folder, or try: delist inspect --demo")
    if name.startswith(("http://", "https://")):
        begins_there = (one for one in settings.sources.values() if _is_among(name, one.start))
        return next(begins_there, None) or as_known(source_of_url(name, taken=settings.sources), settings)
    path = Path(name)
    if name not in settings.sources and path.exists():
        return _source_of_file(path)
    if name not in settings.sources and (PATH_LIKE.search(name) or not settings.sources):
        raise UnknownSource(
            f'"{name}" is neither a source in delist.toml nor a file or folder',
            hint="A shop's address begins with https://; - is standard input; delist source list names the sources.",
        )
    return settings.source(name)


def source_of_url(url: str, *, taken: Container[str] = (), name: str = "") -> Source:
    """A source for a shop's address, named after its host, so that it is the same source every time.

    A sitemap's address is walked as one; any other is looked at first. Raises ``InputError`` for what is no address.
    """
    if not is_address(url):
        raise InputError(f"{url}: no address of a shop", hint="Write it as https://shop.example")
    parts = urlsplit(url)
    if name and name != _as_name(name):
        raise InputError(f"{name!r} is no name of a source", hint="Small letters, digits, - and _ only.")
    name = name or _as_name(parts.netloc.lower().removeprefix("www.")) or "shop"
    walker = Walker.SITEMAP if parts.path.lower().endswith(SITEMAP_SUFFIXES) else Walker.SITE
    return Source(name=f"{name}-url" if name in taken else name, walker=walker, start=(url,))


def _is_among(url: str, starts: tuple[str, ...]) -> bool:
    return url.rstrip("/") in {start.rstrip("/") for start in starts}


def as_known(source: Source, settings: Settings) -> Source:
    """``source`` as another way into a shop that is configured already, if it is one: so its listings are the same."""
    known = next((one for one in settings.sources.values() if source.hosts and source.hosts <= one.hosts), None)
    if known is None:
        return source
    given = {"platform": known.platform_name, "page": known.page, "link_pattern": known.link_pattern}
    return source.model_copy(update=given)


def _source_of_file(path: Path) -> Source:
    """Saved pages, listings or their addresses, as the name says. Raises ``InputError`` for anything else."""
    name = _as_name(path.resolve().name.partition(".")[0].lower()) or "file"
    if path.is_dir() or path.name.lower().endswith(PAGE_SUFFIXES):
        return Source(name=name, platform=_recorded_platform(path), walker=Walker.SAVED, start=(str(path.resolve()),))
    if path.name.lower().endswith(ADDRESSES_SUFFIXES):
        return source_of_addresses(path, name=name)
    format_of(path)
    return Source(name=name, walker=Walker.FEED, start=(str(path.resolve()),))


def _recorded_platform(path: Path) -> str:
    """The shop that a recording is of; empty for saved pages, which go by the name of their folder.

    It is a platform apart from the shop itself: what a recording says may be older than what is stored.
    """
    if not (path.is_file() and recorded.is_recording(path)):
        return ""
    first = next(recorded.pages(path), None)
    host = urlsplit(first.url).netloc.lower().removeprefix("www.") if first is not None else ""
    return f"{_as_name(host)}-recorded" if host else ""


def _as_name(text: str) -> str:
    return re.sub(r"[^a-z0-9_-]+", "-", text).strip("-_")[:60]
