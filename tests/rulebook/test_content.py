"""Words and patterns as columns: what goes in comes out, and what does not fit together is refused."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.rulebook.content import Content, Cover, Entry, Pattern, Words

ENTRIES = st.lists(st.builds(Entry, st.integers(0, 99), st.text(), st.booleans(), st.booleans(), st.booleans()))


@given(ENTRIES)
def test_entries_come_out_as_they_went_in(entries: list[Entry]) -> None:
    content = Content.of(entries, [], [Pattern(100, "x")])
    assert [*content.entries] == entries
    assert content.list_of.tolist() == [entry.list for entry in entries] + [100]
    assert content.lists == 101


def test_a_cover_word_has_a_row_for_each_list() -> None:
    content = Content.of([], [Cover((1, 4), "卡槽"), Cover((), "nothing"), Cover((2,), "")], [])
    assert [*content.covers] == [Cover((1,), "卡槽"), Cover((4,), "卡槽"), Cover((2,), "")]
    assert content.lists == 5


def test_nothing_at_all_has_no_lists() -> None:
    assert Content.of([], [], []).lists == 0


@given(st.lists(st.text()))
def test_words_are_a_sequence_of_texts(texts: list[str]) -> None:
    words = Words.of(texts)
    assert (len(words), [*words], words[1:]) == (len(texts), texts, texts[1:])


@pytest.mark.parametrize("number", [-1, 2])
def test_there_is_no_word_beyond_the_last(number: int) -> None:
    with pytest.raises(IndexError):
        Words.of(["a", "b"])[number]


@pytest.mark.parametrize("bounds", [[], [0], [0, 3], [1, 2], [0, 2, 1, 2]])
def test_bounds_that_do_not_fit_are_refused(bounds: list[int]) -> None:
    with pytest.raises(ValueError, match="damaged"):
        Words("ab", np.array(bounds, np.int32))
