"""The finder of the first look: which lists have hits where, told too often rather than too seldom, at half the cost.

What it does not look at: gaps inside words, the same hit in several views, and how often one entry is reported. Borders
of words and cover words are looked at: without them half of all listings would seem to have something.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np

from scanner import kernels, likeness
from scanner.kernels import declarations, surveying
from scanner.rulebook.checks import Checked, Flags, Reading, Traits, borders, check
from scanner.rulebook.finder import MOST_GATHERED, MOST_ROWS, Finder, owned
from scanner.rulebook.literals import Bytes, Found, Index, Numbers, spans, together
from scanner.rulebook.passes import Pass
from scanner.rulebook.rows import NO_ROWS, in_order, joined
from scanner.rulebook.unjoined import Unjoined
from scanner.rulebook.vocabulary import Vocabulary
from scanner.text.views import Batch, Place


class _Words(NamedTuple):
    """Words that stand in the compact view: the list, the first unit, and the one after the last."""

    list: Index
    first: Index
    end: Index


class _Told(NamedTuple):
    """Words of lists: where they stand and whose they are."""

    place: Place
    lists: Index


class _Seen(NamedTuple):
    """Cover words, words of lists, and how many of these each document has."""

    covers: Checked
    told: _Told
    counts: Numbers


class Ragged(NamedTuple):
    """Rows of numbers: of row ``i`` those from ``bounds[i]`` to ``bounds[i + 1]``."""

    bounds: Numbers
    numbers: Numbers


class Survey(Finder):
    """Finds roughly."""

    # The lists whose words are told of with their places: all, if none are named.
    placed: Collection[int] | None = None
    # Whether anybody asks how much the documents read like offers.
    is_scored = False

    @classmethod
    def of(
        cls, finder: Finder, lists: Collection[int], placed: Collection[int] | None = None, *, is_scored: bool = False
    ) -> Self:
        """One that looks for the words of some lists alone, and says where they stand of those that are ``placed``, or
        of all."""
        survey = cls(finder.content, finder.vocabularies, finder.alternatives, finder.around).only(lists)
        survey.placed, survey.is_scored = placed, is_scored
        return survey

    def _read(self, batch: Batch, first: int, present: Flags) -> Pass:
        """One batch, of which no more is kept than later steps ask for: there are many."""
        found = super()._read(batch, first, present)
        scores = likeness.load().scores(batch) if self.is_scored else None
        batch.let_go(wholly=True)
        return found._replace(scores=scores)

    @cached_property
    def _is_placed(self) -> Flags:
        """Of each list whether anybody asks where its words stand."""
        numbers: Index = np.arange(self._lists)
        placed: Flags = np.isin(numbers, numbers if self.placed is None else np.array([*self.placed], np.intp))
        return placed

    def _pass(self, batch: Batch, first: int, present: Flags) -> Pass:
        others = self._others(batch)
        library = kernels.library()
        if library is None:
            seen = self._look(batch, others, present)
        else:
            seen = self._look_quickly(library, batch, others, present)
        if seen is None:
            present[:] = False
            return super()._pass(batch, first, present)
        present[others.place.document, others.lists] = True
        rows = in_order(owned(batch, seen.covers, self._covers_of_patterns))
        crowded = np.flatnonzero(seen.counts > MOST_GATHERED)
        batch.let_go()
        floods = frozenset((number, 0) for number in crowded.tolist())
        return Pass(batch, first, NO_ROWS, *seen.told, rows, floods, words=seen.counts)

    def _both(self, found: Pass, more: Pass, unjoined: Unjoined) -> Pass:
        """The places of both readings, some of them twice."""
        places = found.place, more.place._replace(document=unjoined.documents[more.place.document])
        place = Place(*map(np.concatenate, zip(*places, strict=True)))
        return found._replace(place=place, lists=np.concatenate((found.lists, more.lists)))

    @property
    def _owners_of_literals(self) -> tuple[Index, Index]:
        """All pairs of a literal of the compact vocabulary and one of its owners."""
        words = self.vocabularies.compact
        return np.repeat(np.arange(len(words.bounds) - 1), np.diff(words.bounds)), words.owners.astype(np.intp)

    @cached_property
    def _lists_of_words(self) -> Ragged:
        """The lists that each literal of the compact vocabulary is a word of, each once."""
        literal, owner = self._owners_of_literals
        is_term = owner < self._first_pattern
        return _ragged(literal[is_term], self._list_of[owner[is_term]], len(self.vocabularies.compact.bounds) - 1)

    @cached_property
    def _lists_of_sounds(self) -> Ragged:
        """The lists that each literal of the syllables is a word of."""
        words = self.vocabularies.syllables
        return Ragged(words.bounds, self._list_of[words.owners].astype(np.int32))

    @cached_property
    def _covering(self) -> Ragged:
        """The lists whose words each literal covers."""
        literal, owner = self._owners_of_literals
        chosen = np.flatnonzero((owner >= self._first_cover) & (owner < self._first_clause))
        return _ragged(literal[chosen], self._list_of[owner[chosen]], len(self.vocabularies.compact.bounds) - 1)

    @cached_property
    def _cover_words(self) -> Vocabulary:
        """The cover words alone."""
        is_cover = np.zeros(self._first_clause, np.bool_)
        is_cover[self._first_cover :] = True
        return self.vocabularies.compact.only(is_cover)

    @cached_property
    def _covers_of_patterns(self) -> Vocabulary:
        """The cover words of lists that have patterns: what these find is known only later."""
        lists = [pattern.list for pattern in self.content.patterns]
        is_asked = np.isin(self._list_of, lists)
        is_asked[: self._first_cover] = False
        return self.vocabularies.compact.only(is_asked)

    @cached_property
    def _is_cover(self) -> Flags:
        """Which literals of the compact vocabulary are cover words."""
        is_cover: Flags = np.diff(self._cover_words.bounds) > 0
        return is_cover

    @cached_property
    def _roles(self) -> Bytes:
        """What each literal of the compact vocabulary is: part of patterns, a word of lists, a cover word; bits."""
        of_each = (np.diff(self._clauses_of_literals.bounds), np.diff(self._lists_of_words.bounds), self._is_cover)
        roles: Bytes = np.sum([(role > 0) * np.uint8(1 << bit) for bit, role in enumerate(of_each)], 0, np.uint8)
        return roles

    @cached_property
    def _record(self) -> declarations.Survey:
        """What is looked for, as kernels take it. Raises ``ValueError`` where a word is of a list that is none."""
        covering = {"cover_bounds": self._covering.bounds, "covered": self._covering.numbers}
        is_placed = self._is_placed
        vocabularies = self.vocabularies.compact, self.vocabularies.syllables
        made = []
        for words, lists in zip(vocabularies, (self._lists_of_words, self._lists_of_sounds), strict=True):
            if (lists.numbers >= self._lists).any():
                raise ValueError("damaged lists of words")
            told = np.concatenate(([0], np.cumsum(is_placed[lists.numbers])))[lists.bounds]
            own = {"bounds": lists.bounds, "lists": lists.numbers, "is_placed": is_placed, "is_told": np.diff(told) > 0}
            record = declarations.Lists.of(**own, **covering)
            made.append(declarations.Words.of(set=words.literals.record, traits=words.traits.record, lists=record))
        return declarations.Survey.of(words=made[0], sounds=made[1], roles=self._roles, gates=self._gates.record)

    def _look_quickly(self, library: kernels.Library, batch: Batch, others: _Told, present: Flags) -> _Seen | None:
        """The same as ``_look``, in compiled code."""
        whole = declarations.Whole.of(
            ground=batch.ground,
            fields=batch.fields,
            compact=Reading(batch.compact, batch.kept).record,
            syllables=Reading(batch.syllables, batch.kept).record,
            field_ends=batch.field_ends,
            field_count=len(batch.field_ends),
            document_count=len(batch.documents),
        )
        given = self._record, self._gates.record, whole, len(batch.kept), present
        seen = surveying.look(library, *given, most=MOST_ROWS, more=len(others.lists))
        if seen is None:
            return None
        for column, rest in zip(seen.told, (others.lists, *others.place), strict=True):
            column[len(column) - len(rest) :] = rest
        counts = seen.counts
        if len(others.lists):
            counts += np.bincount(others.place.document, minlength=len(counts)).astype(np.int32)
        return _Seen(Checked(*seen.covers), _Told(Place(*seen.told[1:]), seen.told[0]), counts)

    def _look(self, batch: Batch, others: _Told, present: Flags) -> _Seen | None:
        """Cover words; the words that are no part of a longer word or number, without what is covered; those that stand
        there by sound; and the ``others``. Marks in ``present`` which lists have a word, or a pattern that may match.
        ``None`` in a flood of literals."""
        sounds, aloud = self.vocabularies.syllables, Reading(batch.syllables, batch.kept)
        found, heard = (
            _few(words.literals.find(units))
            for words, units in ((self.vocabularies.compact, batch.compact), (sounds, batch.syllables))
        )
        if found is None or heard is None or len(found.literal) + len(heard.literal) > MOST_ROWS:
            return None
        self._gates.mark(batch, found, present)
        whole, traits = Reading(batch.compact, batch.kept), self.vocabularies.compact.traits
        covers = check(batch, whole, found, traits, self._is_cover)
        found = found.take(self._is_word[found.literal])
        found = found.take(borders(batch, whole, found, traits))
        hits = check(batch, aloud, heard, sounds.traits)
        heard = Found(hits.literal, hits.position)
        words = _listed(found, traits, self._lists_of_words), _listed(heard, sounds.traits, self._lists_of_sounds)
        told = self._uncovered(_Words(*map(np.concatenate, zip(*words, strict=True))), covers, len(batch.kept))
        place = batch.places_of_kept(told.first, told.end)
        present[place.document, told.list] = True
        owners = np.concatenate((place.document, others.place.document))
        counts = np.bincount(owners, minlength=len(batch.documents)).astype(np.int32)
        asked = np.flatnonzero(self._is_placed[told.list])
        place = Place(*(np.concatenate((one[asked], other)) for one, other in zip(place, others.place, strict=True)))
        return _Seen(covers, _Told(place, np.concatenate((told.list[asked], others.lists))), counts)

    def _others(self, batch: Batch) -> _Told:
        """Words that other readings show."""
        rows = joined([NO_ROWS, *self._other_rows(batch)])
        rows = rows.take(np.flatnonzero(rows.owner < self._first_pattern))
        return _Told(batch.places_of(rows.at, rows.size), self._list_of[rows.owner])

    def _uncovered(self, words: _Words, covers: Checked, units: int) -> _Words:
        """Those that are not inside a cover word of their list."""
        lengths = self.vocabularies.compact.traits.lengths
        of_unit = _of_unit(lengths, covers, units)[words.first]
        asked = np.flatnonzero(of_unit >= 0)
        literal = covers.literal[of_unit[asked]]
        inside = words.end[asked] <= covers.position[of_unit[asked]] + lengths[literal]
        asked, literal = asked[inside], literal[inside]
        first = self._covering.bounds[literal]
        count = self._covering.bounds[literal + 1] - first
        word = np.repeat(asked, count)
        named = self._covering.numbers[spans(first, count)] == words.list[word]
        good = np.ones(len(words.list), np.bool_)
        good[word[named]] = False
        return _Words(*(column[good] for column in words))


def _ragged(rows: Index, numbers: Index, count: int) -> Ragged:
    """The different numbers of each of ``count`` rows."""
    width = 1 + max(numbers, default=0)
    pairs = np.unique(rows * width + numbers)
    bounds = np.searchsorted(pairs, np.arange(count + 1) * width)
    return Ragged(bounds.astype(np.int32), (pairs % width).astype(np.int32))


def _of_unit(lengths: Numbers, hits: Checked, units: int) -> Numbers:
    """Of each unit the number of a hit that it is part of, or -1; where several overlap, the longest has it, or of
    equal ones the last."""
    length = lengths[hits.literal].astype(np.intp)
    order = np.lexsort((hits.literal, hits.position, length))
    of_unit = np.full(units, -1, np.int32)
    of_unit[spans(hits.position[order], length[order])] = np.repeat(order.astype(np.int32), length[order])
    return of_unit


def _few(parts: Iterable[Found]) -> Found | None:
    """The occurrences of all portions, unless they are a flood."""
    few, count = [], 0
    for part in parts:
        few.append(part)
        count += len(part.literal)
        if count > MOST_ROWS:
            return None
    return together(few)


def _listed(words: Found, traits: Traits, lists: Ragged) -> _Words:
    """Words, list by list."""
    first = lists.bounds[words.literal]
    count = lists.bounds[words.literal + 1] - first
    begin = np.repeat(words.position, count)
    length = np.repeat(traits.lengths[words.literal], count)
    return _Words(lists.numbers[spans(first, count)].astype(np.intp), begin, begin + length)
