"""How much a listing reads like a prohibited offer: a sign learnt from examples, for offers that no word gives away.

Rules end where an offer is told in everyday words ("works the moment it is in, the bill is nobody's"). A linear model
over words and pairs of neighbouring words (``weights``), fitted once to examples that were written for it (``learn``)
and shipped as a table, says how much a text has in common with the offers among them. It decides nothing by itself:
rules name it as the signal ``resembles``, and every finding that rests on it shows the words that weighed most.

Harmless words beside an offer make the whole read harmless. So passages are read too: where one around the words that a
rule found reads like an offer, innocent words elsewhere are not believed.
"""

from scanner.likeness.passages import Passages
from scanner.likeness.weights import (
    CATEGORIES,
    FEWEST_WORDS,
    Likeness,
    Places,
    chance_of,
    least_score,
    load,
    score_above,
    version,
)
from scanner.likeness.words import PASSAGE, PORTION

__all__ = [
    "CATEGORIES",
    "FEWEST_WORDS",
    "PASSAGE",
    "PORTION",
    "Likeness",
    "Passages",
    "Places",
    "chance_of",
    "least_score",
    "load",
    "score_above",
    "version",
]
