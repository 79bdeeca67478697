"""The prefilter never loses a rule that would have fired, and spares ordinary listings."""

from __future__ import annotations

import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner import kernels
from scanner.listing_content import text_fields
from scanner.model import Listing
from scanner.rulebook import Rulebook, judge, load
from scanner.rulebook.rulebook import FEW

WORDS = (
    "手机卡",
    "手-机-卡",
    "免实名",
    "出售",
    "托盘",
    "收藏",
    "50元一张",
    "加微信 abc_12345",
    "出",
    "。",
    "无关" * 30,
    "abc",
)

CONDITIONS = (
    "card and free",
    "card or free",
    "card and free within 30",
    "card and free and not tray within 20",
    "card and free within sentence",
    "card and free within 500",
    "(card or sell) and (free or each) within 25",
    "card in title and free in description",
    "(card and free) in (title, description)",
    "card and free within 20 in description",
    "sell then card",
    "sell then card within 90",
    "(sell or tray) then (card or free) then note",
    "sell then card in title",
    "(sell then card) and free within 60",
    "each then card",
    "count(each) >= 2 and card",
    "(each or sell) and card within 25",
    "each and not card within 25 or count(card or each) >= 3 in title",
    "2 of (card, free, sell)",
    "2 of (card, contact, sell)",
    "3 of (card in title, free, sell)",
    "count(card) >= 2",
    "count(card) < 2 and free",
    "count(card or contact) >= 2",
    "disguised(card) and free within 40",
    "contact",
    "contact and card within 30",
    "not card",
    "not card and free",
    "out and card within 12",
    "each and (card or not free)",
    "card and (free or contact) within 15 or note in options",
    "card and (2 of (free, sell, note)) within 40",
    "(card and free within 10 or sell and note within 10) and tray",
    "stock >= 3 and card",
)

_text = st.lists(st.sampled_from(WORDS), max_size=6).map("".join)
_listing = st.builds(
    Listing,
    platform=st.just("t"),
    listing_id=st.just("1"),
    title=_text,
    description=_text,
    options=st.lists(_text, max_size=2).map(tuple),
    quantity=st.sampled_from([None, 1, 5]),
)


@pytest.fixture(scope="module")
def rulebook(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """One rule for each condition."""
    examples = "hits: [a, b, c], misses: [{text: a, because: bb}, {text: a, because: bb}, {text: a, because: bb}]"
    rules = "".join(
        f"  - {{id: goods.r{number}, title: T, when: '{when}', {examples}}}\n" for number, when in enumerate(CONDITIONS)
    )
    folder: Path = tmp_path_factory.mktemp("book")
    terms = {"card": "手机卡", "free": "免实名", "sell": "出售", "tray": "托盘", "note": "收藏", "out": "出"}
    lists = "".join(f"  {name}: {{any: [{word}]}}\n" for name, word in terms.items())
    (folder / "goods.yaml").write_text(
        "category: goods\nname: Goods\nseverity: S3\npolicy: {says: Not for sale}\n"
        f"terms:\n{lists}patterns:\n  each: {{re: '\\d+元一张'}}\nrules:\n{rules}",
        encoding="utf8",
    )
    return load(folder, cache=None)


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(listings=st.lists(_listing, min_size=1, max_size=2 * FEW))
def test_what_fires_was_a_candidate(rulebook: Rulebook, listings: list[Listing]) -> None:
    """Asking only the candidates finds what asking every rule of every listing finds."""
    asked = {number: (sight, rules) for number, sight, rules in rulebook.candidates(listings)}
    for number, listing in enumerate(listings):
        everything = {rule.id for rule in rulebook.rules if judge(rule, rulebook.sight(listing))}
        sight, rules = asked.get(number, (None, []))
        assert {rule.id for rule in rules if sight and judge(rule, sight)} == everything


@settings(max_examples=20, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(listings=st.lists(_listing, min_size=FEW + 1, max_size=9 * FEW))
def test_compiled_code_asks_the_same(rulebook: Rulebook, listings: list[Listing]) -> None:
    """With and without compiled kernels the same rules are asked of the same listings, and the first look is equal."""
    asked = [(number, [rule.id for rule in rules]) for number, _, rules in rulebook.candidates(listings)]
    kept = rulebook.shares(listings)
    with kernels.without():
        assert asked == [(number, [rule.id for rule in rules]) for number, _, rules in rulebook.candidates(listings)]
        assert kept == rulebook.shares(listings)


def test_floods_are_asked_the_same(rulebook: Rulebook) -> None:
    """Compiled code asks the same of listings with more hits than are told of, of chains of words among them."""
    flood = Listing(
        platform="t", listing_id="1", title="出售" * 3_000, description="无关手机卡" * 2_000 + "出售50元一张"
    )
    ends = Listing(
        platform="t", listing_id="2", title="手机卡" + "出" * 9_000, description="出售" + "无关" * 60 + "手机卡"
    )
    near = Listing(platform="t", listing_id="3", title="出售", description="无关" * 200 + "出售，手机卡")
    many = [flood, ends, near, Listing(platform="t", listing_id="4", title="出售手机卡")] * FEW
    asked = [(number, [rule.id for rule in rules]) for number, _, rules in rulebook.candidates(many)]
    kept = rulebook.shares(many)
    with kernels.without():
        assert asked == [(number, [rule.id for rule in rules]) for number, _, rules in rulebook.candidates(many)]
        assert kept == rulebook.shares(many)


def test_what_is_far_apart_is_not_asked(book: Callable[..., Rulebook], make_rule: Callable[..., str]) -> None:
    """Words that stand in different ends of a listing cost nothing."""
    rulebook = book(make_rule("card and free within 30"))
    far = Listing(platform="t", listing_id="1", title="手机卡" + "无关" * 200 + "免实名")
    near = Listing(platform="t", listing_id="2", title="手机卡免实名")
    other = Listing(platform="t", listing_id="3", title="手机卡", description="免实名")
    empty = Listing(platform="t", listing_id="4")
    assert not list(text_fields(empty))
    many = [far, near, other, empty] * FEW
    assert [number for number, _, _ in rulebook.candidates(many)] == list(range(1, len(many), 4))
    assert list(rulebook.candidates([])) == []


@pytest.mark.parametrize("sign", [">", ">="])
def test_likeness_is_known_of_a_whole_batch(
    book: Callable[..., Rulebook], make_rule: Callable[..., str], sign: str
) -> None:
    """A rule that asks nothing but likeness is asked of what reads like an offer, not of every listing."""
    rulebook = book(make_rule(f"resembles.phone_card {sign} 78%"))
    offer = "别人名字开好的，插上就能打电话收短信，不用跑营业厅，一张一百六，停了包换，要几张说，量大再谈。"
    lawful = "木架结实，三层可调，角上有点磨损，自提的话可以再少二十，周末都在家，搬家前想清掉，配螺丝和扳手。"
    listings = [
        Listing(platform="t", listing_id=str(number), title="转让", description=text)
        for number, text in enumerate([*[lawful] * (2 * FEW), offer])
    ]
    asked = [(number, judge(rules[0], sight) is not None) for number, sight, rules in rulebook.candidates(listings)]
    assert asked == [(2 * FEW, True)]


def test_no_name_of_an_attribute_is_remembered(book: Callable[..., Rulebook], make_rule: Callable[..., str]) -> None:
    """Sellers choose them: what was matched leaves nothing of them in memory."""
    rulebook = book(make_rule("card in title and sell in attributes"))
    _look(rulebook, "short")
    tracemalloc.start()
    seen = _look(rulebook, "long" * 10_000)
    kept, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert seen == 2 * FEW
    assert kept < 2 * FEW * 40_000 / 4


def _look(rulebook: Rulebook, name: str) -> int:
    """How many of listings with attributes of such names are looked at."""
    listings = [
        Listing(platform="t", listing_id="1", title="手机卡", attributes={f"{number}{name}": "出售"})
        for number in range(2 * FEW)
    ]
    return len(list(rulebook.candidates(listings)))
