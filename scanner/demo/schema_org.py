"""What listing pages of the JSON-LD design say to machines: schema.org blocks in the shapes found on real shops."""

from __future__ import annotations

import json
from html import unescape
from re import compile as pattern

from scanner.demo.records import ShopListing
from scanner.demo.wares import Shelf
from scanner.model import Seller, SellerKind

_TAG = pattern(r"<[^<>]*>")
_SCHEMA = "https://schema.org"


def blocks(item: ShopListing, seller: Seller, path: tuple[Shelf, ...], *, base: str) -> list[str]:
    """The JSON-LD blocks of a page: one graph, or a breadcrumb and a product, by the listing's number."""
    product, crumbs = _product(item, seller, base), _breadcrumb(path, base)
    if item.art % 4 == 1:
        return [_dump({"@context": _SCHEMA, "@graph": [{"@type": "WebPage", "name": item.title}, crumbs, product]})]
    if item.art % 4 == 2:
        return [_dump([{"@context": _SCHEMA} | crumbs, {"@context": _SCHEMA} | product])]
    return [_dump({"@context": _SCHEMA} | crumbs), _dump({"@context": _SCHEMA} | product)]


def _dump(value: object) -> str:
    """JSON that cannot close the script element around it."""
    return json.dumps(value, ensure_ascii=False).replace("<", "\\u003c")


def _product(item: ShopListing, seller: Seller, base: str) -> dict[str, object]:
    url = f"{base}/item/{item.id}.html"
    product: dict[str, object] = {
        "@type": "Product",
        "@id": f"{url}#product",
        "productID": item.id,
        "name": item.title,
        "url": url,
        "image": [f"{base}/img/{item.art}-{view}.png" for view in range(1, item.pictures + 1)],
        "description": summary(item.description),
        "sku": item.sku,
        "additionalProperty": [
            {"@type": "PropertyValue", "name": name, "value": value} for name, value in item.attributes.items()
        ],
        "offers": _offers(item, seller, url),
    }
    return product | ({"brand": {"@type": "Brand", "name": item.brand}} if item.brand else {})


def _offers(item: ShopListing, seller: Seller, url: str) -> object:
    """One offer, or one for each option of the first kind, named after it."""
    offer: dict[str, object] = {
        "@type": "Offer",
        "url": url,
        "price": str(item.price) if item.art % 2 else float(item.price),
        "priceCurrency": item.currency,
        "availability": f"{_SCHEMA}/{'InStock' if item.stock else 'OutOfStock'}",
        "inventoryLevel": {"@type": "QuantitativeValue", "value": item.stock},
        "seller": _seller(seller),
    }
    names = next(iter(item.options.values()), ())
    if not names or item.art % 3 == 0:
        return offer
    return [offer | {"name": name, "sku": f"{item.sku}-{number}"} for number, name in enumerate(names, start=1)]


def _seller(seller: Seller) -> dict[str, object]:
    kind = "Person" if seller.kind is SellerKind.PERSON else "Organization"
    credentials = [{"@type": "EducationalOccupationalCredential", "name": name} for name in seller.licences]
    found: dict[str, object] = {"@type": kind, "identifier": seller.id, "name": seller.name}
    return found | ({"hasCredential": credentials} if credentials else {})


def _breadcrumb(path: tuple[Shelf, ...], base: str) -> dict[str, object]:
    steps = [
        {"@type": "ListItem", "position": number, "name": shelf.name, "item": f"{base}/c/{shelf.slug}"}
        for number, shelf in enumerate(path, start=1)
    ]
    return {"@type": "BreadcrumbList", "itemListElement": steps}


def summary(fragment: str, length: int = 160) -> str:
    """The first characters of a description without its markup, as shops fill ``description``."""
    return " ".join(unescape(_TAG.sub(" ", fragment)).split())[:length]
