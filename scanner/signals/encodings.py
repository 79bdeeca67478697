"""Text that is encoded so that no word of it can be read: Base64, Morse, upside-down letters."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from scanner.signals.patterns import ALNUM, Form, Pattern
from scanner.signals.reading import MOST_SIGNALS, Reading
from scanner.signals.record import Signal

# Base64 of Han characters begins with 5 or 6; other Base64 without any digit is rare, and words have none.
_BASE64 = Pattern(Form(r"[a-z+/]*[0-9+/][a-z0-9+/]*={0,2}", ALNUM + "+/=_-.", ALNUM + "+/="))
_MORSE = Pattern(
    r"(?:[.\-·•—–_]{1,5}[ /|]{1,3}){4,}[.\-·•—–_]{1,5}", needs=[sign + gap for sign in ".-·•—–_" for gap in " /|"]
)
# Two Han characters in Base64.
_SHORTEST = 8
# Letters that are written upside down, towards the letters they stand for. Phonetic script has some of them too.
_TURNED = "ǝᴉʞƃʇʍʎɟɥɾ"
_UPRIGHT = str.maketrans("ɐqɔpǝɟƃɥᴉıɾʞɯuodbɹʇnʌʍʎ", "abcdefghiijkmnopqrtuvwy")
_CODE = dict(
    zip(
        [
            ".-",
            "-...",
            "-.-.",
            "-..",
            ".",
            "..-.",
            "--.",
            "....",
            "..",
            ".---",
            "-.-",
            ".-..",
            "--",
            "-.",
            "---",
            ".--.",
            "--.-",
            ".-.",
            "...",
            "-",
            "..-",
            "...-",
            ".--",
            "-..-",
            "-.--",
            "--..",
            "-----",
            ".----",
            "..---",
            "...--",
            "....-",
            ".....",
            "-....",
            "--...",
            "---..",
            "----.",
        ],
        "abcdefghijklmnopqrstuvwxyz0123456789",
        strict=True,
    )
)


def encoded(reading: Reading) -> tuple[Signal, ...]:
    """Each encoded piece; ``reads`` is what it says."""
    return (*_base64(reading), *_morse(reading), *_flipped(reading))


def _base64(reading: Reading) -> Iterator[Signal]:
    for match in reading.matches(_BASE64):
        size = match.end - match.start
        if size < _SHORTEST or size % 4:
            continue
        start, end = reading.original(match.start, match.end)
        if says := _decoded(reading.raw[start:end]):
            yield reading.raw_signal("encoded_text", start, end, reads=says)


def _decoded(text: str) -> str:
    """What Base64 ``text`` says, or "": Han characters always count, Latin text only when it has words."""
    if text.islower() or text.isdigit() or len(text) % 4:
        return ""
    try:
        says = base64.b64decode(text, validate=True).decode("utf-8")
    except (binascii.Error, ValueError):
        return ""
    if not says.isprintable():
        return ""
    han = sum("\u4e00" <= mark <= "\u9fff" for mark in says)
    return says if 2 * han >= len(says) > 1 or (len(says) >= 12 and " " in says.strip() and says.isascii()) else ""


def _morse(reading: Reading) -> Iterator[Signal]:
    dots = str.maketrans("·•—–_", "..---")
    for match in reading.matches(_MORSE):
        tokens = reading.text[match.start : match.end].translate(dots).replace("/", " ").replace("|", " ").split()
        says = "".join(_CODE.get(token, "?") for token in tokens)
        if "?" not in says and len(set(says)) >= 4:
            yield reading.signal("encoded_text", match.start, match.end, reads=says)


def _flipped(reading: Reading) -> Iterator[Signal]:
    """Words with two upside-down letters and more; the folded text has them upright already."""
    if not any(mark in reading.raw for mark in _TURNED):
        return
    done = 0
    for place in reading.places_of("\u0180", "\u1dff")[:MOST_SIGNALS]:
        if place < done or reading.raw[place] not in _TURNED:
            continue
        start, done = _letters(reading.raw, place)
        word = reading.raw[start:done].lower()
        if sum(mark in _TURNED for mark in word) >= 2:
            yield reading.raw_signal("encoded_text", start, done, reads=word[::-1].translate(_UPRIGHT))


def _letters(text: str, place: int) -> tuple[int, int]:
    """The run of letters around a place, forty on either side at most."""
    start, end = place, place + 1
    while start > max(0, place - 40) and text[start - 1].isalpha() and text[start - 1] < "\u1e00":
        start -= 1
    while end < min(len(text), place + 40) and text[end].isalpha() and text[end] < "\u1e00":
        end += 1
    return start, end
