"""What is due, and the record of runs: tables of rows against the clock, and the rows in a real store."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from scanner.cronline import read_cron_line
from scanner.inspection.runs import begin_record, last_run, mark_lost, what_is_due
from scanner.model import Run, RunState
from scanner.store import Store

pytestmark = pytest.mark.databases("sqlite", "postgresql")

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
HOURLY = read_cron_line("0 * * * *")


@pytest.mark.parametrize(
    ("rows", "slot", "passed"),
    [
        # A source without a row is put on record first; nothing is due before its first slot.
        ([], None, 0),
        ([(NOON, "skipped")], None, 0),
        ([(NOON, "finished")], None, 0),
        # A failed or over-long run did run: it has its next slot.
        ([(NOON, "failed")], None, 0),
        ([(NOON, "timed_out")], None, 0),
        # A slot passed without a row, while nothing ran.
        ([(NOON - HOUR, "finished")], NOON, 0),
        ([(NOON - HOUR, "skipped")], NOON, 0),
        ([(NOON - 4 * HOUR, "failed")], NOON, 3),
        # Counted no further than a person would; a year of hours is one run like any other.
        ([(NOON - 365 * 24 * HOUR, "finished")], NOON, 100),
        # A run by hand between the slots covers the one before it.
        ([(NOON + HOUR / 4, "finished"), (NOON - HOUR, "finished")], None, 0),
        ([(NOON - HOUR / 4, "finished"), (NOON - HOUR, "finished")], NOON, 0),
        # Never beside a run that is going.
        ([(NOON - 4 * HOUR, "running")], None, 0),
        ([(NOON, "skipped"), (NOON - 4 * HOUR, "running")], None, 0),
    ],
)
def test_due_is_the_latest_slot_that_no_run_covers(
    rows: list[tuple[datetime, str]], slot: datetime | None, passed: int
) -> None:
    """However many slots have passed, one run is due, for the latest of them."""
    runs = [Run(id=1, source="shop", slot=at, state=RunState(state), started_at=at) for at, state in rows]
    due = what_is_due(HOURLY, runs, NOON + HOUR / 2)
    assert (due.slot if due else None, due.passed if due else 0) == (slot, passed)


@pytest.mark.parametrize(
    ("states_newest_first", "is_repeated"),
    [
        (["lost"], True),
        (["stopped"], True),
        (["lost", "lost"], True),
        (["lost", "lost", "lost"], False),
        (["lost", "finished", "lost", "lost"], True),
        (["stopped", "lost", "lost", "lost"], True),
        (["finished", "lost"], False),
        (["failed", "lost"], False),
    ],
)
def test_a_lost_run_is_repeated_but_not_for_ever(states_newest_first: list[str], is_repeated: bool) -> None:
    """Lost and stopped runs run again; the third loss in a row waits for the next slot."""
    now = NOON + HOUR / 2
    runs = [
        Run(id=9 - n, source="shop", slot=now - n * HOUR / 60, state=RunState(state), started_at=now)
        for n, state in enumerate(states_newest_first)
    ]
    due = what_is_due(HOURLY, runs, now)
    assert (due is not None) is is_repeated
    if due:
        assert (due.slot, due.instead_of) == (now, runs[0])


def test_a_new_source_waits_for_its_first_slot(store: Store) -> None:
    """The slot before is put on record, so that the first one is found even if it passes while nothing runs."""
    now = NOON + HOUR / 2
    assert begin_record(store, "shop", HOURLY, now)
    assert not begin_record(store, "shop", HOURLY, now + HOUR)
    assert what_is_due(HOURLY, store.recent_runs("shop"), now) is None
    due = what_is_due(HOURLY, store.recent_runs("shop"), now + 3 * HOUR)
    assert due is not None
    assert (due.slot, due.passed) == (NOON + 3 * HOUR, 2)
    assert last_run(store.recent_runs("shop")) is None


def test_a_slot_is_claimed_once(store: Store) -> None:
    """Two schedulers that see the same slot get one run: the row decides."""
    assert store.claim_run(source="shop", slot=NOON, at=NOON) is not None
    assert store.claim_run(source="shop", slot=NOON, at=NOON + HOUR) is None
    assert store.claim_run(source="other", slot=NOON, at=NOON) is not None


def test_an_end_is_final(store: Store) -> None:
    """A run that was marked lost does not come back as finished."""
    run = store.claim_run(source="shop", slot=NOON, at=NOON)
    assert run is not None
    assert [lost.id for lost in mark_lost(store, "shop", NOON + HOUR)] == [run.id]
    assert not store.finish_run(run.id, state=RunState.FINISHED, at=NOON + HOUR)
    assert [row.state for row in store.recent_runs("shop")] == [RunState.LOST]
