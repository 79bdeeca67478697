"""How the database answers: by an index, whatever is asked. Reads the plans of the very statements that are run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from sqlalchemy import event

from scanner.model import CaseState, Severity
from scanner.moderation import cases
from scanner.records import QueueFilter
from scanner.store import Store
from tests.fakes import GRAVE, NOON, Intake, fetched

FILTERS = {
    "all": QueueFilter(),
    "category": QueueFilter(category="phone_card"),
    "severity": QueueFilter(severity=Severity.S4),
    "rule": QueueFilter(rule="phone_card.bulk"),
    "seller": QueueFilter(seller="s1"),
    "source": QueueFilter(source="demo"),
    "several": QueueFilter(source="demo", rule="phone_card.bulk", severity=Severity.S2),
    "state": QueueFilter(states=(CaseState.CLOSED,)),
}

ASKED: dict[str, Callable[[Store], object]] = {
    **{f"queue by {name}": lambda store, wanted=wanted: cases.queue(store, wanted) for name, wanted in FILTERS.items()},
    "next page": lambda store: cases.queue(store, after="890:1"),
    "show": lambda store: cases.show(store, 1),
    "known listings": lambda store: _in(store, lambda tx: tx.known_listings([("demo", "1"), ("demo", "2")])),
    "latest versions": lambda store: _in(store, lambda tx: tx.latest_versions([1, 2])),
    "segments": lambda store: _in(store, lambda tx: tx.segment_counts(1)),
    "flagged": lambda store: _in(store, lambda tx: tx.flagged_by_category(1)),
    "running": lambda store: _in(store, lambda tx: tx.running_inspection("demo")),
    "runs": lambda store: store.recent_runs("demo"),
    "history": lambda store: _in(store, lambda tx: tx.events_about("case:1")),
}


def _in(store: Store, ask: Callable[[Any], object]) -> object:
    with store.reading() as tx:
        return ask(tx)


@contextmanager
def statements(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """The queries that are run in the block."""
    run: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            run.append((statement, parameters))

    event.listen(store._engine, "before_cursor_execute", note)
    try:
        yield run
    finally:
        event.remove(store._engine, "before_cursor_execute", note)


def plan_of(store: Store, statement: str, parameters: Any) -> list[str]:
    """SQLite's plan, step by step."""
    with store.reading() as tx:
        rows = tx._connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)
        return [row[3] for row in rows]


@pytest.mark.parametrize("asked", ASKED)
def test_no_table_is_read_from_end_to_end(store: Store, intake: Intake, asked: str) -> None:
    """Every step searches by an index or key, and a page of the queue needs no sorting."""
    intake(*(fetched(str(number), GRAVE) for number in range(20)))
    with statements(store) as run:
        ASKED[asked](store)

    plans = {statement: plan_of(store, statement, parameters) for statement, parameters in run}

    assert plans
    for statement, plan in plans.items():
        assert [step for step in plan if step.startswith("SCAN ") and "chain_head" not in step] == [], statement
        if "case_labels" in statement and asked != "show":  # there the few cases of one seller are sorted
            assert not [step for step in plan if "ORDER BY" in step], statement


def test_a_page_is_read_off_the_index_in_order(store: Store, intake: Intake) -> None:
    """The order is that of priority, then age, also across pages of any size."""
    intake(*(fetched(str(number), GRAVE, quantity=number) for number in range(30)), rulebook=None)
    ordered = [(-row.case.priority, row.case.id) for row in cases.queue(store, limit=100).rows]
    paged, after = [], ""
    for _ in range(10):
        page = cases.queue(store, limit=7, after=after)
        paged.extend((-row.case.priority, row.case.id) for row in page.rows)
        after = page.after
        if not after:
            break

    assert paged == ordered == sorted(ordered)
    assert len({priority for priority, _ in ordered}) > 1
    assert cases.show(store, 1).row.case.opened_at == NOON
