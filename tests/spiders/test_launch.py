"""The parent's side: names, limits, checks, and what becomes of a crawl that is stopped, killed or orphaned."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scanner.api_mapping import ApiMapping
from scanner.demo import Fault, FaultKind, Place, Shop
from scanner.errors import AlreadyRunning, CrawlError, SettingsError
from scanner.settings import Source
from spiders import launch
from spiders.crawl import held
from spiders.job import CrawlJob, Partition, Progress, job_from_json, to_json
from spiders.spool import segments


@pytest.mark.parametrize(
    ("start", "begins"),
    [
        ("https://shop.test/sitemaps/a-1.xml.gz", "sitemaps_a_1.xml.gz_"),
        ("https://shop.test/", "start_"),
        ("a folder/with spaces.jsonl", "a_folder_with_spaces.jsonl_"),
        ("https://shop.test/search?q=%E6%89%8B&page=1", "search_q_E6_89_8B_page_1_"),
    ],
)
def test_a_partition_has_a_name_that_is_a_file_name(start: str, begins: str) -> None:
    """Readable, the same every time, and different for each start."""
    name = launch.name_of(start)
    assert name.startswith(begins)
    assert "/" not in name
    assert name == launch.name_of(start) != launch.name_of(f"{start}x")


@pytest.mark.parametrize(
    ("limit", "count", "shares"),
    [(0, 3, [0, 0, 0]), (10, 3, [4, 3, 3]), (2, 3, [1, 1]), (3, 1, [3])],
)
def test_a_limit_is_shared_out(limit: int, count: int, shares: list[int]) -> None:
    """The shares add up to the limit, and who gets none is left out."""
    parts = tuple(Partition(name=str(number), start=("x",)) for number in range(count))
    assert [part.limit for part in launch.share_limit(parts, limit)] == shares


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"page": "nosuchpage"}, "nosuchpage"),
        ({"walker": "api", "api": ApiMapping(items="items[")}, "JMESPath"),
        ({"walker": "api", "api": ApiMapping(token_variable="NO_SUCH_TOKEN_HERE")}, "NO_SUCH_TOKEN_HERE"),
    ],
)
def test_what_would_fail_later_is_said_at_once(wrong: dict[str, Any], says: str, tmp_path: Path) -> None:
    """An unknown page function, a bad mapping or a missing token stops a plan before any process starts."""
    source = Source(**{"name": "shop", "start": ("https://shop.test/sitemap.xml",)} | wrong)
    with pytest.raises(SettingsError, match=says):
        launch.plan(source, folder=tmp_path)


def test_a_job_survives_its_journey() -> None:
    """What the child reads is what the parent wrote."""
    source = Source(name="shop", start=("https://shop.test/",), api=ApiMapping(fields={"id": "sku"}))
    part = Partition(name="p", start=("https://shop.test/",), pages=(1, 4), limit=3)
    job = CrawlJob(source=source, partition=part, inspection="7", spool=Path("a"), evidence=Path("b"), attempt=2)
    assert job_from_json(to_json(job)) == job


@pytest.mark.parametrize("data", [b"", b"{}", b'{"source": 1}', b"[]", b"not json"])
def test_a_job_that_is_none_is_refused(data: bytes) -> None:
    """Anything else than a job is an error with a name."""
    with pytest.raises(CrawlError, match="not a crawl job"):
        job_from_json(data)


def job_of(source: Source, folder: Path) -> CrawlJob:
    """A job that takes its time."""
    part = Partition(name="slow", start=source.start)
    return CrawlJob(source=source, partition=part, inspection="1", spool=folder / "spool", evidence=folder / "evidence")


def test_a_crawl_that_takes_too_long_is_stopped(shop: Shop, source: Callable[..., Source], tmp_path: Path) -> None:
    """At its time-out the child is asked to stop: what it had read is kept, and the result says why it ended."""
    market = source("/sitemaps/listings-1.xml", rate=5, crawl_seconds=5, obey_robots=False)
    result = launch.crawl(job_of(market, tmp_path))
    assert result.finish_reason == "time_out"
    assert not result.is_good
    assert result.ledger.failed.get("not_reached", 0) > 0
    assert result.ledger.is_balanced


def test_a_killed_crawl_is_lost_and_leaves_whole_segments(
    shop: Shop, source: Callable[..., Source], tmp_path: Path
) -> None:
    """After kill -9 every closed segment is whole, and a second attempt reads everything into other files."""
    market = source("/sitemaps/listings-1.xml", rate=20, concurrency=1)
    job = job_of(market, tmp_path)
    found: list[int] = []

    def kill(progress: Progress) -> None:
        if progress.listings >= 5 and not found:
            found.extend(children_of(os.getpid()))
            for child in found:
                os.kill(child, signal.SIGKILL)

    result = launch.crawl(job, on_progress=kill)
    assert result.finish_reason == "lost"
    assert not result.is_good
    assert list(job.spool.glob("*.part"))
    before = set(segments(job.spool))
    again = msgspec.structs.replace(job, attempt=2, source=source("/sitemaps/listings-1.xml"))
    assert launch.crawl(again).is_good
    assert not list(job.spool.glob("*.part"))
    new = set(segments(job.spool)) - before
    assert sum(len(segment.read_bytes().splitlines()) for segment in new) == 50


def children_of(parent: int) -> list[int]:
    """The crawl processes that ``parent`` has started."""
    listed = subprocess.run(
        ["ps", "-o", "pid=,args=", "--ppid", str(parent)], capture_output=True, text=True, check=False
    )
    return [int(line.split()[0]) for line in listed.stdout.splitlines() if "spiders.crawl" in line]


def test_a_crawl_ends_with_its_parent(shop: Shop, source: Callable[..., Source], tmp_path: Path) -> None:
    """A parent that is killed takes its crawl with it: nobody writes to the spool behind the next attempt's back."""
    market = source("/sitemaps/listings-1.xml", rate=1)
    shop.faults.add(Fault(kind=FaultKind.STALL, place=Place.ITEM, seconds=1))
    job = job_of(market, tmp_path)
    file = launch._write(job)
    child = subprocess.Popen(
        [sys.executable, "-m", "spiders.crawl", str(file)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert child.stdin is not None
    assert child.stdout is not None
    assert child.stdout.readline()
    child.stdin.close()
    assert child.wait(timeout=20) == 0
    child.stdout.close()
    shop.faults.clear()


def test_a_partition_is_crawled_by_one_process_at_a_time(source: Callable[..., Source], tmp_path: Path) -> None:
    """Who comes second is refused with a name."""
    job = job_of(source("/sitemaps/listings-1.xml"), tmp_path)
    with held(job.spool / "slow.lock"), pytest.raises(AlreadyRunning, match="slow"):
        launch.crawl(job)


def test_a_full_disk_ends_the_crawl_and_is_named(source: Callable[..., Source], tmp_path: Path) -> None:
    """What cannot be written is no finished crawl."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    job = job_of(source("/sitemaps/listings-1.xml"), tmp_path)
    # The child inherits the limit; a write beyond it fails as on a full disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (40_000, hard))
    try:
        result = launch.crawl(job)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert result.finish_reason == "spool_failed"
    assert "large" in result.detail
    assert not result.is_good


def test_whoever_listens_may_stop_a_crawl(shop: Shop, source: Callable[..., Source], tmp_path: Path) -> None:
    """An exception from the progress callback ends the child and comes out."""
    job = job_of(source("/sitemaps/listings-1.xml", rate=5), tmp_path)

    def enough(_: Progress) -> None:
        raise CrawlError("enough")

    started = time.monotonic()
    with pytest.raises(CrawlError, match="enough"):
        launch.crawl(job, on_progress=enough)
    assert time.monotonic() - started < 20
    assert not children_of(os.getpid())
