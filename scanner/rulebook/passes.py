"""What one pass of a finder finds, and what one look at documents tells the next."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import attrgetter
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from scanner.rulebook.literals import Index
from scanner.rulebook.rows import NO_ROWS, Rows
from scanner.rulebook.unjoined import Unjoined
from scanner.text.views import Batch, Place

Flags = npt.NDArray[np.bool_]
_Answer = TypeVar("_Answer")
_FIRST = attrgetter("first")


class Pass(NamedTuple):
    """What one pass found: terms in order with their places and lists, cover words, documents and lists with floods.

    ``unjoined`` are the documents that were read twice, ``covers_unjoined`` the cover words of their second reading.
    ``scores`` say how much each document reads like an offer, where the batch has no characters left to ask; ``words``
    how many words of lists each has, where not all of these have a place.
    """

    batch: Batch
    first: int
    terms: Rows
    place: Place
    lists: Index
    covers: Rows
    floods: frozenset[tuple[int, int]]
    unjoined: Unjoined | None = None
    covers_unjoined: Rows = NO_ROWS
    scores: npt.NDArray[np.float64] | None = None
    words: npt.NDArray[np.int32] | None = None


class Passes(tuple[Pass, ...]):
    """All passes over some documents, in order."""

    __slots__ = ()

    def of(self, document: int) -> Pass:
        """The one that read a document."""
        return self[bisect_right(self, document, key=_FIRST) - 1]

    def parts(self, documents: Sequence[int]) -> Iterator[tuple[Pass, Sequence[int]]]:
        """Those that read some documents, which are in order, with the documents' numbers in them."""
        if len(self) == 1:
            yield self[0], documents
            return
        ends = [bisect_left(documents, part.first) for part in self[1:]]
        for part, first, end in zip(self, [0, *ends], [*ends, len(documents)], strict=True):
            if first < end:
                yield part, [document - part.first for document in documents[first:end]]


class OfEach(Generic[_Answer]):
    """What is known of documents one by one; each pass is asked about several at once, which takes a fraction of the
    time."""

    def __init__(self, passes: Passes, ask: Callable[[Pass, Sequence[int]], Sequence[_Answer]]) -> None:
        """``ask`` a pass about some of its documents, by their numbers in it."""
        self._passes, self._ask = passes, ask
        self.known: dict[int, _Answer] = {}

    def read(self, documents: Iterable[int]) -> None:
        """Find out about those of which nothing is known."""
        asked = sorted(set(documents) - self.known.keys())
        for part, own in self._passes.parts(asked) if asked else ():
            numbers = [part.first + document for document in own]
            self.known.update(zip(numbers, self._ask(part, own), strict=True))

    def of(self, document: int) -> _Answer:
        """What is so of one."""
        if document not in self.known:
            self.read([document])
        return self.known[document]


class Known(NamedTuple):
    """What a look at documents tells the next: ``absent[document, list]`` where a list of patterns has no hit, how many
    words of lists each has, and how much each reads like an offer, if anybody asked."""

    absent: Flags
    words: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float64] | None

    def take(self, chosen: slice) -> Known:
        """The same of some of the documents."""
        scores = None if self.scores is None else self.scores[chosen]
        return Known(self.absent[chosen], self.words[chosen], scores)

    @staticmethod
    def joined(parts: Sequence[Known]) -> Known:
        """The same of the documents of several looks."""
        scores = [part.scores for part in parts if part.scores is not None]
        absent, words = (np.concatenate(columns) for columns in zip(*(part[:2] for part in parts), strict=True))
        return Known(absent, words, np.concatenate(scores) if len(scores) == len(parts) else None)


class Placed(NamedTuple):
    """A hit: the document, by its number in the pass, the field, the characters, whose it is, how it was found."""

    document: int
    field: int
    start: int
    end: int
    owner: int
    view: int
    gap: int
