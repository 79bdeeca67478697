"""What a buyer would read off the page where nothing is marked up: the last resort, and named as such."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from scanner.model import Availability
from spiders.pages import embedded
from spiders.pages.document import Document
from spiders.pages.facts import Facts, clean, distinct, keep
from spiders.pages.headline import headline
from spiders.pages.identity import article_number
from spiders.pages.labels import among, attributes_of, brand_of, sku_of
from spiders.pages.money import national_currency
from spiders.pages.price_tag import known_amounts, price_tag
from spiders.pages.scene import Scene
from spiders.pages.stock import stock
from spiders.pages.words import BRAND_LABELS

_SHORTEST_NAME = 3
MOST_CARRIED = 200
LONGEST_SKU = 40


def from_page(document: Document, facts: Facts) -> Facts:
    """Title, price, stock, brand and article number as they are shown, and the specification tables."""
    found: Facts = {}
    tree = document.tree
    keep(found, title=facts.get("title") or headline(document.text, tree))
    if tree is None:
        return found
    scene, url = Scene(tree), document.page.url
    attributes = attributes_of(tree)
    if "price" not in facts:
        said = document.metas.get("og:description", []) + document.metas.get("description", [])
        known = embedded.amounts(document.text, url) | known_amounts(said, url)
        if tag := price_tag(scene, url, known):
            keep(found, price=tag.amount, currency=tag.currency)
    keep(
        found,
        availability=facts.get("availability") or stock(scene),
        brand=facts.get("brand") or brand_of(scene, attributes) or shouted(found.get("title", "")),
        sku=facts.get("sku") or sku_of(scene, attributes) or _carried(tree),
        attributes=attributes,
    )
    return found


def _carried(tree: Any) -> str:
    """The article number that elements carry for scripts, if all of them carry the same."""
    carried = distinct(tree.xpath("//@data-sku | //@data-product-sku | //@data-product_sku")[:MOST_CARRIED])
    return clean(carried[0])[:LONGEST_SKU] if len(carried) == 1 else ""


def inferred(document: Document, facts: Facts) -> Facts:
    """What follows from the rest: the brand is what a table says if nothing else does, or only the shop's own name; the
    number in the address is the article's; a price without a currency is in the country's; what has a price can be
    bought."""
    found: Facts = {}
    said = among(facts.get("attributes", {}), BRAND_LABELS)
    if said and (not facts.get("brand") or is_the_shops_own(facts["brand"], document.page.url)):
        found["brand"] = said
    keep(found, sku=facts.get("sku") or article_number(document.page.url))
    if "price" in facts:
        keep(found, currency=national_currency(document.page.url), availability=Availability.IN_STOCK)
    return found


def is_the_shops_own(brand: str, url: str) -> bool:
    """Whether a brand is what the site is called: marketplaces put their own name where a maker's belongs."""
    bare = "".join(sign for sign in brand.lower() if sign.isalnum())
    host = (urlsplit(url).hostname or "").removeprefix("www.")
    return len(bare) >= _SHORTEST_NAME and host.startswith(bare)


def shouted(title: str) -> str:
    """The first word of a title if it alone is in capitals, as brands in front of names are."""
    first, _, rest = title.partition(" ")
    letters = [sign for sign in first if sign.isalpha()]
    is_capital = len(letters) == len(first) >= 3 and first.isupper() and first.isascii()
    return first if is_capital and any(sign.islower() for sign in rest) else ""
