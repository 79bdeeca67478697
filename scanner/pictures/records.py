"""Pictures of a listing's version, as the store keeps them."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from scanner.model import EvidenceRef


class PictureState(StrEnum):
    """What became of a picture. ``due``: yet to be fetched, or tried again. All others are ends."""

    DUE = "due"
    KEPT = "kept"
    FAILED = "failed"
    REFUSED = "refused"


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture that version ``number`` of a listing names at ``position``; ``says`` is why there is none, in words.

    ``original`` is what the platform sent, as evidence only. ``inert`` is our own copy for people: WebP without any
    metadata, ``width`` by ``height`` pixels, 1,600 at most each. ``look`` is what it looks like: a 64-bit perceptual
    hash, none for a picture on which there is nothing to see. Nobody else fetches it before ``due_at``.
    """

    id: int
    listing_row: int
    number: int
    position: int
    url: str
    state: PictureState
    due_at: datetime
    says: str = ""
    tries: int = 0
    original: EvidenceRef | None = None
    inert: EvidenceRef | None = None
    media_type: str = ""
    width: int = 0
    height: int = 0
    look: int | None = None
    fetched_at: datetime | None = None


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """Pictures of one version that are due, with the source by which its listing was found."""

    listing_row: int
    number: int
    source: str
    pictures: tuple[Picture, ...]
