"""Labels and values as pages show them: specification tables, definition lists, "Brand: Such and such" lines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest
from typing import Any

from spiders.pages.reading import reading
from spiders.pages.scene import Scene, is_elsewhere
from spiders.pages.words import BRAND_LABELS, SKU_LABELS, SURE_SKU_LABELS

MOST_PAIRS = 300
LONGEST_LABEL = 60
LONGEST_VALUE = 2000
_COLONS = ":："
# What stands in front of a value, in an element of its own; the value comes at most so many elements later.
_LABELS = frozenset({"label", "span", "strong", "b", "dt", "th", "td", "div", "p", "em", "h3", "h4", "h5", "h6"})
_NEXT = 3
_LABELLED = re.compile(r"\w\s?[:：]\s?\S")


def attributes_of(tree: Any) -> dict[str, str]:
    """The pairs of the page's tables and definition lists; the first value of a label holds."""
    found: dict[str, str] = {}
    for label, value in _table_pairs(tree):
        if len(found) == MOST_PAIRS:
            break
        found.setdefault(label, value)
    return found


def labelled(scene: Scene, attributes: dict[str, str], labels: frozenset[str], longest: int = 60) -> str:
    """The first value that stands behind one of ``labels``, in a table or in a line of its own."""
    if value := among(attributes, labels, longest):
        return value
    for spot, after in zip_longest(scene.spots, scene.spots[1:]):
        for colon in _COLONS:
            label, mark, said = spot.text.partition(colon)
            said = said.strip()
            # A second label in it: this is the list that the line stands in.
            if mark and _is_one_of(label, labels) and 0 < len(said) <= longest and not _LABELLED.search(said):
                return said
        if (
            after is not None
            and spot.tag in _LABELS
            and _is_one_of(spot.text.rstrip(" :："), labels)
            and (after.place <= spot.place + _NEXT and 0 < len(after.text) <= longest)
        ):
            return after.text
    return ""


def among(attributes: dict[str, str], labels: frozenset[str], longest: int = 60) -> str:
    """The first value whose label is one of ``labels``; empty: none."""
    found = (value for label, value in attributes.items() if _is_one_of(label, labels) and len(value) <= longest)
    return next(found, "")


def _is_one_of(label: str, labels: frozenset[str]) -> bool:
    """Whether a label, or one of those that it offers ("make / manufacturer"), is among ``labels``."""
    return any(part.strip(" .") in labels for part in label.lower().split("/"))


def brand_of(scene: Scene, attributes: dict[str, str]) -> str:
    """The brand by its label, or by an element that is called so."""
    if value := labelled(scene, attributes, BRAND_LABELS):
        return value
    for spot in scene.spots:
        names = {part for name in spot.called.lower().split() for part in name.replace("_", "-").split("-")}
        if names & {"brand", "manufacturer", "byline", "bylineinfo", "marca", "marke"} and 1 < len(spot.text) <= 60:
            return _after_label(spot.text)
    return ""


def sku_of(scene: Scene, attributes: dict[str, str]) -> str:
    """The article number by its label: one word with a digit in it, as such numbers are."""
    value = labelled(scene, attributes, SKU_LABELS, longest=40)
    is_number = len(value) >= 3 and any(sign.isdigit() for sign in value) and len(value.split()) <= 2
    if is_number:
        return value
    value = labelled(scene, attributes, SURE_SKU_LABELS, longest=40)
    return value if len(value) >= 3 and len(value.split()) == 1 else ""


def _after_label(text: str) -> str:
    """A brand without "Brand:" or "Visit the … store" around it."""
    for colon in _COLONS:
        text = text.partition(colon)[2].strip() or text
    for opening in (
        "visit the ",
        "visita lo store di ",
        "visitez la boutique ",
        "besuche den ",
        "visita la tienda de ",
    ):
        if text.lower().startswith(opening):
            text = text[len(opening) :]
    return text.removesuffix(" Store").removesuffix("-Store").strip()


def _table_pairs(tree: Any) -> Iterator[tuple[str, str]]:
    for row in tree.xpath("//tr")[:2000]:
        cells = [cell for cell in row if cell.tag in {"td", "th"}]
        if len(cells) in {2, 4}:
            yield from (pair for at in range(0, len(cells), 2) if (pair := _pair(cells[at], cells[at + 1])))
    for term in tree.xpath("//dt")[:1000]:
        after = term.getnext()
        if after is not None and after.tag == "dd" and (pair := _pair(term, after)):
            yield pair
    for line in tree.xpath("//li[count(*)=2 and not(.//a)] | //div[count(*)=2 and count(.//*)<=6 and not(.//a)]")[
        :2000
    ]:
        first, second = line
        if first.tag in {"span", "strong", "b", "div", "p"} and _is_label(first) and (pair := _pair(first, second)):
            yield pair


def _pair(label: Any, value: Any) -> tuple[str, str] | None:
    name, text = _text(label, LONGEST_LABEL).rstrip(" " + _COLONS), _text(value, LONGEST_VALUE)
    if not name or not text or _is_elsewhere(label):
        return None
    return name, text


def _is_label(element: Any) -> bool:
    return _text(element, LONGEST_LABEL).endswith(tuple(_COLONS))


def _text(element: Any, longest: int) -> str:
    """The element's text if it is no longer than that."""
    if len(element) > 60 or not isinstance(element.tag, str):
        return ""
    text = reading(element)
    return text if len(text) <= longest else ""


def _is_elsewhere(element: Any) -> bool:
    for above in element.iterancestors():
        if above.tag in {"nav", "footer", "body", "html"}:
            return above.tag in {"nav", "footer"}
        if is_elsewhere(above, f"{above.get('id', '')} {above.get('class', '')}"[:300]):
            return True
    return False
