"""The timetable: what runs when. Start reading here.

Each source in ``delist.toml`` may have a cron line. APScheduler fires at its slots, and every half minute looks whether
something is due that did not fire: because the scheduler was down, the machine asleep, or a run killed. What is due is
said by ``scanner/inspection/runs.py`` from the rows in the store. A run is one process, ``delist inspect SOURCE``,
under a time limit; it crawls (``spiders/``), takes in what was found (``scanner/inspection/intake.py``), and leaves
cases in the queue.

    source with a cron line ─► slot ─► claim (source, slot) in the store ─► delist inspect SOURCE ─► the row's end

Beside the timetable there are duties, done over and over: sending takedowns and looking after them, writing and sending
letters, tidying the queue, and what retention was told to delete. Each is one process at a time, begun again when it
has ended.

What people ask for in the console (``scanner/inspection/asking.py``) is looked for every few seconds, and run like
a slot.

Jobs are rebuilt from the settings at every start and kept in memory: a stored job would go on after its configuration
is gone, and be deleted silently when its function is renamed.
"""

from __future__ import annotations

import contextlib
import logging
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor as Threads
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from pathlib import Path

from apscheduler.events import EVENT_JOB_MAX_INSTANCES, JobEvent
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.base import BaseTrigger
from msgspec import structs

from scanner.duties import Duty, Entry
from scanner.errors import AlreadyRunning, CrawlError, DelistError
from scanner.inspection import asking
from scanner.inspection.conduct import INCREMENTAL
from scanner.inspection.records import Asked
from scanner.inspection.runs import Due, RunLog, Timetable, begin_record, mark_lost, what_is_due
from scanner.model import Run, RunState
from scanner.processes import Bell, Child, Ending, hold

log = logging.getLogger("delist.scheduler")

_STOPPED = Ending(state=RunState.STOPPED, detail="the scheduler was stopped; it runs again when that is back")


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How many runs at a time; how often to look for what was missed, or asked for; how long a run may take to stop."""

    runs_at_a_time: int = 2
    look_seconds: float = 30.0
    asked_seconds: float = 3.0
    stop_seconds: float = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class OnDemand:
    """Where it is said what people ask for, and the sources that they may ask for, each with its limit in seconds."""

    store: asking.AskingStore
    run_seconds: Mapping[str, float]


class Scheduler:
    """Fires what is due, until it is told to stop. One for each store."""

    def __init__(
        self,
        entries: Sequence[Entry],
        *,
        runs: RunLog,
        folder: Path,
        command: Callable[[str], Sequence[str]],
        limits: Limits = Limits(),
        zone: tzinfo = UTC,
        duties: Sequence[Duty] = (),
        on_demand: OnDemand | None = None,
    ) -> None:
        """``command`` makes the command line of a source's run; ``folder`` is for locks and for what runs print.

        ``zone`` is only for the words in the log.
        """
        self._duties = tuple(duties)
        self._on_demand = on_demand
        self._said_of_duty: dict[str, str] = {}
        self._entries = {entry.source: entry for entry in entries}
        self._runs = runs
        self._folder = folder
        self._command = command
        self._limits = limits
        self._zone = zone
        self._places = threading.Semaphore(limits.runs_at_a_time)
        self._busy: set[str] = set()
        self._children: dict[str, Child] = {}
        self._ending: Ending | None = None
        self._waking = threading.Lock()

    def serve(self, seconds: float | None = None) -> None:
        """Run until ``SIGTERM``, ``SIGINT`` or the end of ``seconds``. Raises ``AlreadyRunning``."""
        hint = "Two schedulers on one store would only get in each other's way: stop that one first."
        lock = self._folder / "scheduler.lock"
        with hold(lock, what="a scheduler is already running on this store", hint=hint), Bell() as bell:
            jobs = self._jobs()
            jobs.start()
            try:
                received = bell.wait(seconds)
            finally:
                jobs.pause()
                self._end_all(_STOPPED)
                # Shutting down waits for the look, and holds what the look needs to wake a source: no more of that.
                with self._waking:
                    pass
                jobs.shutdown(wait=True)
            log.info("stopped: %s", received or f"the {seconds:g} seconds are over")

    def run_once(self, source: str, run_seconds: float) -> Run:
        """Run a source now and wait for its end. Raises ``AlreadyRunning``."""
        with self._only_run_of(source) as lock, Bell() as bell, Threads(1) as thread:
            mark_lost(self._runs, source, _now())
            running = thread.submit(self._run, source, Due(slot=_now()), lock, run_seconds)
            running.add_done_callback(lambda _: bell.ring())
            if received := bell.wait():
                self._end_all(Ending(state=RunState.FAILED, detail=f"interrupted by hand ({received})"))
            run = running.result()
        if run is None:
            raise AlreadyRunning(f"{source}: somebody else began a run at the same moment")
        return run

    def _jobs(self) -> BackgroundScheduler:
        """One job for each source at its slots, and the look for what did not fire."""
        jobs = BackgroundScheduler(
            timezone=UTC,
            executors={"default": ThreadPoolExecutor(len(self._entries) + len(self._duties) + len(self._asked_of) + 2)},
            job_defaults={"coalesce": True, "max_instances": 1},
        )
        jobs.add_listener(self._say_still_running, EVENT_JOB_MAX_INSTANCES)
        # It would say in its own words, and as warnings, what the listener and the next look say in ours.
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        now = _now()
        for entry in self._entries.values():
            begin_record(self._runs, entry.source, entry.timetable, now)
            trigger, grace = SlotTrigger(entry.timetable), grace_seconds(entry.timetable, now)
            jobs.add_job(self._fire, trigger, [entry], id=entry.source, misfire_grace_time=grace)
            log.info("%s: next at %s", entry.source, self._moment(entry.timetable.next_after(now)))
        for duty in self._duties:
            every, name = duty.every_seconds, f"duty {duty.name}"
            jobs.add_job(
                self._do, "interval", [duty], id=name, seconds=every, next_run_time=now, misfire_grace_time=None
            )
        seconds = self._limits.look_seconds
        jobs.add_job(self._look, "interval", [jobs], seconds=seconds, next_run_time=now, misfire_grace_time=None)
        if self._asked_of:
            seconds = self._limits.asked_seconds
            jobs.add_job(
                self._look_asked, "interval", [jobs], seconds=seconds, next_run_time=now, misfire_grace_time=None
            )
        return jobs

    def _look(self, jobs: BackgroundScheduler) -> None:
        """Wake every source of which something is due that did not fire."""
        for entry in self._entries.values():
            if entry.source not in self._busy and self._is_overdue(entry):
                with self._waking:
                    if self._ending is None:
                        jobs.modify_job(entry.source, next_run_time=_now())

    def _is_overdue(self, entry: Entry) -> bool:
        due = None
        with _told(entry.source), self._only_run_of(entry.source):
            due = self._what_is_due(entry)
        return due is not None

    def _fire(self, entry: Entry) -> None:
        """Run what is due of a source, if anything is."""
        self._busy.add(entry.source)
        try:
            with _told(entry.source), self._places, self._only_run_of(entry.source) as lock:
                due = self._what_is_due(entry)
                if due and not self._ending:
                    self._run(entry.source, due, lock, entry.run_seconds)
        finally:
            self._busy.discard(entry.source)

    @property
    def _asked_of(self) -> Mapping[str, float]:
        return self._on_demand.run_seconds if self._on_demand else {}

    def _look_asked(self, jobs: BackgroundScheduler) -> None:
        """Run what people have asked for, of sources that are not at work."""
        for one in asking.waiting(self._on_demand.store) if self._on_demand else ():
            with self._waking:
                if self._ending is None and one.source in self._asked_of and one.source not in self._busy:
                    self._busy.add(one.source)
                    jobs.add_job(self._run_asked, args=[one], misfire_grace_time=None)

    def _run_asked(self, one: Asked) -> None:
        """Run what a person asked for, unless it was withdrawn, or a run of the source is going: then after that."""
        try:
            with _told(one.source), self._places, self._only_run_of(one.source) as lock:
                if self._on_demand and not self._ending and asking.take(self._on_demand.store, one.id, now=_now()):
                    mark_lost(self._runs, one.source, _now())
                    log.info("%s: %s has asked for it", one.source, one.asked_by)
                    more = ["--incremental"] if one.kind == INCREMENTAL else []
                    self._run(one.source, Due(slot=_now()), lock, self._asked_of[one.source], more)
        finally:
            self._busy.discard(one.source)

    def _do(self, duty: Duty) -> None:
        """Do a duty to its end. What another process does already is left to it."""
        file = self._folder / "duties" / f"{duty.name}.lock"
        with _told(duty.name), hold(file, what=f"{duty.name} is being done already") as lock:
            if not self._ending:
                output = file.with_suffix(".log")
                ending = self._run_child(f"duty {duty.name}", duty.command, output, lock, duty.run_seconds)
                self._say_duty(duty, ending, output)

    def _say_duty(self, duty: Duty, ending: Ending, where: Path) -> None:
        """Trouble is told when it begins and when it changes; the end of it too."""
        said = ending.detail if ending.state not in {RunState.FINISHED, RunState.STOPPED} else ""
        if said != self._said_of_duty.get(duty.name, ""):
            self._said_of_duty[duty.name] = said
            if said:
                log.warning("%s: %s (its words: %s)", duty.name, said, where)
            else:
                log.info("%s: well again", duty.name)

    def _what_is_due(self, entry: Entry) -> Due | None:
        """Only for the holder of the source's lock, which is what proves that no run of it is alive."""
        for lost in mark_lost(self._runs, entry.source, _now()):
            log.warning("%s: the run of %s was lost: its process is gone", entry.source, self._moment(lost.slot))
        return what_is_due(entry.timetable, self._runs.recent_runs(entry.source), _now())

    def _run(self, source: str, due: Due, lock: int, run_seconds: float, options: Sequence[str] = ()) -> Run | None:
        """Claim the slot, run the process to its end, and end the row; ``None`` if the slot is somebody else's."""
        run = self._runs.claim_run(source=source, slot=due.slot, at=_now())
        if run is None:
            return None
        log.info("%s: started%s", source, self._why(due))
        command = [*self._command(source), *options]
        ending = self._run_child(source, command, self._output_of(source), lock, run_seconds)
        ended_at = _now()
        self._runs.finish_run(run.id, state=ending.state, at=ended_at, detail=ending.detail)
        self._say_end(source, ending, (ended_at - run.started_at).total_seconds())
        return structs.replace(run, state=ending.state, finished_at=ended_at, detail=ending.detail)

    def _run_child(self, name: str, command: Sequence[str], output: Path, lock: int, run_seconds: float) -> Ending:
        try:
            child = Child(command, output=output, lock=lock, stop_seconds=self._limits.stop_seconds)
        except CrawlError as error:
            return Ending(state=RunState.FAILED, detail=str(error))
        self._children[name] = child
        if self._ending:
            child.end(self._ending)
        try:
            return child.wait(run_seconds)
        finally:
            del self._children[name]

    def _end_all(self, ending: Ending) -> None:
        """End every run, and each that would begin from now on."""
        self._ending = ending
        for name, child in tuple(self._children.items()):
            log.info("%s: stopping its run", name)
            child.end(ending)

    def _only_run_of(self, source: str) -> contextlib.AbstractContextManager[int]:
        return hold(self._folder / "runs" / f"{source}.lock", what=f"a run of {source} is still going")

    def _output_of(self, source: str) -> Path:
        return self._folder / "runs" / f"{source}.log"

    def _say_end(self, source: str, ending: Ending, seconds: float) -> None:
        state, where = ending.state.replace("_", " "), self._output_of(source)
        if ending.state in {RunState.FINISHED, RunState.STOPPED}:
            log.info("%s: %s after %.1f s", source, state, seconds)
        else:
            log.warning("%s: %s after %.1f s: %s (its words: %s)", source, state, seconds, ending.detail, where)

    def _say_still_running(self, event: JobEvent) -> None:
        if event.job_id in self._entries:
            log.info("%s: due, but its last run is still going; it runs once after that", event.job_id)

    def _why(self, due: Due) -> str:
        if due.instead_of:
            return f" again: the run of {self._moment(due.instead_of.slot)} was {due.instead_of.state}"
        passed = f"{due.passed} slot{'s' * (due.passed != 1)} before it did not run" if due.passed else ""
        return f" for {self._moment(due.slot)}" + (f"; {passed}, this run stands for all" if passed else "")

    def _moment(self, moment: datetime | None) -> str:
        return f"{moment.astimezone(self._zone):%Y-%m-%d %H:%M:%S %Z}" if moment else "never"


class SlotTrigger(BaseTrigger):  # type: ignore[misc]  # APScheduler has no annotations
    """APScheduler's view of a timetable. Slots that have passed are not listed one by one: they are one run."""

    def __init__(self, timetable: Timetable) -> None:
        """``timetable`` says when."""
        self._timetable = timetable

    def get_next_fire_time(self, previous_fire_time: datetime | None, now: datetime) -> datetime | None:
        """The next slot after both."""
        return self._timetable.next_after(max(previous_fire_time or now, now))


def grace_seconds(timetable: Timetable, now: datetime) -> int:
    """How late APScheduler may fire: half the period. Then the next slot is nearer, and the look decides."""
    first = timetable.next_after(now)
    second = timetable.next_after(first) if first else None
    return max(1, round((second - first).total_seconds() / 2)) if first and second else 1


@contextlib.contextmanager
def _told(source: str) -> Iterator[None]:
    """One source's trouble is told, and stops no other; the next look tries again."""
    try:
        yield
    except AlreadyRunning as error:
        log.debug("%s", error)
    except DelistError as error:
        log.error("%s: %s %s", source, error, error.hint)  # noqa: TRY400 -- words to act on, not a traceback


def _now() -> datetime:
    return datetime.now(UTC)
