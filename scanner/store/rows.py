"""What all parts of a transaction stand on: the connection, and writing many rows with one statement."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import BigInteger, ColumnElement, Connection, Table, Text, any_, func, literal, select
from sqlalchemy.dialects import postgresql

from scanner.store import many


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
        return self._given(column, sorted(numbers), BigInteger)

    def _one_of_texts(self, column: ColumnElement[str], texts: Collection[str]) -> ColumnElement[bool]:
        """The same of texts, as they are kept: without NUL."""
        return self._given(column, sorted(one.replace("\0", "\ufffd") for one in texts), Text)

    def _given(self, column: ColumnElement[Any], ordered: Sequence[Any], kind: type[Any]) -> ColumnElement[bool]:
        if self._connection.dialect.name == "sqlite":
            each = func.json_each(json.dumps(ordered)).table_valued("value")
            return column.in_(select(each.c.value))
        return column == any_(literal(ordered, postgresql.ARRAY(kind)))

    def _change(self, table: Table, rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> None:
        """Write the columns ``names`` of the rows whose ``id`` is given as ``row``, in the order of their numbers."""
        ordered = sorted(rows, key=lambda row: int(row["row"]))
        many.change(self._connection, table, ordered, names, where={"id": "row"})
