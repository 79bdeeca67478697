"""Rules asked of candidates in compiled code: what ``evaluate`` says in Python, with equal results.

The candidates of a batch are heard together. The hits of terms are at hand as arrays; the places of patterns, signals
and the ends of sentences follow, for all who need them, when the kernel says that a condition depends on them. Then
these are heard again.
"""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, chain, pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scanner import kernels
from scanner.kernels import conditions as compiled
from scanner.rulebook.compiled import CompiledGuard, Rule
from scanner.rulebook.hits import Hits
from scanner.rulebook.nodes import Layout, Nodes
from scanner.rulebook.rows import VIEWS
from scanner.rulebook.sight import MOST_MARKS, Around, Mark, Sight, Weighed
from scanner.rulebook.testimony import Testimony
from scanner.signals import EVEN, RESEMBLES, SUSPICIOUS_PASSAGE, chance_of, is_resemblance, may_show
from scanner.text.views import Place

# Room for numbers of marks: while a condition is looked at, of those that hold, of those that are shown.
STACK, KEPT, SHOWN = 1 << 16, 1 << 15, 1 << 16
# Fields of a listing; one with more is asked in Python.
MOST_FIELDS = 256

_SILENT = Weighed(None, ())


class Bench:
    """Where listings are heard, one after another; not to be shared between threads."""

    def __init__(self, nodes: Nodes) -> None:
        self.shown = np.empty(SHOWN, np.int32)
        self.work = compiled.Work.of(
            stack=np.empty(STACK, np.int32), stack_size=STACK, kept=np.empty(KEPT, np.int32), kept_size=KEPT,
            kept_used=0, memories=np.zeros((len(nodes) + 1, compiled.MEMORY), np.int32), stamp=0, needed=0,
            needs=np.empty(compiled.MOST_NEEDS, np.int32), needs_count=0,
            nexts=np.empty(MOST_MARKS, np.int32), heads=np.empty(nodes.atoms, np.int32),
            spans=np.empty(2 * nodes.atoms, np.int32), told=np.empty(nodes.atoms, np.uint8),
            atom_values=np.empty(nodes.atoms), sentences=np.empty(2 * MOST_FIELDS, np.int32),
        )  # fmt: skip


class Benches:
    """As many as there are threads that hear at the same time: a listing by itself would take as long to make one."""

    def __init__(self, nodes: Nodes) -> None:
        self._nodes = nodes
        self.free: list[Bench] = []

    def hear(self, library: kernels.Library, hits: Hits, asked: Iterable[tuple[int, Sight, Sequence[int]]]) -> None:
        """Hear listings of a batch, in order, which some rules are asked of: their sights then know what was found."""
        session = Session(library, self._nodes, hits, asked)
        try:
            bench = self.free.pop()
        except IndexError:
            bench = Bench(self._nodes)
        session.hear(bench)
        self.free.append(bench)


class Candidate(NamedTuple):
    """A listing of the batch, by its number, and the rules that are asked of it, by theirs."""

    document: int
    sight: Sight
    rules: Sequence[int]
    layout: Layout


class Held(NamedTuple):
    """A rule that holds of a candidate, both by number; the marks that show it, in order and each once; and a bit for
    each guard that holds."""

    candidate: int
    rule: int
    marks: Sequence[int]
    guards: int


class Session:
    """The candidates of a batch, in order; of one too large to be heard here nothing is known."""

    def __init__(
        self, library: kernels.Library, nodes: Nodes, hits: Hits, asked: Iterable[tuple[int, Sight, Sequence[int]]]
    ) -> None:
        self._library, self._nodes, self._hits = library, nodes, hits
        self._candidates = [
            Candidate(number, sight, rules, nodes.layout(tuple(sight.texts)))
            for number, sight, rules in asked
            if _has_room(hits.rows(number), sight)
        ]
        self._bounds = [*accumulate((len(one.rules) for one in self._candidates), initial=0)]
        self._verdicts = np.empty((self._bounds[-1], compiled.VERDICT), np.int64)
        self._testimony = Testimony(len(self._candidates))
        self._terms = hits.as_marks
        self._held: list[Held] = []
        self._lay_out()

    def hear(self, bench: Bench) -> None:
        """Hear all of them.

        What is asked of all is worked out for one after another: to look through several thousand conditions, or for
        a pattern, takes twice as long if something else was done in between.
        """
        needs = np.empty((len(self._candidates) * compiled.MOST_NEEDS, 2), np.int32)
        minutes = compiled.Minutes.of(
            verdicts=self._verdicts, shown=bench.shown, shown_size=SHOWN, shown_used=0, needs=needs, needs_used=0
        )
        left: Sequence[int] = range(len(self._candidates))
        while left:
            self._testimony.lay_out(self._docket)
            heard = compiled.hear(self._library, self._nodes.record, self._docket, bench.work, left, minutes)
            told = self._tell(needs[: minutes.needs_used // 2].tolist())
            self._read([one for one in left[:heard] if one not in told], bench.shown[: minutes.shown_used].tolist())
            left = [*(one for one in left[:heard] if one in told), *left[heard:]]
        self._weigh()

    def _lay_out(self) -> None:
        """Lay out what is known from the first."""
        nodes, hits, candidates = self._nodes, self._hits, self._candidates
        lengths = [len(text) for one in candidates for text in one.sight.texts.values()]
        fields = _joined([one.layout.rows for one in candidates], (0, 3), np.int32)
        fields[:, 2] = lengths
        self._chances = np.empty((len(candidates), len(nodes.chances)))
        self._chances_told = np.zeros(self._chances.shape, np.uint8)
        self._docket = compiled.Docket.of(
            candidates=np.array([*self._bounds_of_each()], np.int64),
            terms=self._terms,
            rules=np.array([*chain.from_iterable(one.rules for one in candidates)], np.int32),
            fields=fields,
            present=_wide(hits.present, nodes.lists),
            lists=nodes.lists,
            facts=_joined([nodes.facts_of(one.sight.listing) for one in candidates], (0,), np.float64),
            facts_at=nodes.facts_at.start,
            fact_count=len(nodes.facts),
            chances=self._chances,
            chances_told=self._chances_told,
            chances_at=nodes.chances_at.start,
            chance_count=len(nodes.chances),
        )
        if hits.likeness.is_scored:
            self._value_unlikely()
        self._tell_known()

    def _bounds_of_each(self) -> Iterator[tuple[int, ...]]:
        """Of each candidate its document, and its terms, rules and fields: the first, and the one behind the last."""
        field = 0
        for one, rules in zip(self._candidates, pairwise(self._bounds), strict=True):
            terms = self._hits.rows(one.document)
            fields = field, field + len(one.sight.texts)
            yield one.document, terms.start, terms.stop, *rules, *fields
            field = fields[1]

    # -- telling -------------------------------------------------------------------------------------------------------

    def _tell(self, needs: Iterable[Sequence[int]]) -> set[int]:
        """Tell candidates what they need to know, all at once who need the same; returns those who were told anything:
        of what there is no room for nobody is told.

        Of chances the values are told, and the words that say so to who still asks: most listings are not likely to
        offer anything.
        """
        lists = self._nodes.lists
        wanted: dict[int, list[int]] = {}
        for candidate, needed in needs:
            wanted.setdefault(needed, []).append(candidate)
        told: set[int] = set()
        untold = {needed: self._untold(needed, wanted[needed]) for needed in self._nodes.chances.keys() & wanted}
        for needed, unaware in untold.items():
            wanted[needed] = [one for one in wanted[needed] if one not in unaware]
        for names in self._nodes.chances_together:
            unaware = set().union(*(untold.get(needed, ()) for needed in names))
            if unaware:
                self._value(names, unaware)
                told |= unaware
        late = {needed: candidates for needed, candidates in wanted.items() if 0 <= needed < lists}
        if late:
            told |= self._find(late)
        phrased = (own for needed, own in wanted.items() if is_resemblance(self._nodes.chances.get(needed, "")))
        self._hits.likeness.phrases.read(self._candidates[one].document for one in chain.from_iterable(phrased))
        for needed, candidates in wanted.items():
            if needed >= lists:
                showing = self._showing(self._nodes.names[needed - lists], candidates)
                told |= self._tell_none([one for one in candidates if one not in showing], needed)
                told.update([one for one in candidates if one in showing and self._tell_signal(one, needed)])
            elif needed < 0:
                told.update([one for one in candidates if self._tell_sentences(one, -1 - needed)])
        return told

    def _value_unlikely(self) -> None:
        """Tell all at once of listings that resemble nothing, which most do, that they do not: no category either."""
        scores = self._hits.likeness.scores[[one.document for one in self._candidates]]
        chances = np.array([*map(chance_of, scores.tolist())], np.float64)
        for at, name in enumerate(self._nodes.chances.values()):
            if is_resemblance(name):
                self._chances[:, at] = chances if name == RESEMBLES else np.where(np.isnan(chances), np.nan, 0.0)
                self._chances_told[~(chances >= EVEN), at] = compiled.OF_VALUE

    def _untold(self, needed: int, candidates: Iterable[int]) -> set[int]:
        """Those who have not been told the value of a chance."""
        column = self._chances_told[:, needed - self._nodes.chances_at.start]
        return {one for one in candidates if not column[one]}

    def _value(self, names: Mapping[int, str], candidates: Collection[int]) -> None:
        """Tell the values of some chances."""
        documents = [self._candidates[one].document for one in candidates]
        if SUSPICIOUS_PASSAGE in names.values():
            self._hits.likeness.passages.read(documents)
        else:
            alike = [document for document in documents if self._hits.likeness.score(document) >= 0]
            self._hits.likeness.categories.read(alike)
        columns = [needed - self._nodes.chances_at.start for needed in names]
        for one in candidates:
            value = self._candidates[one].sight.value
            self._chances[one, columns] = [*map(value, names.values())]
            self._chances_told[one, columns] = compiled.OF_VALUE

    def _find(self, wanted: Mapping[int, Sequence[int]]) -> set[int]:
        """Look for lists of patterns, and tell of what is found."""
        documents = {number: [self._candidates[one].document for one in own] for number, own in wanted.items()}
        self._hits.settle(documents)
        told: set[int] = set()
        for number, own in wanted.items():
            known = self._hits.placed_in(number)
            found = [known.get(document, ()) for document in documents[number]]
            told |= self._tell_none([one for one, placed in zip(own, found, strict=True) if not placed], number)
            for one, placed in zip(own, found, strict=True):
                if placed and self._testimony.tell_pattern(one, number, placed):
                    told.add(one)
        return told

    def _tell_none(self, candidates: Collection[int], atom: int) -> set[int]:
        """Tell those who ask that there is nothing of a list or signal, which takes no room."""
        self._testimony.tell_nothing(candidates, atom)
        return set(candidates)

    def _tell_known(self) -> None:
        """Tell of patterns that have been found already."""
        late = self._hits.late()
        for candidate, one in enumerate(self._candidates) if late else ():
            for number, placed in late.get(one.document, ()):
                self._testimony.tell_pattern(candidate, number, placed)

    def _showing(self, name: str, candidates: Sequence[int]) -> Collection[int]:
        """The candidates in which a signal may show; of those that were not read whole nobody knows."""
        read = [one for one in candidates if not self._candidates[one].sight.unread]
        texts = [self._hits.folding(self._candidates[one].document).encoded for one in read]
        return {read[number] for number in may_show(name, texts)}.union(set(candidates).difference(read))

    def _tell_signal(self, candidate: int, atom: int) -> bool:
        name, (_, sight, _, layout) = self._nodes.names[atom - self._nodes.lists], self._candidates[candidate]
        found, value = sight.signals(name), sight.value(name)
        return self._testimony.tell_signal(candidate, atom, found, math.nan if value is None else value, layout.numbers)

    def _tell_sentences(self, candidate: int, field: int) -> bool:
        _, sight, _, layout = self._candidates[candidate]
        return self._testimony.tell_sentences(candidate, field, sight.sentence_ends(layout.names[field]))

    # -- reading what was written down ---------------------------------------------------------------------------------

    def _read(self, candidates: Iterable[int], shown: Sequence[int]) -> None:
        """Take what verdicts say of the rules. Of one that was not heard to the end, because there is too much to look
        at, nothing is known."""
        for number in candidates:
            own = self._candidates[number]
            verdicts = self._verdicts[self._bounds[number] : self._bounds[number + 1]].tolist()
            for rule, (count, first, guards) in zip(own.rules, verdicts, strict=True):
                if count >= 0:
                    self._held.append(Held(number, rule, [*dict.fromkeys(shown[first : first + count])], guards))
                elif count == compiled.FALSE:
                    own.sight.weighed[self._nodes.rules[rule].id] = _SILENT

    def _weigh(self) -> None:
        """Tell the sights of candidates which rules hold."""
        if not self._held:
            return
        marks = self._marks({mark: one.candidate for one in self._held for mark in one.marks})
        # In the order of the candidates.
        self._held.sort()
        arounds = self._arounds([one for one in self._held if one.guards])
        for number, rule, at, guards in self._held:
            held = self._nodes.rules[rule]
            shown = [marks[mark] for mark in at]
            weighed = Weighed(shown, _of_bits(held, guards), next(arounds)) if guards else Weighed(shown, ())
            self._candidates[number].sight.weighed[held.id] = weighed

    def _arounds(self, held: Sequence[Held]) -> Iterator[Around]:
        """How what stands around the marks of rules that hold reads, one after another."""
        if not held:
            return iter(())
        documents = np.array([self._candidates[one.candidate].document for one in held], np.intp)
        many = np.array([len(one.marks) for one in held])
        number = np.fromiter(chain.from_iterable(one.marks for one in held), np.intp, many.sum())
        rows = self._rows_of(number)
        stand = np.flatnonzero(rows[:, 1] != compiled.NO_FIELD)
        owner = np.repeat(np.arange(len(held)), many)[stand]
        places = Place(documents[owner], *rows[stand, 1:4].T.astype(np.intp))
        is_first = np.ones(len(held), np.bool_)
        is_first[1:] = documents[1:] != documents[:-1]
        most, around = self._hits.likeness.around(documents[is_first], places)
        shown = np.full(len(held), -np.inf)
        np.maximum.at(shown, owner, around)
        return map(Around, most[np.cumsum(is_first) - 1].tolist(), shown.tolist())

    def _rows_of(self, numbers: npt.NDArray[np.intp]) -> npt.NDArray[np.int32]:
        """Marks as the kernel sees them, by their numbers."""
        rows = np.empty((len(numbers), compiled.MARK), np.int32)
        is_term = numbers >= 0
        rows[is_term] = self._terms[numbers[is_term]]
        rows[~is_term] = self._testimony.rows(-1 - numbers[~is_term])
        return rows

    def _marks(self, owners: Mapping[int, int]) -> dict[int, Mark]:
        """The marks of some candidates by their numbers: terms of the batch, and behind them, from -1 down, those that
        were told of."""
        terms = [place for place in owners if place >= 0]
        rows = self._terms[np.array(terms, np.intp)].tolist()
        words = self._hits.words.some([row[5] for row in rows])
        marks = {}
        for place, (_, field, start, end, _, _, view, gap), word in zip(terms, rows, words, strict=True):
            reads = word or ""
            name = self._candidates[owners[place]].layout.names[field]
            marks[place] = Mark(reads, name, start, end, VIEWS[view], reads, gap)
        for place, number in owners.items():
            if place < 0:
                own = self._candidates[number]
                marks[place] = self._testimony.marks[-1 - place] or self._pattern(own, -1 - place)
        return marks

    def _pattern(self, owner: Candidate, number: int) -> Mark:
        """A mark of a pattern, which reads as it is written."""
        _, field, start, end, _, _, view, gap = self._testimony.row(number)
        name = owner.layout.names[field]
        reads = owner.sight.texts[name][start:end]
        return Mark(reads, name, start, end, VIEWS[view], reads, gap)


def _has_room(rows: slice, sight: Sight) -> bool:
    return rows.stop - rows.start <= MOST_MARKS and len(sight.texts) <= MOST_FIELDS


def _joined(parts: Sequence[npt.NDArray[Any]], nothing: tuple[int, ...], kind: type[Any]) -> npt.NDArray[Any]:
    return np.concatenate(parts) if parts else np.zeros(nothing, kind)


def _wide(present: npt.NDArray[np.bool_], lists: int) -> npt.NDArray[np.uint8]:
    """Which lists may have hits, with room for all of them."""
    missing = lists - present.shape[1]
    return np.ascontiguousarray(np.pad(present, ((0, 0), (0, missing))) if missing else present).view(np.uint8)


def _of_bits(rule: Rule, held: int) -> Sequence[CompiledGuard]:
    """The guards that hold."""
    return [guard for number, guard in enumerate(rule.guards) if held >> number & 1] if held else ()
