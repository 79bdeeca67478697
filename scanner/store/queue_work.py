"""Working the queue: the next free case, what people hold, skip and draft, what waits for a second person.

The next case is read off the front of an index of free ones. On PostgreSQL its row on the desk is locked and others
pass over it (``SKIP LOCKED``); SQLite has one writer at a time.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, RowMapping, Select, bindparam, delete, exists, func, insert, select, update

from scanner.errors import NotFound
from scanner.model import CaseState, Desk, Ruling
from scanner.moderation.records import Approval, ApprovalKind, ApprovalState, Draft, Skip
from scanner.records import Case, QueueFilter, QueueRow
from scanner.store.cases import case_query, read_case
from scanner.store.queue import Queue
from scanner.store.tables import approvals, case_labels, cases, claim_drafts, decisions, desk, events, listings, skips

# So many that are back are put back at a time, and so many candidates of a filter are tried.
_BACK = 200
_CANDIDATES = 64

S = TypeVar("S", bound=msgspec.Struct)


def _is_not_skipped(case_id: Any, person: Any) -> ColumnElement[bool]:
    return ~exists().where(skips.c.case_id == case_id, skips.c.person == person)


_PLACE = (desk.c.place, desk.c.case_id)
_BRING_BACK = (
    update(desk)
    .where(
        desk.c.case_id.in_(
            select(desk.c.case_id)
            .where(desk.c.back_at <= bindparam("by", type_=desk.c.back_at.type))
            .limit(_BACK)
            .with_for_update(skip_locked=True)
        )
    )
    .values(person="", back_at=None)
)
_RESERVED = (
    select(desk.c.case_id)
    .join(cases, cases.c.id == desk.c.case_id)
    .where(desk.c.person == bindparam("person"), desk.c.back_at > bindparam("at"), cases.c.state != CaseState.CLAIMED)
    .order_by(*_PLACE)
    .limit(1)
)
_FIRST_FREE = (
    select(*_PLACE)
    .where(desk.c.desk == bindparam("on"), desk.c.back_at.is_(None))
    .where(_is_not_skipped(desk.c.case_id, bindparam("person")))
    .order_by(*_PLACE)
    .limit(1)
    .with_for_update(skip_locked=True)
)
_DROP_DRAFT = delete(claim_drafts).where(
    claim_drafts.c.case_id == bindparam("on"), claim_drafts.c.person == bindparam("of")
)


class QueueWork(Queue):
    """What working the queue reads and writes."""

    # Taking

    def bring_back(self, at: datetime) -> int:
        """Put back on the desk what nobody has any more by now: ended claims, reservations and holds."""
        return self._connection.execute(_BRING_BACK, {"by": at}).rowcount

    def reserved_case(self, person: str, *, at: datetime) -> int | None:
        """The most urgent case that was given to a person and that they have not taken yet."""
        return self._connection.execute(_RESERVED, {"person": person, "at": at}).scalar()

    def free_case(self, desks: Collection[Desk], *, person: str, wanted: QueueFilter | None = None) -> int | None:
        """The most urgent case on these desks that nobody has and that this person has not skipped; it is locked."""
        if wanted is not None and wanted != QueueFilter():
            return self._filtered(desks, person, wanted)
        found = [row for one in desks if (row := self._first(one, person)) is not None]
        return min(found)[1] if found else None

    def _first(self, one: Desk, person: str) -> tuple[int, int] | None:
        row = self._connection.execute(_FIRST_FREE, {"on": one, "person": person}).one_or_none()
        return (row.place, row.case_id) if row else None

    def _filtered(self, desks: Collection[Desk], person: str, wanted: QueueFilter) -> int | None:
        """By the filter's own index: what is rare is not looked for among all that is free."""
        is_free = exists().where(
            desk.c.case_id == case_labels.c.case_id, desk.c.back_at.is_(None), desk.c.desk.in_(desks)
        )
        query = self._ranking(wanted)[0].page(_CANDIDATES, "", is_free, _is_not_skipped(case_labels.c.case_id, person))
        candidates: list[int] = list(self._connection.execute(query).scalars())
        for candidate in candidates:
            is_it = (desk.c.case_id == candidate) & desk.c.back_at.is_(None)
            if self._connection.execute(select(desk.c.case_id).where(is_it).with_for_update(skip_locked=True)).first():
                return candidate
        return None

    def renew_claim(self, case: Case, *, until: datetime) -> bool:
        """Let a claim last until then. ``False`` if it is no longer this one. No change of the case: no revision."""
        is_it = (cases.c.id == case.id) & (cases.c.token == case.token) & (cases.c.state == CaseState.CLAIMED)
        if self._connection.execute(update(cases).where(is_it).values(lease_until=until)).rowcount != 1:
            return False
        self._connection.execute(
            update(desk).where(desk.c.case_id == case.id).values(person=case.claimed_by, back_at=until)
        )
        return True

    def held_by(self, person: str, *, at: datetime) -> tuple[QueueRow, ...]:
        """What a person has claimed or was given, the most urgent first."""
        query = select(desk.c.case_id).where(desk.c.person == person, desk.c.back_at > at)
        query = query.order_by(desk.c.place, desk.c.case_id)
        return tuple(self._rows(list(self._connection.execute(query).scalars())))

    # Skips and drafts

    def add_skip(self, skip: Skip) -> None:
        """A person is not given a case any more. The newest reason counts."""
        is_it = (skips.c.case_id == skip.case_id) & (skips.c.person == skip.person)
        self._connection.execute(delete(skips).where(is_it))
        self._connection.execute(insert(skips), msgspec.structs.asdict(skip))

    def skips_of(self, case_id: int) -> tuple[Skip, ...]:
        """Who is not given a case, oldest first."""
        query = select(skips).where(skips.c.case_id == case_id).order_by(skips.c.at, skips.c.person)
        return tuple(_record(Skip, row) for row in self._connection.execute(query).mappings())

    def keep_claim_draft(self, draft: Draft) -> None:
        """Keep a draft instead of an older one of the same person on the same case."""
        self.drop_claim_draft(draft.case_id, draft.person)
        self._connection.execute(insert(claim_drafts), msgspec.structs.asdict(draft))

    def claim_draft(self, case_id: int, person: str) -> Draft | None:
        """What a person was about to decide, if they were."""
        query = select(claim_drafts).where(claim_drafts.c.case_id == case_id, claim_drafts.c.person == person)
        row = self._connection.execute(query).mappings().one_or_none()
        return _record(Draft, row) if row else None

    def claim_drafts_of(self, person: str, *, limit: int) -> tuple[Draft, ...]:
        """A person's drafts, the newest first."""
        query = select(claim_drafts).where(claim_drafts.c.person == person)
        query = query.order_by(claim_drafts.c.saved_at.desc()).limit(limit)
        return tuple(_record(Draft, row) for row in self._connection.execute(query).mappings())

    def drop_claim_draft(self, case_id: int, person: str) -> None:
        """It was decided, or thrown away."""
        self._connection.execute(_DROP_DRAFT, {"on": case_id, "of": person})

    # A second person

    def add_approval(self, approval: Approval) -> Approval:
        """Append a proposal; its number is given by the store."""
        values = {name: value for name, value in _columns(approval).items() if name != "id"}
        number = self._connection.execute(insert(approvals).returning(approvals.c.id), values).scalar_one()
        return msgspec.structs.replace(approval, id=number)

    def approval(self, approval_id: int) -> Approval:
        """One proposal; whoever else wants to settle it waits. Raises ``NotFound``."""
        query = select(approvals).where(approvals.c.id == approval_id).with_for_update()
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(
                "there is no proposal {number}", hint="`delist approval list` lists what waits.", number=approval_id
            )
        return _record(Approval, row)

    def open_approval(self, kind: ApprovalKind, subject: str) -> Approval | None:
        """The proposal of a kind for a subject that waits for a second person."""
        is_it = (approvals.c.subject == subject) & (approvals.c.kind == kind)
        query = select(approvals).where(is_it, approvals.c.state == ApprovalState.ASKED)
        row = self._connection.execute(query).mappings().one_or_none()
        return _record(Approval, row) if row else None

    def approvals_about(self, subject: str) -> tuple[Approval, ...]:
        """All proposals for a subject, oldest first."""
        query = select(approvals).where(approvals.c.subject == subject).order_by(approvals.c.id)
        return tuple(_record(Approval, row) for row in self._connection.execute(query).mappings())

    def approvals(self, state: ApprovalState, *, before: datetime | None = None, limit: int) -> tuple[Approval, ...]:
        """Proposals in a state, those that expire first before others; only those that expire ``before`` then."""
        query = select(approvals).where(approvals.c.state == state)
        query = query.where(approvals.c.expires_at <= before) if before is not None else query
        query = query.order_by(approvals.c.expires_at, approvals.c.id).limit(limit)
        return tuple(_record(Approval, row) for row in self._connection.execute(query).mappings())

    def settle_approval(self, approval: Approval) -> bool:
        """Write how a proposal ended. ``False`` if it has ended before."""
        is_it = (approvals.c.id == approval.id) & (approvals.c.state == ApprovalState.ASKED)
        names = ("state", "settled_by", "settled_at", "note")
        values = {name: getattr(approval, name) for name in names}
        return self._connection.execute(update(approvals).where(is_it).values(values)).rowcount == 1

    # Facts that policy asks for

    def listings_of_seller(self, seller_row: int, *, limit: int) -> int:
        """How many listings a seller has, counted up to ``limit``."""
        some = select(listings.c.id).where(listings.c.seller_row == seller_row).limit(limit).subquery()
        return self._connection.execute(select(func.count()).select_from(some)).scalar_one()

    def first_case_of_rule(self, rule: str) -> datetime | None:
        """When the first case with a finding of a rule was opened."""
        filed = select(func.min(case_labels.c.case_id)).where(case_labels.c.kind == "rule", case_labels.c.label == rule)
        query = select(cases.c.opened_at).where(cases.c.id == filed.scalar_subquery())
        return self._connection.execute(query).scalar()

    def overturned_of_seller(self, seller_row: int) -> int:
        """How many of a seller's cases were first decided against them and kept afterwards, both for good."""
        against, kept = decisions.alias(), decisions.alias()
        query = select(kept.c.case_id, against.c.id, kept.c.id).select_from(listings)
        query = query.join(cases, cases.c.listing_row == listings.c.id).join(kept, kept.c.case_id == cases.c.id)
        query = query.join(against, (against.c.case_id == cases.c.id) & (against.c.id < kept.c.id))
        query = query.where(listings.c.seller_row == seller_row, kept.c.ruling == Ruling.KEEP)
        query = query.where(against.c.ruling.in_([Ruling.REMOVE, Ruling.RESTRICT]))
        if not (found := self._connection.execute(query).all()):
            return 0
        undone = self._undone(self._one_of_texts(events.c.subject, {f"case:{case_id}" for case_id, *_ in found}))
        return len({case_id for case_id, *both in found if undone.isdisjoint(both)})

    def deciders(self, case_id: int) -> frozenset[str]:
        """Who has decided on a case so far."""
        query = select(decisions.c.actor).where(decisions.c.case_id == case_id, decisions.c.ruling != Ruling.ESCALATE)
        return frozenset(self._connection.execute(query).scalars())

    # Forecast

    def decisions_since(self, since: datetime) -> int:
        """How many decisions were made since then, and not taken back."""
        query = select(func.count()).select_from(decisions).where(decisions.c.at >= since)
        query = query.where(~self._one_of(decisions.c.id, self._undone(events.c.at >= since)))
        return self._connection.execute(query).scalar_one()

    def waiting_in_order(self, *, limit: int) -> tuple[Case, ...]:
        """The cases that wait, as they will be worked on."""
        query: Select[Any] = case_query().join(desk, desk.c.case_id == cases.c.id)
        query = query.order_by(desk.c.place, desk.c.case_id).limit(limit)
        return tuple(read_case(row) for row in self._connection.execute(query).mappings())

    def waiting_count(self) -> int:
        """How many cases wait for a person."""
        return self._connection.execute(select(func.count()).select_from(desk)).scalar_one()

    def _undone(self, where: ColumnElement[bool]) -> set[int]:
        """The decisions that were taken back by some events."""
        query = select(events.c.data).where(events.c.kind == "case.undone", where)
        return {int(str(data["decision"])) for data in self._connection.execute(query).scalars()}


def _columns(record: msgspec.Struct) -> dict[str, Any]:
    return {name: getattr(record, name) for name in record.__struct_fields__}


def _record(kind: type[S], row: RowMapping) -> S:
    return kind(**{name: row[name] for name in kind.__struct_fields__})
