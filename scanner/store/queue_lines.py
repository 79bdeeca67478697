"""What the queue shows of a case: its row, its listing's and seller's, and what was found, for a page at a time.

A page is five look-ups for each of its cases, in tables that are larger than memory: so none is made that another one
answers already.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cache
from typing import Any

from sqlalchemy import RowMapping, Select, select

from scanner.model import Finding, Seller
from scanner.records import Case, QueueRow
from scanner.store.cases import read_case, read_finding
from scanner.store.rows import among
from scanner.store.search import Search
from scanner.store.tables import cases, findings, listings, sellers, versions

# A version of a listing, by its row and number.
Reviewed = tuple[int, int]

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
    listings.c.number.label("latest"),
    listings.c.judged_by.label("latest_judged_by"),
    sellers.c.key.label("seller_key"),
    sellers.c.name.label("seller_name"),
    sellers.c.kind.label("seller_kind"),
    sellers.c.licences.label("seller_licences"),
    sellers.c.registered_at.label("seller_registered_at"),
)

_WITH_SELLER = cases.join(listings, listings.c.id == cases.c.listing_row).outerjoin(
    sellers, sellers.c.id == listings.c.seller_row
)


@cache
def _lines(dialect: str) -> Select[Any]:
    return select(*_COLUMNS).select_from(_WITH_SELLER).where(among(dialect, cases.c.id))


@cache
def _found_in(dialect: str) -> Select[Any]:
    query = select(findings).where(among(dialect, findings.c.listing_row))
    return query.where(among(dialect, findings.c.judge, named="judges")).order_by(findings.c.id)


@cache
def _judges_of(dialect: str) -> Select[Any]:
    query = select(versions.c.listing_row, versions.c.number, versions.c.judged_by)
    return query.where(among(dialect, versions.c.listing_row))


class QueueLines(Search):
    """Reading what the queue shows."""

    def queue_row(self, case: Case) -> QueueRow:
        """A case as the queue shows it."""
        return self._rows([case.id])[0]

    def queue_rows(self, case_ids: Collection[int]) -> dict[int, QueueRow]:
        """Some cases as the queue shows them, by their numbers."""
        return {row.case.id: row for row in self._rows(list(dict.fromkeys(case_ids)))}

    def _rows(self, ids: Sequence[int]) -> list[QueueRow]:
        """The lines of these cases, in this order, with what was found on the versions under review."""
        if not ids:
            return []
        asked = self._connection.execute(_lines(self._dialect), {"given": self._given(ids)})
        rows = {row["id"]: row for row in asked.mappings()}
        found = self._found(list(rows.values()))
        return [_queue_row(rows[number], found) for number in ids]

    def _found(self, shown: Sequence[RowMapping]) -> dict[Reviewed, list[Finding]]:
        """What those found who judged the versions under review last."""
        judges = self._judges(shown)
        given = {"given": self._given(row for row, _ in judges), "judges": self._given(set(judges.values()))}
        found: dict[Reviewed, list[Finding]] = {}
        for row in self._connection.execute(_found_in(self._dialect), given).mappings():
            reviewed = (row["listing_row"], row["number"])
            if judges.get(reviewed) == row["judge"]:
                found.setdefault(reviewed, []).append(read_finding(row))
        return found

    def _judges(self, shown: Sequence[RowMapping]) -> dict[Reviewed, str]:
        """Who judged the versions under review: a listing says it of its latest, which most of them are."""
        judges = {_reviewed(row): row["latest_judged_by"] for row in shown if row["latest"] == row["version"]}
        if earlier := {_reviewed(row) for row in shown} - judges.keys():
            given = {"given": self._given(row for row, _ in earlier)}
            asked = self._connection.execute(_judges_of(self._dialect), given)
            judges |= {(row[0], row[1]): row[2] for row in asked if (row[0], row[1]) in earlier}
        return judges


def _reviewed(row: RowMapping) -> Reviewed:
    return row["listing_row"], row["version"]


def _queue_row(row: RowMapping, found: dict[Reviewed, list[Finding]]) -> QueueRow:
    return QueueRow(
        case=read_case(row),
        title=row["title"],
        url=row["url"],
        seller=_seller(row),
        price=row["price"],
        currency=row["currency"],
        source=row["source"],
        gone_at=row["gone_at"],
        findings=tuple(found.get(_reviewed(row), ())),
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
