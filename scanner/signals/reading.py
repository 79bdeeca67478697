"""A listing's fields as one text, read once by every detector, with the way back to the original characters."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from functools import cached_property

import numpy as np

from scanner.model import Listing
from scanner.signals.folding import Positions, fold
from scanner.signals.patterns import Match, Pattern
from scanner.signals.record import Signal

# What is read of one field, however long it is: its beginning and its end, where sellers hide what matters.
HEAD = 12_000
TAIL = 4_000
# What is read of one listing altogether, and in how many fields.
MOST_CHARACTERS = 64_000
MOST_FIELDS = 256
# Signals of one name in one listing. A listing that repeats a number 10,000 times says no more than at 100.
MOST_SIGNALS = 100

# Between two fields. Nothing else folds to it and no pattern names it, so no match goes across.
BORDER = "\x1e"


class Reading:
    """Fields ``(name, text)``, joined and folded, for pattern after pattern.

    At most ``HEAD + TAIL`` characters of a field, ``MOST_CHARACTERS`` of a listing and ``MOST_FIELDS`` fields are
    read; ``is_cut`` says that something was left out.
    """

    def __init__(self, fields: Iterable[tuple[str, str]], listing: Listing | None = None) -> None:
        self.listing = listing
        self.is_cut = False
        self._names: list[str] = []
        self._bases: list[int] = []
        self._starts: list[int] = []
        self._length = 0
        pieces: list[str] = []
        for name, text in fields:
            for base, piece in self._cut(text):
                self._names.append(name)
                self._bases.append(base)
                self._starts.append(self._length)
                self._length += len(piece) + 1
                pieces.append(piece)
        self.raw = BORDER.join(pieces)

    def _cut(self, text: str) -> Iterator[tuple[int, str]]:
        """The beginning of ``text`` and, if it is long, its end, while the listing's allowance lasts."""
        left = MOST_CHARACTERS - self._length
        if left <= 0 or len(self._names) >= MOST_FIELDS:
            self.is_cut = True
        elif len(text) <= min(left, HEAD + TAIL):
            yield 0, text
        else:
            self.is_cut = True
            tail = min(TAIL, left // 4)
            yield 0, text[: min(HEAD, left - tail)]
            yield len(text) - tail, text[len(text) - tail :]

    @cached_property
    def _folding(self) -> tuple[str, Positions | None]:
        return fold(self.raw, [start - 1 for start in self._starts[1:]])

    @property
    def text(self) -> str:
        """The folded text of all fields, ``BORDER`` between them."""
        return self._folding[0]

    @cached_property
    def marks(self) -> frozenset[str]:
        """The characters that ``text`` is made of."""
        return frozenset(self.text)

    def matches(self, pattern: Pattern, *, most: int = MOST_SIGNALS) -> Iterator[Match]:
        """The first ``most`` matches of ``pattern`` in the folded text."""
        return pattern.matches(self.text, self.marks, most)

    def signals(self, name: str, pattern: Pattern) -> tuple[Signal, ...]:
        """A signal called ``name`` for each match of ``pattern``."""
        return tuple(self.signal(name, match.start, match.end) for match in self.matches(pattern))

    @cached_property
    def runs(self) -> list[tuple[int, int]]:
        """Where invisible characters stand in ``raw``, as ``[start, end)``, neighbours together."""
        positions = self._folding[1]
        if positions is None:
            return []
        gaps = np.flatnonzero(np.diff(positions, prepend=-1, append=len(self.raw)) > 1)
        ends = np.append(positions, len(self.raw))
        starts = np.concatenate(([-1], positions))
        return [(int(starts[i]) + 1, int(ends[i])) for i in gaps]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]`` stands in ``raw``; invisible marks on the last character belong to it."""
        positions = self._folding[1]
        if positions is None:
            return start, end
        last = int(positions[end - 1]) + 1
        stop = int(positions[end]) if end < len(positions) else len(self.raw)
        while last < stop and self.raw[last] in "\ufe0f\u20e3":
            last += 1
        return int(positions[start]), last

    def place(self, start: int, end: int) -> tuple[str, int, int]:
        """The field of ``raw[start:end]`` and the offsets in that field's whole text."""
        segment = bisect_right(self._starts, start) - 1
        shift = self._bases[segment] - self._starts[segment]
        return self._names[segment], start + shift, end + shift

    def signal(self, name: str, start: int, end: int, *, value: float | bool = True, reads: str = "") -> Signal:
        """The signal shown by ``text[start:end]``."""
        return self.raw_signal(name, *self.original(start, end), value=value, reads=reads)

    def raw_signal(self, name: str, start: int, end: int, *, value: float | bool = True, reads: str = "") -> Signal:
        """The signal shown by ``raw[start:end]``."""
        field, first, last = self.place(start, end)
        return Signal(name=name, value=value, field=field, start=first, end=last, text=self.raw[start:end], reads=reads)

    @cached_property
    def has_options(self) -> bool:
        """Whether any field is an option or an attribute."""
        return any(name.startswith(("options[", "attributes.")) for name in self._names)

    def key_of(self, field: str) -> str:
        """What stands before the first colon in the folded text of ``field``: "颜色" in "颜色: 白"; "" without one."""
        start = self._starts[self._names.index(field)]
        head = fold(self.raw[start : start + 40])[0].partition(BORDER)[0]
        return head.partition(":")[0] if ":" in head else ""

    def field_at(self, start: int) -> str:
        """The name of the field that holds ``text[start]``."""
        return self.place(*self.original(start, start + 1))[0]
