"""The one Store: opens a database, gives transactions on it. Nothing of SQLAlchemy leaves this package."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from types import TracebackType
from typing import Self

from sqlalchemy import Engine, func, select

from scanner.errors import AlreadyRunning
from scanner.model import Run, RunState
from scanner.store import database, schema
from scanner.store.appeals import Appeals
from scanner.store.asked import AskedInspections
from scanner.store.background import Background
from scanner.store.bulk import Batches
from scanner.store.cases import Cases
from scanner.store.clues import Clues
from scanner.store.clusters import Clusters
from scanner.store.erasing import Erasing
from scanner.store.exports import Exports
from scanner.store.figures import Figures
from scanner.store.fingerprints import Fingerprints
from scanner.store.history import History
from scanner.store.inspections import Inspections
from scanner.store.letters import Letters
from scanner.store.listings import Listings
from scanner.store.notices import Notices
from scanner.store.on_file import Exceptions, Licences, Penalties, Sellers
from scanner.store.people import People
from scanner.store.pictures import Pictures
from scanner.store.queue_work import QueueWork
from scanner.store.requests import Requests
from scanner.store.runs import Runs
from scanner.store.takedowns import Takedowns


class Transaction(
    Figures,
    Exports,
    Listings,
    Cases,
    QueueWork,
    Batches,
    Clusters,
    Background,
    Inspections,
    AskedInspections,
    History,
    Runs,
    Takedowns,
    People,
    Requests,
    Notices,
    Letters,
    Appeals,
    Sellers,
    Licences,
    Exceptions,
    Penalties,
    Fingerprints,
    Pictures,
    Clues,
    Erasing,
):
    """All that can be read and written at one time; ends with the ``with`` block that it was given by."""


class Store:
    """What Delist knows. Safe to share between threads: every transaction has a connection of its own."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    @classmethod
    def open(cls, url: str, *, busy_seconds: float = database.BUSY_SECONDS) -> Self:
        """Open the database at ``url`` (SQLAlchemy's notation); make or renew its tables first where that is needed.

        Raises ``NewerDatabase`` for one that a later version wrote, ``StoreUnavailable`` for one that is locked,
        read-only, on a full disk or no database at all, ``StoreError`` for one that is not ours.
        """
        engine = database.connect(url, busy_seconds=busy_seconds)
        try:
            schema.prepare(engine)
        except BaseException:
            engine.dispose()
            raise
        return cls(engine)

    @property
    def place(self) -> str:
        """Where the database is: a file, or an address without password."""
        return database.place(self._engine.url)

    def close(self) -> None:
        """Give back all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, where: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def transaction(self, *, durable: bool = False) -> Iterator[Transaction]:
        """A write transaction: committed at the end of the block, undone when the block is left by an exception.

        ``durable`` also survives a power cut. Raises ``StoreUnavailable``.
        """
        with database.transaction(self._engine, write=True, durable=durable) as connection:
            tx = Transaction(connection)
            yield tx
            tx.flush()

    @contextmanager
    def reading(self) -> Iterator[Transaction]:
        """One consistent view; nothing that is written meanwhile is seen. Raises ``StoreUnavailable``."""
        with database.transaction(self._engine, write=False) as connection:
            yield Transaction(connection)

    @contextmanager
    def alone(self, name: str, *, what: str, hint: str = "") -> Iterator[None]:
        """Keep others out, on any machine, while the block runs, or until the connection breaks.

        On SQLite nothing is done: who shares its file shares a machine, and meets at a lock file there. Raises
        ``AlreadyRunning``, with ``what`` as its words.
        """
        if self._engine.dialect.name == "sqlite":
            yield
            return
        with database.translated(self._engine), self._engine.connect() as connection:
            if not connection.execute(select(func.pg_try_advisory_lock(func.hashtextextended(name, 0)))).scalar():
                raise AlreadyRunning(what, hint=hint)
            connection.commit()
            try:
                yield
            finally:
                connection.invalidate()  # the lock goes with the connection, whatever has become of that

    def claim_run(
        self, *, source: str, slot: datetime, at: datetime, state: RunState = RunState.RUNNING, detail: str = ""
    ) -> Run | None:
        """Insert the row of a slot, or return ``None`` if somebody already did; ended at once unless ``running``."""
        with self.transaction() as tx:
            return tx.claim_run(source=source, slot=slot, at=at, state=state, detail=detail)

    def finish_run(self, run_id: int, *, state: RunState, at: datetime, detail: str = "") -> bool:
        """End a running run. ``False``, and nothing changed, if it has ended before."""
        with self.transaction() as tx:
            return tx.finish_run(run_id, state=state, at=at, detail=detail)

    def recent_runs(self, source: str, limit: int = 50) -> tuple[Run, ...]:
        """The newest runs of a source by slot, newest first."""
        with self.reading() as tx:
            return tx.recent_runs(source, limit)
