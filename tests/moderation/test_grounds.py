"""What a decision rests on: only findings that count, surest first."""

from __future__ import annotations

import pytest

from scanner.model import Finding, Severity, Span, View
from scanner.moderation.grounds import grounds


def finding(name: str, score: float, *, queues: bool = True) -> Finding:
    """A finding of the rule ``category.word``, which rests on that word."""
    return Finding(
        rule=name,
        category=name.partition(".")[0],
        severity=Severity.S3,
        score=score,
        title=name,
        reason="",
        spans=(Span(field="title", start=0, end=1, text=name, view=View.FOLDED),),
        queues=queues,
    )


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        ({"a.x": 0.6, "a.y": 0.9}, ["a.y", "a.x"]),
        ({"a.x": 0.02, "a.y": 0.9}, ["a.y"]),
        ({"b.x": 0.9, "a.y": 0.6, "c.z": 0.95}, ["b.x", "a.y"]),
        ({"a.x": 0.4, "a.y": 0.4, "a.z": 0.1}, ["a.x", "a.y"]),
        ({"a.x": 0.4, "b.y": 0.9}, ["b.y"]),
        ({"c.x": 0.9}, []),
        ({}, []),
    ],
    ids=["surest first", "nearly nothing", "not filed under it", "together", "not even together", "another's", "none"],
)
def test_only_what_counts_carries_a_case(found: dict[str, float], expected: list[str]) -> None:
    """Of a case filed under a and b."""
    carrying = grounds([finding(name, score) for name, score in found.items()], ("a", "b"))

    assert [one.rule for one in carrying] == expected


def test_a_rule_in_shadow_carries_nothing() -> None:
    """What nobody is queued for, nobody is told."""
    assert grounds([finding("a.x", 0.9, queues=False)], ("a",)) == ()
