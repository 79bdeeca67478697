"""Cases, decisions and the outbox of takedowns."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import RowMapping, Select, delete, insert, select, tuple_, update

from scanner.errors import NotFound
from scanner.model import CaseState, Finding, Triage
from scanner.moderation.priority import place_of
from scanner.records import Case, Decision, NewVersion, Takedown, Version
from scanner.store.desk import put_on_desk
from scanner.store.search import Search
from scanner.store.tables import case_labels, cases, decisions, findings, listings, takedowns, versions
from scanner.workflow import DESK_OF, WAITING

# The label that every case is filed under.
ALL = ("all", "")

_LABEL = (case_labels.c.kind, case_labels.c.label, case_labels.c.is_waiting, case_labels.c.place)

# Kind, label, whether the case waits, its place.
Label = tuple[Any, ...]

S = TypeVar("S", bound=msgspec.Struct)

# What is written when a case changes; the rest stays what it was when it was opened.
_CHANGING = (
    "version",
    "state",
    "revision",
    "severity",
    "action",
    "priority",
    "category",
    "categories",
    "rules",
    "reason",
    "updated_at",
    "due_at",
    "ruling",
    "decided_hash",
    "claimed_by",
    "lease_until",
    "token",
    "desk",
    "reserved_for",
    "away_until",
)


class Cases(Search):
    """What working on cases reads and writes."""

    def case(self, case_id: int) -> Case:
        """One case. Raises ``NotFound``."""
        row = self._connection.execute(case_query().where(cases.c.id == case_id)).mappings().one_or_none()
        if row is None:
            raise NotFound(f"there is no case {case_id}", hint="`delist queue` lists the cases.")
        return read_case(row)

    def open_case(self, version: NewVersion, triage: Triage, *, source: str, at: datetime, due_at: datetime) -> Case:
        """A new case on a version."""
        values = {
            "listing_row": version.listing_row,
            "source": source,
            "version": version.number,
            "state": CaseState.OPEN,
            "revision": 1,
            "severity": triage.severity,
            "action": triage.action,
            "priority": triage.priority,
            "category": triage.categories[0] if triage.categories else "",
            "categories": triage.categories,
            "rules": tuple(dict.fromkeys(finding.rule for finding in version.findings if finding.queues)),
            "reason": triage.reason,
            "opened_at": at,
            "updated_at": at,
            "due_at": due_at,
            "decided_hash": "",
            "claimed_by": "",
            "token": 0,
        }
        case_id = self._connection.execute(insert(cases).returning(cases.c.id), values).scalar_one()
        opened = self.case(case_id)
        self._keep_words(case_id, version.number, version.listing)
        self._label(opened, version.listing.language)
        return opened

    def save_case(self, case: Case) -> bool:
        """Write a case whose revision was raised by one. ``False`` if it is no longer the revision before that."""
        case = msgspec.structs.replace(case, desk=DESK_OF.get(case.state, case.desk))
        values = {name: getattr(case, name) for name in _CHANGING}
        is_before = (cases.c.id == case.id) & (cases.c.revision == case.revision - 1)
        if self._connection.execute(update(cases).where(is_before).values(values)).rowcount != 1:
            return False
        version, language = self._said_by(case.id)
        if version != case.version:
            listing = self.version(case.listing_row, case.version).listing
            self._keep_words(case.id, case.version, listing)
            language = listing.language
        self._label(case, language)
        return True

    def version(self, listing_row: int, number: int) -> Version:
        """One version of a listing. Raises ``NotFound``."""
        is_it = (versions.c.listing_row == listing_row) & (versions.c.number == number)
        row = self._connection.execute(select(versions).where(is_it)).mappings().one_or_none()
        if row is None:
            raise NotFound(f"listing {listing_row} has no version {number}")
        return read_version(row)

    def findings(self, listing_row: int, number: int) -> tuple[Finding, ...]:
        """What the rulebook that judged a version last found in it, in the order it was found."""
        is_it = (findings.c.listing_row == listing_row) & (findings.c.number == number)
        rows = self._connection.execute(current_findings().where(is_it)).mappings()
        return tuple(read_finding(row) for row in rows)

    def decisions(self, case_id: int) -> tuple[Decision, ...]:
        """The decisions on a case, oldest first."""
        query = select(decisions).where(decisions.c.case_id == case_id).order_by(decisions.c.id)
        return tuple(_record(Decision, row) for row in self._connection.execute(query).mappings())

    def takedowns(self, case_id: int) -> tuple[Takedown, ...]:
        """The orders that came of a case, oldest first."""
        query = select(takedowns).where(takedowns.c.case_id == case_id).order_by(takedowns.c.id)
        return tuple(_record(Takedown, row) for row in self._connection.execute(query).mappings())

    def add_decision(self, decision: Decision) -> Decision:
        """Append a decision; its number is given by the store."""
        number = self._connection.execute(insert(decisions).returning(decisions.c.id), _plain(decision)).scalar_one()
        return msgspec.structs.replace(decision, id=number)

    def add_takedown(self, takedown: Takedown) -> Takedown:
        """Write an order into the outbox; its number is given by the store."""
        number = self._connection.execute(insert(takedowns).returning(takedowns.c.id), _plain(takedown)).scalar_one()
        return msgspec.structs.replace(takedown, id=number)

    def _label(self, case: Case, language: str) -> None:
        """File the case under all that the queue is filtered by, with its place in the queue; write what is new."""
        place = place_of(case.priority, case.due_at)
        is_waiting = case.state in WAITING
        wanted = {(kind, label, is_waiting, place) for kind, label in _labels_of(case, language)}
        is_its = case_labels.c.case_id == case.id
        filed = {tuple(row) for row in self._connection.execute(select(*_LABEL).where(is_its))}
        if wanted != filed:
            self._refile(case.id, filed, wanted)
        put_on_desk(self._connection, case, place)

    def _refile(self, case_id: int, filed: set[Label], wanted: set[Label]) -> None:
        """Labels that stay are moved, the others taken away and added: an index is only touched where it changes."""
        is_its, stays = case_labels.c.case_id == case_id, {label[:2] for label in wanted}
        if gone := [label[:2] for label in filed if label[:2] not in stays]:
            is_gone = tuple_(case_labels.c.kind, case_labels.c.label).in_(gone)
            self._connection.execute(delete(case_labels).where(is_its, is_gone))
        if {label[2:] for label in filed} - {label[2:] for label in wanted}:
            _, _, is_waiting, place = next(iter(wanted))
            self._connection.execute(update(case_labels).where(is_its).values(is_waiting=is_waiting, place=place))
        known = {label[:2] for label in filed}
        columns = [column.name for column in _LABEL]
        fresh = [dict(zip(columns, label, strict=True)) for label in sorted(wanted) if label[:2] not in known]
        self._insert(case_labels, [{"case_id": case_id, **row} for row in fresh])


def _labels_of(case: Case, language: str) -> set[tuple[str, str]]:
    """Category, rule, severity, source, seller, state, desk and language, and once as one of all.

    A case in ``zh-Hans`` is also one in ``zh``.
    """
    parts = language.lower().split("-") if language else []
    several = {("category", label) for label in case.categories} | {("rule", label) for label in case.rules}
    several |= {("language", "-".join(parts[:end])) for end in range(1, len(parts) + 1)}
    once = {"severity": case.severity, "source": case.source, "state": case.state, "desk": case.desk}
    return {ALL, ("seller", str(case.seller_row)), *((kind, str(label)) for kind, label in once.items())} | several


def case_query() -> Select[Any]:
    """Cases with the platform's names of their listings, as ``read_case`` reads them."""
    listed = (listings.c.platform, listings.c.listing_id, listings.c.seller_row)
    return select(*cases.c, *listed).join_from(cases, listings)


def read_case(row: RowMapping) -> Case:
    """A row of ``case_query`` as a record."""
    return _record(Case, row)


def read_version(row: RowMapping) -> Version:
    """A row of ``versions`` as a record."""
    return _record(Version, row)


def read_finding(row: RowMapping) -> Finding:
    """A row of ``findings`` as a record."""
    return _record(Finding, row)


def _record(kind: type[S], row: RowMapping) -> S:
    return kind(**{name: row[name] for name in kind.__struct_fields__})


def _plain(record: Decision | Takedown) -> dict[str, Any]:
    """A record's fields without its number, which the store gives."""
    return {name: getattr(record, name) for name in record.__struct_fields__ if name != "id"}


def current_findings() -> Select[Any]:
    """What the rulebook that judged a version last found in it, in the order it was found."""
    is_version = (versions.c.listing_row == findings.c.listing_row) & (versions.c.number == findings.c.number)
    query = select(findings).join(versions, is_version).where(findings.c.judge == versions.c.judged_by)
    return query.order_by(findings.c.id)
