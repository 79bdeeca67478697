"""Taking a decision back: everything is as it was, whatever was done before, and side effects too."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from itertools import count

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.errors import Conflict, DelistError, IllegalMove, InputError
from scanner.model import CaseState, Ruling, TakedownState
from scanner.moderation import cases, claims
from scanner.moderation.reverting import undo_in
from scanner.orders import Order
from scanner.store import Store
from scanner.takedown.sending import send_due
from scanner.takedown.undoing import stands
from tests.fakes import GRAVE, NOON, WANG, Intake, fetched, kinds, ruled
from tests.outbox import Time, Told, channel

WINDOW = timedelta(seconds=60)
EXAMPLES = int(os.environ.get("DRILL_EXAMPLES", "8"))


@pytest.fixture
def one(store: Store, intake: Intake) -> Store:
    """A case."""
    intake(fetched("a", GRAVE))
    return store


def undo(store: Store, *, seconds: float = 30, case_id: int = 1) -> None:
    """Wang takes the newest decision back."""
    cases.undo(store, case_id, actor=WANG, reason="the wrong key", now=NOON + timedelta(seconds=seconds))


def test_a_removal_is_undone_before_anything_goes(one: Store) -> None:
    """The case waits as before, the order is cancelled, and both are on record."""
    ruled(one, 1, Ruling.REMOVE)
    undo(one)

    file = cases.show(one, 1)
    assert (file.row.case.state, file.row.case.ruling, file.row.case.decided_hash) == (CaseState.OPEN, None, "")
    assert [order.state for order in file.takedowns] == [TakedownState.CANCELLED]
    assert kinds(one)[-2:] == ["case.undone", "takedown.cancelled"]
    ruled(one, 1, Ruling.REMOVE)
    assert [order.key for order in cases.show(one, 1).takedowns] == ["decision-1-hide", "decision-2-hide"]


def test_the_window_closes(one: Store) -> None:
    """Afterwards the order is taken back instead, and the hint says how."""
    ruled(one, 1, Ruling.REMOVE)

    with pytest.raises(IllegalMove, match="60 seconds, which are over") as refused:
        undo(one, seconds=61)

    assert "takedown undo" in refused.value.hint


def test_nothing_is_undone_twice_or_without_a_reason(one: Store) -> None:
    """Nor what was never decided, nor an escalation."""
    with pytest.raises(IllegalMove, match="no decision"):
        undo(one)
    ruled(one, 1, Ruling.REMOVE)
    with pytest.raises(InputError):
        cases.undo(one, 1, actor=WANG, reason=" ", now=NOON)
    undo(one)
    with pytest.raises(IllegalMove, match="no decision"):
        undo(one)
    ruled(one, 1, Ruling.ESCALATE)
    with pytest.raises(IllegalMove, match="no decision"):
        undo(one)


def test_keeping_lifts_what_was_hidden_and_undoing_it_hides_again(one: Store) -> None:
    """A person hid it, it went, another kept it and took that back: it is hidden as before."""
    platform, time = Told(), Time(NOON)
    ruled(one, 1, Ruling.HIDE)
    send_due(one, channel(platform), clock=time, pause=time.pause)
    assert platform.hidden["a"]

    ruled(one, 1, Ruling.KEEP, now=time.at)
    cases.undo(one, 1, actor=WANG, reason="no", now=time.at + WINDOW / 2)
    time.move(minutes=5)
    send_due(one, channel(platform), clock=time, pause=time.pause)
    assert platform.hidden["a"]

    ruled(one, 1, Ruling.KEEP, now=time.at)
    time.move(minutes=5)
    send_due(one, channel(platform), clock=time, pause=time.pause)
    assert not platform.hidden["a"]
    assert cases.show(one, 1).row.case.state is CaseState.CLOSED


# What people do to a case before somebody decides it.
BEFORE = {
    "claim": lambda store, case, now: claims.claim(store, case, actor=WANG, now=now),
    "release": lambda store, case, now: claims.release(store, case, actor=WANG, now=now),
    "skip": lambda store, case, now: claims.skip(store, case, reason="x", actor=WANG, now=now),
    "hold": lambda store, case, now: claims.hold(store, case, until=now + WINDOW, reason="x", actor=WANG, now=now),
    "give": lambda store, case, now: claims.reassign(store, case, to="li", reason="x", actor=WANG, now=now),
    "help": lambda store, case, now: claims.ask_help(store, case, question="x", actor=WANG, now=now),
    "escalate": lambda store, case, now: ruled(store, case, Ruling.ESCALATE, now=now),
    "hide": lambda store, case, now: ruled(store, case, Ruling.HIDE, now=now),
    "restrict": lambda store, case, now: ruled(store, case, Ruling.RESTRICT, now=now),
    "keep": lambda store, case, now: ruled(store, case, Ruling.KEEP, now=now),
    "undo": lambda store, case, now: cases.undo(store, case, actor=WANG, reason="x", now=now),
    "send": None,
}


class Shop(Told):
    """A platform where restricting a listing and hiding it are two things."""

    actions = frozenset({"hide", "restore", "restrict", "unrestrict"})

    def _carry_out(self, order: Order) -> None:
        if not order.action.endswith("restrict"):
            super()._carry_out(order)


class Desk:
    """A case under test: what is done to it, and how it looks to people and to the platform."""

    def __init__(self, store: Store, number: int) -> None:
        self.store, self.number = store, number
        self.time, self.platform = Time(NOON), Shop()

    def do(self, name: str) -> None:
        """Do it if it may be done."""
        act = BEFORE[name]
        self.time.move(seconds=1)
        try:
            act(self.store, self.number, self.time.at) if act else self.send()
        except DelistError:
            return

    def send(self) -> None:
        """Time passes, and everything due goes out."""
        self.time.move(minutes=5)
        send_due(self.store, channel(self.platform), clock=self.time, pause=self.time.pause)

    def seen(self) -> dict[str, object]:
        """All that should be as it was. Whoever had claimed the case takes it anew."""
        file = cases.show(self.store, self.number)
        case = file.row.case
        is_claimed = case.state is CaseState.CLAIMED
        back = {"open": CaseState.OPEN, "specialist": CaseState.ESCALATED, "appeals": CaseState.APPEALED}
        return {
            "state": back.get(case.desk.value, CaseState.OPEN) if is_claimed else case.state,
            "desk": case.desk,
            "ruling": case.ruling,
            "hash": case.decided_hash,
            "for": (case.reserved_for, case.away_until) if not is_claimed else ("", None),
            "orders": sorted(order.action for order in file.takedowns if stands(order)),
        }

    def hidden(self) -> frozenset[str]:
        """Where the platform does not show the listing, once everything has gone out."""
        self.send()
        self.send()
        return frozenset(self.platform.hidden.get(cases.show(self.store, self.number).row.case.listing_id, ()))


@pytest.fixture
def numbers(store: Store, intake: Intake) -> Iterator[int]:
    """Fresh cases, one for each example."""
    intake(*(fetched(str(number), GRAVE) for number in range(4 * EXAMPLES)))
    return count(1)


@settings(
    max_examples=EXAMPLES,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    before=st.lists(st.sampled_from(sorted(BEFORE)), max_size=6),
    ruling=st.sampled_from([Ruling.REMOVE, Ruling.KEEP, Ruling.HIDE, Ruling.RESTRICT]),
    goes_first=st.booleans(),
)
def test_done_and_undone_is_as_before(
    store: Store, numbers: Iterator[int], before: list[str], ruling: Ruling, goes_first: bool
) -> None:
    """After any allowed moves, a decision and its undo leave case, orders and platform as they were."""
    desk = Desk(store, next(numbers))
    for name in before:
        desk.do(name)
    hidden, seen = desk.hidden(), desk.seen()
    try:
        ruled(store, desk.number, ruling, now=desk.time.at)
    except (IllegalMove, Conflict):
        return
    if goes_first:
        desk.send()
    with store.transaction() as tx:
        undo_in(tx, desk.number, actor=WANG, reason="as it was", now=desk.time.at)

    assert desk.seen() == seen
    assert desk.hidden() == hidden
