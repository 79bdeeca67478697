"""The table of scheduled runs."""

from __future__ import annotations

from sqlalchemy import Column, Table, Text, UniqueConstraint

from scanner.model import RunState
from scanner.store.tables.columns import metadata, row_id
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
