"""Tables of judging: cases, what they are filed under, and what was decided."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, ForeignKeyConstraint, Index, Integer, Table, Text, text

from scanner.model import Action, CaseState, Desk, Role, Ruling, Severity
from scanner.store.tables.columns import Big, metadata, row_id
from scanner.store.types import Code, Json, Moment, Written

cases = Table(
    "cases",
    metadata,
    row_id(),
    Column("listing_row", Big, ForeignKey("listings.id"), nullable=False),
    Column("source", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("state", Code(CaseState), nullable=False),
    Column("revision", Integer, nullable=False),
    Column("severity", Code(Severity), nullable=False),
    Column("action", Code(Action), nullable=False),
    Column("priority", Integer, nullable=False),
    Column("category", Text, nullable=False),
    Column("categories", Json(tuple[str, ...]), nullable=False),
    Column("rules", Json(tuple[str, ...]), nullable=False),
    Column("reason", Written, nullable=False),
    Column("opened_at", Moment, nullable=False),
    Column("updated_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("ruling", Code(Ruling)),
    Column("decided_hash", Text, nullable=False),
    Column("claimed_by", Written, nullable=False),
    Column("lease_until", Moment),
    Column("token", Integer, nullable=False),
    Column("desk", Code(Desk), nullable=False, server_default=Desk.REVIEW.value),
    Column("reserved_for", Written, nullable=False, server_default=""),
    Column("away_until", Moment),
    ForeignKeyConstraint(["listing_row", "version"], ["versions.listing_row", "versions.number"]),
    Index(None, "listing_row", "id"),
    Index(None, "state", "due_at"),
    Index(None, "state", "opened_at"),
)

# The rule of the house: one case at a time for a listing.
Index(
    "uq_cases_one_open",
    cases.c.listing_row,
    unique=True,
    sqlite_where=text("state <> 'closed'"),
    postgresql_where=text("state <> 'closed'"),
)

# What a case is filed under: category, rule, severity, source, seller, and once as one of all. With its place in the
# queue, lower first, so that a page is read off the index whatever it is filtered by.
case_labels = Table(
    "case_labels",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("label", Text, primary_key=True),
    Column("case_id", Big, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("is_waiting", Boolean, nullable=False),
    Column("place", Integer, nullable=False),
    Index(None, "kind", "label", "is_waiting", "place", "case_id"),
    Index(None, "case_id"),
)

decisions = Table(
    "decisions",
    metadata,
    row_id(),
    Column("case_id", Big, ForeignKey("cases.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("ruling", Code(Ruling), nullable=False),
    Column("reason", Written, nullable=False),
    Column("note", Written, nullable=False),
    Column("clause", Text, nullable=False),
    Column("actor", Written, nullable=False),
    Column("role", Code(Role), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "case_id"),
    Index(None, "at"),
)
