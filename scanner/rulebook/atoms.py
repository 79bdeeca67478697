"""Where patterns may match, told by their literals, which ride on the scan for terms."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from scanner.rulebook.literals import Index, Numbers
from scanner.rulebook.surroundings import Surroundings
from scanner.text.views import Batch

Flags = npt.NDArray[np.bool_]


class Alternative(NamedTuple):
    """One way in which a pattern may match: its clauses, each a set of literals, must all stand in the document.

    ``setting``: what must stand around the first of them, by number in the surroundings; -1 if nothing is known.
    """

    pattern: int
    clauses: tuple[int, ...]
    setting: int = -1


class Atoms(NamedTuple):
    """Literals of patterns: the clause that each stands for, where it begins in the compact view, the document."""

    clause: Index
    position: Index
    document: Index | Numbers


NO_ATOMS = Atoms(*(np.zeros(0, np.intp) for _ in Atoms._fields))


class Gates:
    """The alternatives of some patterns, ready to be asked of a batch."""

    def __init__(self, alternatives: Sequence[Alternative], lists: Sequence[int], around: Surroundings) -> None:
        """``lists`` tells the list of each pattern. An alternative without clauses makes its pattern weak."""
        self._around = around
        self.weak = tuple(sorted({one.pattern for one in alternatives if not one.clauses}))
        known = 1 + max((max(one.clauses, default=-1) for one in alternatives), default=-1)
        self._clauses = known + 1
        ordered = sorted(alternatives, key=lambda one: lists[one.pattern])
        clauses = [one.clauses or (known,) for one in ordered]
        # Of a clause with a setting: that, and the number of its alternative in this order.
        self._setting_of: Index = np.full(self._clauses, -1, np.intp)
        self._alternative_of: Index = np.full(self._clauses, -1, np.intp)
        for place, one in enumerate(ordered):
            if one.setting >= 0:
                self._setting_of[clauses[place][0]] = one.setting
                self._alternative_of[clauses[place][0]] = place
        self._clauses_of: Index = np.array([number for some in clauses for number in some], np.intp)
        self._first_clauses: Index = np.cumsum([0, *map(len, clauses)])[:-1]
        self._lists, self._first_alternatives = np.unique(
            np.array([lists[one.pattern] for one in ordered], np.intp), return_index=True
        )

    def mark(self, batch: Batch, atoms: Sequence[Atoms], present: Flags) -> None:
        """A pattern may match where all clauses of one of its alternatives stand, the first among its neighbours."""
        if not len(self._lists):
            return
        clause, position, document = map(np.concatenate, zip(*atoms, strict=True))
        stands = np.zeros((self._clauses, len(batch.documents)), np.bool_)
        stands[clause, document] = True
        # The last row is true of every document: it is the clause of alternatives without any.
        stands[-1] = True
        stand = np.bitwise_and.reduceat(np.packbits(stands, axis=1)[self._clauses_of], self._first_clauses, axis=0)
        asked = np.flatnonzero(self._setting_of[clause] >= 0)
        stand &= self._in_setting(batch, clause[asked], position[asked], document[asked], stand)
        lists = np.bitwise_or.reduceat(stand, self._first_alternatives, axis=0)
        may_match = np.unpackbits(lists, axis=1, count=len(batch.documents)).astype(np.bool_)
        present[:, self._lists] |= may_match.T

    def _in_setting(
        self, batch: Batch, clause: Index, position: Index, document: Index | Numbers, stand: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.uint8]:
        """For each alternative and document, eight to a byte, whether the first clause has its neighbours, if any."""
        held = np.ones((len(stand), len(batch.documents)), np.bool_)
        held[self._alternative_of[self._alternative_of >= 0]] = False
        alternative = self._alternative_of[clause]
        bits = stand[alternative, document >> 3] >> (7 - (document & 7)).astype(np.uint8)
        asked = np.flatnonzero(bits & np.uint8(1))
        if len(asked):
            good = self._around.hold(batch.compact, self._setting_of[clause[asked]], position[asked])
            held[alternative[asked[good]], document[asked[good]]] = True
        return np.packbits(held, axis=1)
