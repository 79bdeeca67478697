"""Asking conditions of one listing (``conditions.c``)."""

from __future__ import annotations

import ctypes
from ctypes import byref
from typing import ClassVar

import numpy as np
import numpy.typing as npt

from scanner.kernels.library import Library
from scanner.kernels.memory import BYTE, INT, LONG, Record, address

REAL = np.dtype(np.float64)
# One condition, and one mark.
_NUMBERS = ("operation", "first", "count", "atom", "sign", "window", "kinds", "flags")
NODE = np.dtype([*((name, np.int32) for name in _NUMBERS), ("number", np.float64)])
MARK = 8

OPERATIONS = ("term", "signal", "and", "or", "not", "within", "in", "then", "some", "count", "disguised", "fact")
SIGNS = (None, "<", "<=", ">", ">=", "==", "!=")
SENTENCE, FIELD = -1, -2
# Of a mark that stands in no field.
NO_FIELD = -1
# Flags of a node: it holds in everything around what it holds in; it has always a mark to show.
IS_POSITIVE, SHOWS = 1, 2
# Of a condition that does not hold; what is needed is not told; there is no room.
FALSE, NEEDED, FULL = -1, -2, -3
# Of an atom whose marks are among the terms of a listing, and among its others.
OF_TERMS, OF_OTHERS = 1, 2

_LONG, _INT, _POINTER = ctypes.c_int64, ctypes.c_int32, ctypes.c_void_p


class Conditions(Record):
    """All conditions of a rulebook."""

    pointers: ClassVar = {"nodes": NODE, "parts": INT}
    _fields_: ClassVar = [(name, _POINTER) for name in pointers]


class Listing(Record):
    """What is known of one listing."""

    pointers: ClassVar = {
        "others": LONG, "values": REAL, "spans": INT, "present": BYTE, "told": BYTE, "atom_values": REAL,
        "kinds": BYTE, "ranks": INT, "lengths": INT, "sentences": INT, "ends": INT,
    }  # fmt: skip
    terms: int
    term_count: int
    _fields_: ClassVar = [
        ("terms", _POINTER), ("term_count", _LONG), ("others", _POINTER), ("values", _POINTER),
        ("spans", _POINTER), ("present", _POINTER), ("told", _POINTER), ("atom_values", _POINTER), ("kinds", _POINTER),
        ("ranks", _POINTER), ("lengths", _POINTER), ("sentences", _POINTER), ("ends", _POINTER),
    ]  # fmt: skip


class Work(Record):
    """Where work is done, and what is remembered of whole conditions."""

    pointers: ClassVar = {"stack": INT, "kept": INT, "stamps": INT, "places": INT, "counts": INT}
    kept_used: int
    stamp: int
    needed: int
    _fields_: ClassVar = [
        ("stack", _POINTER), ("stack_size", _LONG), ("kept", _POINTER), ("kept_size", _LONG), ("kept_used", _LONG),
        ("stamps", _POINTER), ("places", _POINTER), ("counts", _POINTER), ("stamp", _INT), ("needed", _INT),
    ]  # fmt: skip


def hold(
    library: Library,
    conditions: Conditions,
    listing: Listing,
    work: Work,
    numbers: npt.NDArray[np.int32],
    results: npt.NDArray[np.int64],
    *,
    each: bool,
) -> int:
    """Ask conditions; ``results`` says of each how many marks make it true. Returns 0, ``NEEDED`` or ``FULL``.

    Unless ``each`` is asked for itself, there is no other asked once the first does not hold, whose marks are then at
    the bottom of the stack.
    """
    asked = library.delist_hold_each if each else library.delist_hold
    count: int = asked(
        byref(conditions), byref(listing), byref(work), address(numbers, INT), len(numbers), address(results, LONG)
    )
    return count
