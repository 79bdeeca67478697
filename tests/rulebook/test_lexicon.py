"""What a lexicon finds, what it leaves alone, and what hostile texts cannot do to it."""

from __future__ import annotations

import random
import re
import tracemalloc

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.errors import RulebookError
from scanner.model import View
from scanner.rulebook.finder import MOST_CHARACTERS, MOST_HITS
from scanner.rulebook.late import MOST_MATCHES
from scanner.rulebook.lexicon import Cover, Entry, Hits, Lexicon, Pattern, fault_of_pattern, fault_of_term
from scanner.rulebook.readings import REACH
from scanner.rulebook.rows import VIEWS

pytestmark = pytest.mark.usefixtures("engine")

WORDS = ["手机卡", "SIM卡", "免实名", "gift card", "GOIP", "USDT", "接码", "四件套", "出", "u"]
CARD, SIM, ANONYMOUS, GIFT, GOIP, USDT, CODES, SET, SELL, U = range(10)
PRICE, RARE = 10, 11


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    """Ten terms with all disguises, two cover words, two patterns."""
    return Lexicon.build(
        [Entry(i, word, sound=True, split=True, pinyin=True) for i, word in enumerate(WORDS)],
        [Cover((CARD,), "手机卡槽"), Cover((PRICE,), "3元店")],
        [Pattern(PRICE, r"\d+元|[¥$]\s*\d+"), Pattern(RARE, r"每(张|个)\s*\d+")],
    )


def told(hits: Hits, document: int = 0) -> list[tuple[int, str, str, int]]:
    """The marks of a document: list, original text, view, gap."""
    fields = dict(hits.passes[0].batch.documents[document])
    return sorted(
        (number, fields[mark.field][mark.start : mark.end], mark.view.value, mark.gap)
        for number, marks in hits.marks(document).items()
        for mark in marks
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("手机卡", [(CARD, "手机卡", "folded", 0)]),
        ("ＳＩＭ卡", [(SIM, "ＳＩＭ卡", "folded", 0)]),
        ("手 机-卡", [(CARD, "手 机-卡", "compact", 2)]),
        ("手\u200b機\u0301卡", [(CARD, "手\u200b機\u0301卡", "compact", 2)]),
        ("gift  card", [(GIFT, "gift  card", "compact", 1)]),
        ("giftcard gift-card", [(GIFT, "gift-card", "folded", 0), (GIFT, "giftcard", "folded", 0)]),
        ("手,机,卡", [(CARD, "手,机,卡", "compact", 2)]),
        ("shou ji ka", [(CARD, "shou ji ka", "pinyin", 0)]),
        ("首鸡咖", [(CARD, "首鸡咖", "syllable", 0)]),
        ("G01P", [(GOIP, "G01P", "leet", 0)]),
        ("手*卡", [(CARD, "手*卡", "masked", 1)]),
        ("4件套", [(SET, "4件套", "digits", 0)]),
        ("手机卡手机卡", [(CARD, "手机卡", "folded", 0)] * 2),
    ],
)
def test_a_hit_says_where_in_which_view_and_how_disguised(
    lexicon: Lexicon, text: str, expected: list[tuple[int, str, str, int]]
) -> None:
    """Spans name original characters; the gap counts what is dropped inside."""
    assert told(lexicon.find([(("text", text),)])) == sorted(expected)


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("手机，卡包", "a comma ends the word"),
        ("手机。卡", "a sentence ends"),
        ("手机\n卡", "a line ends"),
        ("手 - - - 机卡", "more than three separators"),
        ("手机卡槽", "a cover word covers it"),
        ("手机卡 槽", "a cover word with a space covers it"),
        ("xsim卡", "the Latin edge is inside a word"),
        ("us dt", "a Latin word is not spaced in one place only"),
        ("goipx", "the Latin edge is inside a word"),
        ("借码", "a homophone of two syllables that is an ordinary word is that word"),
        ("码接", "two characters backwards are nothing"),
        ("刷卡机手持", "three characters backwards count only alone"),
        ("14件套", "the number is another one"),
        ("", "nothing there"),
    ],
)
def test_what_is_no_hit(lexicon: Lexicon, text: str, why: str) -> None:
    """Gaps, borders and cover words spare what only looks like the term."""
    assert told(lexicon.find([(("text", text),)])) == [], why


def test_fields_and_documents_are_never_matched_across(lexicon: Lexicon) -> None:
    """The end of a field is the end of every term, also in every other reading."""
    parts = [
        (("a", "手机"), ("b", "卡")),
        (("a", "卡"), ("b", "机手")),
        (("a", "手\n机"), ("b", "卡\n包")),
        (("a", "免"),),
        (("a", "实名"),),
    ]
    hits = lexicon.find(parts)
    assert len(hits) == 0


@pytest.mark.parametrize("after", range(10, 24))
def test_what_follows_a_sign_is_read_alike_in_any_company(after: int) -> None:
    """A word whose letters end so far behind the digit in it is found, or not, whatever is looked through beside it."""
    word = "st" + ("arevwcnm" * 3)[:after]
    disguised, other = word.replace("st", "s7", 1), (("text", "a cl4ssic lamp"),)
    lexicon, one = Lexicon.build([Entry(0, word)], [], []), (("text", disguised),)
    found = [told(lexicon.find(parts), number) for parts, number in (([one], 0), ([one, other], 0), ([other, one], 1))]
    assert found == [[(0, disguised, "leet", 0)] if after < REACH else []] * 3


def test_cover_words_cover_only_their_lists(lexicon: Lexicon) -> None:
    """Another list's term inside a cover word is still found."""
    other = Lexicon.build([Entry(0, "手机卡"), Entry(1, "手机卡")], [Cover((0,), "手机卡槽")])
    assert other.find([(("text", "手机卡槽"),)]).list.tolist() == [1]


def test_patterns_are_possible_until_somebody_asks(lexicon: Lexicon) -> None:
    """A weak pattern's list rules nothing out, a rare one's does; the places come with the marks, cover words apply."""
    hits = lexicon.find([(("text", "每张 5元"),), (("text", "茶杯"),), (("text", "3元店 全场"),)])
    assert hits.present[:, PRICE].all()
    assert hits.present[:, RARE].tolist() == [True, False, False]
    assert told(hits, 0) == [(PRICE, "5元", "folded", 0), (RARE, "每张 5", "folded", 0)]
    assert told(hits, 1) == []
    assert told(hits, 2) == []
    assert [pattern.list for pattern in lexicon.weak_patterns] == [PRICE]


def test_a_single_character_is_not_looked_for_beside_a_longer_word() -> None:
    """It stands in every other listing: a pattern may match wherever the longer word does."""
    lexicon = Lexicon.build([], patterns=[Pattern(0, r"返[^。]*晒单"), Pattern(1, r"返[^。]*补")])
    hits = lexicon.find([[("title", text)] for text in ("返现晒单", "晒单", "返现", "返现补差")])
    assert hits.present.tolist() == [[True, False], [True, False], [False, False], [False, True]]
    assert [*hits.marks(0)] == [0]
    assert not hits.marks(1)


def test_patterns_are_folded_like_the_text() -> None:
    """A pattern in capitals or traditional characters matches what the text folds to; escapes keep their meaning."""
    lexicon = Lexicon.build([], [], [Pattern(0, r"SIM\s?卡\S電\D"), Pattern(1, r"\bVPN\b")])
    assert told(lexicon.find([(("text", "Ｓｉｍ 卡!电x 买vpn呢"),)])) == [
        (0, "Ｓｉｍ 卡!电x", "folded", 0),
        (1, "vpn", "folded", 0),
    ]


def test_single_characters_can_be_terms(lexicon: Lexicon) -> None:
    """A term of one character is found like any other; a Latin one stands alone."""
    hits = lexicon.find([(("text", "出 10u 不usb"),), (("text", "usb"),)])
    assert hits.present[:, [SELL, U]].tolist() == [[True, True], [False, False]]
    assert told(hits) == [(SELL, "出", "folded", 0), (U, "u", "folded", 0)]


def test_columns_are_sorted_and_rows_belong_to_their_document(lexicon: Lexicon) -> None:
    """Columns go by document, field and start, and ``rows`` cuts out one document's share."""
    documents = [(("a", "免实名手机卡"), ("b", "SIM卡")), (), (("a", "USDT"),)] * 700
    hits = lexicon.find(documents)
    rows = list(zip(hits.document.tolist(), hits.field.tolist(), hits.start.tolist(), strict=True))
    assert rows == sorted(rows)
    assert len(hits) == 700 * 4
    assert hits.document[hits.rows(2099)].tolist() == [2099]
    assert hits.rows(2098) == slice(2799, 2799)
    assert set(hits.documents.tolist()) == {i for i in range(2100) if i % 3 != 1}
    assert {number: len(marks) for number, marks in hits.marks(2097).items()} == {ANONYMOUS: 1, CARD: 1, SIM: 1}


def test_a_restored_lexicon_finds_the_same(lexicon: Lexicon) -> None:
    """What goes into the cache comes out equal; anything else is refused."""
    documents = [(("text", text),) for text in ("手 机卡 出 5元", "G01P 每张 3", "shou ji ka", "手*卡", "兔实名")]
    again = Lexicon.restore(lexicon.dump())
    assert [told(again.find([one])) for one in documents] == [told(lexicon.find([one])) for one in documents]
    for wrong in (b"", b"\x93\x01\x02\x03", lexicon.dump()[:-7]):
        with pytest.raises(ValueError, match="lexicon"):
            Lexicon.restore(wrong)


def test_all_faults_are_told_at_once() -> None:
    """Words that can never match and patterns that RE2 refuses are named together."""
    with pytest.raises(RulebookError) as error:
        Lexicon.build([Entry(0, "！？"), Entry(0, "手" * 65)], [Cover((0,), "…")], [Pattern(1, "(a"), Pattern(1, "a*")])
    assert len(error.value.faults) == 5


@pytest.mark.parametrize(
    "pattern", ["(a", "a*", "(?=x)y", r"(a)\1", "x" * 2_001, "((a{1,100}){1,100}){1,100}", "[z-a]"]
)
def test_patterns_that_are_refused(pattern: str) -> None:
    """Look-around, back references, empty matches, and what would need too much memory."""
    assert fault_of_pattern(pattern)


@pytest.mark.parametrize(
    ("text", "good"), [("手", True), ("手机卡", True), ("🐧", True), ("!!", False), ("", False), ("\u200b", False)]
)
def test_which_terms_can_be_found(text: str, good: bool) -> None:
    """A term needs a character that the compact view keeps."""
    assert (fault_of_term(text) == "") is good


# -- hostile input ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "手机卡" * 333_000,
        "接" * 400_000,
        "手" + "\u0301" * 100_000 + "机卡 免实名",
        "u s d t " * 100_000,
        "手*" * 200_000,
        "G01P" * 100_000,
        "\u202e卡机手" * 50_000,
        "接\n码\n" * 100_000,
        "手\n" * 100_000,
        "5omL5py65Y2h" * 30_000,
        "5omL5py65Y2hIOWNgeW8oOi1tw== " * 10_000,
        "📱" * 200_000,
        "ﷺ" * 50_000,
        "".join(map(chr, range(0, 0x110000, 7))),
        "\ud800" * 100_000 + "手\udfff机卡",
    ],
    ids=lambda text: ascii(text[:6]),
)
def test_a_hostile_text_costs_little(lexicon: Lexicon, text: str) -> None:
    """Memory stays within bounds and nothing raises, whatever one listing holds; marks can be asked for."""
    tracemalloc.start()
    hits = lexicon.find([(("text", text),), (("text", "免实名"),)])
    marks = hits.marks(0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 250_000_000
    assert all(len(found) <= 4 * MOST_HITS for found in marks.values())
    assert ANONYMOUS in hits.marks(1)


def test_a_text_over_the_limit_is_read_in_part_and_said_so(lexicon: Lexicon) -> None:
    """Ten megabytes: the beginning is read, the document is named, and its neighbours are read whole."""
    long = "手机卡" + "x" * 10_000_000 + "免实名"
    hits = lexicon.find([(("a", "SIM卡"),), (("a", long), ("b", "USDT")), (("a", "GOIP"),)])
    assert list(hits.unread) == [1]
    assert f"{MOST_CHARACTERS:,}" in hits.unread[1]
    assert hits.entry.tolist() == [SIM, CARD, GOIP]


def test_a_flood_is_named_and_thinned(lexicon: Lexicon) -> None:
    """A million repetitions are reported as the first few, and the document as not wholly looked at."""
    hits = lexicon.find([(("a", "手机卡 " * 200_000 + "免实名"),)])
    assert hits.floods == {CARD: {0}}
    assert len(hits.marks(0)[CARD]) == MOST_HITS
    assert len(hits.marks(0)[ANONYMOUS]) == 1


@settings(max_examples=150, deadline=None)
@given(
    st.text(st.one_of(st.sampled_from("手机卡免实名SIMsim4*\n，. \u200b\u202e📱0153$"), st.characters()), max_size=60)
)
def test_any_text_is_read_and_spans_lie_in_it(lexicon: Lexicon, text: str) -> None:
    """Nothing raises for content; every span lies inside its text, and its ends are characters that the view keeps."""
    hits = lexicon.find([(("t", text),)])
    for marks in hits.marks(0).values():
        for mark in marks:
            assert 0 <= mark.start < mark.end <= len(text)
            assert mark.view in VIEWS
            assert mark.gap < mark.end - mark.start or mark.view is View.REVERSED


@pytest.mark.parametrize("seed", range(20))
def test_a_batch_finds_what_single_documents_find(lexicon: Lexicon, seed: int) -> None:
    """Neighbours in a batch change nothing."""
    chance = random.Random(seed)
    pieces = [*WORDS, "手", "机", "\n", "，", " ", "*", "5元", "📱", "ｓ1m", "\u202e", "㎡", "shou", "ji", "ka", "槽"]
    pieces += ["亻", "木几", "扌"]
    texts = ["".join(chance.choices(pieces, k=chance.randint(0, 14))) for _ in range(30)]
    documents = [(("t", text), ("u", text[::-1])) for text in texts]
    together = lexicon.find(documents)
    assert [together.marks(i) for i in range(30)] == [lexicon.find([one]).marks(0) for one in documents]


@pytest.mark.parametrize(
    "pattern", ["^有[^。]*吗$", r"\A有[^。]*吗\z", "(?s)^有[^。]*吗$", "(?-m)^有[^。]*吗$", "^有[^。]*吗$|^。$"]
)
def test_a_pattern_begins_and_ends_with_its_field(pattern: str) -> None:
    """``^`` and ``$`` are the edges of every field, whatever stands in the next one, and no line breaks inside."""
    lexicon = Lexicon.build([], [], [Pattern(list=0, re=pattern)])
    fields = ("有手机卡吗", "有", "有吗。", "有🐧吗", "有。", "吗", "无\n有吗\n无", "有吗")
    documents = [tuple((f"options[{number}]", text) for number, text in enumerate(fields)), (("title", "有吗"),), ()]
    for hits, number in ((lexicon.find(documents[at:]), at) for at in range(3)):
        found = [[mark.field for mark in hits.marks(at).get(0, ())] for at in range(3 - number)]
        assert found == [["options[0]", "options[3]", "options[7]"], ["title"], []][number:]


@pytest.mark.parametrize(
    "pattern", [r"(有|卡)[^。]{0,3}(吗|$)", r"^卡+|吗+$", r"(^|[^有])卡(吗|$)", r"吗\s*$", r"卡[^有]*$"]
)
def test_what_asks_for_an_end_matches_each_field_as_if_alone(pattern: str) -> None:
    """Fields are read together, and what one shows is what it shows by itself, with line breaks and without."""
    chance = random.Random(pattern)
    expected = re.compile(pattern.replace("$", r"\Z"))
    texts = [
        ["".join(chance.choices("有卡吗。\n", [6, 6, 6, 3, 1], k=chance.randint(1, 9))) for _ in "abc"]
        for _ in "d" * 99
    ]
    hits = Lexicon.build([], [], [Pattern(0, pattern)]).find(
        [tuple(zip("tuv", fields, strict=True)) for fields in texts]
    )
    hits.settle({0: range(len(texts))})
    for number, fields in enumerate(texts):
        places = [
            (name, *found.span()) for name, text in zip("tuv", fields, strict=True) for found in expected.finditer(text)
        ]
        assert [(mark.field, mark.start, mark.end) for mark in hits.late_marks(number, 0)] == places


def test_matches_are_counted_field_by_field(lexicon: Lexicon) -> None:
    """Of one field so many matches are told; those of the documents before it do not count, nor do its own for them."""
    few, more, flood = (("text", "每张 3"),), (("text", "每张 3，每个 4，每张 5"),), (("text", "每张 3，" * 100),)
    documents = [few] * (MOST_MATCHES - 1) + [more, flood, few, flood, more]
    marks = [len(lexicon.find([document]).marks(0)[RARE]) for document in (few, more, flood)]
    assert marks == [1, 3, MOST_MATCHES]
    hits = lexicon.find(documents)
    hits.settle({RARE: [*range(len(documents))]})
    found = [len(hits.late_marks(number, RARE)) for number in range(len(documents))]
    assert found == [1] * (MOST_MATCHES - 1) + [3, MOST_MATCHES, 1, MOST_MATCHES, 3]
