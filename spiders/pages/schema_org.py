"""schema.org: from nodes (JSON-LD values, or microdata in the same shape) to facts about the page's one offer.

Vocabulary: https://schema.org/Product, Offer, AggregateOffer, ProductGroup, Vehicle.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Any

from scanner.model import Availability
from spiders.pages.facts import (
    Facts,
    availability,
    clean,
    distinct,
    keep,
    number,
    plain,
)
from spiders.pages.headline import overlap
from spiders.pages.identity import listing_id_of
from spiders.pages.money import currency_code, parse_price

Node = dict[str, Any]

_PRODUCTS = frozenset({
    "product", "productgroup", "productmodel", "individualproduct", "someproducts", "vehicle", "car", "motorcycle",
    "motorizedbicycle", "busorcoach", "book", "drug", "wearableproduct", "dietarysupplement", "mobileapplication",
    "softwareapplication",
})  # fmt: skip
_OFFERS = frozenset({"offer", "aggregateoffer", "offerfordemand", "demand"})
# Where a page's main thing may stand. Related goods, reviews and list elements are others' offers: never entered.
_WAYS_IN = ("@graph", "mainEntity", "mainEntityOfPage", "about", "itemOffered", "object", "hasPart", "@list")
_MOST_NODES = 2000
# So many products of which none is the page's own make a list.
_LIST = 3
_ALIKE = 0.6
_SELLER_KINDS = {"person": "person", "organization": "shop", "onlinestore": "shop", "store": "shop"}


def facts_of(documents: Iterable[Any], url: str = "", title: str = "") -> Facts:
    """The facts of the product that the documents are about; empty if they are about none."""
    graph = list(_nodes(documents))
    ids = {node["@id"]: node for node in graph if isinstance(node.get("@id"), str) and len(node) > 1}
    product = _main_product(graph, ids, url, title)
    facts: Facts = {}
    if product is not None:
        _read_product(product, facts, ids, url)
    for node in graph:
        if "breadcrumblist" in _types(node):
            keep(facts, category_path=_breadcrumbs(node))
    return facts


def _nodes(documents: Iterable[Any]) -> Iterator[Node]:
    """The nodes at the top and behind the ways in, breadth first, each once, a bounded number."""
    queue: list[Any] = list(documents)
    position = 0
    while position < len(queue) and position < _MOST_NODES:
        value = queue[position]
        position += 1
        if isinstance(value, list):
            queue.extend(value[:_MOST_NODES])
        elif isinstance(value, dict):
            yield value
            queue.extend(value[way] for way in _WAYS_IN if isinstance(value.get(way), (dict, list)))


def _types(node: Node) -> set[str]:
    """The node's types, in lower case and without their vocabulary."""
    return {str(kind).rpartition("/")[2].rpartition(":")[2].lower() for kind in _list(node.get("@type"))}


def _main_product(graph: list[Node], ids: dict[str, Node], url: str, title: str) -> Node | None:
    """The product that the page is about: at its address, named as in its title, with an offer; the first of equals.

    Of several products at other addresses and with other names none is it: the page is a list.
    """
    here = listing_id_of(url)
    scored: list[tuple[float, Node]] = []
    for node in filter(None, map(_as_product, graph)):
        name, address = _text(node.get("name")), _text(node.get("url")) or _text(node.get("@id"))
        is_here = bool(here and address and listing_id_of(address) == here)
        is_named = bool(name and title and overlap(name, title) >= _ALIKE)
        score = 1.0 + 2 * bool(node.get("offers") or node.get("hasVariant")) + bool(name) + 8 * is_here + 8 * is_named
        scored.append((score, node))
    best_score, best = max(scored, key=lambda one: one[0], default=(0.0, None))
    if best is None or (best_score < 8 and len(scored) >= _LIST):
        return None
    return _resolved(best, ids)


def _as_product(node: Node) -> Node | None:
    """``node`` if it is a product, or offers something under a name; a lone offer stands for what it offers."""
    kinds = _types(node)
    if kinds & _PRODUCTS or (node.get("offers") and _text(node.get("name"))):
        return node
    if kinds & _OFFERS:
        return {"offers": node, "name": node.get("name"), **_dict(node.get("itemOffered"))}
    return None


def _read_product(product: Node, facts: Facts, ids: dict[str, Node], url: str) -> None:
    variants = [_resolved(node, ids) for node in _dicts(product.get("hasVariant"))]
    keep(
        facts,
        title=plain(_text(product.get("name"))),
        description=plain(_text(product.get("description"))),
        brand=plain(_name(_resolved_value(product.get("brand"), ids)) or _name(product.get("manufacturer"))),
        sku=_sku(product),
        images=distinct(_images(product.get("image"))),
        options=distinct(plain(_text(node.get("name"))) for node in variants),
        attributes=_attributes(product),
        category_path=_category(product.get("category")),
    )
    offers = [_resolved(node, ids) for node in _dicts(product.get("offers"))]
    if not offers:
        offers = [_resolved(offer, ids) for node in variants for offer in _dicts(node.get("offers"))]
    _read_offers(offers, facts, url)
    if variants:
        keep(facts, sku=_sku(variants[0]), description=plain(_text(variants[0].get("description"))))


def _read_offers(offers: list[Node], facts: Facts, url: str) -> None:
    """The offer at this address, else the first with a price; an aggregate's lowest price serves if it has no other."""
    flat = [inner for offer in offers for inner in (offer, *_dicts(offer.get("offers")))]
    here = listing_id_of(url)
    flat.sort(key=lambda offer: not (here and listing_id_of(_text(offer.get("url")) or "-") == here and "url" in offer))
    for offer in flat:
        price, currency = _price(offer, url)
        if price is not None and "price" not in facts:
            keep(facts, price=price, currency=currency)
        seller = _dict(offer.get("seller")) or _dict(offer.get("offeredBy"))
        keep(
            facts,
            currency=currency,
            sku=_sku(offer),
            seller_name=plain(_name(offer.get("seller")) or _name(offer.get("offeredBy"))),
            seller_id=_text(seller.get("identifier")) or _text(seller.get("@id")),
            seller_kind=next((_SELLER_KINDS[kind] for kind in _types(seller) if kind in _SELLER_KINDS), ""),
            quantity=_quantity(offer),
        )
    stocks = [stock for offer in flat if (stock := availability(_text(offer.get("availability")) or "-"))]
    keep(facts, availability=Availability.IN_STOCK if Availability.IN_STOCK in stocks else next(iter(stocks), None))
    names = distinct(plain(_text(offer.get("name"))) for offer in flat)
    if len(names) > 1:
        keep(facts, options=names)


def _price(offer: Node, url: str) -> tuple[Decimal | None, str]:
    """What a buyer pays now: list and struck-through prices among the specifications are not that."""
    specifications = [
        node
        for node in _dicts(offer.get("priceSpecification"))
        if not any(word in _text(node.get("priceType")).lower() for word in ("list", "strike", "msrp", "suggested"))
    ]
    currency = currency_code(_text(offer.get("priceCurrency")), url)
    for holder in (offer, *specifications):
        for key in ("price", "lowPrice", "minPrice"):
            amount, said = _amount(_text(holder.get(key)), url)
            if amount is not None:
                code = currency or currency_code(_text(holder.get("priceCurrency")), url) or said
                return amount, code
    return None, currency


def _amount(text: str, url: str) -> tuple[Decimal | None, str]:
    if not text:
        return None, ""
    plain_number = number(text)
    return (plain_number, "") if plain_number is not None else parse_price(text, url)


def _quantity(offer: Node) -> int | None:
    value = number(_text(_dict(offer.get("inventoryLevel")).get("value")) or _text(offer.get("inventoryLevel")))
    return int(value) if value is not None else None


def _sku(node: Node) -> str:
    for key in ("sku", "productID", "identifier", "mpn"):
        if text := clean(_text(node.get(key))):
            return text.removeprefix("sku:").removeprefix("mpn:")
    return ""


def _attributes(product: Node) -> dict[str, str]:
    found = {}
    for pair in _dicts(product.get("additionalProperty")):
        name, value = plain(_text(pair.get("name"))), plain(_text(pair.get("value")))
        if name and value:
            found[name] = value
    for key in ("color", "size", "material", "model", "pattern", "itemCondition"):
        if value := plain(_name(product.get(key))):
            found.setdefault(key, value.rpartition("/")[2])
    return found


def _category(value: Any) -> tuple[str, ...]:
    text = plain(_name(value))
    return distinct(part.strip() for part in text.replace(" / ", ">").replace("/", ">").split(">"))


def _breadcrumbs(node: Node) -> tuple[str, ...]:
    items = sorted(_dicts(node.get("itemListElement")), key=lambda item: number(_text(item.get("position"))) or 0)
    return distinct(plain(_text(item.get("name")) or _name(item.get("item"))) for item in items)


def _images(value: Any) -> Iterator[str]:
    for image in _list(value)[:100]:
        yield _text(image.get("url") or image.get("contentUrl")) if isinstance(image, dict) else _text(image)


def _name(value: Any) -> str:
    """A thing's name, whether it is given as a thing or as its name."""
    first = next(iter(_list(value)), "")
    return _text(first.get("name")) or _text(first.get("@value")) if isinstance(first, dict) else _text(first)


def _text(value: Any) -> str:
    """The first text in ``value``."""
    for _ in range(4):
        if isinstance(value, list):
            value = value[0] if value else ""
        elif isinstance(value, dict):
            value = value.get("@value", value.get("@id", value.get("value", "")))
        else:
            break
    return str(value).strip() if isinstance(value, (str, int, float)) and not isinstance(value, bool) else ""


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _dict(value: Any) -> Node:
    return next(iter(_dicts(value)), {})


def _dicts(value: Any) -> list[Node]:
    return [node for node in _list(value)[:_MOST_NODES] if isinstance(node, dict)]


def _resolved(node: Node, ids: dict[str, Node]) -> Node:
    """``node``, or what it refers to when it is nothing but a reference."""
    key = node.get("@id")
    return ids.get(key, node) if len(node) == 1 and isinstance(key, str) else node


def _resolved_value(value: Any, ids: dict[str, Node]) -> Any:
    return _resolved(value, ids) if isinstance(value, dict) else value
