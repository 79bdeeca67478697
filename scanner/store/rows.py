"""What all parts of a transaction stand on: the connection, and writing many rows with one statement."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Integer,
    Table,
    Text,
    any_,
    bindparam,
    func,
    literal,
    select,
)
from sqlalchemy.dialects import postgresql

from scanner.store import many

# No values yet: they are given when the statement is run.
NOT_YET = object()


class Rows:
    """A part of a transaction: what it reads and writes goes through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def flush(self) -> None:
        """Write what is held back until it is read or the transaction ends. Each part writes its own."""

    def _insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        many.insert(self._connection, table, rows)

    def _insert_new(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert what is not there; a row that somebody else is just inserting is waited for, and is there then."""
        many.insert(self._connection, table, rows, ignoring=True)

    def _one_of(self, column: ColumnElement[int], numbers: Collection[int]) -> ColumnElement[bool]:
        """Whether a column is one of many numbers, given in one piece: to bind each takes longer than to ask."""
        return among(self._dialect, column, self._given(numbers))

    def _one_of_texts(self, column: ColumnElement[str], texts: Collection[str]) -> ColumnElement[bool]:
        """The same of texts, as they are kept: without NUL."""
        return among(self._dialect, column, self._given(one.replace("\0", "\ufffd") for one in texts))

    @property
    def _dialect(self) -> str:
        return self._connection.dialect.name

    def _given(self, values: Iterable[Any]) -> Any:
        """Many values in one piece, for ``among``."""
        ordered = sorted(values)
        return json.dumps(ordered) if self._dialect == "sqlite" else ordered

    def _change(self, table: Table, rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> None:
        """Write the columns ``names`` of the rows whose ``id`` is given as ``row``, in the order of their numbers."""
        ordered = sorted(rows, key=lambda row: int(row["row"]))
        many.change(self._connection, table, ordered, names, where={"id": "row"})


def among(
    dialect: str, column: ColumnElement[Any], values: Any = NOT_YET, *, named: str = "given"
) -> ColumnElement[bool]:
    """Whether a column is one of ``values``, which are in one piece; without them it is one of those given then under
    the name ``named``."""
    kind = Text() if dialect == "sqlite" else _list_of(column)
    many_values = bindparam(named, type_=kind) if values is NOT_YET else literal(values, kind)
    if dialect == "sqlite":
        return column.in_(select(func.json_each(many_values).table_valued("value").c.value))
    return column == any_(many_values)


def _list_of(column: ColumnElement[Any]) -> postgresql.ARRAY[Any]:
    return postgresql.ARRAY(BigInteger if isinstance(column.type, Integer) else Text)
