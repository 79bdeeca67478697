"""A simulated marketplace to crawl, and a crawl of it with what it wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest

from scanner.demo import Shop, serve
from scanner.model import Observation
from scanner.settings import Source
from spiders import launch
from spiders.job import CrawlJob, CrawlResult, Partition
from spiders.spool import segments


class Crawl(msgspec.Struct, frozen=True):
    """A crawl's results, and everything that its segments say."""

    results: tuple[CrawlResult, ...]
    observations: tuple[Observation, ...]
    folder: Path

    def counted(self, kind: type) -> int:
        """How many observations are of a kind."""
        return sum(isinstance(one, kind) for one in self.observations)


@pytest.fixture(scope="module")
def shop() -> Iterator[Shop]:
    """A marketplace of fifty listings."""
    with serve(seed=5, listings=50) as served:
        yield served


@pytest.fixture
def source(shop: Shop) -> Callable[..., Source]:
    """A source on the marketplace, fast and named."""

    def make(path: str = "/sitemap.xml", **given: Any) -> Source:
        shop.faults.clear()
        usual: dict[str, Any] = {
            "name": "market",
            "page": "demo",
            "rate": 5000,
            "start": (shop.url + path,),
        }
        return Source(**usual | given)

    return make


@pytest.fixture
def crawl(tmp_path: Path) -> Callable[..., Crawl]:
    """Crawl a source, one child process for each partition; unplanned it is one partition, which saves a process."""

    def run(source: Source, *, planned: bool = False, partitions: tuple[Partition, ...] = (), **given: Any) -> Crawl:
        parts = partitions or (Partition(name="whole", start=source.start),)
        if planned:
            parts = launch.plan(source, folder=tmp_path / "plan")
        usual: dict[str, Any] = {"spool": tmp_path / "spool", "evidence": tmp_path / "evidence", "inspection": "1"}
        jobs = [CrawlJob(source=source, partition=part, **usual | given) for part in parts]
        results = tuple(launch.crawl(job) for job in jobs)
        return Crawl(results, read(tmp_path / "spool"), tmp_path)

    return run


def read(spool: Path) -> tuple[Observation, ...]:
    """Every line of every closed segment."""
    lines = [line for segment in segments(spool) for line in segment.read_bytes().splitlines()]
    return tuple(msgspec.json.decode(line, type=Observation) for line in lines)
