"""Documents as words and pairs of words, in portions of some hundred words, all as arrays.

A word is a Han character (or any other that is neither Latin letter nor digit), a run of Latin letters, or a run of
digits, of which only the length counts. What nobody sees parts no run; three letters or more that stand one by one are
a word spelt out (s-h-o-p), and none of them is a word. Everything is read through the character table, so width, case,
script and look-alikes do not matter. Pairs do not reach over the edge of a field or of a portion.

A long listing is read in portions and is what its worst portion is: an offer that fills half of one is not hidden by
hundreds of harmless words. One of a sentence or two is; passages are shorter and begin everywhere, so what is harmless
around one takes nothing from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scanner.text.kinds import EDGE, EXPANDS, Kind
from scanner.text.tables import Tables
from scanner.text.views import Document

Index = npt.NDArray[np.intp]
Keys = npt.NDArray[np.uint32]

# Words of a portion; a last one of less than half is part of the one before.
PORTION = 64
# Words of a passage, and words from the beginning of one to that of the next.
PASSAGE = 12
STEP = 4
# Characters of a text that are read, as many as rules read.
LONGEST_TEXT = 1_000_000
# A shop's name or a buyer's question is read by rules, and in passages, but is none of what the whole reads like.
_READ = ("text", "title", "description", "options", "attributes", "hidden_text")
# Without it a document is brief: a title alone reads like anything.
TELLING = "description"
# Of passages a title alone says little, other headings and names alone nothing.
_TITLE = "title"
_HEADINGS = frozenset({"text", "brand", "seller.name"})
# What fields are to a document: not looked at, read, that which tells it, or that which tells something of it.
UNREAD, READ, TELLS, HINTS = range(4)
_LATIN, _DIGITS = 1, 2
# Letters of a word, and digits of a number, that tell it from others.
LONGEST_WORD = 16
LONGEST_NUMBER = 6

# Letters that are a word spelt out.
SPELT = 3

_ODD = np.uint64(0x9E3779B97F4A7C15)


def _multipliers(count: int) -> Keys:
    """Odd numbers without pattern, the same everywhere."""
    numbers = (np.arange(1, count + 1, dtype=np.uint64) * _ODD) ^ (_ODD >> np.uint64(7))
    return (numbers >> np.uint64(32)).astype(np.uint32) | np.uint32(1)


MULTIPLIERS = _multipliers(LONGEST_WORD)
FIRST, SECOND, LAST = (np.uint32(factor) for factor in (0x85EBCA6B, 0xC2B2AE35, 0x27D4EB2F))


def _classes() -> npt.NDArray[np.uint8]:
    classes = np.zeros(1 << 16, np.uint8)
    classes[ord("a") : ord("z") + 1] = _LATIN
    classes[ord("0") : ord("9") + 1] = _DIGITS
    return classes


CLASSES = _classes()


class Words(NamedTuple):
    """Words, and behind the ``singles`` pairs of words, one row each: key, number of the portion, and characters
    ``[start, end)`` of the texts joined. ``document`` of each portion; ``counts`` words of each document; ``starts`` of
    each text that was read, and its number in all of the documents' texts."""

    key: Keys
    portion: Index
    start: Index
    end: Index
    document: Index
    counts: Index
    starts: Index
    texts: Index
    singles: int


def is_read(field: str) -> bool:
    """Whether the words of a field are looked at."""
    return field.startswith(_READ)


def parts_of(names: Sequence[str], *, whole: bool = False) -> bytes:
    """What fields of these names are to their documents, a byte each; of ``whole`` ones every field is read."""
    parts = {name: _part_of(name, whole=whole) for name in set(names)}
    return bytes(map(parts.__getitem__, names))


def _part_of(name: str, *, whole: bool) -> int:
    if whole:
        return HINTS if name == _TITLE else READ if name in _HEADINGS else TELLS
    return TELLS if name == TELLING else READ if is_read(name) else UNREAD


def is_told(document: Document) -> bool:
    """Whether a document has the field without which it is brief."""
    return any(_part_of(field, whole=False) == TELLS for field, _ in document)


def told_by(document: Document) -> int:
    """What tells of the passages of a document: ``TELLS`` by options, too; ``HINTS``; or ``UNREAD``, nothing."""
    parts = {_part_of(field, whole=True) for field, _ in document}
    return TELLS if TELLS in parts else HINTS if HINTS in parts else UNREAD


def read(documents: Sequence[Document], *, whole: bool = False) -> list[tuple[int, str]]:
    """The texts whose words are looked at, each with the number of its document; of ``whole`` ones every text."""
    return [
        (number, text[:LONGEST_TEXT])
        for number, document in enumerate(documents)
        for field, text in document
        if whole or is_read(field)
    ]


def words_of(documents: Sequence[Document], tables: Tables, *, whole: bool = False) -> Words:
    """The words of some documents, in portions; a ``whole`` document is one portion, with every field."""
    chosen = read(documents, whole=whole)
    texts = np.flatnonzero([whole or is_read(field) for document in documents for field, _ in document])
    sizes = np.array([len(text) for _, text in chosen], np.intp) + 1
    starts = np.cumsum(sizes) - sizes
    codes = _codes(chosen, starts + sizes - 1, tables)
    seen = np.flatnonzero((codes >> np.uint32(16)) >= np.uint32(Kind.SEPARATOR))
    place = np.flatnonzero((codes[seen] >> np.uint32(16)) >= np.uint32(Kind.KEPT))
    slot = seen[place]
    first, key = _keys(place, codes[slot])
    last = np.append(first[1:], len(slot))[: len(first)]
    told = ~_spelt(codes[slot[first]], last - first)
    first, key, last = first[told], key[told], last[told]
    is_word = key != 0
    document = np.array([number for number, _ in chosen], np.intp)[np.searchsorted(starts, slot[first], "right") - 1]
    counts = np.bincount(document[is_word], minlength=len(documents))
    each = np.arange(len(documents))
    portion, of_portion = (document, each) if whole else _portions(document, is_word, counts)
    ends = slot[last - 1] + 1
    pair = np.flatnonzero(is_word[:-1] & is_word[1:] & (portion[:-1] == portion[1:])) if len(key) else first
    single = np.flatnonzero(is_word)
    return Words(
        np.concatenate((_mixed(key[single] * FIRST), _mixed(key[pair] * SECOND + _mixed(key[pair + 1] * LAST)))),
        np.concatenate((portion[single], portion[pair])),
        np.concatenate((slot[first][single], slot[first][pair])),
        np.concatenate((ends[single], ends[pair + 1])),
        of_portion,
        counts,
        starts,
        texts,
        len(single),
    )


def _codes(chosen: Sequence[tuple[int, str]], edges: Index, tables: Tables) -> Keys:
    """The texts joined and folded, one code a character; what becomes several units is one word that nobody knows."""
    joined = "".join([f"{text}\n" for _, text in chosen])
    characters = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = tables.codes.take(characters, mode="clip")
    codes[codes & np.uint32(EXPANDS << 16) > 0] = Kind.KEPT << 16 | 0xFFFD
    codes[edges] = Kind.BARRIER << 16 | EDGE
    return codes


def _spelt(codes: Keys, lengths: Index) -> npt.NDArray[np.bool_]:
    """Which words, of so many units, the first of them given, are letters of a word spelt out."""
    is_alone = (CLASSES[(codes & np.uint32(0xFFFF)).astype(np.uint16)] == _LATIN) & (lengths == 1)
    ends = np.flatnonzero(np.append(~is_alone, True))
    alone = np.diff(ends, prepend=-1) - 1
    spelt: npt.NDArray[np.bool_] = is_alone & (np.repeat(alone, alone + 1)[: len(is_alone)] >= SPELT)
    return spelt


def _keys(slot: Index, codes: Keys) -> tuple[Index, Keys]:
    """Where each word begins among the units kept, and a number for what it reads; 0 for the edge of a field. ``slot``
    counts the units that are seen: a run goes on where they follow one another."""
    unit = (codes & np.uint32(0xFFFF)).astype(np.uint16)
    kind = CLASSES[unit]
    goes_on = np.zeros(len(unit), np.bool_)
    goes_on[1:] = (kind[1:] == kind[:-1]) & (kind[1:] > 0) & (slot[1:] - slot[:-1] == 1)
    first = np.flatnonzero(~goes_on)
    length = np.diff(np.append(first, len(unit)))
    offset = np.arange(len(unit)) - np.repeat(first, length)
    value = np.where(kind == _DIGITS, np.uint32(ord("0")), unit.astype(np.uint32))
    value *= MULTIPLIERS[np.minimum(offset, LONGEST_WORD - 1)]
    value[(kind == _DIGITS) & (offset >= LONGEST_NUMBER)] = 0
    key = np.add.reduceat(value, first, dtype=np.uint32) if len(first) else np.zeros(0, np.uint32)
    key[unit[first] == EDGE] = 0
    return first, key


def _portions(document: Index, is_word: npt.NDArray[np.bool_], counts: Index) -> tuple[Index, Index]:
    """The portion of each word, and the document of each portion."""
    many = portions_of(counts)
    begin = np.cumsum(many) - many
    before = np.cumsum(counts) - counts
    number = np.maximum(np.cumsum(is_word) - 1 - before[document], 0)
    portion = begin[document] + np.minimum(number // PORTION, many[document] - 1)
    return portion, np.repeat(np.arange(len(counts)), many)


def portions_of(counts: Index) -> Index:
    """How many portions documents of so many words have."""
    many: Index = np.maximum((counts + PORTION // 2) // PORTION, 1)
    return many


def _mixed(keys: Keys) -> Keys:
    """Spread over all bits (the finisher of MurmurHash3)."""
    keys = keys ^ keys >> np.uint32(16)
    keys = keys * FIRST
    keys ^= keys >> np.uint32(13)
    keys *= SECOND
    return keys ^ keys >> np.uint32(16)
