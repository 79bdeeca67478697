"""Where in a batch the lists have hits: by listing, and by stretches of text in which things are near each other.

A stretch of reach N is N characters of one field and the N that follow, one beginning at each multiple of N: whatever
begins within N characters begins in at least one of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scanner.rulebook.lexicon import Hits
from scanner.rulebook.logic import FIELDS
from scanner.rulebook.sight import kind_of
from scanner.text.views import Document

Flags = NDArray[np.bool_]
Numbers = NDArray[np.intp]

# A batch of long texts is cut into longer stretches, so that there are never more than about this many.
MOST_STRETCHES = 1 << 15

_KIND = {kind: number for number, kind in enumerate(FIELDS)}


class Ground:
    """``has[list, listing]``: where lists have hits. Lists numbered in ``late`` may be called present too often."""

    def __init__(self, documents: Sequence[Document], hits: Hits, late: Numbers, lists: int) -> None:
        fields = [field for document in documents for field in document]
        self.hits, self.late, self.listings = hits, late, len(documents)
        self.counts = np.fromiter(map(len, documents), np.intp, len(documents))
        self.lengths = np.fromiter((len(text) for _, text in fields), np.intp, len(fields))
        self.kinds = np.array([_KIND[kind_of(name)] for name, _ in fields], dtype=np.int8)
        self.field_of_hit = (np.cumsum(self.counts) - self.counts)[hits.document] + hits.field
        self.has = np.zeros((lists, len(documents)), np.bool_)
        self.has[: hits.present.shape[1]] = hits.present.T
        self._stretches: dict[int, Stretches] = {}

    def stretches(self, reach: int) -> Stretches:
        """The stretches of at least that reach."""
        if reach not in self._stretches:
            self._stretches[reach] = Stretches(self, max(reach, int(self.lengths.sum()) // MOST_STRETCHES))
        return self._stretches[reach]


class Stretches:
    """``has[list, stretch]``: where lists have hits."""

    def __init__(self, ground: Ground, reach: int) -> None:
        counts = ground.lengths // reach + 1
        first = np.cumsum(counts) - counts
        listing = np.repeat(np.repeat(np.arange(ground.listings), ground.counts), counts)
        self._kinds = np.repeat(ground.kinds, counts)
        self._listings = ground.listings
        self._filled = np.flatnonzero(ground.counts)
        self._bounds = np.searchsorted(listing, self._filled)
        number = ground.hits.start // reach
        at = first[ground.field_of_hit] + number
        self.has = np.zeros((len(ground.has), len(listing)), np.bool_)
        self.has[ground.hits.list, at] = True
        self.has[ground.hits.list, at - (number > 0)] = True
        # Patterns have no places yet: wherever the listing may have them, each stretch may.
        self.has[ground.late] = ground.has[ground.late][:, listing]

    def of_kinds(self, kinds: tuple[str, ...]) -> Flags:
        """The stretches of these kinds of field."""
        return np.isin(self._kinds, [_KIND[kind] for kind in kinds])

    def anywhere(self, found: Flags) -> Flags:
        """For each listing, whether ``found`` is true of any of its stretches."""
        anywhere = np.zeros(self._listings, np.bool_)
        if len(self._bounds):
            anywhere[self._filled] = np.logical_or.reduceat(found, self._bounds)
        return anywhere
