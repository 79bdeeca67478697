"""Whether a page that shows other listings has an offer of its own: a headline and a price outside their cards."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from scanner.model import Listing
from spiders.pages.document import Document, parse
from spiders.pages.price_tag import price_tag
from spiders.pages.scene import Scene

FEWEST_ON_A_LIST = 3
# Methods that may take another offer's price on the page for this one's.
_SOFT = frozenset({"heuristics", "inferred", "embedded"})


def may_be_a_list(listing: Listing, others: tuple[str, ...]) -> bool:
    """Whether a page that reads as a listing may be a list whose first price was taken for its own: that price was only
    read off the text, and the page shows several ``others``."""
    return listing.provenance.get("price", "heuristics") in _SOFT and len(others) >= FEWEST_ON_A_LIST


def has_own_offer(document: Document, others: tuple[str, ...], price: Decimal | None) -> bool:
    """Whether ``price`` is still what the page asks for beside its headline when the cards of ``others`` are cut out.

    Raises ``PageError`` for what is not HTML.
    """
    tree = parse(document.text)
    if tree is None or price is None:
        return False
    for card in _cards(tree, document, frozenset(others)):
        if (above := card.getparent()) is not None:
            above.remove(card)
    scene = Scene(tree)
    tag = price_tag(scene, document.page.url)
    return bool(scene.headline_place) and tag is not None and tag.amount == price


def _cards(tree: Any, document: Document, others: frozenset[str]) -> list[Any]:
    """For each link to another listing the largest part around it that links to no further one.

    It ends below what holds the page's only headline, which is no card.
    """
    links = [(element, url) for element in tree.iter("a") if (url := _address(element, document)) in others]
    held: dict[Any, set[str]] = {}
    for element, url in links:
        for part in (element, *element.iterancestors()):
            held.setdefault(part, set()).add(url)
    headlines = list(tree.iter("h1"))
    around = set(headlines[0].iterancestors()) if len(headlines) == 1 else set()
    cards: dict[Any, None] = {}
    for element, _ in links:
        card = element
        while (above := card.getparent()) is not None and len(held[above]) == 1 and above not in around:
            card = above
        cards[card] = None
    return list(cards)


def _address(element: Any, document: Document) -> str:
    return document.absolute(element.get("href") or "").partition("#")[0]
