"""Cases, the queue, decisions and the outbox of takedowns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, RowMapping, Select, Text, cast, delete, func, insert, or_, select, update

from scanner.errors import InputError, NotFound
from scanner.model import CaseState, Finding, Seller, Triage
from scanner.records import Case, Decision, NewVersion, QueueFilter, QueuePage, QueueRow, Takedown, Version
from scanner.store.rows import Rows
from scanner.store.tables import case_labels, cases, decisions, findings, listings, sellers, takedowns, versions
from scanner.workflow import WAITING

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
)

_QUEUE_COLUMNS = (
    *cases.c,
    listings.c.platform,
    listings.c.listing_id,
    listings.c.title,
    listings.c.url,
    listings.c.price,
    listings.c.currency,
    listings.c.gone_at,
    sellers.c.key.label("seller_key"),
    sellers.c.name.label("seller_name"),
    sellers.c.kind.label("seller_kind"),
    sellers.c.licences.label("seller_licences"),
    sellers.c.registered_at.label("seller_registered_at"),
)


class Cases(Rows):
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
        self._label(opened)
        return opened

    def save_case(self, case: Case) -> bool:
        """Write a case whose revision was raised by one. ``False`` if it is no longer the revision before that."""
        values = {name: getattr(case, name) for name in _CHANGING}
        is_before = (cases.c.id == case.id) & (cases.c.revision == case.revision - 1)
        if self._connection.execute(update(cases).where(is_before).values(values)).rowcount != 1:
            return False
        self._label(case)
        return True

    def queue(self, wanted: QueueFilter, *, limit: int, after: str = "") -> QueuePage:
        """A page of the queue, most urgent first; of two equally urgent cases the older first."""
        conditions = _conditions(wanted)
        count = select(func.count()).select_from(_joined()).where(*conditions)
        page = select(*_QUEUE_COLUMNS).select_from(_joined()).where(*conditions, *_beyond(after))
        page = page.order_by(cases.c.priority.desc(), cases.c.id).limit(limit + 1)
        found = list(self._connection.execute(page).mappings())
        rows = [read_queue_row(row) for row in found[:limit]]
        more = f"{rows[-1].case.priority}:{rows[-1].case.id}" if len(found) > limit else ""
        total = self._connection.execute(count).scalar_one()
        return QueuePage(rows=tuple(self._with_findings(rows)), total=total, after=more)

    def queue_row(self, case: Case) -> QueueRow:
        """A case as the queue shows it."""
        query = select(*_QUEUE_COLUMNS).select_from(_joined()).where(cases.c.id == case.id)
        row = read_queue_row(self._connection.execute(query).mappings().one())
        return self._with_findings([row])[0]

    def same_seller(self, case: Case, *, limit: int) -> tuple[QueueRow, ...]:
        """Other cases on listings of the same seller, the most urgent first."""
        seller = select(listings.c.seller_row).where(listings.c.id == case.listing_row).scalar_subquery()
        query = select(*_QUEUE_COLUMNS).select_from(_joined())
        query = query.where(listings.c.seller_row == seller, cases.c.id != case.id)
        query = query.order_by(cases.c.priority.desc(), cases.c.id).limit(limit)
        return tuple(read_queue_row(row) for row in self._connection.execute(query).mappings())

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
        rows = self._connection.execute(_current_findings().where(is_it)).mappings()
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

    def _label(self, case: Case) -> None:
        """File the case under its categories and rules."""
        labels = {("category", label) for label in case.categories} | {("rule", label) for label in case.rules}
        self._connection.execute(delete(case_labels).where(case_labels.c.case_id == case.id))
        self._insert(
            case_labels, [{"kind": kind, "label": label, "case_id": case.id} for kind, label in sorted(labels)]
        )

    def _with_findings(self, rows: Sequence[QueueRow]) -> list[QueueRow]:
        """The rows with what was found on the versions under review."""
        shown = [row.case.listing_row for row in rows]
        query = _current_findings().where(findings.c.listing_row.in_(shown))
        found: dict[tuple[int, int], list[Finding]] = {}
        for row in self._connection.execute(query).mappings() if rows else ():
            found.setdefault((row["listing_row"], row["number"]), []).append(read_finding(row))
        return [
            msgspec.structs.replace(row, findings=tuple(found.get((row.case.listing_row, row.case.version), ())))
            for row in rows
        ]


def case_query() -> Select[Any]:
    """Cases with the platform's names of their listings, as ``read_case`` reads them."""
    return select(*cases.c, listings.c.platform, listings.c.listing_id).join_from(cases, listings)


def read_case(row: RowMapping) -> Case:
    """A row of ``case_query`` as a record."""
    return _record(Case, row)


def read_version(row: RowMapping) -> Version:
    """A row of ``versions`` as a record."""
    return _record(Version, row)


def read_finding(row: RowMapping) -> Finding:
    """A row of ``findings`` as a record."""
    return _record(Finding, row)


def read_queue_row(row: RowMapping) -> QueueRow:
    """A row of the queue's columns as a record, findings not yet in it."""
    return QueueRow(
        case=read_case(row),
        title=row["title"],
        url=row["url"],
        seller=_seller(row),
        price=row["price"],
        currency=row["currency"],
        source=row["source"],
        gone_at=row["gone_at"],
    )


def _seller(row: RowMapping) -> Seller:
    if row["seller_key"] is None:
        return Seller()
    kind, _, key = row["seller_key"].partition(":")
    return Seller(
        id=key if kind == "id" else "",
        name=row["seller_name"],
        kind=row["seller_kind"],
        licences=row["seller_licences"],
        registered_at=row["seller_registered_at"],
    )


def _record(kind: type[S], row: RowMapping) -> S:
    return kind(**{name: row[name] for name in kind.__struct_fields__})


def _plain(record: Decision | Takedown) -> dict[str, Any]:
    """A record's fields without its number, which the store gives."""
    return {name: getattr(record, name) for name in record.__struct_fields__ if name != "id"}


def _joined() -> Any:
    return cases.join(listings, listings.c.id == cases.c.listing_row).outerjoin(
        sellers, sellers.c.id == listings.c.seller_row
    )


def _current_findings() -> Select[Any]:
    is_version = (versions.c.listing_row == findings.c.listing_row) & (versions.c.number == findings.c.number)
    query = select(findings).join(versions, is_version).where(findings.c.judge == versions.c.judged_by)
    return query.order_by(findings.c.id)


def _content() -> Any:
    """The text of the version under review, as it is stored."""
    is_version = (versions.c.listing_row == cases.c.listing_row) & (versions.c.number == cases.c.version)
    return select(cast(versions.c.listing, Text)).where(is_version).scalar_subquery()


def _conditions(wanted: QueueFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [cases.c.state.in_(wanted.states or WAITING)]
    for kind, label in (("category", wanted.category), ("rule", wanted.rule)):
        if label:
            filed = select(case_labels.c.case_id).where(case_labels.c.kind == kind, case_labels.c.label == label)
            conditions.append(cases.c.id.in_(filed))
    if wanted.severity:
        conditions.append(cases.c.severity == wanted.severity)
    if wanted.source:
        conditions.append(cases.c.source == wanted.source)
    if wanted.seller:
        conditions.append(or_(sellers.c.key == f"id:{wanted.seller}", sellers.c.name == wanted.seller))
    if wanted.text:
        written = (listings.c.title, listings.c.listing_id, _content())
        conditions.append(or_(*(column.icontains(wanted.text, autoescape=True) for column in written)))
    return conditions


def _beyond(after: str) -> list[ColumnElement[bool]]:
    """What comes after the last line of the page before. Raises ``InputError`` for a mark that is none of ours."""
    if not after:
        return []
    priority, _, case_id = after.partition(":")
    if not (after.isascii() and priority.isdecimal() and case_id.isdecimal()):
        raise InputError(f"not a page of the queue: {after!r}", hint="Give the mark that the page before ended with.")
    last = (int(priority), int(case_id))
    return [or_(cases.c.priority < last[0], (cases.c.priority == last[0]) & (cases.c.id > last[1]))]
