"""What is looked for only in documents that matter already: the places of patterns, and terms of a single character.

A pattern such as ``\\d+元`` or a term such as ``出`` stands in half of all listings; finding its places everywhere
would cost more than everything else. Until somebody asks, a list that has such words counts as possibly present.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice
from typing import Any

import numpy as np
import numpy.typing as npt
import re2

from scanner.model import View
from scanner.rulebook.content import Content
from scanner.rulebook.patterns import Compiled, in_folded_alphabet, options
from scanner.rulebook.rows import NO_ROWS, NUMBER_OF, Rows, in_order, uncovered
from scanner.text.tables import load
from scanner.text.views import Batch, Folded, folded

# Matches of one pattern, or places of one character, in one field.
MOST_MATCHES = 64


class Late:
    """The patterns and single characters of a lexicon."""

    def __init__(self, content: Content, covered: npt.NDArray[np.bool_]) -> None:
        """``covered[cover, list]`` says which lists a cover word covers."""
        tables = load()
        self.words = [entry.text for entry in content.entries]
        self._covered = covered
        self._first_cover = len(content.entries) + len(content.patterns)
        self.list_of = content.list_of
        self._patterns = Compiled([in_folded_alphabet(pattern.re, tables) for pattern in content.patterns])
        self._singles: dict[str, list[int]] = {}
        for number, entry in enumerate(content.entries):
            units = tables.compact(entry.text)
            if len(units) == 1:
                self._singles.setdefault(units, []).append(number)

    @property
    def single_lists(self) -> list[int]:
        """The lists that have terms of a single character."""
        return sorted({self.list_of[number] for numbers in self._singles.values() for number in numbers})

    @cached_property
    def _any_single(self) -> Any:
        return re2.compile("[" + "".join(map(re2.escape, self._singles)) + "]", options()) if self._singles else None

    def find(self, batch: Batch, document: int, covers: Rows) -> Rows:
        """The places of patterns and single characters in one document, those in cover words left out."""
        fields = [folded(batch, first, end) for first, end in batch.field_slots(document)]
        found = [*self._matches(fields), *self._characters(fields)]
        if not found:
            return NO_ROWS
        owner, field, start, end = np.array(found, np.intp).T
        slots = np.concatenate([slots for _, slots in fields])
        base = np.cumsum([0, *(len(text) for text, _ in fields)])[field]
        first, last = slots[base + start], slots[base + end - 1]
        at, end = batch.sources(first), batch.sources(last) + 1
        plain = np.full(len(owner), NUMBER_OF[View.FOLDED])
        rows = in_order(Rows(at, end - at, owner, plain, np.zeros(len(owner), np.intp)))
        return uncovered(rows, covers, np.array(self.list_of, np.intp), self._covered, self._first_cover)

    def _matches(self, fields: Sequence[Folded]) -> Iterator[tuple[int, int, int, int]]:
        for number, field, start, end in self._patterns.find([text for text, _ in fields], MOST_MATCHES):
            yield len(self.words) + number, field, start, end

    def _characters(self, fields: Sequence[Folded]) -> Iterator[tuple[int, int, int, int]]:
        """Single characters; a letter or digit stands alone."""
        if self._any_single is None:
            return
        for field, (text, _) in enumerate(fields):
            for match in islice(self._any_single.finditer(text), MOST_MATCHES * len(self._singles)):
                start, char = match.start(), match.group()
                if not (char.isascii() and _is_alike(text[start - 1 : start] + text[start + 1 : start + 2], char)):
                    for owner in self._singles[char]:
                        yield owner, field, start, start + 1


def _is_alike(neighbours: str, char: str) -> bool:
    """Whether a letter stands beside a letter, or a digit beside a digit."""
    return any(other.isascii() and other.isalnum() and other.isdigit() == char.isdigit() for other in neighbours)
