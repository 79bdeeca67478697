"""Documents in which characters were joined, read once more as they stand.

Joining takes whatever could be parts of a character, and plain words with it: 广发 is read as 废 then. It must not hide
them, so both readings are looked through, each with its own cover words. Where no document shows a bare radical there
is no second one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Self

import numpy as np

from scanner.rulebook.late import BatchText, Late
from scanner.rulebook.literals import Index
from scanner.rulebook.rows import NO_ROWS, Rows
from scanner.text.views import Batch


class Unjoined:
    """Some documents of a batch; ``documents`` are their numbers there, and ``batch`` is theirs alone."""

    def __init__(self, whole: Batch, documents: Index) -> None:
        """``documents`` are in order, and none is empty."""
        self.documents = documents
        self.batch = Batch([whole.documents[at] for at in documents.tolist()], tables=whole.tables, joins=False)
        self._starts = self.batch.field_starts[self.batch.fields_before[:-1]]
        self._further = whole.field_starts[whole.fields_before[documents]] - self._starts

    @classmethod
    def of(cls, whole: Batch) -> Self | None:
        """The documents of a batch in which something was joined, if there are any."""
        if not len(whole.joined.first):
            return None
        return cls(whole, np.unique(np.searchsorted(whole.document_slots, whole.joined.first, side="right") - 1))

    def outside(self, rows: Rows) -> Rows:
        """Rows of this batch with their places in the whole one."""
        return rows._replace(at=rows.at + self._further[np.searchsorted(self._starts, rows.at, side="right") - 1])

    def late(self, late: Late, wanted: Mapping[int, Sequence[int]], covers: Rows, before: int = 0) -> Rows:
        """Where patterns stand in documents, by list, as far as these are read again; so many are ``before`` those of
        the whole batch."""
        place = self._place
        asked = {
            number: [place[document - before] for document in documents if document - before in place]
            for number, documents in wanted.items()
        }
        documents = sorted(set().union(*asked.values()))
        if not documents:
            return NO_ROWS
        encoded = dict(zip(documents, self._text.encoded(documents), strict=True))
        return self.outside(late.rows(self._text, late.matches(asked, encoded), covers))

    @cached_property
    def _place(self) -> Mapping[int, int]:
        """Where each document of the whole batch stands among these."""
        return {document: place for place, document in enumerate(self.documents.tolist())}

    @cached_property
    def _text(self) -> BatchText:
        return BatchText(self.batch)
