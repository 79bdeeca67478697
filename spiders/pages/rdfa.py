"""RDFa Lite 1.1 (W3C) to nodes in JSON-LD's shape: ``typeof``, ``property`` and, as older pages have it, ``rel``."""

from __future__ import annotations

from typing import Any

from spiders.pages.facts import clean
from spiders.pages.microdata import LINKS, MOST_ELEMENTS
from spiders.pages.reading import reading
from spiders.pages.schema_org import Node


def nodes(tree: Any) -> list[Node]:
    """The page's top-level things, each with what belongs to it; prefixes of vocabularies are left out."""
    top: list[Node] = []
    by_element: dict[Any, Node] = {}
    for element in tree.xpath("//*[@typeof or @property]")[:MOST_ELEMENTS]:
        owner, relation = _owner(element, by_element)
        names = _terms(element.get("property", "")) or relation
        node: Node | None = None
        if element.get("typeof") is not None:
            node = by_element[element] = {"@type": _terms(element.get("typeof", ""))}
            if identifier := element.get("resource") or element.get("about"):
                node["@id"] = identifier
            if owner is None or not names:
                top.append(node)
        if owner is not None:
            for name in names:
                owner.setdefault(name, []).append(node if node is not None else _value(element))
    return top


def _owner(element: Any, by_element: dict[Any, Node]) -> tuple[Node | None, list[str]]:
    """The thing that ``element`` says something of, and as what where an element between the two says that."""
    relation = _terms(element.get("rel", "")) if element.get("typeof") is not None else []
    for above in element.iterancestors():
        if above in by_element:
            return by_element[above], relation
        relation = relation or _terms(above.get("rel", ""))
    return None, relation


def _terms(text: str) -> list[str]:
    return [term.rpartition("/")[2].rpartition(":")[2] for term in text.split()]


def _value(element: Any) -> str:
    """``content`` before a link's address before the text."""
    content = element.get("content")
    if content is not None:
        return clean(content)
    for attribute in ("resource", LINKS.get(element.tag, "")):
        if attribute and element.get(attribute):
            return str(element.get(attribute)).strip()
    return reading(element)
