"""Rows of what people ask of inspections: one to start, or one to end."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping, insert, select, update

from scanner.inspection.records import Asked, Wish
from scanner.store.rows import Rows
from scanner.store.tables import asked_inspections as table

# Nobody asks for more at a time; whoever does waits until some are done.
_MOST = 200


class AskedInspections(Rows):
    """What is asked for and not yet done."""

    def add_asked(self, asked: Asked) -> Asked:
        """Write it down; its number is given here."""
        values = {name: getattr(asked, name) for name in asked.__struct_fields__ if name != "id"}
        return _asked(self._connection.execute(insert(table).returning(*table.c), values).mappings().one())

    def asked_starts(self) -> tuple[Asked, ...]:
        """The inspections to start, oldest first."""
        waits = (table.c.wish == Wish.START) & table.c.taken_at.is_(None)
        query = select(table).where(waits).order_by(table.c.id).limit(_MOST)
        return tuple(_asked(row) for row in self._connection.execute(query).mappings())

    def asked_stop(self, inspection_id: int) -> Asked | None:
        """That somebody asked for the end of an inspection, if anybody did."""
        is_it = (table.c.wish == Wish.STOP) & table.c.taken_at.is_(None) & (table.c.inspection_id == inspection_id)
        row = self._connection.execute(select(table).where(is_it).order_by(table.c.id).limit(1)).mappings().first()
        return _asked(row) if row else None

    def take_asked(self, asked_id: int, *, at: datetime) -> bool:
        """It is being done; ``False`` if somebody was faster."""
        waits = (table.c.id == asked_id) & table.c.taken_at.is_(None)
        return self._connection.execute(update(table).where(waits).values(taken_at=at)).rowcount == 1


def _asked(row: RowMapping) -> Asked:
    return Asked(**row)
