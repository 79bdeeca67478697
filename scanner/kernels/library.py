"""The compiled library: found, checked, and switched off where somebody asks for numpy."""

from __future__ import annotations

import ctypes
import functools
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path
from typing import NamedTuple

import numpy as np

from scanner.kernels.declarations import declare
from scanner.kernels.sources import LIBRARY, digest

# "off": everything in numpy. Else the path of another library, such as one built to find faults.
VARIABLE = "DELIST_KERNELS"
# The layout of arrays and structs that the kernels are written for.
_FITS = np.dtype(np.intp).itemsize == 8 and sys.byteorder == "little"

Library = ctypes.CDLL

_is_off: ContextVar[bool] = ContextVar("_is_off", default=False)


class _Looked(NamedTuple):
    """What was found: the library, or why there is none."""

    library: Library | None
    why: str


def library() -> Library | None:
    """The kernels, or ``None`` where numpy does their work."""
    return None if _is_off.get() else _looked().library


def status() -> str:
    """Which of both is at work, in words."""
    if _is_off.get():
        return "numpy (switched off here)"
    found = _looked()
    return "compiled kernels" if found.library else f"numpy ({found.why})"


@contextmanager
def without() -> Iterator[None]:
    """Do everything in numpy, in this context: to compare both."""
    token = _is_off.set(True)
    try:
        yield
    finally:
        _is_off.reset(token)


@functools.cache
def _looked() -> _Looked:
    chosen = os.environ.get(VARIABLE, "")
    if chosen == "off":
        return _Looked(None, f"{VARIABLE}=off")
    path = Path(chosen) if chosen else LIBRARY
    if not path.exists():
        return _Looked(None, "no kernels were compiled when Delist was installed")
    return _loaded(path) if _FITS else _Looked(None, "the kernels are not made for this kind of machine")


def _loaded(path: Path) -> _Looked:
    try:
        found = ctypes.CDLL(os.fspath(path))
        found.delist_sources.restype = ctypes.c_char_p
        if found.delist_sources().decode() != digest():
            return _Looked(None, f"{path.name} was built from other sources: install Delist again")
        declare(found)
    except (OSError, AttributeError) as error:
        return _Looked(None, f"{path.name} cannot be loaded: {error}")
    return _Looked(found, "")
