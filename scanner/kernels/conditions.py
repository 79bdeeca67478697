"""Asking rules of the candidates of a batch (``hearing.c``, ``conditions.c``)."""

from __future__ import annotations

import ctypes
from collections.abc import Sequence
from ctypes import byref
from typing import ClassVar

import numpy as np

from scanner.kernels.library import Library
from scanner.kernels.memory import BYTE, INT, LONG, Record, address

REAL = np.dtype(np.float64)
# One condition, and one mark.
_NUMBERS = ("operation", "first", "count", "atom", "sign", "window", "kinds", "flags")
NODE = np.dtype([*((name, np.int32) for name in _NUMBERS), ("number", np.float64)])
MARK = 8
# What is remembered of a condition, in numbers.
MEMORY = 3

OPERATIONS = ("term", "signal", "and", "or", "not", "within", "in", "then", "some", "count", "disguised", "fact")
SIGNS = (None, "<", "<=", ">", ">=", "==", "!=")
SENTENCE, FIELD = -1, -2
# Of a mark that stands in no field.
NO_FIELD = -1
# Flags of a node: it holds in everything around what it holds in; it has always a mark to show.
IS_POSITIVE, SHOWS = 1, 2
# Of a condition that does not hold; what is needed is not told; there is no room.
FALSE, NEEDED, FULL = -1, -2, -3
# Of an atom whose marks are among the terms of a listing, of one whose marks are among its others, and of one of which
# the value alone is told.
OF_TERMS, OF_OTHERS, OF_VALUE = 1, 2, 3

# What must be told of, at once.
MOST_NEEDS = 64
# Of a verdict: how many marks make the rule true, or one of the above; the first of them; a bit for each guard.
VERDICT = 3

_LONG, _INT, _POINTER = ctypes.c_int64, ctypes.c_int32, ctypes.c_void_p


class Conditions(Record):
    """All conditions of a rulebook, and those of each rule and its guards."""

    pointers: ClassVar = {"nodes": NODE, "parts": INT, "bounds": INT, "asked": INT, "at_hand": BYTE}
    _fields_: ClassVar = [*((name, _POINTER) for name in pointers), ("atoms", _LONG), ("count", _LONG)]


class Docket(Record):
    """What is known of the candidates of a batch."""

    pointers: ClassVar = {
        "candidates": LONG, "terms": INT, "rules": INT, "fields": INT, "present": BYTE, "facts": REAL,
        "chances": REAL, "chances_told": BYTE,
    }  # fmt: skip
    others: int
    values: int
    tellings: int
    atom_values: int
    latest: int
    ends: int
    _fields_: ClassVar = [
        ("candidates", _POINTER), ("terms", _POINTER), ("rules", _POINTER), ("fields", _POINTER),
        ("present", _POINTER), ("lists", _LONG), ("facts", _POINTER), ("facts_at", _LONG), ("fact_count", _LONG),
        ("chances", _POINTER), ("chances_told", _POINTER), ("chances_at", _LONG), ("chance_count", _LONG),
        ("others", _POINTER), ("values", _POINTER), ("tellings", _POINTER), ("atom_values", _POINTER),
        ("latest", _POINTER), ("ends", _POINTER),
    ]  # fmt: skip


class Work(Record):
    """Where work is done, and what is remembered of whole conditions."""

    stamp: int
    pointers: ClassVar = {
        "stack": INT, "kept": INT, "memories": INT, "needs": INT, "nexts": INT,
        "heads": INT, "spans": INT, "told": BYTE, "atom_values": REAL, "sentences": INT,
    }  # fmt: skip
    _fields_: ClassVar = [
        ("stack", _POINTER), ("stack_size", _LONG), ("kept", _POINTER), ("kept_size", _LONG), ("kept_used", _LONG),
        ("memories", _POINTER), ("stamp", _INT), ("needed", _INT),
        ("needs", _POINTER), ("needs_count", _LONG), ("nexts", _POINTER), ("heads", _POINTER), ("spans", _POINTER),
        ("told", _POINTER), ("atom_values", _POINTER), ("sentences", _POINTER),
    ]  # fmt: skip


class Minutes(Record):
    """What is written down when candidates are heard."""

    shown_used: int
    needs_used: int
    pointers: ClassVar = {"verdicts": LONG, "shown": INT, "needs": INT}
    _fields_: ClassVar = [
        ("verdicts", _POINTER), ("shown", _POINTER), ("shown_size", _LONG), ("shown_used", _LONG),
        ("needs", _POINTER), ("needs_used", _LONG),
    ]  # fmt: skip


def hear(
    library: Library, conditions: Conditions, docket: Docket, work: Work, candidates: Sequence[int], minutes: Minutes
) -> int:
    """Ask the rules of some candidates; returns of how many of them there was room to write down what they show."""
    numbers = np.array(candidates, LONG)
    heard: int = library.delist_hear(
        byref(conditions), byref(docket), byref(work), address(numbers, LONG), len(numbers), byref(minutes)
    )
    return heard
