"""The signed webhook against the example receiver: who is let in, and that a key has one effect."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from scanner.orders import Answer, Order
from scanner.platforms.http import Client
from scanner.platforms.webhook import Webhook, signature
from scanner.takedown.telling import PlatformSettings
from tests.standins import TOKEN, HookedShop, served

ORDER = Order(key="decision-1-hide", action="hide", listing_id="1", title="Red Lamp", reason="prohibited_goods")


@pytest.fixture
def shop() -> Iterator[HookedShop]:
    """A shop behind the example receiver."""
    made = HookedShop()
    with served(made):
        yield made


def webhook(shop: HookedShop, *, at: float | None = None, secret: str = TOKEN) -> Webhook:
    """The adapter, its clock set."""
    settings = PlatformSettings(adapter="webhook", url=f"{shop.url}/hook", page_url=f"{shop.url}/item/{{id}}")
    moment = datetime.fromtimestamp(time.time() if at is None else at, UTC)
    return Webhook(settings, secret, client=Client(seconds=5), clock=lambda: moment)


def test_the_signature_is_as_documented() -> None:
    """A fixed example, worked out with another tool, so that a receiver in any language can be tested against it."""
    assert signature("secret", "1700000000", b'{"action":"ping"}') == (
        "v1=b16dfc3422f5d6ade5852cb0dab6a38b01c4d0e6c35b9a527fb3fc8d36f95ce2"
    )


@pytest.mark.parametrize(("seconds", "is_let_in"), [(0, True), (-290, True), (290, True), (-310, False), (310, False)])
def test_an_old_or_early_call_is_not_let_in(shop: HookedShop, seconds: int, is_let_in: bool) -> None:
    """Five minutes each way."""
    receipt = webhook(shop, at=time.time() + seconds).send(ORDER)

    assert receipt.is_done is is_let_in
    assert shop.public["1"] is not is_let_in


def test_a_recorded_call_cannot_be_changed(shop: HookedShop) -> None:
    """Another body, another timestamp, another secret: none fits the signature."""
    webhook(shop).send(ORDER)
    asked = shop.asked[-1]
    given = (asked.headers["delist-timestamp"], asked.headers["delist-signature"], asked.body)
    later = str(int(given[0]) + 1)

    assert shop.receiver.take(*given)[0] == 200
    assert shop.receiver.take(given[0], given[1], given[2].replace(b'"1"', b'"2"'))[0] == 401
    assert shop.receiver.take(later, given[1], given[2])[0] == 401
    assert shop.receiver.take(given[0], signature("other", given[0], given[2]), given[2])[0] == 401
    assert shop.receiver.take(given[0], "", given[2])[0] == 401
    assert len(shop.effects) == 1


def test_a_key_names_one_order(shop: HookedShop) -> None:
    """The same key for another listing is a mistake that the receiver refuses and a person sees."""
    webhook(shop).send(ORDER)
    receipt = webhook(shop).send(Order(key=ORDER.key, action="hide", listing_id="2"))

    assert receipt.answer is Answer.REFUSED
    assert "another order" in receipt.says
    assert shop.public["2"]


def test_a_receiver_may_refuse_in_words(shop: HookedShop) -> None:
    """Its own sentence reaches the moderator."""
    receipt = webhook(shop).send(Order(key="k", action="restrict", listing_id="1"))

    assert (receipt.answer, receipt.says) == (
        Answer.REFUSED,
        "The platform will not do this order: we cannot restrict.",
    )


def test_the_body_says_all_that_a_receiver_needs(shop: HookedShop) -> None:
    """Key, action, and the listing with the reason."""
    webhook(shop).send(ORDER)
    body = shop.asked[-1].json

    assert (body["key"], body["action"]) == ("decision-1-hide", "hide")
    assert body["listing"]["listing_id"] == "1"
    assert body["listing"]["reason"] == "prohibited_goods"
    assert shop.asked[-1].headers["idempotency-key"] == "decision-1-hide"
