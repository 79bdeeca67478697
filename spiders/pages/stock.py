"""Whether the goods can be had, as a buyer reads it: by what an element is called, by its words, by a button to buy."""

from __future__ import annotations

import re

from scanner.model import Availability
from spiders.pages.scene import Scene
from spiders.pages.words import BUY, IN_STOCK, OUT_OF_STOCK

_CALLED = re.compile(
    r"(?i)avail|stock|lager|sklad|dostup|zalog|laos|sold-?out|delivery-?status|dispon|inventory|nalich"
)
_CALLED_IN = re.compile(r"(?i)(?:^|[\s_-])(?:in-?stock|instock|on-?stock|is-available|available)(?:$|[\s_-])")
_CALLED_OUT = re.compile(r"(?i)out-?of-?stock|outofstock|sold-?out|soldout|unavailable|not-?available")
_LONGEST = 120


def stock(scene: Scene) -> Availability | None:
    """Policy, first that applies:

    1. An element that is called after stock and says that there is none, or some.
    2. A short text after the heading that says sold out.
    3. A button to buy: in stock.
    4. A short text after the heading that says in stock.
    """
    named = [spot for spot in scene.spots if len(spot.text) <= _LONGEST and _CALLED.search(spot.called)]
    for spot in named:
        if found := _said(spot.text) or _name(spot.called):
            return found
    near = [spot for spot in scene.spots if spot.place >= scene.headline_place and len(spot.text) <= 60]
    if any(_said(spot.text) is Availability.OUT_OF_STOCK for spot in near[:150]):
        return Availability.OUT_OF_STOCK
    if any(_invites(spot.text) for spot in near) or _has_buy_button(scene):
        return Availability.IN_STOCK
    return Availability.IN_STOCK if any(_said(spot.text) for spot in near[:150]) else None


def _said(text: str) -> Availability | None:
    low = text.lower()
    if any(word in low for word in OUT_OF_STOCK):
        return Availability.OUT_OF_STOCK
    return Availability.IN_STOCK if any(word in low for word in IN_STOCK) else None


def _name(called: str) -> Availability | None:
    if _CALLED_OUT.search(called):
        return Availability.OUT_OF_STOCK
    return Availability.IN_STOCK if _CALLED_IN.search(called) else None


def _invites(text: str) -> bool:
    low = text.lower()
    return len(low) <= 40 and any(word in low for word in BUY)


def _has_buy_button(scene: Scene) -> bool:
    for button in scene.tree.xpath("//input[@type='submit' or @type='button' or @type='image']")[:100]:
        if _invites(f"{button.get('value', '')} {button.get('title', '')} {button.get('alt', '')}"):
            return True
    return False
