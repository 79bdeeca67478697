"""Where patterns may match (``gates.c``)."""

from __future__ import annotations

from ctypes import byref

import numpy as np
import numpy.typing as npt

from scanner.kernels.declarations import Gates, Passage, Room
from scanner.kernels.library import Library
from scanner.kernels.memory import FLAG, LONG, WIDE, address

Index = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.int32]


def passage(units: npt.NDArray[np.uint16], ends: Numbers, documents: Numbers, count: int) -> Passage:
    """A sequence of units with the ends of its fields, and the documents that these are of, ``count`` in all."""
    fields = {"ends": ends, "documents": documents, "field_count": len(ends)}
    return Passage.of(units=units, length=len(units), **fields, first_field=0, first_document=0, document_count=count)


def room(gates: Gates, documents: int, atoms: int) -> Room:
    """Room for what is known of so many documents, and so many atoms."""
    row = (documents + 63) // 64
    return Room.of(
        clauses=np.empty(gates.clause_count * row, WIDE),
        alternatives=np.empty(gates.alternative_count * row, WIDE),
        atoms=np.empty((atoms, 2), LONG),
        row=row,
        capacity=atoms,
    )


def mark(
    library: Library, gates: Gates, passage: Passage, found: tuple[Index, Index], present: npt.NDArray[np.bool_]
) -> None:
    """Set ``present[document, list]`` where a pattern of the list may match, by the literals found and where."""
    literal, position = found
    atoms = 1 + library.delist_count(gates.bounds, address(literal, LONG), len(literal))
    library.delist_gates(
        byref(gates),
        byref(passage),
        address(literal, LONG),
        address(position, LONG),
        len(literal),
        byref(room(gates, len(present), atoms)),
        address(present, FLAG),
        present.shape[1],
    )
