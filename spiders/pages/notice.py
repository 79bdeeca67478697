"""Notices in a listing's place: sold, ended, removed, not found. Asked only where no offer was found on the page."""

from __future__ import annotations

from spiders.pages.document import Document
from spiders.pages.headline import headings_of, page_title
from spiders.pages.scene import Scene
from spiders.pages.words import GONE

_LONGEST = 120
_NEAR = 60


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
