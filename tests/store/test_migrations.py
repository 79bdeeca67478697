"""The tables as migrations make them, up and down, against what the code says."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, event, inspect

from scanner.errors import StoreUnavailable
from scanner.store import database, schema
from scanner.store.tables import metadata


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A file where nothing is yet."""
    made = database.connect(f"sqlite:///{tmp_path / 'delist.db'}")
    yield made
    made.dispose()


def tables(engine: Engine) -> set[str]:
    """What tables there are, Alembic's own left out."""
    return set(inspect(engine).get_table_names()) - {"alembic_version"}


def test_migrations_make_what_the_code_says(engine: Engine) -> None:
    """Nothing differs between a migrated database and the tables in the code."""
    schema.prepare(engine)

    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []


def test_every_step_goes_down_and_up_again(engine: Engine) -> None:
    """Down to nothing and up again ends with the same tables."""
    schema.prepare(engine)
    made = tables(engine)

    schema.migrate(engine, schema.EMPTY)
    assert tables(engine) == set()

    schema.migrate(engine, schema.HEAD)
    assert tables(engine) == made == set(metadata.tables)


def test_the_code_knows_the_newest_revision() -> None:
    """The revision that the code names is the only head, and revisions are numbered in order."""
    script = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    revisions = [revision.revision for revision in script.walk_revisions()]

    assert script.get_heads() == [schema.HEAD]
    assert revisions == sorted(revisions, reverse=True)


def test_a_migration_that_fails_leaves_nothing(tmp_path: Path) -> None:
    """A fresh database whose making ran out of disk is as fresh as before."""
    file = tmp_path / "small.db"
    engine = database.connect(f"sqlite:///{file}")
    event.listen(engine, "connect", lambda raw, _: raw.execute("PRAGMA max_page_count = 20"))

    with pytest.raises(StoreUnavailable, match="full"):
        schema.prepare(engine)

    assert inspect(engine).get_table_names() == []
    engine.dispose()
    engine = database.connect(f"sqlite:///{file}")
    schema.prepare(engine)
    assert tables(engine) == set(metadata.tables)
    engine.dispose()
