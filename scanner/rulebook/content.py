"""What a lexicon is made of: the words and patterns of a rulebook, each with the number of its list.

There are tens of thousands: they are kept as columns, which take a tenth of the memory that so many objects would, and
no time to restore.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import NamedTuple, overload

import msgspec
import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.int32]
Bytes = npt.NDArray[np.uint8]

# What may be asked of an entry, a bit each.
_SOUND, _SPLIT, _PINYIN = 1, 2, 4


class Entry(msgspec.Struct, frozen=True, gc=False):
    """A word of term list number ``list``, as its author wrote it, and the disguises it is also looked for in.

    ``sound``: homophones, if it has three syllables or more. ``split``: characters taken apart. ``pinyin``: Latin
    spelling.
    """

    list: int
    text: str
    sound: bool = False
    split: bool = False
    pinyin: bool = False

    @property
    def is_disguised(self) -> bool:
        """Whether any disguise was asked for: then also similar shapes, other orders and masked characters."""
        return self.sound or self.split or self.pinyin


class Cover(msgspec.Struct, frozen=True, gc=False):
    """A longer lawful word: hits of ``lists`` inside it are dropped."""

    lists: tuple[int, ...]
    text: str


class Pattern(msgspec.Struct, frozen=True, gc=False):
    """An RE2 pattern of list number ``list``, looked for in the folded view."""

    list: int
    re: str


class Words(Sequence[str]):
    """Many short texts as one; immutable."""

    def __init__(self, joined: str, bounds: Numbers) -> None:
        """Text ``i`` is ``joined[bounds[i]:bounds[i + 1]]``; raises ``ValueError`` where no such bounds are."""
        if not len(bounds) or bounds[0] != 0 or bounds[-1] != len(joined) or bool((np.diff(bounds) < 0).any()):
            raise ValueError("damaged words")
        self.joined = joined
        self.bounds = bounds
        self._at: memoryview[int] = memoryview(bounds)  # type: ignore[arg-type]  # numpy does not say so

    @classmethod
    def of(cls, texts: Sequence[str]) -> Words:
        """These texts."""
        return cls("".join(texts), np.fromiter(accumulate(map(len, texts), initial=0), np.int32, len(texts) + 1))

    def __len__(self) -> int:
        """How many texts there are."""
        return len(self._at) - 1

    @overload
    def __getitem__(self, number: int) -> str: ...
    @overload
    def __getitem__(self, number: slice) -> list[str]: ...
    def __getitem__(self, number: int | slice) -> str | list[str]:
        """One text, or several."""
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        if not 0 <= number < len(self):
            raise IndexError(number)
        return self.joined[self._at[number] : self._at[number + 1]]

    def some(self, numbers: Iterable[int]) -> list[str | None]:
        """Those of some numbers; nothing for one behind the last."""
        joined, at, end = self.joined, self._at, len(self)
        return [joined[at[number] : at[number + 1]] if number < end else None for number in numbers]


class Content(NamedTuple):
    """All of them: column ``i`` of the entries, of the covers (one row for each list that a word covers), the patterns.

    ``disguises`` says with a bit each what was asked of an entry.
    """

    words: Words
    entry_lists: Numbers
    disguises: Bytes
    cover_words: Words
    cover_lists: Numbers
    patterns: tuple[Pattern, ...]

    @classmethod
    def of(cls, entries: Sequence[Entry], covers: Sequence[Cover], patterns: Sequence[Pattern]) -> Content:
        """These words and patterns."""
        asked = (_SOUND * one.sound | _SPLIT * one.split | _PINYIN * one.pinyin for one in entries)
        covered = [(cover.text, number) for cover in covers for number in cover.lists]
        return cls(
            Words.of([entry.text for entry in entries]),
            np.fromiter((entry.list for entry in entries), np.int32, len(entries)),
            np.fromiter(asked, np.uint8, len(entries)),
            Words.of([text for text, _ in covered]),
            np.fromiter((number for _, number in covered), np.int32, len(covered)),
            tuple(patterns),
        )

    @property
    def entries(self) -> Iterator[Entry]:
        """The entries one by one."""
        for number, text, asked in zip(self.entry_lists.tolist(), self.words, self.disguises.tolist(), strict=True):
            yield Entry(number, text, bool(asked & _SOUND), bool(asked & _SPLIT), bool(asked & _PINYIN))

    @property
    def covers(self) -> Iterator[Cover]:
        """The cover words one by one, each with one list."""
        for number, text in zip(self.cover_lists.tolist(), self.cover_words, strict=True):
            yield Cover((number,), text)

    @property
    def list_of(self) -> Numbers:
        """The list of every owner: the entries, then the patterns, then the covers."""
        of_patterns = np.array([pattern.list for pattern in self.patterns], np.int32)
        return np.concatenate((self.entry_lists, of_patterns, self.cover_lists))

    @property
    def lists(self) -> int:
        """How many lists there are, by the highest number used."""
        return 1 + int(self.list_of.max(initial=-1))
