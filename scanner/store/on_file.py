"""What is on file of sellers: who they are, what they offered, licences, exceptions, penalties."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from scanner.errors import NotFound
from scanner.model import CaseState, Finding, SellerKind
from scanner.outside import (
    ExceptionState,
    Licence,
    Offer,
    OnFile,
    Penalty,
    PenaltyState,
    SellerException,
    SellerRow,
)
from scanner.records import Decision, Takedown
from scanner.store.cases import read_finding
from scanner.store.outside_rows import Outside, record
from scanner.store.tables import (
    cases,
    decisions,
    findings,
    licences,
    listings,
    penalties,
    seller_exceptions,
    sellers,
    takedowns,
    versions,
)

Key = tuple[str, str]
# So many sellers are asked for at a time.
_AT_A_TIME = 500


class Sellers(Outside):
    """What is known of sellers."""

    def seller(self, seller_row: int) -> SellerRow:
        """One seller. Raises ``NotFound``."""
        row = self._connection.execute(select(sellers).where(sellers.c.id == seller_row)).mappings().one_or_none()
        if row is None:
            raise NotFound(
                "there is no seller {number}", hint="`delist seller find NAME` looks for one.", number=seller_row
            )
        return record(SellerRow, row)

    def sellers_named(self, name: str, *, platform: str = "", limit: int = 20) -> tuple[SellerRow, ...]:
        """Sellers whose number or name on the platform this is."""
        by_key = select(sellers.c.id).where(sellers.c.key.in_([f"id:{name}", f"name:{name}"]))
        by_name = select(sellers.c.id).where(sellers.c.name == name)
        numbers: set[int] = set()
        for named in (by_key, by_name):
            here = named.where(sellers.c.platform == platform) if platform else named
            numbers.update(self._connection.execute(here.limit(limit)).scalars())
        query = select(sellers).where(sellers.c.id.in_(numbers)).order_by(sellers.c.id).limit(limit)
        return tuple(record(SellerRow, row) for row in self._connection.execute(query).mappings())

    def keep_seller(self, platform: str, key: str, *, at: datetime) -> SellerRow:
        """The seller of that key, made if none of the listings seen so far was theirs."""
        query = select(sellers).where(sellers.c.platform == platform, sellers.c.key == key)
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            name = key.partition(":")[2] if key.startswith("name:") else ""
            fresh = {"platform": platform, "key": key, "name": name, "kind": SellerKind.UNKNOWN, "licences": ()}
            self._connection.execute(insert(sellers), fresh | {"first_seen_at": at, "last_seen_at": at})
            row = self._connection.execute(query).mappings().one()
        return record(SellerRow, row)

    def listing_counts(self, seller_row: int) -> tuple[int, int, int]:
        """A seller's listings: all, those that are there, those that are flagged."""
        query = select(func.count(), func.count(listings.c.gone_at), func.count().filter(listings.c.is_flagged))
        row = self._connection.execute(query.where(listings.c.seller_row == seller_row)).one()
        return row[0], row[0] - row[1], row[2]

    def case_counts(self, seller_row: int) -> dict[CaseState, int]:
        """A seller's cases by state."""
        query = select(cases.c.state, func.count()).join(listings, listings.c.id == cases.c.listing_row)
        query = query.where(listings.c.seller_row == seller_row).group_by(cases.c.state)
        return {row[0]: row[1] for row in self._connection.execute(query)}

    def decisions_on_seller(self, seller_row: int, *, limit: int) -> tuple[Decision, ...]:
        """Decisions on a seller's listings, the newest first."""
        query = select(decisions).join(cases, cases.c.id == decisions.c.case_id)
        query = query.join(listings, listings.c.id == cases.c.listing_row)
        query = query.where(listings.c.seller_row == seller_row).order_by(decisions.c.id.desc()).limit(limit)
        return tuple(record(Decision, row) for row in self._connection.execute(query).mappings())

    def takedowns_of_seller(self, seller_row: int, *, limit: int) -> tuple[Takedown, ...]:
        """Orders on a seller's listings, the newest first."""
        query = select(takedowns).join(cases, cases.c.id == takedowns.c.case_id)
        query = query.join(listings, listings.c.id == cases.c.listing_row)
        query = query.where(listings.c.seller_row == seller_row).order_by(takedowns.c.id.desc()).limit(limit)
        return tuple(record(Takedown, row) for row in self._connection.execute(query).mappings())

    def offers_of_seller(self, seller_row: int, *, since: datetime, limit: int) -> tuple[Offer, ...]:
        """What a seller offered in cases that were opened since then, the newest first."""
        is_version = (versions.c.listing_row == cases.c.listing_row) & (versions.c.number == cases.c.version)
        columns = (cases.c.id.label("case_id"), cases.c.listing_row, cases.c.categories, cases.c.severity)
        query = select(*columns, cases.c.ruling, cases.c.opened_at.label("at"), versions.c.listing)
        query = query.select_from(cases.join(listings, listings.c.id == cases.c.listing_row).join(versions, is_version))
        query = query.where(listings.c.seller_row == seller_row, cases.c.opened_at > since)
        rows = self._connection.execute(query.order_by(cases.c.id.desc()).limit(limit)).mappings()
        return tuple(record(Offer, row) for row in rows)

    def first_findings(self, listing_row: int, number: int) -> tuple[Finding, ...]:
        """What those found in a version who judged it first; in an old version, whose findings are the oldest."""
        is_version = (versions.c.listing_row == listing_row) & (versions.c.number == number)
        judge = self._connection.execute(select(versions.c.first_judged_by).where(is_version)).scalar()
        is_it = (findings.c.listing_row == listing_row) & (findings.c.number == number)
        rows = self._connection.execute(select(findings).where(is_it).order_by(findings.c.id)).mappings().all()
        first = judge or (rows[0]["judge"] if rows else "")
        return tuple(read_finding(row) for row in rows if row["judge"] == first)


class Licences(Outside):
    """Licences that somebody has checked."""

    def add_licence(self, licence: Licence) -> Licence:
        """Keep a licence; its number is given by the store."""
        return self._add(licences, licence)

    def licence(self, licence_id: int) -> Licence:
        """One licence. Raises ``NotFound``."""
        query = self._locked(select(licences).where(licences.c.id == licence_id))
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(
                "there is no licence {number}", hint="`delist seller show` lists a seller's.", number=licence_id
            )
        return record(Licence, row)

    def save_licence(self, licence: Licence) -> None:
        """Write a licence that ``licence`` has read and locked."""
        self._save(licences, licence, licences.c.id == licence.id)

    def licences_of(self, seller_row: int) -> tuple[Licence, ...]:
        """A seller's licences, whether valid or not."""
        query = select(licences).where(licences.c.seller_row == seller_row).order_by(licences.c.id)
        return tuple(record(Licence, row) for row in self._connection.execute(query).mappings())

    def licences_to_check(self, *, before: datetime, limit: int) -> tuple[Licence, ...]:
        """Licences that are to be verified anew by then, the longest due first."""
        query = select(licences).where(licences.c.check_by < before, licences.c.revoked_at.is_(None))
        rows = self._connection.execute(query.order_by(licences.c.check_by).limit(limit)).mappings()
        return tuple(record(Licence, row) for row in rows)


class Exceptions(Outside):
    """Rules that do not queue what a seller offers, and what intake must know of sellers."""

    def add_exception(self, exception: SellerException) -> SellerException | None:
        """Keep an exception; ``None`` if one of the same rule and seller is proposed or in force."""
        try:
            with self._connection.begin_nested():
                return self._add(seller_exceptions, exception)
        except IntegrityError:
            return None

    def exception(self, exception_id: int) -> SellerException:
        """One exception; whoever else wants to change it waits. Raises ``NotFound``."""
        query = self._locked(select(seller_exceptions).where(seller_exceptions.c.id == exception_id))
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(
                "there is no exception {number}", hint="`delist seller exceptions` lists them.", number=exception_id
            )
        return record(SellerException, row)

    def save_exception(self, after: SellerException, before: SellerException) -> bool:
        """Write an exception back. ``False`` if somebody has changed it since it was read."""
        table = seller_exceptions
        return self._save(table, after, (table.c.id == before.id) & (table.c.state == before.state))

    def exceptions_in(
        self, states: Sequence[ExceptionState], *, seller_row: int | None = None, limit: int = 100
    ) -> tuple[SellerException, ...]:
        """Exceptions in these states (none: in any), the one that ends first at the top."""
        query = select(seller_exceptions).order_by(seller_exceptions.c.expires_at, seller_exceptions.c.id).limit(limit)
        query = query.where(seller_exceptions.c.state.in_(states)) if states else query
        query = query.where(seller_exceptions.c.seller_row == seller_row) if seller_row is not None else query
        return tuple(record(SellerException, row) for row in self._connection.execute(query).mappings())

    def count_hits(self, hits: Mapping[int, int], *, at: datetime) -> None:
        """So many findings were not queued because of each exception."""
        if not hits:
            return
        table = seller_exceptions
        change = update(table).where(table.c.id == bindparam("exception"))
        change = change.values(
            hits=table.c.hits + bindparam("more"), last_hit_at=bindparam("at", type_=table.c.last_hit_at.type)
        )
        self._connection.execute(change, [{"exception": one, "more": number, "at": at} for one, number in hits.items()])

    def sellers_on_file(self, keys: Collection[Key], *, at: datetime) -> dict[Key, OnFile]:
        """What is on file of sellers ``(platform, key)``; those of whom nothing is are left out."""
        found: dict[Key, OnFile] = {}
        by_platform: dict[str, list[str]] = defaultdict(list)
        for platform, key in keys:
            by_platform[platform].append(key)
        for platform, names in by_platform.items():
            is_one = (sellers.c.platform == platform) & sellers.c.key.in_(names)
            rows = self._on_file(select(sellers.c.id, sellers.c.key).where(is_one), sellers.c.id, is_one, at)
            found |= {(platform, key): one for key, one in rows.items()}
        return found

    def listings_on_file(self, rows: Collection[int], *, at: datetime) -> dict[int, OnFile]:
        """What is on file of the sellers of listings, by the listing's row."""
        if not rows:
            return {}
        is_one = listings.c.id.in_(rows)
        query = select(listings.c.seller_row, listings.c.id).where(is_one, listings.c.seller_row.is_not(None))
        return self._on_file(query, listings.c.seller_row, is_one, at)

    def _on_file(self, named: Any, column: Any, is_one: ColumnElement[bool], at: datetime) -> dict[Any, OnFile]:
        """Licences and exceptions of the sellers that ``named`` gives with the names to give them back under."""
        wanted = select(column).where(is_one)
        held = self._connection.execute(select(licences).where(licences.c.seller_row.in_(wanted))).mappings().all()
        table = seller_exceptions
        in_force = (table.c.state == ExceptionState.IN_FORCE) & (table.c.expires_at > at)
        excepted = self._connection.execute(
            select(table.c.seller_row, table.c.rule, table.c.id).where(table.c.seller_row.in_(wanted), in_force)
        ).all()
        if not held and not excepted:
            return {}
        files = _files([record(Licence, row) for row in held], [(row[0], row[1], row[2]) for row in excepted], at)
        rows = self._connection.execute(named)
        return {name: files[seller] for seller, name in rows if seller in files}


class Penalties(Outside):
    """Steps of the ladder, proposed and decided."""

    def add_penalty(self, penalty: Penalty) -> Penalty | None:
        """Keep a penalty; ``None`` if one was proposed for the same decision."""
        if self.penalty_of(penalty.decision_id) is not None:
            return None
        return self._add(penalties, penalty)

    def penalty(self, penalty_id: int) -> Penalty:
        """One penalty; whoever else wants to change it waits. Raises ``NotFound``."""
        query = self._locked(select(penalties).where(penalties.c.id == penalty_id))
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(
                "there is no penalty {number}", hint="`delist seller penalties` lists them.", number=penalty_id
            )
        return record(Penalty, row)

    def penalty_of(self, decision_id: int) -> Penalty | None:
        """The penalty that was proposed for a decision."""
        row = (
            self._connection.execute(select(penalties).where(penalties.c.decision_id == decision_id)).mappings().first()
        )
        return record(Penalty, row) if row else None

    def save_penalty(self, after: Penalty, before: Penalty) -> bool:
        """Write a penalty back. ``False`` if somebody has changed it since it was read."""
        return self._save(penalties, after, (penalties.c.id == before.id) & (penalties.c.state == before.state))

    def penalties_in(
        self, states: Sequence[PenaltyState], *, seller_row: int | None = None, limit: int = 100
    ) -> tuple[Penalty, ...]:
        """Penalties in these states (none: in any), the oldest first."""
        query = select(penalties).order_by(penalties.c.id).limit(limit)
        query = query.where(penalties.c.state.in_(states)) if states else query
        query = query.where(penalties.c.seller_row == seller_row) if seller_row is not None else query
        return tuple(record(Penalty, row) for row in self._connection.execute(query).mappings())


def _files(held: Sequence[Licence], excepted: Sequence[tuple[int, str, int]], at: datetime) -> dict[int, OnFile]:
    valid: dict[int, set[str]] = defaultdict(set)
    known: dict[int, set[str]] = defaultdict(set)
    rules: dict[int, dict[str, int]] = defaultdict(dict)
    for licence in held:
        known[licence.seller_row].add(licence.name)
        if licence.is_valid(at):
            valid[licence.seller_row].add(licence.name)
    for seller, rule, number in excepted:
        rules[seller][rule] = number
    return {
        seller: OnFile(
            seller_row=seller,
            licences=tuple(sorted(valid[seller])),
            lapsed=tuple(sorted(known[seller] - valid[seller])),
            exceptions=tuple(sorted(rules[seller].items())),
        )
        for seller in {*known, *rules}
    }
