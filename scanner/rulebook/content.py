"""What a lexicon is made of: the words and patterns of a rulebook, each with the number of its list."""

from __future__ import annotations

import msgspec

# None of these can be part of a cycle (``gc=False``): there are tens of thousands, and the collector need not look.


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


class Content(msgspec.Struct, frozen=True):
    """All of them."""

    entries: tuple[Entry, ...] = ()
    covers: tuple[Cover, ...] = ()
    patterns: tuple[Pattern, ...] = ()

    @property
    def list_of(self) -> list[int]:
        """The list of every owner: the entries, then the patterns."""
        return [entry.list for entry in self.entries] + [pattern.list for pattern in self.patterns]

    @property
    def lists(self) -> int:
        """How many lists there are, by the highest number used."""
        covered = [number for cover in self.covers for number in cover.lists]
        return 1 + max([*self.list_of, *covered], default=-1)
