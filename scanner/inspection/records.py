"""What the store keeps of inspections, as frozen records: what was asked, the runs, their parts, and how far intake is.

They travel out of the store and never change; a newer truth is a newer record. Moments are aware datetimes in UTC.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from scanner.model import Ledger


class InspectionState(StrEnum):
    """The life of an inspection. ``incomplete``: it ended, and something discovered or planned is not accounted for."""

    RUNNING = "running"
    FINISHED = "finished"
    INCOMPLETE = "incomplete"
    FAILED = "failed"


class Wish(StrEnum):
    """What a person asks of an inspection."""

    START = "start"
    STOP = "stop"


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """That a person asked for an inspection of ``source``, or for the end of one; ``taken_at``: somebody has done it.

    ``kind`` is that of the inspection to start; ``inspection_id`` names the one to stop, and ``detail`` says why.
    """

    id: int
    source: str
    wish: Wish
    kind: str
    asked_by: str
    asked_at: datetime
    inspection_id: int | None = None
    detail: str = ""
    taken_at: datetime | None = None


class PartitionState(StrEnum):
    """The life of a partition. ``leased``: a worker crawls it; ``failed``: given up after its attempts."""

    OPEN = "open"
    LEASED = "leased"
    FINISHED = "finished"
    FAILED = "failed"


class IntakeCounts(msgspec.Struct, frozen=True, kw_only=True):
    """What intake saw in a segment, a partition or an inspection; counts add up.

    ``fetched`` = ``new`` + ``changed`` + ``same`` + ``again`` + ``duplicate``. ``unchanged`` is the platform's word
    that a listing did not change, ``same`` is what our own hash says; ``again``: an earlier attempt at the partition
    took it in, and counted what it was; ``duplicate``: this inspection took it in already, from elsewhere.
    ``held`` are changed listings that say less than before, and wait for the inspection's health to be known.
    ``flagged`` are judged versions for the queue, ``bad`` lines that were no observation (reasons in ``failed``).
    ``fields`` counts the listings read that have a field, ``methods`` by which method their prices were found,
    ``alike`` those that share a title or a price (``title=…``) with much of their batch.
    """

    lines: int = 0
    fetched: int = 0
    unchanged: int = 0
    gone: int = 0
    failed: dict[str, int] = {}
    skipped: dict[str, int] = {}
    bad: int = 0
    new: int = 0
    changed: int = 0
    same: int = 0
    again: int = 0
    duplicate: int = 0
    judged: int = 0
    flagged: int = 0
    opened: int = 0
    updated: int = 0
    reopened: int = 0
    held: int = 0
    fields: dict[str, int] = {}
    methods: dict[str, int] = {}
    alike: dict[str, int] = {}

    def __add__(self, other: IntakeCounts) -> IntakeCounts:
        """Field by field; reasons are added reason by reason."""
        return IntakeCounts(
            **{name: _sum(getattr(self, name), getattr(other, name)) for name in self.__struct_fields__}
        )

    @property
    def ledger(self) -> Ledger:
        """The same as a coverage ledger: what intake can say of discovered = fetched + unchanged + gone + …"""
        counts = (self.fetched, self.unchanged, self.gone, *self.failed.values(), *self.skipped.values())
        return Ledger(
            discovered=sum(counts),
            fetched=self.fetched,
            unchanged=self.unchanged,
            gone=self.gone,
            failed=self.failed,
            skipped=self.skipped,
        )


def _sum(one: Any, other: Any) -> Any:
    if isinstance(one, dict):
        return {reason: one.get(reason, 0) + other.get(reason, 0) for reason in sorted(one | other)}
    return one + other


class Inspection(msgspec.Struct, frozen=True, kw_only=True):
    """One run over a source. ``given`` is a hash of the source's settings as they were when it began."""

    id: int
    source: str
    platform: str
    kind: str
    given: str
    state: InspectionState
    started_at: datetime
    finished_at: datetime | None = None
    rulebook: str = ""
    reasons: tuple[str, ...] = ()
    ledger: Ledger = Ledger()
    counts: IntakeCounts = IntakeCounts()

    @property
    def is_whole(self) -> bool:
        """Whether no limit kept it from seeing everything."""
        return "limit" not in self.ledger.skipped


class PartitionRow(msgspec.Struct, frozen=True, kw_only=True):
    """One part of an inspection, crawled by one worker at a time under a lease; also its audit record.

    ``plan`` is what the planner wrote, as JSON, to crawl the same part again after a crash. ``token`` grows with every
    lease: whoever holds an older one has lost the partition.
    """

    id: int
    inspection_id: int
    name: str
    plan: bytes
    state: PartitionState = PartitionState.OPEN
    worker: str = ""
    token: int = 0
    lease_until: datetime | None = None
    attempts: int = 0
    finish_reason: str = ""
    detail: str = ""
    ledger: Ledger = Ledger()
    counts: IntakeCounts = IntakeCounts()
    started_at: datetime | None = None
    finished_at: datetime | None = None


class Cursor(msgspec.Struct, frozen=True, kw_only=True):
    """How far intake has come in one segment: bytes and lines read, what was seen, whether that was all of it."""

    inspection_id: int
    partition: str
    attempt: int
    segment: str
    offset: int = 0
    lines: int = 0
    is_done: bool = False
    counts: IntakeCounts = IntakeCounts()
