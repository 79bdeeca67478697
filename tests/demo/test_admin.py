"""The administration: orders with keys, their log, behaviour and the clock, all behind the token."""

from __future__ import annotations

from typing import Any

import pytest

from scanner.demo import Shop


@pytest.mark.parametrize("header", [None, "Bearer wrong", "secret", "Basic secret"])
@pytest.mark.parametrize(("method", "path"), [("GET", "/admin/log"), ("POST", "/admin/listings/60200017/hide")])
def test_nobody_gets_in_without_the_token(shop: Shop, visit: Any, method: str, path: str, header: str | None) -> None:
    """401, and nothing happens."""
    headers = {"Authorization": header} if header else {}
    assert visit(shop, path, method=method, headers=headers).status == 401
    assert shop.market.effects == []


def test_a_listing_is_hidden_and_restored(shop: Shop, visit: Any, admin: Any) -> None:
    """An order takes effect on page, list and API, its inverse undoes it, and the log has both with key and reason."""
    item = shop.market.catalogue()[0]
    hidden = admin(
        shop,
        f"/listings/{item.id}/hide",
        method="POST",
        headers={"Idempotency-Key": "d-1"},
        body={"reason": "phone_card"},
    )
    assert hidden.json == {"target": item.id, "action": "hide", "state": "hidden", "effects": 1, "replayed": False}
    assert visit(shop, f"/item/{item.id}.html").status == 410
    assert visit(shop, f"/api/listings/{item.id}").status == 404
    assert admin(shop, f"/listings/{item.id}").json["state"] == "hidden"
    admin(shop, f"/listings/{item.id}/restore", method="POST", headers={"Idempotency-Key": "d-2"})
    assert visit(shop, f"/item/{item.id}.html").status == 200
    effects = admin(shop, "/log").json["effects"]
    assert [(effect["action"], effect["target"], effect["key"]) for effect in effects] == [
        ("hide", item.id, "d-1"),
        ("restore", item.id, "d-2"),
    ]
    assert effects[0]["reason"] == "phone_card"


def test_a_key_has_one_effect(shop: Shop, admin: Any) -> None:
    """The same key for the same order gets the same answer, replayed; for another order it is refused."""
    first, other = (item.id for item in shop.market.catalogue()[:2])
    key = {"Idempotency-Key": "k"}
    answers = [admin(shop, f"/listings/{first}/hide", method="POST", headers=key).json for _ in range(3)]
    assert [answer["replayed"] for answer in answers] == [False, True, True]
    assert all(answer | {"replayed": False} == answers[0] for answer in answers)
    assert admin(shop, f"/listings/{other}/hide", method="POST", headers=key).status == 409
    assert admin(shop, f"/listings/{first}/restore", method="POST", headers=key).status == 409
    log = admin(shop, "/log").json
    assert len(log["effects"]) == 1
    assert [call["status"] for call in log["calls"]] == [200, 200, 200, 409, 409]


def test_hiding_what_is_hidden_changes_nothing(shop: Shop, admin: Any) -> None:
    """A second order with another key succeeds and says that it had no effect."""
    target = shop.market.catalogue()[0].id
    admin(shop, f"/listings/{target}/hide", method="POST", headers={"Idempotency-Key": "a"})
    again = admin(shop, f"/listings/{target}/hide", method="POST", headers={"Idempotency-Key": "b"})
    assert (again.status, again.json["effects"]) == (200, 0)


def test_a_shop_is_closed_and_reopened(shop: Shop, visit: Any, admin: Any) -> None:
    """Closing takes effect on the seller's page at once, and can be undone."""
    seller = shop.market.catalogue()[0].seller_id
    assert admin(shop, f"/sellers/{seller}/close", method="POST").json["state"] == "closed"
    assert visit(shop, f"/shop/{seller}").status == 410
    assert admin(shop, f"/sellers/{seller}/reopen", method="POST").json["state"] == "open"
    assert visit(shop, f"/shop/{seller}").status == 200


@pytest.mark.parametrize("path", ["/listings/1/hide", "/sellers/s1/close"])
def test_an_unknown_target_is_404(shop: Shop, admin: Any, path: str) -> None:
    """With a sentence in JSON, and without an effect."""
    reply = admin(shop, path, method="POST")
    assert reply.status == 404
    assert "no " in reply.json["error"]
    assert shop.market.effects == []


def test_lost_answers_do_not_double_the_effect(shop: Shop, admin: Any) -> None:
    """The marketplace fails twice, once before and once after the effect; the third call is a replay of one effect."""
    target, key = shop.market.catalogue()[0].id, {"Idempotency-Key": "once"}
    for kind in ("error_after_effect", "server_error"):
        fault = {"kind": kind, "place": "admin", "listing": target, "times": 1, "status": 500}
        admin(shop, "/misbehave", method="POST", body=fault)
    calls = [admin(shop, f"/listings/{target}/hide", method="POST", headers=key) for _ in range(3)]
    assert [call.status for call in calls] == [500, 500, 200]
    assert calls[-1].json["replayed"]
    assert len(shop.market.effects) == 1


def test_a_lie_is_an_answer_without_an_effect(shop: Shop, visit: Any, admin: Any) -> None:
    """200 to the order, and the listing stays where it was."""
    target = shop.market.catalogue()[0].id
    admin(shop, "/behaviour", method="POST", body={"listing": target, "conduct": "lie"})
    answer = admin(shop, f"/listings/{target}/hide", method="POST")
    assert (answer.status, answer.json["state"], answer.json["effects"]) == (200, "hidden", 0)
    assert visit(shop, f"/item/{target}.html").status == 200
    assert admin(shop, f"/listings/{target}").json["state"] == "live"


def test_behaviour_unfolds_with_the_clock(shop: Shop, visit: Any, admin: Any) -> None:
    """An edit comes after its minutes, a relisting after its minutes from the hiding, under another seller."""
    item = shop.market.catalogue()[0]
    edit = {"listing": item.id, "edit": {"title": "换了", "price": "12.50"}, "after_minutes": 20}
    relist = {"listing": item.id, "relist": "other", "after_minutes": 60, "after_hiding": True}
    assert [admin(shop, "/behaviour", method="POST", body=body).status for body in (edit, relist)] == [201, 201]
    now = admin(shop, "/clock", method="POST", body={"advance_minutes": 20}).json["now"]
    assert now == admin(shop, "/clock").json["now"] == "2026-03-02T09:20:00Z"
    assert visit(shop, f"/api/listings/{item.id}").json["price"]["amount"] == "12.50"
    admin(shop, f"/listings/{item.id}/hide", method="POST")
    assert visit(shop, "/api/listings").json["total"] == 59
    admin(shop, "/clock", method="POST", body={"now": "2026-03-02T10:20:00Z"})
    found = visit(shop, "/search?q=%E6%8D%A2%E4%BA%86").text
    assert visit(shop, "/api/listings").json["total"] == 60
    assert "共 1 件" in found
    assert f'data-id="{item.id}"' not in found


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/misbehave", {"kind": "sulk"}),
        ("/misbehave", {"kind": "throttle", "tiems": 3}),
        ("/behaviour", {"listing": "60200017", "edit": {"titel": "x"}}),
        ("/clock", {"advance_minutes": -5}),
        ("/clock", {"now": "yesterday"}),
    ],
)
def test_nonsense_is_refused_with_its_reason(shop: Shop, admin: Any, path: str, body: Any) -> None:
    """422 and what is wrong."""
    reply = admin(shop, path, method="POST", body=body)
    assert reply.status == 422
    assert reply.json["error"]


def test_faults_are_listed_and_switched_off(shop: Shop, visit: Any, admin: Any) -> None:
    """One by its number, then all."""
    numbers = [
        admin(shop, "/misbehave", method="POST", body={"kind": "throttle", "place": place}).json["number"]
        for place in ("home", "feed", "api")
    ]
    assert visit(shop, "/").status == 429
    admin(shop, f"/misbehave/{numbers[0]}", method="DELETE")
    assert visit(shop, "/").status == 200
    assert set(admin(shop, "/misbehave").json) == {str(number) for number in numbers[1:]}
    assert admin(shop, "/misbehave", method="DELETE").json == {"on": 0}
    assert visit(shop, "/feed.jsonl").status == 200


def test_the_truth_is_told_to_the_administration(shop: Shop, admin: Any) -> None:
    """Labels and tactics by listing id, the same as in the process."""
    told = admin(shop, "/truth").json
    assert set(told) == set(shop.truth)
    assert all(tuple(told[key].get("labels", ())) == truth.labels for key, truth in shop.truth.items())
