"""Opening the database, transactions, and what a person is told when it cannot be used."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import delete, insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import IntegrityError

from scanner import audit
from scanner.errors import NewerDatabase, StoreError, StoreUnavailable, Unstorable
from scanner.model import RunState
from scanner.store import Store, Transaction, database
from scanner.store.tables import cases, runs, sellers
from tests.fakes import NOON, limit_disk


def url(file: Path) -> str:
    """The address of an SQLite file."""
    return f"sqlite:///{file}"


def note(tx: Transaction, kind: str = "test.noted") -> None:
    """Write something."""
    audit.append(tx, actor=audit.SYSTEM, kind=kind, subject="test:1", at=NOON)


def count(store: Store) -> int:
    """How many events there are."""
    with store.reading() as tx:
        return tx.chain_head().sequence


def test_a_fresh_database_is_made_with_its_folder(tmp_path: Path) -> None:
    """Opening an address where nothing is makes folder, file and tables, ready to write."""
    with Store.open(url(tmp_path / "new" / "delist.db")) as store:
        with store.transaction() as tx:
            note(tx)

        assert count(store) == 1


def test_opening_again_keeps_what_is_there(tmp_path: Path) -> None:
    """A second opening finds what the first one wrote."""
    with Store.open(url(tmp_path / "delist.db")) as store, store.transaction() as tx:
        note(tx)

    with Store.open(url(tmp_path / "delist.db")) as store:
        assert count(store) == 1


def test_many_may_open_a_fresh_database_at_once(tmp_path: Path) -> None:
    """Eight that meet at a fresh database all get it, and it is made once."""
    opened: list[Store] = []
    failed: list[Exception] = []
    together = threading.Barrier(8)

    def open_it() -> None:
        together.wait()
        try:
            opened.append(Store.open(url(tmp_path / "delist.db")))
        except StoreError as error:
            failed.append(error)

    threads = [threading.Thread(target=open_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (failed, [count(store) for store in opened]) == ([], [0] * 8)
    for store in opened:
        store.close()


def test_leaving_by_an_exception_undoes_all_of_it(store: Store) -> None:
    """What a transaction wrote before it failed is not there."""

    def fail() -> None:
        with store.transaction() as tx:
            note(tx)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        fail()

    assert count(store) == 0


def test_a_reader_sees_one_moment(store: Store) -> None:
    """What is committed while somebody reads is not seen by that reader."""
    with store.reading() as reader:
        before = reader.chain_head()
        with store.transaction() as tx:
            note(tx)

        assert reader.chain_head() == before

    assert count(store) == 1


def test_a_second_writer_waits_for_the_first(tmp_path: Path) -> None:
    """Four threads that write fifty times each lose nothing and meet no locked database."""
    with Store.open(url(tmp_path / "delist.db")) as store:

        def write() -> None:
            for _ in range(50):
                with store.transaction() as tx:
                    note(tx)

        threads = [threading.Thread(target=write) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

        assert count(store) == 200
        assert audit.verify(store).is_sound


def newer(file: Path) -> str:
    """A database as a later version would leave it."""
    Store.open(url(file)).close()
    with sqlite3.connect(file) as raw:
        raw.execute("UPDATE alembic_version SET version_num = '0999'")
    raw.close()
    return url(file)


def garbage(file: Path) -> str:
    """A file that is no database."""
    file.write_bytes(b"This is a letter, and a rather long one. " * 50)
    return url(file)


def foreign(file: Path) -> str:
    """Somebody else's database that has a table of a name of ours."""
    with sqlite3.connect(file) as raw:
        raw.execute("CREATE TABLE listings (id INTEGER)")
    raw.close()
    return url(file)


def in_a_file(file: Path) -> str:
    """An address in a folder that is a file."""
    file.write_text("not a folder")
    return url(file / "delist.db")


@pytest.mark.parametrize(
    ("made", "error", "says"),
    [
        (newer, NewerDatabase, "later version"),
        (garbage, StoreUnavailable, "not a database"),
        (foreign, StoreError, "'listings' that Delist did not make"),
        (in_a_file, StoreUnavailable, "exists"),
        (lambda _: "postgres//nonsense", StoreError, "not a usable database address"),
        (lambda _: "nosuch://host/name", StoreError, "not a usable database address"),
    ],
)
def test_what_cannot_be_used_is_named_with_what_to_do(
    tmp_path: Path, made: Callable[[Path], str], error: type[StoreError], says: str
) -> None:
    """A database that cannot be used raises the error for it, which says what, where, and what to do."""
    with pytest.raises(error, match=says) as raised:
        Store.open(made(tmp_path / "some.db"))

    assert raised.value.hint
    assert raised.value.exit_code == 2


def test_a_locked_database_is_unavailable(tmp_path: Path) -> None:
    """A writer that waited long enough is told that another process writes."""
    file = tmp_path / "delist.db"
    with Store.open(url(file), busy_seconds=0.05) as store:
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        with pytest.raises(StoreUnavailable, match="locked") as raised, store.transaction():
            pass

        other.close()
        assert "Another process" in raised.value.hint


def test_a_read_only_database_is_unavailable_for_writing_only(tmp_path: Path) -> None:
    """Where nothing can be written one can still read."""
    file = tmp_path / "delist.db"
    Store.open(url(file)).close()
    with Store.open(f"sqlite:///file:{file}?mode=ro&uri=true") as store:
        assert count(store) == 0
        with pytest.raises(StoreUnavailable, match="readonly"), store.transaction() as tx:
            note(tx)


def test_a_full_disk_leaves_nothing_half_written(store: Store) -> None:
    """A transaction that the disk has no room for is undone, and the store can be used when there is room again."""
    limit_disk(store, pages=2)

    def write() -> None:
        with store.transaction() as tx:
            for _ in range(500):
                note(tx)

    with pytest.raises(StoreUnavailable, match="full") as raised:
        write()

    assert "Free some space" in raised.value.hint
    assert count(store) == 0
    limit_disk(store, pages=1_000_000)
    with store.transaction() as tx:
        note(tx)
    assert count(store) == 1


def test_the_place_names_no_password() -> None:
    """Where the database is can be printed."""
    assert database.place(make_url("sqlite:////var/delist.db")) == "/var/delist.db"
    assert "secret" not in database.place(make_url("postgresql+psycopg://me:secret@host/delist"))


def test_a_moment_without_zone_is_refused(store: Store) -> None:
    """A naive datetime never reaches a table."""
    values = {"source": "demo", "slot": NOON.replace(tzinfo=None), "state": "running", "started_at": NOON, "detail": ""}

    with pytest.raises(Unstorable, match="time zone"), store.transaction() as tx:
        tx._connection.execute(insert(runs), values)


def test_nul_in_a_text_is_replaced(store: Store) -> None:
    """What PostgreSQL would refuse is written alike on every database."""
    seller = {
        "platform": "demo",
        "key": "id:1",
        "name": "Sh\0op",
        "kind": "unknown",
        "licences": ("telecom",),
        "first_seen_at": NOON,
        "last_seen_at": NOON,
    }
    with store.transaction() as tx:
        tx._connection.execute(insert(sellers), seller)
        row = tx._connection.execute(select(sellers.c.name, sellers.c.licences, sellers.c.last_seen_at)).one()

    assert tuple(row) == ("Sh\ufffdop", ("telecom",), NOON)


def test_the_database_itself_allows_one_open_case_a_listing(store: Store) -> None:
    """Whatever a program does wrong, a second open case on one listing is refused."""
    with store.reading() as tx:
        indices = tx._connection.execute(text("SELECT sql FROM sqlite_master WHERE name = 'uq_cases_one_open'"))
        assert "UNIQUE" in indices.scalar_one()

    with store.transaction() as tx:
        tx._connection.exec_driver_sql("PRAGMA defer_foreign_keys = ON")
        tx._connection.execute(insert(cases), _case())
        with pytest.raises(IntegrityError, match="UNIQUE"):
            tx._connection.execute(insert(cases), _case())
        tx._connection.execute(delete(cases))


def _case() -> dict[str, object]:
    return {
        "listing_row": 1,
        "source": "demo",
        "version": 1,
        "state": "open",
        "revision": 1,
        "severity": "S4",
        "action": "hold",
        "priority": 1,
        "category": "",
        "categories": (),
        "rules": (),
        "reason": "",
        "opened_at": NOON,
        "updated_at": NOON,
        "due_at": NOON,
        "decided_hash": "",
        "claimed_by": "",
        "token": 0,
    }


def test_a_slot_is_claimed_once(store: Store) -> None:
    """Of two that claim a slot of a source one gets the run; its end is written once."""
    first = store.claim_run(source="demo", slot=NOON, at=NOON)
    second = store.claim_run(source="demo", slot=NOON, at=NOON)
    other = store.claim_run(source="other", slot=NOON, at=NOON, state=RunState.SKIPPED, detail="too late")

    assert first is not None
    assert second is None
    assert other is not None
    assert other.finished_at == NOON
    assert store.finish_run(first.id, state=RunState.FINISHED, at=NOON)
    assert not store.finish_run(first.id, state=RunState.LOST, at=NOON)
    assert [run.state for run in store.recent_runs("demo")] == [RunState.FINISHED]
