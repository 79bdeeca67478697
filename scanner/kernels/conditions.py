"""Asking rules of one listing (``conditions.c``)."""

from __future__ import annotations

import ctypes
from array import array
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


class Listing(Record):
    """What is known of one listing."""

    pointers: ClassVar = {
        "nexts": INT, "heads": INT, "others": LONG, "values": REAL, "spans": INT, "told": BYTE, "atom_values": REAL,
        "lengths": INT, "sentences": INT, "ends": INT,
    }  # fmt: skip
    terms: int
    term_count: int
    present: int
    kinds: int
    ranks: int
    field_count: int
    late_count: int
    _fields_: ClassVar = [
        ("terms", _POINTER), ("term_count", _LONG), ("nexts", _POINTER), ("heads", _POINTER), ("others", _POINTER),
        ("values", _POINTER), ("spans", _POINTER), ("present", _POINTER), ("told", _POINTER),
        ("atom_values", _POINTER), ("kinds", _POINTER), ("ranks", _POINTER), ("lengths", _POINTER),
        ("field_count", _LONG), ("sentences", _POINTER), ("ends", _POINTER), ("late_count", _LONG),
    ]  # fmt: skip


class Work(Record):
    """Where work is done, and what is remembered of whole conditions."""

    stamp: int
    pointers: ClassVar = {"stack": INT, "kept": INT, "stamps": INT, "places": INT, "counts": INT, "needs": INT}
    _fields_: ClassVar = [
        ("stack", _POINTER), ("stack_size", _LONG), ("kept", _POINTER), ("kept_size", _LONG), ("kept_used", _LONG),
        ("stamps", _POINTER), ("places", _POINTER), ("counts", _POINTER), ("stamp", _INT), ("needed", _INT),
        ("needs", _POINTER), ("needs_count", _LONG),
    ]  # fmt: skip


class Court:
    """Where rules are asked of one listing after another; some of ``most``."""

    def __init__(self, library: Library, conditions: Conditions, listing: Listing, work: Work, most: int) -> None:
        self._held = conditions, listing, work
        self._before = byref(conditions), byref(listing), byref(work)
        self._take_up, self._hear = library.delist_take_up, library.delist_hear
        rules, self._verdicts = np.empty(most, INT), np.empty((most, VERDICT), LONG)
        self._places = address(rules, INT), address(self._verdicts, LONG)
        # Written through this: to write numbers into an array takes several times as long.
        self._rules = rules.data.cast("B").cast("i")

    def take_up(self, rules: array[int]) -> None:
        """Rules to be asked of a listing; what was told of the one before is forgotten."""
        self.count = len(rules)
        self._rules[: self.count] = rules
        self._verdicts[: self.count] = NEEDED
        self._take_up(*self._before)

    def hear(self) -> int:
        """Ask the rules whose verdict is ``NEEDED``; returns how many things must be told of before they are asked
        again."""
        rules, verdicts = self._places
        needs: int = self._hear(*self._before, rules, self.count, verdicts)
        return needs

    @property
    def verdicts(self) -> list[list[int]]:
        """What is found of each rule."""
        verdicts: list[list[int]] = self._verdicts[: self.count].tolist()
        return verdicts
