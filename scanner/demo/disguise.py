"""How evasive sellers write the words that would give them away: one function a tactic, over ``«tells»`` in a text."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from enum import StrEnum
from random import Random

from scanner.demo.wares import Disguises


class Tactic(StrEnum):
    """The evasion tactics of the simulated sellers; ``option_smuggling`` and ``hidden_text`` move words elsewhere."""

    PLAIN = ""
    SPACING = "spacing"
    HOMOPHONE = "homophone"
    FULL_WIDTH = "full_width"
    ZERO_WIDTH = "zero_width"
    SPLIT_CHARACTERS = "split_characters"
    PINYIN = "pinyin"
    EMOJI = "emoji"
    OPTION_SMUGGLING = "option_smuggling"
    HIDDEN_TEXT = "hidden_text"


# These write the words differently; the other two put them where nobody looks.
SPELLINGS = (
    Tactic.SPACING,
    Tactic.HOMOPHONE,
    Tactic.FULL_WIDTH,
    Tactic.ZERO_WIDTH,
    Tactic.SPLIT_CHARACTERS,
    Tactic.PINYIN,
    Tactic.EMOJI,
)

_TELL = re.compile("«([^»]*)»")
_SEPARATORS = (" ", ".", "·", "-", "/", "~", "*", "  ")
_INVISIBLES = ("\u200b", "\u200c", "\u200d", "\u2060")
_NOISE = ("🔥", "✨", "❤", "⭐", "👉")
_WIDE = {code: code + 0xFEE0 for code in range(0x21, 0x7F)}


def tells(text: str) -> list[str]:
    """The marked words of ``text``."""
    return _TELL.findall(text)


def bare(text: str) -> str:
    """``text`` as an honest seller would write it."""
    return _TELL.sub(r"\1", text)


def fits(tactic: Tactic, texts: Iterable[str], table: Disguises) -> bool:
    """Whether the tactic changes every title it may meet: full width needs Latin, the others their characters."""
    draw = Random(0)
    return all(disguise(text, tactic, table, draw) != bare(text) for text in texts)


def disguise(text: str, tactic: Tactic, table: Disguises, draw: Random) -> str:
    """``text`` with its tells rewritten by a tactic of ``SPELLINGS``; markers are gone in any case."""
    if tactic not in SPELLINGS:
        return bare(text)
    rewrite = _rewriter(tactic, table, draw)
    return _TELL.sub(lambda match: rewrite(match[1]), text)


def _rewriter(tactic: Tactic, table: Disguises, draw: Random) -> Callable[[str], str]:
    separator, invisible, noise = draw.choice(_SEPARATORS), draw.choice(_INVISIBLES), draw.choice(_NOISE)
    rewriters: dict[Tactic, Callable[[str], str]] = {
        Tactic.SPACING: separator.join,
        Tactic.ZERO_WIDTH: invisible.join,
        Tactic.FULL_WIDTH: lambda tell: tell.translate(_WIDE),
        Tactic.HOMOPHONE: lambda tell: _swap(tell, table.homophone if _is_han(tell) else table.leet, most=2),
        Tactic.SPLIT_CHARACTERS: lambda tell: _swap(tell, table.split, most=9),
        Tactic.PINYIN: lambda tell: _swap(tell, table.pinyin, most=1),
        Tactic.EMOJI: lambda tell: _picture(tell, table.emoji, noise),
    }
    return rewriters[tactic]


def _swap(tell: str, table: dict[str, str], *, most: int) -> str:
    """The tell with up to ``most`` of its characters replaced, those at its end first."""
    out, left = [], most
    for character in reversed(tell):
        other = table.get(character.lower()) if left else None
        left -= other is not None
        out.append(other or character)
    return "".join(reversed(out))


def _picture(tell: str, table: dict[str, str], noise: str) -> str:
    """The tell with a word drawn, or, where no picture is known, with noise between its characters."""
    for word, picture in table.items():
        if word in tell:
            return tell.replace(word, picture, 1)
    return noise.join(tell)


def _is_han(tell: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in tell)
