"""The hits of one listing, list by list, each turned into marks only when a condition asks for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from scanner.rulebook.hits import Hits, Row
from scanner.rulebook.rows import VIEWS
from scanner.rulebook.sight import Mark
from scanner.text.views import Document


class Reading:
    """Marks by number of list. Those of ``patterns`` are looked for on demand."""

    def __init__(self, hits: Hits, number: int, document: Document, patterns: Collection[int]) -> None:
        self._hits = hits
        self._number = number
        self._document = document
        self._patterns = patterns

    def marks(self, number: int) -> Sequence[Mark]:
        """The marks of a list, in the order of the fields."""
        if number in self._patterns:
            return self._hits.late_marks(self._number, number)
        return [self._mark(row) for row in self._hits.table(self._number).get(number, ())]

    def _mark(self, row: Row) -> Mark:
        field, start, end, entry, view, gap = row
        reads = self._hits.words[entry]
        return Mark(reads, self._document[field][0], start, end, VIEWS[view], reads, gap)
