"""Rules asked of candidates in compiled code: what ``evaluate`` says in Python, with equal results.

The rules of a listing are heard together. The hits of terms are at hand as arrays; the places of patterns, signals and
the ends of sentences follow when the kernel says that a condition depends on them.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cached_property
from itertools import chain
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from scanner import kernels
from scanner.kernels import conditions as compiled
from scanner.kernels.memory import BYTE, LONG, address
from scanner.model import View
from scanner.rulebook.compiled import CompiledGuard, Rule
from scanner.rulebook.hits import Hits
from scanner.rulebook.nodes import Layout, Nodes
from scanner.rulebook.rows import NUMBER_OF, VIEWS
from scanner.rulebook.sight import MOST_MARKS, Mark, Marks, Sight, Weighed

# Room for numbers of marks: while a condition is looked at, and of those that hold.
STACK, KEPT = 1 << 16, 1 << 15
# Marks besides those of terms, ends of sentences, and fields of a listing; one with more is asked in Python.
MOST_OTHERS, MOST_ENDS, MOST_FIELDS = 4_096, 8_192, 256

_SILENT = Weighed(None, ())
_PLAIN = NUMBER_OF[View.FOLDED]
_PLACE = attrgetter("field", "start")


class Bench:
    """Where listings are heard, one after another; not to be shared between threads."""

    def __init__(self, library: kernels.Library, nodes: Nodes) -> None:
        self.nodes = nodes
        others, values = np.zeros((MOST_OTHERS, compiled.MARK), np.int64), np.zeros(MOST_OTHERS)
        told, self._facts = np.zeros(nodes.atoms, np.uint8), np.zeros(nodes.atoms)
        self._others, self._all_told = others, told
        spans = np.zeros(2 * nodes.atoms, np.int32)
        # Single numbers are written through these: to write one into an array takes several times as long.
        self._rows, self._values = others.data.cast("B").cast("q"), values.data.cast("B").cast("d")
        self._spans, self._told = spans.data.cast("B").cast("i"), told.data
        self._atom_values = self._facts.data.cast("B").cast("d")
        lengths = np.zeros(MOST_FIELDS, np.int32)
        self._lengths = lengths.data.cast("B").cast("i")
        self.sentences, self.ends = np.zeros((MOST_FIELDS, 2), np.int32), np.zeros(MOST_ENDS, np.int32)
        self.listing = compiled.Listing.of(
            others=others, values=values, spans=spans, told=told, atom_values=self._facts,
            lengths=lengths, sentences=self.sentences, ends=self.ends, term_count=0, field_count=0, late_count=0,
            nexts=np.empty(MOST_MARKS, np.int32), heads=np.empty(nodes.atoms, np.int32),
        )  # fmt: skip
        kept, self.needs = np.empty(KEPT, np.int32), np.empty(compiled.MOST_NEEDS, np.int32)
        self.kept = kept.data
        self.work = compiled.Work.of(
            stack=np.empty(STACK, np.int32), stack_size=STACK, kept=kept, kept_size=KEPT, kept_used=0,
            stamps=np.zeros(len(nodes) + 1, np.int32), places=np.empty(len(nodes) + 1, np.int32),
            counts=np.empty(len(nodes) + 1, np.int32), stamp=0, needed=0, needs=self.needs, needs_count=0,
        )  # fmt: skip
        self.court = compiled.Court(library, nodes.record, self.listing, self.work, nodes.rules)

    def take_up(self, layout: Layout, lengths: array[int], facts: npt.NDArray[np.float64], rules: array[int]) -> None:
        """Lay out what is known of a listing from the first, besides its hits."""
        self.listing.kinds, self.listing.ranks = layout.places
        self.listing.field_count = len(lengths)
        self._lengths[: len(lengths)] = lengths
        self._facts[self.nodes.facts_at] = facts
        self.court.take_up(rules)

    def lay_late(self, rows: npt.NDArray[np.int64]) -> int:
        """Tell of hits of patterns, list by list, before any other marks; how many they are."""
        self._others[: len(rows)] = rows
        return len(rows)

    def tell(self, atom: int, first: int, rows: Sequence[int], values: Sequence[float], value: float) -> None:
        """Tell of an atom its other marks, which are to be numbered from ``first`` on, and its one value."""
        end = first + len(values)
        if values:
            self._rows[compiled.MARK * first : compiled.MARK * end] = array("q", rows)
            self._values[first:end] = array("d", values)
        self._spans[2 * atom], self._spans[2 * atom + 1] = first, end
        self._told[atom], self._atom_values[atom] = compiled.OF_OTHERS, value

    def tell_resemblances(self, values: npt.NDArray[np.float64]) -> None:
        """Tell what a listing resembles: the values alone."""
        at = self.nodes.resemblances_at
        self._facts[at] = values
        self._all_told[at] = compiled.OF_VALUE


class Benches:
    """As many as there are threads that hear at the same time: a listing by itself would take as long to make one."""

    def __init__(self, nodes: Nodes) -> None:
        self.nodes = nodes
        self._free: list[Bench] = []

    def take(self, library: kernels.Library) -> Bench:
        """One that is free."""
        try:
            return self._free.pop()
        except IndexError:
            return Bench(library, self.nodes)

    def give_back(self, bench: Bench) -> None:
        """Nobody is heard there any more."""
        self._free.append(bench)


class Session:
    """The candidates of a batch; where their hits lie is known before they are heard."""

    def __init__(self, library: kernels.Library, benches: Benches, hits: Hits, documents: Iterable[int]) -> None:
        self.library, self.benches, self._hits = library, benches, hits
        self._terms, self._present = hits.as_marks(), _wide(hits.present, benches.nodes.lists)
        self._places = address(self._terms, LONG), address(self._present, BYTE)
        self.late, self._late_at = _late_rows(hits, documents)
        self.is_scored = hits.is_scored

    def hear(self, asked: Iterable[tuple[int, Sight, Sequence[Rule]]]) -> None:
        """Hear the rules that are asked of listings of the batch; of one too large to be heard here nothing is known.

        What is asked of all is worked out for one after another: to look through several thousand conditions, or for
        a pattern, takes twice as long if something else was done in between.
        """
        hearings = [Hearing(self, *one) for one in asked if self._has_room(*one)]
        bench = self.benches.take(self.library)
        try:
            if len(hearings) > 1:
                self._open(hearings, bench)
            for hearing in hearings:
                hearing.close(bench)
        finally:
            self.benches.give_back(bench)

    def _open(self, hearings: Sequence[Hearing], bench: Bench) -> None:
        signals: dict[str, list[Sight]] = {}
        for hearing in hearings:
            for name in hearing.open(bench):
                signals.setdefault(name, []).append(hearing.sight)
        for name, sights in signals.items():
            for sight in sights:
                sight.signals(name)

    def _has_room(self, number: int, sight: Sight, _: Sequence[Rule]) -> bool:
        rows = self._hits.rows(number)
        return rows.stop - rows.start <= MOST_MARKS and len(sight.texts) <= MOST_FIELDS

    def lay_out(self, number: int, bench: Bench) -> int:
        """Show the hits of a listing; how many are those of patterns."""
        listing, rows, (terms, present) = bench.listing, self._hits.rows(number), self._places
        listing.terms = terms + rows.start * compiled.MARK * LONG.itemsize
        listing.term_count = rows.stop - rows.start
        listing.present = present + number * self.benches.nodes.lists
        late = self._late_at.get(number)
        return 0 if late is None else bench.lay_late(self.late[late])

    def terms(self, number: int, texts: Mapping[str, str], places: Sequence[int]) -> list[Mark]:
        """Some of the hits of terms in a listing with these fields."""
        return self._marks(self._terms[np.array(places, np.intp) + self._hits.rows(number).start], texts)

    def patterns(self, number: int, texts: Mapping[str, str]) -> list[Mark]:
        """All hits of patterns that were shown."""
        late = self._late_at.get(number)
        return [] if late is None else self._marks(self.late[late], texts)

    def _marks(self, rows: npt.NDArray[np.int64], texts: Mapping[str, str]) -> list[Mark]:
        told, fields = rows.tolist(), [*texts]
        words = self._hits.words.some([row[5] for row in told])
        marks = []
        for (_, field, start, end, _, _, view, gap), word in zip(told, words, strict=True):
            name = fields[field]
            reads = texts[name][start:end] if word is None else word
            marks.append(Mark(reads, name, start, end, VIEWS[view], reads, gap))
        return marks


def _late_rows(hits: Hits, documents: Iterable[int]) -> tuple[npt.NDArray[np.int64], dict[int, slice]]:
    """The hits of patterns in some documents as far as they are known, as rows, and which are those of each. A document
    with too many is left out."""
    late, places = hits.late(), dict[int, slice]()
    rows: list[tuple[int, ...]] = []
    for document in documents if late else ():
        first = len(rows)
        for number, placed in late.get(document, ()):
            for _, field, start, end, owner, view, gap in sorted(placed, key=_PLACE) if len(placed) > 1 else placed:
                rows.append((number, field, start, end, gap > 0 or view != _PLAIN, owner, view, gap))
        if len(rows) - first > MOST_MARKS:
            del rows[first:]
        elif len(rows) > first:
            places[document] = slice(first, len(rows))
    return np.array(rows, np.int64), places


def _wide(present: npt.NDArray[np.bool_], lists: int) -> npt.NDArray[np.uint8]:
    """Which lists may have hits, with room for all of them."""
    missing = lists - present.shape[1]
    return np.ascontiguousarray(np.pad(present, ((0, 0), (0, missing))) if missing else present).view(np.uint8)


class Hearing:
    """One listing and the rules that are asked of it."""

    def __init__(self, session: Session, number: int, sight: Sight, rules: Sequence[Rule]) -> None:
        self.sight = sight
        self._session, self._number, self._rules = session, number, rules
        self._telling = Telling(sight, session.benches.nodes)
        self._numbers = array("i", session.benches.nodes.numbers_of(rules))
        self._needs: list[int] | None = None

    def open(self, bench: Bench) -> list[str]:
        """Ask the rules once; returns the signals that must be told of first."""
        self._begin(bench)
        needs = self._needs = bench.needs[: bench.court.hear()].tolist()
        if not needs:
            self._read(bench)
        return bench.nodes.signals_of(needs)

    def close(self, bench: Bench) -> None:
        """Ask the rules to the end."""
        if self._needs == []:
            return
        self._begin(bench)
        needs = self._needs or bench.needs[: bench.court.hear()].tolist()
        while needs and self._telling.of_all(needs):
            needs = bench.needs[: bench.court.hear()].tolist()
        self._read(bench)

    def _begin(self, bench: Bench) -> None:
        """Tell the kernel what is known of the listing from the first."""
        telling = self._telling
        bench.listing.late_count = late = self._session.lay_out(self._number, bench)
        bench.take_up(telling.layout, telling.lengths, telling.facts, self._numbers)
        telling.begin(bench, late)
        if self._session.is_scored:
            telling.of_resemblances()

    def _read(self, bench: Bench) -> None:
        """Take what verdicts say of the rules: marks in order, each once. Of one that was not heard to the end, because
        there is too much to look at, nothing is known."""
        weighed: dict[str, Weighed] = {}
        holding: list[tuple[Rule, dict[int, None], int]] = []
        places: set[int] = set()
        for rule, (count, first, guards) in zip(self._rules, bench.court.verdicts, strict=True):
            if count >= 0:
                own: dict[int, None] = dict.fromkeys(bench.kept[first : first + count].tolist())
                places.update(own)
                holding.append((rule, own, guards))
            elif count == compiled.FALSE:
                weighed[rule.id] = _SILENT
        marks = self._marks(places, bench.listing.term_count)
        for rule, own, guards in holding:
            weighed[rule.id] = Weighed([marks[place] for place in own], _of_bits(rule, guards))
        # Of what was heard no more than that, and not this: it refers to the sight.
        self.sight.weigh = lambda rule, _: weighed.get(rule.id)

    def _marks(self, places: Collection[int], terms: int) -> dict[int, Mark]:
        """The marks by their numbers: those of terms, those of patterns that were known, those that were told of."""
        session, texts = self._session, self.sight.texts
        own = [place for place in places if place < terms]
        marks = dict(zip(own, session.terms(self._number, texts, own), strict=True)) if own else {}
        if len(own) < len(places):
            marks.update(enumerate(chain(session.patterns(self._number, texts), self._telling.others), terms))
        return marks


class Telling:
    """Tells the kernel of one listing what it needs to know."""

    def __init__(self, sight: Sight, nodes: Nodes) -> None:
        self._sight, self._nodes = sight, nodes
        self._fields = tuple(sight.texts)
        self.layout, self.facts = nodes.layout(self._fields), nodes.facts_of(sight.listing)
        self.lengths = array("i", map(len, sight.texts.values()))

    def begin(self, bench: Bench, late: int) -> None:
        """Begin to tell the kernel, which has so many hits of patterns: other marks are numbered from there on."""
        self._bench, self._late = bench, late
        self.others: list[Mark] = []
        self._ends = 0
        self._is_valued = False

    def of_all(self, needs: Sequence[int]) -> bool:
        """Tell of several things; whether there was room for any of it.

        What a listing resembles is told of all categories at once, and the words that say so to who still asks: most
        listings resemble none.
        """
        resemblances = self._nodes.resemblances
        if self._is_valued or resemblances.keys().isdisjoint(needs):
            return any([self._of(needed) for needed in needs])  # noqa: C419 - all are told
        self.of_resemblances()
        for needed in needs:
            if needed not in resemblances:
                self._of(needed)
        return True

    def of_resemblances(self) -> None:
        """Tell what the listing resembles."""
        self._is_valued = True
        self._bench.tell_resemblances(self._values)

    @cached_property
    def _values(self) -> npt.NDArray[np.float64]:
        known = self._sight.resemblances
        return np.array([known[name] for name in self._nodes.resemblances.values()], np.float64)

    def _of(self, needed: int) -> bool:
        """Tell of one thing; if there is no room for it, nothing is told."""
        nodes, sight = self._bench.nodes, self._sight
        if needed < 0:
            return self._of_sentences(-1 - needed)
        if needed < nodes.lists:
            return self._add(needed, sight.hits(needed))
        name = nodes.names[needed - nodes.lists]
        return self._add(needed, sight.signals(name), _number(sight.value(name)))

    def _of_sentences(self, field: int) -> bool:
        ends, first = self._sight.sentence_ends(self._fields[field]), self._ends
        end = first + len(ends)
        if end > MOST_ENDS:
            return False
        self._bench.ends[first:end] = ends
        self._bench.sentences[field] = first, end
        self._ends = end
        return True

    def _add(self, atom: int, found: Marks, value: float = 0.0) -> bool:
        """Add the marks of a list or signal and its one value; those of a record's facts stand in no field."""
        rows: list[int] = []
        values: list[float] = []
        first = self._late + len(self.others)
        for name, marks in found.items():
            field = self.layout.numbers.get(name, compiled.NO_FIELD)
            for mark in marks:
                rows += atom, field, mark.start, mark.end, mark.is_disguised, 0, 0, 0
                values.append(mark.value)
            self.others += marks
        if self._late + len(self.others) > MOST_OTHERS:
            del self.others[first - self._late :]
            return False
        self._bench.tell(atom, first, rows, values, value)
        return True


def _number(value: float | None) -> float:
    """A signal's value as the kernel takes it."""
    return math.nan if value is None else value


def _of_bits(rule: Rule, held: int) -> Sequence[CompiledGuard]:
    """The guards that hold."""
    return [guard for number, guard in enumerate(rule.guards) if held >> number & 1] if held else ()
