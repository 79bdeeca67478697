"""From characters to slots, and from slots to views (``fold.c``)."""

from __future__ import annotations

from ctypes import byref
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from scanner.kernels.declarations import Alphabet, Signs, Views
from scanner.kernels.library import Library
from scanner.kernels.memory import CODE, LONG, address

Codes = npt.NDArray[np.uint32]
Index = npt.NDArray[np.intp]


class Slots(NamedTuple):
    """The code of each slot; the first slots of expansions, and by how much slots have moved before each; the code of
    each character."""

    codes: Codes
    expanded: Index
    growth: Index
    of_characters: Codes


def fold(library: Library, alphabet: Alphabet, characters: Codes, ends: Index) -> tuple[Slots, Signs]:
    """The slots of ``characters``, in which fields end (their edges included) before ``ends``; what was seen."""
    signs, count = Signs(), len(characters)
    codes = np.empty(count, CODE)
    given = address(characters, CODE), count, address(ends, LONG), len(ends)
    library.delist_fold(byref(alphabet), *given, address(codes, CODE), byref(signs))
    if not signs.expansions:
        return Slots(codes, _NONE, _NONE, codes), signs
    wide = np.empty(count + signs.growth, CODE)
    expanded, growth = np.empty(signs.expansions, LONG), np.empty(signs.expansions + 1, LONG)
    places = address(expanded, LONG), address(growth, LONG), signs.expansions
    library.delist_expand(byref(alphabet), address(codes, CODE), count, address(wide, CODE), len(wide), *places)
    return Slots(wide, expanded, growth, codes), signs


def views(library: Library, alphabet: Alphabet, codes: Codes, signs: Signs, fields: int) -> dict[str, npt.NDArray[Any]]:
    """The arrays of all views by name (see ``Views``); adds to ``signs`` which kinds there are."""
    count = len(codes)
    made = {name: np.empty(fields if name == "field_ends" else count, kind) for name, kind in Views.pointers.items()}
    arrays = byref(Views.of(**made, field_count=fields))
    kept = library.delist_views(byref(alphabet), address(codes, CODE), count, arrays, byref(signs))
    sizes = {"kept": kept, "compact": kept, "syllables": kept, "breaks": signs.breaks, "before_breaks": signs.breaks}
    return {name: array[: sizes.get(name)] for name, array in made.items()}


_NONE: Index = np.zeros(0, np.intp)
