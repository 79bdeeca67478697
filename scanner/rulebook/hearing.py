"""Rules asked of candidates in compiled code: what ``evaluate`` says in Python, with equal results.

The rules of a listing are heard together. The hits of terms are at hand as arrays; the places of patterns, signals and
the ends of sentences follow when the kernel says that a condition depends on them.
"""

from __future__ import annotations

import math
from array import array
from collections.abc import Collection, Mapping, Sequence
from operator import attrgetter

import numpy as np
import numpy.typing as npt

from scanner import kernels
from scanner.kernels import conditions as compiled
from scanner.kernels.memory import BYTE, LONG, address
from scanner.model import View
from scanner.rulebook.compiled import CompiledGuard, Rule
from scanner.rulebook.hits import Hits, Placed
from scanner.rulebook.nodes import Layout, Nodes
from scanner.rulebook.rows import NUMBER_OF, VIEWS
from scanner.rulebook.sight import MOST_MARKS, Mark, Marks, Sight, Weigh, Weighed

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
        others, values = np.zeros(MOST_OTHERS * compiled.MARK, np.int64), np.zeros(MOST_OTHERS)
        told, self._facts = np.zeros(nodes.atoms, np.uint8), np.zeros(nodes.atoms)
        spans = np.zeros(2 * nodes.atoms, np.int32)
        # Single numbers are written through these: to write one into an array takes several times as long.
        self._rows, self._values = others.data.cast("B").cast("q"), values.data.cast("B").cast("d")
        self._spans, self._told = spans.data.cast("B").cast("i"), told.data
        self._atom_values = self._facts.data.cast("B").cast("d")
        self._lengths = np.zeros(MOST_FIELDS, np.int32)
        self.sentences, self.ends = np.zeros((MOST_FIELDS, 2), np.int32), np.zeros(MOST_ENDS, np.int32)
        self.listing = compiled.Listing.of(
            others=others, values=values, spans=spans, told=told, atom_values=self._facts,
            lengths=self._lengths, sentences=self.sentences, ends=self.ends, term_count=0, field_count=0,
            nexts=np.empty(MOST_MARKS, np.int32), heads=np.empty(nodes.atoms, np.int32),
        )  # fmt: skip
        self.kept, self.needs = np.empty(KEPT, np.int32), np.empty(compiled.MOST_NEEDS, np.int32)
        self.work = compiled.Work.of(
            stack=np.empty(STACK, np.int32), stack_size=STACK, kept=self.kept, kept_size=KEPT, kept_used=0,
            stamps=np.zeros(len(nodes) + 1, np.int32), places=np.empty(len(nodes) + 1, np.int32),
            counts=np.empty(len(nodes) + 1, np.int32), stamp=0, needed=0, needs=self.needs, needs_count=0,
        )  # fmt: skip
        self.court = compiled.Court(library, nodes.record, self.listing, self.work, nodes.rules)

    def take_up(self, sight: Sight, layout: Layout, rules: Sequence[Rule]) -> None:
        """Lay out what is known of a listing from the first, besides its terms."""
        self.listing.kinds, self.listing.ranks = layout.places
        self.listing.field_count = len(sight.texts)
        self._lengths[: len(sight.texts)] = [*map(len, sight.texts.values())]
        self._facts[self.nodes.facts_at] = self.nodes.facts_of(sight.listing)
        self.court.take_up(self.nodes.numbers_of(rules))

    def tell(self, atom: int, first: int, rows: Sequence[int], values: Sequence[float], value: float) -> None:
        """Tell of an atom its other marks, which are to be numbered from ``first`` on, and its one value."""
        end = first + len(values)
        if values:
            self._rows[compiled.MARK * first : compiled.MARK * end] = array("q", rows)
            self._values[first:end] = array("d", values)
        self._spans[2 * atom], self._spans[2 * atom + 1] = first, end
        self._told[atom], self._atom_values[atom] = compiled.OF_OTHERS, value

    def tell_value(self, atom: int, value: float) -> None:
        """Tell of an atom its one value."""
        self._told[atom], self._atom_values[atom] = compiled.OF_VALUE, value


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
    """The candidates of a batch."""

    def __init__(self, library: kernels.Library, benches: Benches, hits: Hits) -> None:
        self.library, self.benches, self._hits = library, benches, hits
        self._terms, self._present = hits.as_marks(), _wide(hits.present, benches.nodes.lists)
        self._places = address(self._terms, LONG), address(self._present, BYTE)
        self._late = hits.late()

    def hear(self, sight: Sight, number: int, rules: Sequence[Rule]) -> Weigh | None:
        """What asks these rules of a listing of the batch; nothing if it is too large to be heard here."""
        rows = self._hits.rows(number)
        is_large = rows.stop - rows.start > MOST_MARKS or len(sight.texts) > MOST_FIELDS
        return None if is_large else Hearing(self, number, rules).weigh

    def lay_out(self, number: int, listing: compiled.Listing) -> None:
        """Show the terms of a listing."""
        rows, (terms, present) = self._hits.rows(number), self._places
        listing.terms = terms + rows.start * compiled.MARK * LONG.itemsize
        listing.term_count = rows.stop - rows.start
        listing.present = present + number * self.benches.nodes.lists

    def late(self, number: int) -> Sequence[tuple[int, Sequence[Placed]]]:
        """Lists of patterns whose hits in a listing are known already."""
        return self._late.get(number, ())

    def late_mark(self, number: int, one: Placed) -> Mark:
        """Such a hit."""
        return self._hits.mark(number, one)

    def marks(self, number: int, fields: Sequence[str], places: Sequence[int]) -> list[Mark]:
        """Some of the hits of terms in a listing."""
        words = self._hits.words
        rows = self._terms[np.array(places, np.intp) + self._hits.rows(number).start].tolist()
        return [
            Mark(reads := words[entry], fields[field], start, end, VIEWS[view], reads, gap)
            for _, field, start, end, _, entry, view, gap in rows
        ]


def _wide(present: npt.NDArray[np.bool_], lists: int) -> npt.NDArray[np.uint8]:
    """Which lists may have hits, with room for all of them."""
    missing = lists - present.shape[1]
    return np.ascontiguousarray(np.pad(present, ((0, 0), (0, missing))) if missing else present).view(np.uint8)


class Hearing:
    """One listing and the rules that are asked of it."""

    def __init__(self, session: Session, number: int, rules: Sequence[Rule]) -> None:
        self._session, self._number, self._rules = session, number, rules
        self._weighed: Mapping[str, Weighed] | None = None

    def weigh(self, rule: Rule, sight: Sight) -> Weighed | None:
        """What of a rule holds of the listing that ``sight`` shows; ``None`` if there is too much to look at."""
        if self._weighed is None:
            self._weighed = self._heard(sight)
        return self._weighed.get(rule.id)

    def _heard(self, sight: Sight) -> dict[str, Weighed]:
        """What is found of the rules, all asked at once."""
        session = self._session
        bench = session.benches.take(session.library)
        try:
            telling = Telling(bench, sight)
            session.lay_out(self._number, bench.listing)
            bench.take_up(sight, telling.layout, self._rules)
            for number, placed in session.late(self._number):
                telling.of_late(number, placed)
            while count := bench.court.hear():
                if not telling.of_all(bench.needs[:count].tolist()):
                    break
            return self._read(bench, telling)
        finally:
            session.benches.give_back(bench)

    def _read(self, bench: Bench, telling: Telling) -> dict[str, Weighed]:
        """What verdicts say of the rules that were heard to the end: marks in order, each once."""
        weighed = {rule.id: _SILENT for rule in self._rules}
        holding: list[tuple[Rule, list[int], int]] = []
        for rule, (count, first, guards) in zip(self._rules, bench.court.verdicts, strict=True):
            if count >= 0:
                holding.append((rule, bench.kept[first : first + count].tolist(), guards))
            elif count != compiled.FALSE:
                del weighed[rule.id]
        marks = self._marks({place for _, own, _ in holding for place in own}, bench.listing.term_count, telling)
        for rule, own, guards in holding:
            weighed[rule.id] = Weighed([marks[place] for place in dict.fromkeys(own)], _of_bits(rule, guards))
        return weighed

    def _marks(self, places: Collection[int], terms: int, telling: Telling) -> dict[int, Mark]:
        """The marks by their numbers: those of terms come first."""
        if not places:
            return {}
        own = [place for place in places if place < terms]
        marks = {place: self._other(telling.others[place - terms]) for place in places if place >= terms}
        marks.update(zip(own, self._session.marks(self._number, telling.fields, own), strict=True))
        return marks

    def _other(self, one: Mark | Placed) -> Mark:
        return one if isinstance(one, Mark) else self._session.late_mark(self._number, one)


class Telling:
    """Tells the kernel of one listing what it needs to know."""

    def __init__(self, bench: Bench, sight: Sight) -> None:
        self._bench, self._sight = bench, sight
        self.fields = tuple(sight.texts)
        self.layout = bench.nodes.layout(self.fields)
        self.others: list[Mark | Placed] = []
        self._ends = 0
        self._is_valued = False

    def of_all(self, needs: Sequence[int]) -> bool:
        """Tell of several things; whether there was room for any of it.

        What a listing resembles is told of all categories at once, and the words that say so to who still asks: most
        listings resemble none.
        """
        resemblances = self._bench.nodes.resemblances
        if self._is_valued or resemblances.keys().isdisjoint(needs):
            return any([self._of(needed) for needed in needs])  # noqa: C419 - all are told
        self._is_valued = True
        values = self._sight.resemblances
        for atom, name in resemblances.items():
            self._bench.tell_value(atom, _number(values[name]))
        for needed in needs:
            if needed not in resemblances:
                self._of(needed)
        return True

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
        ends, first = self._sight.sentence_ends(self.fields[field]), self._ends
        end = first + len(ends)
        if end > MOST_ENDS:
            return False
        self._bench.ends[first:end] = ends
        self._bench.sentences[field] = first, end
        self._ends = end
        return True

    def of_late(self, atom: int, placed: Sequence[Placed]) -> None:
        """Tell of the hits of a list of patterns before it is asked for, if there is room."""
        chosen = sorted(placed[:MOST_MARKS], key=_PLACE)
        first = len(self.others)
        if first + len(chosen) > MOST_OTHERS:
            return
        rows: list[int] = []
        for _, field, start, end, _, view, gap in chosen:
            rows += atom, field, start, end, gap > 0 or view != _PLAIN, 0, 0, 0
        self.others += chosen
        self._bench.tell(atom, first, rows, [1.0] * len(chosen), 0.0)

    def _add(self, atom: int, found: Marks, value: float = 0.0) -> bool:
        """Add the marks of a list or signal and its one value; those of a record's facts stand in no field."""
        rows: list[int] = []
        values: list[float] = []
        first = len(self.others)
        for name, marks in found.items():
            field = self.layout.numbers.get(name, compiled.NO_FIELD)
            for mark in marks:
                rows += atom, field, mark.start, mark.end, mark.is_disguised, 0, 0, 0
                values.append(mark.value)
            self.others += marks
        if len(self.others) > MOST_OTHERS:
            del self.others[first:]
            return False
        self._bench.tell(atom, first, rows, values, value)
        return True


def _number(value: float | None) -> float:
    """A signal's value as the kernel takes it."""
    return math.nan if value is None else value


def _of_bits(rule: Rule, held: int) -> Sequence[CompiledGuard]:
    """The guards that hold."""
    return [guard for number, guard in enumerate(rule.guards) if held >> number & 1] if held else ()
