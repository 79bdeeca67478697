"""The shipped rulebook: it loads, every rule proves itself, and every module says what a moderator needs."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from scanner.authoring.prove import Proof, prove
from scanner.model import Finding, Listing, Seller, Severity
from scanner.rulebook import Rulebook, Status, load
from scanner.rulebook.model import ModuleFile, RuleText, Strength
from scanner.rulebook.reader import Written, read
from scanner.rulebook.sources import find_sources
from scanner.scan import scan
from scanner.triage import triage

RULES = Path(__file__).resolve().parent.parent.parent / "rules"
CATEGORIES = frozenset(
    {
        "phone_card",
        "iot_card",
        "recharge_card",
        "gift_card",
        "game_goods",
        "account_trade",
        "payment_instrument",
        "verification_service",
        "telecom_equipment",
        "identity_data",
        "fraud_recruitment",
        "phishing",
    }
)


def _written() -> tuple[Written, ...]:
    written, faults = read(find_sources(RULES))
    assert not faults, "\n".join(map(str, faults))
    return written


WRITTEN = _written()
MODULES: dict[str, ModuleFile] = {file.module.category: file.module for file in WRITTEN if file.module}
ALL_RULES: dict[str, RuleText] = {rule.id: rule for module in MODULES.values() for rule in module.rules}


@pytest.fixture(scope="module")
def rulebook() -> Rulebook:
    """The rulebook as it ships."""
    return load(RULES)


@pytest.fixture(scope="module")
def proofs(rulebook: Rulebook) -> dict[str, list[Proof]]:
    """Every example of every rule, tried once."""
    tried: dict[str, list[Proof]] = {}
    for proof in prove(WRITTEN, rulebook):
        tried.setdefault(proof.rule, []).append(proof)
    return tried


def test_there_is_a_module_for_every_category() -> None:
    """The twelve categories of the taxonomy have a module each, and there is no other."""
    assert set(MODULES) == CATEGORIES


@pytest.mark.parametrize("rule", ALL_RULES)
def test_rule_proves_itself(rule: str, proofs: dict[str, list[Proof]]) -> None:
    """Each hit of the rule is found and each miss is spared."""
    wrong = [str(proof) for proof in proofs[rule] if not proof.passed]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("rule", ALL_RULES.values(), ids=ALL_RULES)
def test_rule_is_complete(rule: RuleText) -> None:
    """A rule is live, has three hits of which one hides, three reasoned misses, sources and lawful look-alikes."""
    assert rule.status is Status.LIVE
    assert len(rule.hits) >= 3
    assert any(hit.evasive for hit in rule.hits), "no hit says how it hides"
    assert len(rule.misses) >= 3
    assert all(miss.because for miss in rule.misses)
    assert rule.references
    assert rule.lawful


@pytest.mark.parametrize("rule", ALL_RULES.values(), ids=ALL_RULES)
def test_rule_speaks_both_languages(rule: RuleText) -> None:
    """Title and reasons of guards are there in English and in Chinese, and differ."""
    wordings = [rule.title, *(guard.because for guard in rule.guards)]
    assert all(wording.en and wording.zh and wording.en != wording.zh for wording in wordings)


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_module_names_its_policy(module: ModuleFile) -> None:
    """A module has a name, a policy sentence in both languages, clauses of law and an owner."""
    assert module.policy.law
    assert module.owner
    for wording in (module.name, module.policy.says):
        assert wording.en
        assert wording.zh
        assert wording.en != wording.zh


@pytest.mark.parametrize("module", MODULES.values(), ids=MODULES)
def test_module_covers_several_ways_of_selling(module: ModuleFile) -> None:
    """A module has several rules and queues its worst forms at S3 or S4, but for goods that depend on context."""
    assert len(module.rules) >= 4
    worst = max((rule.severity or module.severity for rule in module.rules), key=list(Severity).index)
    assert worst in {Severity.S3, Severity.S4}


def test_guards_silence_a_lone_finding() -> None:
    """A guard takes the score of its rule below the line: a guard that changes nothing would deceive its reader."""
    idle = [rule.id for rule in ALL_RULES.values() for guard in rule.guards if rule.score * (1 - guard.lower) >= 0.5]
    assert not idle


def test_strong_terms_alone_are_queued(rulebook: Rulebook) -> None:
    """In a list of strength H stand words that are enough alone: nearly all of them are found without company."""
    strong = [
        (f"{file.source.name}.{name}", text)
        for file in WRITTEN
        if file.module
        for name, terms in file.content.terms.items()
        if terms.strength is Strength.H
        for text in terms.any
    ]
    listings = [Listing(platform="test", listing_id=str(i), title=text) for i, (_, text) in enumerate(strong)]
    queued = [triage(listing, found) for listing, found in zip(listings, scan(listings, rulebook), strict=True)]
    missed = [f"{where}: {text}" for (where, text), case in zip(strong, queued, strict=True) if case is None]
    assert len(missed) <= 0.05 * len(strong), "\n".join(missed)


@pytest.mark.parametrize(
    "offer",
    [
        "出售 禾斗音号",
        "出售 木公众号转让",
        "出售 白七位qq",
        "出售 直八位qq",
        "出售 矢豆瓣老号",
        "出广发信用卡四件套",
        "出售流量卡 闭口卡 免实名",
        "出售手木几卡 免实名",
    ],
)
def test_a_bare_radical_hides_no_offer(rulebook: Rulebook, offer: str) -> None:
    """What is queued is queued beside a part of a character too, before it and behind it, by the same rules."""
    listings = [
        Listing(platform="test", listing_id="1", title=title, seller=Seller(id="s"))
        for title in (offer, f"亻 {offer}", f"{offer} 扌")
    ]
    plain, *apart = scan(listings, rulebook)
    assert triage(listings[0], plain)
    for listing, findings in zip(listings[1:], apart, strict=True):
        assert triage(listing, findings)
        assert _by_words(plain) <= _by_words(findings)


def _by_words(findings: Iterable[Finding]) -> set[str]:
    """The rules that rest on words; how a listing reads as a whole may change by a character."""
    return {finding.rule for finding in findings if not finding.rule.endswith(".resembles")}
