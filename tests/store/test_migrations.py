"""The tables as migrations make them, up and down, with data in them, against what the code says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Boolean,
    Column,
    Connection,
    Date,
    Engine,
    Float,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    event,
    func,
    insert,
    inspect,
    select,
)

from scanner import audit
from scanner.errors import StoreUnavailable
from scanner.model import Ruling
from scanner.moderation import cases
from scanner.records import QueueFilter
from scanner.rulebook import Rulebook
from scanner.store import Store, database, schema
from scanner.store.tables import metadata
from scanner.store.types import Code, Json, Moment
from tests.fakes import ALONE, GRAVE, LI, NOON, PLAIN, WANG, Clock, Intake, fetched

pytestmark = pytest.mark.databases("sqlite", "postgresql")

MIGRATIONS = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
REVISIONS = sorted(revision.revision for revision in MIGRATIONS.walk_revisions())

# What is kept of a table: its rows by key, each as column -> value.
Rows = dict[tuple[Any, ...], dict[str, Any]]

# Columns that a migration works out anew, each from what it says.
WORKED_OUT = {
    ("case_labels", "place"): "priority and due moment",
    ("cases", "priority"): "severity and certainty",
    ("cases", "desk"): "state",
    ("case_words", "words"): "what the version under review says",
}
# Rows that an earlier version does not know, and that are made again on the way up.
MADE_AGAIN = {("case_labels", "kind", kind) for kind in ("state", "desk", "language")}


@pytest.fixture
def engine(empty_url: str) -> Iterator[Engine]:
    """A database where nothing is yet."""
    made = database.connect(empty_url)
    yield made
    made.dispose()


@pytest.fixture
def full(empty_url: str, small_rulebook: Rulebook, tmp_path: Path) -> str:
    """A database in which there is something in every table."""
    with Store.open(empty_url) as store:
        intake = Intake(store, small_rulebook, tmp_path / "spool", Clock())
        intake(*(fetched(str(number), GRAVE if number % 2 else PLAIN) for number in range(6)), b"no observation")
        for case_id, ruling, reason in ((1, Ruling.REMOVE, "prohibited_goods"), (2, Ruling.KEEP, "lawful_goods")):
            cases.decide(store, case_id, ruling, reason=reason, actor=WANG, revision=1, now=NOON, policy=ALONE)
        cases.claim(store, 3, actor=LI, now=NOON)
        with store.transaction() as tx:
            for table in metadata.sorted_tables:
                fill(tx._connection, table)
    return empty_url


def fill(connection: Connection, table: Table) -> None:
    """One row with something of every type, where a table is empty."""
    if connection.scalar(select(func.count()).select_from(table)):
        return
    values = {column.name: example(connection, column) for column in table.columns if column.name != "id"}
    connection.execute(insert(table), values)


def example(connection: Connection, column: Column[Any]) -> Any:
    """A value that the column takes; of a foreign key one that is there."""
    for key in column.foreign_keys:
        if (known := connection.scalar(select(func.min(key.column)))) is not None or column.nullable:
            return known
    match column.type:
        case Code():
            return next(iter(column.type.type_))
        case Json():
            return None if column.nullable else written_example(column.type.type_)
        case Moment():
            return NOON
        case Boolean():
            return True
        case Date():
            return NOON.date()
        case LargeBinary():
            return b"a"
        case Integer() | Float():
            return 1
    return "1.5" if column.name == "price" else "a"


def written_example(kind: Any) -> Any:
    """The least that a column of JSON takes."""
    return msgspec.convert(msgspec.json.schema(kind).get("default", least(msgspec.inspect.type_info(kind))), kind)


def least(info: Any) -> Any:
    """The least value of a type, as plain data."""
    match info:
        case msgspec.inspect.StructType():
            needed = (field for field in info.fields if field.required)
            return {field.encode_name: least(field.type) for field in needed}
        case msgspec.inspect.DictType():
            return {}
        case msgspec.inspect.StrType() | msgspec.inspect.AnyType():
            return "a"
        case msgspec.inspect.IntType() | msgspec.inspect.FloatType():
            return 1
        case msgspec.inspect.BoolType():
            return True
        case msgspec.inspect.EnumType():
            return next(iter(info.cls)).value
        case msgspec.inspect.DateTimeType():
            return NOON
        case msgspec.inspect.UnionType():
            return None if info.includes_none else least(info.types[0])
    return []


def tables(engine: Engine) -> set[str]:
    """What tables there are, without Alembic's and those that a search index lies in."""
    found = inspect(engine).get_table_names()
    return {name for name in found if name != "alembic_version" and schema.is_compared(None, name, "table")}


def differences(engine: Engine) -> list[Any]:
    """What the code says otherwise than the database."""
    with engine.connect() as connection:
        options = {"compare_type": True, "include_object": schema.is_compared}
        return list(compare_metadata(MigrationContext.configure(connection, opts=options), metadata))


def contents(engine: Engine) -> dict[str, Rows]:
    """Everything that is in the database, as the database has it."""
    there = MetaData()
    there.reflect(engine, only=lambda name, _: name in tables(engine))
    with engine.connect() as connection:
        return {table.name: rows_of(connection, table) for table in there.sorted_tables}


def rows_of(connection: Connection, table: Table) -> Rows:
    """The rows of a table by their keys."""
    keys = [column.name for column in table.primary_key]
    rows = (dict(row) for row in connection.execute(select(table)).mappings())
    return {tuple(row[key] for key in keys): row for row in rows if not is_made_again(table.name, row)}


def is_made_again(table: str, row: dict[str, Any]) -> bool:
    """Whether an earlier version does not know the row."""
    return any((table, name, value) in MADE_AGAIN for name, value in row.items())


def lost(before: dict[str, Rows], after: dict[str, Rows]) -> list[str]:
    """What of ``before`` is not in ``after``, as far as ``after`` has a place for it."""
    found = []
    for table in before.keys() & after.keys():
        for key, row in before[table].items():
            kept = after[table].get(key)
            if kept is None:
                found.append(f"{table} {key} is gone")
                continue
            same = [name for name in row.keys() & kept.keys() if (table, name) not in WORKED_OUT]
            found += [
                f"{table} {key} {name}: {row[name]!r} -> {kept[name]!r}" for name in same if row[name] != kept[name]
            ]
    return sorted(found)


def test_migrations_make_what_the_code_says(engine: Engine) -> None:
    """Nothing differs between a migrated database and the tables in the code."""
    schema.prepare(engine)

    assert differences(engine) == []


def test_every_step_goes_down_and_up_again(engine: Engine) -> None:
    """Down to nothing and up again ends with the same tables."""
    schema.prepare(engine)
    made = tables(engine)

    schema.migrate(engine, schema.EMPTY)
    assert tables(engine) == set()

    schema.migrate(engine, schema.HEAD)
    assert tables(engine) == made == set(metadata.tables)


def test_nothing_is_lost_on_the_way_down_and_up(full: str, engine: Engine) -> None:
    """Of a database with something in every table each earlier version keeps all that it has a place for, and the way
    up from each ends with a database that can be worked with and whose history is sound."""
    before = contents(engine)
    assert {name for name, rows in before.items() if not rows} == set()

    for revision in reversed(REVISIONS[:-1]):
        schema.migrate(engine, revision)
        old = contents(engine)
        assert lost(before, old) == [], revision

        schema.migrate(engine, schema.HEAD)
        assert lost(old, contents(engine)) == [], revision

    assert differences(engine) == []
    with Store.open(full) as store:
        waiting = cases.queue(store).rows
        assert [row.case.id for row in waiting] == [3]
        assert cases.queue(store, QueueFilter(text=waiting[0].title[:4])).total == 1
        case = waiting[0].case
        given = {"reason": "prohibited_goods", "actor": LI, "revision": case.revision, "policy": ALONE}
        cases.decide(store, case.id, Ruling.REMOVE, now=NOON, **given)
        assert audit.verify(store).is_sound


def test_the_code_knows_the_newest_revision() -> None:
    """The revision that the code names is the only head, and revisions are numbered in order."""
    assert MIGRATIONS.get_heads() == [schema.HEAD]
    assert [revision.revision for revision in MIGRATIONS.walk_revisions()] == REVISIONS[::-1]


@pytest.mark.databases("sqlite")  # whose size can be limited
def test_a_migration_that_fails_leaves_nothing(empty_url: str) -> None:
    """A fresh database whose making ran out of disk is as fresh as before."""
    engine = database.connect(empty_url)
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count = 20"))

    with pytest.raises(StoreUnavailable, match="full"):
        schema.prepare(engine)

    assert inspect(engine).get_table_names() == []
    engine.dispose()
    engine = database.connect(empty_url)
    schema.prepare(engine)
    assert tables(engine) == set(metadata.tables)
    engine.dispose()
