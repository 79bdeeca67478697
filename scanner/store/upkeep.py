"""Looking after a database: its version, whether it is whole, a copy of it, and the copy put back.

SQLite is copied by its own online backup: others go on reading and writing meanwhile. For PostgreSQL its own programs,
``pg_dump`` and ``pg_restore``, do the work; they must be installed and no older than the server.
"""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import msgspec
from sqlalchemy import Connection, Engine, func, inspect, select, text
from sqlalchemy.engine import URL, make_url

from scanner.errors import Conflict, InputError, StoreError, StoreUnavailable
from scanner.store import database, schema
from scanner.store.tables import cases, chain_head, events, metadata

# Pages that are copied at a time, and then the progress is told.
_PAGES = 4_000

OnProgress = Callable[[int, int], None]


class Condition(msgspec.Struct, frozen=True, kw_only=True):
    """How a database is: where, its revision and the newest there is, and every fault in words."""

    place: str
    revision: str
    newest: str
    faults: tuple[str, ...]

    @property
    def is_current(self) -> bool:
        """Whether its tables are those of this version of Delist."""
        return self.revision == self.newest


def revision(url: str) -> tuple[str, str]:
    """The database's revision, and the newest there is. Raises ``StoreError``."""
    with _engine(url) as engine, database.transaction(engine, write=False) as connection:
        return schema.current(connection), schema.HEAD


def upgrade(url: str) -> tuple[str, str]:
    """Make or renew the tables; the revision before and after. Raises ``NewerDatabase``, ``StoreError``."""
    with _engine(url) as engine:
        with database.transaction(engine, write=False) as connection:
            before = schema.current(connection)
        schema.prepare(engine)
    return before, schema.HEAD


def check(url: str) -> Condition:
    """Whether the database is whole.

    1. The file's own structure (SQLite), or its indices (PostgreSQL).
    2. No row points to nothing.
    3. The tables are those of its revision, and that is no newer than this version of Delist.
    4. The head of the history names the newest event; ``delist audit verify`` checks each of them.

    Raises ``StoreUnavailable`` where it cannot be read at all.
    """
    with _engine(url) as engine, database.transaction(engine, write=False) as connection:
        found = schema.current(connection)
        faults = [*_structure(connection), *schema.broken_keys(connection)]
        if found > schema.HEAD:
            faults.append(f"written by a later version of Delist (revision {found}, not {schema.HEAD})")
        elif found == schema.HEAD:
            faults += [*_tables(connection), *_head(connection)]
        return Condition(place=database.place(engine.url), revision=found, newest=schema.HEAD, faults=tuple(faults))


def backup(url: str, target: Path, *, force: bool = False, on_progress: OnProgress | None = None) -> int:
    """Write a copy that ``restore`` takes, readable by its owner only, and return its size in bytes.

    It is there whole or not at all. Raises ``Conflict`` if there is such a file, ``StoreError``.
    """
    if target.exists() and not force:
        raise Conflict(f"{target}: there is such a file already", hint="Choose another name, or give --force.")
    address = make_url(url)
    part = target.with_name(target.name + ".part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        part.touch(mode=0o600)
        if address.get_backend_name() == "sqlite":
            _copy(_file_of(address), part, on_progress)
        else:
            _run_program("pg_dump", address, "--format=custom", "--no-owner", f"--file={part}")
        part.replace(target)
    except OSError as error:
        raise StoreUnavailable(f"{target}: {error.strerror}", hint="Choose a place with room.") from error
    finally:
        part.unlink(missing_ok=True)
    return target.stat().st_size


def restore(url: str, source: Path, *, force: bool = False, on_progress: OnProgress | None = None) -> Condition:
    """Put a backup in the place of the database, and say how it is then.

    A database in which there is something is not touched without ``force``; an SQLite file is then kept beside it, as
    ``NAME.before-restore``. Raises ``InputError`` for a file that is no backup of Delist, ``Conflict``, ``StoreError``.
    """
    address = make_url(url)
    if not source.is_file():
        raise InputError(f"{source}: no such file", hint="Name a file that `delist db backup` wrote.")
    if not force and _holds_something(url):
        hint = "Give --force to put the backup in its place, or choose another database."
        raise Conflict(f"{database.place(address)}: there is something in it", hint=hint)
    if address.get_backend_name() == "sqlite":
        _refuse_foreign(source)
        _put_back(source, _file_of(address), on_progress)
    else:
        options = ("--clean", "--if-exists", "--no-owner", "--single-transaction", "--exit-on-error")
        _run_program("pg_restore", address, *options, str(source))
    return check(url)


@contextmanager
def _engine(url: str) -> Iterator[Engine]:
    engine = database.connect(url)
    try:
        yield engine
    finally:
        engine.dispose()


def _structure(connection: Connection) -> list[str]:
    if connection.dialect.name == "sqlite":
        said = connection.exec_driver_sql("PRAGMA integrity_check(20)").scalars().all()
        return [] if said == ["ok"] else [f"damaged: {one}" for one in said]
    query = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid OR NOT indisready"
    return [f"index {name} is not valid: REINDEX INDEX {name}" for name in connection.execute(text(query)).scalars()]


def _tables(connection: Connection) -> list[str]:
    missing = set(metadata.tables) - set(inspect(connection).get_table_names())
    return [f"table {name} is missing" for name in sorted(missing)]


def _head(connection: Connection) -> list[str]:
    """The head against the newest event. All of them are checked by the audit."""
    newest = select(events.c.sequence, events.c.hash).order_by(events.c.sequence.desc()).limit(1)
    last = connection.execute(newest).one_or_none()
    head = connection.execute(select(chain_head.c.sequence, chain_head.c.hash)).one_or_none()
    if head is None:
        return ["the head of the history is missing"]
    if (last and tuple(last)) not in {tuple(head), None} or (last is None and head.sequence):
        return [f"the history ends at event {last.sequence if last else 0}; the head names event {head.sequence}"]
    return []


def _holds_something(url: str) -> bool:
    address = make_url(url)
    if address.get_backend_name() == "sqlite" and not _file_of(address).exists():
        return False
    with _engine(url) as engine, database.transaction(engine, write=False) as connection:
        if schema.current(connection) == schema.EMPTY:
            return False
        counts = (connection.scalar(select(func.count()).select_from(table).limit(1)) for table in (cases, events))
        return any(counts)


# SQLite


def _file_of(address: URL) -> Path:
    if not address.database or address.database == ":memory:" or address.database.startswith("file:"):
        raise StoreError(f"{database.place(address)}: no file", hint="Name the database by its file.")
    return Path(address.database)


def _copy(source: Path, target: Path, on_progress: OnProgress | None) -> None:
    """By SQLite's online backup, as the database is at this moment: an open transaction keeps it so for us alone."""

    def told(_status: int, remaining: int, total: int) -> None:
        if on_progress is not None:
            on_progress(total - remaining, total)

    if not source.exists():
        raise InputError(f"{source}: no such file", hint="There is nothing to copy yet.")
    try:
        with closing(sqlite3.connect(source)) as origin, closing(sqlite3.connect(target)) as copy:
            origin.isolation_level = None
            origin.execute("BEGIN")
            origin.execute("SELECT count(*) FROM sqlite_master").fetchone()
            origin.backup(copy, pages=_PAGES, progress=told)
    except sqlite3.Error as error:
        raise StoreUnavailable(f"{source}: {error}", hint="Check the disk and its free space.") from error


def _refuse_foreign(source: Path) -> None:
    """Raises ``InputError`` for what is no whole database of ours, or a later version's."""
    condition: Condition | None = None
    try:
        condition = check(f"sqlite:///file:{source}?mode=ro&uri=true")
    except StoreError as error:
        raise InputError(f"{source}: not a backup of Delist's: {error}", hint="Choose another file.") from error
    if condition.revision == schema.EMPTY or condition.faults:
        why = condition.faults[0] if condition.faults else "none of Delist's tables is in it"
        raise InputError(f"{source}: not a backup of Delist's: {why}", hint="Choose another file.")


def _put_back(source: Path, target: Path, on_progress: OnProgress | None) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    if target.exists():
        aside = target.with_name(target.name + ".before-restore")
        aside.unlink(missing_ok=True)
        _copy(target, aside, None)
    _copy(source, target, on_progress)


# PostgreSQL


def _run_program(name: str, address: URL, *options: str) -> None:
    """One of PostgreSQL's own programs. The password goes by the environment, where others do not see it."""
    program = shutil.which(name)
    if program is None:
        hint = "Install it (Debian: postgresql-client), or ask whoever runs the server for backups."
        raise StoreError(f"{name} is not installed", hint=hint)
    plain = address.set(drivername="postgresql", password=None).render_as_string(hide_password=False)
    environment = dict(os.environ) | ({"PGPASSWORD": str(address.password)} if address.password else {})
    command = [program, f"--dbname={plain}", *options]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603  # ours
    if done.returncode:
        said = done.stderr.strip().partition("\n")[0]
        hint = "Check the address; the program must be no older than the server."
        raise StoreError(f"{name}: {said or f'exit code {done.returncode}'}", hint=hint)
