"""What a change of rules does to listings: newly queued, no longer queued, severity changed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from enum import StrEnum
from itertools import islice

import msgspec

from scanner.model import Finding, Listing, Triage
from scanner.rulebook.rulebook import Rulebook
from scanner.scan import BATCH, scan
from scanner.triage import triage


class Kind(StrEnum):
    """What became different."""

    NEWLY_FLAGGED = "newly flagged"
    NO_LONGER_FLAGGED = "no longer flagged"
    CHANGED_SEVERITY = "changed severity"
    CHANGED_RULES = "changed rules"


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A listing that old and new rules see differently, with what each says."""

    kind: Kind
    listing: Listing
    before: Triage | None
    after: Triage | None
    rules_before: tuple[str, ...]
    rules_after: tuple[str, ...]
    reason: str


def compare(old: Rulebook, new: Rulebook, listings: Iterable[Listing]) -> Iterator[Change]:
    """The changes over a stream of listings, in its order, in constant memory."""
    stream = iter(listings)
    while batch := list(islice(stream, BATCH)):
        for listing, before, after in zip(batch, scan(batch, old), scan(batch, new), strict=True):
            change = _change(listing, before, after)
            if change is not None:
                yield change


def _change(listing: Listing, before: tuple[Finding, ...], after: tuple[Finding, ...]) -> Change | None:
    was, is_now = triage(listing, before), triage(listing, after)
    rules_before, rules_after = _rules(before), _rules(after)
    kind = _kind(was, is_now, rules_before == rules_after)
    if kind is None:
        return None
    shown = after if is_now is not None else before
    reason = max(shown, key=lambda finding: finding.score).reason if shown else ""
    return Change(
        kind=kind,
        listing=listing,
        before=was,
        after=is_now,
        rules_before=rules_before,
        rules_after=rules_after,
        reason=reason,
    )


def _kind(was: Triage | None, is_now: Triage | None, same_rules: bool) -> Kind | None:
    if was is None and is_now is None:
        return None
    if was is None:
        return Kind.NEWLY_FLAGGED
    if is_now is None:
        return Kind.NO_LONGER_FLAGGED
    if was.severity is not is_now.severity:
        return Kind.CHANGED_SEVERITY
    return None if same_rules else Kind.CHANGED_RULES


def _rules(findings: Iterable[Finding]) -> tuple[str, ...]:
    return tuple(sorted({finding.rule for finding in findings if finding.queues}))
