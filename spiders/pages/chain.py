"""The generic chain: any shop, no code. Each method fills what the ones before it left open, and is named beside it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from scanner.model import Listing, Seller, SellerKind
from spiders.pages import (
    details,
    embedded,
    fragment,
    heuristics,
    json_ld,
    microdata,
    open_graph,
    rdfa,
    regions,
    schema_org,
)
from spiders.pages.document import Document
from spiders.pages.facts import Facts, distinct
from spiders.pages.headline import headline, page_title
from spiders.pages.identity import without_origin
from spiders.pages.scene import Scene
from spiders.pages.words import DESCRIPTION_NAMES

Method = Callable[[Document, Facts], Facts]

# What spares a page the methods that need a tree.
_ENOUGH = frozenset({"title", "price", "currency", "availability"})
_COSTLY = frozenset({"microdata", "rdfa", "open-graph", "embedded", "heuristics"})
_SELLER_FIELDS = {
    "seller_id": "id",
    "seller_name": "name",
    "seller_kind": "kind",
    "seller_licences": "licences",
    "seller_registered_at": "registered_at",
}
# What a later method says only where it knows better than all before it.
_KNOWN_BETTER = frozenset({("inferred", "brand")})
# A description shorter than this is none: shops put the title there.
_SHORT = 40
_NOISE = re.compile(r"[\W_]+")
_SENTENCE = re.compile(r"[。！？!?\n]+|\.\s")


def from_json_ld(document: Document, _: Facts) -> Facts:
    """schema.org in JSON-LD scripts."""
    if not document.bears(json_ld.MARK, in_any_case=True):
        return {}
    return schema_org.facts_of(json_ld.documents(document.text), document.page.url, page_title(document.text))


def from_microdata(document: Document, _: Facts) -> Facts:
    """schema.org in microdata attributes."""
    nodes = [node for tree in document.bearing("itemscope") for node in microdata.nodes(tree)]
    return schema_org.facts_of(nodes, document.page.url, page_title(document.text)) if nodes else {}


def from_rdfa(document: Document, _: Facts) -> Facts:
    """schema.org in RDFa attributes."""
    nodes = [node for tree in document.bearing("typeof") for node in rdfa.nodes(tree)]
    return schema_org.facts_of(nodes, document.page.url, page_title(document.text)) if nodes else {}


def from_open_graph(document: Document, _: Facts) -> Facts:
    """OpenGraph and other meta elements."""
    return open_graph.facts_of(document.metas, document.page.url)


def from_embedded(document: Document, facts: Facts) -> Facts:
    """State that the page carries for its scripts."""
    title = facts.get("title") or headline(document.text, document.tree)
    return embedded.facts_of(document.text, title, document.page.url)


METHODS: tuple[tuple[str, Method], ...] = (
    ("json-ld", from_json_ld),
    ("microdata", from_microdata),
    ("rdfa", from_rdfa),
    ("open-graph", from_open_graph),
    ("embedded", from_embedded),
    ("heuristics", heuristics.from_page),
    ("details", details.facts_of),
    ("inferred", heuristics.inferred),
)


def collect(document: Document, refine: Method | None = None) -> tuple[Facts, dict[str, str]]:
    """All facts about the page, and for each field the method that found it; a platform's own knows best."""
    facts: Facts = {}
    provenance: dict[str, str] = {}
    for name, method in (("page", refine), *METHODS) if refine else METHODS:
        if name in _COSTLY and facts.keys() >= _ENOUGH and ("sku" in facts or "brand" in facts):
            continue
        for field, value in method(document, facts).items():
            if field not in facts or (name, field) in _KNOWN_BETTER:
                facts[field] = value
                provenance[field] = name
    read_description(document, facts, provenance)
    return facts, provenance


def is_offer(document: Document, provenance: dict[str, str]) -> bool:
    """Whether a page without a price still offers something: marked up as goods, or said to be in stock."""
    marked = {"page", "json-ld", "microdata", "rdfa"}
    if any(provenance.get(field) in marked for field in ("title", "availability", "seller_name", "sku")):
        return True
    return open_graph.is_product(document.metas) or provenance.get("availability") in {"open-graph", "heuristics"}


def read_description(document: Document, facts: Facts, provenance: dict[str, str]) -> None:
    """Read the description where buyers read it; structured data often holds a shorter one, or a tamer one.

    Text that structured data says and the page does not show is kept after it: a seller wrote that too. Where no
    description is found, all of the page's text is taken: too much to read is better than a seller's words lost.
    """
    found = regions.descriptions(document.main_text, document.of_main(DESCRIPTION_NAMES)) or regions.descriptions(
        document.text, filter(document.bears, DESCRIPTION_NAMES)
    )
    fragments = [fragment.read(region.markup) for region in found]
    visible = "\n".join(distinct(part.visible for part in fragments))
    hidden = "\n".join(distinct(part.hidden for part in fragments))
    method = "fragment"
    if not visible and len(facts.get("description", "")) < _SHORT and document.tree is not None:
        visible, method = Scene(document.tree).text, "page-text"
    if visible:
        untold = _untold(facts.get("description", ""), f"{visible} {hidden} {facts.get('title', '')}")
        facts["description"] = f"{visible}\n{untold}" if untold else visible
        provenance["description"] = method
    if hidden:
        facts["hidden_text"] = hidden
        provenance["hidden_text"] = "fragment"


def _untold(said: str, shown: str) -> str:
    """The sentences of ``said`` that are not among what is shown."""
    if not said:
        return ""
    known = _bare(shown)
    sentences = (sentence.strip() for sentence in _SENTENCE.split(said))
    return " ".join(sentence for sentence in sentences if _bare(sentence) and _bare(sentence) not in known)


def _bare(text: str) -> str:
    return _NOISE.sub("", text)


def listing_of(
    facts: Facts, provenance: dict[str, str], document: Document, *, platform: str, listing_id: str
) -> Listing:
    """The listing that the facts make."""
    fields: dict[str, Any] = {name: value for name, value in facts.items() if name not in _SELLER_FIELDS}
    seller = {_SELLER_FIELDS[name]: value for name, value in facts.items() if name in _SELLER_FIELDS}
    if "kind" in seller:
        seller["kind"] = SellerKind(seller["kind"])
    if "images" in fields:
        links = (document.absolute(image) or image for image in fields["images"])
        fields["images"] = distinct(without_origin(link, document.page.url) for link in links)
    return Listing(
        platform=platform,
        listing_id=listing_id,
        url=document.page.url,
        seen_at=document.page.seen_at,
        seller=Seller(**seller),
        provenance=provenance,
        **fields,
    )
