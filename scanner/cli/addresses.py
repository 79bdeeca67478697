"""A file of addresses, one a line, as a source: blank lines and those that begin with ``#`` are left out.

It may be compressed, as lists are that came out of a sitemap.
"""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

from scanner.errors import InputError
from scanner.settings import Source, Walker
from spiders import feed

# As many as a sitemap may hold (sitemaps.org), and as large.
MOST = 50_000
LARGEST = 50 * 2**20


def source_of_addresses(path: Path, *, name: str) -> Source:
    """A source that reads each address in the file at ``path`` as one listing.

    Raises ``InputError`` for a file that cannot be read or holds none or too many, and for a line that is no address.
    """
    addresses: dict[str, None] = {}
    for number, line in enumerate(_lines(path), start=1):
        if not line or line.startswith("#"):
            continue
        if not is_address(line):
            shown = line if len(line) <= 80 else f"{line[:80]}…"
            hint = "One a line, as https://shop.example/item/1; # begins a comment."
            raise InputError(f"{path}:{number}: no address of a listing: {shown}", hint=hint)
        addresses[line] = None
    if not addresses:
        raise InputError(f"{path}: no addresses in it", hint="One a line, as https://shop.example/item/1.")
    if len(addresses) > MOST:
        raise InputError(f"{path}: {len(addresses)} addresses, {MOST} at most", hint="Split it into several files.")
    return Source(name=name, walker=Walker.ADDRESSES, start=tuple(addresses))


def is_address(url: str) -> bool:
    """Whether it can be asked for on the web, and has no password in it."""
    try:
        parts = urlsplit(url)
        has_port = parts.port != 0
    except ValueError:
        return False
    is_web = parts.scheme in {"http", "https"} and bool(parts.hostname) and has_port and "@" not in parts.netloc
    return is_web and not any(sign.isspace() for sign in url)


def _lines(path: Path) -> list[str]:
    try:
        with ExitStack() as stack:
            content = feed.opened(path, stack).read(LARGEST + 1)
        if len(content) > LARGEST:
            raise InputError(f"{path}: larger than {LARGEST} bytes", hint="Split it into several files.")
        return [line.strip() for line in content.decode("utf-8-sig").split("\n")]
    except feed.BROKEN as error:
        raise InputError(f"{path}: compressed data breaks off: {error}", hint="Is the copy whole?") from error
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: not UTF-8 text (byte {error.start})", hint="Save it as UTF-8.") from error
