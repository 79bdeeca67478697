"""Events in the database: appended under the lock of the chain's head, read in order.

Who holds the head keeps everybody else from ending a transaction. So it is taken last, and all events of a transaction
are sealed and written then; that also means that nobody who holds it waits for anything else.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
from sqlalchemy import Connection, RowMapping, Select, select, update

from scanner.audit import seal
from scanner.model import Event
from scanner.records import Entry, Head
from scanner.store.rows import Rows
from scanner.store.tables import chain_head, events

# How many events are read at a time when all of them are checked.
_PAGE = 2_000

_HEAD = select(chain_head.c.sequence, chain_head.c.hash).where(chain_head.c.id == 1)


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
        if not self._held_back:
            return
        head, sealed = self._head(_HEAD.with_for_update()), []
        for entry in self._held_back:
            sealed.append(seal(head, entry))
            head = Head(sequence=sealed[-1].sequence, hash=sealed[-1].hash)
        self._held_back.clear()
        self._insert(events, [_columns(event) for event in sealed])
        self._connection.execute(update(chain_head).where(chain_head.c.id == 1).values(msgspec.structs.asdict(head)))

    def all_events(self) -> Iterator[Event]:
        """All events in order of their number, a page at a time so that memory stays flat."""
        self.flush()
        last = 0
        while page := self._page_after(last):
            yield from page
            last = page[-1].sequence

    def events_about(self, subject: str) -> tuple[Event, ...]:
        """The events of one subject, oldest first."""
        self.flush()
        query = select(events).where(events.c.subject == subject).order_by(events.c.sequence)
        return tuple(read_event(row) for row in self._connection.execute(query).mappings())

    def _head(self, query: Select[tuple[int, str]]) -> Head:
        row = self._connection.execute(query).one()
        return Head(sequence=row.sequence, hash=row.hash)

    def _page_after(self, last: int) -> list[Event]:
        query = select(events).where(events.c.sequence > last).order_by(events.c.sequence).limit(_PAGE)
        return [read_event(row) for row in self._connection.execute(query).mappings()]


def _columns(event: Event) -> dict[str, object]:
    return {name: getattr(event, name) for name in event.__struct_fields__}


def read_event(row: RowMapping) -> Event:
    """An event as its row tells it."""
    return Event(**row)
