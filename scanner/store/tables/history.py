"""Tables of the append-only history."""

from __future__ import annotations

from sqlalchemy import Column, Index, Integer, Table, Text

from scanner.model import Role
from scanner.store.tables.columns import Big, metadata
from scanner.store.types import Code, Json, Moment

events = Table(
    "events",
    metadata,
    Column("sequence", Big, primary_key=True, autoincrement=False),
    Column("at", Moment, nullable=False),
    Column("actor", Text, nullable=False),
    Column("role", Code(Role), nullable=False),
    Column("kind", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("data", Json(dict[str, object]), nullable=False),
    Column("previous", Text, nullable=False),
    Column("hash", Text, nullable=False),
    Index(None, "subject", "sequence"),
    Index(None, "at", "sequence"),
    Index(None, "actor", "at", "sequence"),
    Index(None, "kind", "at", "sequence"),
)

# One row: the newest event, kept apart so that a missing tail is found.
chain_head = Table(
    "chain_head",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("sequence", Big, nullable=False),
    Column("hash", Text, nullable=False),
)
