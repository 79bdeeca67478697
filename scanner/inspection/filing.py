"""What a judged listing does to its case: opened, brought up to date, reopened or noted, each with its event."""

from __future__ import annotations

from datetime import datetime

import msgspec

from scanner import audit
from scanner.errors import Conflict
from scanner.model import Severity, Triage
from scanner.ports import IntakeRows
from scanner.records import Case, NewVersion
from scanner.workflow import CaseChange, CaseMove, case_change, due_at, next_case_state

_LEVELS = tuple(Severity)

# An assessment: what triage says of a case, without when and by whom.
_ASSESSMENT = ("version", "severity", "action", "priority", "categories", "rules", "reason")


def file(tx: IntakeRows, version: NewVersion, case: Case | None, *, source: str, at: datetime) -> CaseChange:
    """Do to ``case``, the listing's latest, what the policy of ``workflow.case_change`` says; return what was done."""
    change = case_change(case, is_flagged=version.triage is not None, content_hash=version.content_hash)
    if change is CaseChange.NOTE and case is not None:
        return _note(tx, version, case, at=at)
    if version.triage is None:
        return CaseChange.NOTHING
    if change is CaseChange.OPEN:
        return _open(tx, version, version.triage, case, source=source, at=at)
    if change is CaseChange.UPDATE and case is not None:
        return _update(tx, version, version.triage, case, at=at)
    if change is CaseChange.REOPEN and case is not None:
        return _reopen(tx, version, version.triage, case, at=at)
    return CaseChange.NOTHING


def _open(
    tx: IntakeRows, version: NewVersion, triage: Triage, earlier: Case | None, *, source: str, at: datetime
) -> CaseChange:
    due = due_at(triage.severity, at)
    opened = tx.open_case(version, triage, source=source, at=at, due_at=due, at_end=True)
    _record(tx, opened, "case.opened", at, earlier_case=earlier.id if earlier else None)
    return CaseChange.OPEN


def _update(tx: IntakeRows, version: NewVersion, triage: Triage, case: Case, *, at: datetime) -> CaseChange:
    """A waiting case gets the new assessment.

    An edit by the seller never makes a case less urgent: what the first version said has been on offer. Another
    rulebook's judgement of the same version does count, in both directions.
    """
    fresh = _assessed(case, version, triage)
    if version.number != case.version:
        fresh = _not_milder(fresh, case)
    if all(getattr(fresh, name) == getattr(case, name) for name in _ASSESSMENT):
        return CaseChange.NOTHING
    fresh = msgspec.structs.replace(fresh, due_at=min(case.due_at, due_at(fresh.severity, case.opened_at)))
    saved = _save(tx, fresh, version, at)
    _record(tx, saved, "case.updated", at, before_version=case.version, before_severity=case.severity)
    return CaseChange.UPDATE


def _reopen(tx: IntakeRows, version: NewVersion, triage: Triage, case: Case, *, at: datetime) -> CaseChange:
    """A kept listing has changed and is found again: the case waits for a person once more."""
    fresh = msgspec.structs.replace(
        _assessed(case, version, triage),
        state=next_case_state(case.state, CaseMove.REOPEN),
        due_at=due_at(triage.severity, at),
        claimed_by="",
        lease_until=None,
    )
    _record(tx, _save(tx, fresh, version, at), "case.reopened", at, why="the listing has changed since it was kept")
    return CaseChange.REOPEN


def _note(tx: IntakeRows, version: NewVersion, case: Case, *, at: datetime) -> CaseChange:
    """What is not news is not noted: the same version found again while its decision is under way."""
    if version.triage is not None and version.number == case.version:
        return CaseChange.NOTHING
    noted = _save(tx, case, version, at)
    kind = "case.seen_again" if version.triage else "case.no_longer_flagged"
    _record(tx, noted, kind, at, seen_version=version.number, judged_by=version.judged_by)
    return CaseChange.NOTE


def _assessed(case: Case, version: NewVersion, triage: Triage) -> Case:
    return msgspec.structs.replace(
        case,
        version=version.number,
        severity=triage.severity,
        action=triage.action,
        priority=triage.priority,
        category=triage.categories[0] if triage.categories else "",
        categories=triage.categories,
        rules=rules_of(version),
        reason=triage.reason,
    )


def _not_milder(fresh: Case, before: Case) -> Case:
    """The more urgent of two assessments, filed under the categories and rules of both."""
    worse = fresh if fresh.priority >= before.priority else before
    return msgspec.structs.replace(
        fresh,
        severity=max(fresh.severity, before.severity, key=_LEVELS.index),
        action=worse.action,
        priority=worse.priority,
        reason=worse.reason,
        categories=tuple(dict.fromkeys(fresh.categories + before.categories)),
        rules=tuple(dict.fromkeys(fresh.rules + before.rules)),
    )


def rules_of(version: NewVersion) -> tuple[str, ...]:
    """The rules that put a version into the queue, each once."""
    return tuple(dict.fromkeys(finding.rule for finding in version.findings if finding.queues))


def _save(tx: IntakeRows, case: Case, version: NewVersion, at: datetime) -> Case:
    """Write the next revision. Raises ``Conflict`` if somebody has come between: the batch is then taken in anew."""
    fresh = msgspec.structs.replace(case, revision=case.revision + 1, updated_at=at)
    listing = version.listing if version.number == case.version else None
    if not tx.save_case(fresh, listing=listing, at_end=True):
        raise Conflict(f"case {case.id} was changed by somebody else")
    return fresh


def _record(tx: IntakeRows, case: Case, kind: str, at: datetime, **more: object) -> None:
    audit.append(
        tx,
        actor=audit.SYSTEM,
        kind=kind,
        subject=f"case:{case.id}",
        at=at,
        platform=case.platform,
        listing_id=case.listing_id,
        version=case.version,
        state=case.state,
        severity=case.severity,
        priority=case.priority,
        rules=case.rules,
        **{name: value for name, value in more.items() if value is not None},
    )
