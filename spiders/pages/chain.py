"""The generic chain: any shop, no code. Each method fills what the ones before it left open, and is named beside it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from scanner.model import Listing, Seller, SellerKind
from spiders.pages import json_ld, schema_org
from spiders.pages.document import Document
from spiders.pages.facts import Facts

Method = Callable[[Document, Facts], Facts]

# What spares a page the methods that need a tree.
_ENOUGH = frozenset({"title", "price", "currency", "availability"})
_SELLER_FIELDS = {"seller_id": "id", "seller_name": "name", "seller_kind": "kind", "seller_licences": "licences"}


def from_json_ld(document: Document, _: Facts) -> Facts:
    """schema.org in JSON-LD scripts."""
    return schema_org.facts_of(json_ld.documents(document.text), document.page.url)


METHODS: tuple[tuple[str, Method], ...] = (("json-ld", from_json_ld),)


def collect(document: Document, refine: Method | None = None) -> tuple[Facts, dict[str, str]]:
    """All facts about the page, and for each field the method that found it; a platform's own knows best."""
    facts: Facts = {}
    provenance: dict[str, str] = {}
    for name, method in (("page", refine), *METHODS) if refine else METHODS:
        if name != "fragment" and facts.keys() >= _ENOUGH and ("sku" in facts or "brand" in facts):
            continue
        for field, value in method(document, facts).items():
            if field not in facts:
                facts[field] = value
                provenance[field] = name
    return facts, provenance


def listing_of(
    facts: Facts, provenance: dict[str, str], document: Document, *, platform: str, listing_id: str
) -> Listing:
    """The listing that the facts make."""
    fields: dict[str, Any] = {name: value for name, value in facts.items() if name not in _SELLER_FIELDS}
    seller = {_SELLER_FIELDS[name]: value for name, value in facts.items() if name in _SELLER_FIELDS}
    if "kind" in seller:
        seller["kind"] = SellerKind(seller["kind"])
    return Listing(
        platform=platform,
        listing_id=listing_id,
        url=document.page.url,
        seen_at=document.page.seen_at,
        seller=Seller(**seller),
        provenance=provenance,
        **fields,
    )
