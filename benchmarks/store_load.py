"""Filling a store with ``benchmarks/store_rows.py``: by executemany and COPY, and what the database multiplies itself.

Indices are taken away and made again; keys to other tables are not checked meanwhile.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import psycopg
from psycopg import sql

from benchmarks.store_rows import LISTINGS_PER_CASE, Row, Rows
from scanner.reporting import FOLLOWER

# Of these tables only every tenth listing is given; the database makes the nine that follow it out of that.
MULTIPLIED = frozenset({"listings", "versions"})
_EACH = {
    "listings": (
        "id + k, platform, 'L' || (id + k), (id + k) / 20 + 1, 'https://shop.example/item/' || (id + k), "
        "CASE k WHEN 0 THEN title ELSE title || ' ' || k END, price, currency, CASE k WHEN 0 THEN number ELSE 1 END, "
        "CASE k WHEN 0 THEN content_hash ELSE 'of' || (id + k) || substr(content_hash, 1, 48) END, judged_by, "
        "k = 0, first_seen_at, last_seen_at, gone_why, validator, seen_inspection, seen_partition, seen_attempt"
    ),
    "versions": (
        "listing_row + k, number, "
        "CASE k WHEN 0 THEN content_hash ELSE 'of' || (listing_row + k) || substr(content_hash, 1, 48) END, "
        "seen_at, inspection_id, "
        "replace(replace(listing, '\"L' || listing_row, '\"L' || (listing_row + k)), "
        "'\"s' || (listing_row / 20 + 1) || '\"', '\"s' || ((listing_row + k) / 20 + 1) || '\"'), "
        "judged_by, first_judged_by"
    ),
}
_WHICH = {"listings": "", "versions": "WHERE k = 0 OR number = 1"}
_HEAD = "UPDATE chain_head SET (sequence, hash) = (SELECT sequence, hash FROM events ORDER BY 1 DESC LIMIT 1)"
_FOLLOWED = "INSERT INTO followed (name, sequence) SELECT '{}', sequence FROM chain_head"
# Who follows the history has come to its end. Written last: a store without it was not filled to the end.
FOLLOWERS = (FOLLOWER, "followup")


def chunks(rows: Iterable[Row], size: int = 20_000) -> Iterator[list[Row]]:
    """Some rows at a time."""
    rows = iter(rows)
    while chunk := list(islice(rows, size)):
        yield chunk


def load_sqlite(file: Path, rows: Rows) -> None:
    """Fill a database file that has its tables."""
    raw = sqlite3.connect(file, isolation_level=None)
    raw.execute("PRAGMA journal_mode = OFF")
    raw.execute("PRAGMA synchronous = OFF")
    raw.execute("PRAGMA cache_size = -1000000")
    raw.execute("PRAGMA temp_store = FILE")
    indices = raw.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL").fetchall()
    for name, _ in indices:
        raw.execute(f"DROP INDEX {name}")
    raw.execute("BEGIN")
    for table, (columns, found) in rows.tables().items():
        _fill(raw, table, columns.split(), found)
    raw.executemany("INSERT INTO case_search (rowid, pieces) VALUES (?, ?)", rows.search())
    raw.execute("INSERT INTO case_search (case_search) VALUES ('optimize')")
    for _, statement in indices:
        raw.execute(statement)
    for name in FOLLOWERS:
        raw.execute(_FOLLOWED.format(name))
    raw.execute("COMMIT")
    raw.execute("ANALYZE")
    raw.execute("PRAGMA journal_mode = WAL")
    raw.close()


def _fill(raw: sqlite3.Connection, table: str, names: list[str], found: Iterable[Row]) -> None:
    columns = ", ".join(names)
    into = f"temp.{table}" if table in MULTIPLIED else table
    if table in MULTIPLIED:
        raw.execute(f"CREATE TEMP TABLE {table} AS SELECT {columns} FROM main.{table} LIMIT 0")
    insert = f"INSERT INTO {into} ({columns}) VALUES ({', '.join('?' * len(names))})"
    for chunk in chunks(found):
        raw.executemany(insert, chunk)
    if table in MULTIPLIED:
        numbers = " UNION ALL ".join(f"SELECT {k} AS k" for k in range(LISTINGS_PER_CASE))
        found_in = f"temp.{table} CROSS JOIN ({numbers}) {_WHICH[table]}"
        raw.execute(f"INSERT INTO main.{table} ({columns}) SELECT {_EACH[table]} FROM {found_in}")
        raw.execute(f"DROP TABLE temp.{table}")
    elif table == "events":
        raw.execute(_HEAD)


def load_postgresql(url: str, rows: Rows) -> None:
    """Fill a database that has its tables."""
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as raw:
        raw.execute("SET session_replication_role = replica")
        raw.execute("SET timezone = 'UTC'")
        raw.execute("SET maintenance_work_mem = '1GB'")
        raw.execute("SET synchronous_commit = off")
        query = (
            "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND indexname NOT IN "
            "(SELECT conname FROM pg_constraint) AND indexname NOT LIKE 'alembic%'"
        )
        indices = raw.execute(query).fetchall()
        for name, _ in indices:
            raw.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
        for table, (columns, found) in rows.tables().items():
            _copy(raw, table, columns.split(), found)
        raw.execute(_HEAD)
        for _, statement in indices:
            raw.execute(statement)
        for name in FOLLOWERS:
            raw.execute(_FOLLOWED.format(name))
        raw.execute("VACUUM ANALYZE")
        raw.execute("CHECKPOINT")


def _copy(raw: psycopg.Connection, table: str, names: list[str], found: Iterable[Row]) -> None:
    columns = ", ".join(names)
    into = f"some_{table}" if table in MULTIPLIED else table
    if table in MULTIPLIED:
        raw.execute(f"CREATE TEMP TABLE {into} AS SELECT {columns} FROM {table} LIMIT 0")
    with raw.cursor().copy(f"COPY {into} ({columns}) FROM STDIN") as copy:
        for chunk in chunks(found):
            copy.write("".join(map(copied, chunk)))
    if table in MULTIPLIED:
        key = "id" if names[0] == "id" else "listing_row"
        numbers = f"generate_series({key} - {key}, {LISTINGS_PER_CASE - 1}) AS k"
        raw.execute(f"INSERT INTO {table} ({columns}) SELECT {_EACH[table]} FROM {into}, {numbers} {_WHICH[table]}")
        raw.execute(f"DROP TABLE {into}")
    if names[0] == "id":
        raw.execute(f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT max(id) FROM {table}))")


def copied(row: Row) -> str:
    """A row as COPY reads it."""
    fields = ("\\N" if field is None else str(field) for field in row)
    return "\t".join(field.replace("\n", "\\n") if "\n" in field else field for field in fields) + "\n"
