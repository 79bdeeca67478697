"""A case as a line of a list: which rule names it."""

from __future__ import annotations

import pytest

from scanner.console.queuelines import line_of
from scanner.model import Finding, Seller, Severity
from scanner.records import QueueRow
from tests.outbox import CASE

S1, S2, S3, S4 = Severity


def found(rule: str, severity: Severity, score: float, *, queues: bool = True) -> Finding:
    """A finding of a rule."""
    return Finding(
        rule=rule, category="phone_card", severity=severity, score=score, title="", reason="", spans=(), queues=queues
    )


@pytest.mark.parametrize(
    ("findings", "rule", "why"),
    [
        ([found("sale", S3, 0.9), found("wanted", S4, 0.036)], "sale", "nearly nothing names no case"),
        ([found("sale", S3, 0.9), found("wanted", S4, 0.49)], "sale", "nor does what would not queue it"),
        ([found("sale", S3, 0.9), found("wanted", S4, 0.6)], "wanted", "of what would, the gravest"),
        ([found("sale", S3, 0.6), found("told", S3, 0.9)], "told", "of equally grave ones the surest"),
        ([found("sale", S3, 0.48), found("wanted", S4, 0.18)], "sale", "where only doubts add up, the surest"),
        ([found("sale", S3, 0.6), found("new", S4, 0.9, queues=False)], "sale", "never one in shadow"),
        ([found("new", S4, 0.9, queues=False)], CASE.rules[0], "where there is none, what the case was opened with"),
    ],
)
def test_the_rule_that_names_a_case(findings: list[Finding], rule: str, why: str) -> None:
    """The gravest of what is enough by itself."""
    row = QueueRow(
        case=CASE, title="x", url="", seller=Seller(), price=None, currency="", source="demo", gone_at=None,
        findings=tuple(findings),
    )  # fmt: skip
    assert line_of(row).rule == rule, why
