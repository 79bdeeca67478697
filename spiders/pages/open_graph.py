"""What a page's ``<meta>`` elements say: OpenGraph with its product fields, Twitter cards, plain descriptions."""

from __future__ import annotations

import re

import re2

from spiders.pages.facts import Facts, availability, clean, distinct, keep, number, plain
from spiders.pages.money import currency_code, parse_price

MOST_METAS = 400
# One fixed sign first, then a run up to the next bracket: linear, and quick to look for.
_META = re.compile(r"<meta\s[^<>]*>", re.IGNORECASE)
_ATTRIBUTE = re2.compile(r"""(?i)(?:^|\s)(property|name|content|itemprop)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")

_PRICE = ("product:sale_price:amount", "product:price:amount", "og:price:amount", "product:price", "og:price")
_CURRENCY = ("product:sale_price:currency", "product:price:currency", "og:price:currency", "product:currency")
_STOCK = ("product:availability", "og:availability", "availability")
_BRAND = ("product:brand", "og:brand", "brand")
_SKU = ("product:retailer_item_id", "product:retailer_part_no", "product:sku", "og:sku", "product:mfr_part_no")
_KINDS = frozenset({"product", "product.item", "og:product", "ebay-objects:item", "market:product", "item"})


def metas(page: str) -> dict[str, list[str]]:
    """The page's meta elements: name in lower case -> contents."""
    found: dict[str, list[str]] = {}
    for number_, element in enumerate(_META.finditer(page)):
        if number_ == MOST_METAS:
            break
        pairs = {name.lower(): clean(a or b or c) for name, a, b, c in _ATTRIBUTE.findall(element.group())}
        name = pairs.get("property") or pairs.get("name")
        if name and pairs.get("content"):
            found.setdefault(name.lower(), []).append(pairs["content"])
    return found


def is_product(found: dict[str, list[str]]) -> bool:
    """Whether the page calls itself a product."""
    return any(kind.lower() in _KINDS for kind in found.get("og:type", ()))


def facts_of(found: dict[str, list[str]], url: str = "") -> Facts:
    """What the meta elements say about the page's offer."""
    facts: Facts = {}
    price = _first(found, _PRICE) or _labelled(found)
    amount = number(price)
    said = ""
    if amount is None and price:
        amount, said = parse_price(price, url)
    keep(
        facts,
        title=_title(found),
        description=plain(_first(found, ("og:description", "twitter:description", "description"))),
        price=amount,
        currency=currency_code(_first(found, _CURRENCY), url) or said,
        availability=availability(_first(found, _STOCK) or "-"),
        brand=_first(found, _BRAND),
        sku=_first(found, _SKU),
        images=distinct((*found.get("og:image", ()), *found.get("og:image:secure_url", ()))),
    )
    return facts


def _labelled(found: dict[str, list[str]]) -> str:
    """The price in a Twitter card, where it stands behind a label of its own."""
    for number_ in ("1", "2"):
        if _first(found, (f"twitter:label{number_}",)).lower().strip(":") in {
            "price",
            "preis",
            "prix",
            "precio",
            "prezzo",
        }:
            return _first(found, (f"twitter:data{number_}",))
    return ""


def _title(found: dict[str, list[str]]) -> str:
    """The title, without the site's name that is often hung on it."""
    title = plain(_first(found, ("og:title", "twitter:title")))
    site = _first(found, ("og:site_name",))
    for mark in (" | ", " - ", " – ", " — ", " : ", " :: "):
        if site and title.endswith(f"{mark}{site}"):
            return title.removesuffix(f"{mark}{site}")
    return title


def _first(found: dict[str, list[str]], names: tuple[str, ...]) -> str:
    return next((found[name][0] for name in names if found.get(name)), "")
