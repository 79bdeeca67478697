"""django-oscar's own ways of misleading, each as it was met on a real shop."""

from __future__ import annotations

import json

import pytest

from scanner.orders import Order, Shows, Weight
from scanner.platforms.http import Client, receipt_of
from scanner.platforms.oscar import number_of
from tests.standins import TOKEN

HEADERS = {"Authorization": f"Token {TOKEN}", "Content-Type": "application/json"}


def shop_of(bench) -> str:
    """Where the stand-in is."""
    return bench.asked()[-1].headers["host"]


def test_the_stand_in_misleads_as_the_real_one(oscar) -> None:
    """200 for a misspelt field, 301 for a missing slash: the premises of what follows."""
    oscar.platform.probe()
    url, client = f"http://{shop_of(oscar)}/api/admin/products/1", Client()

    misspelt = client.call("PATCH", f"{url}/", headers=HEADERS, body=json.dumps({"is_pubic": False}).encode())
    redirected = client.call("PATCH", url, headers=HEADERS, body=json.dumps({"is_public": False}).encode())

    assert (misspelt.status, misspelt.json["is_public"]) == (200, True)
    assert redirected.status == 301
    assert oscar.effects() == 0


def test_a_redirected_order_is_refused_where_it_leads_to(oscar) -> None:
    """Followed, it would lose its body and still be answered 200."""
    oscar.platform.probe()
    reply = Client().call("PATCH", f"http://{shop_of(oscar)}/api/admin/products/1", headers=HEADERS, body=b"{}")
    receipt = receipt_of(reply, name="The shop")

    assert receipt is not None
    assert "/api/admin/products/1/" in receipt.says
    assert "mend its url" in receipt.says


def test_one_patch_of_one_field(oscar) -> None:
    """The call is as documented: method, path with its slash, token, body."""
    oscar.platform.send(oscar.order(listing_id="catalogue/blue-lamp_17"))
    asked = oscar.asked()[-1]

    assert (asked.method, asked.path, asked.json) == ("PATCH", "/api/admin/products/17/", {"is_public": False})
    assert asked.headers["authorization"] == f"Token {TOKEN}"


def test_the_public_api_shows_what_is_hidden_and_nobody_judges_by_it(oscar) -> None:
    """It is kept as evidence; page and search decide."""
    order = oscar.order()
    oscar.platform.send(order)
    seen = {way.name: oscar.platform.look(order, way).shows for way in oscar.platform.ways}
    told = [way.name for way in oscar.platform.ways if way.weight is Weight.TOLD]

    assert seen == {"detail page": Shows.ABSENT, "search": Shows.ABSENT, "public API": Shows.PRESENT}
    assert told == ["public API"]


def test_a_hidden_page_is_judged_by_where_it_ends(oscar) -> None:
    """Any slug is redirected to the right one, also when the product is down: 301, then 404."""
    order = oscar.order()
    oscar.platform.send(order)
    seen = oscar.platform.look(order, oscar.platform.ways[0])

    assert [capture.status for capture in seen.captures] == [301, 404]


def test_search_for_other_than_latin_words_is_not_asked(oscar) -> None:
    """It does not find Chinese inside a title, so its silence would be no absence."""
    seen = oscar.platform.look(oscar.order(listing_id="23"), oscar.platform.ways[1])

    assert (seen.shows, seen.captures) == (Shows.UNKNOWN, ())


def test_a_category_is_not_a_product(oscar) -> None:
    """Categories' addresses end in numbers as products' do."""
    order = oscar.order(listing_id="17")
    oscar.platform.send(order)

    assert oscar.platform.look(order, oscar.platform.ways[1]).shows is Shows.ABSENT


@pytest.mark.parametrize(
    ("listing_id", "url", "number"),
    [
        ("17", "", "17"),
        ("catalogue/blue-lamp_17", "", "17"),
        ("blue-lamp_17/", "", "17"),
        ("UPC-abc", "http://shop/catalogue/blue-lamp_17/", "17"),
        ("UPC-abc", "http://shop/catalogue/category/home_17/", ""),
        ("x_1/../y_2", "", ""),
        ("", "", ""),
    ],
)
def test_where_a_products_number_is_found(listing_id: str, url: str, number: str) -> None:
    """In the id, or in the product's address; nowhere else."""
    assert number_of(Order(key="k", action="hide", listing_id=listing_id, url=url)) == number
