"""Cases, decisions and the outbox of takedowns."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import RowMapping, Select, insert, select, update

from scanner.errors import NotFound
from scanner.model import CaseState, Finding, Listing, Triage
from scanner.records import Case, Decision, NewVersion, Takedown, Version
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


class Cases(Files):
    """What working on cases reads and writes."""

    def case(self, case_id: int) -> Case:
        """One case. Raises ``NotFound``."""
        row = self._connection.execute(case_query().where(cases.c.id == case_id)).mappings().one_or_none()
        if row is None:
            raise NotFound(f"there is no case {case_id}", hint="`delist queue` lists the cases.")
        return read_case(row)

    def open_case(
        self,
        version: NewVersion,
        triage: Triage,
        *,
        source: str,
        at: datetime,
        due_at: datetime,
        at_end: bool = False,
    ) -> Case:
        """A new case on a version; ``at_end`` as for ``save_case``."""
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
        self.file(opened, version.listing, at_end=at_end)
        return opened

    def save_case(self, case: Case, *, listing: Listing | None = None, at_end: bool = False) -> bool:
        """Write a case whose revision was raised by one. ``False`` if it is no longer the revision before that.

        ``listing`` is what the version under review says, if that is at hand. Whoever saves many ``at_end`` has their
        places in the queue written together when the transaction ends, and does not ask for the queue before.
        """
        case = msgspec.structs.replace(case, desk=DESK_OF.get(case.state, case.desk))
        values = {name: getattr(case, name) for name in _CHANGING}
        is_before = (cases.c.id == case.id) & (cases.c.revision == case.revision - 1)
        if self._connection.execute(update(cases).where(is_before).values(values)).rowcount != 1:
            return False
        self.file(case, listing, at_end=at_end)
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
