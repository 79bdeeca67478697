"""What a decision on a listing rests on, as it is told to its seller and to the platform. Pure."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from scanner.model import Finding
from scanner.rulebook import QUEUE_AT
from scanner.triage import certainty_of


def grounds(findings: Iterable[Finding], categories: Collection[str]) -> tuple[Finding, ...]:
    """The findings that carry a case, surest first: nobody is held to what Delist itself does not count.

    1. Findings of rules in shadow carry nothing, nor do those of categories that the case is not filed under.
    2. Of a category, those carry it that would queue the listing by themselves.
    3. Where none does, the surest carry it that do so together; where not even all do, nothing does.
    """
    by_category: dict[str, list[Finding]] = {category: [] for category in categories}
    for finding in sorted(findings, key=lambda one: -one.score):
        if finding.queues and finding.category in by_category:
            by_category[finding.category].append(finding)
    carrying = [one for found in by_category.values() for one in _carrying(found)]
    return tuple(sorted(carrying, key=lambda one: -one.score))


def _carrying(found: Sequence[Finding]) -> Sequence[Finding]:
    """Those of one category, surest first, that reach the queue each, or else together."""
    if alone := [one for one in found if one.score >= QUEUE_AT]:
        return alone
    return next((found[:count] for count in range(2, len(found) + 1) if certainty_of(found[:count]) >= QUEUE_AT), ())
