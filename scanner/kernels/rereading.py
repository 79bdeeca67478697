"""Other readings of a batch (``readings.c``)."""

from __future__ import annotations

from ctypes import byref, c_int64
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scanner.kernels.declarations import Lines, Read, Slots
from scanner.kernels.library import Library
from scanner.kernels.memory import BYTE, CODE, FLAG, INT, LONG, SHORT, address

Index = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.int32]
Units = npt.NDArray[np.uint16]
Bytes = npt.NDArray[np.uint8]
Flags = npt.NDArray[np.bool_]


class Sequence(NamedTuple):
    """Units in the order in which they are read, and the slot of each."""

    units: Units
    slots: Numbers


class Breaks(NamedTuple):
    """The kinds of all slots; those where lines and fields end; how many of the compact view are before each."""

    kinds: Bytes
    slots: Numbers
    before: Numbers


def leet(library: Library, slots: Slots, is_sign: Flags, letters: Units, reach: int) -> Sequence:
    """The surroundings of signs inside Latin words. ``is_sign`` flags the first units, ``letters`` reads every one."""
    marks = np.empty(slots.slots, FLAG)
    sequence, read = np.empty(slots.slots, INT), np.empty(slots.slots, SHORT)
    signs = address(is_sign, FLAG), address(letters, SHORT), reach
    room = address(marks, FLAG), address(sequence, INT), address(read, SHORT)
    count = library.delist_leet(byref(slots), *signs, *room)
    return Sequence(read[:count], sequence[:count])


def downwards(library: Library, breaks: Breaks, compact: Units, kept: Numbers, fewest: int, columns: int) -> Sequence:
    """Fields of ``fewest`` lines or more, read down: the first units, the last ones, and all ``columns`` of a table."""
    most = len(breaks.slots)
    room = {name: np.empty(most, kind) for name, kind in Lines.pointers.items()}
    lines, longest = Lines.of(**room, capacity=most), c_int64()
    given = address(breaks.kinds, BYTE), address(breaks.slots, INT), address(breaks.before, INT), most
    count = library.delist_lines(*given, fewest, columns, byref(lines), byref(longest))
    is_edge, is_short = room["is_edge"][:count], room["is_short"][:count]
    of_all = count + np.count_nonzero(is_edge)
    of_short = np.count_nonzero(is_short) + np.count_nonzero(is_short & is_edge)
    capacity = 2 * of_all + max(longest.value - 1, 0) * of_short + 1
    found = Sequence(np.empty(capacity, SHORT), np.empty(capacity, INT))
    read = Read.of(units=found.units, slots=found.slots, capacity=capacity)
    made = 0
    for at, only_short in ((0, 0), (-1, 0), *((at, 1) for at in range(1, longest.value))):
        given = address(compact, SHORT), address(kept, INT), at, only_short
        made = library.delist_column(byref(lines), count, *given, byref(read), made)
    return Sequence(found.units[:made], found.slots[:made])


def mixed(library: Library, characters: npt.NDArray[np.uint32], fields: Index) -> Index:
    """Where a stretch of Base64 may be, by the first character of each field and the one after the last."""
    places = np.empty(len(characters) // 8 + 1, LONG)
    given = address(characters, CODE), address(fields, LONG), len(fields) - 1
    return places[: library.delist_mixed(*given, address(places, LONG), len(places))]
