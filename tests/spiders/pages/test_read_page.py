"""A page is a listing, gone, or no listing; and no page breaks the reader."""

from __future__ import annotations

import gzip
import zlib
from decimal import Decimal

import pytest

from scanner.errors import PageError
from scanner.model import Availability, Gone, Listing
from spiders.pages import NotAListing, Page, listing_id_of, read_page
from spiders.pages.identity import article_number
from spiders.pages.money import currency_code, parse_price


def read(body: str | bytes, **given: object) -> Listing | Gone | NotAListing:
    """What a page with ``body`` shows."""
    raw = body.encode() if isinstance(body, str) else body
    page = Page(**{"body": raw, "url": "http://shop.test/p/1", **given})  # type: ignore[arg-type]  # given by the test
    return read_page(page, platform="shop")


CARD = "<html><head><title>Cup</title></head><body><h1>Cup</h1>{}</body></html>"
PRICED = CARD.format('<span class="price">€ 4,50</span>{}')


@pytest.mark.parametrize(
    ("outcome", "why", "body", "given"),
    [
        (Gone, "404", "", {"status": 404}),
        (Gone, "410", "whatever", {"status": 410}),
        (Gone, "redirect", PRICED, {"asked": "http://shop.test/p/1", "url": "http://shop.test/"}),
        (Gone, "redirect", PRICED, {"asked": "http://shop.test/p/1", "url": "http://shop.test/en/?from=gone"}),
        (Gone, "banner", CARD.format("<p>This listing has ended.</p>"), {}),
        (Gone, "banner", "<html><title>页面不存在</title><body><p>返回首页</p></body></html>", {}),
        (Gone, "banner", CARD.format("<div>该商品已下架</div>"), {}),
        (Gone, "banner", "<html><title>weg</title><h1>Dieser Artikel wurde verkauft</h1>", {}),
        (NotAListing, "no offer", CARD.format("<p>About our cups.</p>"), {}),
        (NotAListing, "no title", "<html><body><p>nothing</p></body></html>", {}),
        (NotAListing, "blocked", "<html><title>Just a moment...</title><body></body></html>", {}),
        (Listing, "", PRICED.format(""), {}),
        # A seller who writes that it is gone, with a price beside it, is selling.
        (Listing, "", PRICED.format("<p>This listing has ended.</p>"), {}),
        (Listing, "", PRICED.format(""), {"asked": "http://shop.test/old/1", "url": "http://shop.test/p/1"}),
    ],
)
def test_outcomes(outcome: type, why: str, body: str, given: dict[str, object]) -> None:
    """Each way of not being there has its own name."""
    found = read(body, **given)
    assert isinstance(found, outcome)
    assert getattr(found, "why", "") == why


@pytest.mark.parametrize(
    ("body", "given"),
    [
        (b"\x89PNG\r\n\x1a\n", {}),
        (b"%PDF-1.7", {}),
        (gzip.compress(b"<html></html>", mtime=0), {}),
        (b"<html></html>", {"content_type": "image/png"}),
        (b'{"json": true}', {}),
        (b"", {}),
        (b"just text", {}),
        (b"<html></html>", {"status": 500}),
        (b"<html></html>", {"status": 302}),
    ],
)
def test_what_cannot_be_read_is_an_error(body: bytes, given: dict[str, object]) -> None:
    """Neither gone nor clean: somebody has to look."""
    with pytest.raises(PageError, match=r"shop\.test"):
        read(body, **given)


@pytest.mark.parametrize(
    ("shown", "price", "currency"),
    [
        ('<span class="price">€ 4,50</span>', "4.50", "EUR"),
        ('<del>€ 9,00</del> <span class="price">€ 4,50</span>', "4.50", "EUR"),
        ('<span class="old-price">€ 9,00</span><span class="price">€ 4,50</span>', "4.50", "EUR"),
        ('<div class="price">1 299,00 zł</div>', "1299.00", "PLN"),
        ('<b>$ 12.00</b> <i>or 3 x $ 4.00 per month</i> <i class="shipping">delivery $ 5.00</i>', "12.00", "USD"),
        ('<div class="related-products"><span class="price">€ 1,00</span></div><p>€ 4,50</p>', "4.50", "EUR"),
        ('<div class="minicart">€ 0,00</div><p class="product-price">€ 4,50</p>', "4.50", "EUR"),
        ('<span class="price">40<sup>,00</sup> €</span>', "40.00", "EUR"),
        ("<p>售价 ￥88 元</p>", "88", "CNY"),
        ('<script>dataLayer.push({"name": "Cup", "price": "7.25", "currency": "GBP"})</script>', "7.25", "GBP"),
        ("<div data-gtm='{&quot;name&quot;:&quot;Cup&quot;,&quot;price&quot;:7.25}'></div>", "7.25", ""),
    ],
)
def test_a_price_is_found_by_its_looks(shown: str, price: str, currency: str) -> None:
    """Not struck out, not an instalment, not somebody else's."""
    found = read(CARD.format(shown))
    assert isinstance(found, Listing)
    assert (found.price, found.currency) == (Decimal(price), currency)


@pytest.mark.parametrize(
    ("shown", "stock"),
    [
        ("<p>Sold out</p>", Availability.OUT_OF_STOCK),
        ("<p>暂时缺货</p>", Availability.OUT_OF_STOCK),
        ('<p class="stock">Not in stock</p>', Availability.OUT_OF_STOCK),
        ('<p class="stock out-of-stock">.</p>', Availability.OUT_OF_STOCK),
        ("<button>Add to cart</button>", Availability.IN_STOCK),
        ('<input type="submit" value="加入购物车">', Availability.IN_STOCK),
        ('<p class="stock">Nur noch 2 auf Lager</p>', Availability.IN_STOCK),
        ("", Availability.IN_STOCK),  # a price, and nothing against it
    ],
)
def test_stock_is_found_by_its_looks(shown: str, stock: Availability) -> None:
    """By name, by words, by a button."""
    found = read(PRICED.format(shown))
    assert isinstance(found, Listing)
    assert found.availability is stock


@pytest.mark.parametrize(
    ("text", "url", "amount", "code"),
    [
        ("$ 5", "http://a.com.ar/", "5", "ARS"),
        ("$ 5", "http://a.tw/", "5", "TWD"),
        ("$ 5", "http://a.com/", "5", "USD"),
        ("5 kr", "http://a.no/", "5", "NOK"),
        ("¥500", "http://a.jp/", "500", "JPY"),
        ("12.990 CLP", "", "12990", "CLP"),
        ("R$ 1.759,99", "", "1759.99", "BRL"),
        ("1'299.00 CHF", "", "1299.00", "CHF"),
        ("free", "", "0", ""),
    ],
)
def test_money(text: str, url: str, amount: str, code: str) -> None:
    """Amounts as people write them; a shared sign means what it means in the shop's country."""
    found, currency = parse_price(text, url)
    assert (found, currency) == (Decimal(amount), code)


def test_currency_codes() -> None:
    """Codes, signs, retired codes, and words that are none."""
    words = {"eur": "EUR", "€": "EUR", "RUR": "RUB", "Kč": "CZK", "xyzzy": "", "": ""}
    assert {word: currency_code(word) for word in words} == words


@pytest.mark.parametrize(
    ("url", "pattern", "expected"),
    [
        ("http://s.test/item/123.html", r"/item/(\d+)", "123"),
        ("http://s.test/item/123.html", r"/item/\d+", "item/123.html"),
        ("http://s.test/item/123.html?utm_source=x&ref=y", "", "item/123.html"),
        ("http://s.test/p?id=5&utm_medium=x", "", "p?id=5"),
        ("http://s.test/a/", "", "a"),
        ("http://s.test/%E6%89%8B", "", "手"),
        ("http://s.test/shop-a/p/12", "", "shop-a/p/12"),  # numbers may be a shop's own
    ],
)
def test_identity(url: str, pattern: str, expected: str) -> None:
    """One address, one listing, however the visitor came."""
    assert listing_id_of(url, pattern) == expected


@pytest.mark.parametrize(
    ("url", "number"),
    [
        ("http://s.test/itm/133588510845", "133588510845"),
        ("http://s.test/dp/B08B5WF51D", "B08B5WF51D"),
        ("http://s.test/store?pid=260591", "260591"),
        ("http://s.test/red-cup-112949990", "112949990"),
        ("http://s.test/red-cup", ""),
        ("http://s.test/2024/cups", ""),
    ],
)
def test_article_numbers_in_addresses(url: str, number: str) -> None:
    """The last word that looks like one."""
    assert article_number(url) == number


BAIT = {
    "deep": "<div>" * 10_000 + "<h1>Cup</h1><b class=price>€ 4</b>",
    "attribute": f'<html><h1 data-x="{"x" * 2_000_000}">Cup</h1><b class="price">€ 4</b>',
    "many elements": "<html><h1>Cup</h1>" + "<b class=price>€ 4</b>" * 20_000,
    "many scripts": '<html><h1>Cup</h1><script type="application/ld+json">' * 20_000,
    "many brackets": "<" * 500_000 + "<html><h1>Cup</h1>",
    "open json": '<html><h1>Cup</h1><script type="application/ld+json">{"a":"' + "/*" * 300_000,
    "prices": "<html><h1>Cup</h1><script>" + '{"price":' * 100_000,
    "itemprops": "<html><h1>Cup</h1>" + '<i itemprop="name">' * 10_000,
    "labels": "<html><h1>Cup</h1><table>" + "<tr><td>Brand:<td>x" * 10_000,
    "entities": "<html><h1>Cup</h1>" + "&amp;" * 300_000,
    "nul": "<html>\x00<h1>C\x00up</h1>\x08",
    "metas": "<html><h1>Cup</h1>" + '<meta property="og:title" content="x">' * 10_000,
    "titles": "<html>" + "<title>" * 100_000,
    "open state": "<html><h1>Cup</h1><script>var price;" + "x={[" * 50_000,
    "deep state": "<html><h1>Cup</h1><script>x=" + '{"price":' * 20_000 + "1" + "}" * 20_000 + "</script>",
    "open strings": "<html><h1>Cup</h1><script>price=[" + "'\"\\" * 100_000 + "</script>",
    "loose commas": "<html><h1>Cup</h1><script>price={" + (", " * 20 + " " * 2000) * 100 + "}</script>",
    "typeofs": "<html><h1>Cup</h1>" + "<i typeof=Product property=offers>" * 10_000,
}


@pytest.mark.parametrize("name", BAIT)
@pytest.mark.timeout(20)
def test_bait_is_read_like_anything_else(name: str) -> None:
    """Depth, length and number cost bounded time and never an exception of their own."""
    assert isinstance(read(BAIT[name]), Listing | Gone | NotAListing)


def test_a_page_is_not_unpacked_twice() -> None:
    """A body that is still compressed is said to be no page, rather than guessed at."""
    with pytest.raises(PageError):
        read(zlib.compress(b"<html></html>"))
