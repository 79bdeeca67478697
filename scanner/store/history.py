"""Events in the database: appended under the lock of the chain's head, read in order.

Who holds the head keeps everybody else from ending a transaction. So it is taken last, and all events of a transaction
are sealed and written then; that also means that nobody who holds it waits for anything else.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, bindparam, select, tuple_, type_coerce, update
from sqlalchemy.types import NullType

from scanner.audit import event_of, seal
from scanner.model import Event
from scanner.records import Entry, EventFilter, Head, KeptEvent
from scanner.store.rows import Rows
from scanner.store.tables import chain_head, events

# How many events are read at a time when all of them are checked.
_PAGE = 2_000


def _raw(column: ColumnElement[Any]) -> ColumnElement[Any]:
    return type_coerce(column, NullType())


# Read as they are: an event that somebody has edited must not stop whoever looks for it.
_RAW = (
    events.c.sequence,
    _raw(events.c.at),
    events.c.actor,
    _raw(events.c.role),
    events.c.kind,
    events.c.subject,
    _raw(events.c.data),
    events.c.previous,
    events.c.hash,
)
_HEAD = select(chain_head.c.sequence, chain_head.c.hash).where(chain_head.c.id == 1)
_HEAD_ALONE = _HEAD.with_for_update()
_MOVE_HEAD = (
    update(chain_head)
    .where(chain_head.c.id == 1)
    .values(sequence=bindparam("new_sequence"), hash=bindparam("new_hash"))
)
_PAGE_AFTER = select(*_RAW).where(events.c.sequence > bindparam("last")).order_by(events.c.sequence).limit(_PAGE)
_ABOUT = select(*_RAW).where(events.c.subject == bindparam("of")).order_by(events.c.sequence)


class History(Rows):
    """The append-only history. Events are held back until they are read or the transaction ends: then all in one go."""

    def __init__(self, connection: Connection) -> None:
        super().__init__(connection)
        self._held_back: list[Entry] = []

    def chain_head(self) -> Head:
        """The newest event as recorded apart from the events."""
        self.flush()
        return self._head(_HEAD)

    def append_event(self, entry: Entry) -> None:
        """Make an event of it, the next one of the history, when events are read or the transaction ends."""
        self._held_back.append(entry)

    def flush(self) -> None:
        """Write what is held back. Other writers wait from here on; SQLite, with one anyway, ignores ``FOR UPDATE``."""
        super().flush()
        if not self._held_back:
            return
        head, sealed = self._head(_HEAD_ALONE), []
        for entry in self._held_back:
            sealed.append(seal(head, entry))
            head = Head(sequence=sealed[-1].sequence, hash=sealed[-1].hash)
        self._held_back.clear()
        self._insert(events, [_columns(event) for event in sealed])
        self._connection.execute(_MOVE_HEAD, {"new_sequence": head.sequence, "new_hash": head.hash})

    def all_events(self) -> Iterator[Event]:
        """All events in order of their number, a page at a time so that memory stays flat."""
        return map(event_of, self.kept_events())

    def kept_events(self) -> Iterator[KeptEvent]:
        """The same as they are kept."""
        self.flush()
        last = 0
        while page := self._connection.execute(_PAGE_AFTER, {"last": last}).all():
            yield from map(_kept, page)
            last = page[-1][0]

    def events_after(
        self, after: int, *, until: int | None = None, kinds: Collection[str] = (), limit: int | None = None
    ) -> tuple[Event, ...]:
        """The events whose number is above ``after`` and at most ``until``, in order; of ``kinds`` if any is named."""
        self.flush()
        query = select(*_RAW).where(events.c.sequence > after).order_by(events.c.sequence).limit(limit)
        query = query.where(events.c.sequence <= until) if until is not None else query
        query = query.where(events.c.kind.in_(list(kinds))) if kinds else query
        return tuple(map(_event, self._connection.execute(query)))

    def events_about(self, subject: str) -> tuple[Event, ...]:
        """The events of one subject, oldest first."""
        self.flush()
        return tuple(map(_event, self._connection.execute(_ABOUT, {"of": subject})))

    def events_page(self, wanted: EventFilter, *, limit: int, before: int = 0) -> tuple[Event, ...]:
        """The newest events that a filter lets through; with ``before`` those that come before that one."""
        self.flush()
        newest = (events.c.at.desc(), events.c.sequence.desc())
        query = select(*_RAW).where(*_lets_through(wanted)).order_by(*newest).limit(limit)
        if before:
            moment = select(events.c.at).where(events.c.sequence == before).scalar_subquery()
            query = query.where(tuple_(events.c.at, events.c.sequence) < tuple_(moment, before))
        return tuple(map(_event, self._connection.execute(query)))

    def _head(self, query: Select[tuple[int, str]]) -> Head:
        row = self._connection.execute(query).one()
        return Head(sequence=row.sequence, hash=row.hash)


def _lets_through(wanted: EventFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.subject:
        yield events.c.subject == wanted.subject
    if wanted.actor:
        yield events.c.actor == wanted.actor
    if wanted.kind.endswith(".*"):
        # As far as the character after the full stop: a stretch of the index, which LIKE is not everywhere.
        yield (events.c.kind > wanted.kind[:-1]) & (events.c.kind < wanted.kind[:-2] + "/")
    elif wanted.kind:
        yield events.c.kind == wanted.kind
    if wanted.since is not None:
        yield events.c.at >= wanted.since


def _columns(event: Event) -> dict[str, object]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


def _event(row: Sequence[Any]) -> Event:
    return event_of(_kept(row))


def _kept(row: Sequence[Any]) -> KeptEvent:
    """SQLite gives moments as text without an offset, PostgreSQL in the session's zone."""
    sequence, at, *rest = row
    if not isinstance(at, str):
        return (sequence, at.astimezone(UTC), *rest)
    try:
        return (sequence, datetime.fromisoformat(at).replace(tzinfo=UTC), *rest)
    except ValueError:
        return (sequence, at, *rest)  # somebody has edited it
