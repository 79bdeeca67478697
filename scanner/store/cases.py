"""Cases, decisions and the outbox of takedowns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter
from typing import Any, TypeVar

import msgspec
from sqlalchemy import RowMapping, Select, bindparam, insert, select

from scanner.errors import NotFound
from scanner.model import CaseState, Desk, Finding, Listing, Triage
from scanner.records import Case, Decision, NewVersion, Takedown, Version
from scanner.store import many
from scanner.store.files import Files
from scanner.store.tables import cases, decisions, findings, listings, takedowns, versions
from scanner.workflow import DESK_OF

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


def case_query() -> Select[Any]:
    """Cases with the platform's names of their listings, as ``read_case`` reads them."""
    listed = (listings.c.platform, listings.c.listing_id, listings.c.seller_row)
    return select(*cases.c, *listed).join_from(cases, listings)


def current_findings() -> Select[Any]:
    """What the rulebook that judged a version last found in it, in the order it was found."""
    is_version = (versions.c.listing_row == findings.c.listing_row) & (versions.c.number == findings.c.number)
    query = select(findings).join(versions, is_version).where(findings.c.judge == versions.c.judged_by)
    return query.order_by(findings.c.id)


# Made once: to put a statement together takes longer than to run it.
_CASE = case_query().where(cases.c.id == bindparam("number"))
_VERSION = select(versions).where(versions.c.listing_row == bindparam("row"), versions.c.number == bindparam("version"))
_FINDINGS = current_findings().where(
    findings.c.listing_row == bindparam("row"), findings.c.number == bindparam("version")
)
_DECISIONS = select(decisions).where(decisions.c.case_id == bindparam("of")).order_by(decisions.c.id)
_TAKEDOWNS = select(takedowns).where(takedowns.c.case_id == bindparam("of")).order_by(takedowns.c.id)
_OPEN = insert(cases).returning(cases.c.id)
_DECIDE = insert(decisions).returning(decisions.c.id)
_ORDER = insert(takedowns).returning(takedowns.c.id)


class Cases(Files):
    """What working on cases reads and writes."""

    def case(self, case_id: int) -> Case:
        """One case. Raises ``NotFound``."""
        row = self._connection.execute(_CASE, {"number": case_id}).mappings().one_or_none()
        if row is None:
            raise NotFound("there is no case {number}", hint="`delist queue` lists the cases.", number=case_id)
        return read_case(row)

    def open_case(self, version: NewVersion, triage: Triage, *, source: str, at: datetime, due_at: datetime) -> Case:
        """A new case on a version."""
        flagged = msgspec.structs.replace(version, triage=triage)
        (opened,) = self.open_cases([(flagged, due_at)], source=source, at=at)
        self.file(opened, version.listing)
        return opened

    def open_cases(self, new: Sequence[tuple[NewVersion, datetime]], *, source: str, at: datetime) -> list[Case]:
        """New cases on flagged versions, each with the moment by which it is due; filed when the transaction ends."""
        if not new:
            return []
        values = [_opened(version, source=source, at=at, due_at=due_at) for version, due_at in new]
        # No listing has two open cases: its row says which of the new ones it is.
        numbers = self._connection.execute(_OPEN, values).all()
        query = case_query().where(self._one_of(cases.c.id, [row.id for row in numbers]))
        found = {row["listing_row"]: read_case(row) for row in self._connection.execute(query).mappings()}
        opened = [found[version.listing_row] for version, _ in new]
        for case, (version, _) in zip(opened, new, strict=True):
            self.file(case, version.listing, at_end=True)
        return opened

    def save_case(self, case: Case) -> bool:
        """Write a case whose revision was raised by one. ``False`` if it is no longer the revision before that."""
        is_saved = self.save_cases([(case, None)])
        self.file_all()
        return is_saved

    def save_cases(self, changed: Sequence[tuple[Case, Listing | None]]) -> bool:
        """Write cases whose revisions were raised by one. ``False`` if one is no longer the revision before that.

        With each what the version under review says, if that is at hand. Their places in the queue are written when the
        transaction ends; who asks for the queue before does not see them.
        """
        rows = [_changing(case) for case, _ in changed]
        where = {"id": "id", "revision": "before"}
        if many.change(self._connection, cases, sorted(rows, key=itemgetter("id")), _CHANGING, where=where) < len(rows):
            return False
        for case, listing in changed:
            self.file(msgspec.structs.replace(case, desk=_desk_of(case)), listing, at_end=True)
        return True

    def version(self, listing_row: int, number: int) -> Version:
        """One version of a listing. Raises ``NotFound``."""
        row = self._connection.execute(_VERSION, {"row": listing_row, "version": number}).mappings().one_or_none()
        if row is None:
            raise NotFound("listing {row} has no version {number}", row=listing_row, number=number)
        return read_version(row)

    def findings(self, listing_row: int, number: int) -> tuple[Finding, ...]:
        """What the rulebook that judged a version last found in it, in the order it was found."""
        rows = self._connection.execute(_FINDINGS, {"row": listing_row, "version": number}).mappings()
        return tuple(read_finding(row) for row in rows)

    def decisions(self, case_id: int) -> tuple[Decision, ...]:
        """The decisions on a case, oldest first."""
        rows = self._connection.execute(_DECISIONS, {"of": case_id}).mappings()
        return tuple(_record(Decision, row) for row in rows)

    def takedowns(self, case_id: int) -> tuple[Takedown, ...]:
        """The orders that came of a case, oldest first."""
        rows = self._connection.execute(_TAKEDOWNS, {"of": case_id}).mappings()
        return tuple(_record(Takedown, row) for row in rows)

    def add_decision(self, decision: Decision) -> Decision:
        """Append a decision; its number is given by the store."""
        number = self._connection.execute(_DECIDE, _plain(decision)).scalar_one()
        return msgspec.structs.replace(decision, id=number)

    def add_takedown(self, takedown: Takedown) -> Takedown:
        """Write an order into the outbox; its number is given by the store."""
        number = self._connection.execute(_ORDER, _plain(takedown)).scalar_one()
        return msgspec.structs.replace(takedown, id=number)


def _opened(version: NewVersion, *, source: str, at: datetime, due_at: datetime) -> dict[str, Any]:
    """The row of a new case. What is not flagged has none: that is a fault of whoever asks for it."""
    if version.triage is None:
        raise ValueError(f"nothing was found in listing {version.listing.listing_id}")
    categories = version.triage.categories
    return {
        "listing_row": version.listing_row,
        "source": source,
        "version": version.number,
        "state": CaseState.OPEN,
        "revision": 1,
        "severity": version.triage.severity,
        "action": version.triage.action,
        "priority": version.triage.priority,
        "category": categories[0] if categories else "",
        "categories": categories,
        "rules": tuple(dict.fromkeys(finding.rule for finding in version.findings if finding.queues)),
        "reason": version.triage.reason,
        "opened_at": at,
        "updated_at": at,
        "due_at": due_at,
        "decided_hash": "",
        "claimed_by": "",
        "token": 0,
    }


def _changing(case: Case) -> dict[str, Any]:
    row = {name: getattr(case, name) for name in _CHANGING}
    return {**row, "desk": _desk_of(case), "id": case.id, "before": case.revision - 1}


def _desk_of(case: Case) -> Desk:
    """A state has its desk, or leaves a case where it is."""
    return DESK_OF.get(case.state, case.desk)


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
