"""All terms, cover words and patterns of a rulebook, made ready to be found in batches of listings.

The interface between the matching engine and the rule language: number the term lists, hand over their words, and get back
every place where one stands, in which view, with how much dropped inside. What a hit means is decided elsewhere.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import numpy as np
import re2

from scanner.rulebook import literals
from scanner.rulebook.checks import NO_EDGE, Reading, Traits, check, unit_class
from scanner.rulebook.hits import NUMBER_OF, Hits, Rows, joined
from scanner.model import View
from scanner.text.tables import load
from scanner.text.views import Batch, Document, folded

NORMALISER: str = load().version


class Entry(msgspec.Struct, frozen=True):
    """A word of term list number ``list``, as its author wrote it, and the disguises it is also looked for in.

    ``sound``: homophones, if it has three syllables or more. ``split``: characters taken apart. ``pinyin``: Latin spelling.
    """

    list: int
    text: str
    sound: bool = False
    split: bool = False
    pinyin: bool = False


class Cover(msgspec.Struct, frozen=True):
    """A longer lawful word: hits of ``lists`` inside it are dropped."""

    lists: tuple[int, ...]
    text: str


class Pattern(msgspec.Struct, frozen=True):
    """An RE2 pattern of list number ``list``, looked for in the folded view."""

    list: int
    re: str


class Content(msgspec.Struct, frozen=True):
    """What a lexicon is made of."""

    entries: tuple[Entry, ...]
    covers: tuple[Cover, ...]
    patterns: tuple[Pattern, ...]


class Lexicon:
    """Entries, covers and patterns, immutable once built; safe to share between threads and forked processes."""

    def __init__(self, content: Content) -> None:
        self._content = content
        tables = load()
        self._words = [entry.text for entry in content.entries]
        texts = [tables.compact(word.text) for word in (*content.entries, *content.covers)]
        self._index = literals.build(texts)
        units = [np.frombuffer(t.encode("utf-16-le"), np.uint16) for t in texts]
        self._traits = Traits(
            lengths=self._index.lengths,
            left=np.array([unit_class(u[:1])[0] if len(u) else NO_EDGE for u in units], np.uint8),
            right=np.array([unit_class(u[-1:])[0] if len(u) else NO_EDGE for u in units], np.uint8),
            own_gaps=np.zeros(len(texts), np.uint64),
            alone=np.zeros(len(texts), np.bool_),
        )
        numbers = [word.list for word in (*content.entries, *content.patterns)]
        self._lists = 1 + max([*numbers, *(n for cover in content.covers for n in cover.lists)], default=-1)
        self._patterns = [re2.compile(pattern.re) for pattern in content.patterns]

    @classmethod
    def build(
        cls, entries: Sequence[Entry], covers: Sequence[Cover] = (), patterns: Sequence[Pattern] = ()
    ) -> Lexicon:
        """Fold, expand and index. Raises ``RulebookError`` with every fault of every word and pattern."""
        return cls(Content(tuple(entries), tuple(covers), tuple(patterns)))

    def dump(self) -> bytes:
        """The whole lexicon as bytes, for a cache keyed by content and ``NORMALISER``."""
        return msgspec.msgpack.encode(self._content)

    @classmethod
    def restore(cls, data: bytes) -> Lexicon:
        """What ``dump`` wrote; raises ``ValueError`` for anything else."""
        return cls(msgspec.msgpack.decode(data, type=Content))

    def find(self, documents: Sequence[Document]) -> Hits:
        """Every hit in ``documents``, each a sequence of ``(field, text)``; best a few hundred at a time."""
        batch = Batch(documents)
        reading = Reading(batch.compact, batch.kept)
        parts, covers = [], []
        for found in self._index.find(batch.compact):
            hits = check(batch, reading, found, self._traits)
            place = batch.places(hits.first, hits.last)
            view = np.where(hits.gap > 0, NUMBER_OF[View.COMPACT], NUMBER_OF[View.FOLDED])
            is_entry = hits.literal < len(self._words)
            numbers = np.array([*(e.list for e in self._content.entries), *([0] * len(self._content.covers))], np.intp)
            rows = Rows(*place, hits.literal, numbers[hits.literal], view, hits.gap)
            parts.append(rows.take(np.flatnonzero(is_entry)))
            covers.append(rows.take(np.flatnonzero(~is_entry)))
        rows = joined([*parts, *self._matches(batch)])
        keep = np.array([not self._covered(rows, i, joined(covers)) for i in range(len(rows.document))], np.bool_)
        kept = rows.take(np.flatnonzero(keep))
        return Hits(kept, documents=documents, lists=self._lists, words=self._words, unread={})

    def _covered(self, rows: Rows, i: int, covers: Rows) -> bool:
        for j in range(len(covers.document)):
            cover = self._content.covers[covers.entry[j] - len(self._words)]
            same = covers.document[j] == rows.document[i] and covers.field[j] == rows.field[i]
            inside = covers.start[j] <= rows.start[i] and rows.end[i] <= covers.end[j]
            if same and inside and rows.list[i] in cover.lists:
                return True
        return False

    def _matches(self, batch: Batch) -> list[Rows]:
        found = []
        for document in range(len(batch.documents)):
            for first, end in batch.field_slots(document):
                text, slots = folded(batch, first, end)
                for number, pattern in enumerate(self._patterns):
                    for match in pattern.finditer(text):
                        if match.end() > match.start():
                            found.append((slots[match.start()], slots[match.end() - 1], number))
        if not found:
            return []
        first, last, number = np.array(found, np.intp).T
        lists = np.array([p.list for p in self._content.patterns], np.intp)
        zero = np.zeros(len(number), np.intp)
        place = batch.places(first, last)
        return [Rows(*place, number + len(self._words), lists[number], zero + NUMBER_OF[View.FOLDED], zero)]
