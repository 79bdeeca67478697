"""What lies in memory as kernels take it: arrays of a kind and in one piece, structs that point to them."""

from __future__ import annotations

import ctypes
from typing import Any, ClassVar, Self

import numpy as np
import numpy.typing as npt

LONG, INT, SHORT, BYTE = np.dtype(np.int64), np.dtype(np.int32), np.dtype(np.uint16), np.dtype(np.uint8)
CODE, WIDE, FLAG = np.dtype(np.uint32), np.dtype(np.uint64), np.dtype(np.bool_)
DOUBLE = np.dtype(np.float64)


_place, _first_byte = ctypes.addressof, ctypes.c_char.from_buffer


def address(array: npt.NDArray[Any], kind: np.dtype[Any]) -> int:
    """Where an array lies; raises ``TypeError`` unless it is of this kind, in one piece."""
    if array.dtype == kind:
        # This way refuses arrays in pieces, and also those that may not be written to or have nothing in them. It is
        # tried first because it is the quicker one: a listing by itself asks for a hundred.
        try:
            return _place(_first_byte(array))  # type: ignore[arg-type]  # numpy does not say so
        except (TypeError, ValueError):
            if array.flags.c_contiguous:
                return array.ctypes.data
    raise TypeError(f"a kernel takes {kind} in one piece, not {array.dtype} with strides {array.strides}")


def _field(value: Any, kind: np.dtype[Any] | None) -> Any:
    if isinstance(value, (ctypes.Structure, ctypes.Array)):
        return ctypes.addressof(value)
    return value if kind is None or value is None else address(value, kind)


class Record(ctypes.Structure):
    """A struct of the C sources; it keeps alive the arrays and structs that its pointers lead to."""

    pointers: ClassVar[dict[str, np.dtype[Any]]]
    layout: ClassVar[list[tuple[str, np.dtype[Any] | None]]]
    held: dict[str, Any]

    def __init_subclass__(cls) -> None:
        """Note the fields in order: a listing by itself makes a dozen structs."""
        cls.layout = [(field[0], cls.pointers.get(field[0])) for field in cls._fields_]

    @classmethod
    def of(cls, **values: Any) -> Self:
        """``values`` are numbers, and arrays or structs where the struct has pointers; without, one is null."""
        made = cls(*[_field(values.get(name), kind) for name, kind in cls.layout])
        made.held = values
        return made


class Columns(ctypes.Structure):
    """Columns of whole numbers that a kernel fills, and the number of rows that have room."""

    names: ClassVar[tuple[str, ...]]

    @classmethod
    def columns(cls, capacity: int) -> tuple[Self, npt.NDArray[np.int64]]:
        """Room for so many rows, a column for each row of the array, which the caller keeps."""
        room = np.empty((len(cls.names), capacity), LONG)
        first, step = address(room, LONG), capacity * LONG.itemsize
        return cls(*range(first, first + max(step, 1) * len(cls.names), max(step, 1)), capacity), room
