"""Where in a batch the lists have hits: by listing, and by stretches of text in which things are near each other.

A stretch of reach N is N characters of one field and the N that follow, one beginning at each multiple of N: whatever
begins within N characters begins in at least one of them.

What is so of which listing (or stretch) is a whole number, bit i for listing i: a few hundred listings are combined in
the time of one addition, and a batch in which a list has no hit at all costs nothing.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Iterable, Mapping
from functools import cached_property
from itertools import chain
from typing import Any

import numpy as np
from numpy.typing import NDArray

from scanner import likeness
from scanner.rulebook.bits import Bits, Flags, bits_at, bits_of, flags_of, places_of
from scanner.rulebook.lexicon import Hits
from scanner.rulebook.logic import FIELDS
from scanner.rulebook.sight import kind_of

Numbers = NDArray[np.intp]

# A batch of long texts is cut into longer stretches, so that there are never more than about this many.
MOST_STRETCHES = 1 << 15

# Bits of a place in a field, when a field's number stands before it. Longer than what is read of any document.
_PLACE = 40

_KIND = {kind: number for number, kind in enumerate(FIELDS)}


def number_of(field: str) -> int:
    """The kind of a field as a number. Nothing is remembered of a name: sellers choose those of attributes."""
    number = _KIND.get(field)
    return _KIND[kind_of(field)] if number is None else number


def mask_of(kinds: tuple[str, ...] | None) -> int:
    """A bit for each of some kinds of field, by number; all sixteen for ``None``."""
    return 0xFFFF if kinds is None else sum(1 << _KIND[kind] for kind in set(kinds))


class Ground:
    """A batch as conditions see it.

    Where the ``late`` lists have hits is not known at first: a listing may have some, or not. ``sure`` asks for what is
    known, otherwise what may be counts too; ``settle`` finds out.
    """

    def __init__(self, listings: int, hits: Hits, late: frozenset[int], *, placed: bool = True) -> None:
        """Without ``placed``, nobody asks for stretches."""
        self._find_out = hits.settle if placed else hits.having
        self._hits, self.late = hits, late
        self.listings = listings
        self.floods = hits.floods
        self._lists: int = hits.present.shape[1]
        self._present: dict[int, Bits] = {}
        self._may_have: Callable[[int], Bits] | None = None
        self._settled: dict[int, Bits] = {}
        self._late_found: dict[int, list[int]] = {}
        self._late_places: dict[int, tuple[Numbers, Numbers]] = {}
        self._stretches: dict[int, Stretches] = {}
        self._are_kinds: dict[tuple[str, ...], Flags] = {}
        self._chains: dict[tuple[object, ...], Numbers] = {}

    def has(self, number: int, kinds: tuple[str, ...] | None = None, *, sure: bool = False) -> Bits:
        """The listings where a list has hits, or has some in these kinds of field; of a late list in any."""
        present = self._has(number)
        if kinds is not None and number not in self.late and present:
            found = self.at(self._in_kinds(self.rows_of([number]), kinds))
            return found if sure or number not in self.floods else found | self.flooded([number])
        return present & ~self.open(number) if sure else present

    def _has(self, number: int) -> Bits:
        if number not in self._present:
            if self._may_have is not None and number in self.late:
                self._present[number] = self._may_have(number)
            else:
                self._present[number] = bits_of(self.present[:, number]) if number < self._lists else 0
        return self._present[number]

    def take(self, may_have: Callable[[int], Bits]) -> None:
        """Ask somebody who has counted all at once where late lists may have hits."""
        self._may_have = may_have

    @property
    def hits(self) -> Hits:
        """What was found."""
        return self._hits

    @property
    def present(self) -> Flags:
        """For each listing and list whether there are hits, or may be some."""
        return self._hits.present

    def _in_kinds(self, rows: Numbers, kinds: tuple[str, ...]) -> Numbers:
        """Those of some hits that stand in these kinds of field."""
        if kinds not in self._are_kinds:
            self._are_kinds[kinds] = np.isin(self.kinds, [_KIND[kind] for kind in kinds])
        found: Numbers = rows[self._are_kinds[kinds][self._fields_of(rows)]]
        return found

    def _fields_of(self, rows: Numbers) -> Numbers:
        """The number of the field of each of some hits, counted over the batch."""
        found: Numbers = self.places[0][rows]
        return found

    def resembling(self, chance: float) -> Bits:
        """The listings that read like an offer by that chance or more."""
        return bits_of(self._hits.likeness.scores >= likeness.least_score(chance))

    def open(self, number: int) -> Bits:
        """The listings where a list may or may not have hits."""
        return self._has(number) & ~self._settled.get(number, 0) if number in self.late else 0

    def flooded(self, lists: Iterable[int]) -> Bits:
        """The listings where a list has more hits than are told of: there may be some anywhere."""
        return functools.reduce(operator.or_, (1 << at for one in lists for at in self.floods.get(one, ())), 0)

    def settle(self, wanted: Mapping[int, Bits]) -> None:
        """Find out where late lists have hits in some listings."""
        documents = {number: places_of(asked) for number, asked in wanted.items()}
        for number, found in self._find_out(documents).items():
            asked = wanted[number]
            self._present[number] = self._has(number) & (~asked | bits_at(found, self.listings))
            self._settled[number] = self._settled.get(number, 0) | asked
            self._late_found.setdefault(number, []).extend(found)
            self._late_places.pop(number, None)

    def is_found(self, number: int) -> bool:
        """Whether any hit of a late list is known."""
        return bool(self._late_found.get(number))

    def late_places(self, number: int) -> tuple[Numbers, Numbers]:
        """Where the known hits of a late list begin, as ``places`` says it."""
        if number not in self._late_places:
            found = self._hits.late_places(self._late_found.get(number, ()), number)
            self._late_places[number] = self.fields_before[found.document] + found.field, found.start
        return self._late_places[number]

    def counted(
        self, lists: Iterable[int], least: float, kinds: tuple[str, ...] | None = None, *, sure: bool = False
    ) -> Bits:
        """The listings where lists have at least so many hits together, or have them in these kinds of field; a late
        list counts as many as you like."""
        rows, many = self.rows_of(lists), 0
        if kinds is not None:
            rows = self._in_kinds(rows, kinds)
        for number in lists:
            many |= self.has(number, sure=sure) if number in self.late else 0
        count = np.bincount(self._hits.document[rows], minlength=self.listings)
        return many | bits_of(count >= least) | (0 if sure else self.flooded(lists))

    def chained(
        self, first: tuple[int, ...], then: tuple[int, ...], gap: int, kinds: tuple[str, ...] | None
    ) -> Numbers:
        """The rows of hits of ``then`` that begin at most ``gap`` characters behind the end of one of ``first``."""
        key = (first, then, gap, kinds)
        if key not in self._chains:
            found = self._chained(first, then, gap)
            self._chains[key] = found if kinds is None else self._in_kinds(found, kinds)
        return self._chains[key]

    def _chained(self, first: Iterable[int], then: Iterable[int], gap: int) -> Numbers:
        one, other = self.rows_of(first), self.rows_of(then)
        if not len(one) or not len(other):
            return one[:0]
        ends = np.sort(self._fields_of(one) << _PLACE | self._hits.end[one])
        begins = self._fields_of(other) << _PLACE | self._hits.start[other]
        before = np.searchsorted(ends, begins, side="right") - 1
        found: Numbers = other[(before >= 0) & (begins - ends[before] <= gap)]
        return found

    def at(self, rows: Numbers) -> Bits:
        """The listings of some hits."""
        if not len(rows):
            return 0
        return bits_at(self._hits.document[rows], self.listings)

    def rows_of(self, lists: Iterable[int]) -> Numbers:
        """The rows of the hits of some lists."""
        order, bounds = self._by_list
        found = [order[bounds[number] : bounds[number + 1]] for number in lists if number + 1 < len(bounds)]
        return np.concatenate(found) if found else order[:0]

    @cached_property
    def _by_list(self) -> tuple[Numbers, Numbers]:
        numbers = self._hits.list
        counts = np.bincount(numbers, minlength=self._lists)
        # Sorted by their digits, which is ten times as quick as comparing, and only done for short numbers.
        short = numbers.astype(np.uint16) if self._lists < 1 << 16 else numbers
        return np.argsort(short, kind="stable"), np.concatenate(([0], np.cumsum(counts)))

    @cached_property
    def parts(self) -> list[dict[str, Any]]:
        """The hits of each pass, and what the passes before have of each thing (see ``kernels.steps.Part``)."""
        parts: list[dict[str, Any]] = []
        rows, fields, characters = 0, 0, 0
        for part in self._hits.passes:
            batch, places = part.batch, part.place._asdict()
            own = {"list": part.lists, "rows": len(part.lists), "first_document": part.first}
            bounds = {"fields_before": batch.fields_before, "field_starts": batch.field_starts}
            before = {"first_row": rows, "first_field": fields, "first_character": characters}
            parts.append(places | own | bounds | before)
            rows, fields = rows + len(part.lists), fields + int(batch.fields_before[-1])
            characters += batch.size
        return parts

    @cached_property
    def characters(self) -> int:
        """How many there are, an edge of each field included."""
        return sum(part.batch.size for part in self._hits.passes)

    @cached_property
    def counts(self) -> Numbers:
        """The number of fields of each document."""
        counts = [np.diff(part.batch.fields_before) for part in self._hits.passes]
        return np.concatenate(counts) if counts else np.zeros(0, np.intp)

    @cached_property
    def lengths(self) -> Numbers:
        """The length of each field."""
        lengths = [np.diff(part.batch.field_starts) - 1 for part in self._hits.passes]
        return np.concatenate(lengths) if lengths else np.zeros(0, np.intp)

    @cached_property
    def kinds(self) -> NDArray[np.uint8]:
        """The kind of each field, as a number."""
        names = [*chain.from_iterable(part.batch.names for part in self._hits.passes)]
        kinds = {name: number_of(name) for name in set(names)}
        return np.fromiter(map(kinds.__getitem__, names), np.uint8, len(names))

    @cached_property
    def fields_before(self) -> Numbers:
        """The number of fields before each document."""
        return np.cumsum(self.counts) - self.counts

    @cached_property
    def places(self) -> tuple[Numbers, Numbers]:
        """The number of the field of each hit, counted over the batch, and where in the field the hit begins."""
        return self.fields_before[self._hits.document] + self._hits.field, self._hits.start

    def leave(self) -> None:
        """Let go of the stretches, which know this ground: else a batch stays in memory until cycles are looked for."""
        self._stretches.clear()

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
        self.listing: Numbers = np.repeat(np.repeat(np.arange(ground.listings), ground.counts), counts)
        self.kinds = np.repeat(ground.kinds, counts)
        self.first, self.reach = first, reach
        self._known: dict[int, Bits] = {}
        self._masks: dict[tuple[str, ...], Bits] = {}

    @cached_property
    def _places(self) -> tuple[Numbers, Numbers]:
        """The two stretches that hold the beginning of each hit."""
        return self._around(*self._ground.places)

    def _around(self, field: Numbers, start: Numbers) -> tuple[Numbers, Numbers]:
        """The two stretches that hold a place (the second is the first again at the beginning of a field)."""
        number = start // self.reach
        at = self.first[field] + number
        return at, at - (number > 0)

    def has(self, number: int, *, sure: bool = False) -> Bits:
        """The stretches where a list has hits; what is open may be all over the listing."""
        ground = self._ground
        if number in ground.late:
            known = self._flagged(*self._around(*ground.late_places(number))) if ground.is_found(number) else 0
            return known if sure else known | self.all_over(ground.open(number))
        if number not in self._known:
            rows = ground.rows_of([number])
            self._known[number] = self.at(rows)
        known = self._known[number]
        return known if sure or number not in ground.floods else known | self.all_over(ground.flooded([number]))

    def at(self, rows: Numbers) -> Bits:
        """The stretches that hold the beginnings of some hits."""
        at, before = self._places
        return self._flagged(at[rows], before[rows])

    def _flagged(self, at: Numbers, before: Numbers) -> Bits:
        if not len(at):
            return 0
        flags = np.zeros(len(self.listing), np.bool_)
        flags[at] = True
        flags[before] = True
        return bits_of(flags)

    def all_over(self, found: Bits) -> Bits:
        """All stretches of some listings."""
        if not found:
            return 0
        return bits_of(flags_of(found, self._ground.listings)[self.listing])

    def counted(self, lists: Iterable[int], least: float, *, sure: bool = False) -> Bits:
        """The stretches where lists have at least so many hits together; a late list counts as many as you like."""
        rows, many = self._ground.rows_of(lists), 0
        for number in lists:
            many |= self.has(number, sure=sure) if number in self._ground.late else 0
        at, before = (places[rows] for places in self._places)
        count = np.bincount(at, minlength=len(self.listing))
        count += np.bincount(before[before != at], minlength=len(count))
        return many | bits_of(count >= least) | (0 if sure else self.all_over(self._ground.flooded(lists)))

    def of_kinds(self, kinds: tuple[str, ...]) -> Bits:
        """The stretches of these kinds of field."""
        if kinds not in self._masks:
            self._masks[kinds] = bits_of(np.isin(self.kinds, [_KIND[kind] for kind in kinds]))
        return self._masks[kinds]

    def anywhere(self, found: Bits) -> Bits:
        """The listings with a stretch among ``found``."""
        if not found:
            return 0
        listings = np.zeros(self._ground.listings, np.bool_)
        listings[self.listing[flags_of(found, len(self.listing))]] = True
        return bits_of(listings)
