"""What all tables share: their collection, how constraints are named, and keys that number themselves."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, Integer, MetaData

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows itself only for INTEGER keys; PostgreSQL gets room for more than two thousand million.
Big = BigInteger().with_variant(Integer(), "sqlite")


def row_id() -> Column[int]:
    """A key that the database gives."""
    return Column("id", Big, primary_key=True, autoincrement=True)
