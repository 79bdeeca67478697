"""The simulated marketplace through the whole path, over real HTTP: sent, misbehaved, looked at, found out."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from scanner.demo import Conduct, Fault, FaultKind, Place, Removal, Shop, serve
from scanner.model import Listing, TakedownState
from scanner.orders import Channel, LookOutcome
from scanner.platforms import Demo
from scanner.platforms.http import Client
from scanner.rulebook import Rulebook
from scanner.store import Store
from scanner.takedown import undoing
from scanner.takedown.sending import send_due
from scanner.takedown.verify import look_due
from tests.fakes import NOON
from tests.outbox import LOOKS, Time, keep, listed

REMOVED, LIVE, PARTLY = LookOutcome.VERIFIED_REMOVED, LookOutcome.STILL_LIVE, LookOutcome.PARTIALLY_LIVE


@dataclass
class Road:
    """A decided case, the marketplace, and the time of both."""

    store: Store
    shop: Shop
    listing: str
    time: Time

    def channel(self) -> dict[str, Channel]:
        """The marketplace as the use cases are given it."""
        platform = Demo(self.shop.url, self.shop.token, client=Client(seconds=1), lag_seconds=900)
        return {"demo": Channel(platform=platform, rate=1000, concurrency=1, looks=LOOKS)}

    def send(self) -> None:
        """What is due."""
        send_due(self.store, self.channel(), clock=self.time, pause=self.time.pause)

    def look(self, **later: float) -> list[LookOutcome]:
        """So much later, by both clocks."""
        self.time.move(**later)
        self.shop.clock.advance(**later)
        return list(look_due(self.store, self.channel(), keep=keep, clock=self.time, pause=self.time.pause).outcomes)

    @property
    def calls(self) -> list[str]:
        """The keys of all orders that arrived."""
        return [call.key for call in self.shop.desk.calls]

    @property
    def effects(self) -> list[str]:
        """What really changed, by key."""
        return [effect.key for effect in self.shop.market.effects if effect.key]


@pytest.fixture
def path(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> Iterator[Road]:
    """A listing of a small marketplace that was decided to be removed two minutes ago."""
    with serve(seed=3, listings=40) as shop:
        item = shop.market.catalogue()[0]
        listing = Listing(platform="demo", listing_id=item.id, title=item.title)
        listed(store, small_rulebook, tmp_path / "spool", [listing])
        yield Road(store, shop, item.id, Time(NOON + timedelta(minutes=2)))


@pytest.mark.parametrize("removal", Removal)
def test_gone_is_gone_however_it_looks(path: Road, removal: Removal) -> None:
    """410, 404, a banner on a page that answers 200, a way back to the front page: proven each time."""
    path.shop.market.behave(path.listing, removal=removal)
    path.send()

    assert [path.look(minutes=5), path.look(hours=1)] == [[REMOVED], [REMOVED]]


@pytest.mark.parametrize(
    ("conduct", "at_five", "at_sixteen"),
    [
        (Conduct.HONEST, [REMOVED], []),
        (Conduct.LIE, [LIVE], []),
        (Conduct.SEARCH_ONLY, [PARTLY], []),
        (Conduct.DETAIL_ONLY, [], [PARTLY]),  # lists may lag fifteen minutes and no longer
        (Conduct.SEARCH_LAGS, [], [REMOVED]),
    ],
)
def test_each_conduct_is_found_out(
    path: Road, conduct: Conduct, at_five: list[LookOutcome], at_sixteen: list[LookOutcome]
) -> None:
    """At the first look what can be known then, and the rest when the lag is over."""
    path.shop.market.behave(path.listing, conduct=conduct)
    path.send()

    assert [path.look(minutes=5), path.look(minutes=11)] == [at_five, at_sixteen]


@pytest.mark.parametrize("kind", [FaultKind.SERVER_ERROR, FaultKind.ERROR_AFTER_EFFECT, FaultKind.DROP])
def test_two_failures_then_success_are_one_effect(path: Road, kind: FaultKind) -> None:
    """Three attempts, whatever the first two met, and one effect under the one key."""
    path.shop.faults.add(Fault(kind=kind, place=Place.ADMIN, times=2))
    for _ in range(4):
        path.send()
        path.time.move(minutes=1)

    order = undoing.board(path.store).takedowns[0]
    assert (order.state, order.attempts) == (TakedownState.ACCEPTED, 3)
    assert path.effects == ["decision-1-hide"]
    assert set(path.calls) == {"decision-1-hide"}


def test_what_is_put_back_is_found(path: Road) -> None:
    """Verified, then back on sale a day later."""
    path.send()
    assert path.look(minutes=5) == [REMOVED]
    path.shop.market.restore(path.listing)

    assert path.look(hours=24) == [LookOutcome.REAPPEARED]


BLINDING = (FaultKind.CAPTCHA, FaultKind.TRUNCATE, FaultKind.STALL, FaultKind.SLOW_LORIS, FaultKind.EMPTY)


@pytest.mark.parametrize("kind", BLINDING)
def test_a_page_that_cannot_be_seen_proves_nothing(path: Road, kind: FaultKind) -> None:
    """Looked at again until it can be."""
    path.send()
    path.shop.faults.add(Fault(kind=kind, place=Place.ITEM, times=1, seconds=20))

    assert path.look(minutes=5) == []
    assert path.look(minutes=1) == [REMOVED]


def test_a_platform_that_is_away_comes_back(path: Road) -> None:
    """Its administration answers nothing for an hour; then the order goes."""
    path.shop.faults.add(Fault(kind=FaultKind.DROP, place=Place.ADMIN))
    for _ in range(30):
        path.send()
        path.time.move(minutes=2)
    assert path.effects == []
    path.shop.faults.clear()
    for _ in range(4):
        path.send()
        path.time.move(minutes=2)

    assert path.effects == ["decision-1-hide"]
    assert undoing.board(path.store).takedowns[0].attempts < 6
