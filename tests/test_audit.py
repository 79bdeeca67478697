"""The history: what was edited, removed, moved or cut off is found, and nothing else is reported."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta, timezone

import pytest

from scanner import audit
from scanner.store import Store
from tests.fakes import LI, NOON

Tamper = Callable[[Callable[[str], object]], object]


pytestmark = pytest.mark.databases("sqlite", "postgresql")


def written(store: Store, events: int = 6) -> Store:
    """A store with some history."""
    for number in range(events):
        with store.transaction() as tx:
            audit.append(tx, actor=LI, kind="case.decided", subject=f"case:{number}", at=NOON, price="12.50", n=number)
    return store


def tamper(store: Store, statement: str) -> None:
    """Change history behind Delist's back."""
    with store.transaction() as tx:
        tx._connection.exec_driver_sql(statement)


def test_an_untouched_history_is_sound(store: Store) -> None:
    """What was appended is read back, number by number, without a fault."""
    verdict = audit.verify(written(store))

    assert (verdict.is_sound, verdict.events, verdict.head.sequence) == (True, 6, 6)


def test_an_empty_history_is_sound(store: Store) -> None:
    """Nothing happened, and that is proven too."""
    assert audit.verify(store).is_sound


@pytest.mark.parametrize(
    ("statements", "faults"),
    [
        (["UPDATE events SET actor = 'zhang' WHERE sequence = 3"], ["event 3 (case.decided of case:2) was edited"]),
        (["UPDATE events SET data = '{}' WHERE sequence = 6"], ["event 6 (case.decided of case:5) was edited"]),
        (
            ["UPDATE events SET at = '2026-03-02 12:00:00.000000' WHERE sequence = 1"],
            ["event 1 (case.decided of case:0) was edited"],
        ),
        (["UPDATE events SET role = 'auditor' WHERE sequence = 2"], ["event 2 (case.decided of case:1) was edited"]),
        (["DELETE FROM events WHERE sequence = 4"], ["event 5 follows event 3: something is missing or moved"]),
        (["DELETE FROM events WHERE sequence = 6"], ["the history ends at event 5; the head names event 6"]),
        (["DELETE FROM events"], ["the history ends at event 0; the head names event 6"]),
        (["UPDATE chain_head SET sequence = 5"], ["the history ends at event 6; the head names event 5"]),
        (
            [
                "UPDATE events SET sequence = 100 WHERE sequence = 2",
                "UPDATE events SET sequence = 2 WHERE sequence = 3",
                "UPDATE events SET sequence = 3 WHERE sequence = 100",
            ],
            [
                "event 2 does not name event 1",
                "event 2 (",
                "event 3 does not name event 2",
                "event 3 (",
                "event 4 does not",
            ],
        ),
    ],
    ids=lambda value: value[0][:60] if isinstance(value, list) else "",
)
def test_tampering_is_found_and_named(store: Store, statements: list[str], faults: list[str]) -> None:
    """Each way to change history gives its fault, and only that."""
    written(store)
    for statement in statements:
        tamper(store, statement)

    found = audit.verify(store).faults

    assert [fault.startswith(expected) for fault, expected in zip(found, faults, strict=True)] == [True] * len(faults)


def test_two_events_in_one_moment_are_two(store: Store) -> None:
    """Number and chain tell events apart, never the time."""
    with store.transaction() as tx:
        audit.append(tx, actor=LI, kind="case.decided", subject="case:1", at=NOON)
        audit.append(tx, actor=LI, kind="case.decided", subject="case:1", at=NOON)
        one, two = tx.events_about("case:1")

    assert (two.sequence, two.previous) == (one.sequence + 1, one.hash)
    with store.reading() as tx:
        assert tx.events_about("case:1") == (one, two)


def test_a_moment_is_the_same_in_any_zone(store: Store) -> None:
    """An event of a clock in Shanghai is sound when it is read back in UTC."""
    with store.transaction() as tx:
        audit.append(tx, actor=LI, kind="x", subject="y", at=NOON.astimezone(timezone(timedelta(hours=8))))

    assert audit.verify(store).is_sound


def test_a_long_history_is_read_in_pages(store: Store) -> None:
    """More events than one page are all checked."""
    with store.transaction() as tx:
        for number in range(4_500):
            audit.append(tx, actor=LI, kind="x", subject=f"case:{number}", at=NOON)

    verdict = audit.verify(store)

    assert (verdict.is_sound, verdict.events) == (True, 4_500)
