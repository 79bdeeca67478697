"""Fingerprints: what a removed listing is recognised by when it comes back."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from scanner.model import Severity


class Mark(StrEnum):
    """What a listing is recognised by. ``image`` is a picture's file name, ``picture`` what it looks like."""

    TEXT = "text"
    TITLE = "title"
    PIECE = "piece"
    TEMPLATE = "template"
    CONTACT = "contact"
    IMAGE = "image"
    PICTURE = "picture"
    SELLER = "seller"


class Fingerprint(msgspec.Struct, frozen=True, kw_only=True):
    """What a removed listing is recognised by, with the decision that removed it. No text, no handle: hashes only.

    ``title`` are the hashed pairs of characters of its title, ``sketch`` the MinHash of all that it says.
    """

    id: int
    case_id: int
    decision_id: int
    listing_row: int
    seller_row: int | None
    seller_key: str
    platform: str
    listing_id: str
    category: str
    severity: Severity
    rules: tuple[str, ...]
    title: tuple[int, ...]
    sketch: tuple[int, ...]
    made_at: datetime
    expires_at: datetime
    hits: int = 0
    ended_at: datetime | None = None


class Likeness(msgspec.Struct, frozen=True, kw_only=True):
    """That a listing is like a removed one: by which marks, and how like the texts are (0–1)."""

    fingerprint: Fingerprint
    marks: tuple[Mark, ...]
    likeness: float
