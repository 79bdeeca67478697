"""The finder of the first look: which lists have hits where, told too often rather than too seldom, at half the cost.

What it does not look at: gaps inside words, the same hit in several views, and how often one entry is reported. Borders
of words and cover words are looked at: without them half of all listings would seem to have something.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from scanner.rulebook.checks import NO_EDGE, Flags, Reading, borders, check
from scanner.rulebook.finder import MOST_GATHERED, MOST_ROWS, Finder, owned
from scanner.rulebook.hits import Pass
from scanner.rulebook.literals import NONE_FOUND, Found, Index, spans, together
from scanner.rulebook.rows import NO_ROWS, Rows, in_order, joined
from scanner.text.views import Batch, Place


class _Words(NamedTuple):
    """Words that stand in the compact view: the list, the first unit, and the one after the last."""

    list: Index
    first: Index
    end: Index


class _Covers(NamedTuple):
    """Cover words that stand there: of each unit the number of one that it is part of, or -1; by number the literal and
    the unit after the last."""

    of_unit: npt.NDArray[np.int32]
    literal: Index
    end: Index


class Survey(Finder):
    """Finds roughly."""

    @classmethod
    def of(cls, finder: Finder, lists: Collection[int]) -> Self:
        """One that looks for the words of some lists alone."""
        some = finder.only(lists)
        return cls(some.content, some.vocabularies, some.alternatives, some.around)

    def _pass(self, batch: Batch, first: int, present: Flags) -> Pass:
        found = together([NONE_FOUND, *self.vocabularies.compact.literals.find(batch.compact)])
        if len(found.literal) > MOST_ROWS:
            return super()._pass(batch, first, present)
        self._gates.mark(batch, found, present)
        words = self._bordered(batch, _taken(found, self._is_word[found.literal]))
        rows, covers = self._covers(batch, words)
        told = _Words(*map(np.concatenate, zip(self._listed(words), self._heard(batch), strict=True)))
        place, lists = self._places(batch, self._uncovered(told, covers))
        present[place.document, lists] = True
        crowded = np.flatnonzero(np.bincount(place.document) > MOST_GATHERED)
        batch.let_go()
        return Pass(batch, first, NO_ROWS, place, lists, rows, frozenset((number, 0) for number in crowded.tolist()))

    @cached_property
    def _edged(self) -> Flags:
        """The literals whose borders matter."""
        traits = self.vocabularies.compact.traits
        edged: Flags = (traits.left != NO_EDGE) | (traits.right != NO_EDGE) | traits.alone
        return edged

    def _bordered(self, batch: Batch, words: Found) -> Found:
        """Those that are not part of a longer word or number."""
        asked = np.flatnonzero(self._edged[words.literal])
        good = np.ones(len(words.literal), np.bool_)
        whole = Reading(batch.compact, batch.kept)
        good[asked] = borders(batch, whole, _taken(words, asked), self.vocabularies.compact.traits)
        return _taken(words, good)

    @cached_property
    def _owners_of_literals(self) -> tuple[Index, Index]:
        """All pairs of a literal of the compact vocabulary and one of its owners."""
        words = self.vocabularies.compact
        return np.repeat(np.arange(len(words.bounds) - 1), np.diff(words.bounds)), words.owners.astype(np.intp)

    @cached_property
    def _lists_of_literals(self) -> tuple[Index, Index]:
        """Bounds, and between those of a literal the lists that it is a word of, each once."""
        literal, owner = self._owners_of_literals
        is_term = owner < self._first_pattern
        pairs = np.unique(literal[is_term] * self._lists + self._list_of[owner[is_term]])
        bounds = np.searchsorted(pairs, np.arange(len(self.vocabularies.compact.bounds)) * self._lists)
        return bounds, pairs % self._lists

    @cached_property
    def _covering(self) -> tuple[Flags, Index]:
        """Which literals are cover words; in order, as numbers, the pairs of one and a list whose words it covers."""
        literal, owner = self._owners_of_literals
        chosen = (owner >= self._first_cover) & (owner < self._first_clause)
        is_cover = np.zeros(len(self.vocabularies.compact.bounds) - 1, np.bool_)
        is_cover[literal[chosen]] = True
        cover, lists = np.nonzero(self._covered[owner[chosen] - self._first_cover])
        return is_cover, np.unique(literal[chosen][cover] * self._lists + lists)

    def _covers(self, batch: Batch, words: Found) -> tuple[Rows, _Covers]:
        """The cover words, as rows in order and unit by unit; where several overlap, a longer one has the unit."""
        vocabulary, whole = self.vocabularies.compact, Reading(batch.compact, batch.kept)
        hits = check(batch, whole, _taken(words, self._covering[0][words.literal]), vocabulary.traits)
        rows = owned(batch, hits, vocabulary)
        rows = in_order(
            rows.take(np.flatnonzero((rows.owner >= self._first_cover) & (rows.owner < self._first_clause)))
        )
        length = vocabulary.traits.lengths[hits.literal].astype(np.intp)
        order = np.argsort(length, kind="stable")
        literal, position, length = hits.literal[order], hits.position[order], length[order]
        of_unit = np.full(len(batch.kept), -1, np.int32)
        of_unit[spans(position, length)] = np.repeat(np.arange(len(order), dtype=np.int32), length)
        return rows, _Covers(of_unit, literal, position + length)

    def _listed(self, words: Found) -> _Words:
        """The words list by list."""
        bounds, lists = self._lists_of_literals
        first = bounds[words.literal]
        count = bounds[words.literal + 1] - first
        begin = np.repeat(words.position, count)
        length = np.repeat(self.vocabularies.compact.traits.lengths[words.literal], count)
        return _Words(lists[spans(first, count)], begin, begin + length)

    def _heard(self, batch: Batch) -> _Words:
        """The words that stand there by sound, list by list."""
        words = self.vocabularies.syllables
        parts = [
            check(batch, Reading(batch.syllables, batch.kept), found, words.traits)
            for found in words.literals.find(batch.syllables)
        ]
        literal, position = together([NONE_FOUND, *(Found(part.literal, part.position) for part in parts)])
        owned = words.owned(literal)
        begin = position[owned.row]
        return _Words(self._list_of[owned.owner], begin, begin + words.traits.lengths[literal][owned.row])

    def _uncovered(self, words: _Words, covers: _Covers) -> _Words:
        """Those that are not inside a cover word of their list."""
        cover = covers.of_unit[words.first]
        asked = np.flatnonzero(cover >= 0)
        cover, known = cover[asked], self._covering[1]
        key = covers.literal[cover] * self._lists + words.list[asked]
        is_named = known[np.minimum(np.searchsorted(known, key), len(known) - 1)] == key if len(asked) else key > 0
        good = np.ones(len(words.list), np.bool_)
        good[asked[is_named & (words.end[asked] <= covers.end[cover])]] = False
        return _Words(*(column[good] for column in words))

    def _places(self, batch: Batch, words: _Words) -> tuple[Place, Index]:
        """The places and lists of these words, and of what other readings show."""
        rows = joined([NO_ROWS, *self._other_rows(batch)])
        rows = rows.take(np.flatnonzero(rows.owner < self._first_pattern))
        places = batch.places_of_kept(words.first, words.end), batch.places_of(rows.at, rows.size)
        place = Place(*map(np.concatenate, zip(*places, strict=True)))
        return place, np.concatenate((words.list, self._list_of[rows.owner]))


def _taken(found: Found, chosen: Index | Flags) -> Found:
    return Found(found.literal[chosen], found.position[chosen])
