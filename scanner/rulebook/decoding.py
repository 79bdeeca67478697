"""Texts hidden in Base64: found by their shape, decoded, and read like any other text."""

from __future__ import annotations

import base64
import binascii
import re

import numpy as np

from scanner.text.views import Batch

# Shorter runs are words and model numbers.
SHORTEST, LONGEST = 16, 4_096
MOST_RUNS = 64
_STEP = 8
_ALPHABET = np.zeros(128, np.bool_)
_ALPHABET[list(b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/-_")] = True
_RUN = re.compile(r"[A-Za-z0-9+/_-]{16,4096}={0,2}")


def decoded_texts(batch: Batch) -> list[tuple[int, int, str]]:
    """Runs of Base64 that decode to text: first character over the batch, size, and the text; ``MOST_RUNS`` at most."""
    found = []
    done = 0
    for place in _places(batch).tolist():
        if place >= done and len(found) < MOST_RUNS:
            begin = max(0, place - LONGEST)
            window = batch.characters[begin : place + LONGEST].astype("<u4").tobytes()
            text = window.decode("utf-32-le", "surrogatepass")
            match = next((m for m in _RUN.finditer(text) if m.end() > place - begin), None)
            done = begin + match.end() if match else place + 1
            if match and (read := _decode(match.group())):
                found.append((begin + match.start(), len(match.group()), read))
    return found


def _places(batch: Batch) -> np.ndarray[tuple[int], np.dtype[np.intp]]:
    """Characters that begin a stretch of twice ``_STEP`` characters of the alphabet, some of every run of ``SHORTEST``."""
    sample = batch.characters[::_STEP]
    there = (sample < 128) & _ALPHABET[sample & np.uint32(127)]
    places = np.flatnonzero(there[:-1] & there[1:]) * _STEP
    for offset in range(1, _STEP):
        characters = batch.characters[places + offset]
        places = places[(characters < 128) & _ALPHABET[characters & np.uint32(127)]]
    return places


def _decode(run: str) -> str:
    """The text that a run stands for; empty if it is no text."""
    padded = run.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        text = base64.b64decode(padded + "=" * (-len(padded) % 4), validate=True).decode("utf-8")
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return ""
    return text if text.isprintable() or "\n" in text else ""
