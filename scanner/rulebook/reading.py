"""The hits of one listing, list by list, each turned into marks only when a condition asks for it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

from scanner.rulebook.hits import Hits
from scanner.rulebook.rows import VIEWS
from scanner.rulebook.sight import Mark
from scanner.text.views import Document

_Row = tuple[int, ...]


class Reading:
    """Marks by number of list. Those of ``patterns`` are looked for on demand."""

    def __init__(self, hits: Hits, number: int, document: Document, patterns: Collection[int]) -> None:
        self._hits = hits
        self._number = number
        self._document = document
        self._patterns = patterns

    def has(self, number: int) -> bool:
        """Whether a list may have hits."""
        return number in self._present

    @cached_property
    def _present(self) -> frozenset[int]:
        return frozenset(self._hits.present[self._number].nonzero()[0].tolist())

    def marks(self, number: int) -> Sequence[Mark]:
        """The marks of a list, in the order of the fields."""
        if number in self._patterns:
            return self._hits.late_marks(self._number, number)
        return [self._mark(row) for row in self._rows.get(number, ())]

    @cached_property
    def _rows(self) -> dict[int, list[_Row]]:
        hits, rows = self._hits, self._hits.rows(self._number)
        columns = (hits.field, hits.start, hits.end, hits.entry, hits.view, hits.gap)
        by_list: dict[int, list[_Row]] = {}
        table = zip(*(column[rows].tolist() for column in columns), strict=True)
        for number, row in zip(hits.list[rows].tolist(), table, strict=True):
            by_list.setdefault(number, []).append(row)
        return by_list

    def _mark(self, row: _Row) -> Mark:
        field, start, end, entry, view, gap = row
        reads = self._hits.words[entry]
        return Mark(reads, self._document[field][0], start, end, VIEWS[view], reads, gap)
