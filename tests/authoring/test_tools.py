"""What rule authors rely on: proofs, reasons why not, checks, comparisons, reference pages, edits in place."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

from scanner.authoring.check import Weight, check
from scanner.authoring.diff import Kind, compare
from scanner.authoring.document import language_page, rules_page
from scanner.authoring.explain import near_miss
from scanner.authoring.prove import prove
from scanner.authoring.schema import module_schema, shared_schema
from scanner.authoring.writing import add_rule, add_terms, export
from scanner.errors import InputError, RulebookError
from scanner.model import Listing, Seller
from scanner.rulebook import Rulebook, load
from scanner.rulebook.model import ModuleFile, RuleText, TermList
from scanner.rulebook.reader import Written, read
from scanner.rulebook.sources import find_sources

Write = Callable[..., Path]
MakeRule = Callable[..., str]

WHY_NOT = [
    ("card and free", {"title": "手机卡"}, ["no word of free is there"]),
    ("card and (free or sell)", {"title": "手机卡"}, ["none of free, sell is there"]),
    (
        "card and free within 30",
        {"title": "手机卡" + "，无关" * 20 + "免实名"},
        ["手机卡, 免实名 do not come together within 30 characters: they span 66 characters"],
    ),
    (
        "card and free within 30",
        {"title": "手机卡", "description": "免实名"},
        ["手机卡, 免实名 do not come together within 30 characters: they are in different fields"],
    ),
    ("card and free within sentence", {"title": "手机卡。免实名"}, ["one sentence: they span 7 characters"]),
    ("card and not tray", {"title": "手机卡托盘"}, ["托盘 speaks against it (not tray)"]),
    (
        "sell then card",
        {"title": "手机卡出售"},
        ["sell then card do not follow one another with at most 12 characters"],
    ),
    ("2 of (card, free, sell)", {"title": "手机卡"}, ["only 1 of the 2 wanted from (card, free, sell)"]),
    ("count(card) >= 3", {"title": "手机卡，手机卡"}, ["card is at 2 places, not >= 3"]),
    ("disguised(card)", {"title": "手机卡"}, ["手机卡 is written plainly, and disguised(card) wants a disguise"]),
    ("card in title", {"description": "手机卡"}, ["手机卡 is in description, not in title"]),
    ("card and contact", {"title": "手机卡"}, ["contact is not there"]),
    ("card and discount <= 0.9", {"title": "手机卡"}, ["discount is unknown, not <= 0.9"]),
    ("card and stock >= 20", {"title": "手机卡", "quantity": 2}, ["stock is 2, not >= 20"]),
    ("card and seller.kind in (shop)", {"title": "手机卡"}, ["the seller is unknown, not shop"]),
    ("card and seller.licensed(agent)", {"title": "手机卡"}, ["the seller has no verified licence agent"]),
    ("card and category(手机)", {"title": "手机卡"}, ["the category path has none of 手机"]),
    ("card and language in (zh)", {"title": "手机卡"}, ["the language is unknown, not zh"]),
    ("(card and free) or note", {"title": "手机卡"}, ["no word of free is there"]),
]


@pytest.mark.parametrize(("when", "fields", "reasons"), WHY_NOT, ids=[f"{row[0]} {row[2][0][:30]}" for row in WHY_NOT])
def test_a_near_miss_says_which_part_failed(
    see: Callable[..., object], when: str, fields: dict[str, object], reasons: list[str]
) -> None:
    """For something that was begun, each part that is missing is named."""
    rulebook, sight = see(when, **fields)  # type: ignore[misc]
    miss = near_miss(rulebook.rules[0], sight)
    assert miss is not None
    assert len(miss.why_not) == len(reasons)
    for said, reason in zip(miss.why_not, reasons, strict=True):
        assert reason in said


def test_what_fires_or_has_nothing_is_no_near_miss(book: Callable[..., Rulebook], make_rule: MakeRule) -> None:
    """Only what was begun and failed is explained; a silencing fact is named."""
    rulebook = book(make_rule("card and free", more="unless: seller.licensed(agent)"))
    rule = rulebook.rules[0]
    title = "手机卡免实名"
    assert near_miss(rule, rulebook.sight(Listing(platform="t", listing_id="1", title=title))) is None
    assert near_miss(rule, rulebook.sight(Listing(platform="t", listing_id="1", title="台灯"))) is None
    seller = Seller(licences=("agent",))
    silenced = near_miss(rule, rulebook.sight(Listing(platform="t", listing_id="1", title=title, seller=seller)))
    assert silenced is not None
    assert silenced.why_not == ("silent because seller.licensed(agent) holds",)


PROVEN = """\
    hits:
      - 手机卡免实名
      - {text: 手 机 卡 免实名, evasive: spacing}
      - {title: 出售, description: 手机卡 免实名}
    misses:
      - {text: 手机卡针 免实名, because: a pin}
      - {text: 手机卡 免实名 收藏, because: guarded}
      - {text: 台灯, because: a lamp}
"""
GUARD = "guards: [{when: note, lower: 0.5, because: collected}]"


def _proofs(folder: Path, only: str = "") -> dict[str, bool]:
    written, faults = read(find_sources(folder))
    assert not faults
    return {proof.shown: proof.passed for proof in prove(written, load(folder, cache=None), only=only)}


def test_hits_are_found_and_misses_spared(write: Write, head: str, make_rule: MakeRule) -> None:
    """A guard that brings the score below 0.5 spares a miss."""
    folder = write(goods=f"{head}rules:\n{make_rule('card and free within 20', more=GUARD, examples=PROVEN)}")
    assert set(_proofs(folder).values()) == {True}
    assert len(_proofs(folder, "goods.one")) == 6
    assert not _proofs(folder, "other")


def test_a_failed_proof_says_why(write: Write, head: str, make_rule: MakeRule) -> None:
    """A hit not found tells what is missing; a miss found tells what fired."""
    folder = write(goods=f"{head}rules:\n{make_rule('card and free within 5', examples=PROVEN)}")
    written, _ = read(find_sources(folder))
    failed = [proof for proof in prove(written, load(folder, cache=None)) if not proof.passed]
    assert "手机卡, 免实名 do not come together within 5 characters" in str(failed[0])
    assert str(failed[0]).startswith(f"{folder}/goods.yaml:18:9: goods.one: a hit is not found: 手机卡免实名")


def _remarks(folder: Path, today: date = date(2026, 1, 1)) -> dict[Weight, list[str]]:
    written, faults = read(find_sources(folder))
    assert not faults
    said: dict[Weight, list[str]] = {weight: [] for weight in Weight}
    for remark in check(written, load(folder, cache=None), today=today):
        said[remark.weight].append(remark.fault.what)
    return said


def test_a_good_rulebook_passes_the_check(write: Write, head: str, make_rule: MakeRule) -> None:
    """No fault, no warning; notes name the terms that no example has."""
    folder = write(goods=f"{head}rules:\n{make_rule('card and free within 20', more=GUARD, examples=PROVEN)}")
    remarks = _remarks(folder)
    assert not remarks[Weight.FAULT]
    assert not remarks[Weight.WARNING]
    assert "goods.sell: no rule uses this list" in remarks[Weight.NOTE]
    assert any(said.startswith("goods.card: 1 never fire in an example: sim card") for said in remarks[Weight.NOTE])


CHECKED = [
    ("card and free within 20", "", Weight.FAULT, "a miss is found: 手机卡 免实名 收藏"),
    ("card and free within 20", "expires: 2025-12-31", Weight.WARNING, "goods.one: expired on 2025-12-31"),
    ("not card", "", Weight.WARNING, "no word rules it out, so it is asked of every listing (slow)"),
]


@pytest.mark.parametrize(("when", "more", "weight", "said"), CHECKED, ids=[row[3] for row in CHECKED])
def test_the_check_finds(
    write: Write, head: str, make_rule: MakeRule, when: str, more: str, weight: Weight, said: str
) -> None:
    """Each doubtful thing is found and weighed."""
    folder = write(goods=f"{head}rules:\n{make_rule(when, more=more, examples=PROVEN)}")
    assert any(said in remark for remark in _remarks(folder)[weight])


def test_the_check_knows_ordinary_goods(write: Write, head: str, make_rule: MakeRule) -> None:
    """A term inside ordinary words is a warning, and a rule that would queue them a fault."""
    greedy = head.replace(
        "card: {any: [手机卡, sim card], except: [手机卡针, 手机卡槽]}", "card: {any: [手机卡], strength: H}"
    )
    folder = write(goods=f"{greedy}rules:\n{make_rule('card', examples=PROVEN)}")
    remarks = _remarks(folder)
    assert any('goods.one: the ordinary words "手机卡槽" would be queued' in said for said in remarks[Weight.FAULT])
    assert any(
        'goods.card: "手机卡" stands in the ordinary words "手机卡针"' in said for said in remarks[Weight.WARNING]
    )


def test_the_check_knows_what_every_shop_writes(write: Write, head: str, make_rule: MakeRule) -> None:
    """A term of ordinary shops is a warning, a rule that keeps speaking there another, and one that queues a fault."""
    greedy = head.replace("card: {any: [手机卡,", "card: {any: [客服, 签收, 质保, 尺码, 发票, 手机卡,")
    lowered = "guards: [{when: card, lower: 0.9, because: ordinary}]"
    said = _remarks(write(goods=f"{greedy}rules:\n{make_rule('card', more=lowered, examples=PROVEN)}"))
    assert any("goods.card: of strength M, but every shop writes" in one for one in said[Weight.WARNING])
    assert any("goods.one: finds something on" in one for one in said[Weight.WARNING])
    asked = next(one for one in said[Weight.WARNING] if "goods.one: asked of" in one)
    assert "for words such as" in asked
    assert "发票" in asked
    assert not any("would be queued" in one for one in said[Weight.FAULT])
    said = _remarks(write(goods=f"{greedy}rules:\n{make_rule('card', examples=PROVEN)}"))
    assert any("goods.one: what every shop writes would be queued" in one for one in said[Weight.FAULT])


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("any: [鸽子卡，信鸽卡]", "goods.pigeon: a Chinese comma ends no word"),
        ("any: [鸽子卡、信鸽卡]", "goods.pigeon: a Chinese comma ends no word"),
        ("any: [鸽子卡], except: [鸽子卡片；鸽子卡通]", "goods.pigeon: a Chinese comma"),
        ("any: [违规例子]", "goods.pigeon: 违规例子 is a made-up word"),
    ],
)
def test_the_check_warns_of_words_that_nobody_writes(
    write: Write, head: str, make_rule: MakeRule, words: str, said: str
) -> None:
    """Words run together by a Chinese comma, or left in from the skeleton never fire."""
    lists = head.replace("terms:\n", f"terms:\n  pigeon: {{{words}}}\n")
    folder = write(goods=f"{lists}rules:\n{make_rule('card and free within 20', more=GUARD, examples=PROVEN)}")
    warnings = _remarks(folder)[Weight.WARNING]
    assert [warning for warning in warnings if warning.startswith(said)], warnings


def test_an_evasive_hit_is_asked_for(write: Write, head: str, make_rule: MakeRule) -> None:
    """Three plain hits prove nothing about disguise."""
    plain = PROVEN.replace("手 机 卡", "手机卡").replace(", evasive: spacing", "")
    folder = write(goods=f"{head}rules:\n{make_rule('card and free', more=GUARD, examples=plain)}")
    assert any("no hit is evasive" in said for said in _remarks(folder)[Weight.FAULT])


def test_a_change_of_rules_is_shown_listing_by_listing(book: Callable[..., Rulebook], make_rule: MakeRule) -> None:
    """Newly flagged, no longer flagged, changed severity, other rules; what stays the same is not told."""
    old = book(make_rule("card"), make_rule("free", name="two"), make_rule("note", name="three"), folder="old")
    new = book(
        make_rule("card", more="severity: S4"),
        make_rule("sell", name="two"),
        make_rule("note", name="other"),
        folder="new",
    )
    titles = ["手机卡", "免实名", "出售", "台灯", "收藏", "手机卡 出售"]
    listings = [Listing(platform="t", listing_id=title, title=title) for title in titles]
    changes = {change.listing.title: change.kind for change in compare(old, new, listings)}
    assert changes == {
        "手机卡": Kind.CHANGED_SEVERITY,
        "免实名": Kind.NO_LONGER_FLAGGED,
        "出售": Kind.NEWLY_FLAGGED,
        "收藏": Kind.CHANGED_RULES,
        "手机卡 出售": Kind.CHANGED_SEVERITY,
    }
    assert list(compare(old, old, listings)) == []


def test_the_schema_describes_every_key() -> None:
    """Editors complete from it: every key is described, and plain texts are allowed where mappings are."""
    schema = module_schema()
    json.dumps(schema)
    assert schema["additionalProperties"] is False
    for model in (schema, shared_schema(), *schema["$defs"].values()):
        for name, said in model.get("properties", {}).items():
            assert said.get("description"), name
    assert "except" in schema["$defs"]["TermList"]["properties"]


def test_the_reference_names_every_key_and_signal(book: Callable[..., Rulebook], make_rule: MakeRule) -> None:
    """The page is made from the models, so nothing is forgotten."""
    page = language_page()
    for model in (ModuleFile, RuleText, TermList):
        for name, field in model.model_fields.items():
            assert f"`{field.alias or name}`" in page
    assert "`reviewer_address`" in page
    catalogue = rules_page(book(make_rule("card and free within 30", more=GUARD)))
    assert "### A rule (`goods.one`)" in catalogue
    assert "when: (card and free) within 30" in catalogue
    unless = "unless what stands around reads like an offer by more than 95%"
    assert f"lowered by 50% if `note`, {unless}: collected" in catalogue


def _written(folder: Path) -> dict[str, Written]:
    written, faults = read(find_sources(folder))
    assert not faults
    return {file.source.name: file for file in written}


def test_a_new_rule_loads_and_proves_itself(tmp_path: Path) -> None:
    """The skeleton is a draft that already holds; a second one joins the same file."""
    folder = tmp_path / "mine"
    file, line = add_rule(folder, "tobacco.cigarettes")
    assert file.read_text(encoding="utf8").splitlines()[line - 1] == "  - id: tobacco.cigarettes"
    file.write_text(file.read_text(encoding="utf8").replace("owner:", "# a comment\nowner:"), encoding="utf8")
    add_rule(folder, "tobacco.lighters")
    module = _written(folder)["tobacco"].module
    assert module is not None
    assert [rule.id for rule in module.rules] == ["tobacco.cigarettes", "tobacco.lighters"]
    assert list(module.terms) == ["cigarettes", "cigarettes_lawful", "lighters", "lighters_lawful"]
    assert "# a comment" in file.read_text(encoding="utf8")
    rulebook = load(folder, statuses=["draft"], cache=None)  # type: ignore[list-item]  # a status as it is written
    assert all(proof.passed for proof in prove(_written(folder).values(), rulebook))


@pytest.mark.parametrize("name", ["tobacco", "Tobacco.X", "a.b.c", "../x.y", "tobacco.cigarettes"])
def test_a_name_that_cannot_be_is_refused(tmp_path: Path, name: str) -> None:
    """Names are category.name, and taken once."""
    add_rule(tmp_path, "tobacco.cigarettes")
    before = (tmp_path / "tobacco.yaml").read_bytes()
    with pytest.raises(InputError):
        add_rule(tmp_path, name)
    assert (tmp_path / "tobacco.yaml").read_bytes() == before


LISTS = [
    ("flow", "  card: {any: [手机卡, sim card], except: [手机卡针]}\n"),
    ("quoted", "  card: {any: [手机卡, 'a, ]b'], except: ['手机卡针']}\n"),
    ("over lines", "  card:\n    any: [手机卡,  # the word\n          电话卡]\n    except: [手机卡针]\n"),
    ("block", "  card:\n    any:\n      - 手机卡\n      - 电话卡   # more\n    except:\n      - 手机卡针\n"),
    ("empty covers", "  card: {any: [手机卡], except: []}\n"),
]


@pytest.mark.parametrize(("name", "lists"), LISTS, ids=[row[0] for row in LISTS])
def test_words_are_added_in_place(write: Write, head: str, make_rule: MakeRule, name: str, lists: str) -> None:
    """Whatever way the list is written, the words join it and nothing else changes."""
    text = head.replace(head[head.index("  card:") : head.index("  free:")], lists) + f"rules:\n{make_rule('card')}"
    folder = write(goods=text)
    words = ["小手机卡", "it's: new", "#1卡", "- dash", "手机卡"]
    added = add_terms(folder, "goods.card", words)
    assert (added.words, added.known) == (words[:4], {"手机卡": "手机卡"})
    add_terms(folder, "goods.card", ["手机卡皮套"], covers=True)
    terms = _written(folder)["goods"].content.terms["card"]
    assert terms.any[-4:] == tuple(words[:4])
    assert terms.covers[-1] == "手机卡皮套"
    assert add_terms(folder, "goods.card", words).words == []
    # Read alike, it would be there twice; and of two that are, one is enough.
    again = add_terms(folder, "goods.card", ["手機卡", "小手機卡", "鸽子卡", "鴿子卡"])
    assert again.words == ["鸽子卡"]
    assert again.known == {"手機卡": "手机卡", "小手機卡": "小手机卡", "鴿子卡": "鸽子卡"}
    # A word with a gap of its own is found where one without is not.
    assert add_terms(folder, "goods.card", ["鸽 子卡"]).words == ["鸽 子卡"]
    changed = (folder / "goods.yaml").read_text(encoding="utf8")
    assert changed.startswith(text[: text.index("  card:")])
    assert changed.endswith(text[text.index("  free:") :])


def test_a_list_that_is_not_there_is_told(write: Write, head: str, make_rule: MakeRule) -> None:
    """The nearest name is offered, and nothing is written."""
    folder = write(goods=f"{head}rules:\n{make_rule('card')}")
    with pytest.raises(InputError, match='has no term list "crad" — did you mean "card"'):
        add_terms(folder, "goods.crad", ["x"])
    with pytest.raises(InputError, match=r'no rule file for "good\.card"'):
        add_terms(folder, "good.card", ["x"])
    with pytest.raises(RulebookError):
        add_terms(folder, "goods.card", ["x" * 100])
    with pytest.raises(RulebookError, match="no letter, digit or character"):
        add_terms(folder, "goods.card", ["新卡", "!!"])
    file = folder / "goods.yaml"
    broken = file.read_text(encoding="utf8").replace("any: [手机卡", "any: [~, 手机卡")
    file.write_text(broken, encoding="utf8")
    with pytest.raises(RulebookError, match="input should be text"):
        add_terms(folder, "goods.card", ["新卡"])
    assert file.read_text(encoding="utf8") == broken


def test_the_shipped_rulebook_can_be_taken_over(tmp_path: Path) -> None:
    """An exported copy is the same rulebook, with schemas for the editor beside it."""
    count = export(tmp_path / "mine", {"module.schema.json": b"{}"})
    sources = find_sources(tmp_path / "mine")
    assert len(sources) == count == len(find_sources())
    assert [source.content for source in sources] == [source.content for source in find_sources()]
    with pytest.raises(InputError, match="is there and not empty"):
        export(tmp_path / "mine", {})
