"""The whole path on shops that nobody here wrote: queue, decision, order, proof, and back, as people type it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from scanner.orders import Answer, Order, Shows, Weight
from scanner.platforms.http import Client, Reply
from scanner.platforms.oscar import Oscar
from scanner.platforms.vendure import Vendure

# The undo window of a minute, the looks after it, and what a busy machine adds.
ROUNDS = 12
SECONDS = "20"


@pytest.fixture(params=["oscar", "vendure"])
def platform(request: pytest.FixtureRequest, describe: Callable[..., None]) -> tuple[str, dict[str, str]]:
    """A shop in settings of its own, and the variable that holds its token."""
    shop = request.getfixturevalue(request.param)
    describe(**{request.param: shop})
    return request.param, {"TOKEN": shop.token}


def board_with(state: str, delist: Callable[..., Any], token: dict[str, str]) -> str:
    """What the board says once an order is in ``state``; orders go and looks are done meanwhile."""
    for _ in range(ROUNDS):
        sent = delist("takedown", "send", "--for", SECONDS, **token)
        assert sent.code == 0, sent.out
        board: str = delist("takedown", "board", "--json").out
        if f'"{state}"' in board:
            break
    return board


@pytest.mark.timeout(900)
def test_from_the_queue_to_a_verified_removal_and_back(
    platform: tuple[str, dict[str, str]], delist: Callable[..., Any]
) -> None:
    """Crawled, decided, sent, accepted, verified as gone; undone, sent, verified as back; each step on record."""
    name, token = platform
    crawled = delist("inspect", name)
    assert crawled.code == 0, crawled.out
    case = json.loads(delist("queue", "--json", "--limit", "1").out)["case"]
    said = delist("decide", str(case["id"]), "remove", "--reason", "prohibited_goods", "--actor", "li")
    assert said.code == 0, said.out

    board = board_with("verified_removed", delist, token)
    assert "verified_removed" in board, board
    again = delist("inspect", name)
    assert again.code == 0, again.out

    back = delist("takedown", "undo", "1", "--reason", "appeal upheld", "--actor", "wang")
    assert back.code == 0, back.out
    board = board_with("verified_restored", delist, token)
    assert "verified_restored" in board, board

    trace = delist("case", "trace", str(case["id"]))
    print(trace.out)
    assert trace.code == 0, trace.out
    steps = (
        "case.opened",
        "case.decided",
        "takedown.accepted",
        "verified_removed",
        "takedown.undone",
        "verified_restored",
    )
    for step in steps:
        assert step in trace.out, (step, trace.out)
    assert "MISSING" not in trace.out


class Misspelling(Client):
    """A client that misspells the field of every order."""

    def call(self, method: str, url: str, *, headers: Any = None, body: bytes | None = None) -> Reply:
        """As ever, but for the field."""
        return super().call(method, url, headers=headers, body=body and body.replace(b"is_public", b"is_pubic"))


class Slashless(Client):
    """A client that leaves out the last slash of every order's address."""

    def call(self, method: str, url: str, *, headers: Any = None, body: bytes | None = None) -> Reply:
        """As ever, but for the slash."""
        return super().call(method, url.rstrip("/") if method == "PATCH" else url, headers=headers, body=body)


def order(number: int, title: str, action: str = "hide") -> Order:
    """An order on a product that no other test touches."""
    return Order(key=f"test-{number}-{action}", action=action, listing_id=str(number), title=title)


def shows(platform: Any, one: Order) -> dict[str, Shows]:
    """What each way of looking shows."""
    return {way.name: platform.look(one, way).shows for way in platform.ways}


@pytest.mark.parametrize(("client", "said"), [(Misspelling, "nothing was changed"), (Slashless, "not redirected")])
def test_oscar_misleads_and_is_not_believed(oscar: Any, client: type[Client], said: str) -> None:
    """A misspelt field is answered 200, a missing slash 301: neither counts as done, and the page is still there."""
    one = order(201, "")
    receipt = Oscar(oscar.url, oscar.token, client=client()).send(one)
    assert receipt.answer is Answer.REFUSED
    assert said in receipt.says
    assert shows(Oscar(oscar.url, oscar.token, client=Client()), one)["detail page"] is Shows.PRESENT


def test_oscars_public_api_goes_on_showing_what_the_shop_hides(oscar: Any) -> None:
    """It is looked at as evidence, and nobody judges by it; the page and its return are the truth."""
    platform = Oscar(oscar.url, oscar.token, client=Client())
    one = order(202, "USB card reader 202")
    before = shows(platform, one)
    assert platform.send(one).answer is Answer.ACCEPTED
    hidden = shows(platform, one)
    assert platform.send(order(202, one.title, "restore")).answer is Answer.ACCEPTED

    assert hidden["detail page"] is Shows.ABSENT
    assert hidden["search"] is Shows.ABSENT
    assert hidden["public API"] is Shows.PRESENT
    assert {way.name: way.weight for way in platform.ways}["public API"] is Weight.TOLD
    assert shows(platform, one) == before
    assert before["detail page"] is before["search"] is Shows.PRESENT


def test_vendures_search_lags_and_the_product_does_not(vendure: Any) -> None:
    """Forty at once keep its queue busy: gone at once as products, while search still finds some of them."""
    platform = Vendure(vendure.url, vendure.token, client=Client())
    orders = [order(number, f"Kettle, cast iron {number}") for number in range(60, 100)]
    assert {platform.send(one).answer for one in orders} == {Answer.ACCEPTED}
    truth = {platform.look(one, platform.ways[0]).shows for one in orders}
    listed = platform.look(orders[-1], platform.ways[1]).shows
    found = asked_search(vendure.url)
    for one in orders:
        assert platform.send(order(int(one.listing_id), one.title, "restore")).is_done

    assert truth == {Shows.ABSENT}
    assert listed is Shows.ABSENT
    print(f"search still counted {found} of {vendure.products} with 40 disabled")
    assert platform.ways[-1].lag_seconds > 0


def asked_search(url: str) -> int:
    """How many products Vendure's search counts."""
    body = json.dumps({"query": "{ search(input: {groupByProduct: true, take: 1}) { totalItems } }"}).encode()
    reply = Client().call("POST", f"{url}/shop-api", headers={"Content-Type": "application/json"}, body=body)
    return int(reply.json["data"]["search"]["totalItems"])


def test_vendure_says_200_to_what_it_refuses(vendure: Any) -> None:
    """A token that is none, and a product that is none, are told apart from success."""
    stranger = Vendure(vendure.url, "0" * 64, client=Client())
    known = Vendure(vendure.url, vendure.token, client=Client())
    assert stranger.send(order(1, "")).answer is Answer.DENIED
    assert known.send(order(99_999, "")).answer is Answer.ALREADY
    assert shows(known, order(1, "SIM"))["product"] is Shows.PRESENT
