"""Listings + rulebook -> findings: pure, in batches, and never an exception for what a listing contains.

The way of a batch, each step cheaper than the next and sparing it most listings:

1. ``text.views``: all texts joined and folded by one look-up a character; views are selections of it.
2. ``rulebook.sieve``: steps 3 to 5 for the lists that rules ask for, wherever in a listing they stand; most listings
   are done with.
3. ``rulebook.finder``: all terms, cover words and the literals of patterns in one scan of each view.
4. ``rulebook.surroundings``: a pattern may match only where the neighbours of its literals stand.
5. ``rulebook.prefilter``: every condition as bits, one for each listing; patterns run on what is left (``late``), in a
   few rounds, each pattern over all listings joined. What some rule may still say something of is a candidate.
6. ``rulebook.judge``: candidates one by one, with signals and spans; ``evaluate`` says what a condition means, and
   ``hearing`` asks it in compiled code.
"""

from __future__ import annotations

from collections.abc import Sequence

from scanner.model import Finding, Listing, Severity
from scanner.rulebook import (
    QUEUE_AT,
    Rule,
    Rulebook,
    Sight,
    judge,
    points_elsewhere,
    without_surrogates,
)
from scanner.rulebook.uncollected import uncollected

# Large, because every step of matching costs something by itself. Long listings are taken in smaller portions.
BATCH = 8_192
UNREADABLE = "delist.unreadable"
UNREADABLE_CATEGORY = "unreadable"


def scan(listings: Sequence[Listing], rulebook: Rulebook, *, batch: int = BATCH) -> list[tuple[Finding, ...]]:
    """The findings of each listing, in the order given.

    Whatever goes wrong in one listing makes a finding of rule ``delist.unreadable`` on that listing and touches no
    other: nothing fails into "clean". Findings of rules in shadow are there too, with ``queues`` false.
    """
    findings: list[tuple[Finding, ...]] = []
    for start in range(0, len(listings), batch):
        with uncollected():
            findings.extend(_scan_batch(listings[start : start + batch], rulebook))
    return findings


def _scan_batch(listings: Sequence[Listing], rulebook: Rulebook) -> list[tuple[Finding, ...]]:
    """One batch; if it breaks, its halves, down to the listing that is to blame."""
    findings: list[tuple[Finding, ...]] = [()] * len(listings)
    try:
        for number, sight, rules in rulebook.candidates(listings):
            findings[number] = _whole(sight, _found(rules, sight, rulebook), rulebook)
    except Exception as error:  # noqa: BLE001 - whatever broke, the listing must reach a person
        if len(listings) == 1:
            return [(_unreadable(rulebook, f"{type(error).__name__}: {error}"),)]
        middle = len(listings) // 2
        return _scan_batch(listings[:middle], rulebook) + _scan_batch(listings[middle:], rulebook)
    return findings


def _found(rules: Sequence[Rule], sight: Sight, rulebook: Rulebook) -> list[Finding]:
    """What rules find. To other modules a listing is left, whatever it reads like, only where these find something: one
    word of other goods would hide an offer."""
    found = _judged(rules, sight, rulebook, elsewhere=True)
    if any(finding.score >= QUEUE_AT and finding.queues for finding in found):
        return found
    is_left = any(points_elsewhere(rule, sight) for rule in rules)
    return _judged(rules, sight, rulebook, elsewhere=False) if is_left else found


def _judged(rules: Sequence[Rule], sight: Sight, rulebook: Rulebook, *, elsewhere: bool) -> list[Finding]:
    version, normaliser = rulebook.version, rulebook.normaliser
    found = [judge(rule, sight, rulebook=version, normaliser=normaliser, elsewhere=elsewhere) for rule in rules]
    return [finding for finding in found if finding is not None]


def _whole(sight: Sight, findings: list[Finding], rulebook: Rulebook) -> tuple[Finding, ...]:
    """A listing that was not read to the end is no cleaner for it."""
    if sight.unread:
        findings.append(_unreadable(rulebook, f"{sight.unread}; not everything was read"))
    return tuple(findings)


def _unreadable(rulebook: Rulebook, why: str) -> Finding:
    return Finding(
        rule=UNREADABLE,
        category=UNREADABLE_CATEGORY,
        severity=Severity.S2,
        score=1.0,
        title="The listing could not be read",
        reason=without_surrogates(f"could not be read: {why}")[:500],
        spans=(),
        rulebook=rulebook.version,
        normaliser=rulebook.normaliser,
    )
