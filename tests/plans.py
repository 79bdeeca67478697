"""Reading how a database would answer: the statements that were run, and what in their plans reads a whole table.

Both databases are asked about tables of a few rows, which a planner would rather read whole; so PostgreSQL is told not
to where an index serves, and SQLite's planner knows no sizes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, event

from scanner.store import Store, Transaction
from scanner.store.tables import metadata

# Tables of a few rows, whatever happens.
SMALL = frozenset({"chain_head", "platforms", "sources", "people", "json_each"})

# Indices of what waits: to read one whole is to read what was asked for.
_PARTIAL = ("ix_takedowns_unsent", "ix_takedowns_leased", "ix_desk", "uq_approvals_one_asked")
_INDEX_SCANS = frozenset({"Index Scan", "Index Only Scan", "Bitmap Index Scan"})


@contextmanager
def statements(store: Store) -> Iterator[list[tuple[str, Any]]]:
    """The queries that are run in the block, with what they were given."""
    run: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, parameters: Any, *_: Any) -> None:
        if statement.lstrip().startswith("SELECT"):
            run.append((statement, parameters))

    event.listen(store._engine, "before_cursor_execute", note)
    try:
        yield run
    finally:
        event.remove(store._engine, "before_cursor_execute", note)


def whole_tables(tx: Transaction, statement: str, parameters: Any) -> list[str]:
    """The steps of a statement's plan that read a table, or an index, from end to end."""
    if tx._connection.dialect.name == "sqlite":
        return [step for step in steps_of(tx, statement, parameters) if is_whole(step)]
    nodes = list(
        nodes_of(tx._connection, statement, parameters, never=("seqscan", "bitmapscan", "mergejoin", "hashjoin"))
    )
    return [
        f"{node['Node Type']} {node.get('Relation Name', node.get('Index Name'))}" for node in nodes if reads_all(node)
    ]


def sorts(tx: Transaction, statement: str, parameters: Any) -> list[str]:
    """The steps that put rows in order which no index gave in order."""
    if tx._connection.dialect.name == "sqlite":
        return [step for step in steps_of(tx, statement, parameters) if "ORDER BY" in step]
    nodes = nodes_of(tx._connection, statement, parameters, never=("seqscan", "bitmapscan", "sort"))
    return [node["Node Type"] for node in nodes if node["Node Type"] == "Sort"]


def steps_of(tx: Transaction, statement: str, parameters: Any) -> list[str]:
    """SQLite's plan, step by step."""
    return [row[3] for row in tx._connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", parameters)]


def is_whole(step: str) -> bool:
    """Whether a step of SQLite's goes through a whole table; the full-text table says at its end that it does not."""
    verb, _, rest = step.partition(" ")
    name = rest.split(" ")[0]
    return verb == "SCAN" and (name in metadata.tables or name[:-2] in metadata.tables) and name not in SMALL


def nodes_of(
    connection: Connection, statement: str, parameters: Any, *, never: Sequence[str]
) -> Iterator[dict[str, Any]]:
    """PostgreSQL's plan if it ``never`` goes these ways unless there is no other."""
    for way in never:
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = off")
    told = connection.exec_driver_sql(f"EXPLAIN (FORMAT JSON) {statement}", parameters).scalar_one()
    for way in never:
        connection.exec_driver_sql(f"SET LOCAL enable_{way} = on")
    waiting = [told[0]["Plan"]]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += node.get("Plans", [])


def reads_all(node: dict[str, Any]) -> bool:
    """Whether a step of PostgreSQL's goes through a whole table, or through a whole index of more than a few rows."""
    if node.get("Relation Name") in SMALL:
        return False
    is_partial = str(node.get("Index Name", "")).startswith(_PARTIAL)
    unled = node["Node Type"] in _INDEX_SCANS and "Index Cond" not in node and not is_partial
    return node["Node Type"] == "Seq Scan" or unled
