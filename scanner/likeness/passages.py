"""Passages: short stretches of a document, which begin all along it, and how much each reads like an offer."""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

# By these log-odds one of so many passages, 1 first, is likelier to read like an offer by accident: half of what as
# many make that do not overlap. More make no difference, or an offer could be hidden among them.
CHANCES: list[float] = (0.5 * np.log(np.arange(1, 17))).tolist()


class Passages(NamedTuple):
    """The passages of one document from its beginning on: the log-odds of each that it is of an offer, its first
    character, and the one behind its last, counted over all fields with an edge behind each."""

    scores: Sequence[float]
    firsts: Sequence[int]
    ends: Sequence[int]

    def most(self) -> float:
        """The log-odds of the one that reads most like an offer; of none -inf."""
        return max(self.scores, default=-math.inf)

    def worst(self) -> float:
        """The same, less what one of many does by accident. NaN of none."""
        count = len(self.scores)
        return self.most() - CHANCES[min(count, len(CHANCES)) - 1] if count else math.nan

    def around(self, first: int, end: int) -> float:
        """The most of the log-odds of those that some of the characters ``[first, end)`` are in; of none -inf."""
        return max(self.scores[bisect_right(self.ends, first) : bisect_left(self.firsts, end)], default=-math.inf)


NO_PASSAGES = Passages((), (), ())
