"""The places of patterns, looked for only in documents that matter already.

A pattern of digits stands in half of all listings; finding its places everywhere would cost more than all the rest.
Until somebody asks, a list that has such a pattern counts as possibly present.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator

import numpy as np
import numpy.typing as npt

from scanner.model import View
from scanner.rulebook.content import Content
from scanner.rulebook.patterns import Compiled, in_folded_alphabet
from scanner.rulebook.rows import NO_ROWS, NUMBER_OF, Rows, in_order, uncovered
from scanner.text.kinds import EDGE
from scanner.text.tables import load
from scanner.text.views import Batch, folded

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
        self._of_list: dict[int, list[int]] = {}
        for number, pattern in enumerate(content.patterns):
            self._of_list.setdefault(pattern.list, []).append(number)

    @property
    def lists(self) -> Collection[int]:
        """The lists that have patterns."""
        return self._of_list.keys()

    def find(self, text: DocumentText, lists: Iterable[int], covers: Rows) -> Rows:
        """The places of the patterns of some lists in one document, those in cover words left out."""
        found = [*self._matches(text, lists)]
        if not found:
            return NO_ROWS
        owner, start, end = np.array(found, np.intp).T
        at = text.batch.sources(text.slots[start])
        size = text.batch.sources(text.slots[end - 1]) + 1 - at
        plain = np.full(len(owner), NUMBER_OF[View.FOLDED])
        rows = in_order(Rows(at, size, owner, plain, np.zeros(len(owner), np.intp)))
        return uncovered(rows, covers, self._list_of, self._covered, self._first_cover)

    def _matches(self, text: DocumentText, lists: Iterable[int]) -> Iterator[tuple[int, int, int]]:
        for number in (number for wanted in lists for number in self._of_list.get(wanted, ())):
            for base, field in text.fields:
                for start, end in self._patterns.matches(number, field, MOST_MATCHES):
                    yield len(self.words) + number, base + start, base + end


class DocumentText:
    """One document as patterns read it: folded once, field by field, in RE2's encoding."""

    def __init__(self, batch: Batch, document: int) -> None:
        first, end = batch.document_slots[document : document + 2].tolist()
        self.batch = batch
        text, self.slots = folded(batch, first, end)
        self.fields: list[tuple[int, bytes]] = []
        base = 0
        for field in text.split(chr(EDGE))[:-1]:
            self.fields.append((base, field.encode()))
            base += len(field) + 1
