"""Finding literals (``literals.c``)."""

from __future__ import annotations

from collections.abc import Iterator
from ctypes import byref

import numpy as np
import numpy.typing as npt

from scanner.kernels.declarations import LONG, SHORT, Anchored, Cursor, address
from scanner.kernels.library import Library

Index = npt.NDArray[np.intp]

# Occurrences told of at once: bounds the memory that a text can cost. A short text has hardly more than so many a unit.
_MOST, _LEAST, _PER_UNIT = 1 << 16, 64, 2


def find(library: Library, part: Anchored, text: npt.NDArray[np.uint16]) -> Iterator[tuple[Index, Index]]:
    """All occurrences of the literals of ``part``: their numbers and where they begin, in portions."""
    cursor, length = Cursor(0, -1), len(text)
    at = address(text, SHORT)
    capacity = min(_MOST, _LEAST + _PER_UNIT * length)
    while True:
        literal, position = np.empty(capacity, LONG), np.empty(capacity, LONG)
        found = library.delist_find(
            byref(part), at, length, byref(cursor), address(literal, LONG), address(position, LONG), capacity
        )
        if found:
            yield literal[:found], position[:found]
        if found < capacity:
            return
