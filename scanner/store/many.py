"""Writing many rows with one statement, at the cost of what the database does with them.

SQLAlchemy works out the parameters of every row by their names. Here a table's columns are put in order once, with what
turns a value into the driver's, and kept as SQL. SQLite's driver runs that for one row after another; PostgreSQL gets a
list for each column, so that it is asked once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import msgspec
from sqlalchemy import Column, Connection, Dialect, Table
from sqlalchemy.exc import StatementError

# What turns a value into the driver's, where it is not already.
Bind = Callable[[Any], Any] | None

_SQLITE = "sqlite"


class _Statement(msgspec.Struct, frozen=True, kw_only=True):
    """SQL that takes rows of values in this order, each turned into the driver's."""

    sql: str
    names: tuple[str, ...]
    binds: tuple[Bind, ...]

    def columns(self, rows: Sequence[Mapping[str, Any]]) -> list[list[Any]]:
        """What the rows say, a list for each name."""
        return [
            [row[name] for row in rows] if bind is None else [bind(row[name]) for row in rows]
            for name, bind in zip(self.names, self.binds, strict=True)
        ]


def insert(connection: Connection, table: Table, rows: Sequence[Mapping[str, Any]], *, ignoring: bool = False) -> None:
    """Insert rows that all name the same columns; ``ignoring`` those of which there is one with the same key."""
    if rows:
        statement = _insertion(connection.dialect, table, tuple(rows[0]), ignoring)
        _run(connection, statement, rows)


def change(
    connection: Connection,
    table: Table,
    rows: Sequence[Mapping[str, Any]],
    names: Iterable[str],
    *,
    where: Mapping[str, str],
) -> int:
    """Write the columns ``names`` of the rows for which the columns in ``where`` are what a row says under that name.

    Returns how many rows of the table that were. Two that change the same rows should give them in the same order:
    then they wait for each other instead of crosswise.
    """
    if not rows:
        return 0
    statement = _update(connection.dialect, table, tuple(names), tuple(where.items()))
    return _run(connection, statement, rows)


def _run(connection: Connection, statement: _Statement, rows: Sequence[Mapping[str, Any]]) -> int:
    try:
        columns = statement.columns(rows)
    except (TypeError, ValueError) as error:  # as SQLAlchemy says it of a value that a column does not take
        raise StatementError(str(error), statement.sql, None, error) from error
    if connection.dialect.name == _SQLITE:
        return connection.exec_driver_sql(statement.sql, list(zip(*columns, strict=True))).rowcount
    return connection.exec_driver_sql(statement.sql, tuple(map(_literal, columns))).rowcount


@lru_cache(maxsize=512)
def _insertion(dialect: Dialect, table: Table, names: tuple[str, ...], ignoring: bool) -> _Statement:
    columns = [table.c[name] for name in names]
    into = f"INSERT INTO {_quoted(dialect, table)} ({', '.join(_quoted(dialect, one) for one in columns)})"
    if dialect.name == _SQLITE:
        given = f"VALUES ({', '.join('?' * len(names))})"
    else:
        given = f"SELECT * FROM unnest({_lists(dialect, columns)})"  # noqa: S608  # names of our own tables
    ending = " ON CONFLICT DO NOTHING" if ignoring else ""
    return _Statement(sql=f"{into} {given}{ending}", names=names, binds=_binds(dialect, columns))


@lru_cache(maxsize=512)
def _update(dialect: Dialect, table: Table, names: tuple[str, ...], where: tuple[tuple[str, str], ...]) -> _Statement:
    columns = [table.c[name] for name in (*names, *(column for column, _ in where))]
    given = (*names, *(name for _, name in where))
    quoted = [_quoted(dialect, one) for one in columns]
    if dialect.name == _SQLITE:
        source, values = "", ["?"] * len(columns)
    else:
        values = [f"given.v{number}" for number in range(len(columns))]
        source = f" FROM unnest({_lists(dialect, columns)}) AS given ({', '.join(one[6:] for one in values)})"
    pairs = list(zip(quoted, values, strict=True))
    changes = ", ".join(f"{name} = {value}" for name, value in pairs[: len(names)])
    own = "" if dialect.name == _SQLITE else f"{_quoted(dialect, table)}."
    is_it = " AND ".join(f"{own}{name} = {value}" for name, value in pairs[len(names) :])
    sql = f"UPDATE {_quoted(dialect, table)} SET {changes}{source} WHERE {is_it}"  # noqa: S608  # names of our own
    return _Statement(sql=sql, names=given, binds=_binds(dialect, columns))


def _quoted(dialect: Dialect, one: Table | Column[Any]) -> str:
    return dialect.identifier_preparer.quote(one.name)


def _lists(dialect: Dialect, columns: Sequence[Column[Any]]) -> str:
    return ", ".join(f"%s::{dialect.type_compiler_instance.process(one.type)}[]" for one in columns)


def _binds(dialect: Dialect, columns: Sequence[Column[Any]]) -> tuple[Bind, ...]:
    return tuple(one.type.dialect_impl(dialect).bind_processor(dialect) for one in columns)


def _literal(values: Sequence[Any]) -> str:
    """A list as PostgreSQL reads it; the driver's own way takes longer than everything else about a row."""
    return "{" + ",".join(map(_written, values)) + "}"


def _written(value: Any) -> str:
    match value:
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case None:
            return "NULL"
        case bytes():
            return f'"\\\\x{value.hex()}"'
        case bool() | int() | float():
            return str(value)
        case _:
            return f'"{value.isoformat()}"'
