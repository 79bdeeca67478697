"""Several machines on one database: what they store at the same moment is there once, and none of them fails."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Collection, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from scanner import audit
from scanner.errors import AlreadyRunning, Contention
from scanner.inspection.intake import take_in
from scanner.inspection.records import IntakeCounts
from scanner.model import CaseState, Ruling
from scanner.moderation import cases
from scanner.records import KnownListing
from scanner.rulebook import Rulebook
from scanner.store import Store, Transaction
from scanner.store.tables import findings, listings, sellers, versions
from tests.fakes import GRAVE, LI, NOON, PLAIN, Intake, begin, fetched, only_case, ruled, write_segment

pytestmark = pytest.mark.databases("sqlite", "postgresql")

MACHINES = 4
OFFERS = 120


def together(*work: Callable[[], IntakeCounts]) -> list[IntakeCounts]:
    """Do all of it at the same moment; the first failure is raised."""
    start = threading.Barrier(len(work))

    def at_once(do: Callable[[], IntakeCounts]) -> IntakeCounts:
        start.wait()
        return do()

    with ThreadPoolExecutor(len(work)) as pool:
        return list(pool.map(at_once, work))


def test_machines_that_meet_the_same_listings_store_them_once(
    store: Store, store_url: str, small_rulebook: Rulebook, tmp_path: Path
) -> None:
    """Four that take in the same new listings, each in an order of its own, neither fail nor store anything twice."""
    inspection_id = begin(store)
    offers = [fetched(str(number), GRAVE if number % 3 == 0 else PLAIN) for number in range(OFFERS)]
    stores = [Store.open(store_url) for _ in range(MACHINES)]

    def machine(number: int) -> IntakeCounts:
        lines = random.Random(number).sample(offers, len(offers))
        segment = write_segment(tmp_path / str(number), *lines, name=f"part{number}-0000001.jsonl")
        given = {"rulebook": small_rulebook, "inspection_id": inspection_id, "partition": f"part{number}"}
        return take_in(segment, store=stores[number], **given)

    counts = together(*(lambda number=number: machine(number) for number in range(MACHINES)))
    for opened in stores:
        opened.close()

    with store.reading() as tx:
        tables = {table.name: table for table in (listings, versions, sellers)}
        stored = {name: tx._connection.scalar(select(func.count()).select_from(tables[name])) for name in tables}
        found = tx._connection.scalar(select(func.count(findings.c.listing_row.distinct())))
    assert stored == {"listings": OFFERS, "versions": OFFERS, "sellers": 1}
    assert (sum(one.new for one in counts), sum(one.opened for one in counts)) == (OFFERS, OFFERS // 3)
    assert (found, cases.queue(store, limit=1).total) == (OFFERS // 3, OFFERS // 3)
    assert [one.lines for one in counts] == [OFFERS] * MACHINES
    assert audit.verify(store).is_sound


class Slow:
    """A transaction in which something happens elsewhere, once, right after the known listings were read."""

    def __init__(self, tx: Transaction, meanwhile: list[Callable[[], object]]) -> None:
        self._tx, self._meanwhile = tx, meanwhile

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tx, name)

    def known_listings(self, keys: Collection[tuple[str, str]]) -> dict[tuple[str, str], KnownListing]:
        """As every transaction."""
        known = self._tx.known_listings(keys)
        while self._meanwhile:
            self._meanwhile.pop()()
        return known


class SlowStore:
    """A store whose write transactions are slow."""

    def __init__(self, store: Store, meanwhile: Callable[[], object]) -> None:
        self.reading, self._store, self._meanwhile = store.reading, store, [meanwhile]

    @contextmanager
    def transaction(self) -> Iterator[Slow]:
        """As every store."""
        with self._store.transaction() as tx:
            yield Slow(tx, self._meanwhile)


@pytest.mark.databases("postgresql")  # SQLite keeps the second writer out until the first has ended
def test_a_decision_in_the_middle_of_intake_is_not_overwritten(
    store: Store, intake: Intake, small_rulebook: Rulebook, tmp_path: Path
) -> None:
    """A case that a person decides after intake has read it keeps the decision, and the change is taken in anew."""
    intake(fetched("1", GRAVE))
    case = only_case(store)

    def decide() -> None:
        ruled(store, case.id, Ruling.KEEP)

    segment = write_segment(tmp_path / "spool", fetched("1", GRAVE, description="Now cheaper."), name="two-1.jsonl")
    slow: Any = SlowStore(store, decide)
    counts = take_in(segment, store=slow, rulebook=small_rulebook, inspection_id=1, partition="two")

    assert (counts.changed, counts.reopened) == (1, 1)
    assert (only_case(store).state, only_case(store).ruling) == (CaseState.REOPENED, Ruling.KEEP)


@pytest.mark.databases("postgresql")
def test_a_row_that_somebody_else_has_just_made_is_contention(store: Store) -> None:
    """Whoever meets it is told to try again, and nothing was written."""
    seller = {"platform": "demo", "key": "id:1", "name": "Shop", "kind": "unknown", "licences": ()}
    row = {**seller, "first_seen_at": NOON, "last_seen_at": NOON}
    with store.transaction() as tx:
        tx._connection.execute(insert(sellers), row)

    def insert_it_again() -> None:
        with store.transaction() as tx:
            audit.append(tx, actor=LI, kind="test.noted", subject="test:1", at=NOON)
            tx._connection.execute(insert(sellers), row)

    with pytest.raises(Contention, match="two wrote at once") as raised:
        insert_it_again()

    assert raised.value.hint
    assert audit.verify(store).events == 0


@pytest.mark.databases("postgresql")  # on SQLite lock files do it, and scheduler and crawls have tests of those
def test_one_of_two_machines_is_kept_out_until_the_other_ends(store: Store, store_url: str) -> None:
    """Also when the other's connection breaks in the middle: then nobody is kept out by the dead."""
    with Store.open(store_url) as other:
        with store.alone("scheduler", what="it is running"):
            with pytest.raises(AlreadyRunning, match="it is running"), other.alone("scheduler", what="it is running"):
                pass
            with other.alone("something else", what="it is running"):
                pass
            with other.transaction() as tx:
                others = "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory'"
                tx._connection.exec_driver_sql(others)
        with other.alone("scheduler", what="it is running"):
            pass
