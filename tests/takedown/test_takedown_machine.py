"""Whatever people, time and a platform do: nothing in limbo, no effect twice, and what is undone is as it was."""

from __future__ import annotations

import contextlib
import os
import shutil
from collections import Counter
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import ClassVar

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test

from scanner import audit
from scanner.errors import Conflict, IllegalMove, NotFound
from scanner.model import CaseState, Ruling, TakedownState
from scanner.moderation import cases
from scanner.records import Takedown
from scanner.rulebook import Rulebook
from scanner.store import Store
from scanner.takedown import undoing
from scanner.takedown.sending import send_due
from scanner.takedown.verify import look_due
from scanner.workflow import WAITING
from tests.fakes import LI, NOON
from tests.outbox import AWAY, BROKEN, REFUSED, Time, Told, channel, keep, listed, offers, remove

CASES = 3
CASE = st.integers(1, CASES)
_BETWEEN = {TakedownState.PLANNED, TakedownState.SENT, TakedownState.ACCEPTED}


class Outbox(RuleBasedStateMachine):
    """What may happen, in any order. Each run begins with a copy of ``template``."""

    template: ClassVar[Path]
    numbers: ClassVar[Iterator[int]]

    @initialize()
    def begin(self) -> None:
        """Three cases, two of them decided, and an honest platform."""
        file = shutil.copy(self.template, self.template.with_name(f"run-{next(self.numbers)}.db"))
        self.store = Store.open(f"sqlite:///{file}")
        self.time, self.platform = Time(NOON), Told()
        for case in (1, 2):
            remove(self.store, case)

    def _try(self, act) -> None:  # type: ignore[no-untyped-def]  # a call without arguments
        """Do it if it may be done; anything but a refusal of ours ends the test."""
        with contextlib.suppress(Conflict, IllegalMove, NotFound):
            act()

    @rule(case=CASE, ruling=st.sampled_from([Ruling.REMOVE, Ruling.REMOVE, Ruling.KEEP, Ruling.HIDE]))
    def decide(self, case: int, ruling: Ruling) -> None:
        """A person rules."""
        self._try(lambda: remove(self.store, case, now=self.time.at, ruling=ruling))

    @rule(order=st.integers(1, 6), act=st.sampled_from([undoing.undo, undoing.cancel]))
    def take_back(self, order: int, act) -> None:  # type: ignore[no-untyped-def]  # one of two functions
        """A person undoes or cancels."""
        self._try(lambda: act(self.store, order, actor=LI, reason="wrong", now=self.time.at))

    @rule(case=CASE)
    def take_back_decision(self, case: int) -> None:
        """A person undoes the newest decision on a case within its window."""
        self._try(lambda: cases.undo(self.store, case, actor=LI, reason="wrong", now=self.time.at))

    @rule(order=st.integers(1, 6))
    def send_after_all(self, order: int) -> None:
        """A person lets an order go again."""
        self._try(lambda: undoing.retry(self.store, order, actor=LI, now=self.time.at))

    @rule(minutes=st.sampled_from([1, 10, 100, 1000]))
    def work(self, minutes: int) -> None:
        """Time passes, and Delist sends and looks."""
        self.time.move(minutes=minutes)
        send_due(self.store, channel(self.platform), clock=self.time, pause=self.time.pause)
        look_due(self.store, channel(self.platform), keep=keep, clock=self.time, pause=self.time.pause)

    @rule(
        answers=st.lists(st.sampled_from([BROKEN, BROKEN, AWAY, REFUSED]), min_size=1, max_size=4),
        after_effect=st.booleans(),
    )
    def misbehave(self, answers: list, after_effect: bool) -> None:  # type: ignore[type-arg]  # receipts
        """The platform breaks, before or after the effect."""
        self.platform.answers, self.platform.breaks_after_effect = answers, after_effect

    @rule(lies=st.booleans(), blind=st.booleans())
    def change(self, lies: bool, blind: bool) -> None:
        """The platform begins or ceases to lie, or to hide behind a question."""
        self.platform.lies, self.platform.blind = lies, {"page"} if blind else set()

    @rule(hours=st.sampled_from([-48, -3, 3, 48]))
    def jump(self, hours: int) -> None:
        """Somebody sets the clock."""
        self.time.move(hours=hours)

    @rule(case=CASE)
    def come_back(self, case: int) -> None:
        """The platform shows a listing again by itself."""
        self.platform.hidden[str(case)] = set()

    def teardown(self) -> None:
        """In the end the platform obeys, and everything comes to rest."""
        if not hasattr(self, "store"):
            return
        self.platform.lies, self.platform.blind, self.platform.answers = False, set(), []
        for _ in range(12):
            self.work(100)
        for _ in range(9):
            self.work(1440)
        self._at_rest()
        self._undone()
        assert audit.verify(self.store).is_sound
        self.store.close()

    def _orders(self, case: int) -> list[Takedown]:
        found = [
            order for order in cases.show(self.store, case).takedowns if order.state is not TakedownState.CANCELLED
        ]
        # What a newer order has overtaken after its acceptance is looked at no more.
        between = {order.state for order in found[:-1]} - {TakedownState.ACCEPTED} | {found[-1].state} if found else ()
        assert not _BETWEEN & set(between), "an order in limbo"
        return found

    def _at_rest(self) -> None:
        """Each effect once; what is closed as removed is gone; what went wrong waits for a person."""
        assert max(Counter(key for key, _, _ in self.platform.effects).values(), default=1) == 1
        for case in range(1, CASES + 1):
            orders, file = self._orders(case), cases.show(self.store, case).row.case
            if file.state is CaseState.CLOSED and file.ruling is Ruling.REMOVE:
                assert orders[-1].state is TakedownState.VERIFIED_REMOVED
            elif file.ruling is not Ruling.KEEP:
                assert file.state in WAITING, file.state

    def _undone(self) -> None:
        """Undo all that can be undone: everything is shown again."""
        for case in range(1, CASES + 1):
            for order in self._orders(case):
                if order.undoes is None and order.state is not TakedownState.UNDONE:
                    undoing.undo(self.store, order.id, actor=LI, reason="all back", now=self.time.at)
        for _ in range(6):
            self.work(100)
        last = {order.listing_id: order for case in range(1, CASES + 1) for order in self._orders(case)}
        for listing_id, order in last.items():
            if order.state is TakedownState.VERIFIED_RESTORED:
                assert not self.platform.hidden.get(listing_id)
            else:
                assert cases.show(self.store, int(listing_id)).row.case.state in WAITING, order


def test_whatever_happens_it_comes_to_rest(small_rulebook: Rulebook, tmp_path: Path) -> None:
    """Random sequences of decisions, undos, retries, failures, lies, time, and clocks that jump."""
    template = tmp_path / "template.db"
    with Store.open(f"sqlite:///{template}") as store:
        listed(store, small_rulebook, tmp_path / "spool", offers(CASES), decide=False)
    run_state_machine_as_test(
        type("Machine", (Outbox,), {"template": template, "numbers": count()}),
        settings=settings(
            max_examples=int(os.environ.get("DRILL_EXAMPLES", "6")),
            stateful_step_count=15,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much],
        ),
    )
