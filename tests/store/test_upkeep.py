"""Checking a database, copying it, and putting the copy back, on both databases."""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from scanner import audit
from scanner.errors import Conflict, DelistError, InputError, StoreError, StoreUnavailable
from scanner.moderation import cases
from scanner.store import Store, schema, upkeep
from tests import postgres
from tests.fakes import GRAVE, NOON, Intake, fetched

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture(autouse=True)
def programs(monkeypatch: pytest.MonkeyPatch) -> None:
    """``pg_dump`` and ``pg_restore`` are those of the server that the suite has started."""
    if (folder := postgres.programs()) is not None:
        monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")


@pytest.fixture
def filled(store: Store, intake: Intake) -> Store:
    """Three cases."""
    intake(*(fetched(str(number), GRAVE) for number in range(3)))
    return store


def change(url: str, *statements: str) -> None:
    """Change a database behind Delist's back."""
    engine = create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.execute(text(statement))
    engine.dispose()


def test_a_copy_put_back_is_what_was_copied(filled: Store, store_url: str, tmp_path: Path) -> None:
    """What was done after the backup is gone, what was there before is there, and the history is sound."""
    copy = tmp_path / "copies" / "delist.backup"
    size = upkeep.backup(store_url, copy)
    before = cases.queue(filled).rows
    with filled.transaction() as tx:
        audit.append(tx, actor=audit.SYSTEM, kind="test.noted", subject="test:1", at=NOON)
    filled.close()

    with pytest.raises(Conflict, match="there is something in it"):
        upkeep.restore(store_url, copy)
    condition = upkeep.restore(store_url, copy, force=True)

    assert (condition.faults, condition.revision) == ((), schema.HEAD)
    assert (copy.stat().st_size, copy.stat().st_mode & 0o777) == (size, 0o600)
    with Store.open(store_url) as again:
        assert cases.queue(again).rows == before
        assert audit.verify(again).is_sound
    with pytest.raises(Conflict, match="there is such a file"):
        upkeep.backup(store_url, copy)


def test_a_copy_goes_into_an_empty_database_unasked(
    filled: Store, store_url: str, empty_url: str, tmp_path: Path
) -> None:
    """Nothing can be lost there."""
    upkeep.backup(store_url, tmp_path / "copy")
    filled.close()
    elsewhere = empty_url if empty_url != store_url else f"sqlite:///{tmp_path / 'elsewhere' / 'delist.db'}"

    assert upkeep.restore(elsewhere, tmp_path / "copy").faults == ()
    with Store.open(elsewhere) as again:
        assert cases.queue(again).total == 3


@pytest.mark.databases("sqlite")
def test_what_was_there_before_a_restore_is_kept_beside(filled: Store, store_url: str, tmp_path: Path) -> None:
    """Whoever restores the wrong copy has lost nothing."""
    Store.open(f"sqlite:///{tmp_path / 'other.db'}").close()
    upkeep.backup(f"sqlite:///{tmp_path / 'other.db'}", tmp_path / "copy")
    upkeep.restore(store_url, tmp_path / "copy", force=True)

    with Store.open(f"sqlite:///{tmp_path / 'delist.db.before-restore'}") as kept:
        assert cases.queue(kept).total == 3


@pytest.mark.databases("sqlite")
def test_a_copy_is_of_one_moment_while_others_write(filled: Store, store_url: str, tmp_path: Path) -> None:
    """Writers are not kept waiting, and the copy's history is sound at whatever moment it was taken."""
    done = threading.Event()

    def write() -> None:
        while not done.is_set():
            with filled.transaction() as tx:
                audit.append(tx, actor=audit.SYSTEM, kind="test.noted", subject="test:1", at=NOON)

    writer = threading.Thread(target=write)
    writer.start()
    for number in range(5):
        upkeep.backup(store_url, tmp_path / f"copy{number}")
    done.set()
    writer.join()

    for number in range(5):
        assert upkeep.check(f"sqlite:///{tmp_path / f'copy{number}'}").faults == ()


def test_a_whole_database_has_no_faults(filled: Store, store_url: str) -> None:
    """And one where nothing is yet has none either."""
    assert upkeep.check(store_url).faults == ()
    assert upkeep.upgrade(store_url) == (schema.HEAD, schema.HEAD)


@pytest.mark.parametrize(
    ("statement", "fault"),
    [
        ("DELETE FROM events WHERE sequence = 3", "the history ends at event 2; the head names event 3"),
        ("DELETE FROM chain_head", "the head of the history is missing"),
        ("DROP TABLE claim_drafts", "table claim_drafts is missing"),
        ("UPDATE alembic_version SET version_num = '0999'", "written by a later version"),
    ],
)
def test_faults_are_named(empty_url: str, statement: str, fault: str) -> None:
    """What is missing or does not fit is said in words."""
    with Store.open(empty_url) as opened, opened.transaction() as tx:
        for _ in range(3):
            audit.append(tx, actor=audit.SYSTEM, kind="test.noted", subject="test:1", at=NOON)
    change(empty_url, statement)

    assert [one for one in upkeep.check(empty_url).faults if fault in one]


@pytest.mark.databases("sqlite")
def test_rows_that_point_to_nothing_and_damage_are_named(filled: Store, store_url: str, tmp_path: Path) -> None:
    """Of a file that somebody has written into."""
    filled.close()
    with closing(sqlite3.connect(tmp_path / "delist.db")) as raw:
        raw.execute("DELETE FROM listings WHERE id = 2")
        raw.commit()
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    assert "points to nothing in listings" in " ".join(upkeep.check(store_url).faults)

    bytes_ = bytearray((tmp_path / "delist.db").read_bytes())
    bytes_[8192:40960] = b"\xff" * 32768
    (tmp_path / "delist.db").write_bytes(bytes_)
    with pytest.raises(StoreUnavailable, match="malformed"):
        upkeep.check(store_url)


def text_file(file: Path) -> Path:
    """No backup."""
    file.write_text("This is a letter. " * 400)
    return file


def someone_elses(file: Path) -> Path:
    """An SQLite file that is not Delist's."""
    with closing(sqlite3.connect(file)) as raw:
        raw.execute("CREATE TABLE notes (id INTEGER)")
    return file


@pytest.mark.parametrize(
    ("made", "error"),
    [(text_file, DelistError), (someone_elses, DelistError), (lambda file: file, InputError)],
    ids=["text", "other", "missing"],
)
def test_what_is_no_backup_is_refused_and_changes_nothing(
    filled: Store, store_url: str, tmp_path: Path, made: Callable[[Path], Path], error: type[DelistError]
) -> None:
    """Even with --force."""
    with pytest.raises(error) as raised:
        upkeep.restore(store_url, made(tmp_path / "letter"), force=True)

    assert raised.value.hint
    assert cases.queue(filled).total == 3


@pytest.mark.databases("postgresql")
def test_without_its_programs_one_is_told_what_to_install(
    store_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL is copied by PostgreSQL."""
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(StoreError, match="pg_dump is not installed") as raised:
        upkeep.backup(store_url, tmp_path / "copy")

    assert "postgresql-client" in raised.value.hint
    assert not (tmp_path / "copy").exists()
