"""How fast a large store answers, SQLite and PostgreSQL side by side: ``make bench-store``.

Both are filled with the same rows by a bulk load (``benchmarks/store_rows.py`` says which), then asked by the very
functions that people and crawls use. PostgreSQL is started for this, durable as a person's would be.

Options: ``--cases N`` (100,000; ten listings for each), ``--databases sqlite,postgresql``, ``--folder`` where there is
room (15 GB of disk for each database and a million cases), ``--keep`` to leave the databases in that folder and to take
them from there the next time, ``--fill`` to do no more than that.
"""

from __future__ import annotations

import argparse
import resource
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import msgspec
import psycopg

from benchmarks.store_load import load_postgresql, load_sqlite
from benchmarks.store_rows import NOW, Rows
from scanner import audit, reporting
from scanner.inspection.intake import take_in
from scanner.model import Actor, CaseState, Desk, Fetched, Listing, Role, Ruling, Severity
from scanner.moderation import cases, claims
from scanner.records import EventFilter, QueueFilter
from scanner.rulebook import load
from scanner.store import Store
from tests import postgres
from tests.fakes import ALONE, write_rules

SQLITE, POSTGRESQL = "sqlite", "postgresql"
TIMES = 200
SEGMENT = 5_000


# Measuring


class Times:
    """How long things took: by the clock, and of that in this process."""

    def __init__(self) -> None:
        self._clock: list[float] = []
        self._cpu: list[float] = []

    @contextmanager
    def one(self) -> Iterator[None]:
        """Take the time of the block."""
        clock, cpu = time.perf_counter(), time.process_time()
        yield
        self._cpu.append((time.process_time() - cpu) * 1000)
        self._clock.append((time.perf_counter() - clock) * 1000)

    @property
    def slowest(self) -> float:
        """The longest by the clock, in milliseconds."""
        return max(self._clock)

    def __str__(self) -> str:
        """Median and 95th percentile by the clock, median of this process, in milliseconds."""
        slow = statistics.quantiles(self._clock, n=20)[-1]
        return f"{statistics.median(self._clock):.1f} / {slow:.1f} ({statistics.median(self._cpu):.1f})"


def timed(work: Callable[[int], object], times: int = TIMES) -> str:
    """So many times, after a first one that does not count."""
    took = Times()
    work(0)
    for number in range(times):
        with took.one():
            work(number)
    return str(took)


def filters(rows: Rows) -> dict[str, list[QueueFilter]]:
    """What is asked of the queue, by kind; each kind with frequent and rare ones."""
    common, rare = rows.category(1), "category_11"
    words = [rows.words[place] for place in (0, 1, 40, 41, 900, 901, -2, -1)]
    sellers = [f"s{number}" for number in (1, rows.listings // 60, rows.listings // 30)]
    return {
        "none": [QueueFilter()],
        "category": [QueueFilter(category=one) for one in (common, "category_00", "category_05", rare)],
        "rule": [QueueFilter(rule=one) for one in (*rows.rules(1), "category_11.rule_59")],
        "severity": [QueueFilter(severity=one) for one in Severity],
        "source": [QueueFilter(source=f"source{number}") for number in range(4)],
        "seller": [QueueFilter(seller=one) for one in sellers],
        "state": [QueueFilter(states=(one,)) for one in (CaseState.OPEN, CaseState.ON_HOLD, CaseState.CLOSED)],
        "any state": [QueueFilter(states=tuple(CaseState))],
        "desk, language": [QueueFilter(desk=one, language="zh") for one in (Desk.REVIEW, Desk.SPECIALIST)],
        "due, age": [
            QueueFilter(due_before=NOW),
            QueueFilter(due_before=NOW.replace(year=2020)),
            QueueFilter(opened_before=NOW),
            QueueFilter(opened_before=NOW.replace(year=2020)),
        ],
        "two": [QueueFilter(category=one, severity=two) for one in ("category_00", rare) for two in Severity],
        "three": [QueueFilter(source="source1", rule=one, severity=Severity.S4) for one in rows.rules(2)],
        "text": [
            QueueFilter(text=one) for one in (*words, f"L{rows.listings // 20 * 10}", "shop", "s12", "a", "xyzzy")
        ],
        "text, severity": [QueueFilter(text=one, severity=Severity.S4) for one in words],
    }


def measure(store: Store, rows: Rows, folder: Path) -> dict[str, str]:
    """Every figure of one database."""
    found = {}
    for name, wanted in filters(rows).items():
        found[f"queue page, {name}"] = pages(store, wanted)
    page = cases.queue(store, QueueFilter(), limit=50)
    found["queue, second page"] = timed(lambda _: cases.queue(store, QueueFilter(), after=page.after))
    found["one case"] = timed(lambda n: cases.show(store, 1 + n * 977 % rows.cases))
    found["events of an actor"] = timed(lambda n: events(store, EventFilter(actor=f"moderator{n % 50}")))
    found["figures of 30 days"] = timed(lambda _: reporting.report(store, now=NOW), 20)
    found["next case"], found["decide"] = claim_and_decide(store)
    found["intake, changed versions"] = f"{intake(store, rows, folder):,.0f} /s"
    begun = time.perf_counter()
    verdict = audit.verify(store)
    assert verdict.is_sound, verdict.faults[:3]
    found["audit verify"] = f"{verdict.events / (time.perf_counter() - begun):,.0f} events/s"
    return found


def pages(store: Store, wanted: list[QueueFilter]) -> str:
    """Each filter twelve times; of the first time, for which the disk is read, the slowest is told by itself."""
    first = Times()
    for one in wanted:
        with first.one():
            cases.queue(store, one)
    again = timed(lambda n: cases.queue(store, wanted[n % len(wanted)]), len(wanted) * 12)
    return f"{again}, {first.slowest:.0f}"


def events(store: Store, wanted: EventFilter) -> object:
    """A page of the history."""
    with store.reading() as tx:
        return tx.events_page(wanted, limit=50)


def claim_and_decide(store: Store) -> tuple[str, str]:
    """Take the next case and decide it, as fifty people one after another."""
    claimed, decided = Times(), Times()
    waiting = cases.queue(store, limit=1).total
    for number in range(min(TIMES, waiting // 2)):
        actor = Actor(name=f"moderator{number % 50}", role=Role.REVIEWER)
        with claimed.one():
            claim = claims.next_case(store, actor=actor, now=NOW)
        assert claim is not None
        seen = claim.case
        given: dict[str, Any] = {
            "reason": "prohibited_goods",
            "actor": actor,
            "revision": seen.revision,
            "token": claim.token,
        }
        with decided.one():
            cases.decide(store, seen.id, Ruling.REMOVE, now=NOW, policy=ALONE, **given)
    return str(claimed), str(decided)


def intake(store: Store, rows: Rows, folder: Path) -> float:
    """Versions a second: listings that are there with another description, every tenth of them prohibited.

    They are judged by two rules: what matching costs is measured by ``make bench``.
    """
    rulebook = load(write_rules(folder / "rules"), cache=None)
    with store.transaction() as tx:
        begun = tx.start_inspection(
            source=f"benchmark-{time.time_ns()}",
            platform="shop",
            walker="api",
            kind="full",
            given="",
            rulebook="r",
            at=NOW,
        )
    assert begun is not None
    lines = [
        msgspec.json.encode(changed(rows, 10 + number * 1013 % (rows.listings - 10), begun.id))
        for number in range(SEGMENT)
    ]
    segment = folder / "part-0000001.jsonl"
    segment.write_bytes(b"\n".join(lines) + b"\n")
    started = time.perf_counter()
    given: dict[str, Any] = {"rulebook": rulebook, "inspection_id": begun.id, "partition": "part", "clock": lambda: NOW}
    counts = take_in(segment, store=store, **given)
    took = time.perf_counter() - started
    assert counts.changed == SEGMENT, counts
    return SEGMENT / took


def changed(rows: Rows, row: int, run: int) -> Fetched:
    """A listing that says something else than before, and than in another run."""
    plain = msgspec.json.decode(rows.listing(row), type=Listing)
    said = "免实名手机卡 现货 加微信 kk778899" if row % 10 == 0 else "now in blue"
    told = msgspec.structs.replace(plain, description=f"{plain.description} {said} {run}")
    return Fetched(listing=told)


# Both


@contextmanager
def opened(database: str, folder: Path, *, is_kept: bool = False) -> Iterator[str]:
    """The address of a database in ``folder``, whether it is filled yet or not; PostgreSQL runs for the block.

    One that is kept serves whoever asks, one after another: ``with opened("postgresql", folder, is_kept=True) as url``.
    """
    if database == SQLITE:
        yield f"sqlite:///{folder / 'delist.db'}"
        return
    server = postgres.Server(folder / "pg" if is_kept else postgres.new_folder(folder), is_kept=is_kept)
    server.launch(**postgres.LASTING, shared_buffers="2GB", maintenance_work_mem="1GB")
    yield server.url("postgres")


def filled(database: str, url: str, rows: Rows, folder: Path) -> dict[str, str]:
    """Load a database that is not filled yet; how long that took and how large it is."""
    begun = time.perf_counter()
    with Store.open(url) as store, store.transaction() as tx:
        is_filled = tx.followed_to(reporting.FOLLOWER) > 0
        if not is_filled and tx.newest_event():
            raise SystemExit(f"{folder}: a store that was not filled to the end; remove it and begin again")
    if not is_filled and database == SQLITE:
        load_sqlite(folder / "delist.db", rows)
    elif not is_filled:
        load_postgresql(url, rows)
    took = "kept" if is_filled else f"{time.perf_counter() - begun:,.0f} s"
    return {"load": took, "size": f"{size_of(database, url, folder) / 1e9:.1f} GB"}


def size_of(database: str, url: str, folder: Path) -> int:
    """Bytes on disk."""
    if database == SQLITE:
        return (folder / "delist.db").stat().st_size
    with psycopg.connect(url.replace("+psycopg", "")) as raw:
        return int(raw.execute("SELECT pg_database_size('postgres')").fetchone()[0])  # type: ignore[index]  # one row


def run(database: str, rows: Rows, folder: Path, *, is_kept: bool, is_measured: bool) -> dict[str, str]:
    """Load and measure one database."""
    with opened(database, folder, is_kept=is_kept) as url:
        found = filled(database, url, rows, folder)
        if not is_measured:
            return found
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with Store.open(url) as store, tempfile.TemporaryDirectory(prefix="delist-bench-") as name:
            found |= measure(store, rows, Path(name))
        grown = (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - memory) / 1024
        return found | {"memory on top": f"{grown:.0f} MB"}


@contextmanager
def place(given: argparse.Namespace) -> Iterator[Path]:
    """The folder that is kept, or one that goes."""
    if given.keep:
        given.folder.mkdir(parents=True, exist_ok=True)
        yield given.folder
        return
    with tempfile.TemporaryDirectory(dir=given.folder, prefix="delist-bench-") as name:
        Path(name).chmod(0o755)
        yield Path(name)


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.store", description=__doc__.partition("\n")[0])
    parser.add_argument("--cases", type=int, default=100_000)
    parser.add_argument("--databases", default=f"{SQLITE},{POSTGRESQL}")
    parser.add_argument("--folder", type=Path, help="where there is room; else a temporary folder")
    parser.add_argument("--keep", action="store_true", help="leave the databases in the folder for the next time")
    parser.add_argument("--fill", action="store_true", help="fill the databases and measure nothing")
    given = parser.parse_args()
    if given.keep and given.folder is None:
        parser.error("--keep needs a --folder")
    rows = Rows(given.cases)
    print(
        f"{rows.cases:,} cases, {rows.listings:,} listings; ms by the clock: median / 95th percentile (in this process)"
    )
    print("of queue pages also the slowest of those that were asked for the first time")
    tables: dict[str, dict[str, str]] = {}
    for database in given.databases.split(","):
        with place(given) as folder:
            tables[database] = run(database, rows, folder, is_kept=given.keep, is_measured=not given.fill)
    for line in next(iter(tables.values())):
        print(f"{line:28}", *(f"{table[line]:>28}" for table in tables.values()))


if __name__ == "__main__":
    main()
