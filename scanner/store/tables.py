"""The tables. What they say in SQL is made by the migrations; a test holds the two together.

Nothing here is deleted by a takedown, and no row hangs on another so that it would go with it: no ``ON DELETE``.
"""

from __future__ import annotations

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from scanner.model import (
    Action,
    CaseState,
    EvidenceRef,
    Ledger,
    Listing,
    Role,
    Ruling,
    RunState,
    SellerKind,
    Severity,
    Span,
    TakedownState,
)
from scanner.orders import LookOutcome, LookState, Sight
from scanner.records import InspectionState, IntakeCounts, PartitionState
from scanner.store.types import Code, Json, Moment, Money, Written

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows itself only for INTEGER keys; PostgreSQL gets room for more than two thousand million.
_Big = BigInteger().with_variant(Integer(), "sqlite")


def _id() -> Column[int]:
    return Column("id", _Big, primary_key=True, autoincrement=True)


sources = Table(
    "sources",
    metadata,
    Column("name", Written, primary_key=True),
    Column("platform", Written, nullable=False),
    Column("walker", Text, nullable=False),
    Column("first_at", Moment, nullable=False),
    Column("last_at", Moment, nullable=False),
)

inspections = Table(
    "inspections",
    metadata,
    _id(),
    Column("source", Text, ForeignKey("sources.name"), nullable=False),
    Column("platform", Written, nullable=False),
    Column("kind", Text, nullable=False),
    Column("given", Text, nullable=False),
    Column("state", Code(InspectionState), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("rulebook", Text, nullable=False),
    Column("reasons", Json(tuple[str, ...]), nullable=False),
    Column("ledger", Json(Ledger), nullable=False),
    Column("counts", Json(IntakeCounts), nullable=False),
    Index(None, "source", "id"),
)

# One inspection of a source at a time.
Index(
    "uq_inspections_one_running",
    inspections.c.source,
    unique=True,
    sqlite_where=text("state = 'running'"),
    postgresql_where=text("state = 'running'"),
)

partitions = Table(
    "partitions",
    metadata,
    _id(),
    Column("inspection_id", _Big, ForeignKey("inspections.id"), nullable=False),
    Column("name", Written, nullable=False),
    Column("plan", Text, nullable=False),
    Column("state", Code(PartitionState), nullable=False),
    Column("worker", Text, nullable=False),
    Column("token", Integer, nullable=False),
    Column("lease_until", Moment),
    Column("attempts", Integer, nullable=False),
    Column("finish_reason", Written, nullable=False),
    Column("detail", Written, nullable=False),
    Column("ledger", Json(Ledger), nullable=False),
    Column("counts", Json(IntakeCounts), nullable=False),
    Column("started_at", Moment),
    Column("finished_at", Moment),
    UniqueConstraint("inspection_id", "name"),
)

segments = Table(
    "segments",
    metadata,
    Column("inspection_id", _Big, ForeignKey("inspections.id"), primary_key=True),
    Column("partition", Written, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("segment", Written, primary_key=True),
    Column("offset", _Big, nullable=False),
    Column("lines", _Big, nullable=False),
    Column("is_done", Boolean, nullable=False),
    Column("counts", Json(IntakeCounts), nullable=False),
)

# A line that was no observation, as it was: never the same as clean.
bad_lines = Table(
    "bad_lines",
    metadata,
    _id(),
    Column("inspection_id", _Big, ForeignKey("inspections.id"), nullable=False),
    Column("partition", Written, nullable=False),
    Column("segment", Written, nullable=False),
    Column("line", _Big, nullable=False),
    Column("reason", Written, nullable=False),
    Column("beginning", Written, nullable=False),
    UniqueConstraint("inspection_id", "partition", "segment", "line"),
)

sellers = Table(
    "sellers",
    metadata,
    _id(),
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
    _id(),
    Column("platform", Written, nullable=False),
    Column("listing_id", Written, nullable=False),
    Column("seller_row", _Big, ForeignKey("sellers.id")),
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
    Column("gone_inspection", _Big),
    Column("validator", Text, nullable=False, server_default=""),
    Column("seen_inspection", _Big, nullable=False),
    Column("seen_partition", Written, nullable=False),
    Column("seen_attempt", Integer, nullable=False),
    UniqueConstraint("platform", "listing_id"),
    Index(None, "seller_row"),
    Index(None, "seen_inspection", "is_flagged"),
    Index(None, "gone_inspection"),
)

versions = Table(
    "versions",
    metadata,
    Column("listing_row", _Big, ForeignKey("listings.id"), primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("content_hash", Text, nullable=False),
    Column("seen_at", Moment, nullable=False),
    Column("inspection_id", _Big, nullable=False),
    Column("listing", Json(Listing), nullable=False),
    Column("evidence", Json(EvidenceRef)),
    Column("judged_by", Text, nullable=False),
)

findings = Table(
    "findings",
    metadata,
    _id(),
    Column("listing_row", _Big, nullable=False),
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

cases = Table(
    "cases",
    metadata,
    _id(),
    Column("listing_row", _Big, ForeignKey("listings.id"), nullable=False),
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
    ForeignKeyConstraint(["listing_row", "version"], ["versions.listing_row", "versions.number"]),
    Index(None, "listing_row", "id"),
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
    Column("case_id", _Big, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("is_waiting", Boolean, nullable=False),
    Column("place", Integer, nullable=False),
    Index(None, "kind", "label", "is_waiting", "place", "case_id"),
    Index(None, "case_id"),
)

decisions = Table(
    "decisions",
    metadata,
    _id(),
    Column("case_id", _Big, ForeignKey("cases.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("ruling", Code(Ruling), nullable=False),
    Column("reason", Written, nullable=False),
    Column("note", Written, nullable=False),
    Column("clause", Text, nullable=False),
    Column("actor", Written, nullable=False),
    Column("role", Code(Role), nullable=False),
    Column("at", Moment, nullable=False),
    Index(None, "case_id"),
)

takedowns = Table(
    "takedowns",
    metadata,
    _id(),
    Column("case_id", _Big, ForeignKey("cases.id"), nullable=False),
    Column("decision_id", _Big, ForeignKey("decisions.id"), nullable=False),
    Column("platform", Written, nullable=False),
    Column("listing_id", Written, nullable=False),
    Column("action", Text, nullable=False),
    Column("inverse", Text, nullable=False),
    Column("undoes", _Big, ForeignKey("takedowns.id")),
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
    _id(),
    Column("takedown_id", _Big, ForeignKey("takedowns.id"), nullable=False),
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

runs = Table(
    "runs",
    metadata,
    _id(),
    Column("source", Text, nullable=False),
    Column("slot", Moment, nullable=False),
    Column("state", Code(RunState), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("detail", Written, nullable=False),
    UniqueConstraint("source", "slot"),
)

events = Table(
    "events",
    metadata,
    Column("sequence", _Big, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Code(Role), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("data", Json(dict[str, object]), nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index(None, "subject", "sequence"),
)

# One row: the newest event, kept apart so that a missing tail is found.
chain_head = Table(
    "chain_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", _Big, nullable=False),
    Column("hash", Text, nullable=False),
)
