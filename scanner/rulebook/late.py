"""The places of patterns, looked for only in documents that matter already.

A pattern of digits stands in half of all listings; finding its places everywhere would cost more than all the rest.
Until somebody asks, a list that has such a pattern counts as possibly present.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from scanner.model import View
from scanner.rulebook.content import Content
from scanner.rulebook.patterns import Compiled, in_folded_alphabet
from scanner.rulebook.rows import NO_ROWS, NUMBER_OF, Rows, in_order, uncovered
from scanner.text.tables import load
from scanner.text.views import Batch, Folded, folded

# Matches of one pattern in one field.
MOST_MATCHES = 64


class Late:
    """The patterns of a lexicon."""

    def __init__(self, content: Content, covered: npt.NDArray[np.bool_]) -> None:
        """``covered[cover, list]`` says which lists a cover word covers."""
        tables = load()
        self.words = [entry.text for entry in content.entries]
        self._covered = covered
        self._first_cover = len(content.entries) + len(content.patterns)
        self.list_of = content.list_of
        self._list_of = np.array(content.list_of, np.intp)
        self._patterns = Compiled([in_folded_alphabet(pattern.re, tables) for pattern in content.patterns])

    def find(self, batch: Batch, document: int, covers: Rows) -> Rows:
        """The places of patterns in one document, those in cover words left out."""
        fields = [folded(batch, first, end) for first, end in batch.field_slots(document)]
        found = [*self._matches(fields)]
        if not found:
            return NO_ROWS
        owner, field, start, end = np.array(found, np.intp).T
        slots = np.concatenate([slots for _, slots in fields])
        base = np.cumsum([0, *(len(text) for text, _ in fields)])[field]
        first, last = slots[base + start], slots[base + end - 1]
        at, end = batch.sources(first), batch.sources(last) + 1
        plain = np.full(len(owner), NUMBER_OF[View.FOLDED])
        rows = in_order(Rows(at, end - at, owner, plain, np.zeros(len(owner), np.intp)))
        return uncovered(rows, covers, self._list_of, self._covered, self._first_cover)

    def _matches(self, fields: Sequence[Folded]) -> Iterator[tuple[int, int, int, int]]:
        for number, field, start, end in self._patterns.find([text for text, _ in fields], MOST_MATCHES):
            yield len(self.words) + number, field, start, end
