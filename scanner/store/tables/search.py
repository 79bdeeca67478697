"""The table that cases are searched in: what a moderator types to find one, folded.

How it is indexed differs: SQLite has a full-text table beside it (``case_search``), PostgreSQL an index of that name on
it. Both are made by a migration and kept by ``scanner.store.search``.
"""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Integer, Table

from scanner.store.tables.columns import Big, metadata
from scanner.store.types import Written

# The title, ids, seller and description of the version under review, a line each, and the language it says it is in.
case_words = Table(
    "case_words",
    metadata,
    Column("case_id", Big, ForeignKey("cases.id"), primary_key=True, autoincrement=False),
    Column("version", Integer, nullable=False),
    Column("language", Written, nullable=False),
    Column("words", Written, nullable=False),
)
