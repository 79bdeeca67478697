"""State that pages carry for their own scripts: analytics objects, ``__NEXT_DATA__``, ``data-`` attributes.

No script is run and no syntax assumed: small objects with a name and a price are read wherever they stand, and the one
whose name is the page's own heading is its offer.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

import re2

from scanner.model import Availability
from spiders.pages import state
from spiders.pages.facts import Facts, availability, clean, keep, number
from spiders.pages.headline import overlap
from spiders.pages.money import currency_code, parse_price

MOST_OBJECTS = 400
REACH = 1500
_PAIR = re2.compile(
    r"""["']?([A-Za-z_][A-Za-z0-9_-]{0,40})["']?\s*:\s*(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)'|(-?[\d.]+|true|false))"""
)
_NAMES = ("name", "title", "productname", "product_name", "item_name", "itemname", "goods_name", "goodsname")
_PRICES = (
    "price", "saleprice", "sale_price", "finalprice", "final_price", "currentprice", "value", "product_price",
    "pricing", "current_price", "amount", "prices", "pricevalue", "price_amount",
)  # fmt: skip
_CURRENCIES = ("currency", "pricecurrency", "currencycode", "currency_code", "price_currency")
_BRANDS = ("brand", "brandname", "item_brand", "brand_name", "manufacturer", "product_brand", "vendor")
_NUMBERS = (
    "sku", "item_id", "product_id", "productid", "product_sku", "productcode", "product_code", "article",
    "articlenumber", "goodsno", "goods_no", "itemno", "item_no", "code", "id",
)  # fmt: skip
_STOCKS = (
    "availability", "stockstatus", "stock_status", "instock", "in_stock", "isavailable", "is_available", "available",
    "stock",
)  # fmt: skip
_SOLD_OUT = ("issoldout", "is_sold_out", "soldout", "sold_out", "isoutofstock", "is_out_of_stock", "outofstock")
_LEFT = ("stock_num", "stocknum", "stock_quantity", "stockquantity", "stock", "inventory", "inventory_quantity")
_WHOLE = re.compile(r"^\d{3,9}$")


def facts_of(text: str, title: str, url: str = "") -> Facts:
    """What the object named like ``title`` says; empty if there is none."""
    values = list(state.values(text)) if title else []
    best = _named_like(title, (*(offer for value in values for offer in state.offers(value)), *objects(text)))
    facts: Facts = {}
    if best:
        currency = _first(best, _CURRENCIES) or next((said for value in values if (said := _currency_in(value))), "")
        keep(
            facts,
            price=_in_units(_first(best, _PRICES), text, url),
            currency=currency_code(currency, url),
            brand=clean(_first(best, _BRANDS)),
            sku=clean(_first(best, _NUMBERS)),
            availability=_stock(best),
        )
    return facts


def _named_like(title: str, offers: Iterable[dict[str, str]]) -> dict[str, str]:
    """The offer whose name is most like the page's, and which says most; empty if none is like it."""
    best: dict[str, str] = {}
    best_score = 0.0
    for pairs in offers:
        name = _first(pairs, _NAMES)
        score = overlap(name, title) if name and title else 0.0
        score += 0.2 * sum(bool(_first(pairs, keys)) for keys in (_PRICES, _BRANDS, _NUMBERS)) if score >= 0.6 else 0
        if score > best_score and score >= 0.6:
            best, best_score = pairs, score
    return best


def _stock(pairs: dict[str, str]) -> Availability | None:
    """What is said of the stock: in words, by a flag that it is sold out, or by how many are left."""
    if said := availability(_first(pairs, _STOCKS) or "-"):
        return said
    if (flag := _first(pairs, _SOLD_OUT).lower()) in {"true", "false", "1", "0"}:
        return Availability.OUT_OF_STOCK if flag in {"true", "1"} else Availability.IN_STOCK
    left = number(_first(pairs, _LEFT) or "-")
    return None if left is None else Availability.IN_STOCK if left > 0 else Availability.OUT_OF_STOCK


def _in_units(price: str, text: str, url: str) -> Decimal | None:
    """The amount; a whole number whose hundredth part the page shows as a price, and not itself, is in cents."""
    amount = _amount(price, url)
    if amount is None or not _WHOLE.match(price):
        return amount
    units, cents = divmod(int(price), 100)
    ways = {f"{units:,}".replace(",", group) for group in ("", ",", ".", " ", "'", "\xa0", "\u202f")}
    shown = any(f"{way}{mark}{cents:02d}" in text for way in ways for mark in (".", ","))
    return amount / 100 if shown and f"{int(price):,}" not in text.replace(price, "") else amount


def _currency_in(value: object) -> str:
    """The first currency that a value names anywhere."""
    todo = [value]
    for position in range(state.MOST_NODES):
        if position >= len(todo):
            break
        node = todo[position]
        if isinstance(node, dict):
            said = {key.lower(): inner for key, inner in node.items() if isinstance(inner, str) and len(inner) <= 3}
            if found := _first(said, _CURRENCIES):
                return found
            todo.extend(node.values())
        elif isinstance(node, list):
            todo.extend(node)
    return ""


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
