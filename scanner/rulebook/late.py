"""The places of patterns, looked for only in documents that matter already.

A pattern of digits stands in half of all listings; finding its places everywhere would cost more than all the rest.
Until somebody asks, a list that has such a pattern counts as possibly present. What is asked of many documents is
asked of all at once: their fields are joined, RE2 runs over them in one go, and only what matched is looked at again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterator, Sequence
from functools import cached_property
from itertools import accumulate, islice

import numpy as np

from scanner import kernels
from scanner.kernels import encoding
from scanner.model import View
from scanner.rulebook.content import Content
from scanner.rulebook.literals import Index
from scanner.rulebook.patterns import Compiled
from scanner.rulebook.rows import NO_ROWS, NUMBER_OF, Rows, in_order, uncovered
from scanner.signals import Folding
from scanner.text.kinds import EDGE, Kind
from scanner.text.views import Batch

# Matches of one pattern in one field.
MOST_MATCHES = 64
# What stands behind each field in the folded text, as RE2 reads it.
EDGE_BYTES = chr(EDGE).encode()
# From which units on UTF-8 takes two and three bytes.
_TWO_BYTES, _THREE_BYTES = np.uint16(0x80), np.uint16(0x800)

# A text by its place among several, and where in it a match begins and ends, in bytes.
_Found = tuple[int, int, int]


class Late:
    """The patterns of a lexicon."""

    def __init__(self, content: Content) -> None:
        self.words = content.words
        self._has_covers = np.bincount(content.cover_lists, minlength=content.lists) > 0
        self._list_of = content.list_of.astype(np.intp)
        self.list_of: list[int] = self._list_of.tolist()
        self._patterns = Compiled([pattern.re for pattern in content.patterns])
        self._of_list: dict[int, list[int]] = {}
        for number, pattern in enumerate(content.patterns):
            self._of_list.setdefault(pattern.list, []).append(number)

    @property
    def lists(self) -> Collection[int]:
        """The lists that have patterns."""
        return self._of_list.keys()

    def find(self, text: BatchText, documents: Sequence[int], wanted: int, covers: Rows) -> Rows:
        """The places of the patterns of one list in some documents, in order, without those in its cover words."""
        found = [row for number in self._of_list.get(wanted, ()) for row in self._matches(number, text, documents)]
        if not found:
            return NO_ROWS
        owner, start, end = np.ascontiguousarray(np.array(found, np.intp).T)
        at = text.sources(start)
        size = text.ends(end - 1) - at
        plain = np.full(len(owner), NUMBER_OF[View.FOLDED])
        rows = Rows(at, size, owner, plain, np.zeros(len(owner), np.intp))
        if not (at[1:] > at[:-1]).all():
            rows = in_order(rows)
        if self._has_covers[wanted]:
            covers = covers.take(np.flatnonzero(self._list_of[covers.owner] == wanted))
            rows = uncovered(rows, covers, self._list_of)
        return rows

    def _matches(self, number: int, text: BatchText, documents: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """The matches of one pattern: owner, and first and last character, counted over the folded batch."""
        owner = len(self.words) + number
        encoded = [text.encoded(document) for document in documents]
        last, at, characters = -1, 0, 0
        for place, start, end in self._found(number, encoded):
            if place != last or start < at:
                last, at, characters = place, 0, text.starts[documents[place]]
            first = characters + len(encoded[place][at:start].decode())
            at, characters = end, first + len(encoded[place][start:end].decode())
            yield owner, first, characters

    def _found(self, number: int, texts: Sequence[bytes]) -> Iterator[_Found]:
        """The matches of one pattern.

        RE2 reads the documents joined. A match that reaches over the edge of a field says nothing of the documents that
        it touches: those are read field by field. So are all where the pattern asks for a beginning or an end.
        """
        again: Collection[int] = range(len(texts))
        if not self._patterns.is_anchored(number):
            found, again = self._joined(number, texts)
            yield from (one for one in found if one[0] not in again)
        for place in again:
            base = 0
            for field in texts[place].split(EDGE_BYTES):
                for start, end in islice(self._patterns.matches(number, field), MOST_MATCHES):
                    yield place, base + start, base + end
                base += len(field) + len(EDGE_BYTES)

    def _joined(self, number: int, texts: Sequence[bytes]) -> tuple[list[_Found], set[int]]:
        """The matches in all texts joined, and the texts that a match over an edge touches."""
        joined = b"".join(texts)
        found: list[_Found] = []
        across: set[int] = set()
        field, count, starts = -1, 0, [0]
        match = self._patterns.first(number, joined)
        if match is not None:
            starts = [0, *accumulate(map(len, texts))]
        while match is not None:
            start, end = match
            place = bisect_right(starts, start) - 1
            if EDGE_BYTES in joined[start:end]:
                across.update(range(place, bisect_right(starts, end - 1)))
            else:
                found.append((place, start - starts[place], end - starts[place]))
                own = joined.rfind(EDGE_BYTES, starts[place], start)
                field, count = (own, count + 1) if own == field and count else (own, 1)
                if count == MOST_MATCHES:
                    end = joined.find(EDGE_BYTES, end)
            match = self._patterns.first(number, joined, end)
        return found, across


class BatchText:
    """A batch as patterns read it: the folded view, document by document, each field with its edge behind it."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._dropped: Index = np.flatnonzero(batch.kinds < np.uint8(Kind.SEPARATOR))
        slots = batch.document_slots
        self.starts: list[int] = (slots - np.searchsorted(self._dropped, slots)).tolist()

    @cached_property
    def _encoded(self) -> tuple[bytes, list[int]]:
        """All of it in UTF-8, and where each document begins in that."""
        batch, library = self._batch, kernels.library()
        if library is not None:
            return encoding.encoded(library, batch.units, batch.kinds, batch.document_slots)
        seen = np.delete(batch.units, self._dropped) if len(self._dropped) else batch.units
        sizes = (seen >= _TWO_BYTES).astype(np.uint8) + (seen >= _THREE_BYTES) + np.uint8(1)
        ends = np.concatenate(([0], np.cumsum(sizes, dtype=np.intp)))
        return seen.astype("<u2").tobytes().decode("utf-16-le", "surrogatepass").encode(), ends[self.starts].tolist()

    def encoded(self, document: int) -> bytes:
        """The folded text of a document in UTF-8, which RE2 reads."""
        encoded, starts = self._encoded
        return encoded[starts[document] : starts[document + 1]]

    def folding(self, document: int) -> Folding:
        """The fields of a document as signals read them."""
        first, end = self.starts[document : document + 2]
        base = int(self._batch.field_starts[self._batch.fields_before[document]])
        return Folding(self.encoded(document), lambda: self.sources(np.arange(first, end)) - base)

    def sources(self, characters: Index) -> Index:
        """The original characters, counted over the batch, that folded ones came from."""
        return self._batch.sources(self._slots(characters))

    def ends(self, characters: Index) -> Index:
        """The original character after each folded one."""
        return self._batch.ends(self._slots(characters))

    def _slots(self, characters: Index) -> Index:
        before = self._dropped - np.arange(len(self._dropped))
        return characters + np.searchsorted(before, characters, side="right")
