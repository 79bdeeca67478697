"""How much documents read like what weights were learnt from (``likeness.c``)."""

from __future__ import annotations

from ctypes import byref

import numpy as np
import numpy.typing as npt

from scanner.kernels.declarations import Alphabet, Weights
from scanner.kernels.library import Library
from scanner.kernels.memory import BYTE, CODE, DOUBLE, LONG, address

Numbers = npt.NDArray[np.int64]


def resemble(
    library: Library,
    alphabet: Alphabet,
    weights: Weights,
    characters: npt.NDArray[np.uint32],
    fields: tuple[Numbers, bytes, Numbers],
) -> tuple[npt.NDArray[np.float64], Numbers]:
    """The score of each document, NaN where nothing can be said, and how many words were read; ``fields`` are the first
    character of each and the end, what each is to its document, and how many there are before each document and in
    all."""
    starts, parts, before = fields
    count = len(before) - 1
    scores, counts = np.full(count, np.nan), np.zeros(count, np.int64)
    # The words of one document at a time; what is not written to takes no memory.
    words, seen = np.empty(len(characters) + 1, CODE), np.zeros(len(weights.held["keys"]), CODE)
    given = address(characters, CODE), address(starts, LONG), parts, address(before, LONG), count
    made = address(words, CODE), address(seen, CODE), address(scores, DOUBLE), address(counts, LONG)
    library.delist_resemble(byref(alphabet), byref(weights), *given, *made)
    return scores, counts


def passages(
    library: Library,
    alphabet: Alphabet,
    weights: Weights,
    characters: npt.NDArray[np.uint32],
    fields: tuple[Numbers, bytes, Numbers],
    documents: Numbers,
) -> npt.NDArray[np.float64]:
    """The score of the worst passage of each of some documents, given by number; NaN where nothing can be said."""
    starts, parts, before = fields
    lengths = starts[before[documents + 1]] - starts[before[documents]]
    words, singles, pairs = np.empty((3, int(lengths.max(initial=0)) + 1), CODE)
    seen, scores = np.zeros(len(weights.held["keys"]), BYTE), np.empty(len(documents), DOUBLE)
    given = address(characters, CODE), address(starts, LONG), parts, address(before, LONG), address(documents, LONG)
    made = address(words, CODE), address(singles, CODE), address(pairs, CODE), address(seen, BYTE)
    library.delist_passages(byref(alphabet), byref(weights), *given, len(documents), *made, address(scores, DOUBLE))
    return scores
