"""Where what was found: the engine's answer for a batch, as arrays, and one document's share of it as marks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial
from itertools import chain
from operator import itemgetter

import numpy as np
import numpy.typing as npt

from scanner.model import View
from scanner.rulebook.content import Words
from scanner.rulebook.late import BatchText, Late
from scanner.rulebook.likenesses import Likenesses
from scanner.rulebook.literals import Index, spans
from scanner.rulebook.passes import Known, OfEach, Pass, Passes, Placed
from scanner.rulebook.rows import NUMBER_OF, VIEWS, Rows, in_order, joined
from scanner.rulebook.sight import Mark
from scanner.signals import Folding
from scanner.text.views import Place

Flags = npt.NDArray[np.bool_]
Marks = dict[int, list[Mark]]
Row = tuple[int, ...]
Table = dict[int, list[Row]]

_DOCUMENT = itemgetter(0)
_ByDocument = dict[int, list[Placed]]
_NOTHING: Mapping[int, Sequence[Placed]] = {}
# So few pairs are looked at one by one: it takes longer to make arrays of them.
_FEW = 64


def _pairs(documents: Mapping[int, Sequence[int]]) -> tuple[Index, Index]:
    """The documents of some lists, and the list of each."""
    counts = [len(own) for own in documents.values()]
    return np.array([*chain(*documents.values())], np.intp), np.repeat(np.array([*documents], np.intp), counts)


def _text(texts: dict[int, BatchText], part: Pass) -> BatchText:
    """A pass as patterns read it, made once."""
    if part.first not in texts:
        texts[part.first] = BatchText(part.batch)
    return texts[part.first]


def _encoded(texts: dict[int, BatchText], part: Pass, own: Sequence[int]) -> list[bytes]:
    return _text(texts, part).encoded(own)


class Hits:
    """The hits of terms in a batch as arrays, sorted by document, field and start; patterns on demand.

    ``present[document, list]`` is false where a list has no hit: whole-array operations on it rule documents out. It
    is true where it has one, or may have one: places of patterns are found by ``marks``, for
    documents that somebody asks about.

    ``entry`` numbers the entries as given to ``Lexicon.build``. ``start`` and ``end`` are characters of the original
    field text, ``field`` its number in the document, ``view`` indexes ``VIEWS``, ``gap`` counts the characters
    dropped inside the hit. ``unread`` names the documents that were not read whole, and why. ``floods`` tells for lists
    the documents in which they have more hits than are told of.
    """

    def __init__(self, passes: Sequence[Pass], *, present: Flags, late: Late, unread: Mapping[int, str]) -> None:
        self.present = present
        self.unread = unread
        self.floods: dict[int, set[int]] = {}
        for part in passes:
            for document, number in part.floods:
                self.floods.setdefault(number, set()).add(part.first + document)
        self.passes = Passes(passes)
        self.likeness = Likenesses(self.passes)
        self._late = late
        self._settled: dict[int, dict[int, Sequence[Placed]]] = {}
        self._texts: dict[int, BatchText] = {}
        # Without a way back to these hits: else a batch stays in memory until cycles are looked for.
        self._in_utf8 = OfEach(self.passes, partial(_encoded, self._texts))
        self._tables: dict[int, Mapping[int, Sequence[Row]]] = {}
        self._bounds = [0]
        for part in passes:
            counts = np.bincount(part.place.document, minlength=len(part.batch.documents))
            self._bounds += (self._bounds[-1] + np.cumsum(counts)).tolist()

    def __len__(self) -> int:
        """How many hits of terms there are."""
        return self._bounds[-1]

    @cached_property
    def document(self) -> Index:
        """The number of the document of each hit."""
        return self._column([part.place.document + part.first for part in self.passes])

    @cached_property
    def field(self) -> Index:
        """The number of the field in the document."""
        return self._column([part.place.field for part in self.passes])

    @cached_property
    def start(self) -> Index:
        """The first character in the field's original text."""
        return self._column([part.place.start for part in self.passes])

    @cached_property
    def end(self) -> Index:
        """The character after the last."""
        return self._column([part.place.end for part in self.passes])

    @cached_property
    def entry(self) -> Index:
        """The number of the entry."""
        return self._column([part.terms.owner for part in self.passes])

    @cached_property
    def list(self) -> Index:
        """The number of the entry's list."""
        return self._column([part.lists for part in self.passes])

    @cached_property
    def view(self) -> Index:
        """The view that the hit counts in, as a number in ``VIEWS``."""
        return self._column([part.terms.view for part in self.passes])

    @cached_property
    def gap(self) -> Index:
        """How many characters the view drops inside the hit."""
        return self._column([part.terms.gap for part in self.passes])

    @cached_property
    def as_marks(self) -> npt.NDArray[np.int32]:
        """A row for each hit: list, field, start, end, whether it is disguised, entry, view and gap."""
        marks = np.empty((len(self), 8), np.int32)
        first = 0
        for part in self.passes:
            own, rows, place = marks[first : (first := first + len(part.lists))], part.terms, part.place
            is_disguised = (rows.gap > 0) | (rows.view != NUMBER_OF[View.FOLDED])
            columns = part.lists, place.field, place.start, place.end, is_disguised, rows.owner, rows.view, rows.gap
            for number, column in enumerate(columns):
                own[:, number] = column
        return marks

    @property
    def words(self) -> Words:
        """What the entries read, by number."""
        return self._late.words

    @property
    def documents(self) -> Index:
        """The documents with any hit of a term."""
        return np.flatnonzero(np.diff(self._bounds))

    @cached_property
    def flooded(self) -> frozenset[int]:
        """The documents in which some list has more hits than are told of."""
        return frozenset().union(*self.floods.values())

    def rows(self, document: int) -> slice:
        """The rows of one document."""
        return slice(self._bounds[document], self._bounds[document + 1])

    def lists_of(self, document: int) -> int:
        """The lists that may have hits in a document, a bit for each, list 0 being bit 0."""
        return int.from_bytes(np.packbits(self.present[document], bitorder="little").tobytes(), "little")

    def table(self, document: int) -> Mapping[int, Sequence[Row]]:
        """The rows of a document by list: field, start, end, entry, view, gap."""
        if document not in self._tables:
            table: Table = {}
            for number, field, start, end, _, entry, view, gap in self.as_marks[self.rows(document)].tolist():
                table.setdefault(number, []).append((field, start, end, entry, view, gap))
            self._tables[document] = table
        return self._tables[document]

    def tabulate(self, wanted: Mapping[int, Flags]) -> None:
        """Make the tables of some documents at once, each with the lists that are wanted in it."""
        slices = [self.rows(document) for document in wanted]
        counts = np.array([rows.stop - rows.start for rows in slices], np.intp)
        rows = spans(np.array([rows.start for rows in slices], np.intp), counts)
        number = np.repeat(np.arange(len(slices)), counts)
        chosen = np.flatnonzero(np.array(list(wanted.values()))[number, self.list[rows]]) if len(rows) else rows
        rows, number = rows[chosen], number[chosen]
        tables: tuple[Table, ...] = tuple({} for _ in slices)
        columns = (self.field, self.start, self.end, self.entry, self.view, self.gap)
        made = zip(*(column[rows].tolist() for column in columns), strict=True)
        for at, own, row in zip(number.tolist(), self.list[rows].tolist(), made, strict=True):
            tables[at].setdefault(own, []).append(row)
        self._tables.update(zip(wanted, tables, strict=True))

    def marks(self, document: int) -> Marks:
        """All hits of one document by list, patterns too, in the order of field and start."""
        part = self.passes.of(document)
        begin, end = (bound - self._bounds[part.first] for bound in self._bounds[document : document + 2])
        terms = part.terms.take(np.arange(begin, end))
        wanted = {number: [document] for number in self._late.lists}
        late = [rows for _, rows in self._late_rows(wanted)]
        marks: Marks = {}
        for one in self._placed(part, in_order(joined([terms, *late]))):
            marks.setdefault(self._late.list_of[one.owner], []).append(self._mark(part, one))
        return marks

    def late_marks(self, document: int, number: int) -> Sequence[Mark]:
        """The hits of a list's patterns in one document, which the arrays do not have; looked for once."""
        if not self.present[document, number]:
            return ()
        if document not in self._settled.get(number, ()):
            self.settle({number: [document]})
        part = self.passes.of(document)
        return [self._mark(part, one) for one in self.placed(document, number)]

    def placed(self, document: int, number: int) -> Sequence[Placed]:
        """The hits of a list's patterns in one document that are known."""
        return self.placed_in(number).get(document, ())

    def placed_in(self, number: int) -> Mapping[int, Sequence[Placed]]:
        """The same in all documents."""
        return self._settled.get(number, _NOTHING)

    def late(self) -> Mapping[int, Sequence[tuple[int, Sequence[Placed]]]]:
        """The hits of patterns as far as they are known: by document, list by list."""
        known: dict[int, list[tuple[int, Sequence[Placed]]]] = {}
        for number, found in self._settled.items():
            for document, placed in found.items():
                if placed:
                    known.setdefault(document, []).append((number, placed))
        return known

    def late_places(self, documents: Sequence[int], number: int) -> Place:
        """Where the hits of a list's patterns are that are known, in some documents."""
        found = [(document, *one[1:4]) for document in documents for one in self._settled[number][document]]
        return Place(*np.array(found, np.intp).reshape(-1, len(Place._fields)).T)

    def settle(self, wanted: Mapping[int, Sequence[int]]) -> dict[int, Sequence[int]]:
        """Find out where lists of patterns have hits in some documents, in order; what is known is not asked again.

        Returns the documents that turn out to have hits, by list.
        """
        asked = self._open(wanted)
        for number, documents in asked.items():
            self._settled.setdefault(number, {}).update(dict.fromkeys(documents, ()))
        found: dict[int, _ByDocument] = {number: {} for number in asked}
        list_of = self._late.list_of
        for part, rows in self._late_rows(asked):
            for one in self._placed(part, rows):
                found[list_of[one.owner]].setdefault(part.first + one.document, []).append(one)
        for number, hits in found.items():
            self._settled[number].update(hits)
        having: dict[int, Sequence[int]] = {number: [*hits] for number, hits in found.items()}
        self._note(asked, is_present=False)
        self._note(having, is_present=True)
        return having

    def having(self, wanted: Mapping[int, Sequence[int]]) -> dict[int, Sequence[int]]:
        """The same, without finding out where, and at less cost, wherever that is enough to know."""
        plain: dict[int, Sequence[int]] = {}
        others: dict[int, Sequence[int]] = {}
        for number, documents in self._open(wanted).items():
            twice = set(documents) if self._late.has_covers(number) else self._read_twice.intersection(documents)
            plain[number] = [document for document in documents if document not in twice]
            others[number] = [document for document in documents if document in twice]
        having = self._late.having(plain, self._encoded(plain))
        self._note(plain, is_present=False)
        self._note(having, is_present=True)
        for number, found in self.settle(others).items():
            having[number] = [*having.get(number, ()), *found]
        return having

    @cached_property
    def _read_twice(self) -> frozenset[int]:
        """The documents in which characters were joined."""
        parts = [part.unjoined.documents + part.first for part in self.passes if part.unjoined is not None]
        return frozenset(np.concatenate(parts).tolist()) if parts else frozenset()

    def known(self, documents: Sequence[int], lists: Index) -> Known:
        """What is known of some documents; ``lists`` are those of patterns that were asked for."""
        absent = np.zeros((len(documents), self.present.shape[1]), np.bool_)
        absent[:, lists] = ~self.present[documents][:, lists]
        words = np.concatenate([self._words_of(part) for part in self.passes])[documents]
        return Known(absent, words, self.likeness.scores[documents] if self.likeness.is_scored else None)

    @staticmethod
    def _words_of(part: Pass) -> npt.NDArray[np.int32]:
        """How many words each document of a pass has."""
        if part.words is not None:
            return part.words
        return np.bincount(part.place.document, minlength=len(part.batch.documents)).astype(np.int32)

    def know(self, known: Known) -> None:
        """Take it from an earlier look which patterns have no hits, as far as it read the same: in a flood cover words
        may be left out."""
        believed = np.ones(len(known.absent), np.bool_)
        believed[[*self.flooded]] = False
        self.present &= ~(known.absent & believed[:, None])
        if known.scores is not None:
            self.likeness = Likenesses(self.passes, known.scores)

    def _open(self, wanted: Mapping[int, Sequence[int]]) -> Mapping[int, Sequence[int]]:
        """Those of some documents in which lists of patterns may have hits that are not known."""
        may_have = self._may_have(wanted)
        asked: dict[int, Sequence[int]] = {}
        for number, documents in wanted.items():
            known = self._settled.get(number, _NOTHING)
            pairs = zip(documents, may_have, strict=False)
            if left := [document for document, may in pairs if may and document not in known]:
                asked[number] = left
        return asked

    def _may_have(self, wanted: Mapping[int, Sequence[int]]) -> Iterator[bool]:
        """Of each pair of a document and its list whether there may be hits."""
        present = self.present
        if len(wanted) * len(present) > _FEW:
            return iter(present[_pairs(wanted)].tolist())
        return (bool(present[document, number]) for number, own in wanted.items() for document in own)

    def _note(self, documents: Mapping[int, Sequence[int]], *, is_present: bool) -> None:
        """Note of some lists in which documents they have hits, or have none."""
        if len(documents) * len(self.present) > _FEW:
            self.present[_pairs(documents)] = is_present
            return
        for number, own in documents.items():
            for document in own:
                self.present[document, number] = is_present

    def folding(self, document: int) -> Folding:
        """The folded fields of one document."""
        # Where characters stand is asked of few.
        return Folding(self._in_utf8.of(document), partial(self._places, document))

    def _places(self, document: int) -> Index:
        """Where the characters of a document stand that is folded."""
        part = self.passes.of(document)
        return _text(self._texts, part).places(document - part.first)

    def _late_rows(self, wanted: Mapping[int, Sequence[int]]) -> Iterator[tuple[Pass, Rows]]:
        """Where lists of patterns stand in some documents, in order, pass by pass."""
        matches = self._late.matches(wanted, self._encoded(wanted))
        for part in self.passes:
            read = range(part.first, part.first + len(part.batch.documents))
            bounds = (bisect_left(matches, bound, key=_DOCUMENT) for bound in (read.start, read.stop))
            rows = self._late.rows(_text(self._texts, part), matches[slice(*bounds)], part.covers, part.first)
            if part.unjoined is not None:
                more = part.unjoined.late(self._late, wanted, part.covers_unjoined, part.first)
                rows = in_order(joined([rows, more])) if len(more.at) else rows
            if len(rows.at):
                yield part, rows

    def _encoded(self, wanted: Mapping[int, Sequence[int]]) -> Mapping[int, bytes]:
        """Documents as patterns read them, all that are wanted among them."""
        self.encode(set().union(*wanted.values()))
        return self._in_utf8.known

    def encode(self, documents: Iterable[int]) -> None:
        """Put documents into UTF-8, which patterns and signals read; together they take a fraction of the time."""
        self._in_utf8.read(documents)

    def _placed(self, part: Pass, rows: Rows) -> Iterator[Placed]:
        if not len(rows.at):
            return iter(())
        place = part.batch.places_of(rows.at, rows.size)
        columns = (*place, rows.owner, rows.view, rows.gap)
        return map(Placed._make, zip(*(column.tolist() for column in columns), strict=True))

    def _mark(self, part: Pass, one: Placed) -> Mark:
        words = self._late.words
        name, text = part.batch.documents[one.document][one.field]
        reads = words[one.owner] if one.owner < len(words) else text[one.start : one.end]
        return Mark(reads, name, one.start, one.end, VIEWS[one.view], reads, one.gap)

    def _column(self, parts: Sequence[Index]) -> Index:
        return np.concatenate(parts) if parts else np.zeros(0, np.intp)
