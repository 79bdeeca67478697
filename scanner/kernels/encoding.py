"""The folded view in UTF-8 (``utf8.c``)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scanner.kernels.library import Library
from scanner.kernels.memory import BYTE, LONG, SHORT, address


def encoded(
    library: Library, units: npt.NDArray[np.uint16], kinds: npt.NDArray[np.uint8], slots: npt.NDArray[np.int64]
) -> tuple[bytes, list[int]]:
    """The units of all slots that are not dropped, and where the parts that begin at ``slots`` begin in that."""
    text = np.empty(3 * len(units), BYTE)
    starts = np.empty(len(slots), LONG)
    library.delist_utf8(
        address(units, SHORT), address(kinds, BYTE), address(slots, LONG), len(slots) - 1, address(text, BYTE),
        address(starts, LONG),
    )  # fmt: skip
    return text[: int(starts[-1])].tobytes(), starts.tolist()
