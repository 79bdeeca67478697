"""Texts hidden in Base64: found by their shape, decoded, and read like any other text."""

from __future__ import annotations

import base64
import binascii
import re
from collections import Counter
from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from scanner import kernels
from scanner.kernels import rereading
from scanner.rulebook.literals import spans
from scanner.text.views import Batch

# Shorter runs are words and model numbers.
SHORTEST, LONGEST = 16, 4_096
MOST_RUNS = 64
_STEP = 8
_ALPHABET = np.zeros(128, np.bool_)
_ALPHABET[list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")] = True
# Slashes and pluses join ordinary words; a stretch to start from has none.
_WORD = _ALPHABET.copy()
_WORD[list(b"+/")] = False
_RUN = re.compile(r"[A-Za-z0-9+/]{16,4096}={0,2}")


def decoded_texts(batch: Batch) -> list[tuple[int, int, str]]:
    """Runs of Base64 that decode to text: first character over the batch, size, and the text.

    At most ``MOST_RUNS`` of a document: what one seller writes takes nothing from what is read of another.
    """
    found: list[tuple[int, int, str]] = []
    counts: Counter[int] = Counter()
    done = 0
    places = _places(batch)
    for place, document in _some_of_each(batch, places) if len(places) else ():
        if place >= done and counts[document] < MOST_RUNS:
            begin = place - _before(batch, place, done)
            match = _RUN.match(batch.characters[begin : place + LONGEST].tobytes().decode("utf-32-le", "surrogatepass"))
            done = begin + match.end() if match else place + 1
            if match and (read := _decode(match.group())):
                found.append((begin, match.end(), read))
                counts[document] += 1
    return found


def _some_of_each(batch: Batch, places: npt.NDArray[np.intp]) -> Iterator[tuple[int, int]]:
    """The first of the places in each document, and the document."""
    starts = batch.field_starts[batch.fields_before]
    document = np.searchsorted(starts, places, side="right") - 1
    rank = np.arange(len(places)) - np.searchsorted(document, document)
    chosen = rank < 16 * MOST_RUNS
    return zip(places[chosen].tolist(), document[chosen].tolist(), strict=True)


def _before(batch: Batch, place: int, done: int) -> int:
    """How far before ``place`` its run begins."""
    characters = batch.characters[max(done, place - _STEP) : place][::-1]
    other = np.flatnonzero((characters >= 128) | ~_ALPHABET[characters & np.uint32(127)])
    return int(other[0]) if len(other) else len(characters)


def _places(batch: Batch) -> npt.NDArray[np.intp]:
    """Where a stretch of the alphabet is long enough, and is mixed as words are not.

    Of every ``_STEP``-th character of a field a run holds two neighbours; only those are looked at first.
    """
    library = kernels.library()
    if library is not None:
        return rereading.mixed(library, batch.characters, batch.field_starts)
    counts = (np.diff(batch.field_starts) + _STEP - 1) // _STEP
    at = np.repeat(batch.field_starts[:-1], counts) + _STEP * spans(np.zeros(len(counts), np.intp), counts)
    sample = batch.characters[at]
    there = (sample < 128) & _WORD[sample & np.uint32(127)]
    places = at[:-1][there[:-1] & there[1:] & (np.diff(at) == _STEP)]
    for offset in range(1, _STEP):
        characters = batch.characters[places + offset]
        places = places[(characters < 128) & _WORD[characters & np.uint32(127)]]
    stretch = batch.characters[places[:, None] + np.arange(_STEP + 1)]
    small, capital = stretch >= 0x61, (stretch >= 0x41) & (stretch <= 0x5A)
    mixed = (small[:, :-1] & capital[:, 1:]) | (~small & ~capital)[:, :-1]
    found: npt.NDArray[np.intp] = places[mixed.any(axis=1) & small.any(axis=1)]
    return found


def _decode(run: str) -> str:
    """The text that a run stands for; empty if it is no text."""
    bare = run.rstrip("=")
    try:
        text = base64.b64decode(bare + "=" * (-len(bare) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
    return text if text.isprintable() or "\n" in text else ""
