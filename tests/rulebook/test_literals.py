"""The literal index finds exactly what a naive search finds."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.rulebook.literals import LiteralIndex, build, spans

pytestmark = pytest.mark.usefixtures("engine")


def found(index: LiteralIndex, text: str) -> set[tuple[int, int]]:
    """All occurrences as (literal, position)."""
    units = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    portions = list(index.find(units))
    pairs = [pair for part in portions for pair in zip(part.literal.tolist(), part.position.tolist(), strict=True)]
    assert len(pairs) == len(set(pairs))
    return set(pairs)


def naive(literals: list[str], text: str) -> set[tuple[int, int]]:
    """The same by looking everywhere."""
    return {(i, at) for i, word in enumerate(literals) for at in range(len(text)) if text.startswith(word, at)}


@pytest.mark.parametrize("seed", range(60))
def test_random_sets_agree_with_a_naive_search(seed: int) -> None:
    """Small alphabets make nested, overlapping and repeated literals; all of them are found."""
    chance = random.Random(seed)
    alphabet = "ab手机卡"[: 2 + seed % 4]
    words = {"".join(chance.choices(alphabet, k=chance.randint(1, 7))) for _ in range(chance.randint(1, 60))}
    literals = sorted(words)
    text = "".join(chance.choices(alphabet + "x" * (seed % 3), k=400))
    assert found(build(literals), text) == naive(literals, text)


@settings(max_examples=80, deadline=None)
@given(
    st.lists(st.text(alphabet="ab卡\uffff", min_size=1, max_size=9), max_size=12, unique=True),
    st.text("ab卡c\uffff", max_size=80),
)
def test_any_set_agrees_with_a_naive_search(literals: list[str], text: str) -> None:
    """Also for literals at the very beginning and end of the text."""
    assert found(build(literals), text) == naive(literals, text)


def test_no_literals_and_no_text_find_nothing() -> None:
    """Empty sets and texts are fine."""
    assert found(build([]), "手机卡") == set()
    assert found(build(["手机"]), "") == set()
    assert found(build(["手机"]), "手") == set()


def test_an_empty_literal_is_refused() -> None:
    """It would stand everywhere."""
    with pytest.raises(ValueError, match="at least one"):
        build(["卡", ""])


def test_a_flood_is_found_in_portions() -> None:
    """A text made of one literal costs memory in portions, and every occurrence is reported."""
    index = build(["aa", "aaa", "aaaa"])
    units = np.full(300_000, ord("a"), np.uint16)
    sizes = [len(part.literal) for part in index.find(units)]
    assert len(sizes) > 2
    assert sum(sizes) == 299_999 + 299_998 + 299_997


def test_spans_are_counted_up_row_by_row() -> None:
    """The ragged range that everything is built on."""
    assert spans(np.array([5, 9, 2]), np.array([2, 0, 3])).tolist() == [5, 6, 2, 3, 4]
