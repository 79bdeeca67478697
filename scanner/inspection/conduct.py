"""One run over a source: plan its partitions, crawl each in a process of its own, take in what appears, judge the run.

The rows of the partitions are the truth: each is crawled under a lease and closed with its own ledger, compared with
what intake saw. So an inspection may be killed anywhere; begun again, it goes on with what is not closed.
"""

from __future__ import annotations

import hashlib
import os
import socket
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import msgspec

from scanner import audit
from scanner.errors import AlreadyRunning, DelistError
from scanner.inspection import absence, spooled
from scanner.inspection.coverage import judge, total
from scanner.inspection.crew import Crawl, Crew, Given, Standing, Stopped
from scanner.inspection.health import HISTORY, Check, Grade, Run, accepted, checks, failures
from scanner.inspection.intake import now, take_in
from scanner.inspection.records import Inspection, InspectionState, IntakeCounts, PartitionRow, PartitionState
from scanner.model import Ledger
from scanner.ports import Clock, InspectionRows, InspectionStore
from scanner.records import QueueFilter, QueueRow
from scanner.rulebook import Rulebook
from scanner.settings import Settings, Source
from spiders.job import Partition

# A killed inspection goes on if it is not older; what it saw before is too old to be called one inspection otherwise.
RESUME_WITHIN = timedelta(hours=24)
FULL = "full"
INCREMENTAL = "incremental"
KINDS = (FULL, INCREMENTAL)
# So much of the queue is in a report.
TOP = 10
_PACE = {"rate", "concurrency"}


class Plan(Protocol):
    """Divides a source into partitions; ``spiders.launch.plan`` is the real one."""

    def __call__(self, source: Source, *, folder: Path) -> tuple[Partition, ...]:
        """Raises ``DelistError`` where that cannot be done."""


class Hold(Protocol):
    """A lock that ends with its holder; ``scanner.processes.hold`` is the real one."""

    def __call__(self, file: Path, *, what: str, hint: str = "") -> AbstractContextManager[object]:
        """Raises ``AlreadyRunning`` if somebody has it."""


class InspectionReport(msgspec.Struct, frozen=True, kw_only=True):
    """What an inspection came to. ``by_category``: flagged listings that it saw, category -> severity -> how many.

    ``resumed``: it went on with an inspection that had been killed. ``top`` is the top of the source's whole queue, and
    ``waiting`` is counted as far as a queue is; ``counted`` says it as a person reads it: ``12``, or ``2,000+``.
    """

    inspection: Inspection
    partitions: tuple[PartitionRow, ...]
    by_category: dict[str, dict[str, int]]
    top: tuple[QueueRow, ...]
    waiting: int
    counted: str
    resumed: bool = False
    checks: tuple[Check, ...] = ()

    @property
    def ledger(self) -> Ledger:
        """What became of everything discovered."""
        return self.inspection.ledger

    @property
    def counts(self) -> IntakeCounts:
        """What intake made of it: new, changed, same, flagged, opened …"""
        return self.inspection.counts

    @property
    def is_finished(self) -> bool:
        """Whether everything planned was crawled and everything discovered is accounted for."""
        return self.inspection.state is InspectionState.FINISHED


def inspect(
    source: Source,
    *,
    store: InspectionStore,
    rulebook: Rulebook,
    settings: Settings,
    plan: Plan,
    crawl: Crawl,
    clock: Clock = now,
    on_progress: Callable[[Standing], None] = lambda _: None,
    hold: Hold | None = None,
    kind: str = FULL,
    resume: bool = True,
    accept: bool = False,
) -> InspectionReport:
    """Inspect ``source`` and report. A run that is not all it should be is no exception but a report that says why.

    1. Of one source there is one inspection at a time: ``hold`` keeps others on this machine out, leases everybody.
    2. An inspection that was killed goes on where it was, with the partitions that are not closed, unless ``resume`` is
       false, it is older than a day, or the source's settings (rate and concurrency aside) or the rulebook have changed
       since: then it is closed as incomplete, and a new one begins.
    3. ``incremental`` takes the platform's word for what has not changed: sitemaps' dates, entity tags and dates of
       single pages; but only of listings that a finished inspection of this source has read, and of dates only those
       from more than a day before it began. What was left out by a limit, failed, or was read in a run that was
       stopped, cut short or unhealthy, or by another source, is read.
    4. What was read is compared with the runs before (``scanner.inspection.health``). A check that fails makes the
       inspection fail, and what it found gone is taken to be there still; ``accept`` says that the platform is like
       this now.
    5. What earlier inspections saw and this one did not is gone, if this one was full, finished and without a limit,
       and did not begin at picked addresses (``Source.is_picked``), which say nothing of what they leave out; nor does
       a source made from the address of a shop that a configured source keeps track of (``absence.keepers``).

    Raises ``AlreadyRunning``, ``StoreUnavailable``, and what ``plan`` raises.
    """
    if hold is not None:
        lock = settings.data / f"inspection-{source.name}.lock"
        hint = "Wait for it, or stop it: a new one goes on where it was."
        with hold(lock, what=f"an inspection of {source.name} is running", hint=hint):
            inspector = Inspector(source, store=store, rulebook=rulebook, settings=settings, clock=clock, is_alone=True)
            return inspector.inspect(plan, crawl, on_progress, kind=kind, resume=resume, accept=accept)
    inspector = Inspector(source, store=store, rulebook=rulebook, settings=settings, clock=clock, is_alone=False)
    return inspector.inspect(plan, crawl, on_progress, kind=kind, resume=resume, accept=accept)


class Inspector:
    """Runs one inspection. ``is_alone``: no other process on this machine inspects the source, so leases of processes
    on this machine are those of dead ones."""

    def __init__(
        self,
        source: Source,
        *,
        store: InspectionStore,
        rulebook: Rulebook,
        settings: Settings,
        clock: Clock,
        is_alone: bool,
    ) -> None:
        self._source = source
        self._store = store
        self._rulebook = rulebook
        self._settings = settings
        self._clock = clock
        self._is_alone = is_alone
        self._worker = f"{socket.gethostname()}:{os.getpid()}"

    def inspect(
        self,
        plan: Plan,
        crawl: Crawl,
        on_progress: Callable[[Standing], None],
        *,
        kind: str,
        resume: bool,
        accept: bool,
    ) -> InspectionReport:
        """From the first row to the report."""
        left = self._left_over(resume=resume)
        inspection = left or self._begin(kind)
        partitions = self._partitions(inspection, plan)
        given = Given(
            source=self._source,
            store=self._store,
            rulebook=self._rulebook,
            settings=self._settings,
            crawl=crawl,
            clock=self._clock,
            on_progress=on_progress,
            worker=self._worker,
            known=self._write_known(inspection),
            asks_for_changes=inspection.kind == INCREMENTAL,
        )
        crew = Crew(inspection, given)
        try:
            crew.run(partitions)
        except Stopped as stopped:
            return self._stop(inspection, stopped, resumed=left is not None)
        return self._end(inspection, resumed=left is not None, accept=accept)

    def _left_over(self, *, resume: bool) -> Inspection | None:
        """The killed inspection to go on with; one that is not worth it is closed."""
        with self._store.reading() as tx:
            left = tx.running_inspection(self._source.name)
            partitions = tx.partitions(left.id) if left else ()
        if left is None:
            return None
        self._refuse_alive(partitions)
        is_young = self._clock() - left.started_at <= RESUME_WITHIN
        is_same = left.given == _fingerprint(self._source) and left.rulebook == self._rulebook.version
        if resume and is_young and is_same:
            return left
        self._close(left, InspectionState.INCOMPLETE, ("it was killed and not gone on with",))
        return None

    def _refuse_alive(self, partitions: tuple[PartitionRow, ...]) -> None:
        """Raise ``AlreadyRunning`` if one of the partitions may be in somebody's hands right now."""
        host = f"{socket.gethostname()}:"
        for row in partitions:
            is_held = row.state is PartitionState.LEASED and row.lease_until and row.lease_until > self._clock()
            if is_held and not (self._is_alone and row.worker.startswith(host)):
                raise AlreadyRunning(
                    f"{self._source.name}: {row.worker} crawls {row.name}",
                    hint=f"If that process is gone, try again after {row.lease_until:%H:%M:%S} UTC.",
                )

    def _begin(self, kind: str) -> Inspection:
        at = self._clock()
        with self._store.transaction() as tx:
            inspection = tx.start_inspection(
                source=self._source.name,
                platform=self._source.platform_name,
                walker=self._source.walker,
                kind=kind,
                given=_fingerprint(self._source),
                rulebook=self._rulebook.version,
                at=at,
            )
            if inspection is None:
                raise AlreadyRunning(f"an inspection of {self._source.name} has just begun elsewhere")
            subject = f"inspection:{inspection.id}"
            facts = {"source": inspection.source, "inspection_kind": kind, "rulebook": inspection.rulebook}
            audit.append(tx, actor=audit.SYSTEM, kind="inspection.started", subject=subject, at=at, **facts)
        return inspection

    def _partitions(self, inspection: Inspection, plan: Plan) -> tuple[PartitionRow, ...]:
        """The rows; planned first if that was not done before the inspection was killed."""
        with self._store.reading() as tx:
            rows = tx.partitions(inspection.id)
        if rows:
            return rows
        folder = self._settings.spool / str(inspection.id)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            planned = plan(self._source, folder=folder)
        except DelistError as error:
            self._close(inspection, InspectionState.FAILED, (str(error),))
            raise
        with self._store.transaction() as tx:
            if not tx.partitions(inspection.id):
                tx.add_partitions(inspection.id, [(one.name, msgspec.json.encode(one)) for one in planned])
            return tx.partitions(inspection.id)

    def _write_known(self, inspection: Inspection) -> Path:
        """What is stored of the platform's listings, in a file for its crawls."""
        file = self._settings.spool / str(inspection.id) / spooled.KNOWN
        file.parent.mkdir(parents=True, exist_ok=True)
        with self._store.reading() as tx, file.open("wb") as lines:
            for row in tx.known_content(inspection.platform, source=inspection.source):
                lines.write(msgspec.json.encode(row) + b"\n")
        return file

    def _end(self, inspection: Inspection, *, resumed: bool, accept: bool) -> InspectionReport:
        with self._store.reading() as tx:
            partitions = tx.partitions(inspection.id)
        is_limited = self._source.is_picked or bool(self._source.limit) or any(_limit(row) for row in partitions)
        state, reasons = judge(partitions, is_limited=is_limited)
        found = self._checks(inspection, partitions, is_limited=is_limited)
        found = accepted(found) if accept else found
        if unhealthy := failures(found):
            state, reasons = InspectionState.FAILED, (*unhealthy, *reasons)
        held = self._take_in_held(inspection, is_healthy=not unhealthy)
        if held and unhealthy:
            reasons = (*reasons, f"{held} changed listings say less than before: what was stored of them stays")
        is_whole = inspection.kind == FULL and not is_limited and not absence.is_passing(self._source, self._settings)
        ended = self._close(inspection, state, reasons, found, is_whole=is_whole)
        spooled.put_away(self._settings, ended, partitions)
        return self._report(ended, found, resumed=resumed)

    def _stop(self, inspection: Inspection, stopped: Stopped, *, resumed: bool) -> InspectionReport:
        """Close what a person wants to end: incomplete, with who it was and why. Nobody goes on with it."""
        with self._store.transaction() as tx:
            tx.take_asked(stopped.asked.id, at=self._clock())
            partitions = tx.partitions(inspection.id)
        ended = self._close(inspection, InspectionState.INCOMPLETE, (str(stopped),))
        spooled.put_away(self._settings, ended, partitions)
        return self._report(ended, resumed=resumed)

    def _report(self, ended: Inspection, found: tuple[Check, ...] = (), *, resumed: bool) -> InspectionReport:
        with self._store.reading() as tx:
            page = tx.queue(QueueFilter(source=self._source.name), limit=TOP, after="")
            return InspectionReport(
                inspection=ended,
                partitions=tx.partitions(ended.id),
                by_category=tx.flagged_by_category(ended.id),
                top=page.rows,
                waiting=page.total,
                counted=page.counted,
                resumed=resumed,
                checks=found,
            )

    def _take_in_held(self, inspection: Inspection, *, is_healthy: bool) -> int:
        """Of a healthy inspection, take in the changed listings that were held; how many there were."""
        with self._store.reading() as tx:
            counted = tx.segment_counts(inspection.id)
        for (partition, attempt), counts in sorted(counted.items()) if is_healthy else ():
            folder = self._settings.spool / str(inspection.id) / str(attempt)
            segments = sorted(folder.glob("*.jsonl")) if counts.held else []
            for segment in (one for one in segments if one.name.rpartition("-")[0] == partition):
                take_in(
                    segment,
                    store=self._store,
                    rulebook=self._rulebook,
                    inspection_id=inspection.id,
                    partition=partition,
                    attempt=attempt,
                    clock=self._clock,
                    is_healthy=True,
                )
        return sum(counts.held for counts in counted.values())

    def _checks(
        self, inspection: Inspection, partitions: tuple[PartitionRow, ...], *, is_limited: bool
    ) -> tuple[Check, ...]:
        """What was read, against the finished inspections before."""
        with self._store.reading() as tx:
            counts = sum(tx.segment_counts(inspection.id).values(), IntakeCounts())
            before = tx.recent_finished(self._source.name, limit=HISTORY)
        ledger = total(partition.ledger for partition in partitions)
        run = Run(ledger=ledger, counts=counts, is_whole=not is_limited)
        return checks(run, [Run(ledger=one.ledger, counts=one.counts, is_whole=one.is_whole) for one in before])

    def _close(
        self,
        inspection: Inspection,
        state: InspectionState,
        reasons: tuple[str, ...],
        found: tuple[Check, ...] = (),
        *,
        is_whole: bool = False,
    ) -> Inspection:
        """End the row with all that its partitions and segments add up to, and put it on record."""
        at = self._clock()
        with self._store.transaction() as tx:
            partitions = tx.partitions(inspection.id)
            ended = tx.end_inspection(
                inspection.id,
                state=state,
                reasons=reasons,
                ledger=total(partition.ledger for partition in partitions),
                counts=sum(tx.segment_counts(inspection.id).values(), IntakeCounts()),
                at=at,
            )
            subject = f"inspection:{inspection.id}"
            amiss = tuple(check for check in found if check.grade is not Grade.PASS)
            facts: dict[str, object] = {"state": state, "reasons": reasons, "ledger": ended.ledger, "checks": amiss}
            facts["gone"] = self._absent(tx, ended, found, is_whole=is_whole, at=at)
            audit.append(tx, actor=audit.SYSTEM, kind="inspection.ended", subject=subject, at=at, **facts)
        return ended

    def _absent(
        self, tx: InspectionRows, ended: Inspection, found: tuple[Check, ...], *, is_whole: bool, at: datetime
    ) -> int:
        """What is no longer there: marked where everything was seen, withdrawn where a check says that little was."""
        if failures(found):
            return -absence.withdraw(tx, ended, at=at)
        if ended.state is not InspectionState.FINISHED or not is_whole or absence.unnamed(ended.ledger):
            return 0
        urls = absence.unread_urls(self._settings.spool / str(ended.id), ended.ledger)
        keepers = absence.keepers(self._source, self._settings)
        return absence.mark_unseen(tx, ended, urls, keepers=keepers, at=at) if urls is not None else 0


def _fingerprint(source: Source) -> str:
    """What of the settings decides what is read: how fast it is asked for does not."""
    return hashlib.sha256(source.model_dump_json(exclude=_PACE).encode()).hexdigest()


def _limit(row: PartitionRow) -> int:
    return msgspec.json.decode(row.plan, type=Partition).limit
