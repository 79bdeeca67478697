"""What the simulated marketplace sells: texts with slots, read from the TOML files in ``goods/``.

A text may hold ``{slot}``s, filled from lists, and ``«tells»``: the words that give a prohibited offer away, and that
an evasive seller disguises. A file named after a category holds its prohibited offers, look-alikes and licensed offers.
"""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import TypeVar

import msgspec

from scanner.errors import InputError

T = TypeVar("T")

_TABLES = frozenset({"common", "shelves", "disguises"})


class Pattern(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One kind of offer, to be varied. ``price`` and ``stock`` are ranges; ``short`` is how it reads as an option."""

    titles: tuple[str, ...]
    texts: tuple[str, ...]
    price: tuple[float, float]
    lang: str = "zh"
    shelf: str = ""
    stock: tuple[int, int] = (1, 60)
    options: dict[str, tuple[str, ...]] = {}
    attributes: dict[str, str] = {}
    questions: tuple[tuple[str, str], ...] = ()
    brand: str = ""
    short: tuple[str, ...] = ()
    licence: str = ""


class Goods(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One goods file. ``category`` is the prohibited category it is about, or empty for ordinary goods."""

    shelf: str
    category: str = ""
    slots: dict[str, tuple[str, ...]] = {}
    prohibited: tuple[Pattern, ...] = ()
    lookalike: tuple[Pattern, ...] = ()
    licensed: tuple[Pattern, ...] = ()
    ordinary: tuple[Pattern, ...] = ()


class Shelf(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A node of the shop's category tree; ``parent`` is empty for those on top."""

    slug: str
    name: str
    parent: str = ""


class Phrases(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What shops say about anything, in one language: service promises, reviews, questions, hidden keywords."""

    service: tuple[str, ...]
    reviews: tuple[str, ...]
    questions: tuple[tuple[str, str], ...]
    keywords: tuple[str, ...]
    seller_names: dict[str, tuple[str, ...]]


class Common(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What all goods share: slots and phrases by language."""

    slots: dict[str, tuple[str, ...]]
    zh: Phrases
    en: Phrases

    def phrases(self, language: str) -> Phrases:
        """The phrases of a language; English for any that is not Chinese."""
        return self.zh if language == "zh" else self.en


class Disguises(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What evasive sellers write instead of a character, by tactic."""

    homophone: dict[str, str]
    split: dict[str, str]
    pinyin: dict[str, str]
    emoji: dict[str, str]
    leet: dict[str, str]


class Wares(msgspec.Struct, frozen=True, kw_only=True):
    """Everything read from the goods folder."""

    goods: tuple[Goods, ...]
    shelves: tuple[Shelf, ...]
    common: Common
    disguises: Disguises

    def about(self, category: str) -> Goods:
        """The goods file of a prohibited category."""
        return next(goods for goods in self.goods if goods.category == category)

    @property
    def categories(self) -> tuple[str, ...]:
        """The prohibited categories, in the order of their files."""
        return tuple(goods.category for goods in self.goods if goods.category)


class _Shelves(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    shelf: tuple[Shelf, ...]


def _read(name: str, kind: type[T]) -> T:
    text = files("scanner.demo").joinpath("goods", name).read_text(encoding="utf8")
    try:
        return msgspec.toml.decode(text, type=kind)
    except msgspec.DecodeError as error:
        raise InputError(
            f"goods/{name}: {error}", hint="The texts of the simulated marketplace are damaged."
        ) from error


@cache
def load() -> Wares:
    """Read the goods folder, once per process."""
    names = sorted(
        file.name for file in files("scanner.demo").joinpath("goods").iterdir() if file.name.endswith(".toml")
    )
    return Wares(
        goods=tuple(_read(name, Goods) for name in names if name.removesuffix(".toml") not in _TABLES),
        shelves=_read("shelves.toml", _Shelves).shelf,
        common=_read("common.toml", Common),
        disguises=_read("disguises.toml", Disguises),
    )
