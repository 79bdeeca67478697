"""The one desk that every walker reports to: it keeps ledger, spool and evidence in step and tells how far it is."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime
from types import TracebackType
from typing import Self

from scanner.model import EvidenceRef, Failed, Ledger, Observation, Skipped
from spiders.coverage import Coverage
from spiders.evidence import Evidence
from spiders.job import CrawlJob, Progress, progress_of
from spiders.known import Known
from spiders.pages.page import BLOCKED, NotAListing
from spiders.spool import Spool

PROGRESS_SECONDS = 0.5
UNNAMED = "unknown:"


class Recorder:
    """Writes each outcome once: first the line, then the count. Raises ``OSError`` when the disk does."""

    def __init__(
        self,
        job: CrawlJob,
        *,
        lines: int = 256,
        on_progress: Callable[[Progress], None] = lambda _: None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.job = job
        self.started_at = datetime.now(UTC)
        self.known = Known(job.known)
        self.coverage = Coverage(job.partition.expected)
        self.evidence = Evidence(job.evidence, job.partition.name, attempt=job.attempt)
        self.spool = Spool(
            job.spool, job.partition.name, attempt=job.attempt, lines=lines, before_close=self.evidence.sync
        )
        self._on_progress = on_progress
        self._clock = clock
        self._told_at = 0.0
        # The walker's own word on what it has discovered and not settled.
        self.waited_for: Callable[[], Iterable[str]] = tuple

    @property
    def room(self) -> int | None:
        """How many more listings may be read; none if there is no limit."""
        return max(0, self.job.limit - self.coverage.fetched) if self.job.limit else None

    def discover(self, key: str) -> bool:
        """Count a discovery; one that was met before is skipped on the spot, and false."""
        if self.coverage.discover(key):
            return True
        self._write(Skipped(url=key, reason="duplicate"))
        return False

    def settle(self, key: str, observation: Observation) -> None:
        """The outcome of an open discovery."""
        if self.coverage.settle(key):
            self._write(observation)

    def at_once(self, observation: Observation) -> None:
        """A discovery and its outcome in one."""
        self.coverage.discover_one()
        self._write(observation)

    def keep(
        self, url: str, status: int, headers: list[tuple[str, str]], body: bytes, ip: str = ""
    ) -> EvidenceRef | None:
        """Keep a response as evidence, unless the job does without."""
        if not self.job.keep_evidence:
            return None
        now = datetime.now(UTC)
        return self.evidence.keep(url, status=status, headers=headers, body=body, seen_at=now, ip=ip)

    def tick(self) -> None:
        """What is due by time alone: an old segment, a word on progress."""
        self.spool.tick()
        if self._clock() - self._told_at >= PROGRESS_SECONDS:
            self._told_at = self._clock()
            self._on_progress(progress_of(self.coverage.statement()))

    def close_open(self, reason: str) -> int:
        """End what never got an outcome as failed; how many there were. What nobody waits for has lost its name."""
        count = self.coverage.open
        for key in self.waited_for():
            self.settle(key, Failed(url=key, reason=reason))
        for _ in range(self.coverage.open):
            self._write(Failed(url=UNNAMED, reason=reason))
        return count

    def statement(self) -> Ledger:
        """The closing statement; the last word on progress goes out with it."""
        ledger = self.coverage.statement()
        self._on_progress(progress_of(ledger))
        return ledger

    def __enter__(self) -> Self:
        self.evidence.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.spool.__exit__(kind, error, trace)
        self.evidence.__exit__(kind, error, trace)

    def _write(self, observation: Observation) -> None:
        self.spool.write(observation)
        self.coverage.count(observation)


def no_listing(found: NotAListing, url: str) -> Failed | Skipped:
    """A page that is no listing is skipped; one that did not let us see is a failure."""
    if found.why == BLOCKED:
        return Failed(url=url, reason=BLOCKED)
    return Skipped(url=url, reason="not_a_listing")
