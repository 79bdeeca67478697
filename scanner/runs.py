"""Which inspection is due: timetable and record of runs against the clock.

The rows of the store are the truth; APScheduler only says when to look. So nothing that fell due while the scheduler
was down, asleep or killed is silently skipped, and nothing runs twice: a slot is claimed by an ``INSERT`` on the unique
``(source, slot)`` before its process starts.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from scanner.model import Run, RunState

# How far back the newest runs of a source are read: skipped slots may lie on top of the last real run.
RECENT = 50


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
