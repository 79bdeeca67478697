"""Vendure's own ways of misleading, each as it was met on a real shop."""

from __future__ import annotations

import json

import pytest

from scanner.model import TakedownState
from scanner.orders import Answer, LookOutcome, Order, Shows
from scanner.platforms.http import Client
from scanner.platforms.vendure import number_of
from scanner.takedown.sighting import judge, sight_of
from tests.fakes import NOON
from tests.standins import TOKEN


def test_bulk_half_works_and_is_not_used(vendure) -> None:
    """The stand-in disables the first and reports failure, as the real one; the adapter tells products one by one."""
    vendure.platform.probe()
    url = f"http://{vendure.asked()[-1].headers['host']}/admin-api"
    inputs = [{"id": "1", "enabled": False}, {"id": "99999", "enabled": False}]
    body = json.dumps({"query": "mutation { updateProducts(input: $input) { id } }", "variables": {"input": inputs}})
    reply = Client().call("POST", url, headers={"Authorization": f"Bearer {TOKEN}"}, body=body.encode())
    assert (reply.status, reply.json["data"], vendure.is_public("1")) == (200, None, False)

    vendure.platform.send(vendure.order(listing_id="2"))
    assert "updateProducts" not in vendure.asked()[-1].json["query"]
    assert vendure.asked()[-1].json["variables"] == {"input": {"id": "2", "enabled": False}}


def test_search_lags_and_is_not_held_against_it(vendure) -> None:
    """Right after the order search still finds it: that is not partially live until its time is over."""
    order = vendure.order()
    vendure.platform.send(order)
    seen = [(way, vendure.platform.look(order, way)) for way in vendure.platform.ways]
    assert [one.shows for _, one in seen] == [Shows.ABSENT, Shows.ABSENT, Shows.PRESENT]

    for minutes, outcome in ((5, LookOutcome.VERIFIED_REMOVED), (60, LookOutcome.PARTIALLY_LIVE)):
        at = NOON.replace(hour=13)
        before = at.replace(hour=12, minute=60 - minutes) if minutes < 60 else NOON
        sights = [sight_of(one, way, action="hide", accepted_at=before, at=at) for way, one in seen]
        assert judge(sights, action="hide", before=TakedownState.ACCEPTED) is outcome

    vendure.settle()
    assert vendure.platform.look(order, vendure.platform.ways[2]).shows is Shows.ABSENT


def test_a_term_too_short_finds_everything_and_is_not_asked(vendure) -> None:
    """Two characters are ignored by its search, so what that finds says nothing."""
    order = Order(key="k", action="hide", listing_id="1", title="锤子")
    seen = vendure.platform.look(order, vendure.platform.ways[2])

    assert (seen.shows, seen.captures) == (Shows.UNKNOWN, ())


def test_an_error_is_an_error_although_the_status_is_200(vendure) -> None:
    """FORBIDDEN comes with 200 and no data."""
    receipt = vendure.with_token("wrong").send(vendure.order())

    assert (receipt.answer, receipt.status) == (Answer.DENIED, 200)


def test_an_api_key_goes_in_its_own_header(vendure) -> None:
    """A token with a colon in it is an API key."""
    receipt = vendure.with_token(f"{TOKEN[:24]}:{TOKEN}").send(vendure.order())

    assert receipt.is_done
    assert "authorization" not in vendure.asked()[-1].headers


@pytest.mark.parametrize(
    ("listing_id", "number"),
    [("7", "7"), ("products/7", "7"), ("p/heavy-hammer-7", "heavy-hammer-7"), ("1/../2", "1/../2"), ("", "")],
)
def test_where_a_products_id_is_found(listing_id: str, number: str) -> None:
    """The last part of a path that is one; what is none is left as it is, and the shop does not know it."""
    assert number_of(Order(key="k", action="hide", listing_id=listing_id)) == number


def test_search_knows_a_name_in_its_own_language_only(vendure) -> None:
    """A Chinese name is asked for in Chinese; not found there, that proves nothing, and the product is the truth."""
    order = vendure.order(listing_id="23")
    search = vendure.platform.ways[-1]
    assert not order.title.isascii()
    assert vendure.platform.look(order, search).shows is Shows.PRESENT
    assert vendure.asked()[-1].path == "/shop-api?languageCode=zh_Hans"

    vendure.platform.send(order)
    vendure.settle()
    assert vendure.platform.look(order, search).shows is Shows.UNKNOWN
    assert vendure.platform.look(order, vendure.platform.ways[0]).shows is Shows.ABSENT
