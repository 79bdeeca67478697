"""Closing an account: two people, one order, seen from outside, done by hand where it must be, undone as a whole."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import msgspec
import pytest

from scanner import audit
from scanner.errors import Forbidden, IllegalMove, InputError
from scanner.model import CaseState, Seller, TakedownState
from scanner.moderation import approvals, cases
from scanner.moderation.effects import EFFECTS, effects_under
from scanner.moderation.policy import Undo, shipped
from scanner.orders import Answer, LookState, Receipt
from scanner.outside import PenaltyState
from scanner.records import Takedown
from scanner.rulebook import Rulebook
from scanner.sellers import files, penalties
from scanner.store import Store
from scanner.takedown import undoing
from scanner.takedown.accounts import done_by_hand
from scanner.takedown.sending import SendReport, send_due
from scanner.takedown.verify import look_due
from tests.fakes import NOON, WANG, offer
from tests.outbox import LOOKS, REFUSED, Time, Told, channel, keep, kinds, listed
from tests.takedowns_done import COMPLIANCE, REVIEWER, followed

ACCOUNTS = frozenset({"hide", "restore", "close_account", "reopen_account"})
S = TakedownState


class Able(Told):
    """A platform that can close accounts too."""

    actions = ACCOUNTS


class House:
    """A seller two of whose listings were removed for good; for each the last step of the ladder is proposed."""

    def __init__(self, store: Store, platform: Told) -> None:
        self.store, self.platform, self.time = store, platform, Time(NOON + timedelta(minutes=2))

    def send(self, **later: float) -> SendReport:
        """So much later."""
        self.time.move(**later)
        report = send_due(self.store, channel(self.platform), clock=self.time, pause=self.time.pause)
        followed(self.store, at=self.time.at)
        return report

    def look(self, **later: float) -> None:
        """So much later."""
        self.time.move(**later)
        look_due(self.store, channel(self.platform), keep=keep, clock=self.time, pause=self.time.pause)
        followed(self.store, at=self.time.at)

    def close(self, penalty: int = 1) -> Takedown:
        """Two people agree; the order is sent once the undo window is over."""
        penalties.accept(self.store, penalty, actor=WANG, now=self.time.at)
        (proposal,) = approvals.inbox(self.store)
        approvals.approve(self.store, proposal.id, actor=COMPLIANCE, now=self.time.at, effects=EFFECTS)
        self.send(minutes=2)
        return self.order()

    def order(self, number: int = 0) -> Takedown:
        """The newest order, or one by number."""
        found = undoing.board(self.store).takedowns
        return next(one for one in found if one.id == number) if number else found[0]

    def penalty(self, number: int = 1) -> PenaltyState:
        """Where a step of the ladder is."""
        return next(one.state for one in files.show(self.store, 1, now=self.time.at).penalties if one.id == number)


@pytest.fixture
def house(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> House:
    """A seller who is to be closed, at a platform that can."""
    listed(store, small_rulebook, tmp_path, [offer(str(n), seller=Seller(id="s1", name="Shop One")) for n in (1, 2)])
    made = House(store, Able())
    made.send()
    return made


def test_a_closure_waits_as_long_as_the_policy_in_force_says(house: House) -> None:
    """An hour to undo it, where the house has that, not the minute that is shipped."""
    policy = msgspec.structs.replace(shipped(), undo=Undo(window_seconds=3_600))
    penalties.accept(house.store, 1, actor=WANG, now=house.time.at, policy=policy)
    (proposal,) = approvals.inbox(house.store)
    effects = effects_under(policy)
    approvals.approve(house.store, proposal.id, actor=COMPLIANCE, now=house.time.at, policy=policy, effects=effects)
    assert house.order().due_at == house.time.at + timedelta(hours=1)


@pytest.mark.databases("sqlite", "postgresql")
def test_an_account_is_closed_by_two_people_and_seen_to_be_closed(house: House) -> None:
    """Nothing goes before the second one agrees; then one order, one effect, verified, and the case is as it was."""
    penalties.accept(house.store, 1, actor=WANG, now=house.time.at)
    house.send(minutes=10)
    assert house.platform.closed == set()
    (proposal,) = approvals.inbox(house.store)
    with pytest.raises(Forbidden):
        approvals.approve(house.store, proposal.id, actor=WANG, now=house.time.at, effects=EFFECTS)
    approvals.approve(house.store, proposal.id, actor=COMPLIANCE, now=house.time.at, effects=EFFECTS)
    before = cases.show(house.store, 1).row.case
    house.send(seconds=59)
    assert house.platform.closed == set(), "it went before its undo window was over"
    house.send(seconds=1)

    order = house.order()
    assert (order.key, order.listing_id, order.inverse) == (
        "decision-1-close_account",
        "seller:id:s1",
        "reopen_account",
    )
    told = house.platform.calls[-1]
    assert (told.seller_id, told.seller_name, told.measure, told.until) == ("s1", "Shop One", "Account closed", None)
    house.look(minutes=6)
    assert (house.order().state, house.platform.closed) == (S.VERIFIED_REMOVED, {"s1"})
    assert cases.show(house.store, 1).row.case.revision - before.revision <= 2, "only the listing's own look moves it"
    assert cases.show(house.store, 1).row.case.state is CaseState.VERIFIED
    assert audit.verify(house.store).is_sound


def test_the_looks_at_the_listing_go_on(house: House) -> None:
    """What is done to the seller is another matter than whether the listing is gone."""
    house.close()

    assert {look.state for look in undoing.looks_at(house.store, 1)} == {LookState.DUE}


def test_what_a_platform_cannot_be_told_a_person_does_and_confirms(house: House) -> None:
    """It says so in words, waits, is confirmed by who may, and is looked at all the same."""
    house.platform.actions = frozenset({"hide", "restore"})  # type: ignore[attr-defined]  # of this one only
    order = house.close()
    assert (order.state, len(house.platform.calls)) == (S.BY_HAND, 2)
    assert "demo cannot be told to do this. Somebody must close the account of s1 (Account closed)" in order.last_error
    assert house.send(days=1) == SendReport(), "it is told once"

    given = {"now": house.time.at, "looks": LOOKS}
    with pytest.raises(Forbidden):
        done_by_hand(house.store, order.id, actor=REVIEWER, note="ticket 4711", **given)
    with pytest.raises(InputError):
        done_by_hand(house.store, order.id, actor=WANG, note=" ", **given)
    house.platform.closed.add("s1")
    done = done_by_hand(house.store, order.id, actor=WANG, note="ticket 4711", **given)
    assert done.state is S.ACCEPTED
    with pytest.raises(IllegalMove, match="accepted cannot confirm"):
        done_by_hand(house.store, order.id, actor=WANG, note="again", **given)
    house.look(minutes=6)
    assert house.order().state is S.VERIFIED_REMOVED
    steps = [kind for kind in kinds(house.store) if kind.endswith(("ordered", "by_hand", "looked"))]
    assert steps[:3] == ["takedown.ordered", "takedown.by_hand", "takedown.done_by_hand"]


@pytest.mark.parametrize(
    "answer",
    [REFUSED, Receipt(answer=Answer.DENIED, says="It does not accept our token.", status=401)],
    ids=["refused", "denied"],
)
def test_what_a_platform_refuses_a_person_does(house: House, answer: Receipt) -> None:
    """With the platform's own sentence; the case of the listing is left alone."""
    house.platform.answers = [answer]
    before = cases.show(house.store, 1).row.case.state
    order = house.close()

    assert order.state is S.BY_HAND
    assert answer.says in order.last_error
    assert cases.show(house.store, 1).row.case.state is before
    undoing.retry(house.store, order.id, actor=WANG, now=house.time.at)
    house.send()
    assert (house.order().state, house.platform.closed) == (S.ACCEPTED, {"s1"})


def test_a_platform_that_only_says_so_is_found_out(house: House) -> None:
    """Told twice, looked at twice, then a person; the listing's case is not judged again for it."""
    house.platform.lies = True
    house.close()
    house.look(minutes=6)
    house.send()
    house.look(minutes=6)

    order = house.order()
    assert order.state is S.BY_HAND
    assert "still live after it was ordered twice" in order.last_error
    keys = [call.key for call in house.platform.calls if call.action == "close_account"]
    assert keys == ["decision-1-close_account", "decision-1-close_account-2"]
    assert cases.show(house.store, 1).row.case.state is not CaseState.REOPENED


def test_do_then_undo_is_as_it_was(house: House) -> None:
    """The account is open again, seen to be so, the step is void, and the removal of the listing stands."""
    order = house.close()
    with pytest.raises(Forbidden):
        undoing.undo(house.store, order.id, actor=REVIEWER, reason="wrong", now=house.time.at)
    inverse = undoing.undo(house.store, order.id, actor=WANG, reason="the wrong seller", now=house.time.at)
    house.send()
    house.look(minutes=6)

    assert (inverse.action, inverse.key) == ("reopen_account", "decision-1-reopen_account")
    assert (house.order().state, house.platform.closed) == (S.VERIFIED_RESTORED, set())
    assert house.penalty() is PenaltyState.VOIDED
    assert house.platform.hidden["1"]


def test_taking_back_the_removal_takes_back_what_followed_from_it(house: House) -> None:
    """Nobody stays closed for a listing that is back."""
    house.close()
    undoing.undo(house.store, 1, actor=WANG, reason="appeal upheld", now=house.time.at)
    house.send()
    house.send()

    assert (house.platform.closed, house.platform.hidden["1"]) == (set(), set())
    assert house.penalty() is PenaltyState.VOIDED


@pytest.mark.databases("sqlite", "postgresql")
def test_who_is_closed_for_two_reasons_stays_closed_when_one_is_lifted(house: House) -> None:
    """Whichever is lifted first; with the last one the account is open again."""
    first, second = house.close(1), house.close(2)
    undone = undoing.undo(house.store, first.id, actor=WANG, reason="wrong", now=house.time.at)
    house.send()
    assert (undone.state, house.platform.closed) == (S.UNDONE, {"s1"})

    undoing.undo(house.store, second.id, actor=WANG, reason="wrong too", now=house.time.at)
    house.send()
    assert house.platform.closed == set()
