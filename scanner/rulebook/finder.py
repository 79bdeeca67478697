"""Looking for a lexicon's words in batches of documents, view by view.

Bounds, whatever the documents contain:

- One pass reads at most ``PASS_DOCUMENTS`` documents and ``PASS_CHARACTERS`` characters, or one longer document.
- Of one document the first ``MOST_CHARACTERS`` characters are read; what is longer is named in ``Hits.unread``.
- One entry is reported at most ``MOST_HITS`` times in one document; where more are left out, or of a list more are left
  than are looked at, ``Hits.floods`` says so.
- Time is linear in the characters read and in the occurrences of literals.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from typing import NamedTuple, Self

import numpy as np

from scanner import kernels
from scanner.kernels import checking
from scanner.model import View
from scanner.rulebook import readings
from scanner.rulebook.atoms import Alternative, Clauses, Gates
from scanner.rulebook.checks import (
    SHORTEST_DOWNWARDS,
    Checked,
    Flags,
    Reading,
    check,
    check_downwards,
    check_masked,
    only_leet,
)
from scanner.rulebook.content import Content
from scanner.rulebook.decoding import decoded_texts
from scanner.rulebook.hits import Hits
from scanner.rulebook.late import Late
from scanner.rulebook.literals import Found, Index, LiteralIndex, together
from scanner.rulebook.passes import Pass
from scanner.rulebook.rows import NO_ROWS, NUMBER_OF, Rows, in_order, joined, most_of_each, uncovered
from scanner.rulebook.sight import MOST_MARKS
from scanner.rulebook.surroundings import Surroundings
from scanner.rulebook.unjoined import Unjoined
from scanner.rulebook.vocabulary import Vocabulary
from scanner.text.views import Batch, Document, Gathered

PASS_DOCUMENTS = 4_096
PASS_CHARACTERS = 400_000
MOST_CHARACTERS = 1_000_000
MOST_HITS = 64
# Rows gathered before the most of each are taken, so that a flood of hits costs time and not memory; these are many
# more than are reported, because cover words may yet take most of them away.
MOST_ROWS = 200_000
MOST_GATHERED = 16 * MOST_HITS

# The view of a hit as it stands, and of one with something dropped inside.
_PLAIN = NUMBER_OF[View.FOLDED], NUMBER_OF[View.COMPACT]

TOO_LONG = f"longer than {MOST_CHARACTERS:,} characters: the rest was not read"


class Vocabularies(NamedTuple):
    """One set of literals for each kind of reading."""

    compact: Vocabulary
    syllables: Vocabulary
    plain: Vocabulary
    latin: Vocabulary
    masked: Vocabulary


class Finder:
    """Finds the words of ``content``; holds nothing that changes."""

    def __init__(
        self,
        content: Content,
        vocabularies: Vocabularies,
        alternatives: tuple[Alternative, ...],
        around: Surroundings,
    ) -> None:
        """``alternatives`` of all patterns; one without clauses makes its pattern weak."""
        self.content = content
        self.vocabularies = vocabularies
        self.alternatives = alternatives
        self.around = around
        self._lists = content.lists
        self._first_pattern = len(content.words)
        self._first_cover = self._first_pattern + len(content.patterns)
        self._first_clause = self._first_cover + len(content.cover_words)
        self._list_of: Index = content.list_of.astype(np.intp)

    @cached_property
    def _gates(self) -> Gates:
        lists = [pattern.list for pattern in self.content.patterns]
        return Gates(self.alternatives, lists, self._clauses_of_literals, self.around)

    @cached_property
    def _late(self) -> Late:
        return Late(self.content)

    def only(self, lists: Collection[int]) -> Self:
        """One that looks for the words of some lists alone."""
        asked = np.isin(np.arange(self._lists), list(lists))
        alternatives = tuple(one for one in self.alternatives if asked[self.content.patterns[one.pattern].list])
        clauses = {number for one in alternatives for number in one.clauses}
        owners = np.zeros(self._first_clause + max(clauses, default=-1) + 1, np.bool_)
        owners[: self._first_clause] = asked[self._list_of]
        owners[self._first_pattern : self._first_cover] = False
        owners[[self._first_clause + number for number in clauses]] = True
        vocabularies = Vocabularies(*(words.only(owners) for words in self.vocabularies))
        return type(self)(self.content, vocabularies, alternatives, self.around)

    @property
    def weak(self) -> tuple[int, ...]:
        """Patterns without a literal that every match contains."""
        return self._gates.weak

    @cached_property
    def _clauses_of_literals(self) -> Clauses:
        """The clauses of patterns that name each literal of the compact vocabulary."""
        words = self.vocabularies.compact
        literal = np.repeat(np.arange(len(words.bounds) - 1), np.diff(words.bounds))
        is_clause = words.owners >= self._first_clause
        bounds = np.searchsorted(literal[is_clause], np.arange(len(words.bounds)))
        return Clauses(bounds.astype(np.int32), words.owners[is_clause] - np.int32(self._first_clause))

    @cached_property
    def _long_words(self) -> LiteralIndex:
        """The words that count where they are read downwards."""
        literals = self.vocabularies.plain.literals
        return literals.only(literals.lengths >= SHORTEST_DOWNWARDS)

    @cached_property
    def _is_word(self) -> Flags:
        """Which literals of the compact vocabulary are more than part of a clause of a pattern."""
        words = self.vocabularies.compact
        is_word = np.zeros(len(words.bounds) - 1, np.bool_)
        is_word[np.repeat(np.arange(len(is_word)), np.diff(words.bounds))[words.owners < self._first_clause]] = True
        return is_word

    def find(self, documents: Sequence[Document], texts: Gathered | None = None) -> Hits:
        """Every hit in ``documents``; ``texts`` are theirs, if at hand."""
        passes = []
        texts = texts or Gathered.of(documents)
        ends = texts.ends
        unread = dict.fromkeys(np.flatnonzero(np.diff(ends) > MOST_CHARACTERS).tolist(), TOO_LONG)
        present = np.zeros((len(documents), self._lists), np.bool_)
        for part in portions(ends, PASS_CHARACTERS, PASS_DOCUMENTS):
            if unread.keys().isdisjoint(range(part.start, part.stop)):
                batch = Batch(documents[part], texts=texts.take(part))
            else:
                batch = Batch([_beginning(document) for document in documents[part]])
            passes.append(self._read(batch, part.start, present[part]))
        return Hits(passes, present=present, late=self._late, unread=unread)

    def _read(self, batch: Batch, first: int, present: Flags) -> Pass:
        """One batch, and once more as they stand its documents in which characters were joined."""
        unjoined = Unjoined.of(batch)
        found = self._pass(batch, first, present)
        if unjoined is None:
            return found
        also = np.zeros((len(unjoined.documents), self._lists), np.bool_)
        more = self._pass(unjoined.batch, 0, also)
        present[unjoined.documents] |= also
        floods = found.floods | {(int(unjoined.documents[document]), number) for document, number in more.floods}
        found = found._replace(floods=floods, unjoined=unjoined, covers_unjoined=more.covers)
        return self._both(found, more, unjoined)

    def _both(self, found: Pass, more: Pass, unjoined: Unjoined) -> Pass:
        """The hits of both readings, each without what its own cover words cover."""
        terms = in_order(joined([found.terms, unjoined.outside(more.terms)]))
        place = found.batch.places_of(terms.at, terms.size)
        terms, place, left_out = most_of_each(terms, place, MOST_HITS)
        lists = self._list_of[terms.owner]
        floods = {*found.floods, *self._lists_in(found.batch, left_out), *self._crowded(place.document, lists)}
        return found._replace(terms=terms, place=place, lists=lists, floods=frozenset(floods))

    def _pass(self, batch: Batch, first: int, present: Flags) -> Pass:
        """One batch; marks in ``present`` which lists its documents may have hits of."""
        literals: list[Found] = []
        rows, floods = self._gathered(batch, literals)
        self._gates.mark(batch, together(literals), present)
        is_cover = (rows.owner >= self._first_cover) & (rows.owner < self._first_clause)
        covers = in_order(rows.take(np.flatnonzero(is_cover)))
        terms = in_order(rows.take(np.flatnonzero(rows.owner < self._first_pattern)))
        terms = uncovered(terms, covers, self._list_of)
        place = batch.places_of(terms.at, terms.size)
        terms, place, left_out = most_of_each(terms, place, MOST_HITS)
        lists = self._list_of[terms.owner]
        present[place.document, lists] = True
        floods += [*self._lists_in(batch, left_out), *self._crowded(place.document, lists)]
        batch.let_go()
        return Pass(batch, first, terms, place, lists, covers, frozenset(floods))

    def _lists_in(self, batch: Batch, rows: Rows) -> Iterator[tuple[int, int]]:
        """The documents and lists of some rows of terms and cover words: without these, too much would be found."""
        if not len(rows.at):
            return
        chosen = np.flatnonzero(rows.owner < self._first_clause)
        documents = batch.places_of(rows.at[chosen], rows.size[chosen]).document
        yield from zip(documents.tolist(), self._list_of[rows.owner[chosen]].tolist(), strict=True)

    def _crowded(self, document: Index, lists: Index) -> Iterator[tuple[int, int]]:
        """The documents and lists of which more hits stand than are looked at one by one."""
        asked = (np.bincount(document) > MOST_MARKS)[document] if len(document) > MOST_MARKS else None
        if asked is not None and asked.any():
            keys, counts = np.unique(document[asked] * self._lists + lists[asked], return_counts=True)
            yield from (divmod(key, self._lists) for key in keys[counts > MOST_MARKS].tolist())

    def _gathered(self, batch: Batch, literals: list[Found]) -> tuple[Rows, list[tuple[int, int]]]:
        """The rows of all readings, and the documents and lists of which some were left out: a flood is thinned on its
        way, and at the end however much there is, so that what is left out does not depend on the neighbours."""
        parts: list[Rows] = []
        floods: list[tuple[int, int]] = []
        count = 0
        for rows in self._all_rows(batch, literals):
            parts.append(rows)
            count += len(rows.at)
            if count > MOST_ROWS:
                parts = [self._thinned(batch, joined(parts), floods)]
                count = len(parts[0].at) - MOST_ROWS // 2
        rows = joined(parts)
        return (self._thinned(batch, rows, floods) if len(rows.at) > MOST_GATHERED else rows), floods

    def _thinned(self, batch: Batch, rows: Rows, floods: list[tuple[int, int]]) -> Rows:
        place = batch.places_of(rows.at, rows.size)
        if np.bincount(place.document).max() <= MOST_GATHERED:
            return rows
        rows = in_order(rows)
        thinned, _, left_out = most_of_each(rows, batch.places_of(rows.at, rows.size), MOST_GATHERED)
        floods += self._lists_in(batch, left_out)
        return thinned

    def _all_rows(self, batch: Batch, literals: list[Found]) -> Iterator[Rows]:
        """Reading by reading, most listings have only the first two; ``literals`` of the first are noted."""
        yield from self._compact(batch, Reading(batch.compact, batch.kept), literals)
        yield from _rows(batch, Reading(batch.syllables, batch.kept), self.vocabularies.syllables)
        yield from self._other_rows(batch)

    def _other_rows(self, batch: Batch) -> Iterator[Rows]:
        """Where other orders and alphabets show something."""
        words = self.vocabularies
        if bare := readings.without_aliases(batch):
            yield from self._compact(batch, bare)
        if leet := readings.leet(batch):
            for hits in _scan(batch, leet, words.latin):
                yield owned(batch, only_leet(batch, leet, hits, words.latin.traits), words.latin, View.LEET)
        if masked := readings.masked(batch):
            for hits in _scan(batch, masked, words.masked):
                yield owned(batch, check_masked(batch, masked, hits, words.masked.masked), words.masked)
        if backwards := readings.backwards(batch):
            for hits in _scan(batch, backwards, words.plain):
                yield owned(batch, hits, words.plain, View.REVERSED)
        if downwards := readings.downwards(batch):
            for found in self._long_words.find(downwards.units):
                yield owned(batch, check_downwards(downwards, found, words.plain.traits), words.plain, View.REVERSED)
        yield from self._decoded(batch)

    def _compact(self, batch: Batch, reading: Reading, literals: list[Found] | None = None) -> Iterator[Rows]:
        """Terms, cover words and atoms in one scan. An atom counts for its clauses, whatever lies inside it."""
        words = self.vocabularies.compact
        for found in words.literals.find(reading.units):
            if literals is not None:
                literals.append(found)
            yield owned(batch, check(batch, reading, found, words.traits, self._is_word), words)

    def _decoded(self, batch: Batch) -> Iterator[Rows]:
        """Texts written in Base64: what they say counts where they stand."""
        found = decoded_texts(batch)
        if found:
            inner = Batch([(("", text),) for _, _, text in found])
            read = [*self._compact(inner, Reading(inner.compact, inner.kept))]
            if unjoined := Unjoined.of(inner):
                again = unjoined.batch
                read += map(unjoined.outside, self._compact(again, Reading(again.compact, again.kept)))
            for rows in read:
                token = inner.places_of(rows.at, rows.size).document
                at, size = (np.array([row[i] for row in found], np.intp)[token] for i in (0, 1))
                view = np.full(len(token), NUMBER_OF[View.DECODED])
                yield rows._replace(at=at, size=size, view=view).take(np.flatnonzero(rows.owner < self._first_pattern))


def _scan(batch: Batch, reading: Reading, words: Vocabulary) -> Iterator[Checked]:
    for found in words.literals.find(reading.units):
        yield check(batch, reading, found, words.traits)


def _rows(batch: Batch, reading: Reading, words: Vocabulary) -> Iterator[Rows]:
    for hits in _scan(batch, reading, words):
        yield owned(batch, hits, words)


def owned(batch: Batch, hits: Checked, words: Vocabulary, view: View | None = None) -> Rows:
    """One row for each owner of each hit."""
    if not len(hits.literal):
        return NO_ROWS
    library = kernels.library()
    if library is not None and not len(batch.joined.first):
        columns = hits.literal, hits.first, hits.last, hits.gap
        of_all = -1 if view is None else NUMBER_OF[view]
        return Rows(*checking.own(library, batch.ground, words.record, columns, of_all, _PLAIN))
    owned = words.owned(hits.literal)
    first, last = np.minimum(hits.first, hits.last), np.maximum(hits.first, hits.last)
    start, end = batch.sources(first), batch.ends(last)
    gap = hits.gap[owned.row]
    plain = np.where(gap > 0, NUMBER_OF[View.COMPACT], NUMBER_OF[View.FOLDED])
    if len(batch.joined.first):
        plain = np.where(batch.joined.between(first, last)[owned.row] > 0, NUMBER_OF[View.SPLIT], plain)
    own = np.where(owned.view == NUMBER_OF[View.FOLDED], plain, owned.view)
    views = own if view is None else np.full(len(own), NUMBER_OF[view])
    return Rows(start[owned.row], (end - start)[owned.row], owned.owner, views, gap)


def portions(ends: Index, characters: int, documents: int) -> Iterator[slice]:
    """Cut into portions, each of at most so many characters and documents, or one longer document.

    Document ``i`` ends after ``ends[i + 1]`` characters of all.
    """
    first = 0
    while first < len(ends) - 1:
        fitting = int(np.searchsorted(ends, ends[first] + characters, side="right")) - 1
        end = max(first + 1, min(first + documents, fitting))
        yield slice(first, end)
        first = end


def _beginning(document: Document) -> Document:
    """So much of a document as is read."""
    left = MOST_CHARACTERS
    fields = []
    for field, text in document:
        fields.append((field, text[:left]))
        left -= min(left, len(text))
    return tuple(fields)
