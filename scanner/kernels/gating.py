"""Where patterns may match (``gates.c``)."""

from __future__ import annotations

from ctypes import byref

import numpy as np
import numpy.typing as npt

from scanner.kernels.declarations import Gates, Passage, Room
from scanner.kernels.library import Library
from scanner.kernels.memory import BYTE, FLAG, LONG, address

Index = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.int32]


def passage(units: npt.NDArray[np.uint16], fields: Numbers, documents: Numbers, count: int) -> Passage:
    """A sequence of units with the field of each, and the documents that the fields are of, ``count`` in all."""
    return Passage.of(units=units, fields=fields, length=len(units), documents=documents, document_count=count)


def mark(
    library: Library, gates: Gates, passage: Passage, found: tuple[Index, Index], present: npt.NDArray[np.bool_]
) -> None:
    """Set ``present[document, list]`` where a pattern of the list may match, by the literals found and where."""
    literal, position = found
    row = (len(present) + 7) // 8
    clauses = np.zeros(gates.clause_count * row, BYTE)
    alternatives = np.empty(gates.alternative_count * row, BYTE)
    capacity = 1 + library.delist_count(gates.bounds, address(literal, LONG), len(literal))
    atoms = np.empty((capacity, 2), LONG)
    room = Room.of(clauses=clauses, alternatives=alternatives, atoms=atoms, row=row, capacity=capacity)
    library.delist_gates(
        byref(gates),
        byref(passage),
        address(literal, LONG),
        address(position, LONG),
        len(literal),
        byref(room),
        address(present, FLAG),
        present.shape[1],
    )
