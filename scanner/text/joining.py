"""Characters taken apart, joined again where they stand: 钅艮彳亍 is read as 银行, in all views.

A document is read so only if it shows a *bare radical* (扌, 讠, 氵: no running text has one), so lawful texts pay for
one look-up and keep their characters. What is joined may have been plain words, so finders read such a document once
more as it stands (``rulebook.unjoined``). The policy, from left to right:

1. Two or three components of one character, in one field, with at most one separator and no comma, end of a sentence or
   line break between each two, become the character (``components.WAYS``).
2. Pairs that are ordinary neighbours (女生, 门口) stay what they are.
3. A bare radical that joins nothing is read as the whole character (扌机卡).

Time is linear in the characters of such documents.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scanner.text.components import BARE, NEIGHBOURS, WAYS, WHOLE
from scanner.text.kinds import EDGE, Kind
from scanner.text.tables import load

Codes = npt.NDArray[np.uint32]
Index = npt.NDArray[np.intp]

SEPARATORS_BETWEEN = 1
_BARRIER = "\0"
_BARE = frozenset(BARE)
_KIND = np.uint32(16)
_IS_BARE = np.zeros(EDGE + 1, np.bool_)
_IS_BARE[[*map(ord, BARE)]] = True
_SIZES = sorted({len(way) for ways in WAYS.values() for way in ways}, reverse=True)


class Joined(NamedTuple):
    """Where characters were joined: the first slot of each, which has the character now, and its last."""

    first: Index
    last: Index

    def last_of(self, slots: Index) -> Index:
        """The last slot of each character that was joined at one of ``slots``; the others as they are."""
        if not len(self.first):
            return slots
        at = np.minimum(np.searchsorted(self.first, slots), len(self.first) - 1)
        return np.where(self.first[at] == slots, self.last[at], slots)

    def between(self, first: Index, last: Index) -> Index:
        """How many characters were joined from slot ``first`` to slot ``last``, row by row."""
        return np.searchsorted(self.first, last, side="right") - np.searchsorted(self.first, first)


NOTHING = Joined(np.zeros(0, np.intp), np.zeros(0, np.intp))


def is_apart(text: str) -> bool:
    """Whether a folded text shows a bare radical."""
    return not _BARE.isdisjoint(text)


def joined(units: str) -> str:
    """The units of a term with its characters whole."""
    text, done = "", 0
    for first, end, char in _parts(units):
        text, done = text + units[done:first] + char, end
    return text + units[done:]


def join(codes: Codes, document_slots: Callable[[], Index]) -> tuple[Codes, Joined]:
    """The codes of all slots with characters joined; document i has slots ``document_slots()[i]`` to the next."""
    bare = np.flatnonzero(_IS_BARE[codes.astype(np.uint16)] & (codes >> _KIND >= Kind.KEPT))
    if not len(bare):
        return codes, NOTHING
    codes, bounds = codes.copy(), document_slots()
    found = [
        row
        for document in np.unique(np.searchsorted(bounds, bare, side="right") - 1).tolist()
        for row in _in_document(codes, int(bounds[document]), int(bounds[document + 1]))
    ]
    first, last, units = np.array(found, np.intp).reshape(-1, 3).T
    for begin, end in zip(first.tolist(), last.tolist(), strict=True):
        codes[begin + 1 : end + 1] = 0
    codes[first] = (np.uint32(Kind.KEPT) << _KIND) | units.astype(np.uint32)
    return codes, Joined(first, last)


def _in_document(codes: Codes, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """The first and the last slot of each joined character, and its unit."""
    kinds = codes[begin:end] >> _KIND
    kept = np.flatnonzero(kinds >= Kind.KEPT)
    separators = np.cumsum((kinds >= Kind.SEPARATOR) & (kinds < Kind.KEPT))[kept]
    breaks = np.cumsum((kinds >= Kind.COMMA) & (kinds <= Kind.LINE))[kept]
    apart = np.flatnonzero((np.diff(separators) > SEPARATORS_BETWEEN) | (np.diff(breaks) > 0)) + 1
    units = np.insert(codes[begin:end][kept].astype("<u2"), apart, ord(_BARRIER))
    slots = (np.insert(kept, apart, -1) + begin).tolist()
    for first, last, char in _parts(units.tobytes().decode("utf-16-le", "surrogatepass")):
        yield slots[first], slots[last - 1], ord(char)


@functools.cache
def _joins() -> dict[str, str]:
    """What joined components become, in folded characters."""
    fold = load().fold
    ordinary = frozenset(NEIGHBOURS.split())
    return {fold(way): fold(char) for char, ways in WAYS.items() for way in ways if way not in ordinary}


@functools.cache
def ordinary_ways() -> dict[str, tuple[str, ...]]:
    """The ways to take folded characters apart into ordinary ones, which show nothing by themselves."""
    fold, found = load().fold, dict[str, tuple[str, ...]]()
    for char, ways in WAYS.items():
        ordinary = tuple(fold(way) for way in ways if not is_apart(way))
        if ordinary:
            found[fold(char)] = found.get(fold(char), ()) + ordinary
    return found


def _parts(units: str) -> Iterator[tuple[int, int, str]]:
    """Where components of one character stand, and the character."""
    at, joins = 0, _joins()
    while at < len(units):
        size, char = _character(joins, units, at)
        if char:
            yield at, at + size, char
        at += size


def _character(joins: dict[str, str], units: str, at: int) -> tuple[int, str]:
    for size in _SIZES:
        char = joins.get(units[at : at + size])
        if char:
            return size, char
    return 1, WHOLE.get(units[at], "")
