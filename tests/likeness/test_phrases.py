"""The phrases that are shown: the heaviest stretches, apart from each other, within one text."""

from __future__ import annotations

from scanner.likeness.phrases import LONGEST, MOST, Weighed, phrases


def words(*weights: float, text: int = 0) -> list[Weighed]:
    """Words of one character side by side."""
    return [Weighed(text, at, at + 1, weight) for at, weight in enumerate(weights)]


def found(single: list[Weighed], pairs: list[Weighed] | None = None) -> list[tuple[int, int, int]]:
    """Text, start and end of each phrase."""
    return [(one.text, one.start, one.end) for one in phrases(single, pairs or [])]


def test_the_heaviest_stretches_come_in_the_order_of_the_text() -> None:
    """A light word between two heavy ones is part of the phrase; what speaks against is not."""
    assert found(words(0, 3, 1, 3, -9, 0, 5, -9)) == [(0, 1, 4), (0, 6, 7)]


def test_a_pair_gives_half_to_each_of_its_words() -> None:
    """Two words that weigh nothing alone are shown for what they say together."""
    pair = Weighed(0, 1, 3, 4.0)
    assert found(words(-1, 0, 0, -1), [pair]) == [(0, 1, 3)]


def test_no_phrase_is_longer_or_reaches_over_the_edge_of_a_field() -> None:
    """Many heavy words make several phrases; the next field begins a new one."""
    long = found(words(*[1.0] * (4 * LONGEST)))
    assert len(long) == MOST
    assert all(end - start == LONGEST for _, start, end in long)
    assert found([*words(1, 1), *words(1, 1, text=1)]) == [(0, 0, 2), (1, 0, 2)]


def test_where_nothing_weighs_nothing_is_shown() -> None:
    """Words that speak for innocence are no evidence."""
    assert found(words(-1, 0, -2)) == []
    assert found([]) == []
