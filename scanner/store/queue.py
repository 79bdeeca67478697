"""The queue: pages of cases, most urgent first, read off an index whatever they are filtered by.

A case is filed under labels (category, rule, severity, source, seller), each with the case's place in the order. The
filter that lets through the fewest leads; the others are asked of each case that it offers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import ColumnElement, RowMapping, Select, select

from scanner.model import CaseState, Finding, Seller
from scanner.records import Case, QueueFilter, QueuePage, QueueRow
from scanner.store.cases import current_findings, read_case, read_finding
from scanner.store.files import ALL
from scanner.store.ranking import Label, Ranking, facts, of_the_case, says
from scanner.store.rows import among
from scanner.store.search import Search, folded
from scanner.store.tables import case_labels, cases, findings, listings, sellers
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

# So far is counted how many cases one label has; so many are looked at for what else is asked.
COUNTED = 10_000
_LOOKED_AT = 2_000
# So many cases are looked up one by one.
_FEW = 5_000


@cache
def _lines(dialect: str) -> Select[Any]:
    return select(*_COLUMNS).select_from(_WITH_SELLER).where(among(dialect, cases.c.id))


@cache
def _found_in(dialect: str) -> Select[Any]:
    return current_findings().where(among(dialect, findings.c.listing_row))


class Queue(Search):
    """Reading the queue."""

    def queue(self, wanted: QueueFilter, *, limit: int, after: str = "") -> QueuePage:
        """A page of the queue, most urgent first; of two equally urgent cases the older first.

        Where more is asked than one label, the next cases of that label are looked at first. What is frequent is soon
        met among them; what is rare is then looked for by what it has. So neither takes long.
        """
        labels = self._labels(wanted)
        asked = Ranking(labels, wanted.states, [*facts(wanted), *_said_of(wanted)], one_by_one=True)
        if asked.is_plain:
            found, total = self._page(asked, limit, after), self._count(asked, COUNTED + 1)
            return self._queue_page(found, limit, total=min(total, COUNTED), is_exact=total <= COUNTED)
        filed = Ranking(labels[:1], wanted.states)
        first = self._mark(filed, "")
        until = self._mark(filed, after) if after else first
        found = self._page(asked, limit, after, until)
        if until and len(found) <= limit:
            return self._rare_page(wanted, limit, after)
        total = self._count(asked, _LOOKED_AT, first)
        return self._queue_page(found, limit, total=total, is_exact=not first)

    def _rare_page(self, wanted: QueueFilter, limit: int, after: str) -> QueuePage:
        """A page of what is rare: how many there are is known if it is the only one, or if few meet a condition."""
        ranking, is_among_few = self._ranking(wanted)
        found = self._page(ranking, limit, after)
        if is_among_few:
            return self._queue_page(found, limit, total=self._count(ranking, _FEW), is_exact=True)
        return self._queue_page(found, limit, total=min(len(found), limit), is_exact=not after and len(found) <= limit)

    def _queue_page(self, found: Sequence[tuple[int, int]], limit: int, *, total: int, is_exact: bool) -> QueuePage:
        rows = tuple(self._rows([case_id for case_id, _ in found[:limit]]))
        case_id, place = found[limit - 1] if len(found) > limit else (0, 0)
        return QueuePage(rows=rows, total=total, is_exact=is_exact, after=f"{place}:{case_id}" if case_id else "")

    def _page(self, ranking: Ranking, limit: int, after: str, until: str = "") -> list[tuple[int, int]]:
        """One more than are shown, so that it is seen whether there are more."""
        rows = self._connection.execute(ranking.page(limit + 1, after, until=until))
        return [(row.case_id, row.place) for row in rows]

    def _mark(self, ranking: Ranking, after: str) -> str:
        """The last case that is looked at; empty if all are."""
        row = self._connection.execute(ranking.mark(_LOOKED_AT, after)).first()
        return f"{row.place}:{row.case_id}" if row else ""

    def _count(self, ranking: Ranking, most: int, until: str = "") -> int:
        counted: int = self._connection.execute(ranking.count(most, until)).scalar_one()
        return counted

    def queue_row(self, case: Case) -> QueueRow:
        """A case as the queue shows it."""
        return self._rows([case.id])[0]

    def queue_rows(self, case_ids: Collection[int]) -> dict[int, QueueRow]:
        """Some cases as the queue shows them, by their numbers."""
        return {row.case.id: row for row in self._rows(list(dict.fromkeys(case_ids)))}

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
        if not ids:
            return []
        asked = self._connection.execute(_lines(self._dialect), {"given": self._given(ids)})
        rows = {row["id"]: row for row in asked.mappings()}
        found = self._found([row["listing_row"] for row in rows.values()])
        return [_queue_row(rows[number], found) for number in ids]

    def _found(self, shown: Sequence[int]) -> dict[tuple[int, int], list[Finding]]:
        found: dict[tuple[int, int], list[Finding]] = {}
        asked = self._connection.execute(_found_in(self._dialect), {"given": self._given(shown)})
        for row in asked.mappings():
            found.setdefault((row["listing_row"], row["number"]), []).append(read_finding(row))
        return found

    def _ranking(self, wanted: QueueFilter) -> tuple[Ranking, bool]:
        """Where few cases meet a condition they are looked up one by one; of many some are soon met in the order.

        With whether they are few.
        """
        among: set[int] | None = None
        conditions = list(facts(wanted))
        for found, condition in self._sought(wanted):
            if len(found) <= _FEW:
                among = set(found) if among is None else among & set(found)
            else:
                conditions.append(condition)
        if among is not None:
            conditions.append(self._one_of(case_labels.c.case_id, among))
        return Ranking(self._labels(wanted), wanted.states, conditions), among is not None

    def _sought(self, wanted: QueueFilter) -> Iterator[tuple[list[int], ColumnElement[bool]]]:
        """Cases that meet what no label says, not more than a few and one, and that as a condition."""
        if typed := folded(wanted.text):
            yield self.find_cases(typed, most=_FEW + 1), says(typed)
        states = cases.c.state.in_(wanted.states or sorted(WAITING))
        for moment, before in ((cases.c.due_at, wanted.due_before), (cases.c.opened_at, wanted.opened_before)):
            if before is not None:
                query = select(cases.c.id).where(states, moment < before).limit(_FEW + 1)
                yield list(self._connection.execute(query).scalars()), of_the_case(moment < before)

    def _labels(self, wanted: QueueFilter) -> list[Label]:
        """What the filter asks for, that which lets through the fewest first."""
        asked: list[Label] = []
        if wanted.seller:
            by_id = select(sellers.c.id).where(sellers.c.key == f"id:{wanted.seller}")
            rows = self._connection.execute(by_id.union(select(sellers.c.id).where(sellers.c.name == wanted.seller)))
            asked.append(("seller", tuple(sorted(map(str, rows.scalars())))))
        if wanted.claimed_by:
            asked.append(("state", (CaseState.CLAIMED.value,)))
        if wanted.states and set(wanted.states) != set(CaseState):
            asked.append(("state", tuple(state.value for state in wanted.states)))
        named: dict[str, str | None] = {"rule": wanted.rule, "category": wanted.category}
        named |= {"language": wanted.language.lower(), "source": wanted.source}
        named |= {"desk": wanted.desk, "severity": wanted.severity}
        asked.extend((kind, (str(label),)) for kind, label in named.items() if label)
        return asked or [(ALL[0], (ALL[1],))]


def _said_of(wanted: QueueFilter) -> Iterator[ColumnElement[bool]]:
    """What is asked of each case that no label says, one by one."""
    if typed := folded(wanted.text):
        yield says(typed)
    if wanted.due_before is not None:
        yield of_the_case(cases.c.due_at < wanted.due_before)
    if wanted.opened_before is not None:
        yield of_the_case(cases.c.opened_at < wanted.opened_before)


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
