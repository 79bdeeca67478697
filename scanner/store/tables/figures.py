"""The table of figures: counts by day, added up from the history as it is followed."""

from __future__ import annotations

from sqlalchemy import Column, Date, Index, Integer, Table

from scanner.reporting import Kind
from scanner.store.tables.columns import metadata
from scanner.store.types import Code, Written

figures = Table(
    "figures",
    metadata,
    Column("day", Date, primary_key=True),
    Column("kind", Code(Kind), primary_key=True),
    Column("label", Written, primary_key=True),
    Column("number", Integer, nullable=False),
    Index(None, "kind", "label", "day"),
)
