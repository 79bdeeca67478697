"""Notices in the database: found by receipt, by listing, by case, by reporter, and by whose time runs out first."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, distinct, func, literal, select, tuple_
from sqlalchemy.exc import IntegrityError

from scanner.errors import InputError, NotFound
from scanner.outside import Notice, NoticeFilter, NoticeOutcome, NoticePage, NoticeState
from scanner.store.outside_rows import Outside, record
from scanner.store.tables import notices, sources
from scanner.store.types import Moment

OPEN = (NoticeState.OPEN, NoticeState.UNLOCATED, NoticeState.AWAITING_LOOK)


class Notices(Outside):
    """What taking in and answering notices reads and writes."""

    def add_notice(self, notice: Notice) -> Notice | None:
        """Keep a notice; its number is given by the store. ``None`` if one with the same request key is there."""
        try:
            with self._connection.begin_nested():
                return self._add(notices, notice, **_copied(notice))
        except IntegrityError:
            if notice.report.key and self.notice_by_key(notice.report.key):
                return None
            raise

    def notice(self, notice_id: int) -> Notice:
        """One notice; whoever else wants to change it waits. Raises ``NotFound``."""
        return self._one(notices.c.id == notice_id, f"there is no notice {notice_id}")

    def notice_by_receipt(self, receipt: str) -> Notice:
        """The notice of a receipt. Raises ``NotFound``."""
        return self._one(notices.c.receipt == receipt, f"there is no notice with the receipt {receipt[:40]!r}")

    def notice_by_key(self, key: str) -> Notice | None:
        """The notice that a request of this key made."""
        found = self._notices(notices.c.request_key == key)
        return found[0] if found else None

    def save_notice(self, after: Notice, before: Notice) -> bool:
        """Write a notice back. ``False`` if somebody has changed it since it was read."""
        is_before = (notices.c.id == before.id) & (notices.c.state == before.state)
        return self._save(notices, after, is_before, **_copied(after))

    def notices(self, wanted: NoticeFilter, *, limit: int, after: str = "") -> NoticePage:
        """A page of notices, the one to be answered first at the top."""
        conditions = _conditions(wanted)
        query = select(notices).where(*conditions, *_beyond(after)).order_by(notices.c.answer_by, notices.c.id)
        rows = self._connection.execute(query.limit(limit + 1)).mappings().all()
        total = self._connection.execute(select(func.count()).select_from(notices).where(*conditions)).scalar_one()
        found = tuple(_notice(row) for row in rows[:limit])
        more = f"{found[-1].answer_by.isoformat()}~{found[-1].id}" if len(rows) > limit else ""
        return NoticePage(rows=found, total=total, after=more)

    def open_notices_on(self, listing_row: int) -> tuple[Notice, ...]:
        """Notices on a listing that are not answered, the oldest first."""
        return self._notices((notices.c.listing_row == listing_row) & notices.c.state.in_(OPEN))

    def notices_of_case(self, case_id: int) -> tuple[Notice, ...]:
        """All notices that belong to a case, the oldest first."""
        return self._notices(notices.c.case_id == case_id)

    def unlocated_notices(self, *, limit: int) -> tuple[Notice, ...]:
        """Notices of which no listing is known yet."""
        query = select(notices).where(notices.c.state == NoticeState.UNLOCATED).order_by(notices.c.answer_by)
        return tuple(_notice(row) for row in self._connection.execute(query.limit(limit)).mappings())

    def reported(self, reporter_key: str, *, since: datetime, seller_row: int | None = None) -> int:
        """How many notices a reporter has sent since then, on one seller or on all."""
        query = select(func.count()).select_from(notices)
        query = query.where(notices.c.reporter_key == reporter_key, notices.c.received_at > since)
        query = query.where(notices.c.seller_row == seller_row) if seller_row is not None else query
        return self._connection.execute(query).scalar_one()

    def reporters_of(self, seller_row: int, *, since: datetime) -> int:
        """How many reporters have sent notices on a seller since then."""
        query = select(func.count(distinct(notices.c.reporter_key))).select_from(notices)
        query = query.where(notices.c.seller_row == seller_row, notices.c.received_at > since)
        return self._connection.execute(query).scalar_one()

    def outcomes_of(self, reporter_key: str) -> dict[NoticeOutcome, int]:
        """What became of a reporter's notices."""
        query = select(notices.c.outcome, func.count()).where(
            notices.c.reporter_key == reporter_key, notices.c.outcome.is_not(None)
        )
        return {row[0]: row[1] for row in self._connection.execute(query.group_by(notices.c.outcome))}

    def platforms_known(self) -> Collection[str]:
        """The platforms that sources have been inspected on."""
        return list(self._connection.execute(select(sources.c.platform).distinct()).scalars())

    def _one(self, condition: ColumnElement[bool], missing: str) -> Notice:
        row = self._connection.execute(self._locked(select(notices).where(condition))).mappings().one_or_none()
        if row is None:
            raise NotFound(missing, hint="`delist notice list --all` lists them.")
        return _notice(row)

    def _notices(self, condition: ColumnElement[bool]) -> tuple[Notice, ...]:
        query = select(notices).where(condition).order_by(notices.c.id)
        return tuple(_notice(row) for row in self._connection.execute(query).mappings())


def _notice(row: RowMapping) -> Notice:
    return record(Notice, row)


def _copied(notice: Notice) -> dict[str, Any]:
    """What of the report is looked for."""
    report = notice.report
    return {
        "kind": report.kind,
        "request_key": report.key or None,
        "platform": report.platform,
        "listing_id": report.listing_id,
    }


def _conditions(wanted: NoticeFilter) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    if wanted.case_id is not None:
        conditions.append(notices.c.case_id == wanted.case_id)
    if wanted.reporter_key:
        conditions.append(notices.c.reporter_key == wanted.reporter_key)
    if wanted.kinds:
        conditions.append(notices.c.kind.in_(wanted.kinds))
    if wanted.states or not conditions or wanted.overdue_at:
        conditions.append(notices.c.state.in_(wanted.states or OPEN))
    if wanted.overdue_at is not None:
        conditions.append(notices.c.answer_by < wanted.overdue_at)
    return conditions


def _beyond(after: str) -> list[ColumnElement[bool]]:
    """What comes after the last line of the page before. Raises ``InputError`` for a mark that is none of ours."""
    if not after:
        return []
    moment, _, number = after.partition("~")
    try:
        at, last = datetime.fromisoformat(moment).astimezone(UTC), int(number)
    except ValueError:
        hint = "Give the mark that the page before ended with."
        raise InputError("not a page of notices: {after!r}", hint=hint, after=after[:60]) from None
    return [tuple_(notices.c.answer_by, notices.c.id) > tuple_(literal(at, Moment()), literal(last))]
