"""Text that is encoded so that no word of it can be read: Base64, Morse, upside-down letters."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator

from scanner.signals.patterns import ALNUM, Form, Pattern
from scanner.signals.reading import Reading
from scanner.signals.record import Signal

_BASE64 = Pattern(Form(r"[a-z0-9+/]{8,400}={0,2}", ALNUM + "+/=_-.", ALNUM + "+/="))
_MORSE = Pattern(r"(?:[.\-·•—–_]{1,5}[ /|]{1,3}){4,80}[.\-·•—–_]{1,5}", needs=".-·•—–_")
_FLIPPED = Pattern(r"[a-zɐɔǝɟƃɓɥᴉıɾʞɯɹʇʌʍʎ]*[ǝᴉʞƃʇʍʎɟɥɾ][a-zɐɔǝɟƃɓɥᴉıɾʞɯɹʇʌʍʎ]*", needs="ǝᴉʞƃʇʍʎɟɥɾ")
_UPRIGHT = str.maketrans("ɐqɔpǝɟƃɓɥᴉıɾʞɯuodbɹsʇnʌʍxʎz", "abcdefgghiijkmnpqdrstuvwxyz"[:27])
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
    for match in reading.matches(_FLIPPED):
        word = reading.text[match.start : match.end]
        if sum(mark in "ǝᴉʞƃʇʍʎɟɥɾ" for mark in word) >= 2:
            yield reading.signal("encoded_text", match.start, match.end, reads=word[::-1].translate(_UPRIGHT))
