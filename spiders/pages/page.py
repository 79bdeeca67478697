"""What page functions take and give: saved bytes in, an outcome out. No network, no clock."""

from __future__ import annotations

from datetime import datetime

import msgspec

# Why a page is no listing, when it kept us from seeing whether it is one.
BLOCKED = "blocked"


class Page(msgspec.Struct, frozen=True, kw_only=True):
    """A response as it was received, content encoding undone.

    ``url`` is where it came from in the end, ``asked`` the URL that was asked for if redirects led elsewhere.
    ``listing_id`` is what the walker already knows (a saved page's name, a link pattern's group); empty: read off the
    URL.
    """

    body: bytes
    url: str = ""
    asked: str = ""
    status: int = 200
    content_type: str = ""
    seen_at: datetime | None = None
    listing_id: str = ""


class NotAListing(msgspec.Struct, frozen=True, kw_only=True):
    """The page was read and shows no single offer; ``why`` says what it looks like instead."""

    url: str
    why: str = ""
