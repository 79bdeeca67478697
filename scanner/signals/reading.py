"""A listing's fields as one text, read once by every detector, with the way back to the original characters."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np

from scanner.model import Listing
from scanner.signals.patterns import Match, Pattern
from scanner.signals.record import Signal
from scanner.text.kinds import EDGE, Kind
from scanner.text.views import Batch, Index, folded

# What stands on the character before it: keycap and emoji presentation.
_MARKS = "\ufe0f\u20e3"

# The first code of the character table that is not dropped.
_SEEN = Kind.SEPARATOR << 16

# What is read of one field, however long it is: its beginning and its end, where sellers hide what matters.
HEAD = 12_000
TAIL = 4_000
# What is read of one listing altogether, and in how many fields.
MOST_CHARACTERS = 64_000
MOST_FIELDS = 256
# Signals of one name in one listing. A listing that repeats a number 10,000 times says no more than at 100.
MOST_SIGNALS = 100

# The edge of a field in the folded text. No seller's character folds to it.
BORDER = chr(EDGE)


class Folding(NamedTuple):
    """Fields that are folded already: their texts in UTF-8, ``BORDER`` behind each, and how to get the place of each
    character in the fields joined by line breaks."""

    encoded: bytes
    places: Callable[[], Index]


def is_option(field: str) -> bool:
    """Whether ``field`` is an option's or an attribute's text."""
    return field.startswith(("options[", "attributes."))


class Reading:
    """Fields ``(name, text)``, joined and folded, for pattern after pattern.

    At most ``HEAD + TAIL`` characters of a field, ``MOST_CHARACTERS`` of a listing and ``MOST_FIELDS`` fields are
    read; ``is_cut`` says that something was left out.
    """

    def __init__(
        self,
        fields: Iterable[tuple[str, str]],
        listing: Listing | None = None,
        folding: Callable[[], Folding] | None = None,
    ) -> None:
        self._known = folding
        self.listing = listing
        self.is_cut = False
        self._names: list[str] = []
        self._bases: list[int] = []
        self._starts: list[int] = []
        self._length = 0
        self._pieces: list[str] = []
        for name, text in fields:
            for base, piece in self._cut(text):
                self._names.append(name)
                self._bases.append(base)
                self._starts.append(self._length)
                self._length += len(piece) + 1
                self._pieces.append(piece)

    def _cut(self, text: str) -> Sequence[tuple[int, str]]:
        """The beginning of ``text`` and, if it is long, its end, while the listing's allowance lasts."""
        left = MOST_CHARACTERS - self._length
        if left > 0 and len(text) <= min(left, HEAD + TAIL) and len(self._names) < MOST_FIELDS:
            return ((0, text),)
        self.is_cut = True
        if left <= 0 or len(self._names) >= MOST_FIELDS:
            return ()
        tail = min(TAIL, left // 4)
        return (0, text[: min(HEAD, left - tail)]), (len(text) - tail, text[len(text) - tail :])

    @cached_property
    def raw(self) -> str:
        """The original text of all fields, a line break behind each."""
        return "\n".join((*self._pieces, ""))

    @cached_property
    def _batch(self) -> Batch:
        return Batch([list(zip(self._names, self._pieces, strict=True))])

    @cached_property
    def _folding(self) -> Folding:
        if self._known is not None and not self.is_cut:
            return self._known()
        batch = self._batch
        read = folded(batch, 0, len(batch.codes))
        # No part of it knows this reading: a batch would stay in memory until cycles are looked for.
        return Folding(read.text.encode(), lambda: batch.sources(read.slots))

    @cached_property
    def _positions(self) -> Index:
        return self._folding.places()

    def places_of(self, first: str, last: str) -> list[int]:
        """Where in ``raw`` characters from ``first`` to ``last`` stand."""
        # Unsigned: what lies before ``first`` wraps around to far behind ``last``.
        from_first = self._batch.characters - np.uint32(ord(first))
        return [int(place) for place in np.flatnonzero(from_first <= np.uint32(ord(last) - ord(first)))]

    @cached_property
    def text(self) -> str:
        """The folded text of all fields, ``BORDER`` between them."""
        return self._folding.encoded.decode()

    def matches(self, pattern: Pattern, *, most: int = MOST_SIGNALS) -> Iterator[Match]:
        """The first ``most`` matches of ``pattern`` in the folded text."""
        return pattern.matches(self.text, self._folding.encoded, most)

    def option_matches(self, pattern: Pattern, *, most: int = MOST_SIGNALS) -> Iterator[Match]:
        """The same within options and attributes, which stand side by side."""
        first, end = self._options
        text = self.text[first:end]
        for match in pattern.matches(text, text.encode(), most):
            yield match._replace(start=match.start + first, end=match.end + first)

    @cached_property
    def _options(self) -> tuple[int, int]:
        """From where to where in ``text`` the options and attributes reach."""
        numbers = [number for number, name in enumerate(self._names) if is_option(name)]
        if not numbers:
            return 0, 0
        edges = [0, *(i + 1 for i, mark in enumerate(self.text) if mark == BORDER)]
        return edges[numbers[0]], edges[numbers[-1] + 1]

    def signals(self, name: str, pattern: Pattern) -> tuple[Signal, ...]:
        """A signal called ``name`` for each match of ``pattern``."""
        return tuple([self.signal(name, match.start, match.end) for match in self.matches(pattern)])

    @cached_property
    def runs(self) -> list[tuple[int, int]]:
        """Where characters that nobody sees stand in ``raw``, as ``[start, end)``, neighbours together."""
        positions = self._positions
        if not np.any(self._batch.codes < _SEEN):
            return []
        edges = np.concatenate(([-1], positions, [len(self.raw)]))
        gaps = np.flatnonzero(np.diff(edges) > 1)
        return [(int(edges[gap]) + 1, int(edges[gap + 1])) for gap in gaps]

    def original(self, start: int, end: int) -> tuple[int, int]:
        """Where ``text[start:end]`` stands in ``raw``; invisible marks on the last character belong to it."""
        positions = self._positions
        first, last = int(positions[start]), int(positions[end - 1]) + 1
        while self.raw[last] in _MARKS:
            last += 1
        return first, last

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
        return any(map(is_option, self._names))

    @cached_property
    def _keys(self) -> dict[str, str]:
        parts = zip(self._names, self.text.split(BORDER), strict=False)
        return {name: part[:40].partition(":")[0] if ":" in part[:40] else "" for name, part in parts}

    def key_of(self, field: str) -> str:
        """What stands before the first colon in the folded text of ``field``: "颜色" in "颜色: 白"; "" without one."""
        return self._keys[field]

    def field_at(self, start: int) -> str:
        """The name of the field that holds ``text[start]``."""
        return self.place(*self.original(start, start + 1))[0]
