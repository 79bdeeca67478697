"""State that pages carry for their own scripts: analytics objects, ``__NEXT_DATA__``, ``data-`` attributes.

No script is run and no syntax assumed: small objects with a name and a price are read wherever they stand, and the one
whose name is the page's own heading is its offer.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import re2

from spiders.pages.facts import Facts, availability, clean, keep, number
from spiders.pages.headline import overlap
from spiders.pages.money import currency_code, parse_price

MOST_OBJECTS = 400
REACH = 1500
_PAIR = re2.compile(
    r"""["']?([A-Za-z_][A-Za-z0-9_-]{0,40})["']?\s*:\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(-?[\d.]+|true|false))"""
)
_NAMES = ("name", "title", "productname", "product_name", "item_name", "itemname")
_PRICES = ("price", "saleprice", "sale_price", "finalprice", "final_price", "currentprice", "value", "product_price")
_CURRENCIES = ("currency", "pricecurrency", "currencycode", "currency_code", "price_currency")
_BRANDS = ("brand", "brandname", "item_brand", "brand_name", "manufacturer", "product_brand")
_NUMBERS = ("sku", "item_id", "product_id", "productid", "id", "code", "product_sku", "article")
_STOCKS = ("availability", "stockstatus", "stock_status", "instock", "in_stock", "isavailable")


def facts_of(text: str, title: str, url: str = "") -> Facts:
    """What the object named like ``title`` says; empty if there is none."""
    best: dict[str, str] = {}
    best_score = 0.0
    for pairs in objects(text):
        name = _first(pairs, _NAMES)
        score = overlap(name, title) if name and title else 0.0
        score += 0.2 * sum(bool(_first(pairs, keys)) for keys in (_PRICES, _BRANDS, _NUMBERS)) if score >= 0.6 else 0
        if score > best_score and score >= 0.6:
            best, best_score = pairs, score
    facts: Facts = {}
    if best:
        keep(
            facts,
            price=_amount(_first(best, _PRICES), url),
            currency=currency_code(_first(best, _CURRENCIES), url),
            brand=clean(_first(best, _BRANDS)),
            sku=clean(_first(best, _NUMBERS)),
            availability=availability(_first(best, _STOCKS) or "-"),
        )
    return facts


def amounts(text: str, url: str = "") -> frozenset[Decimal]:
    """All amounts that the page's data calls a price."""
    found = (_amount(_first(pairs, _PRICES[:6]), url) for pairs in objects(text))
    return frozenset(amount for amount in found if amount)


def objects(text: str) -> Iterator[dict[str, str]]:
    """Objects around the word "price", innermost braces only, names in lower case; a bounded number."""
    if "&quot;" in text:
        text = text.replace("&quot;", '"')
    if '\\"' in text:
        text = text.replace('\\"', '"')
    position, done = 0, -1
    for _ in range(MOST_OBJECTS * 5):
        position = text.find("rice", position)
        if position < 0:
            return
        start = text.rfind("{", max(done, position - REACH, 0), position)
        end = text.find("}", position, position + REACH)
        position += 4
        if start < 0 or end < 0 or start <= done:
            continue
        done = start
        pairs = {name.lower(): a or b or c for name, a, b, c in _PAIR.findall(text[start : end + 1])}
        if _first(pairs, _PRICES):
            yield pairs


def _first(pairs: dict[str, str], names: tuple[str, ...]) -> str:
    return next((pairs[name] for name in names if pairs.get(name)), "")


def _amount(text: str, url: str) -> Decimal | None:
    amount = number(text) if text else None
    if amount is None and text:
        amount = parse_price(text, url)[0]
    return amount
