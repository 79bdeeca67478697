"""Clocks that jump, summer time, machines in several time zones: nothing is lost, doubled, or kept for a wrong day."""

from __future__ import annotations

import time as system_time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from scanner import audit
from scanner.model import TakedownState
from scanner.orders import Answer, Order, Receipt, Seen
from scanner.rulebook import Rulebook
from scanner.store import Store
from scanner.takedown import undoing
from scanner.takedown.sending import send_due
from scanner.takedown.verify import look_due
from tests.fakes import LI, NOON
from tests.outbox import BROKEN, Time, Told, channel, keep, listed, offers, remove

TOMORROW = NOON + timedelta(days=1)
SOON = timedelta(minutes=2)


class Died(Exception):
    """A sender was killed in the middle of an order."""


@pytest.fixture
def two(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> Store:
    """A store with two cases that nobody has decided."""
    listed(store, small_rulebook, tmp_path, offers(2), decide=False)
    return store


def send(store: Store, platform: Told, time: Time, **later: float) -> None:
    """So much later."""
    time.move(**later)
    send_due(store, channel(platform, rate=1), clock=time, pause=time.pause)


def look(store: Store, platform: Told, time: Time, **later: float) -> None:
    """So much later."""
    time.move(**later)
    look_due(store, channel(platform), keep=keep, clock=time, pause=time.pause)


def states(store: Store) -> list[TakedownState]:
    """Where the orders are, oldest first."""
    return [order.state for order in reversed(undoing.board(store).takedowns)]


def set_back(store: Store) -> list[dict[str, object]]:
    """What is on record of clocks that were set back."""
    with store.reading() as tx:
        events = tx.events_about("platform:demo")
        return [event.data for event in events if event.kind == "platform.clock_set_back"]


@pytest.mark.databases("sqlite", "postgresql")
def test_what_was_decided_tomorrow_goes_today(two: Store) -> None:
    """After the clock was set back its undo window begins again, whole, and it does not wait for the wrong day."""
    platform, time = Told(), Time(NOON)
    remove(two, 1, now=TOMORROW)
    send(two, platform, time)
    send(two, platform, time, seconds=59)
    assert platform.calls == []
    send(two, platform, time, seconds=1)
    send(two, platform, time, hours=1)

    assert [call.key for call in platform.calls] == ["decision-1-hide"]
    assert set_back(two) == [{"orders": [1], "looks": []}], "told once, not at every turn"


def test_a_sender_that_died_tomorrow_holds_nothing_up(two: Store) -> None:
    """Its lease lasts as long from now as a lease does; then the order goes again, under its key."""
    platform, time = Told(), Time(TOMORROW)
    remove(two, 1, now=NOON)
    plain = platform.send

    def die(order: Order) -> Receipt:
        plain(order)
        raise Died

    platform.send = die  # type: ignore[method-assign]  # once
    with pytest.raises(Died):
        send(two, platform, time)
    platform.send = plain  # type: ignore[method-assign]  # as ever
    time.at = NOON + SOON
    send(two, platform, time)
    assert len(platform.calls) == 1, "who holds it may be alive"
    send(two, platform, time, minutes=2)

    assert [call.key for call in platform.calls] == ["decision-1-hide"] * 2
    assert len(platform.effects) == 1


@pytest.mark.parametrize(
    "tomorrow",
    [
        Receipt(answer=Answer.ACCEPTED, says="done"),
        Receipt(answer=Answer.THROTTLED, says="slow down", status=429, retry_after=30),
        BROKEN,
    ],
    ids=["rate", "pause", "retry"],
)
def test_what_tomorrow_had_to_wait_for_is_not_waited_for(two: Store, tomorrow: Receipt) -> None:
    """Neither the platform's rate nor a pause nor a retry keeps back what is due today for more than half a day."""
    platform, time = Told([tomorrow]), Time(TOMORROW)
    remove(two, 1, now=TOMORROW - SOON)
    send(two, platform, time)
    remove(two, 2, now=NOON)
    time.at = NOON + SOON
    for _ in range(13):
        send(two, platform, time, hours=1)

    assert {listing for _, _, listing in platform.effects} == {"1", "2"}
    assert time.at < TOMORROW


def test_looks_come_in_their_time_after_the_clock_was_set_back(two: Store) -> None:
    """Five minutes after the acceptance is five minutes from now, not tomorrow."""
    platform, time = Told(), Time(TOMORROW)
    remove(two, 1, now=TOMORROW - SOON)
    send(two, platform, time)
    time.at = NOON
    look(two, platform, time)
    look(two, platform, time, minutes=5)

    assert states(two) == [TakedownState.VERIFIED_REMOVED]
    assert len(set_back(two)) == 1


def test_a_verifier_that_died_in_half_an_hour_holds_no_look_up(two: Store) -> None:
    """Who holds a look beyond any lease took it when the clock was wrong."""
    platform, time = Told(), Time(NOON + SOON)
    remove(two, 1, now=NOON)
    send(two, platform, time)
    plain, platform.look = platform.look, die  # type: ignore[method-assign]  # once
    with pytest.raises(Died):
        look(two, platform, time, minutes=30)
    platform.look = plain  # type: ignore[method-assign]  # as ever
    time.at = NOON + 4 * SOON
    look(two, platform, time)

    assert states(two) == [TakedownState.VERIFIED_REMOVED]


def die(*_: object) -> Seen:
    """In the middle of a look."""
    raise Died


def test_a_clock_that_is_set_forward_ends_windows_early_and_does_no_harm(two: Store) -> None:
    """It goes at once, is looked at at once, and what happened in which order is still in the history."""
    platform, time = Told(), Time(NOON)
    remove(two, 1, now=NOON)
    send(two, platform, time, days=400)
    look(two, platform, time, days=400)

    assert (len(platform.effects), states(two)) == (1, [TakedownState.VERIFIED_REMOVED])
    assert audit.verify(two).is_sound


ZONES = ("America/New_York", "Asia/Shanghai", "Europe/Berlin")
# Half a minute before clocks in New York are set forward and back, and in Berlin back, in 2026.
CHANGES = (
    datetime(2026, 3, 8, 6, 59, 30, tzinfo=UTC),
    datetime(2026, 11, 1, 5, 59, 30, tzinfo=UTC),
    datetime(2026, 10, 25, 0, 59, 30, tzinfo=UTC),
)


@pytest.fixture
def in_zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Moves this machine to another time zone; back again at the end."""

    def move(zone: str) -> None:
        monkeypatch.setenv("TZ", zone)
        system_time.tzset()

    yield move
    monkeypatch.undo()
    system_time.tzset()


@pytest.mark.parametrize("begin", CHANGES, ids=lambda moment: f"{moment:%b}")
@pytest.mark.databases("sqlite", "postgresql")
def test_summer_time_and_time_zones_change_no_moment(
    store: Store,
    store_url: str,
    small_rulebook: Rulebook,
    tmp_path: Path,
    begin: datetime,
    in_zone: Callable[[str], None],
) -> None:
    """Decided, sent, looked at, undone by machines in three zones across a change: each in its time, to the second."""
    in_zone(ZONES[0])
    listed(store, small_rulebook, tmp_path, offers(1), decide=False)
    remove(store, 1, now=begin)
    platform, time = Told(), Time(begin)
    with Store.open(store_url) as other:
        in_zone(ZONES[1])
        send(other, platform, time, seconds=59)
        assert platform.calls == []
        send(other, platform, time, seconds=1)
        assert len(platform.effects) == 1
        in_zone(ZONES[2])
        look(other, platform, time, seconds=299)
        assert states(other) == [TakedownState.ACCEPTED]
        look(other, platform, time, seconds=1)
        assert states(other) == [TakedownState.VERIFIED_REMOVED]
    in_zone(ZONES[0])
    order = undoing.board(store).takedowns[0]
    assert order.due_at == begin + timedelta(seconds=60)
    undoing.undo(store, 1, actor=LI, reason="wrong", now=time.at)
    send(store, platform, time)
    assert platform.hidden["1"] == set()
