"""Compiled kernels and numpy give the same, number by number, whatever the texts contain."""

from __future__ import annotations

import base64
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner import kernels
from scanner.rulebook import readings
from scanner.rulebook.content import Cover, Entry, Pattern
from scanner.rulebook.decoding import decoded_texts
from scanner.rulebook.lexicon import Hits, Lexicon
from scanner.text.views import Batch, Document

pytestmark = pytest.mark.skipif(kernels.library() is None, reason="without a C compiler there is only numpy")

CARD, SELL, LATIN, EACH, NEAR = range(5)
LEXICON = Lexicon.build(
    entries=[
        Entry(list=CARD, text="手机卡", sound=True, split=True, pinyin=True),
        Entry(list=CARD, text="手 机"),
        Entry(list=CARD, text="卡"),
        Entry(list=SELL, text="出售", sound=True),
        Entry(list=SELL, text="出"),
        Entry(list=LATIN, text="usdt"),
        Entry(list=LATIN, text="a1"),
        Entry(list=LATIN, text="x"),
    ],
    covers=[
        Cover(lists=(CARD,), text="手机卡槽"),
        Cover(lists=(CARD, SELL), text="卡出"),
        Cover(lists=(SELL,), text="出口"),
    ],
    patterns=[
        Pattern(list=EACH, re=r"\d+元一张"),
        Pattern(list=NEAR, re=r"(给|帮|替)(你)?[^。]{0,6}刷单"),
        Pattern(list=NEAR, re=r"\d{3}"),
    ],
)
ASKED = (CARD, SELL, LATIN, EACH, NEAR)
HIDDEN = base64.b64encode("出售手机卡，十张起批".encode()).decode()
PIECES = (
    *(
        "手机卡",
        "手机卡槽",
        "卡",
        "卡出",
        "出口",
        "出售",
        "初受",
        "手鸡卡",
        "木几卡",
        "扌机卡",
        "亻",
        "手木几卡出",
        "钅艮",
        "shou ji ka",
        "sj卡",
    ),
    *(
        "手-机-卡",
        "手。机。卡",
        "手\n机\n卡",
        "手    机卡",
        "手\u200b机\u0301卡",
        "手" + "\u200b" * 300 + "机",
        "卡机手",
        "银*卡",
        "手**卡",
    ),
    *(
        "usdt",
        "u s d t",
        "US-DT",
        "US0T",
        "U5DT",
        "us dt",
        "xusdtx",
        "a1",
        "ａ１",
        "a11",
        "$team",
        "x",
        "🇽",
        "🇽x",
        "ⓤⓢⓓⓣ",
    ),
    *(
        "5元一张",
        "元一张",
        "给你刷单",
        "给" + "很" * 5 + "刷单",
        "刷单给",
        "帮。刷单",
        "123",
        "㎡",
        "½",
        "ﷺ",
        "⑳",
        "🐧",
        "📱卡",
        "\u202e",
        "ʇpsn",
    ),
    *(
        HIDDEN,
        HIDDEN[:19],
        "A1b2" * 9,
        " ",
        "，",
        "\n",
        "\r\n",
        "\u2028",
        "\ud800",
        "\uffff",
        "\x00",
        "\U0010ffff",
        "a",
        "1",
        "l",
        "无关" * 9,
    ),
)
_text = st.lists(st.one_of(st.sampled_from(PIECES), st.characters(codec=None)), max_size=14).map("".join)
_documents = st.lists(st.lists(_text, max_size=4), max_size=5)
# Texts in which a loop could run over its end, or a number out of its range.
ADVERSARIAL: tuple[list[list[str]], ...] = (
    [],
    [[]],
    [[""], ["", ""]],
    [["卡"]],
    [["手机卡" * 700]],
    [["u" * 900, "usdt" * 300]],
    [["手\n机\n卡\n" * 60]],
    [["一\n" * 300, "a\n\n\nb"]],
    [["手" + "\u0301" * 5_000 + "机卡"]],
    [["ﷺ" * 400]],
    [["㎡" * 3 + "手机卡" + "½" * 90, "🇽usdt🇾"]],
    [["1" * 70 + "l" * 70 + "a1b" * 50]],
    [[HIDDEN * 40, HIDDEN.replace("=", " ")]],
    [["给", "刷单"], ["刷单"], ["给刷单"]],
    [["\U0010ffff\ud800\udfff\x00\ufffe\uffff" * 40]],
    [["手机卡"]] * 17,
    [*[["手机卡出售", ""], ["给 刷单", "卡出"]] * 70, []],
    [["卡出口" * 3, "手机卡出售" * 2]] * 9,
    [["手机卡"], ["亻 木几卡出口", "扌机卡 5元一张"], [], ["扌"], ["彳亍123"]],
)


_COLUMNS = ("document", "field", "start", "end", "list")


def seen(documents: list[list[str]]) -> dict[str, Any]:
    """Every array that a kernel has a part in, as lists."""
    made: list[Document] = [tuple((f"options[{i}]", text) for i, text in enumerate(some)) for some in documents]
    batch = Batch(made)
    names = (
        "codes",
        "units",
        "kinds",
        "kept",
        "compact",
        "syllables",
        "field_ends",
        "fields_of_kept",
        "documents_of_kept",
        "has_flags",
    )
    found: dict[str, Any] = {name: np.asarray(getattr(batch, name)).tolist() for name in names}
    found["sources"] = batch.sources(np.arange(len(batch.codes))).tolist()
    if made:
        for read in (readings.without_aliases, readings.leet, readings.masked, readings.backwards, readings.downwards):
            reading = read(batch)
            found[read.__name__] = reading and [column.tolist() for column in reading]
        found["decoded"] = decoded_texts(batch)
    exact = LEXICON.find(made)
    found["exact"] = told(exact)
    found["marks"] = [exact.marks(number) for number in range(len(made))]
    for name, placed in (("rough", None), ("placed", ASKED[::2])):
        rough = told(LEXICON.survey(ASKED, placed).find(made))
        # Its hits are in no order that matters.
        columns = [rough.pop(column) for column in _COLUMNS]
        found[name] = {**rough, "hits": sorted(zip(*columns, strict=True))}
    return found


def told(hits: Hits) -> dict[str, Any]:
    """What a finder answers, but for the entries of the rough one, which has none."""
    columns = {name: getattr(hits, name).tolist() for name in _COLUMNS}
    covers = [[column.tolist() for column in part.covers] for part in hits.passes]
    terms = [[column.tolist() for column in part.terms] for part in hits.passes]
    again = [[column.tolist() for column in part.covers_unjoined] for part in hits.passes]
    rest = {"present": hits.present.tolist(), "floods": hits.floods, "again": again}
    return columns | rest | {"covers": covers, "terms": terms}


def assert_equal(documents: list[list[str]]) -> None:
    """Both ways see the same."""
    with kernels.without():
        expected = seen(documents)
    assert seen(documents) == expected


@settings(max_examples=100, deadline=None)
@given(_documents)
def test_any_texts_are_seen_alike(documents: list[list[str]]) -> None:
    """Views, readings, hits, places, cover words and what patterns may match: equal for any characters."""
    assert_equal(documents)


@pytest.mark.parametrize("documents", ADVERSARIAL, ids=lambda documents: repr(documents)[:30])
def test_hostile_texts_are_seen_alike(documents: list[list[str]]) -> None:
    """Floods, gaps without end, edges, expansions, and documents without fields or texts."""
    assert_equal(documents)
