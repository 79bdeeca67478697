"""Whether the neighbours that a pattern asks for stand around its literals, for all literals of a batch at once.

The answer may be yes too often, never wrongly no: of a neighbour only the first few units are looked at, and only as a
bit in a table that unlike ones may share.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scanner.rulebook.literals import Hashes, Index, Units, spans
from scanner.rulebook.pieces import Neighbour

_FACTORS = (np.uint32(2654435761), np.uint32(2246822519))
# Of a number in ``known``.
BITS = 23
# Flags of each neighbour in ``units``.
_UNIT_FLAGS = 256
# Units of a neighbour that are looked at: 卡 is one, but of *simply* and *similar* three are no *sim card* yet.
MOST_UNITS = 6


class Surroundings(NamedTuple):
    """The neighbours of setting i are numbers ``bounds[i]`` to ``bounds[i + 1]``; each begins ``first`` to ``last``
    units from the literal. ``known`` has a bit for each neighbour and each beginning that it may have, ``units``
    a row of flags for each neighbour, by the hashes of its first units: small, and the kernel's first question.
    ``sizes`` has for each neighbour bit k set where a beginning of k + 1 units is known."""

    bounds: npt.NDArray[np.int32]
    first: npt.NDArray[np.int32]
    last: npt.NDArray[np.int32]
    known: npt.NDArray[np.uint8]
    units: npt.NDArray[np.uint8]
    sizes: npt.NDArray[np.uint8]

    def fits(self) -> bool:
        """Whether no number leads out of its array: kernels trust these."""
        count = len(self.first)
        even = len(self.last) == len(self.sizes) == count and len(self.known) == 1 << BITS - 3
        ordered = self.bounds[0] == 0 and self.bounds[-1] == count and bool((np.diff(self.bounds) >= 0).all())
        return even and ordered and len(self.units) == count * _UNIT_FLAGS // 8

    def hold(self, units: Units, setting: Index, position: Index) -> npt.NDArray[np.bool_]:
        """Whether all neighbours of a setting stand around the literal that begins at ``position``, row by row."""
        count = self.bounds[setting + 1] - self.bounds[setting]
        neighbour = spans(self.bounds[setting], count)
        width = (self.last - self.first + 1)[neighbour]
        at = spans(np.repeat(position, count) + self.first[neighbour], width)
        there = self._stand(np.repeat(neighbour, width).astype(np.uint32), units, at)
        near = np.logical_or.reduceat(there, np.cumsum(width) - width)
        held: npt.NDArray[np.bool_] = np.logical_and.reduceat(near, np.cumsum(count) - count)
        return held

    def _stand(self, neighbour: Hashes, units: Units, at: Index) -> npt.NDArray[np.bool_]:
        stands = np.zeros(len(at), np.bool_)
        mixed = neighbour * _FACTORS[0]
        for place in range(MOST_UNITS):
            mixed = _mixed(mixed, units.take(at + place, mode="clip").astype(np.uint32))
            is_size = (self.sizes[neighbour] >> np.uint8(place) & np.uint8(1)).view(np.bool_)
            stands |= is_size & _has(self.known, _keys(mixed))
        return stands


def build(settings: Sequence[Sequence[Neighbour]]) -> Surroundings:
    """The neighbours of every setting."""
    neighbours = [neighbour for one in settings for neighbour in one]
    beginnings = np.array([*_beginnings(neighbours)], np.uint32).reshape(-1, 2 + MOST_UNITS)
    neighbour, length, first = beginnings[:, 0], beginnings[:, 1], beginnings[:, 2]
    mixed = neighbour * _FACTORS[0]
    for place in range(MOST_UNITS):
        mixed = np.where(place < length, _mixed(mixed, beginnings[:, 2 + place]), mixed)
    known = np.zeros(1 << BITS, np.bool_)
    known[_keys(mixed)] = True
    units = np.zeros((len(neighbours), _UNIT_FLAGS), np.bool_)
    units[neighbour, first * _FACTORS[0] >> np.uint32(24)] = True
    sizes = np.zeros(len(neighbours), np.uint8)
    np.bitwise_or.at(sizes, neighbour, np.uint8(1) << (length - 1).astype(np.uint8))
    return Surroundings(
        bounds=np.cumsum([0, *map(len, settings)]).astype(np.int32),
        first=np.array([neighbour.first for neighbour in neighbours], np.int32),
        last=np.array([neighbour.last for neighbour in neighbours], np.int32),
        known=np.packbits(known, bitorder="little"),
        units=np.packbits(units, axis=1, bitorder="little").ravel(),
        sizes=sizes,
    )


def _beginnings(neighbours: Sequence[Neighbour]) -> Iterator[tuple[int, ...]]:
    """The number of each neighbour with how many units one of its beginnings has, and these, with noughts behind."""
    for number, neighbour in enumerate(neighbours):
        for begin in {text[:MOST_UNITS] for text in neighbour.texts}:
            yield number, len(begin), *map(ord, begin.ljust(MOST_UNITS, "\0"))


def _mixed(mixed: Hashes, unit: Hashes) -> Hashes:
    mixed = (mixed ^ unit) * _FACTORS[1]
    return mixed ^ mixed >> np.uint32(15)


def _keys(mixed: Hashes) -> Hashes:
    return mixed * _FACTORS[0] >> np.uint32(32 - BITS)


def _has(known: npt.NDArray[np.uint8], keys: Hashes) -> npt.NDArray[np.bool_]:
    bits = known.take(keys >> np.uint32(3)) >> (keys.astype(np.uint8) & np.uint8(7))
    return (bits & np.uint8(1)).view(np.bool_)
