"""The places of patterns, looked for only in documents that matter already.

A pattern of digits stands in half of all listings; finding its places everywhere would cost more than all the rest.
Until somebody asks, a list that has such a pattern counts as possibly present. What is asked of many documents is
asked of all at once: their fields are joined, RE2 runs over them in one go, and only what matched is looked at again.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Mapping, Sequence
from functools import cached_property
from itertools import accumulate, chain, islice

import numpy as np

from scanner import kernels
from scanner.kernels import encoding
from scanner.model import View
from scanner.rulebook.content import Content
from scanner.rulebook.literals import Index
from scanner.rulebook.patterns import Compiled
from scanner.rulebook.rows import NO_ROWS, NUMBER_OF, Rows, in_order, uncovered
from scanner.text.kinds import EDGE, Kind
from scanner.text.views import Batch

# Matches of one pattern in one field.
MOST_MATCHES = 64
# What stands behind each field in the folded text, as RE2 reads it.
EDGE_BYTES = chr(EDGE).encode()
# The same where a field is a line, as long.
_LINE_ENDS = b"\n" * len(EDGE_BYTES)

# A text by its place among several, and where in it a match begins and ends, in bytes.
_Found = tuple[int, int, int]
# Where a pattern matches: the document by number, the first character as folded and the one after the last, the owner.
Match = tuple[int, int, int, int]


class Late:
    """The patterns of a lexicon."""

    def __init__(self, content: Content) -> None:
        self.words = content.words
        self._has_covers = np.bincount(content.cover_lists, minlength=content.lists) > 0
        self._list_of = content.list_of.astype(np.intp)
        # Read as numbers of Python, those that are asked for.
        self.list_of: memoryview[int] = memoryview(self._list_of)  # type: ignore[arg-type]  # numpy does not say so
        self._patterns = Compiled([pattern.re for pattern in content.patterns])
        self._of_list: dict[int, list[int]] = {}
        for number, pattern in enumerate(content.patterns):
            self._of_list.setdefault(pattern.list, []).append(number)

    @property
    def lists(self) -> Collection[int]:
        """The lists that have patterns."""
        return self._of_list.keys()

    def matches(self, wanted: Mapping[int, Sequence[int]], encoded: Mapping[int, bytes]) -> list[Match]:
        """The matches of the patterns of each list in some documents, in order; ``encoded`` has these in UTF-8, by
        number."""
        found: list[Match] = []
        for wanted_list, documents in wanted.items():
            texts = [encoded[document] for document in documents]
            for number in self._of_list.get(wanted_list, ()):
                found += self._matches(number, documents, texts)
        return sorted(found)

    def having(self, wanted: Mapping[int, Sequence[int]], encoded: Mapping[int, bytes]) -> dict[int, Sequence[int]]:
        """The documents in which the patterns of each list match at all, cover words or not."""
        having: dict[int, Sequence[int]] = {}
        for wanted_list, documents in wanted.items():
            texts = [encoded[document] for document in documents]
            numbers = self._of_list.get(wanted_list, ())
            places = {place for number in numbers for place, _, _ in self._found(number, texts, once=True)}
            having[wanted_list] = [documents[place] for place in sorted(places)]
        return having

    def has_covers(self, number: int) -> bool:
        """Whether any cover word covers what a list says."""
        return bool(self._has_covers[number])

    def rows(self, text: BatchText, found: Sequence[Match], covers: Rows, before: int = 0) -> Rows:
        """The places of matches in the documents of a batch, in order, without those in cover words of their list.

        There are so many documents ``before`` those of the batch.
        """
        if not found:
            return NO_ROWS
        numbers = np.fromiter(chain.from_iterable(found), np.intp, 4 * len(found))
        document, first, end, owner = np.ascontiguousarray(numbers.reshape(-1, 4).T)
        start = text.starts[document - before]
        at = text.sources(start + first)
        size = text.ends(start + end - 1) - at
        plain = np.full(len(owner), NUMBER_OF[View.FOLDED])
        rows = Rows(at, size, owner, plain, np.zeros(len(owner), np.intp))
        if not (at[1:] > at[:-1]).all():
            rows = in_order(rows)
        if not self._has_covers[self._list_of[owner]].any():
            return rows
        return uncovered(rows, covers, self._list_of)

    def _matches(self, number: int, documents: Sequence[int], texts: Sequence[bytes]) -> list[Match]:
        """The matches of one pattern."""
        owner, found = len(self.words) + number, []
        last, at, characters = -1, 0, 0
        for place, start, end in self._found(number, texts):
            if place != last or start < at:
                last, at, characters, text = place, 0, 0, texts[place]
            first = characters + len(text[at:start].decode())
            at, characters = end, first + len(text[start:end].decode())
            found.append((documents[place], first, characters, owner))
        return found

    def _found(self, number: int, texts: Sequence[bytes], *, once: bool = False) -> list[_Found]:
        """The matches of one pattern; if ``once``, not all of those in one text.

        RE2 reads the documents joined. Those that this says nothing of are read field by field.
        """
        found: list[_Found] = []
        again: Collection[int] = range(len(texts))
        if not self._patterns.is_anchored(number) or self._patterns.reads_lines(number):
            found, again = self._joined(number, texts, once=once)
        if again:
            found = [one for one in found if one[0] not in again]
        for place in again:
            base = 0
            for field in texts[place].split(EDGE_BYTES):
                for start, end in islice(self._patterns.matches(number, field), MOST_MATCHES):
                    found.append((place, base + start, base + end))
                base += len(field) + len(EDGE_BYTES)
        return found

    def _joined(self, number: int, texts: Sequence[bytes], *, once: bool) -> tuple[list[_Found], Collection[int]]:
        """The matches in all texts joined, and the texts that these say nothing of.

        So it is with each text that a match over the edge of a field touches. For a pattern that asks for a beginning
        or an end each field is a line: then it is so, too, with a text with an empty match, or of several lines with
        any.
        """
        joined, edge_bytes, in_lines = b"".join(texts), EDGE_BYTES, self._patterns.is_anchored(number)
        if in_lines:
            joined, edge_bytes = joined.replace(EDGE_BYTES, _LINE_ENDS), b"\n"
        found: list[_Found] = []
        again: set[int] = set()
        starts: list[int] = []
        # The edge of the field that was looked at last, and its matches so far.
        edge, count = -1, 0
        matches = self._patterns.matches(number, joined, in_lines=in_lines)
        while match := next(matches, None):
            start, end = match
            starts = starts or [0, *accumulate(map(len, texts))]
            place = min(bisect_right(starts, start), len(texts)) - 1
            if in_lines and (start == end or b"\n" in texts[place]):
                again.add(place)
            if start == end:
                continue
            if start > edge:
                edge, count = joined.index(edge_bytes, start), 0
            if edge < end:
                again.update(range(place, bisect_right(starts, end - 1)))
                continue
            found.append((place, start - starts[place], end - starts[place]))
            count += 1
            if once:
                matches = self._patterns.matches(number, joined, starts[place + 1], in_lines=in_lines)
            elif count == MOST_MATCHES:
                matches = self._patterns.matches(number, joined, edge, in_lines=in_lines)
        return found, again


class BatchText:
    """A batch as patterns read it: the folded view, document by document, each field with its edge behind it."""

    def __init__(self, batch: Batch) -> None:
        self._batch = batch

    @cached_property
    def _dropped(self) -> Index:
        """The slots that are no part of the folded view."""
        return np.flatnonzero(self._batch.kinds < np.uint8(Kind.SEPARATOR))

    @cached_property
    def starts(self) -> Index:
        """The character of the folded view where each document begins, and the one after the last."""
        slots = self._batch.document_slots
        return slots - np.searchsorted(self._dropped, slots)

    def encoded(self, documents: Sequence[int]) -> list[bytes]:
        """Some documents in UTF-8, which RE2 reads; together they take a fraction of the time."""
        batch, library, chosen = self._batch, kernels.library(), np.array(documents, np.intp)
        first, end = batch.document_slots[chosen], batch.document_slots[chosen + 1]
        if library is not None:
            return encoding.encoded(library, batch.units, batch.kinds, first, end)
        parts = (slice(*bounds) for bounds in zip(first.tolist(), end.tolist(), strict=True))
        seen = (batch.units[part][batch.kinds[part] >= np.uint8(Kind.SEPARATOR)] for part in parts)
        return [units.astype("<u2").tobytes().decode("utf-16-le", "surrogatepass").encode() for units in seen]

    def places(self, document: int) -> Index:
        """The original character of each folded one of a document, in its fields joined by line breaks."""
        first, end = self.starts[document : document + 2].tolist()
        base = int(self._batch.field_starts[self._batch.fields_before[document]])
        return self.sources(np.arange(first, end)) - base

    def sources(self, characters: Index) -> Index:
        """The original characters, counted over the batch, that folded ones came from."""
        return self._batch.sources(self._slots(characters))

    def ends(self, characters: Index) -> Index:
        """The original character after each folded one."""
        return self._batch.ends(self._slots(characters))

    @cached_property
    def _before(self) -> Index:
        """The characters of the folded view before each slot that is no part of it."""
        return self._dropped - np.arange(len(self._dropped))

    def _slots(self, characters: Index) -> Index:
        return characters + np.searchsorted(self._before, characters, side="right")
