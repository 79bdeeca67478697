"""Tables of what is offered: sellers, listings, their versions, and what was found in them."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from scanner.model import EvidenceRef, Listing, SellerKind, Severity, Span
from scanner.store.tables.columns import Big, metadata, row_id
from scanner.store.types import Code, Json, Moment, Money, Written

sellers = Table(
    "sellers",
    metadata,
    row_id(),
    Column("platform", Written, nullable=False),
    Column("key", Written, nullable=False),
    Column("name", Written, nullable=False),
    Column("kind", Code(SellerKind), nullable=False),
    Column("licences", Json(tuple[str, ...]), nullable=False),
    Column("registered_at", Moment),
    Column("first_seen_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    UniqueConstraint("platform", "key"),
    Index(None, "key"),
    Index(None, "name"),
)

listings = Table(
    "listings",
    metadata,
    row_id(),
    Column("platform", Written, nullable=False),
    Column("listing_id", Written, nullable=False),
    Column("seller_row", Big, ForeignKey("sellers.id")),
    Column("url", Written, nullable=False),
    Column("title", Written, nullable=False),
    Column("price", Money),
    Column("currency", Written, nullable=False),
    Column("number", Integer, nullable=False),
    Column("content_hash", Text, nullable=False),
    Column("judged_by", Text, nullable=False),
    Column("is_flagged", Boolean, nullable=False),
    Column("first_seen_at", Moment, nullable=False),
    Column("last_seen_at", Moment, nullable=False),
    Column("gone_at", Moment),
    Column("gone_why", Written, nullable=False),
    Column("gone_inspection", Big),
    Column("validator", Text, nullable=False, server_default=""),
    Column("seen_inspection", Big, nullable=False),
    Column("seen_partition", Written, nullable=False),
    Column("seen_attempt", Integer, nullable=False),
    UniqueConstraint("platform", "listing_id"),
    Index(None, "seller_row"),
    Index(None, "seen_inspection", "is_flagged"),
)

# Most are there: an entry that says so would be written anew with every sighting.
Index(
    "ix_listings_gone_inspection",
    listings.c.gone_inspection,
    sqlite_where=text("gone_inspection IS NOT NULL"),
    postgresql_where=text("gone_inspection IS NOT NULL"),
)

versions = Table(
    "versions",
    metadata,
    Column("listing_row", Big, ForeignKey("listings.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content_hash", Text, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("inspection_id", Big, nullable=False),
    Column("listing", Json(Listing), nullable=False),
    Column("evidence", Json(EvidenceRef)),
    Column("judged_by", Text, nullable=False),
    # Who judged it when it was first seen: what was lawful by the rules then in force is never held against a seller.
    Column("first_judged_by", Text, nullable=False, server_default=""),
)

findings = Table(
    "findings",
    metadata,
    row_id(),
    Column("listing_row", Big, nullable=False),
    Column("number", Integer, nullable=False),
    Column("rule", Text, nullable=False),
    Column("words", Text, nullable=False),
    Column("judge", Text, nullable=False),
    Column("category", Text, nullable=False),
    Column("severity", Code(Severity), nullable=False),
    Column("score", Float, nullable=False),
    Column("title", Written, nullable=False),
    Column("reason", Written, nullable=False),
    Column("spans", Json(tuple[Span, ...]), nullable=False),
    Column("clause", Text, nullable=False),
    Column("rulebook", Text, nullable=False),
    Column("normaliser", Text, nullable=False),
    Column("queues", Boolean, nullable=False),
    ForeignKeyConstraint(["listing_row", "number"], ["versions.listing_row", "versions.number"]),
    UniqueConstraint("listing_row", "number", "judge", "rule", "words"),
)
