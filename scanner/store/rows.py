"""What all parts of a transaction stand on: the connection, and writing many rows with one statement."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Table,
    any_,
    bindparam,
    func,
    insert,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite


class Rows:
    """A part of a transaction: what it reads and writes goes through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def flush(self) -> None:
        """Write what is held back until it is read or the transaction ends. Each part writes its own."""

    def _insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self._connection.execute(insert(table), [dict(row) for row in rows])

    def _insert_new(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        """Insert what is not there; a row that somebody else is just inserting is waited for, and is there then."""
        if rows:
            dialect = sqlite if self._connection.dialect.name == "sqlite" else postgresql
            self._connection.execute(dialect.insert(table).on_conflict_do_nothing(), [dict(row) for row in rows])

    def _one_of(self, column: ColumnElement[int], numbers: Collection[int]) -> ColumnElement[bool]:
        """Whether a column is one of many numbers, given in one piece: to bind each takes longer than to ask."""
        ordered = sorted(numbers)
        if self._connection.dialect.name == "sqlite":
            each = func.json_each(json.dumps(ordered)).table_valued("value")
            return column.in_(select(each.c.value))
        return column == any_(literal(ordered, postgresql.ARRAY(BigInteger)))

    def _change(self, table: Table, rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> None:
        """Write the columns ``names`` of the rows whose ``id`` is given as ``row``.

        In the order of their numbers: two that change the same rows wait for each other instead of crosswise.
        """
        if rows:
            change = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
            ordered = sorted(rows, key=lambda row: int(row["row"]))
            values = [{"row": row["row"], **{f"new_{name}": row[name] for name in change}} for row in ordered]
            self._connection.execute(update(table).where(table.c.id == bindparam("row")).values(change), values)
