"""Where what was found: the engine's answer for a batch, as parallel arrays, and one document's share of it as marks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scanner.model import View
from scanner.rulebook.sight import Mark
from scanner.text.views import Document

Numbers = npt.NDArray[np.intp]

# The numbers in ``Hits.view`` index this.
VIEWS: tuple[View, ...] = tuple(View)
NUMBER_OF: Mapping[View, int] = {view: number for number, view in enumerate(VIEWS)}


class Rows(NamedTuple):
    """Hits not yet put in order, one row each."""

    document: Numbers
    field: Numbers
    start: Numbers
    end: Numbers
    entry: Numbers
    list: Numbers
    view: Numbers
    gap: Numbers

    def take(self, chosen: Numbers) -> Rows:
        """Some of the rows, in the order given."""
        return Rows(*(column[chosen] for column in self))


NO_ROWS = Rows(*(np.zeros(0, np.intp) for _ in Rows._fields))


def joined(parts: Sequence[Rows]) -> Rows:
    """All rows of several parts."""
    return Rows(*map(np.concatenate, zip(*parts, strict=True))) if parts else NO_ROWS


class Hits:
    """The hits of a batch, sorted by document, field and start.

    ``entry`` numbers the entries as given to ``Lexicon.build``; patterns follow them (``len(entries) + i``). ``start`` and
    ``end`` are characters of the original field text, ``field`` its number in the document. ``view`` indexes ``VIEWS``; ``gap``
    counts the characters dropped inside the hit. ``documents`` are those with any hit; ``present[document, list]`` says
    whether a list has any, so that documents can be ruled out by whole-array operations. ``unread`` names the documents
    that were not read whole, and why.
    """

    def __init__(
        self, rows: Rows, *, documents: Sequence[Document], lists: int, words: Sequence[str], unread: Mapping[int, str]
    ) -> None:
        """Sort ``rows``; ``words`` are what the entries read, patterns excepted."""
        order = np.lexsort((rows.entry, rows.end, rows.start, rows.field, rows.document))
        self.document, self.field, self.start, self.end, self.entry, self.list, self.view, self.gap = rows.take(order)
        self.documents: Numbers = np.unique(self.document)
        self.present: npt.NDArray[np.bool_] = np.zeros((len(documents), lists), np.bool_)
        self.present[self.document, self.list] = True
        self.unread = unread
        self._texts = documents
        self._words = words
        self._bounds = np.searchsorted(self.document, np.arange(len(documents) + 1))

    def __len__(self) -> int:
        """How many hits there are."""
        return len(self.document)

    def rows(self, document: int) -> slice:
        """The rows of one document."""
        return slice(int(self._bounds[document]), int(self._bounds[document + 1]))

    def marks(self, document: int) -> dict[int, list[Mark]]:
        """The hits of one document by list, each in the order of field and start."""
        rows = self.rows(document)
        texts = self._texts[document]
        marks: dict[int, list[Mark]] = {}
        columns = (self.field, self.start, self.end, self.entry, self.list, self.view, self.gap)
        for field, start, end, entry, number, view, gap in zip(*(c[rows].tolist() for c in columns), strict=True):
            name, text = texts[field]
            reads = self._words[entry] if entry < len(self._words) else text[start:end]
            mark = Mark(what=reads, field=name, start=start, end=end, view=VIEWS[view], reads=reads, gap=gap)
            marks.setdefault(number, []).append(mark)
        return marks
