"""Crawls what needs no network: feeds and saved pages. The same spool, ledger and result, without Scrapy."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

from scanner.errors import FeedError
from scanner.model import Failed, Fetched, Observation
from scanner.sources import Walker
from spiders.feed import BadRow, read_listings
from spiders.job import FINISHED, CrawlJob
from spiders.recorder import Recorder
from spiders.saved import observations

SHUTDOWN = "shutdown"
TRUNCATED = "truncated"


def crawl(job: CrawlJob, recorder: Recorder) -> tuple[str, str]:
    """Read the job's files; the finish reason and a detail. A feed that breaks off is not finished: ``truncated``."""
    stop = _Stop()
    outcomes = _rows(job) if job.walker is Walker.FEED else observations(job.source, job.partition.start)
    try:
        for outcome, size in outcomes:
            if stop.asked:
                return SHUTDOWN, "asked to stop"
            recorder.coverage.page(size)
            recorder.at_once(outcome)
            recorder.tick()
            if recorder.room == 0:
                break
    except FeedError as error:
        if not recorder.coverage.statement().discovered:
            raise
        return TRUNCATED, str(error)
    return FINISHED, ""


def _rows(job: CrawlJob) -> Iterator[tuple[Observation, int]]:
    """Every row's outcome; a bad row is named by file and line. What the file weighs is told with its first row."""
    for path in job.partition.start:
        size = Path(path).stat().st_size if Path(path).is_file() else 0
        for row in read_listings(path, platform=job.source.platform_name):
            if isinstance(row, BadRow):
                yield Failed(url=f"{path}:{row.line}", reason="bad_row", detail=row.reason), size
            else:
                yield Fetched(listing=row), size
            size = 0


class _Stop:
    """Whether this process was asked to end."""

    def __init__(self) -> None:
        self.asked = False
        signal.signal(signal.SIGTERM, self._ask)

    def _ask(self, *_: object) -> None:
        self.asked = True
