"""The outbox in the database: what senders and verifiers ask is answered by an index, however much has been sent."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import event

from scanner.model import TakedownState
from scanner.store import Store
from tests.fakes import NOON

ASKED: dict[str, Callable[[Any], object]] = {
    "due orders": lambda tx: tx.due_takedowns("demo", at=NOON, limit=1),
    "under way": lambda tx: tx.under_way("demo", at=NOON),
    "an hour's": lambda tx: tx.tallies("demo", since=NOON),
    "held": lambda tx: tx.takedowns_in((TakedownState.HELD,), limit=30),
    "of a case": lambda tx: tx.takedowns(1),
    "due looks": lambda tx: tx.due_looks(("demo",), at=NOON, limit=4),
    "looks at one": lambda tx: tx.looks_at(1),
    "sellers": lambda tx: tx.sellers_of([1, 2]),
}


@pytest.mark.parametrize("asked", ASKED)
def test_nothing_is_read_from_end_to_end(store: Store, asked: str) -> None:
    """Every step searches; what only grows is never gone through."""
    run: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        run.append((statement, parameters))

    with store.transaction() as tx:
        event.listen(store._engine, "before_cursor_execute", note)
        ASKED[asked](tx)
        event.remove(store._engine, "before_cursor_execute", note)
        assert run
        for statement, parameters in run:
            plan = [row[3] for row in tx._connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]
            assert [step for step in plan if step.startswith("SCAN ")] == [], (statement, plan)


def test_what_is_due_is_read_in_order_off_its_own_index(store: Store) -> None:
    """No sorting of a day's backlog for each order that goes."""
    run: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        run.append((statement, parameters))

    with store.transaction() as tx:
        event.listen(store._engine, "before_cursor_execute", note)
        tx.due_takedowns("demo", at=NOON, limit=1)
        event.remove(store._engine, "before_cursor_execute", note)
        plan = [row[3] for row in tx._connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {run[0][0]}", run[0][1])]

    assert "ix_takedowns_unsent" in plan[0]
    assert not [step for step in plan if "ORDER BY" in step]
