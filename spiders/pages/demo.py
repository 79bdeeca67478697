"""The simulated marketplace's own page function: its plain design, and what all of its designs show of the seller.

A model for a platform's page function: it returns what it knows better than the generic chain, and nothing else.
"""

from __future__ import annotations

from typing import Any

from scanner.model import Availability
from spiders.pages.document import Document, by_class
from spiders.pages.facts import Facts, distinct, keep, moment, number
from spiders.pages.money import parse_price
from spiders.pages.reading import reading

LINK_PATTERN = r"/item/(\d+)\.html"


def refine(document: Document, _: Facts) -> Facts:
    """What this marketplace's pages say in their own classes."""
    facts: Facts = {}
    if not document.of_class("seller-card"):
        return facts
    _read_seller(document.of_class("seller-card")[0], facts)
    keep(
        facts,
        options=distinct(reading(value) for group in document.of_class("option-values") for value in group),
        questions=distinct(reading(line) for part in document.of_class("item-questions") for line in part.iter("li")
                           if "empty" not in line.get("class", "")),
        category_path=distinct(reading(crumb) for crumb in document.of_class("crumb")),
        modified_at=next((moment(time.get("datetime", "")) for time in document.of_class("item-posted")), None),
    )  # fmt: skip
    if document.of_class("item-title"):
        _read_plain(document, facts)
    return facts


def _read_seller(card: Any, facts: Facts) -> None:
    licences = (item.get("data-licence", "") for item in card.iter("li"))
    kind = card.get("data-kind", "")
    keep(
        facts,
        seller_id=card.get("data-seller-id", ""),
        seller_name=_first(card, "seller-name"),
        seller_kind=kind if kind in {"person", "shop", "brand_store"} else "",
        seller_licences=distinct(licences),
        seller_registered_at=next((moment(time.get("datetime", "")) for time in card.iter("time")), None),
    )


def _read_plain(document: Document, facts: Facts) -> None:
    """The design without structured data."""
    amount, currency = parse_price(_shown(document, "price-now"), document.page.url)
    is_sold_out = bool(document.of_class("sold-out"))
    count = 0 if is_sold_out else number(_shown(document, "stock-count"))
    rows = (row for table in document.of_class("item-attributes") for row in table.iter("tr"))
    pairs = {reading(row[0]): reading(row[1]) for row in rows if len(row) == 2}
    keep(
        facts,
        title=_shown(document, "item-title"),
        price=amount,
        currency=currency,
        quantity=int(count) if count is not None else None,
        availability=Availability.OUT_OF_STOCK if is_sold_out else Availability.IN_STOCK,
        brand=_shown(document, "item-brand"),
        sku=_shown(document, "item-sku"),
        attributes={name: value for name, value in pairs.items() if name},
        images=distinct(document.absolute(image.get("src", "")) for image in document.of_class("item-image")),
    )


def _shown(document: Document, name: str) -> str:
    return next((reading(element) for element in document.of_class(name)), "")


def _first(root: Any, name: str) -> str:
    return next((reading(element) for element in by_class(root).get(name, ())), "")
