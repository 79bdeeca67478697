"""Conditions: what they mean, how they are written, and what is wrong with a wrong one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model import Listing, Seller, SellerKind
from scanner.rulebook import Rulebook, Sight
from scanner.rulebook.condition import DEEPEST, ConditionError, Names, parse
from scanner.rulebook.evaluate import holds
from scanner.rulebook.logic import And, Count, Disguised, In, Node, Not, Or, Signal, Some, Term, Then, Within, words

See = Callable[..., tuple[Rulebook, Sight]]
FAR = "，" + "无关" * 30 + "，"

# Condition, title, whether it holds, why.
TRUTHS = [
    ("card", "出售手机卡", True, "the word is there"),
    ("card", "手机壳", False, "another word"),
    ("card", "手机卡针一枚", False, "covered by a lawful word"),
    ("card", "手机卡针，另有手机卡", True, "one covered, one not"),
    ("card", "simcards tray", False, "a Latin term ends at a word's border"),
    ("card", "ＳＩＭ　ＣＡＲＤ", True, "width and case do not matter"),
    ("card and free", "手机卡免实名", True, "both"),
    ("card and free", "手机卡", False, "one of two"),
    ("card or free", "免实名", True, "either"),
    ("not card", "免实名", True, "it is not there"),
    ("free and not card", "免实名手机卡", False, "it is there"),
    ("not not card", "手机卡", True, "twice not"),
    ("card and free within 30", f"手机卡{FAR}免实名", False, "too far apart"),
    ("card and free within 30", f"手机卡{FAR}手机卡免实名", True, "the second one is near"),
    ("card and free within 6", "手机卡免实名", True, "exactly as long as the window"),
    ("card and free within 5", "手机卡免实名", False, "one character too long"),
    ("card and free within 6", "免实名手机卡", True, "in either order"),
    ("card and free and not tray within 30", "托盘 手机卡 免实名", False, "the tray stands before, and near"),
    ("card and free and not tray within 30", f"托盘{FAR}手机卡 免实名", True, "the tray is far away"),
    ("card and free within 30 and tray", f"手机卡免实名{FAR}托盘", True, "within takes only what stands before it"),
    ("(card or sell) and free within 8", "批发，免实名", True, "an alternative inside"),
    ("card and free within sentence", "手机卡。免实名", False, "two sentences"),
    ("card and free within sentence", "先看：手机卡，长期有货，免实名。", True, "one sentence"),
    ("card and free within sentence", "手机卡\ud800 免实名。", True, "a broken character ends nothing"),
    ("card and free within field", f"手机卡{FAR}免实名", True, "one field"),
    ("sell then card", "出售手机卡", True, "in this order"),
    ("sell then card", "手机卡出售", False, "in the other order"),
    ("sell then card", f"出售{FAR}手机卡", False, "more than twelve characters between"),
    ("sell then card within 99", f"出售{FAR}手机卡", True, "as many as allowed"),
    ("sell then card within sentence", "出售。手机卡", False, "another sentence"),
    ("sell then card then free", "出售手机卡免实名", True, "a chain of three"),
    ("sell then card then free", "出售免实名手机卡", False, "a chain in another order"),
    ("(sell or tray) then card", "托盘手机卡", True, "an alternative in a chain"),
    ("2 of (card, free, sell)", "手机卡批发", True, "two of three"),
    ("2 of (card, free, sell)", "手机卡手机卡", False, "the same one twice"),
    ("count(card) >= 2", "手机卡，手机卡", True, "two places"),
    ("count(card) >= 2", "手机卡", False, "one place"),
    ("count(card or free) >= 2", "手机卡 免实名", True, "two lists counted together"),
    ("count(card) < 2", "手机卡", True, "fewer than two"),
    ("disguised(card)", "手-机-卡", True, "separators inside"),
    ("disguised(card)", "手机卡", False, "written plainly"),
    ("card in title", "手机卡", True, "it is in the title"),
    ("card in description", "手机卡", False, "it is not in the description"),
    ("each", "手机卡 50元一张", True, "a pattern"),
    ("each and card within 20", "手机卡５０元一张", True, "a pattern reads the folded text"),
    ("contact", "加微信 abc_12345", True, "a signal"),
    ("contact", "手机卡", False, "no signal"),
    ("card and contact within 20", "手机卡 加微信 abc_12345", True, "a signal near a term"),
    ("card and contact within 20", f"手机卡{FAR}加微信 abc_12345", False, "a signal far from it"),
    ("language in (zh)", "手机卡", False, "the platform does not say the language"),
]


@pytest.mark.parametrize(("when", "title", "expected", "why"), TRUTHS, ids=[f"{row[0]}: {row[3]}" for row in TRUTHS])
def test_a_condition_holds_of_a_title(see: See, when: str, title: str, expected: bool, why: str) -> None:
    """Each form of a condition means what its row says."""
    rulebook, sight = see(when, title=title)
    assert (holds(rulebook.rules[0].when, sight) is not None) is expected, why


FACTS = [
    ("seller.kind in (shop, brand_store)", {"seller": Seller(kind=SellerKind.SHOP)}, True),
    ("seller.kind in (shop)", {"seller": Seller(kind=SellerKind.PERSON)}, False),
    ("seller.kind in (unknown)", {}, True),
    ("seller.licensed(telecom_agent)", {"seller": Seller(licences=("Telecom_Agent",))}, True),
    ("seller.licensed(telecom_agent)", {"seller": Seller(licences=("food",))}, False),
    ("category(手机)", {"category_path": ("数码", "手机配件")}, True),
    ("category(手机)", {"category_path": ("服装",)}, False),
    ("language in (zh, en)", {"language": "zh-CN"}, True),
    ("language in (zh, en)", {"language": "EN_us"}, True),
    ("language in (zh)", {"language": "zhx"}, False),
    ("stock >= 20", {"quantity": 20}, True),
    ("stock >= 20", {"quantity": 19}, False),
    ("stock >= 20", {}, False),
    ("card and stock >= 20 within 10", {"title": "手机卡", "quantity": 50}, True),
    ("hidden_text", {"hidden_text": "免实名"}, True),
    ("card and free within 30", {"title": "手机卡", "description": "免实名"}, False),
    ("card and free", {"title": "手机卡", "description": "免实名"}, True),
    ("(card and free) in (title, description)", {"title": "手机卡", "description": "免实名"}, True),
    ("card in options", {"options": ("红色", "手机卡")}, True),
    ("card in attributes", {"attributes": {"类型": "手机卡"}}, True),
    ("card in seller", {"seller": Seller(name="手机卡专卖")}, True),
    ("card in questions", {"questions": ("手机卡吗",)}, True),
    ("card and free within 30 in description", {"title": "手机卡免实名", "description": "免实名"}, False),
]


@pytest.mark.parametrize(("when", "fields", "expected"), FACTS)
def test_a_condition_holds_of_a_listing(see: See, when: str, fields: dict[str, object], expected: bool) -> None:
    """Fields, facts of the record and of the seller decide as stated."""
    rulebook, sight = see(when, **{"title": "物品"} | fields)
    assert (holds(rulebook.rules[0].when, sight) is not None) is expected


def test_the_age_of_a_seller_needs_no_clock(see: See) -> None:
    """The sighting, not the present, says how old a seller is."""
    seller = Seller(registered_at=datetime(2026, 1, 1, tzinfo=UTC))
    rulebook, sight = see("seller_age_days < 7", title="x", seller=seller, seen_at=datetime(2026, 1, 4, tzinfo=UTC))
    assert [mark.value for mark in holds(rulebook.rules[0].when, sight) or ()] == [3]


def test_evidence_names_the_characters(see: See) -> None:
    """What makes a condition true is told by field and original offsets."""
    rulebook, sight = see("card and free within 30", title="全新 手-机-卡，免实名！")
    marks = holds(rulebook.rules[0].when, sight) or ()
    spans = sight.spans(marks)
    assert [(span.field, span.text, span.reads) for span in spans] == [
        ("title", "手-机-卡", "手机卡"),
        ("title", "免实名", "免实名"),
    ]


NAMES = Names({"card": 0, "free": 1, "offers.sell": 2, "tray": 3}, ["contact", "discount"])

# Condition, character of the fault, what is said of it.
WRONG = [
    ("crad", 0, 'unknown name "crad" — did you mean "card"?'),
    ("card and sell", 9, 'unknown name "sell" — did you mean "offers.sell"?'),
    ("card an free", 5, 'expected "and", "or", "within", "in", "then" or the end, found "an"'),
    ("card and", 8, "expected a name, the condition ends here"),
    ("(card", 5, 'expected ")" to close the bracket, the condition ends here'),
    ("card)", 4, 'expected "and", "or", "within", "in", "then" or the end, found ")"'),
    ("", 0, "expected a name, the condition ends here"),
    ("and", 0, 'expected a name, found "and"'),
    ("(card 和 free)", 6, 'expected ")" to close the bracket, found "和" — write "and"'),
    ("(card 或者 free)", 6, 'expected ")" to close the bracket, found "或者" — write "or"'),
    ("(discount > 80元)", 14, 'expected ")" to close the bracket, found "元" — write the number without it'),
    ("card within 30", 5, '"within" needs two things that are near each other: a and b within 30'),
    (
        "card and free within",
        20,
        'expected a number of characters, "sentence" or "field" after "within", the condition ends here',
    ),
    ("card and free within 0", 21, 'within takes 1 to 2000 characters, not "0"'),
    ("card and free within 1.5", 21, 'within takes 1 to 2000 characters, not "1.5"'),
    ("card in titel", 8, 'unknown field "titel" — did you mean "title"?'),
    ("5 of (card, free)", 0, '"5" of 2 can never hold'),
    ("0 of (card, free)", 0, '"0" of 2 can never hold'),
    ("2 (card)", 2, 'expected "of" after a number, as in: 2 of (a, b, c), found "("'),
    ("count(card)", 11, "expected a comparison after count(…), such as >= 3, the condition ends here"),
    ("count(card) >= many", 15, 'expected a number after the comparison, found "many"'),
    ("discount <=", 11, "expected a number after the comparison, the condition ends here"),
    ("seller.kind in (shopp)", 16, 'unknown kind of seller "shopp" — did you mean "shop"?'),
    ("seller.kind shop", 12, 'expected "in" and a list in brackets, found "shop"'),
    ("count(card and free) >= 1", 6, '"count" takes a name, or names joined with "or"'),
    ("disguised(not card)", 10, '"disguised" takes a name, or names joined with "or"'),
    ("(card and free) then tray", 0, '"then" stands between names, or names joined with "or" in brackets'),
    ("card & free", 5, 'expected "and", "or", "within", "in", "then" or the end, found "&"'),
    ('card "', 5, '""" is not part of a condition'),
    ("(" * 40 + "card" + ")" * 40, DEEPEST, f'nested deeper than {DEEPEST} brackets, found "("'),
]


@pytest.mark.parametrize(("text", "at", "what"), WRONG)
def test_a_fault_names_its_character(text: str, at: int, what: str) -> None:
    """What is wrong, where, and what was probably meant."""
    with pytest.raises(ConditionError) as caught:
        parse(text, NAMES)
    assert (caught.value.at, caught.value.what) == (at, what)


@given(st.text(alphabet='card free()<>=,.0123456789"%\n andornotwithin卡\x00', max_size=80))
def test_any_text_parses_or_is_refused(text: str) -> None:
    """Nothing but ``ConditionError`` ever comes out of the parser."""
    fault = None
    try:
        parse(text, NAMES)
    except ConditionError as error:
        fault = error.at
    assert fault is None or 0 <= fault <= len(text)


def _parts(inner: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    several = st.lists(inner, min_size=2, max_size=3).map(tuple)
    pair = several.map(And)
    return st.one_of(
        pair,
        several.map(Or),
        inner.map(lambda part: part if isinstance(part, Not) else Not(part)),
        st.builds(Within, pair, st.sampled_from([1, 30, "sentence", "field"])),
        st.builds(In, inner, st.sampled_from([("title",), ("title", "options")])),
        several.map(lambda parts: Some(2, parts)),
    )


_ATOMS: st.SearchStrategy[Node] = st.one_of(
    st.sampled_from([Term(0, "card"), Term(2, "offers.sell"), Signal("contact"), Signal("discount", "<=", 0.9)]),
    st.just(Then((Term(0, "card"), Term(1, "free")), 20)),
    st.sampled_from([Count(Term(0, "card"), ">=", 2.0), Disguised(Or((Term(0, "card"), Signal("contact"))))]),
)


@given(st.recursive(_ATOMS, _parts, max_leaves=8))
def test_a_condition_reads_back_as_it_was_written(node: Node) -> None:
    """``words`` writes what ``parse`` reads: both name the same listings."""
    assert words(parse(words(node), NAMES)) == words(node)


def test_signs_of_a_chinese_input_method_are_read() -> None:
    """Full-width brackets, commas, quotes and spaces mean what they mean at half width."""
    wide, narrow = "（card　and free）or category（手机，“电话 卡”）", '(card and free)or category(手机,"电话 卡")'
    assert parse(wide, NAMES) == parse(narrow, NAMES)


def test_the_whole_listing_counts_for_a_bare_not(see: See) -> None:
    """``not`` outside ``within`` looks at every field."""
    rulebook, _ = see("card and not note", title="x")
    listing = Listing(platform="t", listing_id="1", title="手机卡", description="仅供收藏")
    assert holds(rulebook.rules[0].when, rulebook.sight(listing)) is None
