"""Tables of what is shown to others as proof: pictures of listings, and clue packages."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from scanner.clues.records import Attachment, ClueCase, ClueState, Recipient
from scanner.model import EvidenceRef, Role
from scanner.pictures.records import PictureState
from scanner.store.tables.columns import Big, metadata, row_id
from scanner.store.types import Code, Json, Moment, Written

pictures = Table(
    "pictures",
    metadata,
    row_id(),
    Column("listing_row", Big, ForeignKey("listings.id"), nullable=False),
    Column("number", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("source", Text, nullable=False),
    Column("url", Written, nullable=False),
    Column("state", Code(PictureState), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("says", Written, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("original", Json(EvidenceRef)),
    Column("inert", Json(EvidenceRef)),
    Column("media_type", Text, nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("look", Big),
    Column("fetched_at", Moment),
    UniqueConstraint("listing_row", "number", "position"),
)

Index(
    "ix_pictures_due",
    pictures.c.due_at,
    pictures.c.id,
    sqlite_where=text("state = 'due'"),
    postgresql_where=text("state = 'due'"),
)

clue_packages = Table(
    "clue_packages",
    metadata,
    row_id(),
    Column("about", Written, nullable=False),
    Column("recipient", Code(Recipient), nullable=False),
    Column("unit", Written, nullable=False),
    Column("officer", Written, nullable=False),
    Column("legal_basis", Written, nullable=False),
    Column("level", Integer, nullable=False),
    Column("is_quiet", Boolean, nullable=False),
    Column("reason", Written, nullable=False),
    Column("summary", Written, nullable=False),
    Column("cases", Json(tuple[ClueCase, ...]), nullable=False),
    Column("attachments", Json(tuple[Attachment, ...]), nullable=False),
    Column("digest", Text, nullable=False),
    Column("state", Code(ClueState), nullable=False),
    Column("made_by", Written, nullable=False),
    Column("made_role", Code(Role), nullable=False),
    Column("made_at", Moment, nullable=False),
    Column("seller_row", Big, ForeignKey("sellers.id")),
    Column("held", Json(tuple[int, ...]), nullable=False),
    Column("approved_by", Written, nullable=False),
    Column("approved_role", Code(Role)),
    Column("approved_at", Moment),
    Column("manifest", Text, nullable=False),
    Column("exported_at", Moment),
    Column("handed_over_at", Moment),
    Column("receipt", Written, nullable=False),
    Column("answer", Written, nullable=False),
    Column("answered_at", Moment),
    Index(None, "state", "id"),
    Index(None, "seller_row"),
)
