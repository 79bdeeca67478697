"""The folded view in UTF-8 (``utf8.c``)."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from scanner.kernels.library import Library
from scanner.kernels.memory import BYTE, LONG, SHORT, address


def encoded(
    library: Library,
    units: npt.NDArray[np.uint16],
    kinds: npt.NDArray[np.uint8],
    first: npt.NDArray[np.int64],
    end: npt.NDArray[np.int64],
) -> list[bytes]:
    """Parts of the units, ``first[i]`` to ``end[i]``, without slots that are dropped."""
    text = np.empty(3 * int((end - first).sum()), BYTE)
    starts = np.empty(len(first) + 1, LONG)
    library.delist_utf8(
        address(units, SHORT), address(kinds, BYTE), address(first, LONG), address(end, LONG), len(first),
        address(text, BYTE), address(starts, LONG),
    )  # fmt: skip
    written = text[: int(starts[-1])].tobytes()
    return [written[begin:after] for begin, after in pairwise(starts.tolist())]
