"""Whole tables, a page after the other in the order of their numbers, so that memory stays flat."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select

from scanner.store.rows import Rows
from scanner.store.tables import cases, decisions, events, inspections, listings, looks, takedowns

TABLES = {
    "cases": cases.c.id,
    "decisions": decisions.c.id,
    "events": events.c.sequence,
    "inspections": inspections.c.id,
    "listings": listings.c.id,
    "looks": looks.c.id,
    "takedowns": takedowns.c.id,
}


class Exports(Rows):
    """Rows as they are kept."""

    def exported(self, table: str, *, after: int, limit: int) -> Iterator[tuple[int, dict[str, object]]]:
        """Rows of a table with higher numbers: the number, and the columns by name."""
        number = TABLES[table]
        query = select(number.table).where(number > after).order_by(number).limit(limit)
        for row in self._connection.execute(query).mappings():
            yield int(row[number.name]), dict(row)
