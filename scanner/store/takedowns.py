"""The outbox: orders that are due, what a sender holds, the looks at them, and how each platform takes orders.

Whoever takes something out of here locks its rows and passes over what others have locked (``FOR UPDATE SKIP LOCKED``);
SQLite has one writer at a time and needs neither. What was taken is held by a lease and written back by compare-and-set
on its token, on both databases alike.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, RowMapping, and_, distinct, exists, func, or_, select, text, update

from scanner.errors import NotFound
from scanner.model import TakedownState
from scanner.orders import LOOK_LEASE, Look, LookState, Standing, Tallies
from scanner.records import Takedown
from scanner.store.rows import Rows
from scanner.store.tables import case_labels, cases, listings, looks, platforms, takedowns

S = TypeVar("S", bound=msgspec.Struct)

UNSENT = (TakedownState.PLANNED, TakedownState.SENT)
# Word for word as the index on them says, not by parameters: else SQLite does not see that the index serves.
_IS_UNSENT = text("takedowns.state IN ('planned', 'sent')")

_CHANGING = (
    "state",
    "due_at",
    "attempts",
    "last_error",
    "round",
    "token",
    "lease_until",
    "sent_at",
    "accepted_at",
    "released_by",
)
_LOOK_CHANGING = ("state", "due_at", "tries", "token", "lease_until", "looked_at", "outcome", "sights")


class Takedowns(Rows):
    """What sending takedowns and looking at them reads and writes."""

    def takedown(self, takedown_id: int) -> Takedown:
        """One order; whoever else wants to change it waits. Raises ``NotFound``."""
        query = select(takedowns).where(takedowns.c.id == takedown_id).with_for_update()
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            raise NotFound(
                "there is no takedown {number}", hint="`delist takedown board` lists them.", number=takedown_id
            )
        return _record(Takedown, row)

    def due_takedowns(self, platform: str, *, at: datetime, limit: int) -> tuple[Takedown, ...]:
        """Orders to be sent now, in the order in which they were decided; nobody else gets them meanwhile.

        An order waits for an earlier one on the same listing: what was decided last must also arrive last.
        """
        earlier = takedowns.alias("earlier")
        is_behind = exists().where(
            earlier.c.platform == takedowns.c.platform,
            earlier.c.listing_id == takedowns.c.listing_id,
            earlier.c.id < takedowns.c.id,
            earlier.c.state.in_(UNSENT),
        )
        query = select(takedowns).where(
            takedowns.c.platform == platform, _IS_UNSENT, takedowns.c.due_at <= at, ~is_behind
        )
        query = query.where(_is_free(takedowns, at)).order_by(takedowns.c.id).limit(limit)
        rows = self._connection.execute(query.with_for_update(skip_locked=True, of=takedowns)).mappings()
        return tuple(_record(Takedown, row) for row in rows)

    def save_takedown(self, after: Takedown, before: Takedown) -> bool:
        """Write an order back. ``False`` if somebody has changed it since it was read."""
        is_before = (
            (takedowns.c.id == before.id)
            & (takedowns.c.token == before.token)
            & (takedowns.c.state == before.state)
            & (takedowns.c.round == before.round)
        )
        values = {name: getattr(after, name) for name in _CHANGING}
        return self._connection.execute(update(takedowns).where(is_before).values(values)).rowcount == 1

    def orders_ahead(self, platform: str, *, at: datetime, leased: datetime) -> tuple[Takedown, ...]:
        """Orders yet to be sent that were decided after ``at`` and are due later, or are held beyond ``leased``."""
        is_due_later = takedowns.c.due_at >= takedowns.c.planned_at
        is_ahead = and_(takedowns.c.planned_at > at, is_due_later, takedowns.c.lease_until.is_(None))
        query = select(takedowns).where(takedowns.c.platform == platform, _IS_UNSENT)
        rows = self._connection.execute(query.where(or_(is_ahead, takedowns.c.lease_until > leased))).mappings()
        return tuple(_record(Takedown, row) for row in rows)

    def looks_ahead(self, platform: str, *, due: datetime) -> tuple[Look, ...]:
        """Looks to be done that are due after a moment."""
        query = select(looks).join(takedowns, takedowns.c.id == looks.c.takedown_id)
        query = query.where(looks.c.state == LookState.DUE, looks.c.due_at > due, takedowns.c.platform == platform)
        return tuple(_record(Look, row) for row in self._connection.execute(query).mappings())

    def under_way(self, platform: str, *, at: datetime) -> int:
        """How many orders are being sent to a platform at this moment."""
        is_held = text("takedowns.lease_until IS NOT NULL")  # as the index on these few says
        query = select(func.count()).select_from(takedowns)
        query = query.where(is_held, takedowns.c.platform == platform, takedowns.c.lease_until > at)
        return self._connection.execute(query).scalar_one()

    def hasten(self, platform: str, *, at: datetime) -> None:
        """What waits for another attempt is due now: the platform is back."""
        waits = (takedowns.c.platform == platform) & (takedowns.c.state == TakedownState.SENT)
        self._connection.execute(
            update(takedowns).where(waits, takedowns.c.lease_until.is_(None), takedowns.c.due_at > at).values(due_at=at)
        )

    def tallies(self, platform: str, *, since: datetime) -> Tallies:
        """How many takedowns were first sent to a platform since then; inverses do not count."""
        sent = (takedowns.c.sent_at > since) & (takedowns.c.platform == platform) & takedowns.c.undoes.is_(None)
        joined = takedowns.join(cases, cases.c.id == takedowns.c.case_id)
        number = func.count(distinct(takedowns.c.id))
        rules = select(case_labels.c.label, number).select_from(
            joined.join(case_labels, and_(case_labels.c.case_id == cases.c.id, case_labels.c.kind == "rule"))
        )
        categories = select(cases.c.category, number).select_from(joined)
        sellers = select(listings.c.seller_row, number).select_from(
            joined.join(listings, listings.c.id == cases.c.listing_row)
        )
        total = select(func.count()).select_from(takedowns).where(sent)
        return Tallies(
            rules=self._counts(rules.where(sent).group_by(case_labels.c.label)),
            categories=self._counts(categories.where(sent).group_by(cases.c.category)),
            sellers=self._counts(sellers.where(sent).group_by(listings.c.seller_row)),
            total=self._connection.execute(total).scalar_one(),
        )

    def sellers_of(self, rows: Collection[int]) -> dict[int, int | None]:
        """The number of the seller of each listing, by the listing's row."""
        query = select(listings.c.id, listings.c.seller_row).where(listings.c.id.in_(rows))
        return {row.id: row.seller_row for row in self._connection.execute(query)}

    def orders_on(self, platform: str, listing_id: str) -> tuple[Takedown, ...]:
        """All orders on one listing, or about one seller, of a platform, oldest first."""
        query = select(takedowns).where(takedowns.c.platform == platform, takedowns.c.listing_id == listing_id)
        rows = self._connection.execute(query.order_by(takedowns.c.id)).mappings()
        return tuple(_record(Takedown, row) for row in rows)

    def takedowns_in(
        self, states: Sequence[TakedownState], *, platform: str = "", limit: int = 100, before: int | None = None
    ) -> tuple[Takedown, ...]:
        """Orders in these states, or in any, the newest first; those with numbers below ``before``, if it is given."""
        query = select(takedowns).order_by(takedowns.c.id.desc()).limit(limit)
        query = query.where(takedowns.c.id < before) if before is not None else query
        query = query.where(takedowns.c.state.in_(states)) if states else query
        query = query.where(takedowns.c.platform == platform) if platform else query
        return tuple(_record(Takedown, row) for row in self._connection.execute(query).mappings())

    def takedown_counts(self) -> dict[tuple[str, TakedownState], int]:
        """How many orders there are, by platform and state."""
        query = select(takedowns.c.platform, takedowns.c.state, func.count().label("number"))
        query = query.group_by(takedowns.c.state, takedowns.c.platform)
        return {(row.platform, row.state): row.number for row in self._connection.execute(query)}

    def standing(self, platform: str, *, at: datetime) -> Standing:
        """How a platform takes orders at present; whoever else wants to change that waits."""
        query = select(platforms).where(platforms.c.name == platform).with_for_update()
        row = self._connection.execute(query).mappings().one_or_none()
        if row is None:
            self._insert_new(platforms, [msgspec.structs.asdict(Standing(name=platform, next_at=at))])
            row = self._connection.execute(query).mappings().one()
        return _record(Standing, row)

    def standings(self) -> tuple[Standing, ...]:
        """Every platform that was ever told anything."""
        query = select(platforms).order_by(platforms.c.name)
        return tuple(_record(Standing, row) for row in self._connection.execute(query).mappings())

    def save_standing(self, standing: Standing) -> None:
        """Write what ``standing`` has read and locked."""
        values = {name: value for name, value in msgspec.structs.asdict(standing).items() if name != "name"}
        self._connection.execute(update(platforms).where(platforms.c.name == standing.name).values(values))

    # Looks

    def add_looks(self, planned: Sequence[Look]) -> None:
        """Looks to be done; their numbers are given by the store."""
        rows = [{name: getattr(look, name) for name in look.__struct_fields__ if name != "id"} for look in planned]
        self._insert(looks, rows)

    def due_looks(self, names: Collection[str], *, at: datetime, limit: int) -> tuple[tuple[Look, Takedown], ...]:
        """Looks to be done now on these platforms, the longest due first, with their orders; nobody else gets them."""
        query = select(looks).join(takedowns, takedowns.c.id == looks.c.takedown_id)
        query = query.where(looks.c.state == LookState.DUE, looks.c.due_at <= at, takedowns.c.platform.in_(names))
        # Whoever holds one for longer took it before the clock was set back.
        is_free = or_(_is_free(looks, at), looks.c.lease_until > at + LOOK_LEASE)
        query = query.where(is_free).order_by(looks.c.due_at, looks.c.id).limit(limit)
        locked = self._connection.execute(query.with_for_update(skip_locked=True, of=looks)).mappings()
        found = [_record(Look, row) for row in locked]
        rows = self._orders({look.takedown_id for look in found}) if found else ()
        orders = {row["id"]: _record(Takedown, row) for row in rows}
        return tuple((look, orders[look.takedown_id]) for look in found)

    def look(self, look_id: int) -> Look:
        """One look; whoever else wants to change it waits."""
        query = select(looks).where(looks.c.id == look_id).with_for_update()
        return _record(Look, self._connection.execute(query).mappings().one())

    def looks_at(self, takedown_id: int) -> tuple[Look, ...]:
        """All looks at one order, in the order in which they are due."""
        query = select(looks).where(looks.c.takedown_id == takedown_id).order_by(looks.c.due_at, looks.c.id)
        return tuple(_record(Look, row) for row in self._connection.execute(query).mappings())

    def save_look(self, after: Look, before: Look) -> bool:
        """Write a look back. ``False`` if somebody has changed it since it was read."""
        is_before = (looks.c.id == before.id) & (looks.c.token == before.token) & (looks.c.state == before.state)
        values = {name: getattr(after, name) for name in _LOOK_CHANGING}
        return self._connection.execute(update(looks).where(is_before).values(values)).rowcount == 1

    def drop_looks(self, takedown_id: int, *, state: LookState = LookState.DROPPED, before: int | None = None) -> int:
        """End the looks at an order that are still to be done, or only those with a number below ``before``."""
        wanted: list[ColumnElement[bool]] = [looks.c.takedown_id == takedown_id, looks.c.state == LookState.DUE]
        wanted += [looks.c.id < before] if before is not None else []
        return self._connection.execute(update(looks).where(*wanted).values(state=state)).rowcount

    def _orders(self, numbers: Collection[int]) -> Sequence[RowMapping]:
        query = select(takedowns).where(takedowns.c.id.in_(numbers))
        return self._connection.execute(query).mappings().all()

    def _counts(self, query: Any) -> dict[Any, int]:
        return {label: number for label, number in self._connection.execute(query) if label is not None}


def _is_free(table: Any, at: datetime) -> ColumnElement[bool]:
    """Nobody holds it, or whoever did has not been heard of in time."""
    return or_(table.c.lease_until.is_(None), table.c.lease_until <= at)


def _record(kind: type[S], row: RowMapping) -> S:
    return kind(**{name: row[name] for name in kind.__struct_fields__})
