"""Tables of taking down: orders to the platforms, the looks at what became of them, how platforms take orders."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Integer, Table, Text, text

from scanner.model import TakedownState
from scanner.orders import LookOutcome, LookState, Sight
from scanner.store.tables.columns import Big, metadata, row_id
from scanner.store.types import Code, Json, Moment, Written

takedowns = Table(
    "takedowns",
    metadata,
    row_id(),
    Column("case_id", Big, ForeignKey("cases.id"), nullable=False),
    Column("decision_id", Big, ForeignKey("decisions.id"), nullable=False),
    Column("platform", Written, nullable=False),
    Column("listing_id", Written, nullable=False),
    Column("action", Text, nullable=False),
    Column("inverse", Text, nullable=False),
    Column("undoes", Big, ForeignKey("takedowns.id")),
    Column("state", Code(TakedownState), nullable=False),
    Column("key", Written, nullable=False, unique=True),
    Column("planned_at", Moment, nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Written, nullable=False),
    Column("round", Integer, nullable=False),
    Column("token", Integer, nullable=False),
    Column("lease_until", Moment),
    Column("sent_at", Moment),
    Column("accepted_at", Moment),
    Column("released_by", Written, nullable=False),
    Index(None, "state", "due_at"),
    Index(None, "case_id"),
    Index(None, "platform", "listing_id"),
    Index(None, "platform", "sent_at"),
    Index(None, "state", "platform"),
    Index(None, "state", "id"),
)

# What senders look through, in the order in which it goes: the rest of the outbox only grows.
Index(
    "ix_takedowns_unsent",
    takedowns.c.platform,
    takedowns.c.id,
    sqlite_where=text("state IN ('planned', 'sent')"),
    postgresql_where=text("state IN ('planned', 'sent')"),
)

# What senders hold at this moment: a few, whatever the outbox holds.
Index(
    "ix_takedowns_leased",
    takedowns.c.platform,
    takedowns.c.lease_until,
    sqlite_where=text("lease_until IS NOT NULL"),
    postgresql_where=text("lease_until IS NOT NULL"),
)

# The looks at what became of a takedown: planned when the platform accepts it, each done once.
looks = Table(
    "looks",
    metadata,
    row_id(),
    Column("takedown_id", Big, ForeignKey("takedowns.id"), nullable=False),
    Column("round", Integer, nullable=False),
    Column("after_seconds", Integer, nullable=False),
    Column("state", Code(LookState), nullable=False),
    Column("due_at", Moment, nullable=False),
    Column("tries", Integer, nullable=False),
    Column("token", Integer, nullable=False),
    Column("lease_until", Moment),
    Column("looked_at", Moment),
    Column("outcome", Code(LookOutcome)),
    Column("sights", Json(tuple[Sight, ...]), nullable=False),
    Index(None, "state", "due_at"),
    Index(None, "takedown_id"),
)

# How each platform takes orders at present, for all senders together.
platforms = Table(
    "platforms",
    metadata,
    Column("name", Written, primary_key=True),
    Column("next_at", Moment, nullable=False),
    Column("paused_until", Moment),
    Column("misses", Integer, nullable=False),
    Column("away_since", Moment),
    Column("probes", Integer, nullable=False),
    Column("says", Written, nullable=False),
)
