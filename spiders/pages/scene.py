"""The visible page as heuristics need it: short texts in reading order, with what their elements are called.

Menus, footers, carts and other people's goods are left out, so that what remains is near the one offer.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cached_property
from typing import Any

import msgspec

from spiders.pages.facts import clean

MOST_ELEMENTS = 20_000
LONGEST_TEXT = 160
MOST_TEXT = 20_000
FEWEST_CARDS = 3
LONGEST_CARD = 1500
MOST_KINDS = 50
_SKIPPED = frozenset({
    "script", "style", "noscript", "template", "head", "nav", "footer", "svg", "iframe", "select", "textarea", "video",
})  # fmt: skip
_ELSEWHERE = re.compile(
    r"(?i)related|recommend|similar|carousel|slider|swiper|upsell|cross-?sell|also-|minicart|mini-cart|basket-|cart-?(?:summary|"
    r"popup|modal|drawer|items)|megamenu|\bmenu|navbar|footer|breadcrumb|filter|recently|sponsor|accessor|bestsell|review|"
    r"comment|cookie|newsletter|compare|history|seen|widget-products|product-?(?:list|tile|card|item|grid)s?\b|(?:item|goods|offer|listing)-?(?:list|tile|card|grid)s?\b|other-|more-from"
)
_MONEY = re.compile(
    r"(?:€|£|\$|¥|￥|₹|₽|₴|₺|zł|Kč|kr|元|円|EUR|USD|GBP|CNY)\s*\d|\d\s*(?:€|£|\$|₹|₽|₴|₺|zł|Kč|kr|元|円|EUR|USD|GBP|CNY)"
)
_HIDDEN = re.compile(r"(?i)display\s*:\s*none|visibility\s*:\s*hidden")


class Spot(msgspec.Struct, frozen=True):
    """A short piece of text: where it stands in reading order, its tag, and what it and those around it are called."""

    place: int
    tag: str
    text: str
    called: str
    around: str
    is_struck: bool = False


class Scene:
    """A page's tree, walked once."""

    def __init__(self, tree: Any) -> None:
        self.tree = tree

    @cached_property
    def spots(self) -> tuple[Spot, ...]:
        """The page's short texts outside what is skipped."""
        return tuple(
            Spot(place, element.tag, text, called, around, struck)
            for place, element, called, around, struck in self._walk()
            if (text := _short_text(element))
        )

    @cached_property
    def text(self) -> str:
        """All text outside what is skipped, a line for each element."""
        lines = []
        for _, element, _, _, _ in self._walk():
            own = [element.text or "", *(child.tail or "" for child in element)]
            lines.append(clean(" ".join(part for part in own if part.strip())))
        return "\n".join(line for line in lines if line)[:MOST_TEXT]

    @cached_property
    def headline_place(self) -> int:
        """Where the main heading stands; 0 if there is none."""
        return next((spot.place for spot in self.spots if spot.tag == "h1"), 0)

    def _walk(self) -> Iterator[tuple[int, Any, str, str, bool]]:
        """Place, element, its names, those around it, whether struck out: in reading order, without what is skipped."""
        todo: list[tuple[Any, str, bool]] = [(self.tree, "", False)]
        for place in range(MOST_ELEMENTS):
            if not todo:
                return
            element, around, is_struck = todo.pop()
            if not isinstance(element.tag, str) or element.tag in _SKIPPED:
                continue
            called = _called(element)
            if element.tag not in {"html", "body", "main"} and is_elsewhere(element, called):
                continue
            struck = is_struck or element.tag in {"del", "s", "strike"}
            yield place, element, called, around, struck
            inner = f"{around[-200:]} {called}" if called else around
            others = cards(element)
            todo.extend((child, inner, struck) for child in reversed(element) if child not in others)


def cards(element: Any) -> frozenset[Any]:
    """The children that are cards of other offers: three or more of one kind, each small, with a price and a link.

    Their links lead to as many pages: the variants of one offer, which differ in a parameter, are no cards.
    """
    if len(element) < FEWEST_CARDS:
        return frozenset()
    alike: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for child in element:
        if isinstance(child.tag, str) and len(alike) < MOST_KINDS:
            alike[child.tag, child.get("class", "")].append(child)
    largest = max(alike.values(), key=len, default=[])
    if len(largest) < FEWEST_CARDS:
        return frozenset()
    leads = {child: path for child in largest if (path := _leads_to(child)) and _names_money(child)}
    return frozenset(leads) if len(set(leads.values())) >= FEWEST_CARDS else frozenset()


def _leads_to(card: Any) -> str:
    """The path that the card's first link leads to."""
    link = next(card.iter("a"), None)
    return (link.get("href") or "").partition("#")[0].partition("?")[0] if link is not None else ""


def _names_money(card: Any) -> bool:
    """Whether a card names an amount and is small enough to be one."""
    text, length = [], 0
    for part in card.itertext():
        length += len(part.strip())
        if length > LONGEST_CARD:
            return False
        text.append(part)
    return bool(_MONEY.search(" ".join(text)))


def is_elsewhere(element: Any, called: str) -> bool:
    """Whether an element holds what is not about the page's own offer, or is not shown."""
    return bool(
        (called and _ELSEWHERE.search(called))
        or _HIDDEN.search(element.get("style", ""))
        or element.get("hidden") is not None
    )


def _called(element: Any) -> str:
    names = (element.get("id"), element.get("class"), element.get("itemprop"), element.get("data-testid"))
    return " ".join(name for name in names if name)[:300]


def _short_text(element: Any) -> str:
    """All text in the element if it is short; nothing if it is long or there is none."""
    if len(element) > 12:
        return clean(element.text or "")[:LONGEST_TEXT]
    parts = []
    length = 0
    for text in element.itertext():
        length += len(text)
        if length > 4 * LONGEST_TEXT:
            return clean(element.text or "")[:LONGEST_TEXT]
        parts.append(text)
    text = clean(" ".join(parts))
    return text if len(text) <= LONGEST_TEXT else clean(element.text or "")[:LONGEST_TEXT]
