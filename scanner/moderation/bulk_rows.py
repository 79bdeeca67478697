"""What bulk decisions need of a store, and their moves on record."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

import msgspec

from scanner import audit
from scanner.errors import Conflict
from scanner.model import Actor
from scanner.moderation.desk import DeskRows
from scanner.moderation.records import Batch, BatchItem, BatchState, ItemState


class BulkRows(DeskRows, Protocol):
    """What bulk decisions read and write."""

    def add_batch(self, batch: Batch, items: Sequence[BatchItem]) -> Batch:
        """Keep a bulk decision with its items; its number is given by the store."""

    def batch(self, batch_id: int) -> Batch:
        """One bulk decision with its counts. Raises ``NotFound``."""

    def save_batch(self, after: Batch, before: Batch) -> bool:
        """Write its state and who approved it. ``False`` if it is no longer in the state before."""

    def batches(self, states: Sequence[BatchState], *, limit: int) -> tuple[Batch, ...]:
        """Bulk decisions in these states, or in any, the newest first."""

    def batch_items(
        self, batch_id: int, states: Sequence[ItemState] = (), *, limit: int, after: int = 0, is_sampled: bool = False
    ) -> tuple[BatchItem, ...]:
        """Items by the case's number, those after the case ``after``; in these states, or in any."""

    def take_item(self, batch_id: int, state: ItemState, *, after: int) -> BatchItem | None:
        """The next item in a state, locked; nobody else gets it before this transaction ends."""

    def put_items(self, batch_id: int, before: ItemState, after: ItemState) -> int:
        """Put all items in a state into another; how many."""

    def save_item(self, after: BatchItem, before: BatchItem) -> bool:
        """Write what became of an item. ``False`` if it is no longer in the state before."""


class BulkStore(Protocol):
    """A store that keeps bulk decisions."""

    def reading(self) -> AbstractContextManager[BulkRows]:
        """One consistent view."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[BulkRows]:
        """All or nothing; ``durable`` also survives a power cut."""


def batch_moved(tx: BulkRows, batch: Batch, state: BatchState, actor: Actor, now: datetime, **more: object) -> Batch:
    """Write a bulk decision in another state, with its event. Raises ``Conflict`` if somebody has changed it."""
    after = msgspec.structs.replace(batch, state=state, changed_at=now)
    if not tx.save_batch(after, batch):
        raise Conflict("bulk decision {batch} was changed by somebody else", hint="Look at it again.", batch=batch.id)
    batch_tell(tx, after, state.value, actor, now, before=batch.state, **more)
    return after


def batch_tell(tx: BulkRows, batch: Batch, kind: str, actor: Actor, now: datetime, **more: object) -> None:
    """Put a step of a bulk decision on record."""
    audit.append(tx, actor=actor, kind=f"batch.{kind}", subject=f"batch:{batch.id}", at=now, **more)
