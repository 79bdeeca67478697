"""What documents that were read together resemble (see ``scanner.likeness``), each thing found out when it is asked."""

from __future__ import annotations

from functools import cached_property

import numpy as np
import numpy.typing as npt

from scanner import likeness
from scanner.rulebook.literals import Index
from scanner.rulebook.passes import OfEach, Pass, Passes
from scanner.text.views import Place

Scores = npt.NDArray[np.float64]


class Likenesses:
    """Of all documents of some passes, by number: how much each reads like an offer; which category it resembles most,
    which phrases weighed most, and its passages."""

    def __init__(self, passes: Passes, scores: Scores | None = None) -> None:
        """``scores``, if they are known already."""
        self._passes = passes
        self.categories = OfEach(passes, lambda part, own: likeness.load().categories(part.batch, own))
        self.phrases = OfEach(passes, lambda part, own: likeness.load().phrases(part.batch, own))
        self.passages = OfEach(passes, lambda part, own: likeness.load().passages(part.batch, own))
        if scores is not None:
            vars(self)["scores"] = scores

    @cached_property
    def scores(self) -> Scores:
        """How much each document reads like an offer (see ``scanner.likeness``)."""
        known = [_scores(part) for part in self._passes]
        return np.concatenate(known) if known else np.zeros(0)

    @property
    def is_scored(self) -> bool:
        """Whether that is known already."""
        return "scores" in vars(self)

    def score(self, document: int) -> float:
        """The same of one document."""
        return float(self.scores[document])

    def around(self, documents: Index, places: Place) -> tuple[Scores, Scores]:
        """How much the passages read like an offer, in log-odds: the most of each of some documents, and of those
        around some places in them, both in order; -inf where there are none."""
        found = []
        for part, own in self._passes.parts(documents.tolist()):
            numbers = np.array(own, np.intp)
            chosen = slice(*np.searchsorted(places.document, part.first + numbers[[0, -1]] + (0, 1)))
            inside = Place(*(column[chosen] for column in places))
            inside = inside._replace(document=inside.document - part.first)
            found.append(likeness.load().around(part.batch, numbers, inside))
        most, around = map(np.concatenate, zip(*found, strict=True))
        return most, around


def _scores(part: Pass) -> Scores:
    return likeness.load().scores(part.batch) if part.scores is None else part.scores
