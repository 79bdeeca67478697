"""What matching saw of one listing: its hits by list and field, its signals on demand, and its verified facts."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import NamedTuple

import msgspec

from scanner.model import Listing, Span, View
from scanner.rulebook.compiled import CompiledGuard
from scanner.rulebook.logic import Node
from scanner.signals import Folding, Scores, Signal, Signals

# Hits of one list in one listing that are looked at.
MOST_MARKS = 512

# By a name of its own: to look a member of an enum up takes longer than to compare it, and every mark is compared.
_PLAIN = View.FOLDED

# By the standard library, which is quicker to say where: no repetition, so it takes no more than linear time either.
_SENTENCE_END = re.compile(r"[。！？!?；;\n\r]|\.[\t\n\f\r ]")


class Mark(msgspec.Struct, frozen=True, gc=False):
    """One place that counts as evidence. ``gap`` counts separators inside; ``field`` is empty for a record's fact."""

    what: str
    field: str
    start: int
    end: int
    view: View = _PLAIN
    reads: str = ""
    gap: int = 0
    value: float | bool = True
    is_signal: bool = False

    @property
    def is_disguised(self) -> bool:
        """Whether plain reading would have missed it."""
        return self.gap > 0 or self.view is not _PLAIN


Marks = Mapping[str, Sequence[Mark]]
# The marks that make a condition true, or nothing if it is not.
Truth = tuple[Mark, ...] | None
# The parts of a condition of alternatives, each behind the lists of which it needs one, if it needs any.
Openings = tuple[tuple[int | None, Node], ...]

_NOTHING: Marks = {}
_NO_PRESENCES: Mapping[int, tuple[int, ...]] = {}
_NO_OPENINGS: Mapping[int, Openings] = {}


class Around(NamedTuple):
    """How much the passages of a listing read like an offer, in log-odds: the most of all, and of those around the
    evidence of a rule; -inf where there are none."""

    most: float
    shown: float


class Weighed(NamedTuple):
    """The marks that make a rule's condition true, or nothing if it does not hold; the guards that hold; and how what
    stands around the marks reads, if that is known already."""

    evidence: Sequence[Mark] | None
    guards: Sequence[CompiledGuard]
    around: Around | None = None


class Sight:
    """One listing as conditions see it. ``marks`` gives the hits of a list by its number; ``present`` gives the bit
    of each list that may have any. ``presences`` are those of all conditions (see ``logic``), ``openings`` those of
    conditions of alternatives, by their identity.

    ``folding`` gives the fields as folded for matching.

    ``truths`` remembers what has been worked out, by the identity of the condition.

    ``weighed`` has what compiled code says of rules, by their names, where there is any; nothing of one where there is
    too much to look at.

    ``unread`` says why not everything was read; empty: all of it was.
    """

    def __init__(
        self,
        listing: Listing,
        fields: Sequence[tuple[str, str]],
        marks: Callable[[int], Sequence[Mark]],
        unread: str = "",
        *,
        present: Callable[[], int] | None = None,
        presences: Mapping[int, tuple[int, ...]] = _NO_PRESENCES,
        openings: Mapping[int, Openings] = _NO_OPENINGS,
        folding: Callable[[], Folding] | None = None,
        scores: Scores | None = None,
    ) -> None:
        self._present = present
        self.presences = presences
        self.openings = openings
        self.weighed: dict[str, Weighed] = {}
        self.truths: dict[int, tuple[Node, Truth]] = {}
        self._folding = folding
        self._scores = scores
        self.listing = listing
        self.texts = dict(fields)
        self.unread = unread
        self._marks = marks
        self._by_field: dict[int, Marks] = {}
        self._signal_marks: dict[str, Marks] = {}
        self._ends: dict[str, list[int]] = {}

    @cached_property
    def present(self) -> int:
        """The bit of each list that may have hits."""
        return -1 if self._present is None else self._present()

    def hits(self, number: int) -> Marks:
        """The hits of a list by field, each in order of start."""
        if number not in self._by_field:
            found = self._marks(number)
            self._by_field[number] = _by_field(found[:MOST_MARKS]) if found else _NOTHING
        return self._by_field[number]

    def signals(self, name: str) -> Marks:
        """The places of a signal by field; a record's fact, such as the price, stands under the empty field."""
        if name not in self._signal_marks:
            found = self._signals.found(name)[:MOST_MARKS]
            self._signal_marks[name] = _by_field(map(self._signal_mark, found))
        return self._signal_marks[name]

    def value(self, name: str) -> float | bool | None:
        """A signal's one value for the whole listing: the largest quantity, the lowest discount."""
        return self._signals.value(name)

    @property
    def most_suspicious(self) -> float:
        """How much the passage that reads most like an offer does, in log-odds; -inf if there is none."""
        return self._signals.resemblances.most_suspicious

    def passage_around(self, marks: Iterable[Mark]) -> float:
        """The same of those around some marks."""
        return self._signals.resemblances.around((mark.field, mark.start, mark.end) for mark in marks if mark.field)

    @cached_property
    def _signals(self) -> Signals:
        return Signals(self.listing, fields=self.texts.items(), folding=self._folding, scores=self._scores)

    def _signal_mark(self, signal: Signal) -> Mark:
        field = signal.field if signal.field in self.texts else ""
        return Mark(
            what=signal.name,
            field=field,
            start=signal.start,
            end=signal.end,
            reads=signal.reads or signal.text,
            value=signal.value,
            is_signal=True,
        )

    def sentence(self, field: str, position: int) -> tuple[int, int]:
        """The bounds of the sentence of ``field`` that holds ``position``."""
        ends = self.sentence_ends(field)
        number = bisect_right(ends, position)
        start = ends[number - 1] if number else 0
        return start, ends[number] if number < len(ends) else len(self.texts.get(field, ""))

    def sentence_ends(self, field: str) -> Sequence[int]:
        """Where the sentences of ``field`` end."""
        if field not in self._ends:
            self._ends[field] = [found.end() for found in _SENTENCE_END.finditer(self._clean.get(field, ""))]
        return self._ends[field]

    def spans(self, marks: Iterable[Mark]) -> tuple[Span, ...]:
        """The marks that stand in a field, with the original characters they name."""
        texts, clean = self._clean, self._clean is self.texts
        return tuple(
            [
                Span(
                    field=mark.field,
                    start=mark.start,
                    end=mark.end,
                    text=texts[mark.field][mark.start : mark.end],
                    view=mark.view,
                    reads=mark.reads if clean and not mark.is_signal else without_surrogates(mark.reads),
                )
                for mark in marks
                if mark.field
            ]
        )

    @cached_property
    def _clean(self) -> Mapping[str, str]:
        """The texts without surrogates; the very same where there are none."""
        together = "".join(self.texts.values())
        if without_surrogates(together) is together:
            return self.texts
        return {field: without_surrogates(text) for field, text in self.texts.items()}


def between(marks: Sequence[Mark], start: int, end: int) -> list[Mark]:
    """Those of a field's marks that lie wholly in ``[start, end)``."""
    first = bisect_left(marks, start, key=lambda mark: mark.start)
    last = bisect_left(marks, end, lo=first, key=lambda mark: mark.start)
    return [mark for mark in marks[first:last] if mark.end <= end]


def kind_of(field: str) -> str:
    """The name of a field as conditions know it: ``options[3]`` is ``options``, ``seller.name`` is ``seller``."""
    return field.partition("[")[0].partition(".")[0]


def without_surrogates(text: str) -> str:
    """The text, with U+FFFD for each lone surrogate: offsets stay, and it can be written anywhere."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in text)
    return text


def _by_field(marks: Iterable[Mark]) -> dict[str, list[Mark]]:
    fields: dict[str, list[Mark]] = {}
    for mark in marks:
        fields.setdefault(mark.field, []).append(mark)
    for found in fields.values():
        found.sort(key=attrgetter("start"))
    return fields
