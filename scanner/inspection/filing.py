"""What a judged listing does to its case: opened, brought up to date, reopened or noted, each with its event."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from scanner import audit
from scanner.errors import Conflict
from scanner.model import Listing, Severity, Triage
from scanner.ports import IntakeRows
from scanner.records import Case, NewVersion
from scanner.workflow import CaseChange, CaseMove, case_change, due_at, next_case_state

_LEVELS = tuple(Severity)

# An assessment: what triage says of a case, without when and by whom.
_ASSESSMENT = ("version", "severity", "action", "priority", "categories", "rules", "reason")


class Filed(msgspec.Struct, frozen=True, kw_only=True):
    """What was done, and the case as it is then, if there is one."""

    change: CaseChange
    case: Case | None


class Filing:
    """A batch of judged listings on its way into cases: read, decided on, and written in a few statements."""

    def __init__(self, tx: IntakeRows, *, source: str, at: datetime) -> None:
        self._tx = tx
        self._source = source
        self._at = at
        self._saved: list[tuple[Case, Listing | None]] = []

    def file(self, judged: Sequence[tuple[NewVersion, Case | None]]) -> list[Filed]:
        """Do to each listing's latest case what the policy of ``workflow.case_change`` says.

        Raises ``Conflict`` if somebody has changed one of the cases meanwhile: the batch is then taken in anew.
        """
        changes = [
            case_change(case, is_flagged=version.triage is not None, content_hash=version.content_hash)
            for version, case in judged
        ]
        opened = iter(self._open([one for one, change in zip(judged, changes, strict=True) if _is_new(one, change)]))
        filed = [
            Filed(change=change, case=next(opened)) if _is_new(one, change) else self._done(*one, change)
            for one, change in zip(judged, changes, strict=True)
        ]
        if not self._tx.save_cases(self._saved):
            raise Conflict("a case was changed by somebody else while its listing was taken in")
        return filed

    def _open(self, judged: Sequence[tuple[NewVersion, Case | None]]) -> list[Case]:
        new = [(one, due_at(one.triage.severity, self._at)) for one, _ in judged if one.triage is not None]
        opened = self._tx.open_cases(new, source=self._source, at=self._at)
        for case, (_, earlier) in zip(opened, judged, strict=True):
            self._record(case, "case.opened", earlier_case=earlier.id if earlier else None)
        return opened

    def _done(self, version: NewVersion, case: Case | None, change: CaseChange) -> Filed:
        if case is not None:
            if change is CaseChange.NOTE:
                return self._note(version, case)
            if change is CaseChange.UPDATE and version.triage is not None:
                return self._update(version, version.triage, case)
            if change is CaseChange.REOPEN and version.triage is not None:
                return self._reopen(version, version.triage, case)
        return Filed(change=CaseChange.NOTHING, case=case)

    def _update(self, version: NewVersion, triage: Triage, case: Case) -> Filed:
        """A waiting case gets the new assessment.

        An edit by the seller never makes a case less urgent: what the first version said has been on offer. Another
        rulebook's judgement of the same version does count, in both directions.
        """
        fresh = _assessed(case, version, triage)
        if version.number != case.version:
            fresh = _not_milder(fresh, case)
        if all(getattr(fresh, name) == getattr(case, name) for name in _ASSESSMENT):
            return Filed(change=CaseChange.NOTHING, case=case)
        fresh = msgspec.structs.replace(fresh, due_at=min(case.due_at, due_at(fresh.severity, case.opened_at)))
        saved = self._save(fresh, version)
        self._record(saved, "case.updated", before_version=case.version, before_severity=case.severity)
        return Filed(change=CaseChange.UPDATE, case=saved)

    def _reopen(self, version: NewVersion, triage: Triage, case: Case) -> Filed:
        """A kept listing has changed and is found again: the case waits for a person once more."""
        fresh = msgspec.structs.replace(
            _assessed(case, version, triage),
            state=next_case_state(case.state, CaseMove.REOPEN),
            due_at=due_at(triage.severity, self._at),
            claimed_by="",
            lease_until=None,
        )
        saved = self._save(fresh, version)
        self._record(saved, "case.reopened", why="the listing has changed since it was kept")
        return Filed(change=CaseChange.REOPEN, case=saved)

    def _note(self, version: NewVersion, case: Case) -> Filed:
        """What is not news is not noted: the same version found again while its decision is under way."""
        if version.triage is not None and version.number == case.version:
            return Filed(change=CaseChange.NOTHING, case=case)
        noted = self._save(case, version)
        kind = "case.seen_again" if version.triage else "case.no_longer_flagged"
        self._record(noted, kind, seen_version=version.number, judged_by=version.judged_by)
        return Filed(change=CaseChange.NOTE, case=noted)

    def _save(self, case: Case, version: NewVersion) -> Case:
        """The next revision, to be written with the others of the batch."""
        fresh = msgspec.structs.replace(case, revision=case.revision + 1, updated_at=self._at)
        self._saved.append((fresh, version.listing if version.number == case.version else None))
        return fresh

    def _record(self, case: Case, kind: str, **more: object) -> None:
        audit.append(
            self._tx,
            actor=audit.SYSTEM,
            kind=kind,
            subject=f"case:{case.id}",
            at=self._at,
            platform=case.platform,
            listing_id=case.listing_id,
            version=case.version,
            state=case.state,
            severity=case.severity,
            priority=case.priority,
            rules=case.rules,
            **{name: value for name, value in more.items() if value is not None},
        )


def _is_new(judged: tuple[NewVersion, Case | None], change: CaseChange) -> bool:
    return change is CaseChange.OPEN and judged[0].triage is not None


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
