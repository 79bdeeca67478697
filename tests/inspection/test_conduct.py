"""One run over a source: its parts, what is taken in while it goes, how it is judged, and going on after a kill."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scanner import audit
from scanner.errors import AlreadyRunning, CrawlError, StoreUnavailable
from scanner.inspection import asking
from scanner.inspection.conduct import INCREMENTAL, InspectionReport, inspect
from scanner.inspection.crew import LEASE, Standing
from scanner.inspection.records import InspectionState, PartitionState
from scanner.listing_content import content_hash
from scanner.model import Actor, Failed, Ledger, Observation, Role, Seller, Severity, Skipped
from scanner.moderation import cases
from scanner.rulebook import Rulebook
from scanner.settings import Settings, Source, Walker
from scanner.store import Store
from spiders.job import CrawlJob, Partition
from tests.fakes import GRAVE, MILD, NOON, Clock, Platform, fetched, gone, limit_disk, unchanged

SOURCE = Source(name="demo", start=("http://127.0.0.1:1/sitemap.xml",))

Inspect = Callable[..., InspectionReport]


def offers(first: int, last: int, title: str = "kettle") -> list[Observation]:
    """Listings by number."""
    return [fetched(str(number), title) for number in range(first, last)]


def two_parts() -> dict[str, list[Observation]]:
    """Ten listings, two of them flagged."""
    return {"one": [*offers(0, 4), fetched("4", GRAVE)], "two": [*offers(5, 9), fetched("9", MILD)]}


@contextmanager
def held(file: Path, *, what: str, hint: str = "") -> Iterator[None]:
    """A lock that is free, as that of a process that was killed."""
    yield


@pytest.fixture
def run(store: Store, small_rulebook: Rulebook, tmp_path: Path, clock: Clock) -> Inspect:
    """Inspects a fake platform."""
    settings = Settings(data=tmp_path, workers=2)

    def inspect_it(platform: Platform, source: Source = SOURCE, **more: Any) -> InspectionReport:
        given: dict[str, Any] = {"rulebook": small_rulebook, "settings": settings, "clock": clock, "hold": held}
        return inspect(source, store=store, plan=platform.plan, crawl=platform.crawl, **(given | more))

    return inspect_it


def left_behind(tmp_path: Path) -> list[Path]:
    """What lies in the spool."""
    return [path for path in (tmp_path / "spool").rglob("*") if path.is_file()]


def test_a_whole_run_is_finished_and_reported(store: Store, run: Inspect, tmp_path: Path) -> None:
    """Coverage, findings by category and severity, and the top of the queue; nothing is left in the spool."""
    report = run(Platform(two_parts()))

    assert report.is_finished
    assert (report.ledger.discovered, report.ledger.is_balanced, report.counts.new, report.counts.opened) == (
        10,
        True,
        10,
        2,
    )
    assert report.by_category == {"phone_card": {"S2": 1, "S4": 1}}
    assert [row.case.severity for row in report.top] == [Severity.S4, Severity.S2]
    assert (report.waiting, report.resumed, left_behind(tmp_path)) == (2, False, [])
    with store.reading() as tx:
        kinds = [event.kind for event in tx.events_about("inspection:1")]
    assert kinds == ["inspection.started", "inspection.ended"]
    assert audit.verify(store).is_sound


def test_a_second_run_finds_nothing_new(store: Store, run: Inspect) -> None:
    """The same marketplace again: all the same, no second case, the same table of what is flagged."""
    first = run(Platform(two_parts()))

    second = run(Platform(two_parts()))

    assert (second.counts.same, second.counts.new, second.counts.opened) == (10, 0, 0)
    assert (second.by_category, second.waiting) == (first.by_category, 2)


def test_progress_is_told_while_it_goes(run: Inspect) -> None:
    """The last word counts all pages, listings, flagged ones and parts."""
    told: list[Standing] = []
    run(Platform(two_parts()), on_progress=told.append)

    assert told[-1] == Standing(partitions=2, done=2, pages=10, listings=10, flagged=2, errors=0)


def test_segments_are_taken_in_while_the_crawl_runs(store: Store, run: Inspect) -> None:
    """The first case is in the queue before the crawl has ended."""
    seen = threading.Event()

    def wait_for_a_case(_: CrawlJob) -> None:
        for _attempt in range(100):
            if cases.queue(store).total:
                seen.set()
                return
            threading.Event().wait(0.05)

    run(Platform({"one": [fetched("1", GRAVE), fetched("2")]}, during=wait_for_a_case))

    assert seen.is_set()


def test_no_more_crawls_at_a_time_than_workers(run: Inspect) -> None:
    """Six parts, two workers: never three at once, and two at some time."""
    at_once, most = 0, 0
    lock = threading.Lock()

    def count(_: CrawlJob) -> None:
        nonlocal at_once, most
        with lock:
            at_once += 1
            most = max(most, at_once)
        threading.Event().wait(0.1)
        with lock:
            at_once -= 1

    report = run(Platform({f"part{n}": offers(n * 2, n * 2 + 2) for n in range(6)}, during=count))

    assert (report.is_finished, most) == (True, 2)


def test_a_lost_part_is_crawled_once_more(run: Inspect) -> None:
    """Its second attempt has a number and a folder of its own, and the inspection is whole."""
    platform = Platform(two_parts(), ends={"one": ["lost"]})

    report = run(platform)

    attempts = [(job.attempt, job.spool.name) for job in platform.jobs if job.partition.name == "one"]
    assert (report.is_finished, attempts) == (True, [(1, "1"), (2, "2")])
    assert (report.counts.new, report.counts.same, report.counts.again, report.counts.duplicate) == (10, 0, 3, 0)


@pytest.mark.parametrize(
    ("ends", "state", "attempts"),
    [
        ({"one": ["lost", "lost"]}, InspectionState.INCOMPLETE, 2),
        ({"one": ["time_out"]}, InspectionState.INCOMPLETE, 1),
        ({"one": ["shutdown"]}, InspectionState.INCOMPLETE, 1),
        ({"one": ["lost", "lost"], "two": ["crashed", "lost"]}, InspectionState.FAILED, 2),
    ],
)
def test_what_was_not_crawled_to_its_end_is_said(
    run: Inspect, tmp_path: Path, ends: dict[str, list[str]], state: InspectionState, attempts: int
) -> None:
    """Given up after two attempts, or one where another would not help; what was seen counts, and the logs stay."""
    report = run(Platform(two_parts(), ends={part: list(end) for part, end in ends.items()}))

    (one, _) = report.partitions
    assert (report.inspection.state, one.state, one.attempts) == (state, PartitionState.FAILED, attempts)
    assert any(reason.startswith(f"one: {ends['one'][-1]}") for reason in report.inspection.reasons)
    assert one.ledger.fetched == 3
    assert {path.suffix for path in left_behind(tmp_path)} == {".log"}


def test_a_ledger_that_is_not_what_intake_saw_is_said(run: Inspect) -> None:
    """A crawl that claims more than it wrote makes the inspection incomplete."""
    report = run(Platform(two_parts(), ledgers={"one": Ledger(discovered=6, fetched=6)}))

    assert report.inspection.state is InspectionState.INCOMPLETE
    assert report.inspection.reasons == ("one: fetched: 6 in the crawl's ledger, 5 taken in",)


def test_nothing_discovered_is_not_finished(run: Inspect) -> None:
    """An empty marketplace is more likely a broken spider."""
    assert run(Platform({"one": []})).inspection.state is InspectionState.INCOMPLETE


def test_failures_beyond_a_tenth_are_not_finished(run: Inspect) -> None:
    """Nothing fails into clean."""
    failed: list[Observation] = [Failed(url=f"http://127.0.0.1/{n}", reason="http_503") for n in range(2)]

    report = run(Platform({"one": [*offers(0, 8), *failed]}))

    assert report.inspection.reasons == ("2 of 10 discovered could not be read",)


def test_a_plan_that_fails_ends_the_inspection(store: Store, run: Inspect) -> None:
    """The error reaches the caller, the row says why, and the next run is not in its way."""
    with pytest.raises(CrawlError, match="sitemap"):
        run(Platform({}))

    with store.reading() as tx:
        failed = tx.inspection(1)
    assert (failed.state, failed.reasons) == (InspectionState.FAILED, ("the sitemap cannot be read",))
    assert run(Platform(two_parts())).inspection.id == 2


def test_what_a_crawl_refuses_is_a_reason(run: Inspect) -> None:
    """An error of a crawl ends its part, not the inspection."""

    def refuse(_: CrawlJob) -> None:
        raise CrawlError("robots.txt forbids it", hint="Ask the platform.")

    report = run(Platform({"one": offers(0, 2)}, during=refuse))

    assert report.inspection.state is InspectionState.FAILED
    assert report.inspection.reasons[0] == "one: refused (robots.txt forbids it Ask the platform.)"


class Killed(BaseException):
    """Stands in for a kill: nothing catches it, nothing is tidied up after it."""


def killed_in(part: str) -> Callable[[CrawlJob], None]:
    """Kills the inspection while the part is crawled."""

    def kill(job: CrawlJob) -> None:
        if job.partition.name == part:
            raise Killed

    return kill


def test_a_killed_inspection_goes_on_with_its_open_parts(store: Store, run: Inspect) -> None:
    """What is closed is not crawled again, what the dead attempt left is taken in, and nothing is there twice."""
    with pytest.raises(Killed):
        run(Platform(two_parts(), during=killed_in("two")), settings=Settings(data=_data(store), workers=1))
    platform = Platform(two_parts())

    report = run(platform)

    assert [(job.partition.name, job.attempt) for job in platform.jobs] == [("two", 2)]
    assert (report.resumed, report.is_finished, report.inspection.id, platform.planned) == (True, True, 1, 0)
    assert (report.counts.new, report.counts.opened, report.waiting) == (10, 2, 2)


def test_another_pace_is_no_reason_to_begin_anew(store: Store, run: Inspect) -> None:
    """A killed inspection goes on, and from there on as fast as is wanted now."""
    with pytest.raises(Killed):
        run(Platform(two_parts(), during=killed_in("two")), settings=Settings(data=_data(store), workers=1))
    platform = Platform(two_parts())

    report = run(platform, SOURCE.model_copy(update={"rate": 0.5, "concurrency": 2}))

    assert [(job.partition.name, job.source.rate) for job in platform.jobs] == [("two", 0.5)]
    assert (report.resumed, report.inspection.id) == (True, 1)


def _data(store: Store) -> Path:
    return Path(store.place).parent


def test_an_inspection_killed_while_it_planned_plans_again(run: Inspect) -> None:
    """The same inspection goes on, from its beginning."""

    class Killing(Platform):
        def plan(self, source: Source, *, folder: Path) -> tuple[Partition, ...]:
            raise Killed

    with pytest.raises(Killed):
        run(Killing(two_parts()))

    report = run(Platform(two_parts()))

    assert (report.inspection.id, report.resumed, report.is_finished) == (1, True, True)


def test_an_inspection_killed_before_its_last_row_is_only_closed(run: Inspect) -> None:
    """Nothing is crawled again when all parts are closed."""

    def kill_at_the_end(standing: Standing) -> None:
        if standing.done == standing.partitions:
            raise Killed

    with pytest.raises(Killed):
        run(Platform(two_parts()), on_progress=kill_at_the_end)
    platform = Platform(two_parts())

    report = run(platform)

    assert (report.is_finished, report.resumed, platform.jobs) == (True, True, [])
    assert report.counts.new == 10


@pytest.mark.parametrize(
    "change",
    [
        {"resume": False},
        {"source": SOURCE.model_copy(update={"limit": 500})},
        {"after": timedelta(hours=25)},
        {"rulebook": True},
    ],
    ids=["not wanted", "other settings", "too old", "other rules"],
)
def test_some_killed_inspections_are_not_gone_on_with(
    store: Store, run: Inspect, clock: Clock, second_edition: Rulebook, change: dict[str, Any]
) -> None:
    """Then the old one is closed as incomplete, and a whole new one is made."""
    with pytest.raises(Killed):
        run(Platform(two_parts(), during=killed_in("two")), settings=Settings(data=_data(store), workers=1))
    clock.at += change.get("after", timedelta())
    more: dict[str, Any] = {name: value for name, value in change.items() if name in {"resume", "source"}}
    if "rulebook" in change:
        more["rulebook"] = second_edition

    report = run(Platform(two_parts()), **more)

    with store.reading() as tx:
        assert tx.inspection(1).state is InspectionState.INCOMPLETE
    assert (report.inspection.id, report.resumed, report.is_finished) == (2, False, True)


def test_a_part_in_somebodys_hands_is_left_to_them(store: Store, run: Inspect, clock: Clock) -> None:
    """Without the lock a lease counts until it has run out: it may be that of another machine."""
    with pytest.raises(Killed):
        run(Platform(two_parts(), during=killed_in("two")), settings=Settings(data=_data(store), workers=1))

    with pytest.raises(AlreadyRunning, match="crawls two") as refused:
        run(Platform(two_parts()), hold=None)

    assert "try again after 12:01:00 UTC" in refused.value.hint
    clock.at += LEASE + timedelta(seconds=1)
    assert run(Platform(two_parts()), hold=None).is_finished


def test_a_lock_that_is_held_keeps_a_second_inspection_out(store: Store, run: Inspect) -> None:
    """Nothing is written by whoever comes second."""

    @contextmanager
    def taken(file: Path, *, what: str, hint: str = "") -> Iterator[None]:
        raise AlreadyRunning(what, hint=hint)
        yield

    with pytest.raises(AlreadyRunning, match="an inspection of demo is running"):
        run(Platform(two_parts()), hold=taken)

    with store.reading() as tx:
        assert tx.running_inspection("demo") is None


def known_to(run: Inspect, source: Source = SOURCE) -> dict[str, tuple[str, datetime | None]]:
    """By what the next incremental crawl asks whether listings have changed: validator, and since when."""
    handed: list[bytes] = []

    def look(job: CrawlJob) -> None:
        assert job.known is not None
        assert job.asks_for_changes
        handed.append(job.known.read_bytes())

    run(Platform({"one": []}, during=look), source, kind=INCREMENTAL)
    rows = [msgspec.json.decode(line, type=tuple[str, str, str, datetime | None]) for line in handed[0].splitlines()]
    return {row[0]: (row[1], row[3]) for row in rows}


def tagged(first: int, last: int, tag: str, **more: Any) -> list[Observation]:
    """Listings by number, as pages with an entity tag."""
    read = [fetched(str(number), **more) for number in range(first, last)]
    return [msgspec.structs.replace(one, validator=tag) for one in read]


def test_only_what_a_finished_run_has_read_is_known_since_then(run: Inspect, clock: Clock) -> None:
    """What a limit left out, what failed, and what was not read at all is a stranger; a later reading counts."""
    left_out = [Skipped(url=f"http://127.0.0.1/item/{number}", reason="limit") for number in range(2, 40)]
    begun = run(Platform({"one": [*tagged(0, 2, '"1"'), *left_out]}), SOURCE.model_copy(update={"limit": 2})).inspection
    assert begun.state is InspectionState.FINISHED
    assert known_to(run) == dict.fromkeys("01", ('"1"', begun.started_at))

    clock.move(hours=1)
    failed = [Failed(url="http://127.0.0.1/item/0", reason="http_500")]
    later = run(Platform({"one": [*tagged(1, 31, '"2"'), *failed]}), accept=True).inspection
    known = known_to(run)
    assert later.state is InspectionState.FINISHED
    assert (known["0"], known["1"]) == (('"1"', begun.started_at), ('"2"', later.started_at))
    assert known.keys() == {str(number) for number in range(31)}


def test_no_word_is_taken_of_what_was_not_read_soundly(run: Inspect, clock: Clock) -> None:
    """A run cut short, one that its health failed, and another source: what they stored is read again."""
    other = SOURCE.model_copy(update={"name": "passing", "platform": "demo", "start": ("http://127.0.0.1:1/item/40",)})
    run(Platform({"one": tagged(0, 20, '"1"'), "two": tagged(20, 24, '"1"')}, ends={"two": ["time_out"] * 9}))
    clock.move(hours=1)
    run(Platform({"one": tagged(40, 41, '"1"')}), other)
    assert set(known_to(run).values()) == {("", None)}

    clock.move(hours=1)
    whole = run(Platform({"one": tagged(0, 20, '"2"')})).inspection
    clock.move(hours=1)
    assert run(Platform({"one": tagged(0, 5, '"3"', title="mug")})).inspection.state is InspectionState.FAILED
    run(Platform({"one": tagged(5, 6, '"4"', title="jug")}), other)
    known = known_to(run)
    assert whole.state is InspectionState.FINISHED
    assert {known[str(number)] for number in range(6)} == {("", None)}
    assert {known[str(number)] for number in range(6, 20)} == {('"2"', whole.started_at)}


def test_a_held_edit_is_not_taken_for_what_is_stored(run: Inspect, clock: Clock) -> None:
    """The tag of a page that an unhealthy run has held is not asked by: that page would never be taken in."""
    begun = run(Platform({"one": tagged(0, 20, '"1"')})).inspection.started_at
    clock.move(hours=1)
    blinded = tagged(0, 20, '"2"', title="Welcome to our shop", price=None, currency="", seller=Seller())
    assert run(Platform({"one": blinded})).inspection.state is InspectionState.FAILED

    assert set(known_to(run).values()) == {('"1"', begun)}


def test_nothing_is_unchanged_that_was_never_read(run: Inspect) -> None:
    """Whatever a crawl says of a listing of which nothing is stored, it is not read, and the run says so."""
    run(Platform({"one": offers(0, 20)}))

    report = run(Platform({"one": [unchanged("0"), unchanged("x")]}), kind=INCREMENTAL)

    assert (report.counts.unchanged, report.counts.failed) == (1, {"never_read": 1})
    assert "one: unchanged: 2 in the crawl's ledger, 1 taken in" in report.inspection.reasons


def test_a_disk_that_fills_up_ends_the_run_and_a_later_one_goes_on(store: Store, run: Inspect) -> None:
    """The error says what to do; with room again the same inspection is whole, nothing lost and nothing twice."""
    parts = {"one": offers(0, 300, GRAVE), "two": offers(300, 600, GRAVE)}
    limit_disk(store, pages=60)
    with pytest.raises(StoreUnavailable, match="full"):
        run(Platform(parts))
    limit_disk(store, pages=1_000_000)

    report = run(Platform(parts))

    assert (report.resumed, report.is_finished, report.waiting, report.counts.duplicate) == (True, True, 600, 0)


@pytest.mark.parametrize(
    ("walker", "start"),
    [(Walker.ADDRESSES, "http://127.0.0.1/item/1"), (Walker.SITE, "http://127.0.0.1/item/1")],
)
def test_picked_addresses_say_nothing_of_what_they_leave_out(
    store: Store, run: Inspect, walker: Walker, start: str
) -> None:
    """A shorter list of them, or one listing of a shop, is no fall, and what is not read now is not gone."""
    listed = SOURCE.model_copy(update={"walker": walker, "start": (start,)})
    run(Platform({"one": offers(0, 30)}), listed)

    report = run(Platform({"one": offers(0, 2)}), listed)

    with store.reading() as tx:
        assert not tx.known_listings([("demo", "20")])["demo", "20"].is_gone
    assert report.is_finished


def test_a_look_in_passing_takes_nothing_from_a_configured_source(
    store: Store, run: Inspect, tmp_path: Path, clock: Clock
) -> None:
    """By the shop's address listings are seen and none is missed; the configured source misses what it knew of them,
    and not what only the address led to."""
    passing = Source(name="127-url", platform="demo", walker=Walker.SITE, start=("http://127.0.0.1:1/",))
    one = Source(name="one", platform="demo", walker=Walker.ADDRESSES, start=("http://127.0.0.1:1/item/1",))
    settings = Settings(data=tmp_path, workers=2, sources={"demo": SOURCE, "one": one})
    listed = [*offers(0, 20), fetched("y", GRAVE), fetched("z")]
    for source, seen in (
        (SOURCE, listed), (one, [fetched("z")]), (passing, [fetched("y", GRAVE), fetched("w")]),
        (passing, [fetched("0")]), (SOURCE, offers(0, 20)),
    ):  # fmt: skip
        with store.reading() as tx:
            assert not any(tx.gone_by(number) for number in range(1, 5))
        clock.move(hours=1)
        assert run(Platform({"one": seen}), source, settings=settings).is_finished

    with store.reading() as tx:
        assert {one.listing_id for one in tx.gone_by(5)} == {"y", "z"}


def test_what_is_gone_is_on_the_ledger(run: Inspect) -> None:
    """A listing that the platform no longer shows is counted as gone."""
    run(Platform({"one": offers(0, 3)}))

    report = run(Platform({"one": [*offers(0, 2), gone("2")]}))

    assert (report.ledger.gone, report.is_finished) == (1, True)


def test_what_a_whole_run_does_not_see_is_gone(store: Store, run: Inspect) -> None:
    """Two listings are missing, one of them failed under its address: only the other is gone, and its case hears."""
    run(Platform({"one": [*offers(0, 20), fetched("x", GRAVE), fetched("y", GRAVE)]}))

    failed = Failed(url="http://127.0.0.1/item/x", reason="http_500")
    second = run(Platform({"one": [*offers(0, 20), failed]}))

    assert second.is_finished
    with store.reading() as tx:
        known = tx.known_listings([("demo", "x"), ("demo", "y")])
        events = [event.kind for event in tx.events_about(f"case:{known['demo', 'y'].case.id}")]
    assert {key[1]: one.is_gone for key, one in known.items()} == {"x": False, "y": True}
    assert events == ["case.opened", "listing.gone"]


@pytest.mark.parametrize(
    ("platform", "more"),
    [
        (Platform({"one": offers(0, 20)}, ends={"one": ["lost", "lost"]}), {}),
        (Platform({"one": [*offers(0, 20), Failed(url="http://127.0.0.1/c", reason="list_http_500")]}), {}),
        (Platform({"one": offers(0, 20)}), {"kind": INCREMENTAL}),
        (Platform({"one": offers(0, 20)}), {"source": SOURCE.model_copy(update={"limit": 20})}),
        (Platform({"one": offers(0, 3)}), {}),
    ],
    ids=["lost", "a list unread", "incremental", "limited", "a fall"],
)
def test_a_run_that_did_not_see_all_takes_nothing_away(
    store: Store, run: Inspect, platform: Platform, more: dict[str, Any]
) -> None:
    """A listing is there until a run that saw everything says otherwise."""
    run(Platform({"one": [*offers(0, 20), fetched("y", GRAVE)]}))

    run(platform, **more)

    with store.reading() as tx:
        assert not tx.known_listings([("demo", "y")])["demo", "y"].is_gone


def test_a_failed_check_fails_the_run_and_withdraws_what_is_gone(store: Store, run: Inspect) -> None:
    """A site that answers 404 to everything is no clean platform, unless a person says so."""
    run(Platform({"one": [*offers(0, 20), fetched("y", GRAVE)]}))
    outage = {"one": [*offers(0, 4), *(gone(str(number)) for number in range(4, 20)), gone("y")]}

    second = run(Platform(outage))

    assert second.inspection.state is InspectionState.FAILED
    assert any(reason.startswith("health: 4 listings, 21 in the runs before") for reason in second.inspection.reasons)
    with store.reading() as tx:
        listing = tx.known_listings([("demo", "y")])["demo", "y"]
        kinds = [event.kind for event in tx.events_about(f"case:{listing.case.id}")]
        ended = tx.events_about("inspection:2")[-1]
    assert not listing.is_gone
    assert kinds == ["case.opened", "listing.gone", "listing.gone_withdrawn"]
    assert {check["name"] for check in ended.data["checks"]} == {"fall", "gone"}

    third = run(Platform(outage), accept=True)

    assert third.is_finished
    with store.reading() as tx:
        assert tx.known_listings([("demo", "y")])["demo", "y"].is_gone


def blinded(first: int, last: int) -> list[Observation]:
    """The same listings as a page function reads them that a redesign has blinded: a title, and nothing else."""
    return [
        fetched(str(number), "Welcome to our shop", price=None, currency="", seller=Seller())
        for number in range(first, last)
    ]


def versions_of(store: Store) -> dict[str, tuple[int, str]]:
    """The number and title of each listing's newest version."""
    with store.reading() as tx:
        rows = [tx.known_listings([("demo", str(number))]) for number in range(20)]
        known = [row for found in rows for row in found.values()]
        stored = tx.latest_versions([row.id for row in known])
    return {row.listing_id: (row.number, stored[row.id].listing.title) for row in known}


def test_a_blinded_page_function_leaves_stored_listings_as_they_were(store: Store, run: Inspect) -> None:
    """What says less than before is held till the run is known to be healthy; a run that fails never takes it in."""
    whole = {"one": [*offers(0, 18), fetched("18", GRAVE), fetched("19", MILD)]}
    run(Platform(whole))
    before = versions_of(store)

    failed = run(Platform({"one": blinded(0, 20)}))
    assert failed.inspection.state is InspectionState.FAILED
    assert versions_of(store) == before
    assert any("20 changed listings say less than before" in reason for reason in failed.inspection.reasons)
    with store.reading() as tx:
        kinds = {event.kind for event in tx.events_about("case:1")}
    assert kinds == {"case.opened"}

    healthy = run(Platform(whole))
    assert healthy.is_finished
    assert (healthy.counts.same, healthy.counts.changed) == (20, 0)

    accepted = run(Platform({"one": blinded(0, 20)}), accept=True)
    assert accepted.is_finished
    assert set(versions_of(store).values()) == {(2, "Welcome to our shop")}


def test_an_edit_that_says_less_counts_once_the_run_is_healthy(store: Store, run: Inspect) -> None:
    """A price taken away is taken in at the end, and not twice; what is found in an edit waits for nobody."""
    run(Platform({"one": offers(0, 12)}))
    poorer = [fetched("0", "kettle", price=None), fetched("1", GRAVE, price=None)]
    taken: list[int] = []

    def note(job: CrawlJob) -> None:
        for _attempt in range(100):
            if cases.queue(store).total:
                taken.append(versions_of(store)["0"][0])
                return
            threading.Event().wait(0.05)

    report = run(Platform({"one": [*poorer, *offers(2, 12)]}, during=note))
    assert report.is_finished
    assert taken == [1]
    assert (report.counts.changed, report.counts.held, report.counts.judged, report.counts.opened) == (2, 1, 2, 1)
    assert {number for number, _ in (versions_of(store)["0"], versions_of(store)["1"])} == {2}
    assert report.counts.fetched == 12


def test_what_is_known_is_handed_to_the_crawls(store: Store, run: Inspect) -> None:
    """Validator and content of every listing, renewed when only the validator is new; asked by it if incremental."""
    handed: list[tuple[bool, list[bytes]]] = []

    def look(job: CrawlJob) -> None:
        assert job.known is not None
        handed.append((job.asks_for_changes, job.known.read_bytes().splitlines()))

    one = fetched("1")
    for number, kind in enumerate(("full", INCREMENTAL, INCREMENTAL)):
        tagged = msgspec.structs.replace(one, validator=f'"{number}"')
        run(Platform({"one": [tagged]}, during=look), kind=kind)

    content = content_hash(one.listing)
    assert [asks for asks, _ in handed] == [False, True, True]
    assert [[msgspec.json.decode(line) for line in lines] for _, lines in handed] == [
        [],
        [["1", '"0"', content, "2026-03-01T12:00:00Z"]],
        [["1", '"1"', content, "2026-03-01T12:00:00Z"]],
    ]


def test_a_person_stops_it(store: Store, run: Inspect, tmp_path: Path) -> None:
    """Asked to stop while it crawls: it ends its crawls, is incomplete with who and why, and nobody goes on with it.

    What it had not read until then is named, and its segments are gone."""
    root = Actor(name="root", role=Role.ADMINISTRATOR)

    def ask(_: CrawlJob) -> None:
        asking.stop(store, 1, reason="too many requests", actor=root, now=NOON)
        threading.Event().wait(0.3)

    seconds = count()

    def fast() -> datetime:
        return NOON + timedelta(seconds=next(seconds))

    failed = Failed(url="http://127.0.0.1/item/x", reason="http_500")
    stopped = run(Platform({"one": [failed, *offers(0, 4)], "two": offers(4, 8)}, during=ask), clock=fast)
    assert (stopped.inspection.state, stopped.inspection.reasons) == (
        InspectionState.INCOMPLETE,
        ("stopped by root: too many requests",),
    )
    assert asking.stopping(store, 1) is None
    assert [json.loads(line)["url"] for line in (tmp_path / "unread" / "1.jsonl").open()] == [failed.url]
    assert not list((tmp_path / "spool").rglob("*.jsonl"))
    after = run(Platform(two_parts()), clock=fast)
    assert (after.inspection.id, after.resumed, after.is_finished) == (2, False, True)
