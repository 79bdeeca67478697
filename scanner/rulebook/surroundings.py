"""Whether the neighbours that a pattern asks for stand around its literals, for all literals of a batch at once.

The answer may be yes too often, never wrongly no: of a neighbour only the first two units are looked at, and only as a
bit in a table that unlike ones may share.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scanner.rulebook.literals import Hashes, Index, Units, spans
from scanner.rulebook.pieces import Neighbour

_FACTORS = (np.uint32(2654435761), np.uint32(2246822519), np.uint32(3266489917))
# Of a number in ``known``.
BITS = 23
# Flags of each neighbour in ``units``.
_UNIT_FLAGS = 256
# Of a text with a second unit; every unit is one less.
_NO_SECOND = np.uint32(0)


class Surroundings(NamedTuple):
    """The neighbours of setting i are numbers ``bounds[i]`` to ``bounds[i + 1]``; each begins ``first`` to ``last``
    units from the literal. ``known`` has a bit for each neighbour and each beginning that it may have, ``units``
    a row of flags for each neighbour, by the hashes of its first units: small, and the kernel's first question."""

    bounds: npt.NDArray[np.int32]
    first: npt.NDArray[np.int32]
    last: npt.NDArray[np.int32]
    known: npt.NDArray[np.uint8]
    units: npt.NDArray[np.uint8]

    def fits(self) -> bool:
        """Whether no number leads out of its array: kernels trust these."""
        count = len(self.first)
        sizes = len(self.last) == count and len(self.known) == 1 << BITS - 3
        ordered = self.bounds[0] == 0 and self.bounds[-1] == count and bool((np.diff(self.bounds) >= 0).all())
        return sizes and ordered and len(self.units) == count * _UNIT_FLAGS // 8

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
        one = units.take(at, mode="clip").astype(np.uint32)
        other = units.take(at + 1, mode="clip").astype(np.uint32)
        alone, both = _keys(neighbour, one, _NO_SECOND), _keys(neighbour, one, other + np.uint32(1))
        return _has(self.known, alone) | _has(self.known, both)


def build(settings: Sequence[Sequence[Neighbour]]) -> Surroundings:
    """The neighbours of every setting."""
    neighbours = [neighbour for one in settings for neighbour in one]
    beginnings = np.array([*_beginnings(neighbours)], np.uint32).reshape(-1, 3)
    neighbour, one, other = beginnings.T
    known = np.zeros(1 << BITS, np.bool_)
    known[_keys(neighbour, one, other)] = True
    units = np.zeros((len(neighbours), _UNIT_FLAGS), np.bool_)
    units[neighbour, one * _FACTORS[0] >> np.uint32(24)] = True
    return Surroundings(
        bounds=np.cumsum([0, *map(len, settings)]).astype(np.int32),
        first=np.array([neighbour.first for neighbour in neighbours], np.int32),
        last=np.array([neighbour.last for neighbour in neighbours], np.int32),
        known=np.packbits(known, bitorder="little"),
        units=np.packbits(units, axis=1, bitorder="little").ravel(),
    )


def _beginnings(neighbours: Sequence[Neighbour]) -> Iterator[tuple[int, int, int]]:
    for number, neighbour in enumerate(neighbours):
        for text in neighbour.texts:
            yield number, ord(text[0]), ord(text[1]) + 1 if len(text) > 1 else 0


def _keys(neighbour: Hashes, one: Hashes, other: Hashes | np.uint32) -> Hashes:
    mixed = neighbour * _FACTORS[0] + one * _FACTORS[1] + other * _FACTORS[2]
    return (mixed ^ mixed >> np.uint32(15)) * _FACTORS[1] >> np.uint32(32 - BITS)


def _has(known: npt.NDArray[np.uint8], keys: Hashes) -> npt.NDArray[np.bool_]:
    bits = known.take(keys >> np.uint32(3)) >> (keys.astype(np.uint8) & np.uint8(7))
    return (bits & np.uint8(1)).view(np.bool_)
