"""Inspections that have run or are running: their rows, for people who ask what was covered and when."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

import msgspec

from scanner.inspection.records import Inspection, IntakeCounts, PartitionRow
from scanner.model import Event


class PastRows(Protocol):
    """What is kept of inspections."""

    def inspection(self, inspection_id: int) -> Inspection:
        """One inspection. Raises ``NotFound``."""

    def partitions(self, inspection_id: int) -> tuple[PartitionRow, ...]:
        """All parts in the order of the plan."""

    def segment_counts(self, inspection_id: int) -> dict[tuple[str, int], IntakeCounts]:
        """What intake saw, by partition and attempt."""

    def flagged_by_category(self, inspection_id: int) -> dict[str, dict[str, int]]:
        """Listings seen in an inspection that are flagged: category -> severity -> how many."""

    def inspections_before(self, number: int | None, *, source: str, limit: int) -> tuple[Inspection, ...]:
        """Inspections with lower numbers (none: all), the newest first; of one source, if it is named."""

    def events_about(self, subject: str) -> tuple[Event, ...]:
        """The events of one subject, oldest first."""


class PastStore(Protocol):
    """A store that keeps inspections."""

    def reading(self) -> AbstractContextManager[PastRows]:
        """One consistent view."""


class InspectionFile(msgspec.Struct, frozen=True, kw_only=True):
    """Everything about an inspection: its parts with their ledgers, what was flagged, what happened."""

    inspection: Inspection
    partitions: tuple[PartitionRow, ...]
    flagged: dict[str, dict[str, int]]
    history: tuple[Event, ...]


def listed(store: PastStore, *, source: str = "", limit: int = 50, before: int | None = None) -> tuple[Inspection, ...]:
    """Inspections, the newest first; ``before`` is the number that the page before ended with."""
    with store.reading() as tx:
        return tx.inspections_before(before, source=source, limit=limit)


def show(store: PastStore, inspection_id: int) -> InspectionFile:
    """Everything about an inspection. Raises ``NotFound``."""
    with store.reading() as tx:
        return InspectionFile(
            inspection=tx.inspection(inspection_id),
            partitions=tx.partitions(inspection_id),
            flagged=tx.flagged_by_category(inspection_id),
            history=tx.events_about(f"inspection:{inspection_id}"),
        )
