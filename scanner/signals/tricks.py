"""Characters that are there to make a word unreadable to machines while a person reads it well.

What counts, inside a word of a script that does not need them:

- zero-width characters, fillers and soft hyphens between letters, digits or Han characters;
- bidirectional overrides and embeddings in a text without a right-to-left letter; direction marks inside a word;
- variation selectors on letters, combining marks on Han characters and digits, three marks on one letter, strikes;
- Latin letters mixed with look-alike Cyrillic or Greek ones in one word.

What does not: joiners in Indic, Arabic, Persian, Khmer, Burmese and Mongolian words, break hints in Thai, emoji
sequences, keycaps and flags, accents on Latin letters, a byte-order mark at the start, hyphenation of Latin words,
ideographic variants, units (μm, kΩ), a Latin brand in front of a Cyrillic word.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

from scanner.signals.reading import MOST_SIGNALS, Reading
from scanner.signals.record import Signal

# Scripts that write with joiners or mark line breaks with zero-width spaces: first and last code point.
_JOINING = (
    (0x0590, 0x08FF), (0x0900, 0x0DFF), (0x0E00, 0x0FFF), (0x1000, 0x109F), (0x1780, 0x18AF), (0x1A20, 0x1AAF),
    (0xA8E0, 0xA8FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFE), (0x1E900, 0x1E95F),
)  # fmt: skip
_RIGHT_TO_LEFT = ((0x0590, 0x08FF), (0xFB1D, 0xFDFF), (0xFE70, 0xFEFE), (0x10800, 0x10FFF), (0x1E800, 0x1EFFF))
_HAN = ((0x3400, 0x4DBF), (0x4E00, 0x9FFF), (0xF900, 0xFAFF), (0x20000, 0x323AF))

_ZERO_WIDTH = frozenset(
    "\u200b\u200c\u200d\u2060\u2061\u2062\u2063\u2064\ufeff\u034f\u180e\u115f\u1160\u3164\uffa0\u17b4\u17b5"
)
_OVERRIDES = frozenset("\u202a\u202b\u202d\u202e")
_DIRECTION = frozenset("\u200e\u200f\u061c\u202c\u2066\u2067\u2068\u2069")

# Cyrillic and Greek letters that look like Latin ones, and the Latin letters they look like.
LOOK_ALIKES = dict(zip("авекмнорстухіѕјԛԝһѵԁӏαβεικνορτυχϲϳ", "abekmhopctyxisjqwhvdlabeikvoptuxcj", strict=True))
_FOREIGN = frozenset(map(chr, range(0x0370, 0x0530)))
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz")
_TAKEN_FOR = frozenset(LOOK_ALIKES.values())
# As much of a word as is looked at, on either side of a foreign letter.
_MOST_LETTERS = 40
# As many runs of invisible characters as are looked at.
_MOST_RUNS = 1_000


def tricks(reading: Reading) -> tuple[Signal, ...]:
    """Each trick, with the characters on both sides of what cannot be seen; ``reads`` names the code point."""
    return tuple(islice((*_invisible(reading), *_mixed(reading)), MOST_SIGNALS))


def _mixed(reading: Reading) -> Iterator[Signal]:
    """Words of Latin letters with look-alikes among them, or of look-alikes with Latin letters among them."""
    done = 0
    for place in reading.places_of("\u0370", "\u052f")[:_MOST_RUNS]:
        if place < done:
            continue
        start, done = _word(reading.raw, place)
        if reads := _unmixed(reading.raw[start:done].lower()):
            yield reading.raw_signal("tricks", start, done, reads=reads)


def _word(text: str, place: int) -> tuple[int, int]:
    """The word of Latin, Greek or Cyrillic letters and digits around a place."""
    start, end = place, place + 1
    while start > max(0, place - _MOST_LETTERS) and _is_of_word(text[start - 1]):
        start -= 1
    while end < min(len(text), place + _MOST_LETTERS) and _is_of_word(text[end]):
        end += 1
    return start, end


def _is_of_word(mark: str) -> bool:
    return mark in _FOREIGN or (mark.isascii() and mark.isalnum())


def _unmixed(word: str) -> str:
    """``word`` in Latin letters if its letters are mixed to deceive, else ""."""
    foreign, latin = _FOREIGN.intersection(word), _LATIN.intersection(word)
    if len(word) < 3 or not foreign or not latin or _is_greek_name(word):
        return ""
    if foreign <= LOOK_ALIKES.keys() or (len(foreign) > 2 and _is_sprinkled(word)):
        return "".join(LOOK_ALIKES.get(mark, mark) for mark in word)
    return ""


def _is_greek_name(word: str) -> bool:
    """PPARα and 10kΩ are names of science: one Greek letter at an end."""
    greek = [mark for mark in word if "\u0370" <= mark <= "\u03ff"]
    return len(greek) == 1 and word[-1] == greek[0] and _FOREIGN.intersection(word) == set(greek)


def _is_sprinkled(word: str) -> bool:
    """Whether look-alike Latin letters stand singly among those of another script (кaбель, and not USBкабель)."""
    kinds = "".join("l" if mark in _LATIN else "f" for mark in word)
    return "ll" not in kinds and _LATIN.intersection(word) <= _TAKEN_FOR


def _invisible(reading: Reading) -> Iterator[Signal]:
    runs = reading.runs[:_MOST_RUNS]
    is_right_to_left = bool(runs) and any(reading.places_of(chr(first), chr(last)) for first, last in _RIGHT_TO_LEFT)
    for start, end in runs:
        before = reading.raw[start - 1 : start]
        after = reading.raw[end : end + 1]
        run = reading.raw[start:end]
        if _is_trick(run, before, after, is_right_to_left=is_right_to_left):
            first = start - (before not in ("", "\n"))
            last = end + (after not in ("", "\n"))
            yield reading.raw_signal("tricks", first, last, reads=f"U+{ord(run[0]):04X}")


def _is_trick(run: str, before: str, after: str, *, is_right_to_left: bool) -> bool:
    """The module's policy for one run of characters that nobody sees."""
    if not _OVERRIDES.isdisjoint(run):
        return not is_right_to_left
    if "\u0300" <= run[0] <= "\u036f" or "\u20d0" <= run[0] <= "\u20f0":
        return _is_mark_trick(run, before)
    if "\ufe00" <= run[0] <= "\ufe0f":
        return before.isalpha() and not (len(run) > 1 and run[1] == "\u20e3")
    if not (before.isalnum() and after.isalnum()):
        return False
    if _within(ord(before), _JOINING) or _within(ord(after), _JOINING):
        return False
    if run[0] == "\u00ad":
        return not (before < "\u0250" and after < "\u0250")
    if not _DIRECTION.isdisjoint(run):
        return not is_right_to_left
    return not _ZERO_WIDTH.isdisjoint(run) or "\U000e0000" <= run[0] <= "\U000e007f"


def _is_mark_trick(run: str, before: str) -> bool:
    """Marks are at home on letters, two at most; a strike, or one on a digit or a Han character, is for show."""
    if run[0] == "\u20e3":
        return False
    if before.isalpha() and not _within(ord(before), _HAN):
        return len(run) > 2 or any("\u0334" <= mark <= "\u0338" or mark >= "\u20d0" for mark in run)
    return before.isalnum()


def _within(code: int, ranges: tuple[tuple[int, int], ...]) -> bool:
    return any(first <= code <= last for first, last in ranges)
