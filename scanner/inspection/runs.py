"""Which inspection is due: timetable and record of runs against the clock.

The rows of the store are the truth; APScheduler only says when to look. So nothing that fell due while the scheduler
was down, asleep or killed is silently skipped, and nothing runs twice: a slot is claimed by an ``INSERT`` on the unique
``(source, slot)`` before its process starts.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import takewhile
from typing import Protocol

import msgspec

from scanner.model import Run, RunState

# The newest runs that are read to judge what is due; deciding needs no more than the last few.
RECENT = 50
# A run that is lost this often in a row has a cause that running it once more will not cure.
MOST_LOST_IN_A_ROW = 3
# Passed slots are counted up to here, so that a long sleep of a busy timetable costs nothing.
COUNTED_SLOTS = 100


class RunLog(Protocol):
    """The store's part in scheduling. Each call is a transaction of its own."""

    def claim_run(
        self, *, source: str, slot: datetime, at: datetime, state: RunState = RunState.RUNNING, detail: str = ""
    ) -> Run | None:
        """Insert the row of a slot, or return ``None`` if somebody already did; ended at once unless ``running``."""

    def finish_run(self, run_id: int, *, state: RunState, at: datetime, detail: str = "") -> bool:
        """End a running run. ``False``, and nothing changed, if it has ended before."""

    def recent_runs(self, source: str, limit: int = RECENT) -> tuple[Run, ...]:
        """The newest runs of a source by slot, newest first."""


class Timetable(Protocol):
    """When something is due; ``scanner.cronline.CronLine`` is one."""

    def next_after(self, moment: datetime) -> datetime | None:
        """The first slot after ``moment``; ``None`` if there is none any more."""

    def latest_until(self, moment: datetime) -> datetime | None:
        """The last slot at or before ``moment``; ``None`` if there was none yet."""


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A run that is to start now, for ``slot``.

    ``passed`` counts the slots before it that did not run and that it stands for; ``instead_of`` is the lost or stopped
    run that it repeats.
    """

    slot: datetime
    passed: int = 0
    instead_of: Run | None = None


def what_is_due(timetable: Timetable, runs: Sequence[Run], now: datetime) -> Due | None:
    """Say which run of a source is to start now, if any. ``runs`` are its newest, newest first.

    1. While a run is going, nothing is due; what falls due meanwhile runs once after it.
    2. A last run that was lost or stopped is run again, unless it was lost three times in a row.
    3. A slot after all that ran is due. If several have passed, they are one run, for the latest slot.
    4. Otherwise nothing is due.
    """
    if any(run.state is RunState.RUNNING for run in runs):
        return None
    newest = runs[0] if runs else None
    if newest is not None and newest.state in {RunState.LOST, RunState.STOPPED} and not _is_hopeless(runs):
        return Due(slot=now, instead_of=newest)
    slot = timetable.latest_until(now)
    if slot is not None and newest is not None and slot > newest.slot:
        return Due(slot=slot, passed=_slots_between(timetable, newest.slot, slot))
    return None


def begin_record(log: RunLog, source: str, timetable: Timetable, now: datetime) -> bool:
    """Put a source on record that has no run yet; ``True`` if that was done here.

    It waits for its first slot, and what is on record is the slot before: from then on a slot that passes while the
    scheduler is down is found like any other.
    """
    if log.recent_runs(source, 1):
        return False
    slot = timetable.latest_until(now) or now
    detail = "scheduled from here on"
    return log.claim_run(source=source, slot=slot, at=now, state=RunState.SKIPPED, detail=detail) is not None


def mark_lost(log: RunLog, source: str, now: datetime) -> tuple[Run, ...]:
    """End the runs of ``source`` that have no end. Only for a caller who knows that their processes are gone."""
    going = [run for run in log.recent_runs(source) if run.state is RunState.RUNNING]
    detail = "its process was gone without an end"
    return tuple(run for run in going if log.finish_run(run.id, state=RunState.LOST, at=now, detail=detail))


def last_run(runs: Sequence[Run]) -> Run | None:
    """The newest of ``runs`` that was started at all."""
    return next((run for run in runs if run.state is not RunState.SKIPPED), None)


def _is_hopeless(runs: Sequence[Run]) -> bool:
    return len(list(takewhile(lambda run: run.state is RunState.LOST, runs))) >= MOST_LOST_IN_A_ROW


def _slots_between(timetable: Timetable, since: datetime, slot: datetime) -> int:
    """How many slots lie between the two; counted only as far as a person would."""
    passed, moment = 0, since
    while passed < COUNTED_SLOTS and (later := timetable.next_after(moment)) is not None and later < slot:
        passed, moment = passed + 1, later
    return passed
