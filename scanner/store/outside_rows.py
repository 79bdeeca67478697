"""Rows of what passes between Delist and people outside, read and written as records of ``scanner.outside``."""

from __future__ import annotations

from typing import Any, TypeVar

import msgspec
from sqlalchemy import ColumnElement, RowMapping, Select, Table, insert, update

from scanner.store.rows import Rows

S = TypeVar("S", bound=msgspec.Struct)


def record(kind: type[S], row: RowMapping) -> S:
    """A row as a record: columns and fields have the same names."""
    return kind(**{name: row[name] for name in kind.__struct_fields__})


def columns(one: msgspec.Struct) -> dict[str, Any]:
    """A record's fields without its number, which the store gives."""
    return {name: getattr(one, name) for name in one.__struct_fields__ if name != "id"}


class Outside(Rows):
    """What the rooms of this side have in common: adding a record, and writing one back by compare-and-set."""

    def _locked(self, query: Select[Any]) -> Select[Any]:
        """The query, its rows locked until the transaction ends if it may write; who only reads makes nobody wait."""
        writes = self._connection.get_execution_options().get("delist_write", False)
        return query.with_for_update() if writes else query

    def _add(self, table: Table, one: S, **more: Any) -> S:
        number = self._connection.execute(insert(table).returning(table.c.id), columns(one) | more).scalar_one()
        return msgspec.structs.replace(one, id=number)

    def _save(self, table: Table, after: msgspec.Struct, is_before: ColumnElement[bool], **more: Any) -> bool:
        """``False`` if somebody has changed the row since it was read."""
        return self._connection.execute(update(table).where(is_before).values(columns(after) | more)).rowcount == 1
