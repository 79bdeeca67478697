"""HTML microdata (WHATWG HTML, 5.2) to nodes in JSON-LD's shape, with what shops leave out put right."""

from __future__ import annotations

from typing import Any

from spiders.pages.facts import clean
from spiders.pages.reading import reading
from spiders.pages.schema_org import Node

MOST_ELEMENTS = 5000
LINKS = {
    "a": "href",
    "area": "href",
    "link": "href",
    "img": "src",
    "source": "src",
    "object": "data",
    "time": "datetime",
}
# Offers and brands that stand in a product without saying what they are to it.
_IMPLIED = {"offer": "offers", "aggregateoffer": "offers", "brand": "brand"}


def nodes(tree: Any) -> list[Node]:
    """The page's top-level items, each with what belongs to it."""
    top: list[Node] = []
    by_element: dict[Any, Node] = {}
    elements = tree.xpath("//*[@itemscope or @itemprop]")[:MOST_ELEMENTS]
    for element in elements:
        owner = _owner(element, by_element)
        node: Node | None = None
        names = element.get("itemprop", "").split()
        if element.get("itemscope") is not None:
            node = {"@type": element.get("itemtype", "").split()}
            if identifier := element.get("itemid"):
                node["@id"] = identifier
            by_element[element] = node
            names = names or _implied(node, owner)
            if not names or owner is None:
                top.append(node)
        if owner is not None:
            value = node if node is not None else _value(element)
            for name in names:
                owner.setdefault(name.rpartition("/")[2], []).append(value)
    return top


def _owner(element: Any, by_element: dict[Any, Node]) -> Node | None:
    """The item that ``element`` is a property of; libxml2 nests no deeper than 255."""
    for above in element.iterancestors():
        if above in by_element:
            return by_element[above]
    return None


def _implied(node: Node, owner: Node | None) -> list[str]:
    if owner is None:
        return []
    kind = "".join(node["@type"]).rpartition("/")[2].lower()
    return [_IMPLIED[kind]] if kind in _IMPLIED else []


def _value(element: Any) -> str:
    """The property's value; a ``content`` attribute counts on any element, as shops use it."""
    content = element.get("content")
    if content is not None:
        return clean(content)
    attribute = LINKS.get(element.tag)
    if attribute and element.get(attribute):
        return str(element.get(attribute)).strip()
    if element.get("itemprop") == "description":
        return ""
    return reading(element)
