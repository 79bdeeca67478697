"""Reaching the database: engine, pragmas, transactions, and errors that say what to do.

SQLite begins its write transactions with ``BEGIN IMMEDIATE``: two writers queue up at the door instead of failing in
the middle. WAL lets readers go on meanwhile. A kill loses no commit; a power cut may lose the last ones of intake,
which reads its segments again, but not a decision, whose transaction is ``durable`` (synchronous=FULL).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DataError, DBAPIError, NoSuchModuleError, StatementError
from sqlalchemy.pool import ConnectionPoolEntry

from scanner.errors import Contention, StoreError, StoreUnavailable, Unstorable

# How long a writer waits for another one.
BUSY_SECONDS = 30.0

# What SQLite says, and what to do about it.
_HINTS: tuple[tuple[str, str], ...] = (
    ("disk is full", "Free some space and run the same command again: nothing was half-written."),
    ("no space left", "Free some space on the server, and run the same command again: nothing was half-written."),
    ("terminating connection", "The server was restarted: run the same again."),
    ("server closed the connection", "The server was restarted: run the same again."),
    ("disk i/o error", "Check the disk and its free space, then run the same command again."),
    ("readonly database", "Make the file and its folder writable for this user."),
    ("is locked", "Another process is writing; wait for it, or stop it."),
    ("not a database", "Choose another file: this one is not an SQLite database, or is encrypted or damaged."),
    ("malformed", "The file is damaged; restore a backup."),
    ("unable to open database file", "Check that the folder exists and is writable."),
)

# PostgreSQL's words for two transactions that met: serialization failure, deadlock, the same new row, a lock not had in
# time. SQLite has one writer at a time, whom nobody meets.
_MET = frozenset({"40001", "40P01", "23505", "55P03"})


def connect(url: str, *, busy_seconds: float = BUSY_SECONDS) -> Engine:
    """An engine for ``url`` (SQLAlchemy's notation). Raises ``StoreError`` for an address that means nothing."""
    try:
        address = make_url(url)
        if address.get_backend_name() == "sqlite":
            return _sqlite(address, busy_seconds)
        engine = create_engine(address, pool_pre_ping=True)
    except (ArgumentError, NoSuchModuleError, ModuleNotFoundError) as error:
        raise StoreError(
            f"not a usable database address: {error}",
            hint="Write it like sqlite:///data/delist.db or postgresql+psycopg://user@host/name.",
        ) from error
    event.listen(engine, "connect", _prefer_indices)
    return engine


@contextmanager
def transaction(engine: Engine, *, write: bool, durable: bool = False, keys: bool = True) -> Iterator[Connection]:
    """A connection in a transaction: committed at the end, rolled back when left by an exception.

    A reading one sees one moment: SQLite's always do, PostgreSQL's must be asked for it. Without ``keys`` SQLite does
    not check foreign keys. Raises ``StoreUnavailable`` for what the database refuses.
    """
    with translated(engine), engine.connect() as plain:
        connection = plain.execution_options(delist_write=write, delist_durable=durable, delist_keys=keys)
        if not write and engine.dialect.name != "sqlite":
            connection = connection.execution_options(isolation_level="REPEATABLE READ")
        with connection.begin():
            yield connection


@contextmanager
def translated(engine: Engine) -> Iterator[None]:
    """Turn what a driver raises into ``StoreUnavailable`` for the database and ``Unstorable`` for a value.

    Where many write at once, a row that somebody else has just made is ``Contention``. Our own faults, such as a broken
    constraint on a database with one writer, stay as they are.
    """
    try:
        yield
    except DataError as error:
        raise Unstorable(f"{place(engine.url)}: {error.orig}", hint="Look at what was to be stored.") from error
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) in _MET:
            hint = "Run the same again."
            raise Contention(f"{place(engine.url)}: two wrote at once: {_first_line(error)}", hint=hint) from error
        if _is_ours(error):
            raise
        said = str(error.orig)
        hint = next((hint for sign, hint in _HINTS if sign in said.lower()), "Check that the database can be reached.")
        raise StoreUnavailable(f"{place(engine.url)}: {said}", hint=hint) from error
    except (StatementError, OverflowError, UnicodeError) as error:
        said = str(error.orig if isinstance(error, StatementError) else error)
        raise Unstorable(f"{place(engine.url)}: {said}", hint="Look at what was to be stored.") from error


def place(url: URL) -> str:
    """Where the database is, without a password."""
    return url.database or "memory" if url.get_backend_name() == "sqlite" else url.render_as_string(hide_password=True)


def _first_line(error: DBAPIError) -> str:
    return str(error.orig).partition("\n")[0]


def _is_ours(error: DBAPIError) -> bool:
    """A statement that is wrong, or data that breaks a constraint: nothing that a person could mend."""
    if isinstance(error.orig, sqlite3.OperationalError):
        return not any(sign in str(error.orig).lower() for sign, _ in _HINTS)
    # A driver has classes of its own below these, such as for a full disk or a server that shuts down.
    kinds = {kind.__name__ for kind in type(error.orig).__mro__}
    return type(error.orig).__name__ != "DatabaseError" and not kinds & {"OperationalError", "InterfaceError"}


def _sqlite(address: URL, busy_seconds: float) -> Engine:
    if address.database and not address.database.startswith((":memory:", "file:")):
        _make_folder(Path(address.database).parent)
    engine = create_engine(address, connect_args={"timeout": busy_seconds})
    event.listen(engine, "connect", _prepare)
    event.listen(engine, "begin", _begin)
    return engine


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreUnavailable(
            f"{folder}: {error.strerror}", hint="Check that the folder can be made and is writable."
        ) from error


def _prefer_indices(connection: Any, _: ConnectionPoolEntry) -> None:
    """PostgreSQL's planner takes a look-up for four times what it costs from memory or a solid disk; the queue's pages
    are a few hundred look-ups, which it would rather read whole tables than make. It would share them among processes,
    too, and starting those takes longer than all look-ups together."""
    connection.execute("SET random_page_cost = 1.1")
    connection.execute("SET max_parallel_workers_per_gather = 0")
    connection.commit()


def _prepare(connection: Any, _: ConnectionPoolEntry) -> None:
    """The driver's own idea of transactions off (it would begin late and never immediately), our pragmas on."""
    connection.isolation_level = None
    connection.execute("PRAGMA journal_mode = WAL")


def _begin(connection: Connection) -> None:
    options = connection.get_execution_options()
    wanted = options.get("delist_keys", True), options.get("delist_durable", False)
    # A connection keeps what it was told: most transactions of a page are like the one before.
    if connection.info.get("delist_told") != wanted:
        connection.exec_driver_sql(f"PRAGMA foreign_keys = {'ON' if wanted[0] else 'OFF'}")
        connection.exec_driver_sql(f"PRAGMA synchronous = {'FULL' if wanted[1] else 'NORMAL'}")
        connection.info["delist_told"] = wanted
    connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("delist_write") else "BEGIN")
