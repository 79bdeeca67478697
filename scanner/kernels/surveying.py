"""The first look over a batch (``survey.c``)."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from ctypes import byref
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scanner.kernels import gating
from scanner.kernels.declarations import Desk, Gates, Hits, Survey, Told, Whole
from scanner.kernels.library import Library
from scanner.kernels.memory import FLAG, INT, LONG, address

Index = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.int32]

# Documents of which the gates know something at once.
_DOCUMENTS = 64
# Room for atoms, and for rows for each unit read; where it is too little, so many times as much.
_ATOMS, _ROWS_PER_UNIT, _LEAST, _MORE = 1 << 13, 0.125, 1 << 8, 8


class Seen(NamedTuple):
    """Hits of cover words (see ``checking.check``); of words of lists: list, document, field, start and end; and how
    many words each document has."""

    covers: Sequence[Index]
    told: Sequence[Index]
    counts: Numbers


def look(
    library: Library,
    survey: Survey,
    gates: Gates,
    whole: Whole,
    units: int,
    present: npt.NDArray[np.bool_],
    *,
    most: int,
    more: int,
) -> Seen | None:
    """All that is seen in a batch of so many units; ``None`` where more than ``most`` literals occur.

    Sets ``present[document, list]`` where a list has a word, or where a pattern of it may match. What is told has so
    many ``more`` rows, for the caller to fill.
    """
    found = dict(zip(Desk.found, np.empty((len(Desk.found), most + 1), LONG), strict=True))
    for scale in (_MORE**power for power in itertools.count()):
        rows = scale * (_LEAST + int(_ROWS_PER_UNIT * units))
        desk = Desk.of(
            **found,
            of_unit=np.empty(units, INT),
            is_covered=np.zeros(units, FLAG),
            room=gating.room(gates, _DOCUMENTS, scale * _ATOMS),
            capacity=most + 1,
        )
        (hits, covers), (words, told), counts = Hits.columns(rows), Told.columns(rows + more), np.zeros(2, LONG)
        words.capacity = rows
        of_document = np.zeros(len(present), INT)
        flags = address(present, FLAG), present.shape[1]
        given = byref(survey), byref(whole), byref(desk), most, byref(hits), byref(words)
        done = library.delist_survey(*given, *flags, address(of_document, INT), address(counts, LONG))
        if done:
            break
    if done < 0:
        return None
    # Copied, because the room is many times as large.
    return Seen([*covers[:, : counts[0]].copy()], [*told[:, : counts[1] + more].copy()], of_document)
