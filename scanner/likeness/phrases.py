"""The stretches of a text that weigh most: single words tell a reader little, a few together show what was meant."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

Numbers = npt.NDArray[np.intp]
Weights = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

# Phrases that are shown for a listing, and words of one.
MOST = 3
LONGEST = 8


def phrases(weights: Weights, texts: Numbers) -> list[range]:
    """The heaviest stretches of at most ``LONGEST`` words, none over another, in the order of the text.

    ``weights`` are those of the words, ``texts`` the number of the text that each stands in. Of equal stretches it is
    the shortest, and the first; what weighs nothing is no phrase.
    """
    found: list[range] = []
    is_taken = np.zeros(len(weights), np.bool_)
    while len(found) < MOST and (best := _heaviest(weights, texts, is_taken)):
        found.append(best)
        is_taken[best.start : best.stop] = True
    return sorted(found, key=lambda words: words.start)


def _heaviest(weights: Weights, texts: Numbers, is_taken: Flags) -> range:
    sums = np.concatenate(([0.0], np.cumsum(weights)))
    taken = np.concatenate(([0], np.cumsum(is_taken)))
    best, most = range(0), 0.0
    for size in range(1, min(LONGEST, len(weights)) + 1):
        is_free = (texts[size - 1 :] == texts[: len(texts) - size + 1]) & (taken[size:] == taken[:-size])
        weight = np.where(is_free, sums[size:] - sums[:-size], 0)
        first = int(np.argmax(weight))
        if weight[first] > most:
            best, most = range(first, first + size), float(weight[first])
    return best
