"""The places of patterns, looked for only in documents that matter already.

A pattern of digits stands in half of all listings; finding its places everywhere would cost more than all the rest.
Until somebody asks, a list that has such a pattern counts as possibly present.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from itertools import accumulate

import numpy as np
import numpy.typing as npt

from scanner.model import View
from scanner.rulebook.content import Content
from scanner.rulebook.literals import Index
from scanner.rulebook.patterns import Compiled
from scanner.rulebook.rows import NO_ROWS, NUMBER_OF, Rows, in_order, uncovered
from scanner.text.kinds import EDGE, Kind
from scanner.text.views import Batch

# Matches of one pattern in one field.
MOST_MATCHES = 64
# The first code that is in the folded view.
FIRST_SEEN = np.uint32(Kind.SEPARATOR << 16)


class Late:
    """The patterns of a lexicon."""

    def __init__(self, content: Content, covered: npt.NDArray[np.bool_]) -> None:
        """``covered[cover, list]`` says which lists a cover word covers."""
        self.words = [entry.text for entry in content.entries]
        self._covered = covered
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

    def find(self, text: BatchText, document: int, lists: Iterable[int]) -> Rows:
        """The places of the patterns of some lists in one document."""
        found = [*self._matches(text, document, lists)]
        if not found:
            return NO_ROWS
        owner, start, end = np.array(found, np.intp).T
        at = text.sources(start)
        size = text.sources(end - 1) + 1 - at
        plain = np.full(len(owner), NUMBER_OF[View.FOLDED])
        return in_order(Rows(at, size, owner, plain, np.zeros(len(owner), np.intp)))

    def uncovered(self, rows: Rows, covers: Rows) -> Rows:
        """The rows that lie in no cover word."""
        return uncovered(rows, covers, self._list_of, self._covered, self._first_cover)

    def _matches(self, text: BatchText, document: int, lists: Iterable[int]) -> Iterator[tuple[int, int, int]]:
        numbers = [number for wanted in lists for number in self._of_list.get(wanted, ())]
        for field in text.fields_of(document):
            encoded = text.encoded(field)
            for number in numbers:
                for start, end in self._patterns.matches(number, encoded, MOST_MATCHES):
                    base = text.starts[field]
                    yield len(self.words) + number, base + start, base + end


class BatchText:
    """A batch as patterns read it: folded once, field by field, in RE2's encoding where one is asked for."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch
        self._dropped: Index = np.flatnonzero(batch.codes < FIRST_SEEN)
        units = batch.codes.astype("<u2")
        seen = np.delete(units, self._dropped) if len(self._dropped) else units
        self.texts = seen.tobytes().decode("utf-16-le", "surrogatepass").split(chr(EDGE))
        self._encoded: dict[int, bytes] = {}

    def fields_of(self, document: int) -> range:
        """The numbers of a document's fields, counted over the batch."""
        first, end = self._batch.fields_before[document : document + 2].tolist()
        return range(first, end)

    def encoded(self, field: int) -> bytes:
        """The folded text of a field in UTF-8."""
        if field not in self._encoded:
            self._encoded[field] = self.texts[field].encode()
        return self._encoded[field]

    @cached_property
    def starts(self) -> list[int]:
        """Where each field begins, in folded characters of the batch."""
        return list(accumulate((len(text) + 1 for text in self.texts), initial=0))

    def sources(self, characters: Index) -> Index:
        """The original characters, counted over the batch, that folded ones came from."""
        before = self._dropped - np.arange(len(self._dropped))
        return self._batch.sources(characters + np.searchsorted(before, characters, side="right"))
