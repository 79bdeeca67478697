"""What is so of which listing (or stretch of text), as one whole number: bit i for listing i."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Bits = int

# Places that are quicker set one by one.
_FEW = 24


def bits_of(flags: Flags) -> Bits:
    """Bit i is set where ``flags[i]`` is."""
    return int.from_bytes(np.packbits(flags, bitorder="little").tobytes(), "little")


def bits_at(places: Sequence[int] | NDArray[np.integer], count: int) -> Bits:
    """The bits at some places are set, of ``count``."""
    if not len(places):
        return 0
    if isinstance(places, list) and len(places) < _FEW:
        few = 0
        for place in places:
            few |= 1 << place
        return few
    flags = np.zeros(count, np.bool_)
    flags[places] = True
    return bits_of(flags)


def flags_of(bits: Bits, count: int) -> Flags:
    """``flags[i]`` says whether bit i is set, for the first ``count`` bits."""
    data = np.frombuffer(bits.to_bytes(count // 8 + 1, "little"), np.uint8)
    return np.unpackbits(data, bitorder="little", count=count).view(np.bool_)


def places_of(bits: Bits) -> list[int]:
    """The numbers of the bits that are set."""
    if not bits:
        return []
    data = np.frombuffer(bits.to_bytes(bits.bit_length() // 8 + 1, "little"), np.uint8)
    places: list[int] = np.unpackbits(data, bitorder="little").nonzero()[0].tolist()
    return places
