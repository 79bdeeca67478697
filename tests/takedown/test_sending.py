"""Sending takedowns: once, in order, within the rate, through failures; held, cancelled and undone by people."""

from __future__ import annotations

import threading
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from scanner import audit
from scanner.errors import Conflict, Forbidden, IllegalMove, InputError
from scanner.model import Actor, CaseState, Role, Ruling, Seller, TakedownState
from scanner.moderation import cases
from scanner.orders import Answer, Order, Receipt
from scanner.rulebook import Rulebook
from scanner.store import Store
from scanner.takedown import undoing
from scanner.takedown.sending import send_due
from scanner.takedown.telling import TakedownSettings
from tests.fakes import LI, NOON, WANG, offer
from tests.outbox import (
    ACCEPTED,
    AWAY,
    BROKEN,
    REFUSED,
    Time,
    Told,
    channel,
    kinds,
    listed,
    offers,
    remove,
)

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def time() -> Time:
    """Two minutes past noon: what was decided at noon is due."""
    return Time(NOON + timedelta(minutes=2))


@pytest.fixture
def one(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> Store:
    """A store with one case that is decided."""
    listed(store, small_rulebook, tmp_path, offers(1))
    return store


@pytest.fixture
def many(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> Store:
    """A store with twelve cases that are decided."""
    listed(store, small_rulebook, tmp_path, offers(12))
    return store


def send(store: Store, platform: Told, time: Time, *, minutes: float = 0, **more: object) -> None:
    """Send what is due, again and again over so many minutes."""
    over = time.at + timedelta(minutes=minutes)
    while True:
        send_due(store, channel(platform), clock=time, pause=time.pause, **more)  # type: ignore[arg-type]  # by name
        if time.at >= over:
            return
        time.move(seconds=30)


def state(store: Store, case_id: int = 1, number: int = -1) -> tuple[TakedownState, CaseState]:
    """Where a case's newest order and the case are."""
    file = cases.show(store, case_id)
    return file.takedowns[number].state, file.row.case.state


def test_nothing_goes_before_the_undo_window_is_over(one: Store) -> None:
    """A minute to change one's mind, to the second."""
    platform, time = Told(), Time(NOON + timedelta(seconds=59))
    send(one, platform, time)
    assert platform.calls == []

    time.move(seconds=1)
    send(one, platform, time)
    assert [call.key for call in platform.calls] == ["decision-1-hide"]


@pytest.mark.parametrize("breaks_after_effect", [False, True])
def test_two_failures_then_success_are_three_calls_and_one_effect(
    one: Store, time: Time, breaks_after_effect: bool
) -> None:
    """The same key each time, also where the platform broke after it had done it."""
    platform = Told([BROKEN, BROKEN], breaks_after_effect=breaks_after_effect)
    send(one, platform, time, minutes=5)

    assert [call.key for call in platform.calls] == ["decision-1-hide"] * 3
    assert platform.effects == [("decision-1-hide", "hide", "1")]
    assert state(one) == (TakedownState.ACCEPTED, CaseState.ACTIONED)


def test_every_step_is_on_record(one: Store, time: Time) -> None:
    """From decision to acceptance, with the platform's own words, in a history that holds."""
    send(one, Told([BROKEN]), time, minutes=5)

    assert kinds(one)[2:] == [
        "takedown.sending",
        "takedown.not_accepted",
        "takedown.sending",
        "takedown.accepted",
        "case.actioned",
    ]
    with one.reading() as tx:
        told = next(event for event in tx.events_about("case:1") if event.kind == "takedown.not_accepted")
    assert (told.data["says"], told.data["key"], told.data["attempt"]) == ("it broke", "decision-1-hide", 1)
    assert audit.verify(one).is_sound


@pytest.mark.databases("sqlite")  # a thousand transactions, and nothing of SQL that others do not ask
def test_a_platform_that_is_down_for_a_day_gets_everything_afterwards_in_order(many: Store, time: Time) -> None:
    """Orders lose no attempts while it is away, and go out as they were decided, within the rate."""
    platform, back = Told(), time.at + timedelta(hours=24)
    platform.is_away = lambda: time.at < back
    times: list[float] = []
    plain = platform.send
    platform.send = lambda order: (times.append(time.at.timestamp()), plain(order))[1]  # type: ignore[method-assign]  # to see when

    while time.at < back + timedelta(minutes=10):
        send_due(many, channel(platform, rate=2), clock=time, pause=time.pause)
        time.move(minutes=1)

    assert [listing for _, _, listing in platform.effects] == [str(number) for number in range(1, 13)]
    after = times[-12:]
    assert all(later - earlier >= 0.5 for earlier, later in pairwise(after))
    assert len(platform.calls) < 20, "it was not left in peace"
    assert max(takedown.attempts for takedown in undoing.board(many).takedowns) < 12
    with many.reading() as tx:
        assert [event.kind for event in tx.events_about("platform:demo")] == ["platform.away", "platform.back"]


def test_one_bad_order_does_not_hold_up_the_others(many: Store, time: Time) -> None:
    """An order at which the platform always breaks fails by itself after twelve attempts; the others go."""
    platform = Told()
    plain = platform.send
    platform.send = lambda order: BROKEN if order.listing_id == "3" else plain(order)  # type: ignore[method-assign]  # breaks at one
    for _ in range(30):
        send(many, platform, time)
        time.move(hours=2)

    assert len(platform.effects) == 11
    assert state(many, 3) == (TakedownState.FAILED, CaseState.REOPENED)
    assert undoing.board(many, (TakedownState.FAILED,)).takedowns[0].attempts == 12


def test_a_refusal_is_final_and_goes_to_a_person_in_words(one: Store, time: Time) -> None:
    """One call; the case is reopened with the platform's reason."""
    platform = Told([REFUSED])
    send(one, platform, time, minutes=10)

    assert len(platform.calls) == 1
    assert state(one) == (TakedownState.FAILED, CaseState.REOPENED)
    assert cases.show(one, 1).takedowns[0].last_error == "not this one"


def test_throttling_pauses_the_platform_and_uses_no_attempt(many: Store, time: Time) -> None:
    """After 429 nothing goes to the platform until the time it named, whichever order it was said to."""
    platform = Told([Receipt(answer=Answer.THROTTLED, says="slow down", status=429, retry_after=300)])
    send(many, platform, time, minutes=4)
    assert len(platform.calls) == 1
    assert undoing.board(many, (TakedownState.SENT,)).takedowns[0].attempts == 0

    send(many, platform, time, minutes=2)
    assert [listing for _, _, listing in platform.effects] == [str(number) for number in range(1, 13)]


def test_already_gone_is_success(one: Store, time: Time) -> None:
    """What the platform does not know any more is accepted as gone, and looked at like the rest."""
    send(one, Told([Receipt(answer=Answer.ALREADY, says="gone already", status=404)]), time)

    assert state(one)[0] is TakedownState.ACCEPTED
    assert len(undoing.looks_at(one, 1)) == 4


def test_two_senders_at_once_send_everything_once(many: Store, store_url: str) -> None:
    """Each order is sent by one of two senders on one store, and concurrency holds for both together."""
    platform = Told()
    second = Store.open(store_url)
    channels = channel(platform, concurrency=3)
    senders = [threading.Thread(target=send_due, args=(store, channels)) for store in (many, second)]
    for sender in senders:
        sender.start()
    for sender in senders:
        sender.join()
    second.close()

    assert sorted(call.key for call in platform.calls) == sorted(f"decision-{n}-hide" for n in range(1, 13))
    assert platform.most_busy <= 3


def test_an_order_of_a_dead_sender_is_sent_again_under_its_key(one: Store, time: Time) -> None:
    """What a sender held when it died waits for the end of its lease, and a late answer changes nothing."""
    platform = Told()
    plain = platform.send

    def slow(order: Order) -> Receipt:
        """Takes longer than the lease; meanwhile somebody else sends the order."""
        platform.send = plain  # type: ignore[method-assign]  # only the first is slow
        time.move(minutes=1)
        send(one, platform, time)
        assert len(platform.calls) == 0, "the lease does not hold"
        time.move(minutes=2)
        send(one, platform, time)
        return plain(order)

    platform.send = slow  # type: ignore[method-assign]  # the sender that is overtaken
    send(one, platform, time)

    assert [call.key for call in platform.calls] == ["decision-1-hide"] * 2
    assert len(platform.effects) == 1
    assert kinds(one)[-3:] == ["takedown.accepted", "case.actioned", "takedown.late_answer"]
    assert state(one)[0] is TakedownState.ACCEPTED


@pytest.mark.parametrize(
    ("limits", "sent"),
    [
        ({"per_rule": 5}, 5),
        ({"per_category": 4}, 4),
        ({"per_seller": 2}, 4),  # of two sellers
        ({"per_hour": 7}, 7),
        ({"per_rule": 0, "per_seller": 0}, 12),
    ],
)
def test_too_many_of_a_kind_are_held_never_dropped(
    store: Store, small_rulebook: Rulebook, tmp_path: Path, time: Time, limits: dict[str, int], sent: int
) -> None:
    """A stampede stops at its limit; the rest is held with the reason on its case, and goes when a person lets it."""
    sellers = [Seller(id="s1", name="One"), Seller(id="s2", name="Two")]
    listings = [offer(str(number), seller=sellers[number % 2]) for number in range(1, 13)]
    listed(store, small_rulebook, tmp_path, listings)
    platform = Told()
    send(store, platform, time, limits=TakedownSettings(**limits), minutes=2)

    held = undoing.board(store, (TakedownState.HELD,)).takedowns
    assert (len(platform.effects), len(held)) == (sent, 12 - sent)
    for order in held:
        assert "within an hour" in order.last_error
        assert kinds(store, order.case_id)[-1] == "takedown.held"
        undoing.retry(store, order.id, actor=LI, now=time.at)
    send(store, platform, time, limits=TakedownSettings(**limits))
    assert len(platform.effects) == 12


def test_a_breaker_never_holds_what_gives_back(many: Store, time: Time) -> None:
    """Undoing a mistake is not a stampede."""
    platform = Told()
    send(many, platform, time)
    for number in range(1, 13):
        undoing.undo(many, number, actor=LI, reason="a rule gone wrong", now=time.at)
    send(many, platform, time, limits=TakedownSettings(per_hour=1, per_rule=1))

    assert [effect[1] for effect in platform.effects[12:]] == ["restore"] * 12


def test_undo_before_it_is_due_cancels(one: Store) -> None:
    """Within the undo window the platform never hears of it, and the case waits for a person again."""
    platform, time = Told(), Time(NOON + timedelta(seconds=30))
    cancelled = undoing.undo(one, 1, actor=LI, reason="the wrong one", now=time.at)
    send(one, platform, time, minutes=30)

    assert cancelled.state is TakedownState.CANCELLED
    assert (platform.calls, state(one)) == ([], (TakedownState.CANCELLED, CaseState.REOPENED))
    with one.reading() as tx:
        step = tx.events_about("case:1")[-2]
    assert (step.kind, step.actor, step.data["reason"]) == ("takedown.cancelled", "li", "the wrong one")


def test_do_then_undo_is_as_it_was(many: Store, time: Time) -> None:
    """Effects included: what was hidden is shown by the same path, and the case can be decided anew."""
    platform = Told()
    send(many, platform, time)
    inverse = undoing.undo(many, 1, actor=WANG, reason="appeal upheld", now=time.at)
    assert (inverse.action, inverse.undoes, inverse.key) == ("restore", 1, "decision-1-restore")
    send(many, platform, time)

    assert platform.hidden["1"] == set()
    assert state(many, 1, 0) == (TakedownState.UNDONE, CaseState.REOPENED)
    assert state(many, 1)[0] is TakedownState.ACCEPTED
    remove(many, 1, now=time.at)
    send(many, platform, time, minutes=2)
    assert [effect[1] for effect in platform.effects if effect[2] == "1"] == ["hide", "restore", "hide"]
    assert platform.hidden["1"] == {"page", "search"}


def test_what_was_decided_last_arrives_last(one: Store, time: Time) -> None:
    """An order on a listing waits for an earlier one on it that is still being retried."""
    platform = Told([ACCEPTED, BROKEN])
    send(one, platform, time)
    undoing.undo(one, 1, actor=LI, reason="wrong", now=time.at)
    send(one, platform, time)
    remove(one, 1, now=time.at - timedelta(minutes=1))
    send(one, platform, time)
    assert [call.action for call in platform.calls] == ["hide", "restore"]

    send(one, platform, time, minutes=2)
    assert [effect[1] for effect in platform.effects] == ["hide", "restore", "hide"]


def test_a_failed_order_can_be_sent_after_all(one: Store, time: Time) -> None:
    """The case is decided as it was; the key is the same."""
    platform = Told([REFUSED])
    send(one, platform, time)
    undoing.retry(one, 1, actor=LI, now=time.at)
    assert state(one) == (TakedownState.PLANNED, CaseState.DECIDED)

    send(one, platform, time)
    assert state(one) == (TakedownState.ACCEPTED, CaseState.ACTIONED)
    assert {call.key for call in platform.calls} == {"decision-1-hide"}


def test_an_order_of_a_decision_that_stands_no_more_is_not_sent_after_all(one: Store, time: Time) -> None:
    """Who ruled to keep a listing must not see it taken down by an old order."""
    send(one, Told([REFUSED]), time)
    remove(one, 1, now=time.at, ruling=Ruling.KEEP)

    with pytest.raises(IllegalMove, match="decided again since"):
        undoing.retry(one, 1, actor=LI, now=time.at)


def test_what_may_have_happened_is_undone_not_cancelled(one: Store, time: Time) -> None:
    """An order that failed may have had its effect all the same: its undo tells the platform."""
    platform = Told([BROKEN] * 12, breaks_after_effect=True)
    send(one, platform, time)
    with pytest.raises(IllegalMove, match="has gone already"):
        undoing.cancel(one, 1, actor=LI, reason="wrong", now=time.at)
    undoing.undo(one, 1, actor=LI, reason="wrong", now=time.at)
    platform.answers.clear()
    send(one, platform, time)

    assert [effect[1] for effect in platform.effects] == ["hide", "restore"]


def test_what_is_being_sent_cannot_be_undone_in_the_same_moment(one: Store, time: Time) -> None:
    """The inverse must not overtake the order."""
    platform = Told()
    seen: list[str] = []
    plain = platform.send

    def meanwhile(order: Order) -> Receipt:
        with pytest.raises(Conflict, match="right now"):
            undoing.undo(one, 1, actor=LI, reason="wrong", now=time.at)
        seen.append(order.key)
        return plain(order)

    platform.send = meanwhile  # type: ignore[method-assign]  # somebody acts while it is sent
    send(one, platform, time)
    assert seen == ["decision-1-hide"]


def test_an_undo_is_not_undone(one: Store, time: Time) -> None:
    """Deciding again makes a new order with its own inverse."""
    send(one, Told(), time)
    inverse = undoing.undo(one, 1, actor=LI, reason="wrong", now=time.at)

    for act in (undoing.undo, undoing.cancel):
        with pytest.raises(IllegalMove, match="itself an undo"):
            act(one, inverse.id, actor=LI, reason="wrong", now=time.at)
    with pytest.raises(IllegalMove, match="undone cannot undo"):
        undoing.undo(one, 1, actor=LI, reason="wrong", now=time.at)


def test_only_people_with_a_reason_change_orders(one: Store) -> None:
    """No reason, no name, no machine."""
    for actor, reason in ((LI, " "), (Actor(name=""), "wrong"), (Actor(name="delist", role=Role.SYSTEM), "wrong")):
        with pytest.raises((InputError, Forbidden)):
            undoing.undo(one, 1, actor=actor, reason=reason, now=NOON)


def test_a_platform_that_is_not_configured_loses_nothing(one: Store, time: Time) -> None:
    """Its orders stay where they are."""
    assert send_due(one, {}, clock=time).attempts == 0
    assert AWAY.answer is Answer.AWAY
    assert state(one)[0] is TakedownState.PLANNED
