"""Personal data out of sight: telephone numbers, messenger handles, addresses, as far as detectors know them.

A masked text is as long as the original, so that positions hold. What is masked stays in the store and in the
evidence: who needs to see it says so, and that is an event.
"""

from __future__ import annotations

from scanner.model import Listing
from scanner.signals.listing import Signals
from scanner.signals.numerals import DIGITS

MASK = "•"
# The first letters of a handle tell its kind, the last ones tell two apart; between them nothing is shown.
_HEAD, _TAIL = 3, 2
_SHORT = 8
# No handle has fewer letters and digits.
_LEAST = 5


class Masker:
    """Masks what is known as a contact in one listing, and in lines that quote from it."""

    def __init__(self, listing: Listing, *, masks: bool = True) -> None:
        self._masks = masks
        self.found = Signals(listing).found("contact")
        self._lines: dict[str, str] = {}

    @property
    def hides(self) -> bool:
        """Whether there is something that is not shown."""
        return self._masks and bool(self.found)

    def field(self, name: str, text: str) -> str:
        """A field's text with its handles masked, character for character."""
        if not self._masks:
            return text
        for signal in self.found:
            if signal.field == name:
                text = text[: signal.start] + masked(text[signal.start : signal.end]) + text[signal.end :]
        return text

    def line(self, text: str) -> str:
        """A line of ours that may quote a handle from the listing."""
        if not self._masks:
            return text
        if text not in self._lines:
            self._lines[text] = self._masked_line(text)
        return self._lines[text]

    def _masked_line(self, text: str) -> str:
        for signal in self.found:
            handle = signal.reads.partition(":")[2]
            for known in (signal.text, handle):
                if len(known) > _HEAD + _TAIL:
                    text = text.replace(known, masked(known))
        return text


def masked(handle: str) -> str:
    """A handle with its middle masked; separators stay, so that its shape can be recognised."""
    letters = [place for place, character in enumerate(handle) if character.isalnum()]
    head, tail = (_HEAD, _TAIL) if len(letters) >= _SHORT else (1, 1)
    hidden = set(letters[head : len(letters) - tail])
    return "".join(MASK if place in hidden else character for place, character in enumerate(handle))


def masked_reading(reads: str) -> str:
    """What some words were read as, such as ``phone:138…``, with a handle in it masked."""
    kind, colon, handle = reads.partition(":")
    is_handle = colon and kind.isascii() and kind.isalpha() and len(handle) > _HEAD + _TAIL
    return f"{kind}:{masked(handle)}" if is_handle else masked_line(reads)


def _is_of_handles(character: str) -> bool:
    """Whether handles are made of it: a letter or digit of any width, or a digit in disguise."""
    return character in DIGITS or (character.isalnum() and not "\u3400" <= character <= "\u9fff")


def masked_line(text: str) -> str:
    """One text by itself, such as a title in a list, with its handles masked."""
    if sum(map(_is_of_handles, text)) < _LEAST:
        return text
    return Masker(Listing(platform="", listing_id="", title=text)).field("title", text)
