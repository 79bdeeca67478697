"""Compiled code says of rules what Python says: whether they hold, by which marks, and which guards lower them."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from scanner import kernels
from scanner.model import Listing, Seller
from scanner.rulebook import Rulebook, load
from scanner.rulebook.hearing import MOST_FIELDS
from scanner.rulebook.testimony import MOST_ENDS, MOST_OTHERS
from scanner.scan import UNREADABLE, scan

pytestmark = pytest.mark.skipif(kernels.library() is None, reason="without a C compiler there is only one way")

CONDITIONS = (
    "card and free within 30",
    "card and free within sentence",
    "(card and not tray) within sentence in description",
    "card and free and not (tray or each) within 12",
    "(card or sell) and (free or each or contact) within 25",
    "card and free within field in (title, description)",
    "card in title and free in description",
    "sell then card then free",
    "sell then card within sentence",
    "sell then (card or each) within field",
    "(sell then card within 9) and free within 60",
    "count(card or each) >= 2",
    "count(card) == 1 and not count(free) > 1",
    "count(contact or card) >= 3 in (title, options)",
    "2 of (card, free, contact, each)",
    "3 of (card in title, free, sell, not tray) within 40",
    "disguised(card) and (free or quantity >= 5)",
    "(disguised(card or free) and sell) within 20 in description",
    "(quantity >= 10 and card) within 15",
    "(stock >= 3 and card) within 8",
    "contact and not (card and free within 10)",
    "seller.kind in (person) and card",
    "category(卡券) and not seller.licensed(telecom_agent) and card",
    "card and (free in options or each in attributes or tray in (title, brand))",
    "not card and not free",
    "language in (en, zh) and (card and (free or (sell and tray within 5)) within 50)",
    "resembles >= 0.5 and card",
    "card and (resembles < 0.9 or resembles or not resembles.phone_card > 0) and count(each) < 9",
    "each and not resembles > 0.1",
    "(each then card) and free and contact",
    "contact and (handle or written) and (phone or card)",
    "contact and written and card",
    "(handle or contact) and (disguised(card) or phone) and not (each or tray or contact in title)",
)
GUARDS = (
    *("tray", "count(sell) >= 2", "contact and card within 20", "tray and not free within 6", "each in description"),
    *("each or contact or phone", "2 of (handle, contact, tray, not (each or free))", "not (tray or each) and free"),
)
PIECES = (
    *("出售", "台灯", "全新包邮，", "手机卡", "手-机-卡", "免实名", "免 实 名", "托盘", "50元一张"),
    *("。", "\n", "\u200b", "\ud800", "12张", "加微信 abc_12345", "x" * 30, "！"),
)  # fmt: skip
FLOODS = ("手机卡" * 90, "出售手机卡免实名" * 200, "免实名。" * 70, "50元一张 " * 80)


@pytest.fixture(scope="module")
def rulebook(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """One rule for each condition, all with the same guards."""
    sought = {"each": r"\d+元一张", "handle": "加微信 abc_12345"}
    return _loaded(tmp_path_factory.mktemp("book"), CONDITIONS, GUARDS, sought)


def _loaded(
    folder: Path,
    conditions: Sequence[str],
    lowering: Sequence[str],
    sought: Mapping[str, str],
    lowering_all: Sequence[str] = (),
) -> Rulebook:
    guards, of_module = (
        "".join(f"{{when: '{when}', lower: 0.1, because: {{en: it is, zh: 是}}}}, " for when in some)
        for some in (lowering, lowering_all)
    )
    examples = "hits: [a, b, c], misses: [{text: a, because: bb}, {text: a, because: bb}, {text: a, because: bb}]"
    rules = "".join(
        f"  - {{id: goods.r{number}, title: T, when: '{when}', guards: [{guards}], {examples}}}\n"
        for number, when in enumerate(conditions)
    )
    terms = {
        "card": "手机卡",
        "free": "免实名",
        "sell": "出售",
        "tray": "托盘",
        "phone": "手机卡",
        "written": "加微信abc12345",
    }
    lists = "".join(f"  {name}: {{any: [{word}]}}\n" for name, word in terms.items())
    patterns = "".join(f"  {name}: {{re: '{pattern}'}}\n" for name, pattern in sought.items())
    (folder / "goods.yaml").write_text(
        "category: goods\nname: Goods\nseverity: S3\npolicy: {says: Not for sale}\n"
        f"guards: [{of_module}]\nterms:\n{lists}patterns:\n{patterns}rules:\n{rules}",
        encoding="utf8",
    )
    return load(folder, cache=None)


def _listing(chance: random.Random) -> Listing:
    def text(most: int) -> str:
        return "".join(chance.choices(PIECES, k=chance.randint(0, most)))

    flood = chance.choice(FLOODS) if chance.random() < 0.05 else ""
    return Listing(
        platform="t",
        listing_id="1",
        title=text(5),
        description=text(12) + flood,
        options=tuple(text(2) for _ in range(chance.randint(0, 3))),
        attributes={"b": text(2), "a": text(2)} if chance.random() < 0.5 else {},
        quantity=chance.choice([None, 1, 5]),
        category_path=chance.choice([(), ("卡券",)]),
        language=chance.choice(["", "zh-CN"]),
        seller=Seller(id="s", kind=chance.choice(["person", "shop"])),
    )


@pytest.mark.parametrize("company", [1, 5, 300])
def test_compiled_code_finds_the_same(rulebook: Rulebook, company: int) -> None:
    """Findings are equal to the character, alone and in company, in floods too."""
    chance = random.Random(company)
    made = [_listing(chance) for _ in range(300 if company > 5 else 90)]
    found = scan(made, rulebook, batch=company)
    with kernels.without():
        assert found == scan(made, rulebook, batch=company)
    assert len({finding.rule for some in found for finding in some}) > len(CONDITIONS) - 3


def test_only_floods_are_unreadable(rulebook: Rulebook) -> None:
    """What compiled code is handed is as it must be: else it would say so of every listing."""
    chance = random.Random(5)
    found = scan([_listing(chance) for _ in range(100)], rulebook)
    unread = [finding.reason for some in found for finding in some if finding.rule == UNREADABLE]
    assert unread
    assert all("not everything was read" in reason for reason in unread)


def test_what_is_heard_of_one_is_not_taken_for_anothers(rulebook: Rulebook) -> None:
    """Of each of many, heard together in rounds, the kernel says what it says of the listing by itself."""
    chance = random.Random(3)
    made = [_listing(chance) for _ in range(40)]
    seen = {number: sight.weighed for number, sight, _ in rulebook.candidates(made)}
    for number, weighed in seen.items():
        alone = {
            rule: one for _, sight, _ in rulebook.candidates([made[number]]) for rule, one in sight.weighed.items()
        }
        assert weighed == {rule: alone[rule] for rule in weighed}
    assert sum(one.evidence is not None for weighed in seen.values() for one in weighed.values()) > 100


def test_threads_hear_at_benches_of_their_own(rulebook: Rulebook) -> None:
    """Several threads with one rulebook find what one does."""
    chance = random.Random(4)
    made = [[_listing(chance) for _ in range(60)] for _ in range(6)]
    with ThreadPoolExecutor(3) as threads:
        found = list(threads.map(lambda some: scan(some, rulebook, batch=20), made))
    assert found == [scan(some, rulebook) for some in made]


def test_a_bench_is_never_worn_out(rulebook: Rulebook) -> None:
    """What was remembered of a listing is told from what is remembered of the next by a number that begins anew."""
    chance = random.Random(6)
    made = [_listing(chance) for _ in range(30)]
    found = scan(made, rulebook)
    bench = rulebook._benches.free[-1]
    bench.work.stamp = 2**31 - 6
    assert scan(made, rulebook) == found
    assert bench.work.stamp < 100


@pytest.fixture(scope="module")
def broad(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """Rules that ask for many patterns, each of them again and again, and for sentences."""
    letters = "abcdefghij"
    conditions = [when.replace("p", f"p{letter}") for letter in letters for when in ("p", "p and card", "p then card")]
    conditions += ["card and free within sentence", "card then free within sentence", "card and not free"]
    patterns = {f"p{letter}": f"{letter}q\\d" for letter in letters}
    return _loaded(tmp_path_factory.mktemp("broad"), conditions, ("pa", "pj"), patterns)


def _marks(each: int) -> tuple[str, ...]:
    """Options with so many marks of each of ten patterns."""
    return (" ".join(f"{letter}q1" for letter in "abcdefghij" for _ in range(each // 10)),) * 10


# More than the kernel has room for: marks of patterns, ends of sentences, fields. And what just fits.
CROWDS = {
    "marks": (_marks(MOST_OTHERS // 10 + 10), True),
    "fewer marks": (_marks(MOST_OTHERS // 10 - 9), False),
    "ends": (("手机卡" + "。" * (MOST_ENDS + 1), "手机卡免实名。", "手机卡。免实名"), True),
    "fewer ends": (("手机卡" + "。" * (MOST_ENDS - 4), "手机卡免实名。", "手机卡。免实名"), False),
    "fields": (("手机卡", "免实名", *["aq1"] * MOST_FIELDS), True),
    "fewer fields": (("手机卡", "免实名", *["aq1"] * (MOST_FIELDS - 4)), False),
}


@pytest.mark.parametrize("crowd", CROWDS)
def test_what_is_too_much_is_asked_in_python(broad: Rulebook, crowd: str) -> None:
    """A rule that cannot be heard in compiled code is not taken for one that does not hold, nor is any after it."""
    options, is_too_much = CROWDS[crowd]
    listing = Listing(platform="t", listing_id="1", title="手机卡", description="免实名", options=options)
    heard = [sight.weighed.get(rule.id) for _, sight, rules in broad.candidates([listing]) for rule in rules]
    assert (None in heard) == is_too_much
    found = scan([listing], broad)
    with kernels.without():
        assert found == scan([listing], broad)
    assert found[0]


@pytest.mark.parametrize("crowd", CROWDS)
def test_a_crowd_in_company_is_heard_as_by_itself(broad: Rulebook, crowd: str) -> None:
    """Among others the hits of patterns are known before the kernel asks, unless they are too many."""
    title, text = "手机卡 aq1 bq2", "免实名 aq1。"
    crowded = Listing(platform="t", listing_id="1", title=title, description=text, options=CROWDS[crowd][0])
    others = [Listing(platform="t", listing_id=str(at), title=title, description=text * at) for at in range(2, 22)]
    found = scan([*others, crowded], broad)
    with kernels.without():
        assert found == scan([*others, crowded], broad)
    assert all(found)


@pytest.mark.parametrize("when", ["(pa or pb or pc) and card within 9", "(pa or pb or pc) then card", "pa and card"])
@pytest.mark.parametrize("each", [55, 60])
def test_what_would_take_quadratic_time_is_asked_in_python(tmp_path: Path, when: str, each: int) -> None:
    """Over a thousand marks, each held against each other, are for the way that bisects."""
    rulebook = _loaded(tmp_path, (when,), (), {f"p{letter}": f"{letter}q\\d" for letter in "abc"})
    options = (*["aq1 bq2 cq3 " * each] * 6, "aq1 手机卡")
    listing = Listing(platform="t", listing_id="1", title="手机卡", options=options)
    heard = [sight.weighed.get(rule.id) for _, sight, rules in rulebook.candidates([listing]) for rule in rules]
    assert (None in heard) == (each == 60 and "or" in when)
    found = scan([listing], rulebook)
    with kernels.without():
        assert found == scan([listing], rulebook)
    assert found[0]


# What each rule is to show of one listing, though for a guard, or what is excluded, it is enough that one thing holds.
ENOUGH = (
    {"card": ["手机卡"], "card or each or contact": ["手机卡", "50元一张", "加微信 abc_12345"]},
    {"sell": ["出售"], "(sell and not (card or each or contact)) or free": ["免实名"]},
)


@pytest.mark.parametrize("shown", ENOUGH)
def test_what_need_not_be_known_is_not_taken_for_known(tmp_path: Path, shown: dict[str, list[str]]) -> None:
    """What is found out of a condition for a guard, without the rest of it, is not all that a rule shows."""
    rulebook = _loaded(tmp_path, [*shown], ("card or each or contact",), {"each": r"\d+元一张"})
    listing = Listing(platform="t", listing_id="1", title="出售手机卡 免实名", description="50元一张，加微信 abc_12345")
    found = [[span.text for span in finding.spans] for finding in scan([listing], rulebook)[0]]
    assert found == [*shown.values()]


# Shows the signal first: of what takes equally long to know, the order is the author's.
_TWICE = "(contact or tray) and (tray or (handle and contact))"


def test_of_one_place_the_plainest_reading_is_shown(tmp_path: Path) -> None:
    """A pattern rather than a signal, and that rather than a word in disguise."""
    rulebook = _loaded(tmp_path, (_TWICE, "written and contact"), (), {"handle": "加微信 abc_12345"})
    listing = Listing(platform="t", listing_id="1", title="手机卡", description="加微信 abc_12345")
    reads = [[span.reads for span in finding.spans] for finding in scan([listing], rulebook)[0]]
    assert reads == [["加微信 abc_12345"], ["wechat:abc_12345"]]


@pytest.mark.parametrize("of_module", [30, 31])
def test_more_guards_than_bits_are_asked_in_python(tmp_path: Path, of_module: int) -> None:
    """A verdict has a bit for each guard; a rule with more of them is not taken for one that nothing lowers."""
    rulebook = _loaded(tmp_path, ("card",), ("tray", *["contact"] * 30, "sell"), {"each": "免费"}, ["free"] * of_module)
    listing = Listing(platform="t", listing_id="1", title="手机卡 托盘 出售")
    heard = [sight.weighed.get(rule.id) for _, sight, rules in rulebook.candidates([listing]) for rule in rules]
    assert (None in heard) == (of_module == 31)
    found = scan([listing], rulebook)
    with kernels.without():
        assert found == scan([listing], rulebook)
    assert [finding.score for finding in found[0]] == [pytest.approx(rulebook.rules[0].score * 0.9 * 0.9, abs=1e-3)]
