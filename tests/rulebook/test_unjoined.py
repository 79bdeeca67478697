"""A bare radical makes a document be read with its characters joined, and hides nothing that stands there."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np
import pytest

from scanner.model import View
from scanner.rulebook.content import Cover, Entry, Pattern
from scanner.rulebook.finder import MOST_HITS
from scanner.rulebook.hits import Hits
from scanner.rulebook.lexicon import Lexicon
from scanner.text.views import Document

pytestmark = pytest.mark.usefixtures("engine")

WORDS = ("广发", "开口卡", "手木几卡", "网立占", "接石马", "音号", "七位qq", "手机卡", "接码", "银行卡", "发")
ISSUER, WEIGHT, PRICE = range(len(WORDS), len(WORDS) + 3)
LISTS = range(PRICE + 1)
LEXICON = Lexicon.build(
    [Entry(number, word, sound=True, split=True) for number, word in enumerate(WORDS)],
    [Cover((WORDS.index("发"),), "广发"), Cover((WORDS.index("音号"), WEIGHT), "科音号")],
    [Pattern(ISSUER, "广发.{0,4}卡"), Pattern(WEIGHT, r"科音号|\d斤"), Pattern(PRICE, r"\d+元|\d+园")],
)
# A text, and the words and characters found in it: as it stands, or joined.
FOUND = (
    ("亻 出 广发 信用", {("广发", "广发")}),
    ("出 开口卡 疒", {("开口卡", "开口卡")}),
    ("手木几卡 扌", {("手木几卡", "手木几卡"), ("手机卡", "手木几卡")}),
    ("讠 网立占", {("网立占", "网立占")}),
    ("接石马 氵", {("接石马", "接石马"), ("接码", "接石马")}),
    ("亻 出售 禾斗音号", {("音号", "音号")}),
    ("亻 出售 白七位qq", {("七位qq", "七位qq")}),
    ("扌机卡 钅艮彳亍卡", {("手机卡", "扌机卡"), ("银行卡", "钅艮彳亍卡")}),
    ("广发 扌妾石马", {("广发", "广发"), ("接码", "扌妾石马")}),
    ("亻 广 发", {("广发", "广 发")}),
    ("亻 手机卡", {("手机卡", "手机卡")}),
)


def document(text: str) -> Document:
    """With another field before and behind."""
    return (("title", "🐧㎡"), ("text", text), ("rest", "无关"))


def words(hits: Hits, documents: Sequence[Document]) -> set[tuple[str, str]]:
    """The words found, each with the characters that its place names."""
    columns = (hits.entry, hits.document, hits.field, hits.start, hits.end)
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return {(WORDS[entry], documents[number][field][1][start:end]) for entry, number, field, start, end in rows}


@pytest.mark.parametrize(("text", "expected"), FOUND)
def test_what_stands_there_and_what_is_joined_are_both_found(text: str, expected: set[tuple[str, str]]) -> None:
    """Plain words are found beside a bare radical, joined ones too, where they stand, and at the first look as well."""
    documents = [document(text)]
    assert words(LEXICON.find(documents), documents) == expected
    rough = LEXICON.survey(LISTS).find(documents)
    assert {WORDS.index(word) for word, _ in expected} <= set(rough.list.tolist())
    assert set(rough.document.tolist()) == {0}


def test_neighbours_change_nothing() -> None:
    """Documents are found alike alone and in company, those without a bare radical among them."""
    texts = [text for text, _ in FOUND for text in (text, text.strip("亻疒讠氵扌 "), "", "广发12元卡 亻", "3斤科音号")]
    documents = [document(text) if text else () for text in texts]
    for found in (LEXICON, LEXICON.survey(LISTS)):
        together, alone = found.find(documents), [found.find([one]) for one in documents]
        assert np.array_equal(together.present, np.concatenate([hits.present for hits in alone]))
        for number, one in enumerate(alone):
            rows = [
                set(zip(hits.list[at].tolist(), hits.field[at].tolist(), hits.start[at].tolist(), strict=True))
                for hits, at in ((together, together.document == number), (one, one.document == 0))
            ]
            assert rows[0] == rows[1]
    assert [LEXICON.find(documents).marks(n) for n in range(len(documents))] == [
        LEXICON.find([one]).marks(0) for one in documents
    ]


@pytest.mark.parametrize(
    ("text", "number", "places"),
    [
        ("亻 广发的卡", ISSUER, [(2, 6, View.FOLDED)]),
        ("亻 100王元", PRICE, []),
        ("扌 100囗元 20元", PRICE, [(2, 7, View.FOLDED), (8, 11, View.FOLDED)]),
        ("亻 8斤", WEIGHT, [(2, 4, View.FOLDED)]),
    ],
)
def test_patterns_read_both(text: str, number: int, places: list[tuple[int, int, View]]) -> None:
    """What matches as it stands, and what matches joined, each place once."""
    hits = LEXICON.find([document("扌妾"), document(text)])
    assert [(mark.start, mark.end, mark.view) for mark in hits.late_marks(1, number)] == places
    rough = LEXICON.survey(LISTS).find([document("扌妾"), document(text)])
    rough.settle({number: [1]})
    assert rough.present[1, number] == bool(places)


def test_each_reading_is_covered_by_its_own_cover_words() -> None:
    """广发 covers 发 where it stands, in documents that are joined too; 科音号 is a cover word only when joined."""
    for text, expected in (("亻 广发", {"广发"}), ("发 亻", {"发"}), ("亻 科音号", set()), ("亻 禾斗音号", {"音号"})):
        found = LEXICON.find([document(text)])
        assert {WORDS[entry] for entry in found.entry.tolist()} == expected


def test_a_hidden_text_is_read_both_ways() -> None:
    """A text in Base64 that shows a bare radical is no way round."""
    hidden = base64.b64encode("亻出售广发的手机卡，扌妾石马".encode()).decode()
    found = {WORDS[entry] for entry in LEXICON.find([document(hidden)]).entry.tolist()}
    assert {"广发", "接码"} <= found


def test_a_flood_is_named_once_for_both() -> None:
    """Of one word no more places are told than in other documents, and that some are left out."""
    hits = LEXICON.find([document("手机卡 "), document("扌 " + "手机卡 手木几卡 " * MOST_HITS)])
    phone = WORDS.index("手机卡")
    assert np.count_nonzero(hits.list == phone) == MOST_HITS + 1
    assert 1 in hits.floods[phone]
