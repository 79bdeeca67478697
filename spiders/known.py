"""What is known of the platform's listings before a crawl, so that what has not changed costs next to nothing.

A file of JSON lines ``[listing id, validator, content hash, since]``, written by the inspection, the same for all its
partitions. A validator is an entity tag or a date as the platform sent it (RFC 9110, 8.8). ``since`` is when the
inspection began that read it; null where none has read it to rely on, and then there is no validator either.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from scanner.errors import CrawlError
from scanner.listing_content import content_hash
from scanner.model import Listing

if TYPE_CHECKING:  # feeds are read without Scrapy, in half the time
    from scrapy.http import Response

LONGEST_VALIDATOR = 256
# Sitemaps are often written once a day: what was read after its last change may have been called older by such a one.
SITEMAPS_AGE = timedelta(days=1)

_Row = tuple[str, str, datetime | None]
_STRANGER: _Row = ("", "", None)


class Known:
    """Validators, content hashes and when they were read, by listing id."""

    def __init__(self, file: Path | None) -> None:
        self._rows: dict[str, _Row] = _read(file) if file is not None else {}

    def headers(self, listing_id: str) -> dict[str, str]:
        """What asks the platform to answer only if the listing has changed; empty: nothing is known to ask by."""
        validator = self._rows.get(listing_id, _STRANGER)[0]
        if not validator:
            return {}
        return {"If-None-Match" if _is_tag(validator) else "If-Modified-Since": validator}

    def has(self, listing: Listing) -> bool:
        """Whether the listing says what it said when it was stored."""
        return self._rows.get(listing.listing_id, _STRANGER)[1] == content_hash(listing)

    def is_since(self, changed_at: datetime, listing_id: str) -> bool:
        """Whether the listing was read long enough after it was last changed.

        A sitemap that was a day old when the listing was last called unchanged did not know of that day's changes.
        """
        since = self._rows.get(listing_id, _STRANGER)[2]
        return since is not None and changed_at < since - SITEMAPS_AGE


def validator_of(response: Response) -> str:
    """The entity tag of a response, else its date; empty if it has neither, or one that is no validator."""
    for name in ("ETag", "Last-Modified"):
        value = (response.headers.get(name) or b"").decode("latin-1").strip()
        is_sound = value.isascii() and value.isprintable() and len(value) <= LONGEST_VALIDATOR
        if value and is_sound and (name != "ETag" or _is_tag(value)):
            return value
    return ""


def _is_tag(validator: str) -> bool:
    return validator.startswith(('"', 'W/"'))


def _read(file: Path) -> dict[str, _Row]:
    decoder = msgspec.json.Decoder(tuple[str, str, str, datetime | None])
    moments: dict[datetime | None, datetime | None] = {}  # a million listings share a few
    try:
        with file.open("rb") as lines:
            rows = (decoder.decode(line) for line in lines)
            return {row[0]: (row[1], row[2], moments.setdefault(row[3], row[3])) for row in rows}
    except (OSError, msgspec.MsgspecError) as error:
        raise CrawlError(f"{file}: what is known of the listings cannot be read: {error}") from error
