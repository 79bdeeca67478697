"""Bulk decisions and their cases; what was taken to be dealt with is locked, and others pass over it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import msgspec
from sqlalchemy import RowMapping, Select, func, insert, select, update

from scanner.errors import NotFound
from scanner.moderation.records import Batch, BatchItem, BatchState, ItemState
from scanner.store.rows import Rows
from scanner.store.tables import batch_items, batches

S = TypeVar("S", bound=msgspec.Struct)

# What is counted, not kept.
_COUNTED = frozenset({"id", "counts", "to_look_at"})
_CHANGING = ("state", "approval_id", "approved_by", "changed_at")


class Batches(Rows):
    """What bulk decisions read and write."""

    def add_batch(self, batch: Batch, items: Sequence[BatchItem]) -> Batch:
        """Keep a bulk decision with its items; its number is given by the store."""
        values = {name: getattr(batch, name) for name in batch.__struct_fields__ if name not in _COUNTED}
        number = self._connection.execute(insert(batches).returning(batches.c.id), values).scalar_one()
        self._insert(batch_items, [msgspec.structs.asdict(item) | {"batch_id": number} for item in items])
        return msgspec.structs.replace(batch, id=number)

    def batch(self, batch_id: int) -> Batch:
        """One bulk decision with its counts. Raises ``NotFound``."""
        row = self._connection.execute(select(batches).where(batches.c.id == batch_id)).mappings().one_or_none()
        if row is None:
            raise NotFound("there is no bulk decision {number}", hint="`delist bulk list` shows them.", number=batch_id)
        return self._batch(row)

    def save_batch(self, after: Batch, before: Batch) -> bool:
        """Write its state and who approved it. ``False`` if it is no longer in the state before."""
        is_before = (batches.c.id == before.id) & (batches.c.state == before.state)
        values = {name: getattr(after, name) for name in _CHANGING}
        return self._connection.execute(update(batches).where(is_before).values(values)).rowcount == 1

    def batches(self, states: Sequence[BatchState], *, limit: int) -> tuple[Batch, ...]:
        """Bulk decisions in these states, or in any, the newest first."""
        query = select(batches).where(batches.c.state.in_(states)) if states else select(batches)
        rows = self._connection.execute(query.order_by(batches.c.id.desc()).limit(limit)).mappings().all()
        return tuple(self._batch(row) for row in rows)

    def batch_items(
        self, batch_id: int, states: Sequence[ItemState] = (), *, limit: int, after: int = 0, is_sampled: bool = False
    ) -> tuple[BatchItem, ...]:
        """Items by the case's number, those after the case ``after``; in these states, or in any."""
        query = self._items(batch_id, after)
        query = query.where(batch_items.c.state.in_(states)) if states else query
        query = query.where(batch_items.c.is_sampled.is_(True)) if is_sampled else query
        return tuple(_record(BatchItem, row) for row in self._connection.execute(query.limit(limit)).mappings())

    def take_item(self, batch_id: int, state: ItemState, *, after: int) -> BatchItem | None:
        """The next item in a state, locked; nobody else gets it before this transaction ends."""
        query = self._items(batch_id, after).where(batch_items.c.state == state).limit(1)
        row = self._connection.execute(query.with_for_update(skip_locked=True)).mappings().one_or_none()
        return _record(BatchItem, row) if row else None

    def save_item(self, after: BatchItem, before: BatchItem) -> bool:
        """Write what became of an item. ``False`` if it is no longer in the state before."""
        is_before = (batch_items.c.batch_id == before.batch_id) & (batch_items.c.case_id == before.case_id)
        is_before &= batch_items.c.state == before.state
        names = ("state", "says", "looked_by", "decision_id")
        values = {name: getattr(after, name) for name in names}
        return self._connection.execute(update(batch_items).where(is_before).values(values)).rowcount == 1

    def put_items(self, batch_id: int, before: ItemState, after: ItemState) -> int:
        """Put all items in a state into another; how many."""
        is_before = (batch_items.c.batch_id == batch_id) & (batch_items.c.state == before)
        return self._connection.execute(update(batch_items).where(is_before).values(state=after)).rowcount

    def _items(self, batch_id: int, after: int) -> Select[tuple[object, ...]]:
        query: Select[tuple[object, ...]] = select(batch_items)
        query = query.where(batch_items.c.batch_id == batch_id, batch_items.c.case_id > after)
        return query.order_by(batch_items.c.case_id)

    def _batch(self, row: RowMapping) -> Batch:
        """The row with how many items are in which state, and how many are still to be looked at."""
        is_its = batch_items.c.batch_id == row["id"]
        states = select(batch_items.c.state, func.count()).where(is_its).group_by(batch_items.c.state)
        counts = {state: number for state, number in self._connection.execute(states) if number}
        is_drawn = is_its & batch_items.c.is_sampled.is_(True) & (batch_items.c.looked_by == "")
        drawn = select(func.count()).select_from(batch_items).where(is_drawn)
        kept = {name: row[name] for name in Batch.__struct_fields__ if name in row}
        return Batch(**kept, counts=counts, to_look_at=self._connection.execute(drawn).scalar_one())


def _record(kind: type[S], row: RowMapping) -> S:
    return kind(**{name: row[name] for name in kind.__struct_fields__})
