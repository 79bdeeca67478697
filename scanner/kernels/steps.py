"""Answering the prefilter's steps (``steps.c``)."""

from __future__ import annotations

import ctypes
from ctypes import byref
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from scanner.kernels.library import Library
from scanner.kernels.memory import BYTE, INT, LONG, SHORT, Record, address

WORD = np.dtype(np.uint64)

# The operations in the order of their numbers; what a step of any other says is given.
OPERATIONS = ("any", "count", "all", "one", "some", "listing")
GIVEN = len(OPERATIONS)
# More of several steps are never asked to hold.
MOST_SOME = 15

_LONG, _POINTER = ctypes.c_int64, ctypes.c_void_p


class Steps(Record):
    """What is asked, step by step."""

    pointers: ClassVar = {
        "operation": BYTE,
        "reach": BYTE,
        "kind": SHORT,
        "least": INT,
        "first": INT,
        "about": INT,
    }
    _fields_: ClassVar = [("count", _LONG), *((name, _POINTER) for name in pointers)]


class Seen(Record):
    """The hits of a batch, list by list."""

    pointers: ClassVar = {"bounds": INT, "kind": BYTE, "late": BYTE, "may_have": INT, "open": WORD}
    _fields_: ClassVar = [(name, _POINTER) for name in pointers]


class Cells(Record):
    """The cells of one reach; listings have neither ``first`` nor ``kind``."""

    pointers: ClassVar = {"at": INT, "also": INT, "first": INT, "kind": BYTE, "rows": WORD}
    _fields_: ClassVar = [("words", _LONG), *((name, _POINTER) for name in pointers)]


def open_rows(
    library: Library, present: npt.NDArray[np.bool_], row_of: npt.NDArray[np.int32], rows: npt.NDArray[np.uint64]
) -> None:
    """Fill ``rows`` with a bit for each listing of which ``present`` says that a list has hits, or may have some.

    ``row_of`` says of each list which row it has; -1 is none.
    """
    listings, lists = present.shape
    library.delist_open(
        address(present.view(np.uint8), BYTE), listings, lists, address(row_of, INT), rows.shape[1], address(rows, WORD)
    )


def rows_of_lists(library: Library, seen: Seen, cells: Cells, lists: int) -> npt.NDArray[np.uint64]:
    """Of each list the cells where it has hits."""
    rows = np.zeros((lists, cells.words), WORD)
    library.delist_rows(byref(seen), byref(cells), lists, address(rows, WORD))
    return rows


def answer(
    library: Library,
    steps: Steps,
    seen: Seen,
    reaches: Any,
    listings: int,
    *,
    known: npt.NDArray[np.uint64] | None,
    again: npt.NDArray[np.uint8] | None,
    place: npt.NDArray[np.int64],
    counts: npt.NDArray[np.int32],
    rows: npt.NDArray[np.uint64],
) -> None:
    """Fill ``rows``, in which the row of each step begins at ``place``; ``counts`` has a zero for each cell.

    ``known`` has the answers by what is known, to be asked what may be as well; ``again`` marks the steps to
    answer when all were answered before, and more is known of late lists.
    """
    before = None if known is None else address(known, WORD)
    marked = None if again is None else address(again, BYTE)
    library.delist_answer(
        byref(steps),
        byref(seen),
        reaches,
        listings,
        before,
        marked,
        address(place, LONG),
        address(counts, INT),
        address(rows, WORD),
    )
