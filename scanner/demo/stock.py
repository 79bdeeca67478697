"""Fills the shelves: which offers there are, who makes them, and what is true of each. The seed alone decides."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal
from itertools import count as count_up
from itertools import cycle, islice
from random import Random

import msgspec

from scanner.demo.clock import OPENING
from scanner.demo.compose import Draft, compose, conceal, smuggle
from scanner.demo.disguise import Tactic, fits
from scanner.demo.records import Design, OfferKind, ShopListing, Truth
from scanner.demo.sellers import LICENCES, Role, Trader
from scanner.demo.wares import Goods, Pattern, Wares

# Shares of a hundred; the rest are ordinary goods.
_SHARES = {OfferKind.PROHIBITED: 18, OfferKind.LOOKALIKE: 20, OfferKind.LICENSED: 5}

# The rule modules that exist first have most to find: twice as many of these as of each other category.
FREQUENT = ("phone_card", "iot_card", "recharge_card", "game_goods")

_EVASIONS = tuple(tactic for tactic in Tactic if tactic)
_GREY = (Role.GREY_PERSON, Role.GREY_SHOP)
_OPEN = (Role.PERSON, Role.SHOP, Role.BRAND_STORE, *_GREY)


class Wish(msgspec.Struct, frozen=True, kw_only=True):
    """What the next offer shall be."""

    kind: OfferKind
    about: str = ""
    tactic: Tactic = Tactic.PLAIN


def wishes(seed: int, count: int, wares: Wares) -> list[Wish]:
    """What ``count`` offers shall be, shuffled.

    - 18 % are prohibited, the frequent categories twice as often as the others, every second of a category evasive,
      by the evasions in turn;
    - 20 % are lawful look-alikes of all categories in turn, 5 % lawful offers of the licensed in turn;
    - the rest are ordinary goods.
    """
    wanted = {kind: round(count * share / 100) for kind, share in _SHARES.items()}
    licensed = cycle([goods.category for goods in wares.goods if goods.licensed])
    lookalikes = cycle(wares.categories)
    found = [
        *islice(_prohibited(wares), wanted[OfferKind.PROHIBITED]),
        *(Wish(kind=OfferKind.LOOKALIKE, about=next(lookalikes)) for _ in range(wanted[OfferKind.LOOKALIKE])),
        *(Wish(kind=OfferKind.LICENSED, about=next(licensed)) for _ in range(wanted[OfferKind.LICENSED])),
    ]
    found += [Wish(kind=OfferKind.ORDINARY)] * (count - len(found))
    Random(f"{seed}/wishes").shuffle(found)
    return found


def _prohibited(wares: Wares) -> Iterator[Wish]:
    others = [category for category in wares.categories if category not in FREQUENT]
    frequent = [category for category in wares.categories if category in FREQUENT]
    tactics, seen = cycle(_EVASIONS), dict.fromkeys(wares.categories, 0)
    for category in cycle([*frequent, *others, *frequent]):
        seen[category] += 1
        is_evasive = (seen[category] + wares.categories.index(category)) % 2 == 0
        tactic = next(tactics) if is_evasive else Tactic.PLAIN
        yield Wish(kind=OfferKind.PROHIBITED, about=category, tactic=tactic)


class Shelves:
    """Makes one offer after another; a listing depends on seed, its number and its wish, not on those before it."""

    def __init__(self, seed: int, wares: Wares, traders: list[Trader]) -> None:
        self._seed, self._wares, self._traders = seed, wares, traders
        self._goods = {goods.category: goods for goods in wares.goods if goods.category}
        self._covers = _patterns(wares, "ordinary") + _patterns(wares, "lookalike")
        self._ordinary = _patterns(wares, "ordinary")
        self._pools: dict[tuple[tuple[Role, ...], str], list[Trader]] = {}
        self._fits: dict[tuple[int, Tactic], bool] = {}

    def fill(self, wanted: list[Wish]) -> Iterator[tuple[ShopListing, Truth]]:
        """A listing and its truth for every wish."""
        yield from (self._offer(number, wish) for number, wish in zip(count_up(), wanted, strict=False))

    def _offer(self, number: int, wish: Wish) -> tuple[ShopListing, Truth]:
        draw = Random(f"{self._seed}/listing/{number}")
        goods, pattern, tactic = self._choose(wish, draw)
        draft = self._draft(goods, pattern, tactic, draw)
        trader = self._trader(wish, pattern, draft.lang, draw)
        labels = (wish.about,) if wish.kind is OfferKind.PROHIBITED else ()
        truth = Truth(kind=wish.kind, labels=labels, tactic=tactic, about=wish.about)
        return _listing(number, draft, trader, draw), truth

    def _choose(self, wish: Wish, draw: Random) -> tuple[Goods, Pattern, Tactic]:
        """A pattern for the wish, and its tactic, or the next one that can be written with that pattern."""
        if wish.kind is OfferKind.ORDINARY:
            goods, pattern = draw.choice(self._ordinary)
            return goods, pattern, Tactic.PLAIN
        goods = self._goods[wish.about]
        pattern = draw.choice(getattr(goods, wish.kind.value))
        if not wish.tactic or self._fits_all(pattern, wish.tactic):
            return goods, pattern, wish.tactic
        fitting = [other for other in getattr(goods, wish.kind.value) if self._fits_all(other, wish.tactic)]
        return (goods, draw.choice(fitting), wish.tactic) if fitting else (goods, pattern, Tactic.SPACING)

    def _fits_all(self, pattern: Pattern, tactic: Tactic) -> bool:
        if tactic in {Tactic.OPTION_SMUGGLING, Tactic.HIDDEN_TEXT}:
            return True
        key = id(pattern), tactic
        if key not in self._fits:
            self._fits[key] = fits(tactic, pattern.titles, self._wares.disguises)
        return self._fits[key]

    def _draft(self, goods: Goods, pattern: Pattern, tactic: Tactic, draw: Random) -> Draft:
        moves = {Tactic.OPTION_SMUGGLING: smuggle, Tactic.HIDDEN_TEXT: conceal}
        if tactic not in moves:
            return compose(pattern, goods, wares=self._wares, draw=draw, tactic=tactic)
        covers = [cover for cover in self._covers if cover[1].lang == pattern.lang]
        cover_goods, cover = draw.choice(covers)
        draft = compose(cover, cover_goods, wares=self._wares, draw=draw)
        return moves[tactic](draft, pattern, goods, wares=self._wares, draw=draw)

    def _trader(self, wish: Wish, pattern: Pattern, lang: str, draw: Random) -> Trader:
        """Who offers it: the licensed what needs a licence, mostly grey sellers the prohibited, anybody the rest."""
        roles: tuple[Role, ...] = _OPEN
        if wish.kind is OfferKind.LICENSED:
            roles = tuple(role for role, held in LICENCES.items() if pattern.licence in held)
        elif wish.kind is OfferKind.PROHIBITED:
            roles = _GREY if draw.random() < 0.8 else (Role.PERSON, Role.SHOP)
        return draw.choice(self._pool(roles, lang))

    def _pool(self, roles: tuple[Role, ...], lang: str) -> list[Trader]:
        """The sellers of these roles who write the language, or all of them where none does."""
        if (roles, lang) not in self._pools:
            pool = [trader for trader in self._traders if trader.role in roles]
            self._pools[roles, lang] = [trader for trader in pool if trader.lang == lang] or pool
        return self._pools[roles, lang]


def _patterns(wares: Wares, kind: str) -> list[tuple[Goods, Pattern]]:
    return [(goods, pattern) for goods in wares.goods for pattern in getattr(goods, kind)]


def design_of(seller_id: str, shelf: str) -> Design:
    """Pages differ by seller and shelf, as where shops bring their own themes."""
    designs = tuple(Design)
    return designs[(int(seller_id[1:]) // 3 + sum(map(ord, shelf))) % len(designs)]


def id_of(number: int) -> str:
    """The number of a listing as the shop writes it."""
    return str(60_200_017 + number * 13)


def _listing(number: int, draft: Draft, trader: Trader, draw: Random) -> ShopListing:
    posted_at = OPENING - timedelta(minutes=draw.randint(60, 400 * 24 * 60))
    design = design_of(trader.seller.id, draft.shelf)
    foreign = draft.lang == "en" and design is not Design.PLAIN
    return ShopListing(
        id=id_of(number),
        seller_id=trader.seller.id,
        title=draft.title,
        description=draft.description,
        options=draft.options,
        attributes=draft.attributes,
        questions=draft.questions,
        price=(draft.price / 7).quantize(Decimal("0.01")) if foreign else draft.price,
        currency="USD" if foreign else "CNY",
        stock=0 if draw.random() < 0.03 else draft.stock,
        shelf=draft.shelf,
        lang=draft.lang,
        brand=draft.brand,
        sku=f"{draft.shelf[:3].upper()}-{number:06d}",
        design=design,
        art=number,
        pictures=draw.randint(1, 5),
        posted_at=posted_at,
        modified_at=draw.choice((posted_at, posted_at + (OPENING - posted_at) * draw.random())).replace(microsecond=0),
    )
