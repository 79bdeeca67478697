"""What differs between two rulebooks, rule by rule and list by list."""

from __future__ import annotations

from collections.abc import Callable

from scanner.authoring.compared import list_changes, rule_changes
from scanner.rulebook import Rulebook


def test_rules_that_came_went_and_changed(book: Callable[..., Rulebook], make_rule: Callable[..., str]) -> None:
    """Each is named, with what it said and says; what is the same is not mentioned."""
    old = book(make_rule("card", name="same"), make_rule("card", name="gone"), make_rule("card", name="other"))
    new = book(make_rule("card", name="same"), make_rule("card", name="new"), make_rule("card and sell", name="other"))
    found = {change.id.partition(".")[2]: change for change in rule_changes(old, new)}
    assert set(found) == {"gone", "new", "other"}
    assert found["gone"].after is None
    assert found["new"].before is None
    assert [(said.part, said.before, said.after) for said in found["other"].said] == [("when", "card", "card and sell")]
    assert list(rule_changes(old, old)) == []


def test_words_that_came_and_went(book: Callable[..., Rulebook], make_rule: Callable[..., str], head: str) -> None:
    """Terms, cover words and patterns, each in its list."""
    old = book(make_rule("card"))
    other = head.replace("手机卡槽", "手机卡套").replace("[出售, 批发]", "[出售]").replace("元一张", "元一个")
    new = book(make_rule("card"), head=other)
    assert [(one.name, one.added, one.removed) for one in list_changes(old, new)] == [
        ("goods.card", ("not 手机卡套",), ("not 手机卡槽",)),
        ("goods.each", ("/\\d+元一个/",), ("/\\d+元一张/",)),
        ("goods.sell", (), ("批发",)),
    ]
