"""The stretches of a text that weigh most: single words tell a reader little, a few together show what was meant."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

# Phrases that are shown for a listing, and words of one.
MOST = 3
LONGEST = 8


class Weighed(NamedTuple):
    """A word, or two neighbours, at characters ``[start, end)`` of text number ``text``, with its weight."""

    text: int
    start: int
    end: int
    weight: float


def phrases(single: Sequence[Weighed], pairs: Sequence[Weighed]) -> list[Weighed]:
    """The heaviest stretches of at most ``LONGEST`` words, none over another, in the order of the text.

    ``single`` are all words in order; of a pair each word has half of the weight.
    """
    place = {(word.text, word.start): number for number, word in enumerate(single)}
    weights = [word.weight for word in single]
    for pair in pairs:
        first = place[pair.text, pair.start]
        weights[first] += pair.weight / 2
        weights[first + 1] += pair.weight / 2
    found: list[range] = []
    is_free = [True] * len(single)
    while len(found) < MOST and (best := _heaviest(single, weights, is_free)):
        found.append(best)
        for number in best:
            is_free[number] = False
    return [
        Weighed(single[at[0]].text, single[at[0]].start, single[at[-1]].end, sum(weights[i] for i in at))
        for at in sorted(found, key=lambda at: at[0])
    ]


def _heaviest(single: Sequence[Weighed], weights: Sequence[float], is_free: Sequence[bool]) -> range:
    """The stretch with the largest sum, of equal ones the shortest; empty where nothing weighs."""
    best, most = range(0), (0.0, 0)
    for first in range(len(single)):
        total = 0.0
        for end in _ends(single, is_free, first):
            total += weights[end - 1]
            if total > 0 and (total, first - end) > most:
                best, most = range(first, end), (total, first - end)
    return best


def _ends(single: Sequence[Weighed], is_free: Sequence[bool], first: int) -> range:
    """Where a stretch from ``first`` may end: in the same text, before what is taken."""
    last = min(first + LONGEST, len(single))
    stop = next((i for i in range(first, last) if not is_free[i] or single[i].text != single[first].text), last)
    return range(first + 1, stop + 1)
