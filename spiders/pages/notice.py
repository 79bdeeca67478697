"""Notices in a listing's place: sold, removed, not found, prove that you are human. Asked where no offer was found."""

from __future__ import annotations

from spiders.pages.document import Document
from spiders.pages.headline import headings_of, page_title
from spiders.pages.scene import Scene
from spiders.pages.words import BLOCKED, GONE

_LONGEST = 120
_NEAR = 60


def says_blocked(document: Document) -> bool:
    """Whether title or heading ask for a proof of humanity or deny access: the listing was not seen at all."""
    texts = [page_title(document.text), *headings_of(document.tree)]
    return any(word in text.lower() for text in texts for word in BLOCKED)


def says_gone(document: Document) -> bool:
    """Whether title, heading or a short text near the heading says that the listing has ended.

    A seller could write such words into a description to be passed over: hence no long texts, and no page with a price.
    """
    texts = [page_title(document.text)]
    if document.tree is not None:
        scene = Scene(document.tree)
        start = scene.headline_place
        near = (spot.text for spot in scene.spots if start <= spot.place <= start + _NEAR)
        texts += [*headings_of(document.tree), *near]
    return any(len(text) <= _LONGEST and any(word in text.lower() for word in GONE) for text in texts)
