"""How evasive sellers write."""

from __future__ import annotations

import unicodedata
from random import Random

import pytest

from scanner.demo.disguise import SPELLINGS, Tactic, bare, disguise, fits, tells
from scanner.demo.wares import load


@pytest.mark.parametrize(
    ("tactic", "text", "expected"),
    [
        (Tactic.PLAIN, "出«手机卡»一张", "出手机卡一张"),
        (Tactic.HOMOPHONE, "出«手机卡»一张", "出手鸡咔一张"),
        (Tactic.HOMOPHONE, "«SIM card»", "S1M c4rd"),
        (Tactic.SPLIT_CHARACTERS, "出«手机卡»一张", "出手木几上卜一张"),
        (Tactic.PINYIN, "«免实名»", "免实ming"),
        (Tactic.FULL_WIDTH, "«SIM卡» ok", "ＳＩＭ卡 ok"),
        (Tactic.EMOJI, "«猫池»", "🐱池"),
        (Tactic.OPTION_SMUGGLING, "«猫池»", "猫池"),  # moved elsewhere, not rewritten
    ],
)
def test_a_tactic_rewrites_the_tells_alone(tactic: Tactic, text: str, expected: str) -> None:
    """What is not marked stays as it was."""
    assert disguise(text, tactic, load().disguises, Random(1)) == expected


@pytest.mark.parametrize("tactic", [Tactic.SPACING, Tactic.ZERO_WIDTH])
def test_separators_go_between_the_characters(tactic: Tactic) -> None:
    """Without what was put between, the word is whole again."""
    written = disguise("«免实名»卡", tactic, load().disguises, Random(1))
    assert written != "免实名卡"
    kept = [c for c in written if unicodedata.category(c).startswith("L")]
    assert "".join(kept) == "免实名卡"


def test_tactics_are_used_only_where_they_show() -> None:
    """Full width needs Latin letters; spacing always shows."""
    table = load().disguises
    assert not fits(Tactic.FULL_WIDTH, ("«手机卡»",), table)
    assert fits(Tactic.FULL_WIDTH, ("«SIM卡»",), table)
    assert fits(Tactic.SPACING, ("«手机卡»", "«收卡»"), table)


def test_every_prohibited_pattern_has_tells_and_a_spelling() -> None:
    """A title without a tell could not be disguised, and an option name without one says nothing."""
    for goods in load().goods:
        for pattern in goods.prohibited:
            assert pattern.short, pattern.titles
            assert all(tells(title) for title in pattern.titles), pattern.titles
            assert any(fits(tactic, pattern.titles, load().disguises) for tactic in SPELLINGS)


def test_lawful_patterns_have_no_tells() -> None:
    """Nothing marked as giving an offer away stands in a lawful one."""
    for goods in load().goods:
        for pattern in (*goods.lookalike, *goods.licensed, *goods.ordinary):
            said = (*pattern.titles, *pattern.texts, *pattern.short)
            assert all(bare(text) == text for text in said)
