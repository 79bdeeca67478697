"""What is old enough to be deleted, and deleting it with all that hangs on it. The history is never among it."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Column, RowMapping, Select, Table, delete, exists, func, literal, or_, select, update

from scanner.clues.records import ClueCase, ClueState
from scanner.erasure import Erasable
from scanner.errors import NotFound
from scanner.model import CaseState
from scanner.outside import LetterState, NoticeState, PlanState, RecordKind, RetentionPlan
from scanner.store.outside_rows import Outside, record
from scanner.store.tables import (
    bad_lines,
    cases,
    clue_packages,
    findings,
    fingerprints,
    inspections,
    letters,
    listings,
    metadata,
    notices,
    penalties,
    retention_plans,
    sellers,
    versions,
)

_GONE_OUT = (LetterState.SENT, LetterState.DROPPED, LetterState.FAILED)
_NONE = literal(0)


class Erasing(Outside):
    """What deleting by plan reads and writes."""

    def erasable(self, kind: RecordKind, *, before: datetime, after: int, limit: int) -> tuple[Erasable, ...]:
        """Records of a kind that are older than ``before``, by number, from the one behind ``after`` on."""
        table, query = _QUERIES[kind](before)
        query = query.where(table.c.id > after).order_by(table.c.id).limit(limit)
        found = self._connection.execute(query).all()
        rows = self._whole(table, [row[0] for row in found])
        return tuple(
            Erasable(id=row[0], cases=_numbers(row[1]), sha256=_digest([rows[row[0]]]))
            for row in found
            if row[0] in rows
        )

    def erase(self, kind: RecordKind, numbers: Sequence[int]) -> dict[str, int]:
        """Delete records with all that hangs on them; how many rows of each table."""
        gone: Counter[str] = Counter()
        if kind is RecordKind.LISTINGS:
            # These hang on the versions, by number, which the walk along single keys does not see.
            self._delete(findings, findings.c.listing_row, numbers, gone)
        self._erase(_ROOTS[kind], numbers, gone)
        return dict(sorted(gone.items()))

    def add_plan(self, plan: RetentionPlan) -> RetentionPlan:
        """Keep a plan; its number is given by the store."""
        return self._add(retention_plans, plan)

    def plan(self, plan_id: int) -> RetentionPlan:
        """One plan; whoever else wants to change it waits. Raises ``NotFound``."""
        query = self._locked(select(retention_plans).where(retention_plans.c.id == plan_id))
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound("there is no plan {number}", hint="delist retention plan --show", number=plan_id)
        return record(RetentionPlan, row)

    def plans(self, states: Sequence[PlanState], *, limit: int) -> tuple[RetentionPlan, ...]:
        """Plans in these states (none: in any), the newest first."""
        query = select(retention_plans).order_by(retention_plans.c.id.desc()).limit(limit)
        query = query.where(retention_plans.c.state.in_(states)) if states else query
        return tuple(record(RetentionPlan, row) for row in self._connection.execute(query).mappings())

    def save_plan(self, after: RetentionPlan, before: RetentionPlan) -> bool:
        """Write a plan back. ``False`` if somebody has changed it since it was read."""
        table = retention_plans
        return self._save(table, after, (table.c.id == before.id) & (table.c.state == before.state))

    def _erase(self, table: Table, numbers: Sequence[int], gone: Counter[str]) -> None:
        """Delete rows of ``table`` after all rows that name them, level by level."""
        if table is notices:
            # A notice that was a duplicate of one that goes stands for itself.
            self._connection.execute(
                update(notices).where(notices.c.duplicate_of.in_(numbers)).values(duplicate_of=None)
            )
        for child, column in _hanging_on(table):
            if "id" not in child.c:
                self._delete(child, column, numbers, gone)
                continue
            theirs = list(self._connection.execute(select(child.c.id).where(column.in_(numbers))).scalars())
            if theirs:
                self._erase(child, theirs, gone)
        self._delete(table, table.c.id, numbers, gone)

    def _delete(self, table: Table, column: Column[Any], numbers: Sequence[int], gone: Counter[str]) -> None:
        gone[table.name] += self._connection.execute(delete(table).where(column.in_(numbers))).rowcount

    def _whole(self, table: Table, numbers: Sequence[int]) -> dict[int, RowMapping]:
        if not numbers:
            return {}
        query = select(table).where(table.c.id.in_(numbers))
        return {row["id"]: row for row in self._connection.execute(query).mappings()}


def _passed_scores(before: datetime) -> tuple[Table, Select[Any]]:
    is_version = (versions.c.listing_row == findings.c.listing_row) & (versions.c.number == findings.c.number)
    query = select(findings.c.id, _NONE).join(versions, is_version)
    has_case = exists().where(cases.c.listing_row == findings.c.listing_row)
    return findings, query.where(versions.c.seen_at < before, ~has_case)


def _bad_lines(before: datetime) -> tuple[Table, Select[Any]]:
    query = select(bad_lines.c.id, _NONE).join(inspections, inspections.c.id == bad_lines.c.inspection_id)
    return bad_lines, query.where(inspections.c.started_at < before)


def _fingerprints(before: datetime) -> tuple[Table, Select[Any]]:
    is_over = or_(fingerprints.c.expires_at < before, fingerprints.c.ended_at < before)
    return fingerprints, select(fingerprints.c.id, _NONE).where(is_over)


def _letters(before: datetime) -> tuple[Table, Select[Any]]:
    is_old = letters.c.state.in_(_GONE_OUT) & (letters.c.written_at < before)
    return letters, select(letters.c.id, letters.c.case_id).where(is_old)


def _notices(before: datetime) -> tuple[Table, Select[Any]]:
    is_old = (notices.c.state == NoticeState.ANSWERED) & (notices.c.answered_at < before)
    return notices, select(notices.c.id, notices.c.case_id).where(is_old)


def _clues(before: datetime) -> tuple[Table, Select[Any]]:
    columns = clue_packages.c
    ended_at = func.coalesce(columns.answered_at, columns.handed_over_at, columns.made_at)
    has_ended = columns.state.in_((ClueState.HANDED_OVER, ClueState.ANSWERED, ClueState.DROPPED))
    return clue_packages, select(columns.id, columns.cases).where(has_ended, ended_at < before)


def _cases(before: datetime) -> tuple[Table, Select[Any]]:
    is_old = (cases.c.state == CaseState.CLOSED) & (cases.c.updated_at < before)
    younger = exists().where(
        notices.c.case_id == cases.c.id, or_(notices.c.answered_at.is_(None), notices.c.answered_at >= before)
    )
    return cases, select(cases.c.id, cases.c.id.label("case_id")).where(is_old, ~younger)


def _listings(before: datetime) -> tuple[Table, Select[Any]]:
    has_case = exists().where(cases.c.listing_row == listings.c.id)
    was_reported = exists().where(notices.c.listing_row == listings.c.id)
    return listings, select(listings.c.id, _NONE).where(listings.c.gone_at < before, ~has_case, ~was_reported)


def _sellers(before: datetime) -> tuple[Table, Select[Any]]:
    named = [
        exists().where(table.c.seller_row == sellers.c.id)
        for table in (listings, penalties, notices, letters, fingerprints, clue_packages)
    ]
    return sellers, select(sellers.c.id, _NONE).where(sellers.c.last_seen_at < before, *(~one for one in named))


_QUERIES: dict[RecordKind, Callable[[datetime], tuple[Table, Select[Any]]]] = {
    RecordKind.PASSED_SCORES: _passed_scores,
    RecordKind.BAD_LINES: _bad_lines,
    RecordKind.FINGERPRINTS: _fingerprints,
    RecordKind.LETTERS: _letters,
    RecordKind.NOTICES: _notices,
    RecordKind.CLUES: _clues,
    RecordKind.CASES: _cases,
    RecordKind.LISTINGS: _listings,
    RecordKind.SELLERS: _sellers,
}
_ROOTS: dict[RecordKind, Table] = {
    RecordKind.PASSED_SCORES: findings,
    RecordKind.BAD_LINES: bad_lines,
    RecordKind.FINGERPRINTS: fingerprints,
    RecordKind.LETTERS: letters,
    RecordKind.NOTICES: notices,
    RecordKind.CLUES: clue_packages,
    RecordKind.CASES: cases,
    RecordKind.LISTINGS: listings,
    RecordKind.SELLERS: sellers,
}


def _hanging_on(table: Table) -> list[tuple[Table, Column[Any]]]:
    """The tables whose rows name rows of ``table`` by a single key, but itself."""
    return [
        (child, key.parent)
        for child in metadata.tables.values()
        if child is not table
        for key in child.foreign_keys
        if key.column is table.c.id and len(key.constraint.columns if key.constraint is not None else ()) == 1
    ]


def _numbers(belongs_to: int | Sequence[ClueCase] | None) -> tuple[int, ...]:
    """The cases that a record belongs to: none, one, or all that a clue package is of."""
    if isinstance(belongs_to, Sequence):
        return tuple(one.case_id for one in belongs_to)
    return (belongs_to,) if belongs_to else ()


def _digest(rows: Sequence[RowMapping]) -> str:
    """SHA-256 over what rows say, whatever the database."""
    said = [{name: value for name, value in row.items() if value is not None} for row in rows]
    return hashlib.sha256(msgspec.json.encode(said, enc_hook=str, order="deterministic")).hexdigest()
