"""Saved pages as tests: a folder ``<platform>/<case>`` with ``page.html``, ``meta.json`` and ``listing.json``.

The one module among the page functions that touches files; ``delist page --save`` writes a fixture, the suite reads it
and checks it field by field.
"""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
import re2

from scanner.errors import InputError
from scanner.model import Gone, Listing
from spiders.pages.page import NotAListing, Page

_NAME = re2.compile(r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$")


class Meta(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """``meta.json``: what a page function is told beside the body, and which one it is."""

    platform: str
    page: str = ""
    url: str = ""
    asked: str = ""
    status: int = 200
    content_type: str = ""
    seen_at: datetime | None = None
    listing_id: str = ""


def save_fixture(page: Page, outcome: Listing | Gone | NotAListing, *, platform: str, case: str, root: Path) -> Path:
    """Write the folder ``root/platform/case`` and return it.

    Raises ``InputError`` for names that are no folder names, and where there is such a case already.
    """
    for name in (platform, case):
        if not _NAME.search(name):
            raise InputError(
                f"{name!r} cannot name a fixture folder", hint="Letters, digits, dots, dashes, underscores."
            )
    folder = root / platform / case
    try:
        folder.mkdir(parents=True)
    except FileExistsError:
        raise InputError(f"{folder} is there already", hint="Choose another name, or remove the folder.") from None
    meta = Meta(
        platform=platform,
        page=platform,
        url=page.url,
        asked=page.asked,
        status=page.status,
        content_type=page.content_type,
        seen_at=page.seen_at,
        listing_id=page.listing_id,
    )
    (folder / "page.html").write_bytes(page.body)
    _write(folder / "meta.json", meta)
    _write(folder / "listing.json", as_expected(outcome))
    return folder


def load_fixture(folder: Path) -> tuple[Page, Meta, dict[str, Any]]:
    """The page, what is known of it, and what is expected of it. Raises ``InputError`` for a folder that is none."""
    try:
        meta = msgspec.json.decode((folder / "meta.json").read_bytes(), type=Meta)
        expected = msgspec.json.decode((folder / "listing.json").read_bytes(), type=dict[str, Any])
        body = (folder / "page.html").read_bytes()
    except (OSError, msgspec.MsgspecError) as error:
        raise InputError(f"{folder}: not a fixture: {error}") from error
    page = Page(
        body=body,
        url=meta.url,
        asked=meta.asked,
        status=meta.status,
        content_type=meta.content_type,
        seen_at=meta.seen_at,
        listing_id=meta.listing_id,
    )
    return page, meta, expected


def as_expected(outcome: Listing | Gone | NotAListing) -> dict[str, Any]:
    """An outcome as ``listing.json`` holds it: its kind and its fields, without those that were not found."""
    kind = {Listing: "listing", Gone: "gone", NotAListing: "not_a_listing"}[type(outcome)]
    fields = msgspec.json.decode(msgspec.json.encode(outcome))
    fields.pop("type", None)
    return {"outcome": kind, **{name: value for name, value in fields.items() if value not in ("", None, [], {})}}


def _write(path: Path, value: object) -> None:
    path.write_bytes(msgspec.json.format(msgspec.json.encode(value), indent=2) + b"\n")
