"""All occurrences of many literals in an array of units, in numpy.

Every literal is anchored at its rarest three neighbouring units (or at all it has): the idea of Wu and Manber
(1994) and of YARA's atoms. One look-up per position finds where an anchor may stand; the few literals anchored there
are compared whole. All overlapping occurrences are reported: leaving out those inside others would lose about a tenth
(measured), and what to do with overlaps is policy. What is built is arrays, quick to store, to restore and to share.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import starmap
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scanner import kernels
from scanner.kernels import declarations, searching

Units = npt.NDArray[np.uint16]
Index = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.int32]
Hashes = npt.NDArray[np.uint32]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]

# Literals compared at once: bounds the memory that a text can cost, however it is made.
_CHUNK = 1 << 16
_FACTORS = (np.uint32(2654435761), np.uint32(2246822519), np.uint32(3266489917))
_FEWEST_BITS, _MOST_BITS = 10, 20
# Bits by which a bucket's number is shorter than that of its flags: four flags in a bucket, a quarter of the memory.
_SHARED = np.uint32(2)
# Of a pair's number: its table is small enough to stay near the processor.
_MOST_PAIR_BITS = 17
# What a pair of units may be: the beginning of an anchor of three, the end of one, a literal of two.
_BEGINS, _ENDS, _LITERAL = (np.uint8(1 << bit) for bit in range(3))
# Units of an anchor.
WIDEST = 3
# An index of this part of the literals is no quicker than that of all, which is in memory already.
_NEARLY_ALL = 0.95

# What is most frequent in running text, most frequent first: anchors avoid it. Nothing but speed depends on it.
_COMMON = (
    "的0123456789 eatoinsrhldcumfpgwybvkxjqz一是不了我有人这个上们来"
    "到时大地为子中你说年着就那和要出也得里后以会家可下而过天去能对小多然于心学么之都好看起发当没成只如事"
    "把还用第样道想作种开美总从无手机情己面最女但现前所同日行意动方期头经长儿回位分爱老因很给名法间知世什"
    "两次使身者高进此话常与活正新款包邮男品全套装色号元件卡买卖收货价格质量店客服放送快电信通水加油餐支持"
)
_WEIGHT = {unit: 1 / (rank + 8) for rank, unit in enumerate(_COMMON)}
_RARE = 0.002
_WEIGHTS = np.full(1 << 16, _RARE)
_WEIGHTS[[*map(ord, _WEIGHT)]] = [*_WEIGHT.values()]


class Found(NamedTuple):
    """Occurrences: which literal, and at which position of the text it starts."""

    literal: Index
    position: Index

    def take(self, chosen: Index | Flags) -> Found:
        """Some of them."""
        return Found(self.literal[chosen], self.position[chosen])


NONE_FOUND = Found(np.zeros(0, np.intp), np.zeros(0, np.intp))


def together(parts: Sequence[Found]) -> Found:
    """The occurrences of several portions, or of none."""
    if len(parts) < 2:
        return parts[0] if parts else NONE_FOUND
    return Found(*map(np.concatenate, zip(*parts, strict=True)))


class Anchored(NamedTuple):
    """The literals with anchors of ``width`` units; those of bucket h: ``members[buckets[h]:buckets[h + 1]]``.

    A row of ``members`` has what comparing needs side by side: number, offset of the anchor, length, and both ends.

    The upper bits of an anchor's hash lead to its bucket, and ``filter`` says which lower bits any anchor has, eight
    flags to a byte. ``record`` is all of this as the kernel takes it.
    """

    width: int
    bits: int
    filter: Bytes
    buckets: Numbers
    members: Numbers
    record: declarations.Anchored


class Signs(NamedTuple):
    """The first question at every place of a text, small enough to stay near the processor, which is where the time
    goes: ``units`` has a flag for each unit, whether it is a literal, and ``pairs`` tells by the upper ``bits`` of the
    hash of two neighbours what they may be."""

    bits: int
    units: Bytes
    pairs: Bytes


class LiteralIndex:
    """A set of literals made ready to be found; immutable."""

    def __init__(
        self,
        units: Units,
        lengths: Numbers,
        anchors: Numbers,
        chosen: Flags | None = None,
        whole: LiteralIndex | None = None,
    ) -> None:
        """``units`` of all literals one after another, how long each is, and the offset of its anchor. Only those that
        are ``chosen`` are looked for, or some more that the index of the ``whole`` has."""
        self._chosen = np.ones(len(lengths), np.bool_) if chosen is None else chosen
        self._whole = whole
        self.units = units
        self.lengths = lengths
        self.anchors = anchors
        self.starts: Numbers = (np.cumsum(lengths) - lengths).astype(np.int32)

    def only(self, chosen: Flags) -> LiteralIndex:
        """An index by which some of the literals are found, with the same numbers; others too, where they are few."""
        return LiteralIndex(self.units, self.lengths, self.anchors, self._chosen & chosen, self)

    @property
    def _parts(self) -> tuple[Anchored, ...]:
        return tuple(self.by_width.values())

    @cached_property
    def by_width(self) -> dict[int, Anchored]:
        """Made when first needed: some readings are rare."""
        made = {width: self._anchored(width) for width in range(1, WIDEST + 1)}
        return {width: part for width, part in made.items() if part is not None}

    @cached_property
    def record(self) -> declarations.LiteralSet:
        """The same as kernels take it."""
        bits, units, pairs = self.signs
        parts = [part.record for part in self._parts]
        return declarations.LiteralSet.of(
            parts=(declarations.Anchored * len(parts))(*parts),
            # They keep their arrays alive.
            each=parts,
            count=len(parts),
            units=units.view(np.uint64),
            pairs=pairs,
            bits=bits,
        )

    @cached_property
    def signs(self) -> Signs:
        """Of the literals of all widths."""
        anchors = {
            part.width: self._units_at(part.members[:, 0], part.members[:, 1], part.width) for part in self._parts
        }
        count = sum(len(columns[0]) for width, columns in anchors.items() if width > 1)
        bits = min(max(_FEWEST_BITS, (2 * count).bit_length()), _MOST_PAIR_BITS)
        units, pairs = np.zeros(1 << 16, np.bool_), np.zeros(1 << bits, np.uint8)
        units[anchors[1][0] if 1 in anchors else []] = True
        for sign, width, first in ((_LITERAL, 2, 0), (_BEGINS, 3, 0), (_ENDS, 3, 1)):
            if width in anchors:
                one, other = anchors[width][first : first + 2]
                pairs[_pairs(one, other, bits)] |= sign
        return Signs(bits, _packed(units), pairs)

    def _units_at(self, literal: Index | Numbers, offset: Numbers, width: int) -> list[Hashes]:
        """So many units of some literals, from an offset in each on, column by column."""
        at = self.starts[literal] + offset
        return [self.units[at + i].astype(np.uint32) for i in range(width)]

    def _anchored(self, width: int) -> Anchored | None:
        """The literals of exactly one or two units, or of three and more."""
        members = np.flatnonzero(self.of_width(width))
        if not len(members):
            return None
        if self._whole is not None and len(members) >= _NEARLY_ALL * np.count_nonzero(self._whole.of_width(width)):
            return self._whole.by_width[width]
        bits = min(max(_FEWEST_BITS, (16 * len(members)).bit_length()), _MOST_BITS)
        mixed = _mixed(self._units_at(members, self.anchors[members], width))[-1]
        hashes = mixed >> np.uint32(32 - bits)
        counts = np.bincount(hashes >> _SHARED, minlength=1 << bits >> _SHARED)
        buckets = np.zeros(len(counts) + 1, np.int32)
        np.cumsum(counts, out=buckets[1:])
        flags = np.zeros(1 << bits, np.bool_)
        flags[mixed & np.uint32((1 << bits) - 1)] = True
        ordered = self._members(members[np.argsort(hashes, kind="stable")])
        packed = _packed(flags)
        record = declarations.Anchored.of(
            width=width,
            bits=bits,
            filter=packed.view(np.uint64),
            buckets=buckets,
            members=ordered,
            units=self.units,
            starts=self.starts,
        )
        return Anchored(width, bits, packed, buckets, ordered, record)

    def of_width(self, width: int) -> Flags:
        """Which literals are looked for by anchors of so many units."""
        chosen: Flags = self._chosen & (self.lengths == width if width < WIDEST else self.lengths >= width)
        return chosen

    def _members(self, literal: Index) -> Numbers:
        start, length = self.starts[literal], self.lengths[literal]
        columns = (literal, self.anchors[literal], length, _ends(self.units[start], self.units[start + length - 1]))
        return np.stack(columns, axis=1).astype(np.int32)

    def find(self, text: Units) -> Iterator[Found]:
        """All occurrences in ``text``, in portions of bounded size, in no order that matters."""
        library = kernels.library()
        if library is not None:
            yield from starmap(Found, searching.find(library, self.record, text))
            return
        wide = text.astype(np.uint32)
        hashes = _mixed([wide[i:] for i in range(WIDEST)])
        for part in self._parts:
            if len(text) >= part.width:
                yield from self._find(part, text, hashes)

    def _find(self, part: Anchored, text: Units, hashes: Sequence[Hashes]) -> Iterator[Found]:
        shift = np.uint32(32 - part.bits)
        places = np.flatnonzero(self._shows(part.width, text.astype(np.uint32)))
        mixed = hashes[part.width - 1][places]
        alike = np.flatnonzero(_flags(part.filter, mixed & np.uint32((1 << part.bits) - 1)))
        places, bucket = places[alike], mixed[alike] >> shift >> _SHARED
        first = part.buckets[bucket]
        count = part.buckets[bucket + np.uint32(1)] - first
        for portion in _portions(count):
            yield self._compare(text, part, places[portion], first[portion], count[portion])

    def _shows(self, width: int, text: Hashes) -> Flags:
        """At which places of a text an anchor of so many units may stand, by the signs."""
        signs = self.signs
        if width == 1:
            return _flags(signs.units, text)
        pairs = signs.pairs.take(_pairs(text[:-1], text[1:], signs.bits))
        if width == WIDEST:
            return (pairs[:-1] & _BEGINS > 0) & (pairs[1:] & _ENDS > 0)
        shown: Flags = pairs & _LITERAL > 0
        return shown

    def _compare(self, text: Units, part: Anchored, places: Index, first: Numbers, count: Numbers) -> Found:
        """Compare every literal of the buckets that ``places`` point at."""
        literal, anchor, length, ends = part.members.take(spans(first, count), axis=0).T
        position = np.repeat(places, count) - anchor
        last = position + length - 1
        alike = _ends(text.take(position, mode="clip"), text.take(last, mode="clip")) == ends
        chosen = np.flatnonzero(alike & (position >= 0) & (last < len(text)))
        found = Found(literal[chosen].astype(np.intp), position[chosen])
        if part.width < WIDEST or not len(chosen):
            return found
        length = length[chosen]
        same = text[spans(found.position, length)] == self.units[spans(self.starts[found.literal], length)]
        whole = np.flatnonzero(np.logical_and.reduceat(same, np.cumsum(length) - length))
        return Found(found.literal[whole], found.position[whole])


def _ends(first: Units, last: Units) -> Numbers:
    """Two units in one number."""
    return (first.astype(np.uint32) << np.uint32(16) | last).view(np.int32)


def _packed(flags: npt.NDArray[np.bool_]) -> Bytes:
    return np.packbits(flags, bitorder="little")


def _flags(packed: Bytes, numbers: Hashes) -> npt.NDArray[np.bool_]:
    """The flags of some numbers."""
    bytes_ = packed.take(numbers >> np.uint32(3), mode="clip")
    return (bytes_ >> (numbers.astype(np.uint8) & np.uint8(7)) & np.uint8(1)).view(np.bool_)


def spans(first: npt.NDArray[np.integer], count: npt.NDArray[np.integer]) -> Index:
    """The numbers ``first, first + 1 …`` of every row, ``count`` of each, one after another."""
    ends = np.cumsum(count, dtype=np.intp)
    total = int(ends[-1]) if len(ends) else 0
    return np.arange(total) + np.repeat(first - (ends - count), count)


def _portions(count: Numbers) -> Iterator[slice]:
    """Cut the rows so that each portion expands to about ``_CHUNK`` (one row more at most)."""
    ends = np.cumsum(count, dtype=np.intp)
    begin = 0
    while begin < len(count):
        done = int(ends[begin - 1]) if begin else 0
        end = max(begin + 1, int(np.searchsorted(ends, done + _CHUNK, side="right")))
        yield slice(begin, end)
        begin = end


def _mixed(columns: Sequence[Hashes]) -> list[Hashes]:
    """A hash of each row of one unit, of two, of three; rows end with the shortest column."""
    hashes = [columns[0] * _FACTORS[0]]
    for column, factor in zip(columns[1:], _FACTORS[1:], strict=False):
        hashes.append(hashes[-1][: len(column)] + column * factor)
    return hashes


def _pairs(first: Hashes, second: Hashes, bits: int) -> Hashes:
    """A hash of so many bits for each pair."""
    return (first | second << np.uint32(16)) * _FACTORS[0] >> np.uint32(32 - bits)


def build(literals: Sequence[str]) -> LiteralIndex:
    """Index ``literals``, texts of the basic plane; an empty set is fine."""
    if not all(literals):
        raise ValueError("a literal has at least one unit")
    units = np.frombuffer("".join(literals).encode("utf-16-le", "surrogatepass"), np.uint16)
    lengths = np.array([*map(len, literals)], np.int32)
    return LiteralIndex(units, lengths, _anchors(units, lengths))


def _anchors(units: Units, lengths: Numbers) -> Numbers:
    """The offset of each literal's rarest three units; what many literals share costs as much as what is frequent."""
    anchors = np.zeros(len(lengths), np.int32)
    longer = np.flatnonzero(lengths > WIDEST)
    counts = np.maximum(lengths - (WIDEST - 1), 0)
    starts = np.cumsum(lengths) - lengths
    at = spans(starts, counts)
    triples = units[at].astype(np.uint64) << 32 | units[at + 1].astype(np.uint64) << 16 | units[at + 2]
    _, which, shared = np.unique(triples, return_inverse=True, return_counts=True)
    weights = _WEIGHTS[units]
    costs = weights[at] * weights[at + 1] * weights[at + 2] * shared[which]
    first = (np.cumsum(counts) - counts)[longer]
    if len(longer):
        # Of each literal the first of the cheapest: the rows before are other literals' or dearer.
        own = spans(first, counts[longer])
        bounds = np.cumsum(counts[longer]) - counts[longer]
        least = np.repeat(np.minimum.reduceat(costs[own], bounds), counts[longer])
        cheapest = np.flatnonzero(costs[own] == least)
        anchors[longer] = cheapest[np.searchsorted(cheapest, bounds)] - bounds
    return anchors


def is_common(unit: str) -> bool:
    """Whether a unit is frequent in running text."""
    return unit in _WEIGHT
