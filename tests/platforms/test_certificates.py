"""A platform whose certificate is no good: nothing is sent to it, people read why; it goes on once that is mended."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from scanner.model import Listing, TakedownState
from scanner.orders import Answer, Channel, Order, Shows
from scanner.platforms import Oscar
from scanner.platforms.http import Client
from scanner.rulebook import Rulebook
from scanner.store import Store
from scanner.takedown import undoing
from scanner.takedown.sending import send_due
from tests.certificates import Authority
from tests.fakes import NOON
from tests.outbox import LOOKS, Time, listed
from tests.standins import TITLES, TOKEN, OscarShop, served

ORDER = Order(key="decision-1-hide", action="hide", listing_id="1", title=TITLES["1"])


@pytest.fixture
def authority(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Authority:
    """An authority that this machine trusts."""
    made = Authority(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(made.file))
    return made


class SafeShop(OscarShop):
    """A shop over HTTPS; ``show_certificate`` changes what it shows from the next connection on."""

    context: ssl.SSLContext

    def show_certificate(self, file: Path) -> None:
        """As its operator does who renews it."""
        self.context.load_cert_chain(file)


@contextmanager
def safe(shop: SafeShop, certificate: Path) -> Iterator[SafeShop]:
    """The shop with that certificate, while the block runs."""
    shop.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    shop.show_certificate(certificate)
    with served(shop, context=shop.context) as running:
        running.url = running.url.replace("http://", "https://")
        yield shop


def platform(shop: SafeShop) -> Oscar:
    """The adapter as it is, with an own client."""
    return Oscar(shop.url, TOKEN, client=Client(seconds=5), lag_seconds=0)


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"hours": -1}, "its certificate has expired: its operator must renew it"),
        ({"host": "shop.example"}, "its certificate is for another name"),
        ({"address": "127.0.0.2"}, "its certificate is for another name"),
        ({}, ""),
    ],
    ids=["expired", "another host", "another address", "good"],
)
def test_what_is_wrong_with_a_certificate_is_said(authority: Authority, given: dict, says: str) -> None:  # type: ignore[type-arg]  # of two kinds
    """In a sentence for whoever writes to the shop; no order and no look gets through."""
    with safe(SafeShop(), authority.sign("shop", **given)) as shop:
        receipt = platform(shop).send(ORDER)
        seen = platform(shop).look(ORDER, platform(shop).ways[0])

    assert receipt.is_done is (not says)
    assert says in receipt.says
    assert shop.public["1"] is bool(says)
    if says:
        assert (receipt.answer, seen.shows) == (Answer.AWAY, Shows.UNKNOWN)
        assert shop.asked == [], "the token has left this machine"


def test_a_certificate_that_nobody_trusts_is_said(tmp_path: Path) -> None:
    """The authority is not one of this machine's."""
    with safe(SafeShop(), Authority(tmp_path).sign("shop")) as shop:
        assert "nobody that this machine trusts has signed its certificate" in platform(shop).send(ORDER).says


def test_an_expired_certificate_loses_nothing_and_costs_no_attempts(
    store: Store, small_rulebook: Rulebook, tmp_path: Path, authority: Authority
) -> None:
    """The board says why for two days; once it is renewed everything goes out, in order, without anybody's doing."""
    offers = [Listing(platform="demo", listing_id=number, title=title) for number, title in TITLES.items()]
    listed(store, small_rulebook, tmp_path / "spool", offers)
    time = Time(NOON + timedelta(minutes=2))
    with safe(SafeShop(), authority.sign("old", hours=-1)) as shop:
        channels = {"demo": Channel(platform=platform(shop), rate=1000, concurrency=1, looks=LOOKS)}
        for _ in range(16):
            send_due(store, channels, clock=time, pause=time.pause)
            time.move(hours=3)
        board = undoing.board(store)
        assert "its certificate has expired" in board.standings[0].says
        assert max(order.attempts for order in board.takedowns) <= 3

        shop.show_certificate(authority.sign("new"))
        for _ in range(2):
            send_due(store, channels, clock=time, pause=time.pause)
            time.move(minutes=5)
        assert [listing for listing, _ in shop.effects] == list(TITLES)
    assert {order.state for order in undoing.board(store).takedowns} == {TakedownState.ACCEPTED}
