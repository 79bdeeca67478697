"""How much documents read like what weights were learnt from (``likeness.c``)."""

from __future__ import annotations

import threading
from ctypes import byref, c_uint32
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scanner.kernels.declarations import Passages, Weights, Weighty
from scanner.kernels.library import Library
from scanner.kernels.memory import BYTE, CODE, DOUBLE, FLAG, LONG, address

Numbers = npt.NDArray[np.int64]
Scores = npt.NDArray[np.float64]


class Texts(NamedTuple):
    """The codes of all characters of some fields; the first of each field, and the end; what each field is to its
    document; and how many fields there are before each document and in all."""

    codes: npt.NDArray[np.uint32]
    starts: Numbers
    parts: bytes
    before: Numbers

    @property
    def given(self) -> tuple[int, int, bytes, int]:
        """As the kernels take them."""
        return address(self.codes, CODE), address(self.starts, LONG), self.parts, address(self.before, LONG)


class Scored(NamedTuple):
    """The score of each document, NaN where nothing can be said, how many words were read, and whether it is brief."""

    scores: Scores
    counts: Numbers
    is_brief: npt.NDArray[np.bool_]


class Phrases(NamedTuple):
    """The first character of each in its document, and the one behind its last; ``bounds`` has one number more than
    there are documents."""

    firsts: Numbers
    ends: Numbers
    bounds: Numbers


class Rows(NamedTuple):
    """Passages; ``bounds`` has one number more than there are documents."""

    scores: Scores
    firsts: Numbers
    ends: Numbers
    bounds: Numbers

    @property
    def record(self) -> Passages:
        """As the kernels take them."""
        return Passages.of(scores=self.scores, firsts=self.firsts, ends=self.ends)


class _Seen(threading.local):
    """Which keys a portion has had, a number for each: kept for each thread, because to clear it takes longer than to
    read a listing. A number stands for a portion, and none is used again before all are cleared."""

    def __init__(self) -> None:
        self.keys = np.zeros(0, CODE)
        self.flags = np.zeros(0, BYTE)
        self.number = c_uint32(0)

    def given(self, keys: int) -> tuple[int, Any]:
        """As the kernels take it, for so many keys."""
        if len(self.keys) < keys or self.number.value > _MOST_PORTIONS:
            self.keys, self.number = np.zeros(keys, CODE), c_uint32(0)
        return address(self.keys, CODE), byref(self.number)

    def cleared(self, keys: int) -> int:
        """Flags that are all clear before and after."""
        if len(self.flags) < keys:
            self.flags = np.zeros(keys, BYTE)
        return address(self.flags, BYTE)


_SEEN = _Seen()
# Half of what the numbers allow for: no call reads as many.
_MOST_PORTIONS = 1 << 31


def resemble(library: Library, weights: Weights, texts: Texts) -> Scored:
    """Score documents."""
    count = len(texts.before) - 1
    scored = Scored(np.full(count, np.nan), np.zeros(count, np.int64), np.zeros(count, np.bool_))
    # The words of one document at a time; what is not written to takes no memory.
    words, seen = np.empty(len(texts.codes) + 1, CODE), _SEEN.given(len(weights.held["keys"]))
    given = *texts.given, count
    made = address(scored.scores, DOUBLE), address(scored.counts, LONG), address(scored.is_brief, FLAG)
    library.delist_resemble(byref(weights), *given, address(words, CODE), *seen, *made)
    return scored


def known(
    library: Library, weights: Weights, texts: Texts, documents: Numbers
) -> tuple[npt.NDArray[np.uint32], Numbers]:
    """The different keys that are known of the worst portion of some documents, given by number, one after another;
    and where those of each document begin, and the last end."""
    words, seen = np.empty(len(texts.codes) + 1, CODE), _SEEN.given(len(weights.held["keys"]))
    found, bounds = np.empty(4 * weights.portion * len(documents), CODE), np.empty(len(documents) + 1, LONG)
    given = *texts.given, address(documents, LONG), len(documents)
    made = address(words, CODE), *seen, address(found, CODE), address(bounds, LONG)
    library.delist_known(byref(weights), *given, *made)
    return found[: bounds[-1]], bounds


def phrases(library: Library, weights: Weights, texts: Texts, documents: Numbers) -> Phrases:
    """The phrases that weigh most of the worst portion of some documents, given by number, one after another."""
    words, seen = np.empty(len(texts.codes) + 1, CODE), _SEEN.given(len(weights.held["keys"]))
    room, portion = np.empty((2, len(texts.codes) + 1), LONG), np.empty((4, 2 * weights.portion), LONG)
    columns = dict(zip(Weighty.pointers, portion, strict=True))
    weighty = Weighty.of(**columns, capacity=portion.shape[1])
    firsts, ends = np.empty((2, weights.phrases * len(documents)), LONG)
    found = Phrases(firsts, ends, np.empty(len(documents) + 1, LONG))
    given = *texts.given, address(documents, LONG), len(documents)
    read = address(words, CODE), address(room[0], LONG), address(room[1], LONG), *seen, byref(weighty)
    made = (address(column, LONG) for column in found)
    library.delist_phrases(byref(weights), *given, *read, *made)
    return found


def passages(library: Library, weights: Weights, texts: Texts, documents: Numbers) -> Rows:
    """The passages of some documents, given by number, one after another: score, first character, and the one behind
    the last; and where those of each document begin, and the last end."""
    starts, before = texts.starts, texts.before
    lengths = starts[before[documents + 1]] - starts[before[documents]]
    room, most = int(lengths.max(initial=0)) + 1, int(np.sum(lengths // weights.step + 2))
    words, singles, pairs = np.empty((3, room), CODE)
    places, seen = np.empty(room, LONG), _SEEN.cleared(len(weights.held["keys"]))
    firsts, ends = np.empty((2, most), LONG)
    rows = Rows(np.empty(most, DOUBLE), firsts, ends, np.empty(len(documents) + 1, LONG))
    given = *texts.given, address(documents, LONG), len(documents)
    room_for = address(words, CODE), address(singles, CODE), address(pairs, CODE), address(places, LONG)
    library.delist_passages(
        byref(weights), *given, *room_for, seen, byref(rows.record),
        address(rows.bounds, LONG),
    )  # fmt: skip
    return rows


def around(library: Library, rows: Rows, documents: Numbers, firsts: Numbers, ends: Numbers) -> tuple[Scores, Scores]:
    """The most that the passages of each document score; and that those do in which some of the characters from
    ``firsts`` to ``ends`` of the ``documents`` are, by their places among those of the rows. -inf where there are
    none."""
    most, found = np.empty(len(rows.bounds) - 1, DOUBLE), np.empty(len(documents), DOUBLE)
    given = byref(rows.record), address(rows.bounds, LONG), len(most)
    places = address(documents, LONG), address(firsts, LONG), address(ends, LONG), len(documents)
    library.delist_around(*given, *places, address(most, DOUBLE), address(found, DOUBLE))
    return most, found
