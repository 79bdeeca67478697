"""Structured data as shops write it, slips included."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest

from scanner.model import Availability
from spiders.pages import Page, json_ld, microdata, open_graph, read_page, schema_org
from spiders.pages.document import parse


def script(block: str) -> str:
    """A page with one block."""
    return f'<html><script type="application/ld+json">{block}</script></html>'


@pytest.mark.parametrize(
    "block",
    [
        '{"a": 1}',
        ' \ufeff{"a": 1};',
        '{"a": 1,}',
        '<!-- {"a": 1} -->',
        '//<![CDATA[\n{"a": 1}\n//]]>',
        '<![CDATA[{"a": 1}]]>',
        '/* from the shop */ {"a": 1 /* one */, }',
        '// a comment\n{"a": 1}',
        "{&quot;a&quot;: 1}",
        '{"a": 1, "s": "it\\\'s"}',
        '{"a": 1, "s": "two\nlines"}',
        '{"a": 1, "s": "// no comment, /* nor this */ ,}"}',
        '{"a": 1, "u": "https://shop.test//x"}',
    ],
)
def test_slips_are_forgiven(block: str) -> None:
    """Comments, wrappers, commas, escapes: the value is read all the same, and strings are left alone."""
    (value,) = json_ld.documents(script(block))
    assert value["a"] == 1
    assert value.get("s", "") in {"", "it's", "two\nlines", "// no comment, /* nor this */ ,}"}
    assert value.get("u", "https://shop.test//x") == "https://shop.test//x"


@pytest.mark.parametrize("block", ["", "{", "[" * 100_000, '{"a": ', "nonsense", '{"a": NaN}{', "<p>html</p>"])
def test_what_cannot_be_mended_is_passed_over(block: str) -> None:
    """A broken block does not hide the next one."""
    page = script(block) + script('{"b": 2}')
    assert {"b": 2} in list(json_ld.documents(page))


def test_several_values_in_one_block() -> None:
    """One after the other, comma or not."""
    assert list(json_ld.loads('{"a": 1}\n{"b": 2},[3]')) == [{"a": 1}, {"b": 2}, [3]]


def test_a_script_that_is_never_closed_ends_with_the_page() -> None:
    """A page that breaks off after its data still gives it."""
    assert list(json_ld.documents('<script type="application/ld+json">{"a": 1}')) == [{"a": 1}]


@pytest.mark.parametrize("kind", ["application/ld+json", "APPLICATION/LD+JSON", "application/ld+Json"])
def test_a_type_is_one_in_any_case(kind: str) -> None:
    """A media type is the same however it is written (RFC 2045, 5.1)."""
    block = '{"@type": "Product", "name": "Mug", "sku": "M1", "offers": {"price": "3", "priceCurrency": "EUR"}}'
    page = f'<html><title>Shop</title><script type="{kind}">{block}</script></html>'
    listing = read_page(Page(body=page.encode(), url="https://shop.example/mug"), platform="shop")
    assert (listing.title, listing.provenance["sku"]) == ("Mug", "json-ld")


MUG: dict[str, Any] = {"@type": "Product", "name": "Mug", "sku": "M1"}
OFFER: dict[str, Any] = {
    "@type": "Offer",
    "price": "12.50",
    "priceCurrency": "EUR",
    "availability": "http://schema.org/InStock",
}


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({**MUG, "offers": OFFER}, {"title": "Mug", "sku": "M1", "price": Decimal("12.50"), "currency": "EUR"}),
        ([{"@type": "WebPage"}, {**MUG, "offers": [OFFER]}], {"price": Decimal("12.50")}),
        ({"@graph": [{"@type": "Organization", "name": "Shop"}, {**MUG, "offers": OFFER}]}, {"title": "Mug"}),
        ({"@type": "ItemPage", "mainEntity": {**MUG, "offers": OFFER}}, {"title": "Mug"}),
        ({**MUG, "@type": "http://schema.org/Product", "offers": OFFER}, {"title": "Mug"}),
        ({**MUG, "@type": ["Product", "Book"], "offers": OFFER}, {"title": "Mug"}),
        ({**MUG, "@type": "IndividualProduct", "offers": OFFER}, {"title": "Mug"}),
        ({"@type": "Vehicle", "name": "Van", "offers": OFFER}, {"title": "Van"}),
        ({"@type": "Sofa", "name": "Sofa", "offers": OFFER}, {"title": "Sofa", "price": Decimal("12.50")}),
        ({**OFFER, "itemOffered": {"@type": "Product", "name": "Mug"}}, {"title": "Mug", "price": Decimal("12.50")}),
        (
            {**MUG, "offers": {"@type": "AggregateOffer", "lowPrice": 9, "highPrice": 12, "priceCurrency": "USD"}},
            {"price": Decimal(9), "currency": "USD"},
        ),
        ({**MUG, "offers": {"@type": "AggregateOffer", "offers": [OFFER]}}, {"price": Decimal("12.50")}),
        (
            {**MUG, "offers": {"priceSpecification": {"price": 8.5, "priceCurrency": "gbp"}}},
            {"price": Decimal("8.5"), "currency": "GBP"},
        ),
        (
            {
                **MUG,
                "offers": {
                    "priceCurrency": "EUR",
                    "priceSpecification": [
                        {"price": 20, "priceType": "https://schema.org/ListPrice"},
                        {"price": 15},
                    ],
                },
            },
            {"price": Decimal(15)},
        ),
        ({**MUG, "offers": {"price": "1.299,00 €"}}, {"price": Decimal("1299.00"), "currency": "EUR"}),
        ({**MUG, "offers": {"price": "call us"}}, {"title": "Mug"}),
        (
            {**MUG, "offers": [{**OFFER, "availability": "OutOfStock"}, OFFER]},
            {"availability": Availability.IN_STOCK},
        ),
        (
            {**MUG, "offers": {"availability": "https://schema.org/SoldOut/"}},
            {"availability": Availability.OUT_OF_STOCK},
        ),
        ({**MUG, "brand": {"@type": "Brand", "name": "Kettle"}}, {"brand": "Kettle"}),
        ({**MUG, "brand": "Kettle"}, {"brand": "Kettle"}),
        ({**MUG, "brand": {"@id": "#b"}, "isRelatedTo": {"@type": "Product", "name": "Jug"}}, {"title": "Mug"}),
        ({"@graph": [{**MUG, "brand": {"@id": "#b"}}, {"@id": "#b", "name": "Kettle"}]}, {"brand": "Kettle"}),
        ({**MUG, "brand": "{{ brand }}", "sku": "undefined"}, {"title": "Mug"}),
        (
            {
                "@type": "ProductGroup",
                "name": "Mug",
                "hasVariant": [
                    {"@type": "Product", "name": "Mug, red", "offers": OFFER},
                    {"@type": "Product", "name": "Mug, 加微信", "offers": OFFER},
                ],
            },
            {"title": "Mug", "price": Decimal("12.50"), "options": ("Mug, red", "Mug, 加微信")},
        ),
        (
            {**MUG, "additionalProperty": [{"name": "Height", "value": "9 cm"}, {"name": "", "value": "x"}]},
            {"attributes": {"Height": "9 cm"}},
        ),
        ({**MUG, "description": "&lt;p&gt;Two <b>words</b>&lt;/p&gt;"}, {"description": "Two words"}),
        (
            {**MUG, "offers": {**OFFER, "seller": {"@type": "Person", "name": "Ann", "identifier": 7}}},
            {"seller_name": "Ann", "seller_id": "7", "seller_kind": "person"},
        ),
    ],
)
def test_shapes_of_offers(value: Any, expected: dict[str, Any]) -> None:
    """The same facts in every shape that schema.org allows, and some that it does not."""
    facts = schema_org.facts_of([value], "http://shop.test/mug")
    assert {name: facts.get(name) for name in expected} == expected
    assert "price" in expected or "price" not in facts or facts["price"] == Decimal("12.50")


@pytest.mark.parametrize(
    "value",
    [
        {"@type": "Organization", "name": "Shop"},
        {"@type": "ItemList", "itemListElement": [MUG, MUG, MUG]},
        [{**MUG, "name": f"Mug {number}", "offers": OFFER} for number in range(5)],  # a list page
        "text",
        [],
        None,
        {"@type": {"@type": []}},
        {"@graph": {"@graph": {"@graph": []}}},
    ],
)
def test_what_is_no_offer(value: Any) -> None:
    """Shops, lists and nonsense have no title, no price."""
    facts = schema_org.facts_of([value], "http://shop.test/mugs", "Our mugs")
    assert facts.keys() & {"title", "price"} == set()


def test_of_several_products_the_one_at_the_address_is_meant() -> None:
    """Or else the one that the page is named after."""
    mugs = [{**MUG, "name": f"{colour} mug", "url": f"/mugs/{colour}"} for colour in ("red", "green", "blue")]
    assert schema_org.facts_of(mugs, "http://shop.test/mugs/green")["title"] == "green mug"
    assert schema_org.facts_of(mugs, "http://shop.test/x", "blue mug | Shop")["title"] == "blue mug"


def test_cycles_end() -> None:
    """A node that refers to itself is read once."""
    assert schema_org.facts_of([{"@id": "#m", **MUG, "offers": {"@id": "#m"}}])["title"] == "Mug"


def test_microdata_with_what_shops_forget() -> None:
    """Values in ``content`` anywhere, an offer without its ``itemprop``, names cut up by markup."""
    tree = parse(
        """<div itemscope itemtype="http://schema.org/Product"><h1 itemprop="name">手<b>机</b>壳</h1>
        <span itemprop="price" content="3">three</span>
        <div itemscope itemtype="http://schema.org/Offer"><span itemprop="price" content="19.9">x</span>
        <meta itemprop="priceCurrency" content="CNY"><link itemprop="availability" href="http://schema.org/InStock"></div>
        <div itemprop="brand" itemscope itemtype="Brand"><meta itemprop="name" content="Kettle"></div></div>"""
    )
    facts = schema_org.facts_of(microdata.nodes(tree))
    assert (facts["title"], facts["brand"]) == ("手机壳", "Kettle")
    assert (facts["price"], facts["currency"]) == (Decimal("19.9"), "CNY")
    assert facts["availability"] is Availability.IN_STOCK


def test_meta_elements_in_any_order() -> None:
    """Attributes may be swapped, quoted or not; the site's name is no part of the title."""
    page = """<meta content='Oak &amp; ash table | Woods' property="og:title"><meta property=og:site_name content=Woods>
    <meta name="product:price:amount" content="1 299,00"><meta property="product:price:currency" content="SEK">
    <meta property="og:availability" content="instock">"""
    facts = open_graph.facts_of(open_graph.metas(page))
    assert facts == {
        "title": "Oak & ash table",
        "price": Decimal("1299.00"),
        "currency": "SEK",
        "availability": Availability.IN_STOCK,
    }


def test_json_is_json() -> None:
    """Numbers keep their digits: no price goes through binary floating point."""
    (value,) = json_ld.documents(script(json.dumps({"@type": "Product", "name": "Mug", "offers": {"price": 0.1}})))
    assert schema_org.facts_of([value])["price"] == Decimal("0.1")
