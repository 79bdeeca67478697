"""The phrases that are shown: the heaviest stretches, apart from each other, within one text."""

from __future__ import annotations

import numpy as np

from scanner.likeness.phrases import LONGEST, MOST, phrases


def found(*weights: float, texts: tuple[int, ...] | None = None) -> list[tuple[int, int]]:
    """First word of each phrase, and the one after the last."""
    numbers = np.zeros(len(weights), np.intp) if texts is None else np.array(texts)
    return [(one.start, one.stop) for one in phrases(np.array(weights, np.float64), numbers)]


def test_the_heaviest_stretches_come_in_the_order_of_the_text() -> None:
    """A light word between two heavy ones is part of the phrase; what speaks against, or nothing, is not."""
    assert found(0, 3, 1, 3, -9, 0, 5, -9) == [(1, 4), (6, 7)]


def test_no_phrase_is_longer_or_reaches_over_the_edge_of_a_field() -> None:
    """Many heavy words make several phrases; the next field begins a new one."""
    long = found(*[1.0] * (4 * LONGEST))
    assert len(long) == MOST
    assert all(end - start == LONGEST for start, end in long)
    assert found(1, 1, 1, 1, texts=(0, 0, 1, 1)) == [(0, 2), (2, 4)]


def test_where_nothing_weighs_nothing_is_shown() -> None:
    """Words that speak for innocence are no evidence."""
    assert found(-1, 0, -2) == []
    assert found() == []
