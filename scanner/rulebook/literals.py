"""All occurrences of many literals in an array of units, in numpy: the pair index.

Every literal is anchored at its rarest pair of neighbouring units (the idea of Wu and Manber 1994, and of YARA's atoms). One
look-up per position finds where an anchor may stand, a second one which literals that concerns; those few are compared
whole. All overlapping occurrences are reported: leaving out those inside others would lose about a tenth (measured), and
what to do with overlaps is policy. Building takes milliseconds, so nothing but the arrays themselves needs a cache.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

Units = npt.NDArray[np.uint16]
Index = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.int32]

# Literals compared at once: bounds the memory that a text can cost, however it is made.
_CHUNK = 1 << 18
_FILTER = np.uint16(40503)
_SPREAD = np.uint32(2654435761)

# What is most frequent in running text, most frequent first: anchors avoid it. Nothing but speed depends on it.
_COMMON = (
    "的0123456789 eatoinsrhldcumfpgwybvkxjqz一是不了我有人这个上们来到时大地为子中你说年着就那和要出也得里后以会家可下而过天去能对小"
    "多然于心学么之都好看起发当没成只如事把还用第样道想作种开美总从无手机情己面最女但现前所同日行意动方期头经长儿回位分爱老因很"
    "给名法间知世什两次使身者高进此话常与活正新款包邮男品全套装色号元件卡买卖收货价格质量店客服放送快电信通话水加油套餐支持"
)


class Found(NamedTuple):
    """Occurrences: which literal, and at which position of the text it starts."""

    literal: Index
    position: Index


NOTHING = Found(np.zeros(0, np.intp), np.zeros(0, np.intp))


class PairIndex(NamedTuple):
    """A set of literals made ready to be found. Plain arrays, so it is stored and shared as it is."""

    units: Units
    starts: Numbers
    lengths: Numbers
    anchors: Numbers
    probes: Numbers
    filter: npt.NDArray[np.bool_]
    buckets: Numbers
    members: Numbers

    def find(self, text: Units) -> Iterator[Found]:
        """All occurrences in ``text``, in portions of bounded size, each in the order of its anchors."""
        if len(text) < 2 or not len(self.starts):
            return
        places = self._places(text)
        hashes = _hash(text[places], text[places + 1], self._bits)
        first = self.buckets[hashes]
        count = self.buckets[hashes + 1] - first
        some = np.flatnonzero(count)
        places, first, count = places[some], first[some], count[some]
        for portion in _portions(count):
            yield self._compare(text, places[portion], first[portion], count[portion])

    @property
    def _bits(self) -> int:
        return (len(self.buckets) - 1).bit_length() - 1

    def _places(self, text: Units) -> Index:
        """Where an anchor may stand."""
        marks = text[:-1] * _FILTER
        marks ^= text[1:]
        return np.flatnonzero(self.filter.take(marks, mode="clip"))

    def _compare(self, text: Units, places: Index, first: Numbers, count: Numbers) -> Found:
        """Compare every literal of the buckets that ``places`` point at: one probing unit, then all of them."""
        literal = self.members[spans(first, count)]
        position = np.repeat(places, count) - self.anchors[literal]
        length = self.lengths[literal]
        inside = np.flatnonzero((position >= 0) & (position + length <= len(text)))
        literal, position = literal[inside], position[inside]
        probe = self.probes[literal]
        alike = np.flatnonzero(text[position + probe] == self.units[self.starts[literal] + probe])
        literal, position = literal[alike], position[alike]
        if not len(literal):
            return NOTHING
        length = self.lengths[literal]
        same = text[spans(position, length)] == self.units[spans(self.starts[literal], length)]
        whole = np.flatnonzero(np.logical_and.reduceat(same, np.cumsum(length) - length))
        return Found(literal[whole].astype(np.intp), position[whole])


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


def _hash(one: Units, other: Units, bits: int) -> npt.NDArray[np.uint32]:
    """The bucket of each pair."""
    pair = one.astype(np.uint32) << np.uint32(16) | other
    return (pair * _SPREAD) >> np.uint32(32 - bits)


def build(literals: Sequence[str]) -> PairIndex:
    """Index ``literals`` (each of at least two units of the basic plane; empty sets are fine)."""
    texts = [np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16) for text in literals]
    lengths = np.array([len(text) for text in texts], np.int32)
    if len(texts) and lengths.min() < 2:
        raise ValueError("a literal of the pair index has at least two units")
    units = np.concatenate(texts) if texts else np.zeros(0, np.uint16)
    anchors = np.array(_anchors(literals), np.int32)
    starts = (np.cumsum(lengths) - lengths).astype(np.int32)
    one, other = units[starts + anchors], units[starts + anchors + 1]
    bits = max(12, (16 * max(1, len(texts))).bit_length())
    hashes = _hash(one, other, bits)
    marks = np.zeros(1 << 16, np.bool_)
    marks[one * _FILTER ^ other] = True
    return PairIndex(
        units=units,
        starts=starts,
        lengths=lengths,
        anchors=anchors,
        probes=_probes(anchors, lengths),
        filter=marks,
        buckets=np.searchsorted(np.sort(hashes), np.arange((1 << bits) + 1)).astype(np.int32),
        members=np.argsort(hashes, kind="stable").astype(np.int32),
    )


def _anchors(literals: Sequence[str]) -> list[int]:
    """The offset of each literal's rarest pair; a pair that many literals share costs as much as a frequent one."""
    shared = Counter(pair for text in literals for pair in {text[i : i + 2] for i in range(len(text) - 1)})
    weight = {unit: 1 / (rank + 8) for rank, unit in enumerate(_COMMON)}

    def cost(pair: str) -> float:
        return weight.get(pair[0], 0.002) * weight.get(pair[1], 0.002) * (1 + 0.05 * shared[pair])

    return [min(range(len(text) - 1), key=lambda i, text=text: cost(text[i : i + 2])) for text in literals]  # type: ignore[misc]  # mypy cannot type a default of a lambda


def _probes(anchors: Numbers, lengths: Numbers) -> Numbers:
    """A unit outside the anchor to look at first: the one after it, else the one before, else the anchor itself."""
    after = np.where(anchors + 2 < lengths, anchors + 2, anchors)
    return np.where((after == anchors) & (anchors > 0), anchors - 1, after).astype(np.int32)
