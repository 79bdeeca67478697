"""Scanning: findings with spans, versions and reasons, in order; nothing fails into "clean"."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.listing_content import text_fields
from scanner.model import Finding, Listing, Seller, Severity
from scanner.rulebook import Rulebook, load
from scanner.rulebook.lexicon import Hits
from scanner.scan import UNREADABLE, scan
from scanner.text.views import Document, Gathered
from scanner.triage import triage

BOOK = """\
category: goods
name: {en: Goods, zh: 物品}
severity: S3
policy: {law: [LAW-1, LAW-2], says: Not for sale.}
terms:
  card: {any: [手机卡], except: [手机卡针]}
  free: {any: [免实名]}
  note: {any: [收藏]}
rules:
  - id: goods.one
    title: A card without a name
    severity: S4
    when: card and free within 30
    unless: seller.licensed(agent)
    guards: [{when: note, lower: 0.5, because: {en: collected, zh: 收藏}}]
    hits: [a, b, c]
    misses: [{text: a, because: bb}, {text: a, because: bb}, {text: a, because: bb}]
  - id: goods.shadow
    title: Only a card
    status: shadow
    when: card
    hits: [a, b, c]
    misses: [{text: a, because: bb}, {text: a, because: bb}, {text: a, because: bb}]
"""


@pytest.fixture(scope="module")
def rulebook(tmp_path_factory: pytest.TempPathFactory) -> Rulebook:
    """Two rules: one live, one in shadow."""
    folder: Path = tmp_path_factory.mktemp("book")
    (folder / "goods.yaml").write_text(BOOK, encoding="utf8")
    return load(folder, cache=None)


def _listing(title: str = "", **fields: object) -> Listing:
    return Listing(platform="t", listing_id=title[:20], title=title, **fields)  # type: ignore[arg-type]


def _one(rulebook: Rulebook, listing: Listing) -> dict[str, Finding]:
    (findings,) = scan([listing], rulebook)
    return {finding.rule: finding for finding in findings}


def test_a_finding_says_everything(rulebook: Rulebook) -> None:
    """Rule, severity, score, title, reason, clause, versions, and spans in the original field."""
    listing = _listing("全新", description="出 手.机.卡，免实名！")
    finding = _one(rulebook, listing)["goods.one"]
    assert (finding.category, finding.severity, finding.score) == ("goods", Severity.S4, 0.9)
    assert finding.title == "A card without a name"
    assert finding.reason == "手机卡 (description) near 免实名, written with separators"
    assert (finding.clause, finding.rulebook, finding.queues) == ("LAW-1, LAW-2", rulebook.version, True)
    assert finding.normaliser == rulebook.normaliser
    for span in finding.spans:
        assert listing.description[span.start : span.end] == span.text
    assert [span.text for span in finding.spans] == ["手.机.卡", "免实名"]


def test_shadow_is_recorded_and_queues_nothing(rulebook: Rulebook) -> None:
    """A rule in shadow makes findings that triage leaves aside."""
    listing = _listing("手机卡")
    findings = scan([listing], rulebook)[0]
    assert [(finding.rule, finding.queues) for finding in findings] == [("goods.shadow", False)]
    assert triage(listing, findings) is None


def test_a_guard_lowers_and_says_why(rulebook: Rulebook) -> None:
    """The finding stays, with the reason for its lower score."""
    finding = _one(rulebook, _listing("手机卡免实名 收藏"))["goods.one"]
    assert finding.score == 0.45
    assert finding.reason.endswith("; lowered to 0.45 and not queued by itself: collected")


def test_a_verified_fact_silences(rulebook: Rulebook) -> None:
    """``unless`` takes the licence that the platform has verified, not the word in the text."""
    assert "goods.one" in _one(rulebook, _listing("手机卡免实名 agent"))
    assert "goods.one" not in _one(rulebook, _listing("手机卡免实名", seller=Seller(licences=("agent",))))


def test_the_order_of_listings_is_kept(rulebook: Rulebook) -> None:
    """Findings come parallel to the listings, whatever the size of a batch."""
    titles = ["手机卡免实名" if number % 7 == 3 else "台灯" for number in range(100)]
    listings = [_listing(title) for title in titles]
    for batch in (1, 3, 64, 1000):
        found = scan(listings, rulebook, batch=batch)
        assert [bool(findings) for findings in found] == [title != "台灯" for title in titles]


def test_an_empty_listing_is_nothing(rulebook: Rulebook) -> None:
    """No text, no finding, no error."""
    assert scan([_listing()], rulebook) == [()]
    assert scan([], rulebook) == []


class _Breaking:
    """A lexicon that breaks on one word, as a defect in the engine would."""

    def __init__(self, lexicon: object) -> None:
        self._lexicon = lexicon

    def find(self, documents: Sequence[Document], texts: Gathered) -> Hits:
        if any("炸弹" in text for document in documents for _, text in document):
            raise MemoryError("too large")
        return self._lexicon.find(documents, texts)  # type: ignore[attr-defined, no-any-return]


def test_what_breaks_one_listing_is_queued_and_touches_no_other(tmp_path: Path) -> None:
    """A failure becomes a finding that reaches a person; its neighbours are scanned as ever."""
    (tmp_path / "goods.yaml").write_text(BOOK, encoding="utf8")
    rulebook = load(tmp_path, cache=None)
    rulebook._lexicon = _Breaking(rulebook._lexicon)  # type: ignore[assignment]
    titles = ["手机卡免实名", "台灯", "炸弹", "手机卡免实名", "台灯"]
    found = scan([_listing(title) for title in titles], rulebook)
    assert [[finding.rule for finding in findings] for findings in found] == [
        ["goods.one", "goods.shadow"], [], [UNREADABLE], ["goods.one", "goods.shadow"], [],
    ]  # fmt: skip
    verdict = triage(_listing("炸弹"), found[2])
    assert verdict is not None
    assert (verdict.categories, verdict.action) == (("unreadable",), "review")
    assert found[2][0].reason == "could not be read: MemoryError: too large"


HOSTILE = [
    ("repeated", "手机卡" * 100_000),
    ("repeated with proof far behind", "手机卡" * 50_000 + "x" * 1000 + "免实名手机卡"),
    ("one megabyte", "台灯" * 500_000),
    ("combining marks", "手机卡" + "\u0301" * 100_000 + "免实名"),
    ("lone surrogates", "手机卡\ud800免实名\udfff"),
    ("controls", "".join(map(chr, range(32))) + "手机卡"),
    ("planes", "".join(chr(0x10000 * plane + 0x41) for plane in range(17)) * 50),
    ("bidi", "\u202e" * 5000 + "手机卡"),
    ("zero width", "手" + "\u200b" * 5000 + "机卡"),
    ("regex bait", "a" * 50_000 + "!"),
    ("separators", "手" + "." * 100_000 + "机卡"),
]


@pytest.mark.parametrize(("name", "text"), HOSTILE, ids=[row[0] for row in HOSTILE])
@pytest.mark.timeout(20)
def test_hostile_text_is_bounded(rulebook: Rulebook, name: str, text: str) -> None:
    """Whatever a seller writes: an answer in bounded time, and its spans can be written anywhere."""
    (findings,) = scan([Listing(platform="t", listing_id="1", title=text, description=text)], rulebook)
    for finding in findings:
        finding.reason.encode()
        for span in finding.spans:
            span.text.encode()


def test_a_flood_of_hits_is_queued_as_not_fully_read(rulebook: Rulebook) -> None:
    """Hiding the proof behind a thousand decoys does not end as clean."""
    text = "手机卡 " * 5_000
    found = _one(rulebook, _listing(text))
    assert UNREADABLE in found
    assert triage(_listing(text), tuple(found.values())) is not None


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.text(max_size=60), max_size=4), st.text(max_size=200))
def test_any_text_scans(rulebook: Rulebook, options: list[str], title: str) -> None:
    """Arbitrary Unicode never raises, and every span names original characters."""
    listing = Listing(platform="t", listing_id="1", title=title + "手机卡", options=tuple(options))
    texts = dict(text_fields(listing))
    (findings,) = scan([listing], rulebook)
    assert not any(finding.rule == UNREADABLE for finding in findings)
    for span in (span for finding in findings for span in finding.spans):
        assert len(texts[span.field][span.start : span.end]) == len(span.text) > 0


@pytest.mark.parametrize("is_enabled", [True, False])
def test_the_collector_of_cycles_rests_during_a_batch(
    rulebook: Rulebook, monkeypatch: pytest.MonkeyPatch, is_enabled: bool
) -> None:
    """Afterwards it is as it was, also where a listing breaks."""
    seen: list[bool] = []

    def broken(*_: object) -> None:
        seen.append(gc.isenabled())
        raise ValueError

    monkeypatch.setattr(Rulebook, "candidates", broken)
    (gc.enable if is_enabled else gc.disable)()
    try:
        found = scan([Listing(platform="t", listing_id="1", title="手机卡")], rulebook)
        assert gc.isenabled() == is_enabled
    finally:
        gc.enable()
    assert [finding.rule for finding in found[0]] == [UNREADABLE]
    assert seen == [False]
