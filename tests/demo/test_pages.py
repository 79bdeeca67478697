"""The pages of the shop, as a browser or a page function meets them over HTTP."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
from parsel import Selector

from scanner.demo import Design, Removal, Shop, ShopListing
from scanner.demo.disguise import Tactic


def items(shop: Shop, design: Design) -> list[ShopListing]:
    """The listings whose pages have that design."""
    return [item for item in shop.market.catalogue() if item.design is design]


def product_in(page: Selector) -> dict[str, Any]:
    """The JSON-LD product of a page, wherever among the blocks it stands."""
    found: list[Any] = []
    for block in page.css('script[type="application/ld+json"]::text').getall():
        data = json.loads(block)
        found += data if isinstance(data, list) else data.get("@graph", [data])
    return next(node for node in found if node["@type"] == "Product")


def test_json_ld_pages_tell_machines_everything(full_shop: Shop, visit: Any) -> None:
    """Name, price, currency, stock, seller, brand, sku, images and attributes are in the product's JSON-LD."""
    for item in items(full_shop, Design.JSON_LD)[:40]:
        product = product_in(Selector(visit(full_shop, f"/item/{item.id}.html").text))
        offer = product["offers"][0] if isinstance(product["offers"], list) else product["offers"]
        assert (product["name"], product["sku"]) == (item.title, item.sku)
        assert (Decimal(str(offer["price"])), offer["priceCurrency"]) == (item.price, item.currency)
        assert offer["inventoryLevel"]["value"] == item.stock
        assert offer["seller"]["name"] == full_shop.market.seller(item.seller_id).name
        assert product.get("brand", {"name": ""})["name"] == item.brand
        assert len(product["image"]) == item.pictures
        assert {row["name"]: row["value"] for row in product["additionalProperty"]} == item.attributes


def test_microdata_pages_tell_machines_everything(full_shop: Shop, visit: Any) -> None:
    """The same facts stand in itemprop attributes."""
    for item in items(full_shop, Design.MICRODATA)[:40]:
        page = Selector(visit(full_shop, f"/item/{item.id}.html").text)
        product = page.css('[itemtype$="/Product"]')
        assert product.css('[itemprop="name"]::text').get() == item.title
        assert Decimal(product.css('[itemprop="price"]::attr(content)').get("")) == item.price
        assert product.css('[itemprop="priceCurrency"]::attr(content)').get() == item.currency
        assert product.css('[itemprop="sku"]::text').get() == item.sku
        assert product.css('[itemprop="identifier"]::attr(content)').get() == item.seller_id
        assert page.css('script[type="application/ld+json"]').get() is None


def test_plain_pages_tell_people_everything(full_shop: Shop, visit: Any) -> None:
    """No structured data at all; every fact stands under its stable class."""
    for item in items(full_shop, Design.PLAIN)[:40]:
        body = visit(full_shop, f"/item/{item.id}.html").text
        page = Selector(body)
        assert not re.search(r"ld\+json|itemprop|itemtype|og:|product:", body)
        assert page.css("h1.item-title::text").get() == item.title
        assert page.css(".price-now::text").get() == f"¥ {item.price:,.2f}"
        stock = page.css(".stock-count::text").get() or "0"
        assert int(stock) == item.stock
        shelves = full_shop.market.path(item.shelf)
        assert page.css(".breadcrumb .crumb::text").getall() == [shelf.name for shelf in shelves]
        names, values = page.css(".item-attributes th::text").getall(), page.css(".item-attributes td::text").getall()
        assert dict(zip(names, values, strict=True)) == item.attributes
        assert page.css(".item-brand::text").get("") == item.brand


@pytest.mark.parametrize("design", Design)
def test_every_design_shows_seller_options_and_questions(full_shop: Shop, visit: Any, design: Design) -> None:
    """What a seller writes beside the description stands under the same classes on all designs."""
    for item in items(full_shop, design)[:25]:
        page = Selector(visit(full_shop, f"/item/{item.id}.html").text)
        seller = full_shop.market.seller(item.seller_id)
        card = page.css(".seller-card")
        assert (card.attrib["data-seller-id"], card.attrib["data-kind"]) == (seller.id, seller.kind.value)
        assert card.css(".seller-name::text").get() == seller.name
        assert tuple(card.css("[data-licence]::attr(data-licence)").getall()) == seller.licences
        groups = page.css(".option-group")
        shown = {group.css(".option-name::text").get(): tuple(group.css("li::text").getall()) for group in groups}
        assert shown == item.options
        asked = page.css(".item-questions .question::text").getall()
        assert asked == [question for question, _ in item.questions]
        assert item.description in visit(full_shop, f"/item/{item.id}.html").text


def test_pages_are_of_a_real_shops_size(full_shop: Shop, visit: Any) -> None:
    """Between 15 and 60 KB, with navigation, related goods and a footer."""
    for item in full_shop.market.catalogue()[::20]:
        reply = visit(full_shop, f"/item/{item.id}.html")
        assert 15_000 <= len(reply.body) <= 60_000
        page = Selector(reply.text)
        assert page.css(".site-nav a")
        assert page.css(".site-footer a")
        assert page.css(".related .item-card")


def test_some_pages_have_open_graph_tags(full_shop: Shop, visit: Any) -> None:
    """Tags with the price on part of the designs with structured data."""
    found = 0
    for item in items(full_shop, Design.JSON_LD)[:20]:
        page = Selector(visit(full_shop, f"/item/{item.id}.html").text)
        amount = page.css('meta[property="product:price:amount"]::attr(content)').get()
        assert amount is None or Decimal(amount) == item.price
        found += amount is not None
    assert 0 < found < 20


def test_hidden_text_is_in_the_page_and_out_of_sight(full_shop: Shop, visit: Any) -> None:
    """A listing of that tactic holds its offer in an element that browsers do not show."""
    hiding = re.compile(
        r"display:\s*none|color:#fff;background-color:#fff|font-size:0|visibility:\s*hidden|left:-9999px"
    )
    for listing_id, truth in full_shop.truth.items():
        if truth.tactic is Tactic.HIDDEN_TEXT:
            page = Selector(visit(full_shop, f"/item/{listing_id}.html").text)
            styles = page.css(".item-description [style]::attr(style)").getall()
            assert any(hiding.search(style) for style in styles)


def test_smuggled_offers_stand_in_an_option(full_shop: Shop) -> None:
    """A listing of that tactic has a harmless title; the offer is the last name of its first option."""
    smuggled = [listing_id for listing_id, truth in full_shop.truth.items() if truth.tactic is Tactic.OPTION_SMUGGLING]
    assert smuggled
    for listing_id in smuggled:
        item = full_shop.market.listing(listing_id)
        assert all(name not in item.title for name in next(iter(item.options.values()))[-1:])


def test_what_a_seller_writes_cannot_break_out(shop: Shop, visit: Any) -> None:
    """Markup in title, options and attributes is text on the page, and no end of the JSON-LD script."""
    bait = '</script><script>alert(1)</script>"><b>'
    for design in Design:
        target = items(shop, design)[0].id
        shop.market.edit(target, title=bait, options={bait: (bait,)}, attributes={bait: bait}, brand=bait)
        body = visit(shop, f"/item/{target}.html").text
        assert "<script>alert(1)" not in body
        assert bait in (Selector(body).css("h1::text").get() or "")


def test_category_pages_show_everything_once(full_shop: Shop, visit: Any) -> None:
    """Following the next links from page to page finds each listing once, as many as the page counts."""
    href, seen = "/c/digital", list[str]()
    while href:
        page = Selector(visit(full_shop, href).text)
        seen += page.css(".item-card::attr(data-id)").getall()
        total = int(page.css(".total::attr(data-total)").get("0"))
        assert f"共 {total} 件" in page.css(".total::text").get("")
        href = page.css("a.next::attr(href)").get("")
    assert len(seen) == len(set(seen)) == total == len(full_shop.market.on_shelf("digital"))


def test_search_pages_find_and_count(full_shop: Shop, visit: Any) -> None:
    """Results are paged, and the query survives into the next link."""
    page = Selector(visit(full_shop, "/search?q=%E6%AC%BE").text)
    assert int(page.css(".total::attr(data-total)").get("0")) == len(full_shop.market.search("款"))
    assert page.css("a.next::attr(href)").get("").startswith("/search?q=%E6%AC%BE&page=2")


@pytest.mark.parametrize("path", ["/c/digital?page=99", "/c/nothing", "/item/1.html", "/shop/nobody"])
def test_what_is_not_there_is_404(full_shop: Shop, visit: Any, path: str) -> None:
    """A page for people that says so."""
    reply = visit(full_shop, path)
    assert reply.status == 404
    assert "页面不存在" in reply.text


def test_seller_pages_list_their_goods(full_shop: Shop, visit: Any) -> None:
    """A shop's page has the seller's card and all listings; closed, it is gone."""
    seller = full_shop.market.catalogue()[0].seller_id
    page = Selector(visit(full_shop, f"/shop/{seller}").text)
    assert page.css(".seller-card").attrib["data-seller-id"] == seller
    assert int(page.css(".total::attr(data-total)").get("0")) == len(full_shop.market.by_seller(seller))


def test_a_closed_shop_is_gone(shop: Shop, visit: Any) -> None:
    """Its page and those of its listings answer 410."""
    item = shop.market.catalogue()[0]
    shop.market.close_seller(item.seller_id)
    assert visit(shop, f"/shop/{item.seller_id}").status == 410
    assert visit(shop, f"/item/{item.id}.html").status == 410


@pytest.mark.parametrize(
    ("removal", "status", "says"),
    [
        (Removal.GONE, 410, "商品已下架"),
        (Removal.NOT_FOUND, 404, "页面不存在"),
        (Removal.BANNER, 200, "已下架或已售出"),
        (Removal.REDIRECT_HOME, 302, ""),
    ],
)
def test_gone_looks_as_settled(shop: Shop, visit: Any, removal: Removal, status: int, says: str) -> None:
    """410, 404, a banner with 200 or the way home, and never the listing's facts."""
    item = shop.market.catalogue()[0]
    shop.market.behave(item.id, removal=removal)
    shop.market.hide(item.id)
    reply = visit(shop, f"/item/{item.id}.html")
    assert reply.status == status
    assert says in reply.text
    assert f'data-item="{item.id}"' not in reply.text
    assert (reply.headers.get("Location") == "/") is (removal is Removal.REDIRECT_HOME)
