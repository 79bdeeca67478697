"""Answering the prefilter's steps (``steps.c``)."""

from __future__ import annotations

import ctypes
from ctypes import byref
from typing import Any, ClassVar, NamedTuple

import numpy as np
import numpy.typing as npt

from scanner.kernels.library import Library
from scanner.kernels.memory import BYTE, FLAG, INT, LONG, SHORT, Record, address

WORD = np.dtype(np.uint64)

# The operations in the order of their numbers; what a step of any other says is given.
OPERATIONS = ("any", "count", "chain", "all", "one", "some", "listing")
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
        "after": INT,
    }
    _fields_: ClassVar = [("count", _LONG), *((name, _POINTER) for name in pointers)]


class Part(Record):
    """The hits of one pass, row by row, and what the passes before it have of each thing."""

    pointers: ClassVar = dict.fromkeys(
        ("list", "document", "field", "start", "end", "fields_before", "field_starts"), LONG
    )
    _fields_: ClassVar = [
        *((name, _POINTER) for name in pointers),
        *((name, _LONG) for name in ("rows", "first_row", "first_document", "first_field", "first_character")),
    ]


class Seen(Record):
    """The hits of a batch, list by list."""

    pointers: ClassVar = {
        "bounds": INT,
        "row": INT,
        "kind": BYTE,
        "late": BYTE,
        "may_have": INT,
        "open": WORD,
        "ends": WORD,
    }
    _fields_: ClassVar = [("parts", _POINTER), *((name, _POINTER) for name in pointers)]


class Cells(Record):
    """The cells of one reach; listings have neither ``first`` nor ``kind``."""

    pointers: ClassVar = {"at": INT, "also": INT, "first": INT, "kind": BYTE, "rows": WORD}
    _fields_: ClassVar = [("words", _LONG), *((name, _POINTER) for name in pointers)]


class Sorted(NamedTuple):
    """Hits list by list, with the bounds of each list: the row, the listing, and the kind of field; if somebody asks,
    the number of the field, counted over the batch, and where in the field the hit begins."""

    bounds: npt.NDArray[np.int32]
    row: npt.NDArray[np.int32]
    listing: npt.NDArray[np.int32]
    kind: npt.NDArray[np.uint8]
    field: npt.NDArray[np.int32] | None
    start: npt.NDArray[np.int32] | None


def turn(
    library: Library,
    present: npt.NDArray[np.bool_],
    late: npt.NDArray[np.uint8],
    rows: npt.NDArray[np.uint64],
    open_rows: npt.NDArray[np.uint64],
) -> None:
    """For each list a bit for each listing of which ``present`` says that it has hits, or may have some.

    Those of ``late`` lists go to ``open_rows``, the others to ``rows``; both have a row for each list.
    """
    listings, lists = present.shape
    flags = address(present, FLAG), listings, lists, address(late, BYTE)
    library.delist_turn(*flags, rows.shape[1], address(rows, WORD), address(open_rows, WORD))


def sort(
    library: Library,
    parts: Any,
    hits: int,
    wanted: npt.NDArray[np.uint8],
    kinds: npt.NDArray[np.uint8],
    *,
    places: bool,
) -> Sorted:
    """Of so many hits, in an array of ``Part``, those of ``wanted`` lists; ``kinds`` are those of all fields."""
    bounds = np.zeros(len(wanted) + 2, INT)
    row, listing, kind = np.empty(hits, INT), np.empty(hits, INT), np.empty(hits, BYTE)
    field, start = (np.empty(hits, INT), np.empty(hits, INT)) if places else (None, None)
    found = (None if column is None else address(column, INT) for column in (field, start))
    known = address(bounds, INT), address(row, INT), address(listing, INT), address(kind, BYTE)
    library.delist_sort(parts, len(parts), address(wanted, BYTE), len(wanted), address(kinds, BYTE), *known, *found)
    return Sorted(bounds[:-1], row, listing, kind, field, start)


def stretched(
    library: Library, hits: Sorted, first: npt.NDArray[np.int64], reach: int
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32]]:
    """The two stretches of a reach that hold the beginning of each hit; ``first`` are the first ones of all fields.

    Raises ``ValueError`` for hits without places.
    """
    if hits.field is None or hits.start is None:
        raise ValueError("stretches of hits without places")
    at, also, count = hits.field.copy(), hits.start.copy(), int(hits.bounds[-1])
    library.delist_stretch(count, address(first, LONG), reach, address(at, INT), address(also, INT))
    return at, also


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
    answer when all were answered before, by what was known then.
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
