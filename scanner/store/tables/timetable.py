"""The tables of scheduled runs, and of inspections that people ask for."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text, UniqueConstraint, text

from scanner.inspection.records import Wish
from scanner.model import RunState
from scanner.store.tables.columns import Big, metadata, row_id
from scanner.store.types import Code, Moment, Written

runs = Table(
    "runs",
    metadata,
    row_id(),
    Column("source", Text, nullable=False),
    Column("slot", Moment, nullable=False),
    Column("state", Code(RunState), nullable=False),
    Column("started_at", Moment, nullable=False),
    Column("finished_at", Moment),
    Column("detail", Written, nullable=False),
    UniqueConstraint("source", "slot"),
)

asked_inspections = Table(
    "asked_inspections",
    metadata,
    row_id(),
    Column("source", Written, nullable=False),
    Column("wish", Code(Wish), nullable=False),
    Column("kind", Text, nullable=False),
    Column("asked_by", Written, nullable=False),
    Column("asked_at", Moment, nullable=False),
    Column("inspection_id", Big, ForeignKey("inspections.id")),
    Column("detail", Written, nullable=False),
    Column("taken_at", Moment),
)

Index(
    "ix_asked_inspections_waiting",
    asked_inspections.c.source,
    asked_inspections.c.wish,
    asked_inspections.c.inspection_id,
    sqlite_where=text("taken_at IS NULL"),
    postgresql_where=text("taken_at IS NULL"),
)
