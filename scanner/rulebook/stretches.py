"""Where in a batch the lists have hits: by listing, and by stretches of text in which things are near each other.

A stretch of reach N is N characters of one field and the N that follow, one beginning at each multiple of N: whatever
begins within N characters begins in at least one of them.

What is so of which listing (or stretch) is a whole number, bit i for listing i: a few hundred listings are combined in
the time of one addition, and a batch in which a list has no hit at all costs nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from scanner.rulebook.lexicon import Hits
from scanner.rulebook.logic import FIELDS
from scanner.rulebook.sight import kind_of
from scanner.text.views import Document

Flags = NDArray[np.bool_]
Numbers = NDArray[np.intp]
Bits = int

# A batch of long texts is cut into longer stretches, so that there are never more than about this many.
MOST_STRETCHES = 1 << 15

_KIND = {kind: number for number, kind in enumerate(FIELDS)}


def bits_of(flags: Flags) -> Bits:
    """Bit i is set where ``flags[i]`` is."""
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


def places_of(bits: Bits) -> Iterator[int]:
    """The numbers of the bits that are set."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


class Ground:
    """A batch as conditions see it. Lists numbered in ``late`` may be called present too often."""

    def __init__(self, documents: Sequence[Document], hits: Hits, late: frozenset[int]) -> None:
        self._documents, self._hits, self.late = documents, hits, late
        self.listings = len(documents)
        packed = np.packbits(hits.present.T, axis=1, bitorder="little")
        self._present = [int.from_bytes(row.tobytes(), "little") for row in packed]
        self._stretches: dict[int, Stretches] = {}

    def has(self, number: int) -> Bits:
        """The listings where a list has hits."""
        return self._present[number] if number < len(self._present) else 0

    def counted(self, lists: Iterable[int], least: float) -> Bits:
        """The listings where lists have at least so many hits together; a late list counts as many as you like."""
        rows, many = self.rows_of(lists), 0
        for number in lists:
            many |= self.has(number) if number in self.late else 0
        count = np.bincount(self._hits.document[rows], minlength=self.listings)
        return many | bits_of(count >= least)

    def rows_of(self, lists: Iterable[int]) -> Numbers:
        """The rows of the hits of some lists."""
        order, bounds = self._by_list
        found = [order[bounds[number] : bounds[number + 1]] for number in lists if number + 1 < len(bounds)]
        return np.concatenate(found) if found else order[:0]

    @cached_property
    def _by_list(self) -> tuple[Numbers, Numbers]:
        numbers = self._hits.list
        counts = np.bincount(numbers, minlength=len(self._present))
        return np.argsort(numbers, kind="stable"), np.concatenate(([0], np.cumsum(counts)))

    @cached_property
    def counts(self) -> Numbers:
        """The number of fields of each document."""
        return np.fromiter(map(len, self._documents), np.intp, self.listings)

    @cached_property
    def lengths(self) -> Numbers:
        """The length of each field."""
        return np.array([len(text) for document in self._documents for _, text in document], np.intp)

    @cached_property
    def kinds(self) -> NDArray[np.int8]:
        """The kind of each field, as a number."""
        return np.array([_KIND[kind_of(name)] for document in self._documents for name, _ in document], np.int8)

    @cached_property
    def places(self) -> tuple[Numbers, Numbers]:
        """The number of the field of each hit, counted over the batch, and where in the field the hit begins."""
        fields_before = np.cumsum(self.counts) - self.counts
        return fields_before[self._hits.document] + self._hits.field, self._hits.start

    def stretches(self, reach: int) -> Stretches:
        """The stretches of at least that reach."""
        if reach not in self._stretches:
            self._stretches[reach] = Stretches(self, max(reach, int(self.lengths.sum()) // MOST_STRETCHES))
        return self._stretches[reach]


class Stretches:
    """The stretches of all fields of a batch."""

    def __init__(self, ground: Ground, reach: int) -> None:
        self._ground = ground
        counts = ground.lengths // reach + 1
        first = np.cumsum(counts) - counts
        self._listing: Numbers = np.repeat(np.repeat(np.arange(ground.listings), ground.counts), counts)
        self._kinds = np.repeat(ground.kinds, counts)
        field, start = ground.places
        number = start // reach
        self._at: Numbers = first[field] + number
        self._before: Numbers = self._at - (number > 0)
        self._known: dict[int, Bits] = {}
        self._masks: dict[tuple[str, ...], Bits] = {}

    def has(self, number: int) -> Bits:
        """The stretches where a list has hits. Those of patterns are not known: they may be all over the listing."""
        if number not in self._known:
            self._known[number] = self._found(number) if self._ground.has(number) else 0
        return self._known[number]

    def _found(self, number: int) -> Bits:
        if number in self._ground.late:
            listings = np.zeros(self._ground.listings, np.bool_)
            listings[list(places_of(self._ground.has(number)))] = True
            return bits_of(listings[self._listing])
        rows = self._ground.rows_of([number])
        flags = np.zeros(len(self._listing), np.bool_)
        flags[self._at[rows]] = True
        flags[self._before[rows]] = True
        return bits_of(flags)

    def counted(self, lists: Iterable[int], least: float) -> Bits:
        """The stretches where lists have at least so many hits together; a late list counts as many as you like."""
        rows, many = self._ground.rows_of(lists), 0
        for number in lists:
            many |= self.has(number) if number in self._ground.late else 0
        count = np.bincount(self._at[rows], minlength=len(self._listing))
        earlier = self._before[rows]
        count += np.bincount(earlier[earlier != self._at[rows]], minlength=len(count))
        return many | bits_of(count >= least)

    def of_kinds(self, kinds: tuple[str, ...]) -> Bits:
        """The stretches of these kinds of field."""
        if kinds not in self._masks:
            self._masks[kinds] = bits_of(np.isin(self._kinds, [_KIND[kind] for kind in kinds]))
        return self._masks[kinds]

    def anywhere(self, found: Bits) -> Bits:
        """The listings with a stretch among ``found``."""
        if not found:
            return 0
        data = np.frombuffer(found.to_bytes(len(self._listing) // 8 + 1, "little"), np.uint8)
        listings = np.zeros(self._ground.listings, np.bool_)
        listings[self._listing[np.flatnonzero(np.unpackbits(data, bitorder="little", count=len(self._listing)))]] = True
        return bits_of(listings)
