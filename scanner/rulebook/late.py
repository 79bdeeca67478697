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
import numpy.typing as npt

from scanner.model import View
from scanner.rulebook.content import Content
from scanner.rulebook.literals import Index
from scanner.rulebook.patterns import Compiled, Stretch
from scanner.rulebook.rows import NO_ROWS, NUMBER_OF, Rows, in_order, uncovered
from scanner.signals import Folding
from scanner.text.kinds import EDGE, Kind
from scanner.text.views import Batch

# Matches of one pattern in one field.
MOST_MATCHES = 64
# The first code that is in the folded view.
FIRST_SEEN = np.uint32(Kind.SEPARATOR << 16)
_BETWEEN = chr(EDGE).encode()


class Late:
    """The patterns of a lexicon."""

    def __init__(self, content: Content, covered: npt.NDArray[np.bool_]) -> None:
        """``covered[cover, list]`` says which lists a cover word covers."""
        self.words = [entry.text for entry in content.entries]
        self._covered = covered
        self._has_covers: npt.NDArray[np.bool_] = np.any(covered, axis=0)
        self._first_cover = len(content.entries) + len(content.patterns)
        self.list_of = content.list_of
        self._list_of = np.array(content.list_of, np.intp)
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
        fields = [field for document in documents for field in text.fields_of(document)]
        found = [row for number in self._of_list.get(wanted, ()) for row in self._matches(number, text, fields)]
        if not found:
            return NO_ROWS
        owner, start, end = np.array(found, np.intp).T
        at = text.sources(start)
        size = text.sources(end - 1) + 1 - at
        plain = np.full(len(owner), NUMBER_OF[View.FOLDED])
        rows = in_order(Rows(at, size, owner, plain, np.zeros(len(owner), np.intp)))
        if self._has_covers[wanted]:
            covers = covers.take(np.flatnonzero(self._covered[covers.owner - self._first_cover, wanted]))
            rows = uncovered(rows, covers, self._list_of, self._covered, self._first_cover)
        return rows

    def _matches(self, number: int, text: BatchText, fields: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """The matches of one pattern: owner, and first and last character, counted over the folded batch."""
        owner = len(self.words) + number
        for field, start, end in self._found(number, text.fields, fields):
            encoded, base = text.fields[field], text.starts[field]
            first = base + len(encoded[:start].decode())
            yield owner, first, first + len(encoded[start:end].decode())

    def _found(self, number: int, texts: Sequence[bytes], fields: Sequence[int]) -> Iterator[tuple[int, int, int]]:
        """The matches of one pattern: field, and first and last byte in it.

        RE2 reads the fields joined. A match that reaches over an edge says nothing of the fields that it touches:
        those are read one by one. So are all where the pattern asks for the beginning or the end of the text.
        """
        again: Collection[int] = range(len(fields))
        if not self._patterns.is_anchored(number):
            inside, again = self._joined(number, [texts[field] for field in fields])
            for place, found in inside.items():
                if place not in again:
                    yield from ((fields[place], start, end) for start, end in found)
        for field in (fields[place] for place in again):
            for start, end in islice(self._patterns.matches(number, texts[field]), MOST_MATCHES):
                yield field, start, end

    def _joined(self, number: int, texts: Sequence[bytes]) -> tuple[dict[int, list[Stretch]], set[int]]:
        """The matches in each text, found in all of them joined, and the texts that a match over an edge touches."""
        joined = _BETWEEN.join(texts)
        starts = [0, *accumulate(len(text) + len(_BETWEEN) for text in texts)]
        inside: dict[int, list[Stretch]] = {}
        across: set[int] = set()
        position = 0
        while (match := self._patterns.first(number, joined, position)) is not None:
            start, position = match
            place = bisect_right(starts, start) - 1
            base = starts[place]
            if position > starts[place + 1] - len(_BETWEEN):
                across.update(range(place, bisect_right(starts, position - 1)))
                continue
            found = inside.setdefault(place, [])
            found.append((start - base, position - base))
            if len(found) == MOST_MATCHES:
                position = starts[place + 1]
        return inside, across


class BatchText:
    """A batch as patterns read it: folded once, and cut into fields in RE2's encoding."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._dropped: Index = np.flatnonzero(batch.codes < FIRST_SEEN)
        units = batch.codes.astype("<u2")
        self._seen = np.delete(units, self._dropped) if len(self._dropped) else units
        self._text = self._seen.tobytes().decode("utf-16-le", "surrogatepass")
        self.fields: list[bytes] = self._text.encode().split(_BETWEEN)

    def fields_of(self, document: int) -> range:
        """The numbers of a document's fields, counted over the batch."""
        first, end = self._batch.fields_before[document : document + 2].tolist()
        return range(first, end)

    def folding(self, document: int) -> Folding:
        """The fields of a document as one text, each with its edge."""
        fields = self.fields_of(document)
        first, end = self.starts[fields.start], self.starts[fields.stop]
        base = int(self._batch.field_starts[fields.start])
        return Folding(self._text[first:end], lambda: self.sources(np.arange(first, end)) - base)

    @cached_property
    def starts(self) -> list[int]:
        """Where each field begins, in folded characters of the batch."""
        return [0, *(np.flatnonzero(self._seen == EDGE) + 1).tolist()]

    def sources(self, characters: Index) -> Index:
        """The original characters, counted over the batch, that folded ones came from."""
        before = self._dropped - np.arange(len(self._dropped))
        return self._batch.sources(characters + np.searchsorted(before, characters, side="right"))
