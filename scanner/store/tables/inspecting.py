"""Tables of crawling: sources, inspections with their partitions, and how far intake has come in what they wrote."""

from __future__ import annotations

from sqlalchemy import Boolean, Column, ForeignKey, Index, Integer, Table, Text, UniqueConstraint, text

from scanner.inspection.records import InspectionState, IntakeCounts, PartitionState
from scanner.model import Ledger
from scanner.store.tables.columns import Big, metadata, row_id
from scanner.store.types import Code, Json, Moment, Written

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
    row_id(),
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
    row_id(),
    Column("inspection_id", Big, ForeignKey("inspections.id"), nullable=False),
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
    Column("inspection_id", Big, ForeignKey("inspections.id"), primary_key=True),
    Column("partition", Written, primary_key=True),
    Column("attempt", Integer, primary_key=True),
    Column("segment", Written, primary_key=True),
    Column("offset", Big, nullable=False),
    Column("lines", Big, nullable=False),
    Column("is_done", Boolean, nullable=False),
    Column("counts", Json(IntakeCounts), nullable=False),
)

# A line that was no observation, as it was: never the same as clean.
bad_lines = Table(
    "bad_lines",
    metadata,
    row_id(),
    Column("inspection_id", Big, ForeignKey("inspections.id"), nullable=False),
    Column("partition", Written, nullable=False),
    Column("segment", Written, nullable=False),
    Column("line", Big, nullable=False),
    Column("reason", Written, nullable=False),
    Column("beginning", Written, nullable=False),
    UniqueConstraint("inspection_id", "partition", "segment", "line"),
)
