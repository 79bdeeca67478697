"""The version of the tables: made when the database is fresh, brought up to date when it is older, refused when newer.

Revisions are numbered ``0001``, ``0002`` …, so that newer and older can be told apart.
"""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, inspect, text

from scanner.errors import NewerDatabase, StoreError
from scanner.store import database
from scanner.store.tables import metadata

# The revision that this version of Delist reads and writes.
HEAD = "0013"
EMPTY = "0000"


# What indexes the words of cases: SQLite's full-text table with the tables that it lies in, PostgreSQL's index. Either
# is of one database only, so no table in the code says it.
_SEARCH = "case_search"


def is_compared(_item: object, name: str | None, kind: str, *_: object) -> bool:
    """Whether the code says a table or index of this name."""
    return not (kind in {"table", "index"} and name is not None and name.startswith(_SEARCH))


def prepare(engine: Engine) -> None:
    """Make or migrate the tables. Raises ``NewerDatabase``, ``StoreUnavailable`` or ``StoreError``.

    Two processes that meet a fresh database wait for each other at the write transaction.
    """
    with database.transaction(engine, write=False) as connection:
        found = current(connection)
    refuse_newer(engine, found)
    if found == HEAD:
        return
    migrate(engine, HEAD)


def migrate(engine: Engine, revision: str) -> None:
    """Go up or down to ``revision`` in one transaction. Raises ``StoreError`` if rows would point to nothing then.

    SQLite changes some columns by making a table anew, which other tables' rows must bear for a moment: their keys are
    checked at the end, as SQLite's documentation asks for, instead of at every step.
    """
    with database.transaction(engine, write=True, keys=False) as connection:
        found = current(connection)
        refuse_newer(engine, found)
        if revision > found:
            command.upgrade(_config(connection), revision)
        elif revision < found:
            command.downgrade(_config(connection), "base" if revision == EMPTY else revision)
        if broken := broken_keys(connection):
            raise StoreError(f"{database.place(engine.url)}: {broken[0]}", hint="Restore a backup, or ask for help.")


def broken_keys(connection: Connection) -> list[str]:
    """Rows that point to nothing, in words. PostgreSQL has none: it checks a key when it is made."""
    if connection.dialect.name != "sqlite":
        return []
    rows = connection.exec_driver_sql("PRAGMA foreign_key_check").all()
    return [f"row {row[1]} of {row[0]} points to nothing in {row[2]}" for row in rows]


def current(connection: Connection) -> str:
    """The database's revision. Raises ``StoreError`` for tables of ours that no migration made."""
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables:
        return connection.execute(text("SELECT version_num FROM alembic_version")).scalar() or EMPTY
    if strange := sorted(tables & set(metadata.tables)):
        raise StoreError(
            f"{database.place(connection.engine.url)}: has a table {strange[0]!r} that Delist did not make",
            hint="Choose another database.",
        )
    return EMPTY


def refuse_newer(engine: Engine, found: str) -> None:
    """Raise ``NewerDatabase`` if ``found`` is a revision that this version does not know."""
    if found > HEAD:
        raise NewerDatabase(
            f"{database.place(engine.url)}: written by a later version of Delist (revision {found}, not {HEAD})",
            hint="Install that version, or choose another database.",
        )


def _config(connection: Connection) -> Config:
    """Alembic's settings without a file, so that it works from a wheel."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    config.attributes["connection"] = connection
    return config
