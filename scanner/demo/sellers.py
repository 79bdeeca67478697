"""The people and companies that sell on the simulated marketplace."""

from __future__ import annotations

from datetime import timedelta
from enum import StrEnum
from random import Random

import msgspec

from scanner.demo.clock import OPENING
from scanner.demo.wares import Phrases, Wares
from scanner.model import Seller, SellerKind


class Role(StrEnum):
    """What a seller is in truth; the grey ones offer what must not be sold, among ordinary goods."""

    PERSON = "person"
    SHOP = "shop"
    BRAND_STORE = "brand_store"
    GREY_PERSON = "grey_person"
    GREY_SHOP = "grey_shop"
    TELECOM = "telecom"
    ISSUER = "issuer"
    GAMES = "games"
    INDUSTRY = "industry"


LICENCES: dict[Role, tuple[str, ...]] = {
    Role.SHOP: ("business_licence",),
    Role.GREY_SHOP: ("business_licence",),
    Role.BRAND_STORE: ("business_licence", "brand_authorisation"),
    Role.TELECOM: ("business_licence", "telecom_agent"),
    Role.ISSUER: ("business_licence", "prepaid_card_issuer"),
    Role.GAMES: ("business_licence", "game_publisher"),
    Role.INDUSTRY: ("business_licence", "iot_card_operator", "telecom_equipment_cert"),
}

_KINDS: dict[Role, SellerKind] = {
    Role.PERSON: SellerKind.PERSON,
    Role.GREY_PERSON: SellerKind.PERSON,
    Role.SHOP: SellerKind.SHOP,
    Role.GREY_SHOP: SellerKind.SHOP,
    Role.INDUSTRY: SellerKind.SHOP,
    Role.BRAND_STORE: SellerKind.BRAND_STORE,
    Role.TELECOM: SellerKind.BRAND_STORE,
    Role.ISSUER: SellerKind.BRAND_STORE,
    Role.GAMES: SellerKind.BRAND_STORE,
}

_NAMES: dict[Role, str] = {role: role.value for role in Role} | {
    Role.GREY_PERSON: "person",
    Role.GREY_SHOP: "shop",
}

# Who comes in which order; the first nine are of every role, so that even a small shop has them all.
_ORDER = (
    *Role,
    *(Role.PERSON, Role.SHOP, Role.GREY_PERSON, Role.PERSON, Role.SHOP, Role.BRAND_STORE, Role.SHOP, Role.PERSON),
    *(Role.GREY_SHOP, Role.SHOP, Role.PERSON, Role.SHOP, Role.GREY_PERSON, Role.SHOP, Role.PERSON, Role.BRAND_STORE),
    *(Role.SHOP, Role.PERSON, Role.SHOP, Role.PERSON, Role.GREY_PERSON, Role.SHOP, Role.BRAND_STORE, Role.PERSON),
    *(Role.SHOP, Role.PERSON, Role.GREY_SHOP, Role.SHOP, Role.PERSON, Role.SHOP, Role.PERSON),
)


class Trader(msgspec.Struct, frozen=True, kw_only=True):
    """A seller with what no page says: the role, and the language of the shop."""

    seller: Seller
    role: Role
    lang: str


def traders(seed: int, count: int, wares: Wares) -> list[Trader]:
    """``count`` sellers; every fourth of a role writes English."""
    taken: set[str] = set()
    seen: dict[Role, int] = {}
    found = []
    for number in range(count):
        role = _ORDER[number % len(_ORDER)]
        seen[role] = seen.get(role, 0) + 1
        lang = "en" if seen[role] % 4 == 0 else "zh"
        found.append(_trader(number, role, lang, Random(f"{seed}/seller/{number}"), wares, taken))
    return found


def _trader(number: int, role: Role, lang: str, draw: Random, wares: Wares, taken: set[str]) -> Trader:
    age = draw.randint(3, 90) if role in {Role.GREY_PERSON, Role.GREY_SHOP} else draw.randint(20, 3000)
    seller = Seller(
        id=f"s{10001 + number * 3}",
        name=_name(role, wares.common.phrases(lang), wares.common.slots, draw, taken),
        kind=_KINDS[role],
        licences=LICENCES.get(role, ()),
        registered_at=OPENING - timedelta(days=age, minutes=draw.randint(0, 1439)),
    )
    return Trader(seller=seller, role=role, lang=lang)


def _name(role: Role, phrases: Phrases, slots: dict[str, tuple[str, ...]], draw: Random, taken: set[str]) -> str:
    """A name nobody else has: drawn, and numbered when all are taken."""
    names = phrases.seller_names
    name = draw.choice(names[_NAMES[role]])
    for slot in ("given", "city", "town"):
        values = names[slot] if slot in names else slots[slot]
        name = name.replace(f"{{{slot}}}", draw.choice(values))
    number, free = 2, name
    while free in taken:
        free, number = f"{name}{number}", number + 1
    taken.add(free)
    return free
