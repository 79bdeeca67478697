"""Finding literals (``literals.c``)."""

from __future__ import annotations

from collections.abc import Iterator
from ctypes import byref

import numpy as np
import numpy.typing as npt

from scanner.kernels.declarations import Cursor, LiteralSet
from scanner.kernels.library import Library
from scanner.kernels.memory import LONG, SHORT, address

Index = npt.NDArray[np.intp]

# Occurrences told of at once: bounds the memory that a text can cost. A short text has hardly more than so many a unit.
_MOST, _LEAST, _PER_UNIT = 1 << 17, 64, 2


def find(library: Library, literals: LiteralSet, text: npt.NDArray[np.uint16]) -> Iterator[tuple[Index, Index]]:
    """All occurrences of ``literals``: their numbers and where they begin, in portions."""
    cursor, at, length = Cursor(0, 0, 0, 0), address(text, SHORT), len(text)
    capacity = min(_MOST, _LEAST + _PER_UNIT * length)
    while cursor.first < length:
        literal, position = np.empty((2, capacity), LONG)
        given = address(literal, LONG), address(position, LONG), capacity
        found = library.delist_find(byref(literals), at, length, byref(cursor), *given)
        if found:
            yield literal[:found], position[:found]
