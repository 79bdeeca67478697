"""Column types: moments that are always aware and in UTC, records as JSON text, decimals without loss."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any, TypeVar

import msgspec
from sqlalchemy import DateTime, Dialect, Text
from sqlalchemy.types import TypeDecorator, TypeEngine

T = TypeVar("T")


class Moment(TypeDecorator[datetime]):
    """An aware datetime, kept in UTC. SQLite keeps it without an offset, PostgreSQL as ``timestamptz``.

    A naive datetime is refused: a moment without a zone means something else on every machine.
    """

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """``timestamptz`` where there is one."""
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; without the offset for SQLite."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment needs a time zone: {value!r}")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Back to an aware datetime in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Written(TypeDecorator[str]):
    """Text that somebody else wrote. PostgreSQL refuses NUL in text, so it becomes U+FFFD here, on every database."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Without NUL."""
        return value.replace("\0", "\ufffd") if value and "\0" in value else value


class Money(TypeDecorator[Decimal]):
    """A decimal as text, digit for digit: SQLite has no decimals, and a price is evidence."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Decimal | None, dialect: Dialect) -> str | None:
        """As written."""
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Decimal | None:
        """As it was written."""
        return None if value is None else Decimal(value)


class Json(TypeDecorator[T]):
    """A record or collection of ``type_`` as JSON text, the same bytes for the same value."""

    impl = Text
    cache_ok = True

    def __init__(self, type_: Any = Any) -> None:
        super().__init__()
        self.type_ = type_
        self._decoder = msgspec.json.Decoder(type_)

    def process_bind_param(self, value: T | None, dialect: Dialect) -> str | None:
        """To JSON."""
        return None if value is None else msgspec.json.encode(value, order="deterministic").decode()

    def process_result_value(self, value: str | None, dialect: Dialect) -> T | None:
        """From JSON. What this version of Delist wrote or migrated always decodes."""
        result: T | None = None if value is None else self._decoder.decode(value)
        return result


class Code(TypeDecorator[T]):
    """A ``StrEnum`` by its value, which is stable."""

    impl = Text
    cache_ok = True

    def __init__(self, type_: Any) -> None:
        super().__init__()
        self.type_ = type_

    def process_bind_param(self, value: T | None, dialect: Dialect) -> str | None:
        """The value; a string that is no value of the enum is refused."""
        return None if value is None else str(self.type_(value).value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> T | None:
        """The member."""
        return None if value is None else self.type_(value)
