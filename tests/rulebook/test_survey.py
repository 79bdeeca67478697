"""The rough finder says of a list at least as much as the exact one: where it stands, how often, in which field."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.rulebook import survey
from scanner.rulebook.content import Cover, Entry, Pattern
from scanner.rulebook.lexicon import Hits, Lexicon

pytestmark = pytest.mark.usefixtures("engine")

CARD, SELL, USDT, EACH, UNASKED = range(5)
LEXICON = Lexicon.build(
    entries=[
        Entry(list=CARD, text="手机卡", sound=True, split=True, pinyin=True),
        Entry(list=CARD, text="卡"),
        Entry(list=SELL, text="出售"),
        Entry(list=SELL, text="出"),
        Entry(list=USDT, text="usdt"),
        Entry(list=UNASKED, text="托盘"),
    ],
    covers=[
        Cover(lists=(CARD,), text="手机卡槽"),
        Cover(lists=(CARD, SELL), text="卡出"),
        Cover(lists=(SELL,), text="出口"),
        Cover(lists=(UNASKED,), text="手机"),
    ],
    patterns=[Pattern(list=EACH, re=r"\d+元一张")],
)
ASKED = (CARD, SELL, USDT, EACH)
PIECES = (
    *(
        "手机卡",
        "手机卡槽",
        "卡槽",
        "卡",
        "出售",
        "出口",
        "出",
        "卡出",
        "手-机-卡",
        "手。机。卡",
        "手鸡卡",
        "木几卡",
        "亻",
        "扌机卡",
        "shou ji ka",
    ),
    *(
        "手機卡",
        "USDT",
        "usd",
        "t",
        "u s d t",
        "US0T",
        "xusdtx",
        "5元一张",
        "元一张",
        "托盘",
        " ",
        "，",
        "\n",
        "\u200b",
        "㎡",
        "🐧",
    ),
    *("卡机手", "5omL5py65Y2hIOWNgeW8oOi1tw==", "无关" * 20, "\ud800", "a", "1"),
)
_text = st.lists(st.sampled_from(PIECES), max_size=12).map("".join)
_documents = st.lists(st.lists(_text, max_size=3), min_size=1, max_size=4)


def _places(hits: Hits) -> set[tuple[int, ...]]:
    """Where hits of the lists that are asked for begin."""
    columns = (hits.document, hits.field, hits.list, hits.start)
    return {row for row in zip(*(column.tolist() for column in columns), strict=True) if row[2] in ASKED}


@settings(max_examples=40, deadline=None)
@given(texts=_documents)
def test_nothing_is_missed(texts: list[list[str]]) -> None:
    """Whatever the exact finder finds of the lists asked for, the rough one says too, at the same place."""
    documents = [tuple((f"options[{i}]", text) for i, text in enumerate(some)) for some in texts]
    exact, rough = LEXICON.find(documents), LEXICON.survey(ASKED).find(documents)
    assert _places(exact) <= _places(rough)
    assert np.all(exact.present[:, ASKED] <= rough.present[:, ASKED])


@settings(max_examples=40, deadline=None)
@given(texts=_documents)
def test_places_are_told_of_those_lists_that_somebody_asks_for(texts: list[list[str]]) -> None:
    """Of the others it is known in which documents they have words; and of all, where these are a flood."""
    documents = [tuple((f"options[{i}]", text) for i, text in enumerate(some)) for some in texts]
    placed = set(ASKED[::2])
    whole, part = LEXICON.survey(ASKED).find(documents), LEXICON.survey(ASKED, placed).find(documents)
    assert np.array_equal(whole.present, part.present)
    assert whole.flooded == part.flooded
    assert {row for row in _places(whole) if row[2] in placed} == {row for row in _places(part) if row[2] in placed}


def test_where_nobody_asks_no_place_is_told() -> None:
    """That the words are there is known all the same."""
    documents = [(("title", "手机卡 出售 usdt"),)]
    whole, bare = LEXICON.survey(ASKED).find(documents), LEXICON.survey(ASKED, ()).find(documents)
    assert len(_places(whole)) == 3
    assert not _places(bare)
    assert np.array_equal(whole.present, bare.present)


def test_covers_and_borders_are_looked_at() -> None:
    """What stands in a cover word or inside a longer word is none, at the first look too."""
    documents = [(("title", text),) for text in ("手机卡槽", "xusdtx", "出口", "手机卡 出售 usdt")]
    counts = Counter(document for document, *_ in _places(LEXICON.survey(ASKED).find(documents)))
    assert counts.keys() == {3}


@pytest.mark.parametrize("flood", ["手机卡 ", "受鸡咔 ", "手机卡 受鸡咔 "])
def test_a_flood_in_either_reading_is_looked_at_exactly(flood: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """More words than a pass has room for, as they are written or as they sound, are told as the exact finder tells."""
    monkeypatch.setattr(survey, "MOST_ROWS", 40)
    documents = [(("title", "出售"),), (("description", flood * 60),), (("title", "usdt"),)]
    exact, rough = LEXICON.find(documents), LEXICON.survey(ASKED).find(documents)
    assert np.array_equal(exact.present[:, ASKED], rough.present[:, ASKED])
    assert _places(exact) == _places(rough)
