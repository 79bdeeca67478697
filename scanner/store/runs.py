"""Rows of the scheduler's runs, unique by source and slot: who inserts the row may start the process."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import RowMapping, insert, select, update
from sqlalchemy.exc import IntegrityError

from scanner.model import Run, RunState
from scanner.store.rows import Rows
from scanner.store.tables import runs


class Runs(Rows):
    """The record of runs."""

    def claim_run(self, *, source: str, slot: datetime, at: datetime, state: RunState, detail: str) -> Run | None:
        """Insert the row of a slot, or ``None`` if somebody already did."""
        ended = None if state == RunState.RUNNING else at
        values = {
            "source": source,
            "slot": slot,
            "state": state,
            "started_at": at,
            "finished_at": ended,
            "detail": detail,
        }
        try:
            with self._connection.begin_nested():
                row = self._connection.execute(insert(runs).returning(*runs.c), values).mappings().one()
        except IntegrityError:
            return None
        return _run(row)

    def finish_run(self, run_id: int, *, state: RunState, at: datetime, detail: str) -> bool:
        """End a running run; ``False`` if it has ended before."""
        ended = {"state": state, "finished_at": at, "detail": detail}
        is_running = (runs.c.id == run_id) & (runs.c.state == RunState.RUNNING)
        return self._connection.execute(update(runs).where(is_running).values(ended)).rowcount == 1

    def recent_runs(self, source: str, limit: int) -> tuple[Run, ...]:
        """The newest runs of a source by slot, newest first."""
        query = select(runs).where(runs.c.source == source).order_by(runs.c.slot.desc(), runs.c.id.desc()).limit(limit)
        return tuple(_run(row) for row in self._connection.execute(query).mappings())


def _run(row: RowMapping) -> Run:
    return Run(**row)
