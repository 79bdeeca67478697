"""From occurrences of literals to hits, rows and places (``checks.c``, ``rows.c``)."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import byref

import numpy as np
import numpy.typing as npt

from scanner.kernels.declarations import (
    Fields,
    Ground,
    Hits,
    Ordered,
    Owners,
    Places,
    Reading,
    Rows,
    Traits,
)
from scanner.kernels.library import Library
from scanner.kernels.memory import FLAG, INT, LONG, SHORT, address

Index = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.int32]
Units = npt.NDArray[np.uint16]
Flags = npt.NDArray[np.bool_]
Found = tuple[Index, Index]


def check(
    library: Library, ground: Ground, reading: Reading, traits: Traits, found: Found, wanted: Flags | None
) -> Sequence[Index]:
    """The hits among ``found``: literal, position, first slot, last slot, gap. ``wanted`` flags literals."""
    hits, columns = Hits.columns(len(found[0]))
    count = library.delist_check(
        byref(ground),
        byref(reading),
        byref(traits),
        None if wanted is None else address(wanted, FLAG),
        *map(_long, found),
        len(found[0]),
        byref(hits),
    )
    return [*columns[:, :count]]


def only_leet(
    library: Library, units: Units, reading: Reading, lengths: Numbers, literal: Index, position: Index
) -> Flags:
    """Which hits have digits or signs read as letters, and as many letters at least; ``units`` are those of slots."""
    kept = np.empty(len(literal), FLAG)
    given = address(units, SHORT), byref(reading), address(lengths, INT), _long(literal), _long(position), len(literal)
    library.delist_only_leet(*given, address(kept, FLAG))
    return kept


def own(
    library: Library, ground: Ground, owners: Owners, hits: Sequence[Index], view: int, plain: tuple[int, int]
) -> Sequence[Index]:
    """A row for each owner of each hit (literal, first and last slot, gap): first character, size, owner, view, gap.

    ``view`` is that of all rows, or -1: each owner's own, ``plain[0]`` becoming ``plain[1]`` where there is a gap.
    """
    literal = hits[0]
    capacity = library.delist_count(owners.bounds, _long(literal), len(literal))
    rows, columns = Rows.columns(capacity)
    library.delist_own(byref(ground), byref(owners), *map(_long, hits), len(literal), view, *plain, byref(rows))
    return [*columns]


def locate(library: Library, fields: Fields, count: int, at: Index, size: Index) -> Sequence[Index]:
    """Document, field, start and end of spans, by their first character over the batch and their size."""
    found, columns = Places.columns(len(at))
    library.delist_locate(byref(fields), count, _long(at), _long(size), len(at), byref(found))
    return [*columns]


def uncover(library: Library, rows: Ordered, covers: Ordered, list_of: Index) -> Flags:
    """Which rows lie in no cover word of their list."""
    kept = np.ones(rows.count, FLAG)
    library.delist_uncover(byref(rows), byref(covers), _long(list_of), address(kept, FLAG))
    return kept


def most(library: Library, document: Index, owner: Index, most: int) -> Flags | None:
    """Which rows, in order of document, are among the first ``most`` of their owner there; ``None``: all are."""
    kept, counts = np.ones(len(owner), FLAG), np.zeros(int(owner.max()) + 1, INT)
    given = _long(document), _long(owner), len(owner), most, address(counts, INT)
    return kept if library.delist_most(*given, address(kept, FLAG)) else None


def _long(array: Index) -> int:
    return address(array, LONG)
