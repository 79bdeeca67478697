"""The queue: pages of cases, most urgent first, read off an index whatever they are filtered by.

A case is filed under labels (category, rule, severity, source, seller), each with the case's place in the order. The
filter that lets through the fewest leads; the others are asked of each case that it offers.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, ScalarSelect, Select, Text, cast, func, or_, select, tuple_

from scanner.errors import InputError
from scanner.model import CaseState, Finding, Seller
from scanner.records import Case, QueueFilter, QueuePage, QueueRow
from scanner.store.cases import ALL, current_findings, read_case, read_finding
from scanner.store.rows import Rows
from scanner.store.tables import case_labels, cases, findings, listings, sellers, versions
from scanner.workflow import WAITING

_COLUMNS = (
    *cases.c,
    listings.c.platform,
    listings.c.listing_id,
    listings.c.seller_row,
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

_WITH_SELLER = cases.join(listings, listings.c.id == cases.c.listing_row).outerjoin(
    sellers, sellers.c.id == listings.c.seller_row
)

Label = tuple[str, tuple[str, ...]]


class Queue(Rows):
    """Reading the queue."""

    def queue(self, wanted: QueueFilter, *, limit: int, after: str = "") -> QueuePage:
        """A page of the queue, most urgent first; of two equally urgent cases the older first."""
        ranking = Ranking(wanted, self._labels(wanted))
        found = self._connection.execute(ranking.page(limit + 1, after)).all()
        ids = [row.case_id for row in found[:limit]]
        more = f"{found[limit - 1].place}:{ids[-1]}" if len(found) > limit else ""
        total = self._connection.execute(ranking.count()).scalar_one()
        return QueuePage(rows=tuple(self._rows(ids)), total=total, after=more)

    def queue_row(self, case: Case) -> QueueRow:
        """A case as the queue shows it."""
        return self._rows([case.id])[0]

    def same_seller(self, case: Case, *, limit: int) -> tuple[QueueRow, ...]:
        """Other cases on listings of the same seller, the most urgent first."""
        seller = select(case_labels.c.label).where(case_labels.c.case_id == case.id, case_labels.c.kind == "seller")
        query = select(case_labels.c.case_id).where(
            case_labels.c.kind == "seller",
            case_labels.c.label == seller.scalar_subquery(),
            case_labels.c.case_id != case.id,
        )
        query = query.order_by(case_labels.c.place, case_labels.c.case_id).limit(limit)
        return tuple(self._rows(list(self._connection.execute(query).scalars())))

    def _rows(self, ids: Sequence[int]) -> list[QueueRow]:
        """The lines of these cases, in this order, with what was found on the versions under review."""
        query = select(*_COLUMNS).select_from(_WITH_SELLER).where(cases.c.id.in_(ids))
        rows = {row["id"]: row for row in self._connection.execute(query).mappings()} if ids else {}
        found = self._found([row["listing_row"] for row in rows.values()])
        return [_queue_row(rows[number], found) for number in ids]

    def _found(self, shown: Sequence[int]) -> dict[tuple[int, int], list[Finding]]:
        found: dict[tuple[int, int], list[Finding]] = {}
        query = current_findings().where(findings.c.listing_row.in_(shown))
        for row in self._connection.execute(query).mappings() if shown else ():
            found.setdefault((row["listing_row"], row["number"]), []).append(read_finding(row))
        return found

    def _labels(self, wanted: QueueFilter) -> list[Label]:
        """What the filter asks for, that which lets through the fewest first."""
        asked: list[Label] = []
        if wanted.seller:
            is_seller = or_(sellers.c.key == f"id:{wanted.seller}", sellers.c.name == wanted.seller)
            rows = self._connection.execute(select(sellers.c.id).where(is_seller)).scalars()
            asked.append(("seller", tuple(map(str, rows))))
        named = {"rule": wanted.rule, "category": wanted.category, "source": wanted.source}
        asked.extend((kind, (label,)) for kind, label in named.items() if label)
        if wanted.severity:
            asked.append(("severity", (wanted.severity.value,)))
        return asked or [(ALL[0], (ALL[1],))]


class Ranking:
    """The cases that a filter lets through, in the queue's order."""

    def __init__(self, wanted: QueueFilter, labels: Sequence[Label]) -> None:
        (kind, values), *others = labels
        self._from: Any = case_labels
        facts = _facts(wanted)
        if facts or wanted.states or wanted.text or wanted.language:
            self._from = case_labels.join(cases, cases.c.id == case_labels.c.case_id)
        self._conditions = [
            _is_filed(case_labels, kind, values),
            *_states(wanted.states),
            *(_is_also_filed(kind, values) for kind, values in others),
            *facts,
            *([_is_written_in(wanted.language)] if wanted.language else []),
            *([_says(wanted.text)] if wanted.text else []),
        ]

    def page(self, limit: int, after: str) -> Select[Any]:
        """Numbers and places of the cases that come after ``after``."""
        query: Select[Any] = select(case_labels.c.case_id, case_labels.c.place).select_from(self._from)
        query = query.where(*self._conditions, *_beyond(after))
        return query.order_by(case_labels.c.place, case_labels.c.case_id).limit(limit)

    def count(self) -> Select[Any]:
        """How many there are in all."""
        return select(func.count()).select_from(self._from).where(*self._conditions)


def _states(states: Collection[CaseState]) -> list[ColumnElement[bool]]:
    """Where all states asked for wait, or none does, the index can say so."""
    if not states:
        return [case_labels.c.is_waiting.is_(True)]
    conditions: list[ColumnElement[bool]] = [cases.c.state.in_(states)]
    waiting = {state in WAITING for state in states}
    return conditions if len(waiting) > 1 else [*conditions, case_labels.c.is_waiting.is_(waiting.pop())]


def _facts(wanted: QueueFilter) -> list[ColumnElement[bool]]:
    """What is asked of the case itself."""
    asked: list[ColumnElement[bool]] = []
    if wanted.claimed_by:
        is_anybody = wanted.claimed_by == "*"
        asked.append(cases.c.state == CaseState.CLAIMED)
        asked.extend([] if is_anybody else [cases.c.claimed_by == wanted.claimed_by])
    if wanted.desk is not None:
        asked.append(cases.c.desk == wanted.desk)
    if wanted.opened_before is not None:
        asked.append(cases.c.opened_at < wanted.opened_before)
    if wanted.due_before is not None:
        asked.append(cases.c.due_at < wanted.due_before)
    return asked


def _is_also_filed(kind: str, values: tuple[str, ...]) -> ColumnElement[bool]:
    other = case_labels.alias()
    return (
        select(other.c.case_id).where(other.c.case_id == case_labels.c.case_id, _is_filed(other, kind, values)).exists()
    )


def _beyond(after: str) -> list[ColumnElement[bool]]:
    """What comes after the last line of the page before. Raises ``InputError`` for a mark that is none of ours."""
    if not after:
        return []
    place, _, case_id = after.partition(":")
    if not (after.isascii() and place.removeprefix("-").isdecimal() and case_id.isdecimal()):
        hint = "Give the mark that the page before ended with."
        raise InputError(f"not a page of the queue: {after!r}", hint=hint)
    return [tuple_(case_labels.c.place, case_labels.c.case_id) > (int(place), int(case_id))]


def _is_filed(table: Any, kind: str, values: tuple[str, ...]) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = (table.c.kind == kind) & (
        table.c.label == values[0] if len(values) == 1 else table.c.label.in_(values)
    )
    return condition


def _content() -> ScalarSelect[str]:
    """The version under review, as it is kept."""
    is_version = (versions.c.listing_row == cases.c.listing_row) & (versions.c.number == cases.c.version)
    return select(cast(versions.c.listing, Text)).where(is_version).scalar_subquery()


def _is_written_in(language: str) -> ColumnElement[bool]:
    """Whether the listing's language begins so. Where the platform does not say which, no language is it."""
    return _content().icontains(f'"language":"{language}', autoescape=True)


def _says(words: str) -> ColumnElement[bool]:
    """Whether title, id or anything else in the version under review contains ``words``."""
    content = _content()
    named = select(listings.c.title + "\n" + listings.c.listing_id).where(listings.c.id == cases.c.listing_row)
    return or_(content.icontains(words, autoescape=True), named.scalar_subquery().icontains(words, autoescape=True))


def _queue_row(row: RowMapping, found: dict[tuple[int, int], list[Finding]]) -> QueueRow:
    return QueueRow(
        case=read_case(row),
        title=row["title"],
        url=row["url"],
        seller=_seller(row),
        price=row["price"],
        currency=row["currency"],
        source=row["source"],
        gone_at=row["gone_at"],
        findings=tuple(found.get((row["listing_row"], row["version"]), ())),
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
