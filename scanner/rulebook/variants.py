"""How a term may be written: its own way, and the disguises that are looked for as further literals.

Only what a reader would still take for the term. Each way says in which view it counts, so that a condition or a
score can trust it less than the plain word. What cannot be spelled out here (gaps, spacing, width, look-alike
letters, traditional characters) is undone by the character table and the compact view.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from itertools import accumulate, islice, product
from typing import NamedTuple

from scanner.model import View
from scanner.text import curated, joining
from scanner.text.homophones import HOMOPHONES, ORDINARY_WORDS
from scanner.text.tables import Tables, load

# A term of many characters with many look-alikes would have thousands of variants.
VARIANTS_PER_TRICK = 15
LONGEST_TERM = 64
# A homophone of two syllables is too often an ordinary word (码商, 马上): of these only the usual ones are looked for.
SYLLABLES_BY_SOUND = 3
HOMOPHONES_TOGETHER = 3
LETTERS_OF_PINYIN = 5
# Digits as letters: terms with at least so many letters.
LETTERS_OF_LEET = 3


class Writing(NamedTuple):
    """One way to write a term, as units of the compact (or, for ``SYLLABLE``, the syllable) view.

    ``own_gaps`` has bit i set where the way itself has a separator after unit i. ``alone``: counts only standing alone.
    ``masked``: the joint (between units i and i + 1) where a sign stands for a character, or -1.
    """

    units: str
    view: View = View.FOLDED
    own_gaps: int = 0
    alone: bool = False
    masked: int = -1


def plain(text: str, tables: Tables) -> Writing:
    """The term as written, in the compact view; characters taken apart are whole."""
    units = tables.compact(text)
    if joining.is_apart(text):
        return Writing(joining.joined(units))
    return Writing(units, own_gaps=0 if text.isalpha() and len(units) == len(text) else _own_gaps(text, tables))


def _own_gaps(text: str, tables: Tables) -> int:
    count = gaps = 0
    for char in text:
        for _, is_kept in tables.units_of(char):
            if is_kept:
                count += 1
            elif count:
                gaps |= 1 << (count - 1)
    return gaps & ((1 << max(count - 1, 0)) - 1)


def split(units: str) -> Iterator[Writing]:
    """Characters taken apart into ordinary ones: one of them in each of its ways, or all that can be in their first.

    Where a text shows a bare radical, all its characters are joined again before anything is looked for.
    """
    ways = [joining.ordinary_ways().get(unit, ()) for unit in units]
    everything = "".join(way[0] if way else unit for way, unit in zip(ways, units, strict=True))
    found = [units[:i] + way + units[i + 1 :] for i, options in enumerate(ways) for way in options]
    yield from (Writing(text, View.SPLIT) for text in _limited([everything, *found], units))


def shapes(units: str) -> Iterator[Writing]:
    """One character replaced by one that looks like it, in terms of three Han characters and more."""
    if sum(map(is_han, units)) >= 3:
        found = [
            units[:i] + other + units[i + 1 :] for i, unit in enumerate(units) for other in curated.SHAPES.get(unit, "")
        ]
        yield from (Writing(text, View.SHAPE) for text in _limited(found, units))


def by_two(units: str) -> Iterator[Writing]:
    """Two Han characters with one or both by another of the same sound, where no ordinary word comes of it."""
    if len(units) != 2 or not all(map(is_han, units)):
        return
    others = [_homophones().get(unit, "") for unit in units]
    found = [other + units[1] for other in others[0]] + [units[0] + other for other in others[1]]
    found += [a + b for a, b in product(others[0][:HOMOPHONES_TOGETHER], others[1][:HOMOPHONES_TOGETHER])]
    yield from (Writing(text, View.SYLLABLE) for text in dict.fromkeys(found) if text not in _ordinary_words())


@cache
def _homophones() -> dict[str, str]:
    found: dict[str, str] = {}
    for group in load().fold(HOMOPHONES).split():
        found[group[0]] = found.get(group[0], "") + group[1:]
    return found


@cache
def _ordinary_words() -> frozenset[str]:
    return frozenset(load().fold(ORDINARY_WORDS).split())


def numerals(units: str) -> Iterator[Writing]:
    """Digits as Han numerals, and the other way round."""
    for style in curated.NUMERALS:
        if any(unit in style for unit in units):
            others = [units.translate(str.maketrans(style, other)) for other in curated.NUMERALS if other != style]
            yield from (Writing(text, View.DIGITS) for text in _limited(others, units))


def reversals(units: str) -> Iterator[Writing]:
    """Han terms from the end, or with the characters of each pair exchanged; three characters only standing alone."""
    if len(units) < 3 or not all(map(is_han, units)):
        return
    found = [units[::-1]]
    if len(units) == 4:
        found.append(units[1] + units[0] + units[3] + units[2])
    yield from (Writing(text, View.REVERSED, alone=len(units) == 3) for text in _limited(found, units))


def spellings(units: str, tables: Tables, *, whole: bool) -> Iterator[Writing]:
    """Han terms in Latin pinyin: one character of them, and all of them if ``whole``."""
    readings = [tables.reading(unit) for unit in units]
    if not all(readings) or len(units) < 2:
        return
    for i, reading in enumerate(readings):
        if len(reading) > 1:
            yield Writing(units[:i] + reading + units[i + 1 :], View.PINYIN)
    for spelled in _readings(units, readings) if whole else ():
        if sum(map(len, spelled)) >= LETTERS_OF_PINYIN:
            ends = list(accumulate(map(len, spelled[:-1])))
            yield Writing("".join(spelled), View.PINYIN, own_gaps=sum(1 << (end - 1) for end in ends))


def _readings(units: str, readings: list[str]) -> Iterator[tuple[str, ...]]:
    """All ways to read the characters, the usual one first."""
    options = [
        dict.fromkeys((reading, curated.OTHER_READINGS.get(unit, reading)))
        for unit, reading in zip(units, readings, strict=True)
    ]
    return islice(product(*options), VARIANTS_PER_TRICK)


def sounds(units: str, tables: Tables) -> Iterator[Writing]:
    """Terms of three syllables and more by sound, one of them also in Latin letters or by another reading."""
    readings = [tables.reading(unit) for unit in units]
    if sum(map(bool, readings)) < SYLLABLES_BY_SOUND:
        return
    heard = [chr(tables.syllable(r)) if r else unit for r, unit in zip(readings, units, strict=True)]
    found = ["".join(heard)]
    for i, unit in enumerate(units):
        if readings[i]:
            found.append("".join([*heard[:i], readings[i], *heard[i + 1 :]]))
        other = curated.OTHER_READINGS.get(unit, "")
        if other in tables.syllable_names:
            found.append("".join([*heard[:i], chr(tables.syllable(other)), *heard[i + 1 :]]))
    yield from (Writing(text, View.SYLLABLE) for text in _limited(found, ""))


def masked(units: str) -> Iterator[Writing]:
    """An inner character left out, to be found where a sign stands in its place."""
    if len(units) >= (3 if any(map(is_han, units)) else 4):
        for i in range(1, len(units) - 1):
            yield Writing(units[:i] + units[i + 1 :], View.MASKED, masked=i - 1)


def is_han(unit: str) -> bool:
    """Whether a folded unit is a Han character."""
    return "\u3400" <= unit < "\ua000"


def _limited(found: list[str], without: str) -> Iterator[str]:
    """The first few different texts, the term itself left out."""
    return islice((text for text in dict.fromkeys(found) if text != without), VARIANTS_PER_TRICK)
