"""How the databases answer: by an index, whatever is asked. Reads the plans of the very statements that are run."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from scanner.model import CaseState, Desk, Severity, TakedownState
from scanner.moderation import cases
from scanner.records import EventFilter, QueueFilter
from scanner.store import Store
from tests.fakes import GRAVE, NOON, Intake, fetched
from tests.plans import sorts, statements, whole_tables

pytestmark = pytest.mark.databases("sqlite", "postgresql")

FILTERS = {
    "all": QueueFilter(),
    "category": QueueFilter(category="phone_card"),
    "severity": QueueFilter(severity=Severity.S4),
    "rule": QueueFilter(rule="phone_card.bulk"),
    "seller": QueueFilter(seller="s1"),
    "source": QueueFilter(source="demo"),
    "several": QueueFilter(source="demo", rule="phone_card.bulk", severity=Severity.S2),
    "state": QueueFilter(states=(CaseState.CLOSED,)),
    "desk": QueueFilter(desk=Desk.SPECIALIST),
    "language": QueueFilter(language="zh"),
    "person": QueueFilter(claimed_by="li"),
}
# Here the few that were found are put in order.
SORTED = {
    "any state": QueueFilter(states=tuple(CaseState)),
    "some states": QueueFilter(states=(CaseState.ESCALATED, CaseState.CLOSED), severity=Severity.S4),
    "text": QueueFilter(text="手机卡"),
    "short text": QueueFilter(text="卡"),
    "due moment": QueueFilter(due_before=NOON),
    "age": QueueFilter(opened_before=NOON, severity=Severity.S4),
    "text and severity": QueueFilter(text="sim card", severity=Severity.S4),
}

Ask = Callable[[Any], object]

IN_ORDER: dict[str, Ask] = {
    **{f"queue by {name}": lambda tx, wanted=wanted: tx.queue(wanted, limit=50) for name, wanted in FILTERS.items()},
    "next page": lambda tx: tx.queue(QueueFilter(), limit=50, after="890:1"),
    "next case": lambda tx: tx.free_case((Desk.REVIEW,), person="li"),
    "due orders": lambda tx: tx.due_takedowns("demo", at=NOON, limit=1),
    "events by actor": lambda tx: tx.events_page(EventFilter(actor="li"), limit=50),
    "events by kind": lambda tx: tx.events_page(EventFilter(kind="case.decided"), limit=50),
    "events since": lambda tx: tx.events_page(EventFilter(since=NOON), limit=50),
    "events before": lambda tx: tx.events_page(EventFilter(), limit=50, before=7),
}
ASKED: dict[str, Ask] = {
    **{f"queue by {name}": lambda tx, wanted=wanted: tx.queue(wanted, limit=50) for name, wanted in SORTED.items()},
    "next filtered case": lambda tx: tx.free_case((Desk.REVIEW,), person="li", wanted=FILTERS["several"]),
    "case": lambda tx: tx.case(1),
    "same seller": lambda tx: tx.same_seller(tx.case(1), limit=10),
    "known listings": lambda tx: tx.known_listings([("demo", "1"), ("demo", "2")]),
    "latest versions": lambda tx: tx.latest_versions([1, 2]),
    "gone by an inspection": lambda tx: tx.gone_by(1),
    "segments": lambda tx: tx.segment_counts(1),
    "flagged": lambda tx: tx.flagged_by_category(1),
    "running": lambda tx: tx.running_inspection("demo"),
    "runs": lambda tx: tx.recent_runs("demo", 5),
    "history": lambda tx: tx.events_about("case:1"),
    "events of one": lambda tx: tx.events_page(EventFilter(subject="case:1"), limit=50),
    "events of a family": lambda tx: tx.events_page(EventFilter(kind="case.*"), limit=50),
    "under way": lambda tx: tx.under_way("demo", at=NOON),
    "an hour's": lambda tx: tx.tallies("demo", since=NOON),
    "held orders": lambda tx: tx.takedowns_in((TakedownState.HELD,), limit=30),
    "orders of a case": lambda tx: tx.takedowns(1),
    "due looks": lambda tx: tx.due_looks(("demo",), at=NOON, limit=4),
    "orders of tomorrow": lambda tx: tx.orders_ahead("demo", at=NOON, leased=NOON),
    "looks of tomorrow": lambda tx: tx.looks_ahead("demo", due=NOON),
    "orders about a seller": lambda tx: tx.orders_on("demo", "seller:id:s1"),
    "looks at one": lambda tx: tx.looks_at(1),
    "sellers": lambda tx: tx.sellers_of([1, 2]),
    "backlog": lambda tx: tx.backlog(NOON),
    "figures of days": lambda tx: tx.figures(NOON.date(), NOON.date()),
    "last hits": lambda tx: tx.last_hits(),
    "moments of cases": lambda tx: tx.case_moments([1, 2]),
    "export": lambda tx: list(tx.exported("cases", after=1, limit=5)),
    "events in order": lambda tx: tx.events_after(1, limit=5),
}


@pytest.fixture
def filled(store: Store, intake: Intake) -> Store:
    """Twenty cases."""
    intake(*(fetched(str(number), GRAVE) for number in range(20)))
    return store


@pytest.mark.parametrize("asked", ASKED | IN_ORDER)
def test_no_table_is_read_from_end_to_end(filled: Store, asked: str) -> None:
    """Every step searches by an index or key."""
    with filled.transaction() as tx:
        with statements(filled) as run:
            (ASKED | IN_ORDER)[asked](tx)

        assert run
        for statement, parameters in run:
            assert whole_tables(tx, statement, parameters) == [], statement


@pytest.mark.parametrize("asked", IN_ORDER)
def test_what_has_an_order_is_read_off_an_index(filled: Store, asked: str) -> None:
    """A page needs no sorting of all that it is a page of, nor an order to be sent that of a day's backlog."""
    with filled.transaction() as tx:
        with statements(filled) as run:
            IN_ORDER[asked](tx)

        assert sorts(tx, *run[0]) == [], run[0][0]


def test_a_page_is_read_off_the_index_in_order(store: Store, intake: Intake) -> None:
    """The order is that of the places, then of age, also across pages of any size."""
    intake(*(fetched(str(number), GRAVE, quantity=number) for number in range(30)), rulebook=None)
    ordered = [row.case.id for row in cases.queue(store, limit=100).rows]
    paged, after = [], ""
    for _ in range(10):
        page = cases.queue(store, limit=7, after=after)
        paged.extend(row.case.id for row in page.rows)
        after = page.after
        if not after:
            break

    assert paged == ordered
    assert len({row.case.priority for row in cases.queue(store, limit=100).rows}) > 1
    assert cases.show(store, 1).row.case.opened_at == NOON
