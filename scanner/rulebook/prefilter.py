"""Which rules are worth asking of which listings: most listings cost nothing beyond the matching itself.

Every rule names sets of lists of each of which one must have hit (``Rule.needs``). Presence is kept as bits, one row a
list, one bit a listing, so that a batch is settled in a handful of numpy calls whatever the number of rules.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from scanner.rulebook.compiled import Rule


class Prefilter:
    """The needs of all rules, laid out for ``reduceat``."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self._lists = 1 + max((number for rule in rules for clause in rule.needs for number in clause), default=-1)
        clauses = sorted({clause for rule in rules for clause in rule.needs})
        number = {clause: index for index, clause in enumerate(clauses)}
        self._rows, self._row_starts = _ragged(clauses)
        # The row after the last clause is always true: a rule that needs nothing is asked of every listing.
        self._clauses, self._clause_starts = _ragged(
            [[number[c] for c in rule.needs] or [len(clauses)] for rule in rules]
        )
        self._rules = len(rules)

    def candidates(self, present: NDArray[np.bool_]) -> list[tuple[int, int]]:
        """Pairs ``(listing, rule)`` worth asking, listing by listing; ``present[listing, list]`` says what has hit."""
        size = len(present)
        if not self._rules or not size:
            return []
        bits = np.packbits(present.T, axis=1)
        if len(bits) < self._lists:
            # Lists at the end that have no usable term are unknown to the engine.
            bits = np.pad(bits, ((0, self._lists - len(bits)), (0, 0)))
        met = np.empty((len(self._row_starts) + 1, bits.shape[1]), dtype=np.uint8)
        met[-1] = 0xFF
        if len(self._row_starts):
            met[:-1] = np.bitwise_or.reduceat(bits[self._rows], self._row_starts, axis=0)
        asked = np.bitwise_and.reduceat(met[self._clauses], self._clause_starts, axis=0)
        pairs = np.unpackbits(asked, axis=1, count=size).T.nonzero()
        return list(zip(pairs[0].tolist(), pairs[1].tolist(), strict=True))


def _ragged(rows: Sequence[Sequence[int]]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    lengths = [len(row) for row in rows]
    starts = np.cumsum([0, *lengths[:-1]], dtype=np.intp) if rows else np.empty(0, np.intp)
    return np.array([number for row in rows for number in row], dtype=np.intp), starts
