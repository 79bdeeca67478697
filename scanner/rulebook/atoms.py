"""Where patterns may match, told by their literals, which ride on the scan for terms."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scanner import kernels
from scanner.kernels import declarations, gating
from scanner.rulebook.literals import Found, Index, Numbers, spans
from scanner.rulebook.surroundings import BITS, Surroundings
from scanner.text.views import Batch

Flags = npt.NDArray[np.bool_]


class Alternative(NamedTuple):
    """One way in which a pattern may match: its clauses, each a set of literals, must all stand in the document.

    ``setting``: what must stand around the first of them, by number in the surroundings; -1 if nothing is known.
    """

    pattern: int
    clauses: tuple[int, ...]
    setting: int = -1


class Clauses(NamedTuple):
    """The clauses that literal ``i`` stands for: ``numbers[bounds[i]:bounds[i + 1]]``."""

    bounds: Numbers
    numbers: Numbers


class Gates:
    """The alternatives of some patterns, ready to be asked of a batch."""

    def __init__(
        self, alternatives: Sequence[Alternative], lists: Sequence[int], clauses: Clauses, around: Surroundings
    ) -> None:
        """``lists`` tells the list of each pattern. An alternative without clauses makes its pattern weak."""
        self._around = around
        self._clauses_of_literals = clauses
        self.weak = tuple(sorted({one.pattern for one in alternatives if not one.clauses}))
        known = 1 + max((max(one.clauses, default=-1) for one in alternatives), default=-1)
        self._clauses = known + 1
        ordered = sorted(alternatives, key=lambda one: lists[one.pattern])
        needed = [one.clauses or (known,) for one in ordered]
        # Of a clause with a setting: that, and the number of its alternative in this order.
        self._setting_of: Numbers = np.full(self._clauses, -1, np.int32)
        self._alternative_of: Numbers = np.full(self._clauses, -1, np.int32)
        for place, one in enumerate(ordered):
            if one.setting >= 0:
                self._setting_of[needed[place][0]] = one.setting
                self._alternative_of[needed[place][0]] = place
        self._needs: Numbers = np.array([number for some in needed for number in some], np.int32)
        self._first_needs: Numbers = np.cumsum([0, *map(len, needed)], dtype=np.int32)
        self._list_of: Numbers = np.array([lists[one.pattern] for one in ordered], np.int32)

    def mark(self, batch: Batch, found: Found, present: Flags) -> None:
        """A pattern may match where all clauses of one of its alternatives stand, the first among its neighbours.

        ``found`` are literals in the compact view; sets ``present[document, list]`` where a pattern of the list may
        match.
        """
        library = kernels.library()
        if not len(self._list_of) or not len(batch.documents):
            return
        if library is not None:
            passage = gating.passage(batch.compact, batch.field_ends, batch.documents_of_fields, len(present))
            gating.mark(library, self.record, passage, found, present)
        else:
            self._mark(batch, found, present)

    def _mark(self, batch: Batch, found: Found, present: Flags) -> None:
        clause, position, document = self._atoms(batch, found)
        stands = np.zeros((self._clauses, len(batch.documents)), np.bool_)
        stands[clause, document] = True
        # The last row is true of every document: it is the clause of alternatives without any.
        stands[-1] = True
        packed = np.packbits(stands, axis=1)[self._needs]
        stand = np.bitwise_and.reduceat(packed, self._first_needs[:-1].astype(np.intp), axis=0)
        asked = np.flatnonzero(self._setting_of[clause] >= 0)
        stand &= self._in_setting(batch, clause[asked], position[asked], document[asked], stand)
        lists, first = np.unique(self._list_of, return_index=True)
        may_match = np.bitwise_or.reduceat(stand, first, axis=0)
        present[:, lists] |= np.unpackbits(may_match, axis=1, count=len(batch.documents)).astype(np.bool_).T

    def _atoms(self, batch: Batch, found: Found) -> tuple[Index, Index, Index]:
        """The clauses that stand in the batch, each with its position in the compact view and its document."""
        bounds, clauses = self._clauses_of_literals
        first = bounds[found.literal]
        count = bounds[found.literal + 1] - first
        position = np.repeat(found.position, count)
        document = batch.documents_of_kept[position].astype(np.intp)
        return clauses[spans(first, count)].astype(np.intp), position, document

    def _in_setting(
        self, batch: Batch, clause: Index, position: Index, document: Index, stand: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.uint8]:
        """For each alternative and document, eight to a byte, whether the first clause has its neighbours, if any."""
        held = np.ones((len(stand), len(batch.documents)), np.bool_)
        held[self._in_settings] = False
        alternative = self._alternative_of[clause]
        bits = stand[alternative, document >> 3] >> (7 - (document & 7)).astype(np.uint8)
        asked = np.flatnonzero(bits & np.uint8(1))
        if len(asked):
            good = self._around.hold(batch.compact, self._setting_of[clause[asked]].astype(np.intp), position[asked])
            held[alternative[asked[good]], document[asked[good]]] = True
        return np.packbits(held, axis=1)

    @cached_property
    def _in_settings(self) -> Numbers:
        """The alternatives that have a setting."""
        return self._alternative_of[self._alternative_of >= 0]

    @cached_property
    def record(self) -> declarations.Gates:
        """All of it as the kernel takes it. Raises ``ValueError`` where a number leads out of its array."""
        clauses, settings = self._clauses_of_literals.numbers, len(self._around.bounds) - 1
        if not self._around.fits() or settings <= self._setting_of.max() or (clauses >= self._clauses - 1).any():
            raise ValueError("damaged clauses of patterns")
        is_free = np.ones(len(self._list_of), np.bool_)
        is_free[self._in_settings] = False
        return declarations.Gates.of(
            bounds=self._clauses_of_literals.bounds,
            clauses=self._clauses_of_literals.numbers,
            clause_count=self._clauses,
            setting_of=self._setting_of,
            alternative_of=self._alternative_of,
            alternative_count=len(self._list_of),
            needs=self._needs,
            first_needs=self._first_needs,
            list_of=self._list_of,
            is_free=is_free,
            setting_bounds=self._around.bounds,
            first=self._around.first,
            last=self._around.last,
            known=self._around.known,
            units=self._around.units,
            sizes=self._around.sizes,
            known_bits=BITS,
        )
