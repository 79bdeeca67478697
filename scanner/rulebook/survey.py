"""The finder of the first look: which lists have hits where, told too often rather than too seldom, at half the cost.

What it does not look at: gaps inside words, the same hit in several views, and how often one entry is reported. Borders
of words and cover words are looked at: without them half of all listings would seem to have something.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np

from scanner import kernels
from scanner.kernels import checking, declarations
from scanner.kernels.checking import Covers
from scanner.rulebook.checks import Checked, Flags, Reading, Traits, borders, check
from scanner.rulebook.finder import MOST_GATHERED, MOST_ROWS, Finder, owned
from scanner.rulebook.hits import Pass
from scanner.rulebook.literals import Found, Index, Numbers, spans, together
from scanner.rulebook.rows import NO_ROWS, Rows, in_order, joined
from scanner.rulebook.unjoined import Unjoined
from scanner.rulebook.vocabulary import Vocabulary
from scanner.text.views import Batch, Place


class _Words(NamedTuple):
    """Words that stand in the compact view: the list, the first unit, and the one after the last."""

    list: Index
    first: Index
    end: Index


class Ragged(NamedTuple):
    """Rows of numbers: of row ``i`` those from ``bounds[i]`` to ``bounds[i + 1]``."""

    bounds: Numbers
    numbers: Numbers


class Survey(Finder):
    """Finds roughly."""

    @classmethod
    def of(cls, finder: Finder, lists: Collection[int]) -> Self:
        """One that looks for the words of some lists alone."""
        return cls(finder.content, finder.vocabularies, finder.alternatives, finder.around, finder.covered).only(lists)

    def _pass(self, batch: Batch, first: int, present: Flags) -> Pass:
        found = together([*self.vocabularies.compact.literals.find(batch.compact)])
        if len(found.literal) > MOST_ROWS:
            return super()._pass(batch, first, present)
        self._gates.mark(batch, found, present)
        rows, covers = self._covers(batch, found)
        told = self._told(batch, found, covers), self._heard(batch, covers)
        place, lists = self._places(batch, _Words(*map(np.concatenate, zip(*told, strict=True))))
        present[place.document, lists] = True
        crowded = np.flatnonzero(np.bincount(place.document) > MOST_GATHERED)
        batch.let_go()
        return Pass(batch, first, NO_ROWS, place, lists, rows, frozenset((number, 0) for number in crowded.tolist()))

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
        cover, lists = np.nonzero(self.covered[owner[chosen] - self._first_cover])
        return _ragged(literal[chosen][cover], lists, len(self.vocabularies.compact.bounds) - 1)

    @cached_property
    def _cover_words(self) -> Vocabulary:
        """The cover words alone."""
        is_cover = np.zeros(self._first_clause, np.bool_)
        is_cover[self._first_cover :] = True
        return self.vocabularies.compact.only(is_cover)

    @cached_property
    def _is_cover(self) -> Flags:
        """Which literals of the compact vocabulary are cover words."""
        is_cover: Flags = np.diff(self._cover_words.bounds) > 0
        return is_cover

    @cached_property
    def _records(self) -> tuple[declarations.Lists, declarations.Lists]:
        """What words and sounds tell, as kernels take it."""
        covering = {"cover_bounds": self._covering.bounds, "covered": self._covering.numbers}
        words, sounds = self._lists_of_words, self._lists_of_sounds
        return (
            declarations.Lists.of(bounds=words.bounds, lists=words.numbers, **covering),
            declarations.Lists.of(bounds=sounds.bounds, lists=sounds.numbers, **covering),
        )

    def _covers(self, batch: Batch, found: Found) -> tuple[Rows, Covers]:
        """The cover words, as rows in order and unit by unit; where several overlap, a longer one has the unit."""
        words, whole = self._cover_words, Reading(batch.compact, batch.kept)
        hits = check(batch, whole, found, words.traits, self._is_cover)
        rows = in_order(owned(batch, hits, words))
        end = hits.position + words.traits.lengths[hits.literal]
        return rows, Covers(_of_unit(words.traits.lengths, hits, len(batch.kept)), hits.literal, end)

    def _told(self, batch: Batch, found: Found, covers: Covers) -> _Words:
        """The words that are no part of a longer word or number, list by list, without what is covered."""
        whole, traits = Reading(batch.compact, batch.kept), self.vocabularies.compact.traits
        library = kernels.library()
        if library is not None:
            given = batch.ground, whole.record, traits.record, self._records[0], found, covers
            return _Words(*checking.told(library, *given))
        found = found.take(self._is_word[found.literal])
        found = found.take(borders(batch, whole, found, traits))
        return self._uncovered(_listed(found, traits, self._lists_of_words), covers)

    def _heard(self, batch: Batch, covers: Covers) -> _Words:
        """The words that stand there by sound, list by list, without what is covered."""
        words, reading = self.vocabularies.syllables, Reading(batch.syllables, batch.kept)
        hits = [check(batch, reading, found, words.traits) for found in words.literals.find(batch.syllables)]
        found = together([Found(part.literal, part.position) for part in hits])
        library = kernels.library()
        if library is not None:
            given = batch.ground, reading.record, words.traits.record, self._records[1], found, covers
            return _Words(*checking.told(library, *given))
        return self._uncovered(_listed(found, words.traits, self._lists_of_sounds), covers)

    def _uncovered(self, words: _Words, covers: Covers) -> _Words:
        """Those that are not inside a cover word of their list."""
        cover = covers.of_unit[words.first]
        asked = np.flatnonzero(cover >= 0)
        asked = asked[words.end[asked] <= covers.end[cover[asked]]]
        literal = covers.literal[cover[asked]]
        first = self._covering.bounds[literal]
        count = self._covering.bounds[literal + 1] - first
        word = np.repeat(asked, count)
        named = self._covering.numbers[spans(first, count)] == words.list[word]
        good = np.ones(len(words.list), np.bool_)
        good[word[named]] = False
        return _Words(*(column[good] for column in words))

    def _places(self, batch: Batch, words: _Words) -> tuple[Place, Index]:
        """The places and lists of these words, and of what other readings show."""
        rows = joined([NO_ROWS, *self._other_rows(batch)])
        rows = rows.take(np.flatnonzero(rows.owner < self._first_pattern))
        places = batch.places_of_kept(words.first, words.end), batch.places_of(rows.at, rows.size)
        place = Place(*map(np.concatenate, zip(*places, strict=True)))
        return place, np.concatenate((words.list, self._list_of[rows.owner]))


def _ragged(rows: Index, numbers: Index, count: int) -> Ragged:
    """The different numbers of each of ``count`` rows."""
    width = 1 + max(numbers, default=0)
    pairs = np.unique(rows * width + numbers)
    bounds = np.searchsorted(pairs, np.arange(count + 1) * width)
    return Ragged(bounds.astype(np.int32), (pairs % width).astype(np.int32))


def _of_unit(lengths: Numbers, hits: Checked, units: int) -> Numbers:
    """Of each unit the number of a hit that it is part of, or -1; where several overlap, the longest has it, or of
    equal ones the last."""
    library = kernels.library()
    if library is not None:
        return checking.cover(library, lengths, hits.literal, hits.position, units)
    length = lengths[hits.literal].astype(np.intp)
    order = np.lexsort((hits.literal, hits.position, length))
    of_unit = np.full(units, -1, np.int32)
    of_unit[spans(hits.position[order], length[order])] = np.repeat(order.astype(np.int32), length[order])
    return of_unit


def _listed(words: Found, traits: Traits, lists: Ragged) -> _Words:
    """Words, list by list."""
    first = lists.bounds[words.literal]
    count = lists.bounds[words.literal + 1] - first
    begin = np.repeat(words.position, count)
    length = np.repeat(traits.lengths[words.literal], count)
    return _Words(lists.numbers[spans(first, count)].astype(np.intp), begin, begin + length)
