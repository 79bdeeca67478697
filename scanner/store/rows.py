"""What all parts of a transaction stand on: the connection, and writing many rows with one statement."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, update


class Rows:
    """A part of a transaction: what it reads and writes goes through one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def _insert(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> None:
        if rows:
            self._connection.execute(insert(table), [dict(row) for row in rows])

    def _change(self, table: Table, rows: Sequence[Mapping[str, Any]], names: Iterable[str]) -> None:
        """Write the columns ``names`` of the rows whose ``id`` is given as ``row``."""
        if rows:
            change = {name: bindparam(f"new_{name}", type_=table.c[name].type) for name in names}
            values = [{"row": row["row"], **{f"new_{name}": row[name] for name in change}} for row in rows]
            self._connection.execute(update(table).where(table.c.id == bindparam("row")).values(change), values)
