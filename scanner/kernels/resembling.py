"""How much documents read like what weights were learnt from (``likeness.c``)."""

from __future__ import annotations

from collections.abc import Sequence
from ctypes import byref

import numpy as np
import numpy.typing as npt

from scanner.kernels.declarations import Alphabet, Weights
from scanner.kernels.library import Library
from scanner.kernels.memory import CODE, DOUBLE, LONG, address


def resemble(
    library: Library, alphabet: Alphabet, weights: Weights, texts: Sequence[str], documents: Sequence[int], count: int
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.int64]]:
    """The score of each of ``count`` documents, NaN for one of too few words, and how many words it has;
    ``documents`` are those of ``texts``."""
    scores, counts = np.full(count, np.nan), np.zeros(count, np.int64)
    ends, of = np.cumsum([*map(len, texts)], dtype=np.int64), np.array(documents, np.int64)
    characters = np.frombuffer("".join(texts).encode("utf-32-le", "surrogatepass"), CODE)
    words, seen = np.empty(len(characters) + len(texts), CODE), np.zeros(len(weights.held["keys"]), CODE)
    given = address(characters, CODE), address(ends, LONG), address(of, LONG), len(texts)
    made = address(words, CODE), address(seen, CODE), address(scores, DOUBLE), address(counts, LONG)
    library.delist_resemble(byref(alphabet), byref(weights), *given, *made)
    return scores, counts
