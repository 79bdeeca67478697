"""Looking for a lexicon's words in batches of documents, view by view.

Bounds, whatever the documents contain:

- One pass reads at most ``PASS_DOCUMENTS`` documents and ``PASS_CHARACTERS`` characters, or one longer document.
- Of one document the first ``MOST_CHARACTERS`` characters are read; what is longer is named in ``Hits.unread``.
- One entry is reported at most ``MOST_HITS`` times in one document; where more are left out, ``Hits.unread`` says so
  too.
- Time is linear in the characters read and in the occurrences of literals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scanner.model import View
from scanner.rulebook import readings
from scanner.rulebook.checks import Checked, Flags, Reading, check, check_downwards, check_masked, only_leet
from scanner.rulebook.content import Content
from scanner.rulebook.decoding import decoded_texts
from scanner.rulebook.hits import Hits, Pass
from scanner.rulebook.late import Late
from scanner.rulebook.literals import Found, Index
from scanner.rulebook.rows import NO_ROWS, NUMBER_OF, Rows, in_order, joined, most_of_each, uncovered
from scanner.rulebook.surroundings import Surroundings
from scanner.rulebook.vocabulary import Vocabulary
from scanner.text.views import Batch, Document

PASS_DOCUMENTS = 512
PASS_CHARACTERS = 400_000
MOST_CHARACTERS = 1_000_000
MOST_HITS = 64
# Rows gathered before the most of each are taken, so that a flood of hits costs time and not memory; these are many
# more than are reported, because cover words may yet take most of them away.
MOST_ROWS = 200_000
MOST_GATHERED = 16 * MOST_HITS

TOO_LONG = f"longer than {MOST_CHARACTERS:,} characters: the rest was not read"
FLOODED = f"a term stands in it more than {MOST_HITS} times: not all of its places were looked at"


class Vocabularies(NamedTuple):
    """One set of literals for each kind of reading."""

    compact: Vocabulary
    syllables: Vocabulary
    plain: Vocabulary
    latin: Vocabulary
    masked: Vocabulary


class Alternative(NamedTuple):
    """One way in which a pattern may match: its clauses, each a set of literals, must all stand in the document.

    ``setting``: what must stand around the first of them, by number in the surroundings; -1 if nothing is known.
    """

    pattern: int
    clauses: tuple[int, ...]
    setting: int = -1


class Atoms(NamedTuple):
    """Literals of patterns: the clause that each stands for, where it begins in the compact view, the document."""

    clause: Index
    position: Index
    document: Index


NO_ATOMS = Atoms(*(np.zeros(0, np.intp) for _ in Atoms._fields))


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
        self.vocabularies = vocabularies
        self.alternatives = alternatives
        self.around = around
        self.weak = tuple(sorted({one.pattern for one in alternatives if not one.clauses}))
        self._lists = content.lists
        self._first_pattern = len(content.entries)
        self._first_cover = self._first_pattern + len(content.patterns)
        self._first_clause = self._first_cover + len(content.covers)
        self._list_of: Index = np.array(content.list_of, np.intp)
        self._covered = np.zeros((len(content.covers), self._lists), np.bool_)
        for number, cover in enumerate(content.covers):
            self._covered[number, list(cover.lists)] = True
        self._is_atom, self._is_word = self._kinds_of_literals()
        known = 1 + max((max(one.clauses, default=-1) for one in alternatives), default=-1)
        self._clauses = known + 1
        lists = [content.patterns[one.pattern].list for one in alternatives]
        order = sorted(range(len(alternatives)), key=lists.__getitem__)
        clauses = [alternatives[number].clauses or (known,) for number in order]
        # Of a clause with a setting: that, and the number of its alternative in this order.
        self._setting_of: Index = np.full(self._clauses, -1, np.intp)
        self._alternative_of: Index = np.full(self._clauses, -1, np.intp)
        for place, number in enumerate(order):
            if alternatives[number].setting >= 0:
                self._setting_of[clauses[place][0]] = alternatives[number].setting
                self._alternative_of[clauses[place][0]] = place
        self._clauses_of: Index = np.array([number for some in clauses for number in some], np.intp)
        self._first_clauses: Index = np.cumsum([0, *map(len, clauses)])[:-1]
        self._lists_of_patterns, self._first_alternatives = np.unique(
            np.array([lists[number] for number in order], np.intp), return_index=True
        )
        self._late = Late(content, self._covered)

    def _kinds_of_literals(self) -> tuple[Flags, Flags]:
        """Which literals of the compact vocabulary are in a clause of a pattern, and which are anything else."""
        compact = self.vocabularies.compact
        if not len(compact.owners):
            return np.zeros(0, np.bool_), np.zeros(0, np.bool_)
        of_clause = compact.owners >= self._first_clause
        starts = compact.bounds[:-1]
        return np.logical_or.reduceat(of_clause, starts), np.logical_or.reduceat(~of_clause, starts)

    def find(self, documents: Sequence[Document]) -> Hits:
        """Every hit in ``documents``."""
        passes = []
        lengths = [sum([len(text) for _, text in document]) for document in documents]
        unread = {number: TOO_LONG for number, length in enumerate(lengths) if length > MOST_CHARACTERS}
        present = np.zeros((len(documents), self._lists), np.bool_)
        for part in _passes(lengths):
            shown = documents[part]
            if not unread.keys().isdisjoint(range(part.start, part.stop)):
                shown = [_beginning(document) for document in shown]
            passes.append(self._pass(Batch(shown), part.start, present[part]))
            unread.update({part.start + i: FLOODED for i in passes[-1].flooded.tolist()})
        return Hits(passes, present=present, late=self._late, unread=unread)

    def _pass(self, batch: Batch, first: int, present: Flags) -> Pass:
        """One batch; marks in ``present`` which lists its documents may have hits of."""
        atoms = [NO_ATOMS]
        rows, thinned = self._gathered(batch, atoms)
        if self.alternatives:
            self._mark_patterns(batch, atoms, present)
        is_cover = (rows.owner >= self._first_cover) & (rows.owner < self._first_clause)
        covers = in_order(rows.take(np.flatnonzero(is_cover)))
        terms = in_order(rows.take(np.flatnonzero(rows.owner < self._first_pattern)))
        terms = uncovered(terms, covers, self._list_of, self._covered, self._first_cover)
        place = batch.places_of(terms.at, terms.size)
        terms, place, flooded = most_of_each(terms, place, MOST_HITS)
        lists = self._list_of[terms.owner]
        present[place.document, lists] = True
        return Pass(batch, first, terms, place, lists, covers, np.union1d(flooded, thinned))

    def _mark_patterns(self, batch: Batch, atoms: Sequence[Atoms], present: Flags) -> None:
        """A pattern may match where all clauses of one of its alternatives stand, the first among its neighbours."""
        clause, position, document = map(np.concatenate, zip(*atoms, strict=True))
        stands = np.zeros((self._clauses, len(batch.documents)), np.bool_)
        stands[clause, document] = True
        # The last row is true of every document: it is the clause of alternatives without any.
        stands[-1] = True
        stand = np.bitwise_and.reduceat(np.packbits(stands, axis=1)[self._clauses_of], self._first_clauses, axis=0)
        asked = np.flatnonzero(self._setting_of[clause] >= 0)
        stand &= self._in_setting(batch, clause[asked], position[asked], document[asked], stand)
        lists = np.bitwise_or.reduceat(stand, self._first_alternatives, axis=0)
        may_match = np.unpackbits(lists, axis=1, count=len(batch.documents)).astype(np.bool_)
        present[:, self._lists_of_patterns] |= may_match.T

    def _in_setting(
        self, batch: Batch, clause: Index, position: Index, document: Index, stand: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.uint8]:
        """For each alternative and document, eight to a byte, whether the first clause has its neighbours, if any."""
        held = np.ones((len(stand), len(batch.documents)), np.bool_)
        held[self._alternative_of[self._alternative_of >= 0]] = False
        alternative = self._alternative_of[clause]
        bits = stand[alternative, document >> 3] >> (7 - (document & 7)).astype(np.uint8)
        asked = np.flatnonzero(bits & np.uint8(1))
        if len(asked):
            good = self.around.hold(batch.compact, self._setting_of[clause[asked]], position[asked])
            held[alternative[asked[good]], document[asked[good]]] = True
        return np.packbits(held, axis=1)

    def _gathered(self, batch: Batch, atoms: list[Atoms]) -> tuple[Rows, Index]:
        """The rows of all readings, and the documents of which some were left out: a flood is thinned on its way."""
        parts: list[Rows] = []
        flooded: Index = np.zeros(0, np.intp)
        count = 0
        for rows in self._all_rows(batch, atoms):
            parts.append(rows)
            count += len(rows.at)
            if count > MOST_ROWS:
                ordered = in_order(joined(parts))
                thinned, _, more = most_of_each(ordered, batch.places_of(ordered.at, ordered.size), MOST_GATHERED)
                parts, flooded = [thinned], np.union1d(flooded, more)
                count = len(thinned.at) - MOST_ROWS // 2
        return joined(parts), flooded

    def _all_rows(self, batch: Batch, atoms: list[Atoms]) -> Iterator[Rows]:
        """Reading by reading, most listings have only the first two."""
        words = self.vocabularies
        whole = Reading(batch.compact, batch.kept)
        yield from self._compact(batch, whole, atoms)
        yield from _rows(batch, Reading(batch.syllables, batch.kept), words.syllables)
        if bare := readings.without_aliases(batch):
            yield from self._compact(batch, bare)
        if leet := readings.leet(batch):
            for hits in _scan(batch, leet, words.latin):
                yield _owned(batch, only_leet(batch, leet, hits, words.latin.traits), words.latin, View.LEET)
        if masked := readings.masked(batch):
            for hits in _scan(batch, masked, words.masked):
                yield _owned(batch, check_masked(batch, masked, hits, words.masked.masked), words.masked)
        if backwards := readings.backwards(batch):
            for hits in _scan(batch, backwards, words.plain):
                yield _owned(batch, hits, words.plain, View.REVERSED)
        if downwards := readings.downwards(batch):
            for found in words.plain.literals.find(downwards.units):
                yield _owned(batch, check_downwards(downwards, found, words.plain.traits), words.plain, View.REVERSED)
        yield from self._decoded(batch)

    def _compact(self, batch: Batch, reading: Reading, atoms: list[Atoms] | None = None) -> Iterator[Rows]:
        """Terms, cover words and atoms in one scan. An atom counts for its clauses, whatever lies inside it."""
        words = self.vocabularies.compact
        for found in words.literals.find(reading.units):
            if atoms is not None:
                atoms.append(self._atoms(batch, found))
            chosen = np.flatnonzero(self._is_word[found.literal])
            others = Found(found.literal[chosen], found.position[chosen])
            yield _owned(batch, check(batch, reading, others, words.traits), words)

    def _atoms(self, batch: Batch, found: Found) -> Atoms:
        chosen = np.flatnonzero(self._is_atom[found.literal])
        owned = self.vocabularies.compact.owned(found.literal[chosen])
        clauses = np.flatnonzero(owned.owner >= self._first_clause)
        position = found.position[chosen][owned.row[clauses]]
        return Atoms(owned.owner[clauses] - self._first_clause, position, batch.documents_of_kept[position])

    def _decoded(self, batch: Batch) -> Iterator[Rows]:
        """Texts written in Base64: what they say counts where they stand."""
        found = decoded_texts(batch)
        if found:
            inner = Batch([(("", text),) for _, _, text in found])
            for rows in self._compact(inner, Reading(inner.compact, inner.kept)):
                token = inner.places_of(rows.at, rows.size).document
                at, size = (np.array([row[i] for row in found], np.intp)[token] for i in (0, 1))
                view = np.full(len(token), NUMBER_OF[View.DECODED])
                yield rows._replace(at=at, size=size, view=view).take(np.flatnonzero(rows.owner < self._first_pattern))


def _scan(batch: Batch, reading: Reading, words: Vocabulary) -> Iterator[Checked]:
    for found in words.literals.find(reading.units):
        yield check(batch, reading, found, words.traits)


def _rows(batch: Batch, reading: Reading, words: Vocabulary) -> Iterator[Rows]:
    for hits in _scan(batch, reading, words):
        yield _owned(batch, hits, words)


def _owned(batch: Batch, hits: Checked, words: Vocabulary, view: View | None = None) -> Rows:
    """One row for each owner of each hit."""
    if not len(hits.literal):
        return NO_ROWS
    owned = words.owned(hits.literal)
    start, end = batch.sources(np.minimum(hits.first, hits.last)), batch.sources(np.maximum(hits.first, hits.last)) + 1
    gap = hits.gap[owned.row]
    plain = np.where(gap > 0, NUMBER_OF[View.COMPACT], NUMBER_OF[View.FOLDED])
    own = np.where(owned.view == NUMBER_OF[View.FOLDED], plain, owned.view)
    views = own if view is None else np.full(len(own), NUMBER_OF[view])
    return Rows(start[owned.row], (end - start)[owned.row], owned.owner, views, gap)


def _passes(lengths: Sequence[int]) -> Iterator[slice]:
    """Cut into passes, each at most so many documents and characters, or one longer document."""
    first, size = 0, 0
    for number, length in enumerate(lengths):
        if number > first and (number - first >= PASS_DOCUMENTS or size + length > PASS_CHARACTERS):
            yield slice(first, number)
            first, size = number, 0
        size += length
    if first < len(lengths):
        yield slice(first, len(lengths))


def _beginning(document: Document) -> Document:
    """So much of a document as is read."""
    left = MOST_CHARACTERS
    fields = []
    for field, text in document:
        fields.append((field, text[:left]))
        left -= min(left, len(text))
    return tuple(fields)
