"""The crew of an inspection: crawls partitions side by side, takes in their segments meanwhile, keeps their leases.

Threads only wait for crawl processes. Everything that writes to the store happens in the thread that called ``run``.
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Iterable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import msgspec

from scanner.errors import AlreadyRunning, CrawlError, DelistError
from scanner.inspection.intake import take_in
from scanner.inspection.records import Asked, Inspection, IntakeCounts, PartitionRow, PartitionState
from scanner.model import Ledger
from scanner.ports import Clock, InspectionStore
from scanner.rulebook import Rulebook
from scanner.settings import Settings, Source
from spiders.job import FINISHED, CrawlJob, CrawlResult, Partition, Progress

# How long a partition is ours without a sign of life, and how often we give one.
LEASE = timedelta(seconds=60)
RENEW = timedelta(seconds=15)
# How often it is looked whether a person wants the inspection to end.
HEED = timedelta(seconds=2)
# How often finished segments and crawls are looked for.
TICK_SECONDS = 0.1
# Ends that another attempt may mend; asked to stop, out of time or a full disk are not among them.
WORTH_ANOTHER = frozenset({"lost", "crashed", "start_failed"})
ATTEMPTS = 2


class Crawl(Protocol):
    """Crawls one partition to its end; ``spiders.launch.crawl`` is the real one."""

    def __call__(self, job: CrawlJob, *, on_progress: Callable[[Progress], None]) -> CrawlResult:
        """Raises ``DelistError`` where it cannot begin, and whatever ``on_progress`` raises, the crawl being ended."""


class Stopped(Exception):
    """A person has asked for the end of the inspection."""

    def __init__(self, asked: Asked) -> None:
        super().__init__(f"stopped by {asked.asked_by}: {asked.detail}")
        self.asked = asked


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """Where a running inspection stands, for people who watch it: the ledgers of its parts so far, added up.

    ``in_all`` is how much there will be to discover: as many in the parts not begun as in those that are; 0: unknown.
    """

    partitions: int = 0
    done: int = 0
    pages: int = 0
    discovered: int = 0
    listings: int = 0
    unchanged: int = 0
    gone: int = 0
    errors: int = 0
    skipped: int = 0
    flagged: int = 0
    in_all: int = 0

    @property
    def settled(self) -> int:
        """How much of what was discovered has its outcome."""
        return self.listings + self.unchanged + self.gone + self.errors + self.skipped


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """What a crew works with."""

    source: Source
    store: InspectionStore
    rulebook: Rulebook
    settings: Settings
    crawl: Crawl
    clock: Clock
    on_progress: Callable[[Standing], None]
    worker: str
    known: Path | None = None
    asks_for_changes: bool = False


class Crew:
    """Crawls the open partitions of one inspection to their ends."""

    def __init__(self, inspection: Inspection, given: Given) -> None:
        self._inspection = inspection
        self._given = given
        self._heard: dict[str, Progress] = {}
        self._taken: dict[tuple[str, int], IntakeCounts] = {}
        self._running: dict[Future[CrawlResult], PartitionRow] = {}
        self._failures: Counter[str] = Counter()
        self._stop = threading.Event()
        self._done = self._done_before = 0
        self._all = 0
        self._renewed_at = given.clock()
        self._heeded_at = self._renewed_at - HEED

    def run(self, partitions: Iterable[PartitionRow]) -> None:
        """Crawl all that is not closed. Left by an exception, it ends its crawls; their partitions stay open.

        Raises ``Stopped`` when a person has asked for that.
        """
        rows = tuple(partitions)
        self._all = len(rows)
        waiting = deque(row for row in rows if row.state in {PartitionState.OPEN, PartitionState.LEASED})
        self._done = self._done_before = self._all - len(waiting)
        running = self._running
        with ThreadPoolExecutor(self._given.settings.workers, thread_name_prefix="crawl") as threads:
            try:
                while waiting or running:
                    while waiting and len(running) < self._given.settings.workers:
                        row = self._lease(waiting.popleft())
                        running[threads.submit(self._crawl, row)] = row
                    ended, _ = wait(running, timeout=TICK_SECONDS, return_when=FIRST_COMPLETED)
                    self._look_after()
                    for one in ended:
                        closed = self._close(running[one], one.result())
                        del running[one]
                        if closed.state is PartitionState.OPEN:
                            waiting.append(closed)
            finally:
                self._stop.set()
        self._given.on_progress(self.standing)

    @property
    def standing(self) -> Standing:
        """Where the inspection stands."""
        heard = tuple(self._heard.values())
        return Standing(
            partitions=self._all,
            done=self._done,
            pages=sum(one.pages for one in heard),
            discovered=(discovered := sum(one.discovered for one in heard)),
            listings=sum(one.listings for one in heard),
            unchanged=sum(one.unchanged for one in heard),
            gone=sum(one.gone for one in heard),
            errors=sum(one.errors for one in heard),
            skipped=sum(one.skipped for one in heard),
            flagged=sum(counts.flagged for counts in self._taken.values()),
            in_all=round(discovered * max(1.0, (self._all - self._done_before) / len(heard))) if heard else 0,
        )

    def _lease(self, row: PartitionRow) -> PartitionRow:
        """Take the partition, and first what earlier attempts at it left behind: what was seen was seen."""
        at = self._given.clock()
        with self._given.store.transaction() as tx:
            leased = tx.lease_partition(row, worker=self._given.worker, at=at, until=at + LEASE)
        if leased is None:
            raise AlreadyRunning(f"{row.name}: somebody else has taken this partition")
        for attempt in range(1, leased.attempts):
            self._take_in(leased, attempt)
        return leased

    def _crawl(self, row: PartitionRow) -> CrawlResult:
        """In a thread of its own: one attempt, whatever comes of it."""
        started_at = self._given.clock()
        try:
            return self._given.crawl(self._job(row), on_progress=lambda progress: self._hear(row, progress))
        except (DelistError, OSError) as error:
            return CrawlResult(
                finish_reason="refused",
                started_at=started_at,
                finished_at=self._given.clock(),
                detail=f"{error} {getattr(error, 'hint', '')}".strip(),
            )

    def _job(self, row: PartitionRow) -> CrawlJob:
        return CrawlJob(
            source=self._given.source,
            partition=msgspec.json.decode(row.plan, type=Partition),
            inspection=str(self._inspection.id),
            spool=self._folder(row.attempts),
            evidence=self._given.settings.evidence / str(self._inspection.id),
            attempt=row.attempts,
            known=self._given.known,
            asks_for_changes=self._given.asks_for_changes,
            share=min(self._given.settings.workers, max(1, self._all)),
        )

    def _hear(self, row: PartitionRow, progress: Progress) -> None:
        self._heard[row.name] = progress
        if self._stop.is_set():
            raise CrawlError("the inspection was stopped")

    def _look_after(self) -> None:
        """Take in what has appeared, keep the leases, say how it goes."""
        for row in self._running.values():
            self._take_in(row, row.attempts)
        self._give_a_sign()

    def _give_a_sign(self) -> None:
        """Of life to the store, so that the leases last, and of progress to whoever watches."""
        at = self._given.clock()
        if at - self._renewed_at >= RENEW:
            self._renewed_at = at
            rows = self._running.values()
            with self._given.store.transaction() as tx:
                lost = [row.name for row in rows if not tx.renew_lease(row, until=at + LEASE)]
            if lost:
                raise AlreadyRunning(f"{lost[0]}: somebody else has taken this partition")
        self._heed(at)
        self._given.on_progress(self.standing)

    def _heed(self, at: datetime) -> None:
        """Raise ``Stopped`` if a person has asked for the end of the inspection."""
        if at - self._heeded_at < HEED:
            return
        self._heeded_at = at
        with self._given.store.reading() as tx:
            asked = tx.asked_stop(self._inspection.id)
        if asked is not None:
            raise Stopped(asked)

    def _take_in(self, row: PartitionRow, attempt: int) -> None:
        """What has appeared since the last look, in the order it was written."""
        for segment in sorted(self._folder(attempt).glob("*.jsonl")):
            is_ours = segment.name.rpartition("-")[0] == row.name
            if is_ours and (segment.name, attempt) not in self._taken:
                self._taken[segment.name, attempt] = take_in(
                    segment,
                    store=self._given.store,
                    rulebook=self._given.rulebook,
                    inspection_id=self._inspection.id,
                    partition=row.name,
                    attempt=attempt,
                    clock=self._given.clock,
                )
                self._give_a_sign()

    def _close(self, row: PartitionRow, result: CrawlResult) -> PartitionRow:
        """Write how an attempt ended; the partition is open again where another attempt is worth it."""
        self._take_in(row, row.attempts)
        with self._given.store.transaction() as tx:
            seen = tx.segment_counts(self._inspection.id).get((row.name, row.attempts), IntakeCounts())
            closed = msgspec.structs.replace(
                row,
                state=self._state_after(row, result),
                finish_reason=result.finish_reason,
                detail=result.detail,
                ledger=_ledger(result, seen),
                counts=seen,
                finished_at=self._given.clock(),
            )
            if not tx.close_partition(closed):
                raise AlreadyRunning(f"{row.name}: somebody else has taken this partition")
        self._done += closed.state is not PartitionState.OPEN
        return closed

    def _state_after(self, row: PartitionRow, result: CrawlResult) -> PartitionState:
        if result.finish_reason == FINISHED:
            return PartitionState.FINISHED
        self._failures[row.name] += 1
        is_worth_it = result.finish_reason in WORTH_ANOTHER and self._failures[row.name] < ATTEMPTS
        return PartitionState.OPEN if is_worth_it else PartitionState.FAILED

    def _folder(self, attempt: int) -> Path:
        """Each attempt has a folder, so that a crawl that outlived its parent disturbs nobody."""
        return self._given.settings.spool / str(self._inspection.id) / str(attempt)


def _ledger(result: CrawlResult, seen: IntakeCounts) -> Ledger:
    """The crawl's own ledger; of a crawl that was lost and left none, what intake can say."""
    if result.finish_reason == FINISHED or (result.ledger.discovered and result.ledger.is_balanced):
        return result.ledger
    return msgspec.structs.replace(seen.ledger, pages=result.ledger.pages, bytes=result.ledger.bytes)
