"""Rules asked of candidates in compiled code: what ``evaluate`` says in Python, with equal results.

The kernel is told of a listing as it asks: the hits of terms are at hand as arrays; the places of patterns, signals,
facts and the ends of sentences follow when a condition depends on them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from scanner import kernels
from scanner.kernels import conditions as compiled
from scanner.kernels.memory import LONG, address
from scanner.rulebook.compiled import Rule
from scanner.rulebook.hits import Hits
from scanner.rulebook.nodes import Nodes
from scanner.rulebook.rows import VIEWS
from scanner.rulebook.sight import MOST_MARKS, Mark, Marks, Sight, Weigh, Weighed
from scanner.rulebook.stretches import number_of

# Room for numbers of marks: while a condition is looked at, and of those that hold.
STACK, KEPT = 1 << 16, 1 << 15
# Marks besides those of terms, ends of sentences, and fields of a listing; one with more is asked in Python.
MOST_OTHERS, MOST_ENDS, MOST_FIELDS = 4_096, 8_192, 256


class Bench:
    """Where the candidates of a batch are heard, one after another; not to be shared between threads."""

    def __init__(self, library: kernels.Library, nodes: Nodes, hits: Hits) -> None:
        self.library, self.nodes, self.hits = library, nodes, hits
        self._terms = hits.as_marks()
        self.others, self.values = np.zeros((MOST_OTHERS, compiled.MARK), np.int64), np.zeros(MOST_OTHERS)
        self.told, self.atom_values = np.zeros(nodes.atoms, np.uint8), np.zeros(nodes.atoms)
        self.spans = np.zeros((nodes.atoms, 2), np.int32)
        self._present = np.zeros(nodes.lists, np.uint8)
        self._kinds, self._ranks = np.zeros(MOST_FIELDS, np.uint8), np.zeros(MOST_FIELDS, np.int32)
        self._lengths = np.zeros(MOST_FIELDS, np.int32)
        self.sentences, self.ends = np.zeros((MOST_FIELDS, 2), np.int32), np.zeros(MOST_ENDS, np.int32)
        self.listing = compiled.Listing.of(
            others=self.others, values=self.values, spans=self.spans, told=self.told, atom_values=self.atom_values,
            kinds=self._kinds, ranks=self._ranks, lengths=self._lengths, sentences=self.sentences, ends=self.ends,
            present=self._present, term_count=0,
        )  # fmt: skip
        self._first = address(self._terms, LONG)
        self.stack = np.empty(STACK, np.int32)
        self.work = compiled.Work.of(
            stack=self.stack, stack_size=STACK, kept=np.empty(KEPT, np.int32), kept_size=KEPT,
            stamps=np.zeros(len(nodes) + 1, np.int32), places=np.empty(len(nodes) + 1, np.int32),
            counts=np.empty(len(nodes) + 1, np.int32), kept_used=0, stamp=0, needed=0,
        )  # fmt: skip
        self._heard = -1

    def hear(self, sight: Sight, number: int, rules: Sequence[Rule]) -> Weigh | None:
        """What asks these rules of a listing of the batch; nothing if it is too large to be heard here."""
        rows = self.hits.rows(number)
        is_large = rows.stop - rows.start > MOST_MARKS or len(sight.texts) > MOST_FIELDS
        return None if is_large else Hearing(self, number, list(sight.texts), rules).weigh

    def is_open(self, hearing: Hearing) -> bool:
        """Whether this listing is the one that is heard."""
        return self._heard == hearing.number

    def ask(self, numbers: npt.NDArray[np.int32], results: npt.NDArray[np.int64], *, each: bool) -> int:
        """Ask some conditions; see ``scanner.kernels.conditions.hold``."""
        return compiled.hold(self.library, self.nodes.record, self.listing, self.work, numbers, results, each=each)

    def open(self, hearing: Hearing, sight: Sight) -> None:
        """Take up a listing, and forget what was heard of the one before."""
        self._heard = hearing.number
        rows, size = self.hits.rows(hearing.number), compiled.MARK * self._terms.itemsize
        self.listing.terms, self.listing.term_count = self._first + rows.start * size, rows.stop - rows.start
        self.work.kept_used = 0
        self.work.stamp += 1
        self.told[:] = self.nodes.at_hand
        self.atom_values[self.nodes.facts_at] = self.nodes.facts_of(sight.listing)
        present = self.hits.present[hearing.number]
        self._present[: len(present)] = present
        names = hearing.fields
        count = len(names)
        self._kinds[:count] = [number_of(name) for name in names]
        self._lengths[:count] = [*map(len, sight.texts.values())]
        self._ranks[sorted(range(count), key=names.__getitem__)] = np.arange(count)
        self.sentences[:count] = -1

    def mark(self, hearing: Hearing, number: int) -> Mark:
        """A hit of a term in the listing."""
        row = self._terms[self.hits.rows(hearing.number).start + number].tolist()
        _, field, start, end, _, entry, view, gap = row
        reads = self.hits.words[entry]
        return Mark(reads, hearing.fields[field], start, end, VIEWS[view], reads, gap)


class Hearing:
    """One listing, ready to be asked rules."""

    def __init__(self, bench: Bench, number: int, fields: Sequence[str], rules: Sequence[Rule]) -> None:
        self._bench, self.number, self.fields, self._rules = bench, number, fields, rules
        self._others: list[Mark] = []
        self._terms: dict[int, Mark] = {}
        self._ends = 0
        self._silent: frozenset[str] = frozenset()

    def weigh(self, rule: Rule, sight: Sight) -> Weighed | None:
        """What of a rule holds of the listing that ``sight`` shows; ``None`` if there is too much to look at."""
        bench = self._bench
        if not bench.is_open(self):
            self._others, self._ends = [], 0
            bench.open(self, sight)
            self._silent = self._holding_nothing(sight)
        if rule.id in self._silent:
            return Weighed(None, ())
        results = self._answers(bench.nodes.numbers_of(rule), sight)
        if results is None:
            return None
        count, *guards = results
        if count == compiled.FALSE:
            return Weighed(None, ())
        holding = [guard for guard, held in zip(rule.guards, guards, strict=True) if held != compiled.FALSE]
        return Weighed([self._mark(number) for number in bench.stack[:count].tolist()], holding)

    def _holding_nothing(self, sight: Sight) -> frozenset[str]:
        """Those of the rules that do not hold, told of all at once."""
        numbers = np.array([self._bench.nodes.numbers_of(rule)[0] for rule in self._rules], np.int32)
        results = self._answers(numbers, sight, each=True) or ()
        return frozenset(rule.id for rule, held in zip(self._rules, results, strict=False) if held == compiled.FALSE)

    def _answers(self, numbers: npt.NDArray[np.int32], sight: Sight, *, each: bool = False) -> list[int] | None:
        bench, results = self._bench, np.empty(len(numbers), np.int64)
        while status := bench.ask(numbers, results, each=each):
            if status != compiled.NEEDED or not self._tell(bench.work.needed, sight):
                return None
        return results.tolist()

    def _mark(self, number: int) -> Mark:
        terms = self._bench.listing.term_count
        if number >= terms:
            return self._others[number - terms]
        if number not in self._terms:
            self._terms[number] = self._bench.mark(self, number)
        return self._terms[number]

    def _tell(self, needed: int, sight: Sight) -> bool:
        """Tell the kernel what it needs to know; whether there was room for it: if not, it was told nothing."""
        nodes = self._bench.nodes
        if needed < 0:
            return self._tell_sentences(-1 - needed, sight)
        if needed < nodes.lists:
            return self._add(needed, sight.hits(needed))
        name = nodes.names[needed - nodes.lists]
        value = sight.value(name)
        return self._add(needed, sight.signals(name), math.nan if value is None else value)

    def _tell_sentences(self, field: int, sight: Sight) -> bool:
        ends, first = sight.sentence_ends(self.fields[field]), self._ends
        end = first + len(ends)
        if end > MOST_ENDS:
            return False
        self._bench.ends[first:end] = ends
        self._bench.sentences[field] = first, end
        self._ends = end
        return True

    def _add(self, atom: int, found: Marks, value: float = 0.0) -> bool:
        """Add the marks of a list or signal and its one value; those of a record's facts stand in no field."""
        marks = [mark for field in found.values() for mark in field]
        first, end = len(self._others), len(self._others) + len(marks)
        if end > MOST_OTHERS:
            return False
        numbers = {name: number for number, name in enumerate(self.fields)}
        for place, mark in enumerate(marks, first):
            field = numbers.get(mark.field, compiled.NO_FIELD)
            self._bench.others[place, :5] = atom, field, mark.start, mark.end, mark.is_disguised
            self._bench.values[place] = mark.value
        self._others += marks
        self._bench.spans[atom] = first, end
        self._bench.told[atom], self._bench.atom_values[atom] = compiled.OF_OTHERS, value
        return True
