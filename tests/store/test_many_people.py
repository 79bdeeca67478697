"""Drill: many moderators in many processes on one database. Every case is decided once, and nobody is told "locked".

``make drill`` runs it at full size: eight processes with fifty-six moderators, twenty thousand cases on PostgreSQL and
four moderators on SQLite.
"""

from __future__ import annotations

import json
import logging
import os
import time
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import func, select

from scanner import audit
from scanner.inspection.intake import take_in
from scanner.rulebook import Rulebook
from scanner.store import Store
from scanner.store.tables import cases, decisions, desk, takedowns
from tests import postgres
from tests.desk_drill import work_desk
from tests.drills import at_work
from tests.fakes import GRAVE, NOON, begin, fetched, write_segment

log = logging.getLogger("drill")

IS_LONG = "DRILL_CASES" in os.environ
CASES = int(os.environ.get("DRILL_CASES", "80"))
# Processes, and moderators in each.
PEOPLE = {"sqlite": (2, 2), "postgresql": (8, 7) if IS_LONG else (2, 6)}

pytestmark = pytest.mark.timeout(3600 if IS_LONG else 120)


def fill(url: str, rulebook: Rulebook, folder: Path, count: int) -> None:
    """So many cases."""
    with Store.open(url) as store:
        inspection_id = begin(store)
        segment = write_segment(folder, *(fetched(str(number), GRAVE) for number in range(count)))
        take_in(segment, store=store, rulebook=rulebook, inspection_id=inspection_id, partition="p", clock=lambda: NOON)


def check(url: str, outcomes: list[dict[str, list]], count: int) -> list[str]:
    """Every case was decided once, with one order, and the history is sound. Returns what people were told instead."""
    with Store.open(url) as store:
        with store.reading() as tx:
            connection = tx._connection
            ruled = Counter(connection.scalars(select(decisions.c.case_id)).all())
            ordered = Counter(connection.scalars(select(takedowns.c.case_id)).all())
            all_cases = set(connection.scalars(select(cases.c.id)).all())
            left = connection.scalar(select(func.count()).select_from(desk))
        assert (len(all_cases), left) == (count, 0)
        assert ruled == ordered == dict.fromkeys(all_cases, 1)
        assert audit.verify(store).is_sound
    known = [case for one in outcomes for case in one["decided"]]
    assert len(known) == len(set(known)) <= count
    return [said for one in outcomes for said in one["told"]]


@pytest.mark.databases("sqlite", "postgresql")
def test_every_case_is_decided_once(store_url: str, database: str, small_rulebook: Rulebook, tmp_path: Path) -> None:
    """However many people take and decide at the same moment, in however many processes, and nobody is refused."""
    fill(store_url, small_rulebook, tmp_path / "spool", CASES)
    processes, people = PEOPLE[database]
    begun = time.monotonic()
    with ExitStack() as stack:
        running = [stack.enter_context(at_work(work_desk, store_url, people, number, 1)) for number in range(processes)]
        outcomes = [json.loads(one.outcome()) for one in running]

    told = check(store_url, outcomes, CASES)
    assert [one for one in told if "locked" in one or "deadlock" in one] == []
    took = time.monotonic() - begun
    log.info("%s: %d cases by %d people in %.1f s; told: %s", database, CASES, processes * people, took, told[:5])


@pytest.mark.databases("postgresql")
def test_a_restart_of_the_server_loses_nothing(database: str, small_rulebook: Rulebook, tmp_path: Path) -> None:
    """Twice in the middle of their work all connections break; people try again, and every case is decided once."""
    server = postgres.Server(postgres.new_folder())
    server.launch(**postgres.LASTING)
    url = server.url("postgres")
    fill(url, small_rulebook, tmp_path / "spool", CASES)
    with at_work(work_desk, url, 6, 1, 3) as running:
        for share in (3, 2):
            wait_for_decisions(server, CASES // share)
            server.restart()
        outcome = json.loads(running.outcome())
    # What somebody lost in the last hour of all is free in the next.
    later = json.loads(work_desk(lambda _: None, url, people=1, process=1, hours=5))

    told = check(url, [outcome, later], CASES)
    assert any("StoreUnavailable" in one for one in told)


def wait_for_decisions(server: postgres.Server, count: int) -> None:
    """Until so many are there."""
    with psycopg.connect(server.conninfo, autocommit=True) as raw:
        while raw.execute("SELECT count(*) FROM decisions").fetchone()[0] < count:  # type: ignore[index]  # one row
            time.sleep(0.01)
