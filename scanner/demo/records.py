"""The records of the simulated marketplace: what it shows, what is true of it, and what was done to it."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec

from scanner.demo.disguise import Tactic


class OfferKind(StrEnum):
    """What an offer is in truth."""

    PROHIBITED = "prohibited"
    LOOKALIKE = "lookalike"
    LICENSED = "licensed"
    ORDINARY = "ordinary"


class Truth(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What is true of a listing and no page says. ``labels`` are prohibited categories, ``about`` the one resembled."""

    kind: OfferKind
    labels: tuple[str, ...] = ()
    tactic: Tactic = Tactic.PLAIN
    about: str = ""
    relisted_from: str = ""


class Design(StrEnum):
    """How a listing's page is made."""

    JSON_LD = "json-ld"
    MICRODATA = "microdata"
    PLAIN = "plain"


class ShopListing(msgspec.Struct, frozen=True, kw_only=True):
    """An offer as the shop keeps it. ``description`` is the seller's HTML fragment; ``art`` picks its pictures."""

    id: str
    seller_id: str
    title: str
    description: str
    options: dict[str, tuple[str, ...]]
    attributes: dict[str, str]
    questions: tuple[tuple[str, str], ...]
    price: Decimal
    currency: str
    stock: int
    shelf: str
    lang: str
    brand: str
    sku: str
    design: Design
    art: int
    pictures: int
    posted_at: datetime
    modified_at: datetime
    version: int = 1


class Removal(StrEnum):
    """How the page of a listing that is gone looks."""

    GONE = "410"
    NOT_FOUND = "404"
    BANNER = "banner"
    REDIRECT_HOME = "redirect_home"


class Conduct(StrEnum):
    """How the marketplace carries out an order to hide a listing."""

    HONEST = "honest"
    LIE = "lie"
    SEARCH_ONLY = "search_only"
    DETAIL_ONLY = "detail_only"
    SEARCH_LAGS = "search_lags"


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a listing can be seen: ``listed`` in lists, search, sitemaps and feed; ``shown`` by page and API."""

    listed: bool = True
    shown: bool = True
    removal: Removal = Removal.GONE
    conduct: Conduct = Conduct.HONEST


class Effect(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line of the log of effects: something that an order, the clock or a test really changed."""

    number: int
    at: datetime
    action: str
    target: str
    key: str = ""
    reason: str = ""
