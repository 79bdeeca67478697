"""The scheduler with real processes, real locks and a real SQLite file; only the timetable is faster than cron."""

from __future__ import annotations

import inspect
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from scanner.errors import AlreadyRunning, StoreUnavailable
from scanner.model import Run, RunState
from scanner.processes import hold
from scanner.runs import begin_record, last_run, mark_lost, what_is_due
from scanner.settings import read_settings
from scanner.store import Store
from scheduler import Entry, Limits, Scheduler, SlotTrigger, entries_of, grace_seconds, inspect_command, lock_folder

NOON = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)
# Before the last slot of the rarest timetable here.
LONG_AGO = NOON - 3000 * timedelta(days=1)
ROOT = Path(__file__).resolve().parent.parent


class Every:
    """A timetable with a slot every ``seconds``, from the epoch on: what cron is, for the impatient."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds

    def next_after(self, moment: datetime) -> datetime:
        """The first slot after ``moment``."""
        return datetime.fromtimestamp((moment.timestamp() // self.seconds + 1) * self.seconds, UTC)

    def latest_until(self, moment: datetime) -> datetime:
        """The last slot until ``moment``."""
        return datetime.fromtimestamp(moment.timestamp() // self.seconds * self.seconds, UTC)


HOURLY = Every(3600)
# So rare that no test sees its next slot; its last one is long ago.
RARELY = Every(400 * 86400)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    """A store on a file of its own."""
    with Store.open(f"sqlite:///{tmp_path / 'delist.db'}") as opened:
        yield opened


def python(*lines: str) -> list[str]:
    """The command of a run that is a few lines of Python."""
    return [sys.executable, "-c", "\n".join(lines)]


DONE = python("pass")
SLEEP = python("import time", "time.sleep(60)")


def scheduler_of(
    store: Store,
    folder: Path,
    timetable: Every,
    command: Sequence[str] | Callable[[str], Sequence[str]],
    *,
    run_seconds: float = 30,
    stop_seconds: float = 5,
) -> Scheduler:
    """A scheduler of one source, ``shop``, that looks for missed slots ten times a second."""
    entry = Entry(source="shop", timetable=timetable, run_seconds=run_seconds)
    limits = Limits(look_seconds=0.1, stop_seconds=stop_seconds)
    make = command if callable(command) else lambda _: command
    return Scheduler([entry], runs=store, folder=folder, command=make, limits=limits)


def states(store: Store) -> list[str]:
    """The states of the runs of ``shop`` that were started, oldest first."""
    runs = reversed(store.recent_runs("shop"))
    return [run.state.value for run in runs if run.state is not RunState.SKIPPED]


def record(store: Store, slot: datetime, state: RunState) -> Run:
    """A row as an earlier scheduler left it."""
    run = store.claim_run(source="shop", slot=slot, at=slot, state=state)
    assert run is not None
    return run


def wait_until(is_true: Callable[[], object], seconds: float = 15) -> None:
    """Wait until something has come true, and fail if it does not."""
    limit = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < limit, "it did not come true in time"
        time.sleep(0.02)


@pytest.fixture
def serve_until() -> Iterator[Callable[[Scheduler, Callable[[], object]], None]]:
    """Let a scheduler serve in this thread until something has come true, however slow the machine is."""
    before = signal.signal(signal.SIGTERM, signal.SIG_IGN)

    def serve(service: Scheduler, is_true: Callable[[], object]) -> None:
        has_served = threading.Event()

        def stop() -> None:
            wait_until(is_true)
            while not has_served.wait(0.05):
                os.kill(os.getpid(), signal.SIGTERM)

        stopper = threading.Thread(target=stop)
        stopper.start()
        try:
            service.serve(20)
        finally:
            has_served.set()
            stopper.join()

    yield serve
    signal.signal(signal.SIGTERM, before)


ServeUntil = Callable[[Scheduler, Callable[[], object]], None]


# What is due


@pytest.mark.parametrize(
    ("rows", "slot", "passed"),
    [
        # A source without a row is put on record first; nothing is due before its first slot.
        ([], None, 0),
        ([(NOON, "skipped")], None, 0),
        ([(NOON, "finished")], None, 0),
        # A failed or over-long run did run: it has its next slot.
        ([(NOON, "failed")], None, 0),
        ([(NOON, "timed_out")], None, 0),
        # A slot passed without a row, while nothing ran.
        ([(NOON - HOUR, "finished")], NOON, 0),
        ([(NOON - HOUR, "skipped")], NOON, 0),
        ([(NOON - 4 * HOUR, "failed")], NOON, 3),
        # Counted no further than a person would; a year of hours is one run like any other.
        ([(NOON - 365 * 24 * HOUR, "finished")], NOON, 100),
        # A run by hand between the slots covers the one before it.
        ([(NOON + HOUR / 4, "finished"), (NOON - HOUR, "finished")], None, 0),
        ([(NOON - HOUR / 4, "finished"), (NOON - HOUR, "finished")], NOON, 0),
        # Never beside a run that is going.
        ([(NOON - 4 * HOUR, "running")], None, 0),
        ([(NOON, "skipped"), (NOON - 4 * HOUR, "running")], None, 0),
    ],
)
def test_due_is_the_latest_slot_that_no_run_covers(
    rows: list[tuple[datetime, str]], slot: datetime | None, passed: int
) -> None:
    """However many slots have passed, one run is due, for the latest of them."""
    runs = [Run(id=1, source="shop", slot=at, state=RunState(state), started_at=at) for at, state in rows]
    due = what_is_due(HOURLY, runs, NOON + HOUR / 2)
    assert (due.slot if due else None, due.passed if due else 0) == (slot, passed)


@pytest.mark.parametrize(
    ("states_newest_first", "is_repeated"),
    [
        (["lost"], True),
        (["stopped"], True),
        (["lost", "lost"], True),
        (["lost", "lost", "lost"], False),
        (["lost", "finished", "lost", "lost"], True),
        (["stopped", "lost", "lost", "lost"], True),
        (["finished", "lost"], False),
        (["failed", "lost"], False),
    ],
)
def test_a_lost_run_is_repeated_but_not_for_ever(states_newest_first: list[str], is_repeated: bool) -> None:
    """Lost and stopped runs run again; the third loss in a row waits for the next slot."""
    now = NOON + HOUR / 2
    runs = [
        Run(id=9 - n, source="shop", slot=now - n * HOUR / 60, state=RunState(state), started_at=now)
        for n, state in enumerate(states_newest_first)
    ]
    due = what_is_due(HOURLY, runs, now)
    assert (due is not None) is is_repeated
    if due:
        assert (due.slot, due.instead_of) == (now, runs[0])


def test_a_new_source_waits_for_its_first_slot(store: Store) -> None:
    """The slot before is put on record, so that the first one is found even if it passes while nothing runs."""
    now = NOON + HOUR / 2
    assert begin_record(store, "shop", HOURLY, now)
    assert not begin_record(store, "shop", HOURLY, now + HOUR)
    assert what_is_due(HOURLY, store.recent_runs("shop"), now) is None
    due = what_is_due(HOURLY, store.recent_runs("shop"), now + 3 * HOUR)
    assert due is not None
    assert (due.slot, due.passed) == (NOON + 3 * HOUR, 2)
    assert last_run(store.recent_runs("shop")) is None


def test_a_slot_is_claimed_once(store: Store) -> None:
    """Two schedulers that see the same slot get one run: the row decides."""
    assert store.claim_run(source="shop", slot=NOON, at=NOON) is not None
    assert store.claim_run(source="shop", slot=NOON, at=NOON + HOUR) is None
    assert store.claim_run(source="other", slot=NOON, at=NOON) is not None


def test_an_end_is_final(store: Store) -> None:
    """A run that was marked lost does not come back as finished."""
    run = record(store, NOON, RunState.RUNNING)
    assert [lost.id for lost in mark_lost(store, "shop", NOON + HOUR)] == [run.id]
    assert not store.finish_run(run.id, state=RunState.FINISHED, at=NOON + HOUR)
    assert [row.state for row in store.recent_runs("shop")] == [RunState.LOST]


def test_apscheduler_is_told_one_slot_at_a_time() -> None:
    """After a sleep of a year its trigger goes on with the next slot; it may fire half a period late."""
    trigger = SlotTrigger(HOURLY)
    assert trigger.get_next_fire_time(None, NOON) == NOON + HOUR
    assert trigger.get_next_fire_time(NOON, NOON + 365 * 24 * HOUR) == NOON + (365 * 24 + 1) * HOUR
    assert trigger.get_next_fire_time(NOON + HOUR, NOON) == NOON + 2 * HOUR
    assert grace_seconds(HOURLY, NOON) == 1800
    assert grace_seconds(Every(0.2), NOON) == 1


# Firing


def test_a_slot_starts_one_process(store: Store, tmp_path: Path, serve_until: ServeUntil) -> None:
    """Each slot starts the command once, and its row tells state and times."""
    command = python(f"open(r'{tmp_path}/starts', 'a').write('x')")
    serve_until(scheduler_of(store, tmp_path, Every(0.7), command), lambda: states(store).count("finished") >= 2)
    runs = [run for run in store.recent_runs("shop") if run.state is RunState.FINISHED]
    assert len((tmp_path / "starts").read_text()) >= len(runs) >= 2
    assert len({run.slot for run in runs}) == len(runs)
    assert all(run.finished_at and run.finished_at > run.started_at >= run.slot for run in runs)


def test_downtime_is_made_up_for_once(store: Store, tmp_path: Path, serve_until: ServeUntil) -> None:
    """Slots that passed while no scheduler ran are one run at the start, and none is left after it."""
    record(store, LONG_AGO, RunState.FINISHED)
    serve_until(scheduler_of(store, tmp_path, RARELY, DONE), lambda: states(store) == ["finished", "finished"])
    scheduler_of(store, tmp_path, RARELY, DONE).serve(0.5)
    assert states(store) == ["finished", "finished"]
    assert store.recent_runs("shop")[0].slot == RARELY.latest_until(datetime.now(UTC))


def test_what_falls_due_during_a_run_runs_once_after_it(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture, serve_until: ServeUntil
) -> None:
    """A run longer than its period has one run after it, not one for each slot, and never a second beside it."""
    caplog.set_level("INFO", "delist")
    command = python(
        "import os, time",
        f"os.close(os.open(r'{tmp_path}/going', os.O_CREAT | os.O_EXCL))",
        "time.sleep(0.7)",
        f"os.unlink(r'{tmp_path}/going')",
    )
    began = time.monotonic()
    serve_until(scheduler_of(store, tmp_path, Every(0.2), command), lambda: states(store).count("finished") >= 3)
    took = time.monotonic() - began
    assert "failed" not in states(store)
    assert len(states(store)) <= took / 0.7 + 1
    assert "due, but its last run is still going; it runs once after that" in caplog.text
    assert "before it did not run, this run stands for all" in caplog.text


@pytest.mark.parametrize(
    ("lines", "state", "detail"),
    [
        (["print('3 cases opened')", "raise SystemExit(0)"], "finished", ""),
        (
            ["print('halfway')", "raise SystemExit('the platform is away')"],
            "failed",
            "exit code 1: the platform is away",
        ),
        (["raise SystemExit('delist: no such file\\n  Write it.')"], "failed", "exit code 1: no such file"),
        (["raise SystemExit(2)"], "failed", "exit code 2: it said nothing"),
        (["import os", "print('a' * 9999, flush=True)", "os._exit(3)"], "failed", "exit code 3: " + "a" * 300),
        (["import os; os.write(1, b'\\xff\\n\\n'); os._exit(1)"], "failed", "exit code 1: \ufffd"),
        (["raise SystemExit('\\x1b[2Jclean\\u202e')"], "failed", "exit code 1: ·[2Jclean·"),
    ],
)
def test_a_run_ends_as_its_process_does(
    store: Store, tmp_path: Path, lines: list[str], state: str, detail: str
) -> None:
    """Exit code 0 is finished; anything else failed, with the last words in the record."""
    run = scheduler_of(store, tmp_path, RARELY, python(*lines)).run_once("shop", 30)
    assert (run.state, run.detail) == (state, detail)
    assert store.recent_runs("shop") == (run,)


def test_a_command_that_cannot_start_is_a_failed_run(store: Store, tmp_path: Path) -> None:
    """A process that cannot be started is told in words, and its row does not stay running."""
    run = scheduler_of(store, tmp_path, RARELY, [str(tmp_path / "absent")]).run_once("shop", 5)
    assert run.state is RunState.FAILED
    assert f"{tmp_path / 'absent'} could not be started" in run.detail


def test_one_sources_trouble_stops_no_other(
    store: Store, tmp_path: Path, caplog: pytest.LogCaptureFixture, serve_until: ServeUntil
) -> None:
    """Where one source's lock cannot even be opened, that is told in words, and the other source runs."""
    record(store, LONG_AGO, RunState.FINISHED)
    (tmp_path / "runs/bad.lock").mkdir(parents=True)
    entries = [Entry(source=name, timetable=RARELY, run_seconds=5) for name in ("bad", "shop")]
    limits = Limits(look_seconds=0.1)
    service = Scheduler(entries, runs=store, folder=tmp_path, command=lambda _: DONE, limits=limits)
    serve_until(service, lambda: states(store) == ["finished", "finished"])
    assert f"bad: {tmp_path}/runs/bad.lock: Is a directory" in caplog.text
    assert "Traceback" not in caplog.text


# Ending


STUBBORN = (
    "import signal, subprocess, sys, time",
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])",
    "print(child.pid, flush=True)",
    "time.sleep(60)",
)


def test_a_run_beyond_its_time_is_ended_with_all_it_started(store: Store, tmp_path: Path) -> None:
    """SIGTERM first; what ignores it is killed, and so are its children."""
    began = time.monotonic()
    service = scheduler_of(store, tmp_path, RARELY, python(*STUBBORN), stop_seconds=0.3)
    run = service.run_once("shop", 2)
    assert (run.state, run.detail) == (RunState.TIMED_OUT, "ended after its 2 seconds")
    assert time.monotonic() - began < 15
    grandchild = int((tmp_path / "runs/shop.log").read_text())
    wait_until(lambda: not is_alive(grandchild))


def test_a_run_may_end_in_order_when_its_time_is_over(store: Store, tmp_path: Path) -> None:
    """What heeds SIGTERM has the time to clean up."""
    command = python(
        "import signal, time",
        "def end(*_):",
        f"    open(r'{tmp_path}/clean', 'w').close()",
        "    raise SystemExit(0)",
        "signal.signal(signal.SIGTERM, end)",
        "time.sleep(60)",
    )
    run = scheduler_of(store, tmp_path, RARELY, command).run_once("shop", 2)
    assert run.state is RunState.TIMED_OUT
    assert (tmp_path / "clean").exists()


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    answer = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip()[:1] not in {"", "Z"}


# The scheduler as a process: signals, kills, and a second one


PROGRAM = """
import json, logging, sys
from datetime import UTC, datetime
from pathlib import Path
from scanner.store import Store
from scheduler import Entry, Limits, Scheduler

{every}

folder, seconds, command = Path(sys.argv[1]), float(sys.argv[2]), json.loads(sys.argv[3])
logging.basicConfig(level="INFO", format="%(message)s")
with Store.open(f"sqlite:///{{folder / 'delist.db'}}") as store:
    entry = Entry(source="shop", timetable=Every(seconds), run_seconds=30)
    limits = Limits(look_seconds=0.1, stop_seconds=2)
    Scheduler([entry], runs=store, folder=folder, command=lambda _: command, limits=limits).serve(30)
"""


@contextmanager
def running(folder: Path, command: Sequence[str], timetable: Every = RARELY) -> Iterator[subprocess.Popen[str]]:
    """A scheduler in a process of its own over the store in ``folder``; killed at the end if it is still there."""
    program = PROGRAM.format(every=inspect.getsource(Every))
    arguments = [sys.executable, "-c", program, str(folder), str(timetable.seconds), json.dumps(command)]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(arguments, stderr=subprocess.PIPE, text=True, env=environment)
    assert process.stderr is not None
    try:
        assert "shop: next at" in process.stderr.readline()
        yield process
    finally:
        process.kill()
        process.stderr.close()
        process.wait()


def wait_for_run(store: Store, folder: Path, *others: int) -> int:
    """Wait until a run is going in a process that is none of ``others``, and give the number of that process."""

    def process() -> int:
        words = (folder / "runs/shop.lock").read_text().split()
        return int(words[1]) if words else 0

    wait_until(lambda: states(store)[-1] == "running" and process() not in {0, os.getpid(), *others})
    return process()


def test_a_second_scheduler_refuses(store: Store, tmp_path: Path) -> None:
    """It names the process that has the store, and since when; once that is gone, the next one starts."""
    with running(tmp_path, SLEEP) as first:
        with pytest.raises(AlreadyRunning, match=rf"process {first.pid} since 20\d\d-\d\d-\d\d \d\d:\d\d:\d\d UTC"):
            scheduler_of(store, tmp_path, RARELY, SLEEP).serve(0.1)
        first.kill()
        first.wait()
        scheduler_of(store, tmp_path, RARELY, SLEEP).serve(0.1)


def test_a_stopped_scheduler_stops_its_runs_and_repeats_them(
    store: Store, tmp_path: Path, serve_until: ServeUntil
) -> None:
    """SIGTERM ends scheduler and run within a moment, exit code 0; the run is on record as stopped, and runs again."""
    record(store, LONG_AGO, RunState.FINISHED)
    with running(tmp_path, SLEEP) as first:
        child = wait_for_run(store, tmp_path, first.pid)
        first.send_signal(signal.SIGTERM)
        assert first.wait(10) == 0
    assert states(store) == ["finished", "stopped"]
    assert not is_alive(child)
    after = ["finished", "stopped", "finished"]
    serve_until(scheduler_of(store, tmp_path, RARELY, DONE), lambda: states(store) == after)


def test_a_killed_run_is_lost_and_runs_again(store: Store, tmp_path: Path) -> None:
    """A run whose process somebody killed is marked so, and a new one starts by itself."""
    record(store, LONG_AGO, RunState.FINISHED)
    with running(tmp_path, SLEEP) as scheduler:
        first = wait_for_run(store, tmp_path, scheduler.pid)
        os.kill(first, signal.SIGKILL)
        again = wait_for_run(store, tmp_path, scheduler.pid, first)
        assert states(store) == ["finished", "lost", "running"]
    os.kill(again, signal.SIGKILL)


def test_a_machine_that_slept_runs_once(store: Store, tmp_path: Path) -> None:
    """Slots that passed while the scheduler was frozen are one run when it goes on, and that run says so."""
    with running(tmp_path, DONE, Every(0.4)) as scheduler:
        wait_until(lambda: "finished" in states(store))
        scheduler.send_signal(signal.SIGSTOP)
        time.sleep(0.2)
        before = len(states(store))
        time.sleep(1.5)
        assert len(states(store)) == before
        scheduler.send_signal(signal.SIGCONT)
        wait_until(lambda: len(states(store)) > before + 1)
        assert scheduler.stderr is not None
        said = ""
        while "this run stands for all" not in said:
            said = scheduler.stderr.readline()
    slots = [run.slot for run in store.recent_runs("shop")]
    assert max(later - sooner for later, sooner in pairwise(slots)) > timedelta(seconds=1.2)


def test_a_run_outlives_a_killed_scheduler_and_has_no_second_beside_it(
    store: Store, tmp_path: Path, serve_until: ServeUntil
) -> None:
    """After kill -9 of the scheduler the next one leaves the run alone while it lives, and repeats it when it died."""
    record(store, LONG_AGO, RunState.FINISHED)
    with running(tmp_path, SLEEP) as first:
        orphan = wait_for_run(store, tmp_path, first.pid)
        first.kill()
        first.wait()
    with pytest.raises(AlreadyRunning, match=rf"a run of shop is still going: process {orphan} since"):
        scheduler_of(store, tmp_path, RARELY, DONE).run_once("shop", 5)
    scheduler_of(store, tmp_path, RARELY, DONE).serve(0.6)
    assert states(store) == ["finished", "running"]
    os.kill(orphan, signal.SIGKILL)
    after = ["finished", "lost", "finished"]
    serve_until(scheduler_of(store, tmp_path, RARELY, DONE), lambda: states(store) == after)


def test_an_interrupted_run_by_hand_is_not_repeated(store: Store, tmp_path: Path) -> None:
    """Ctrl-C on ``--once`` was meant: the run failed, and no scheduler takes it up again."""
    begin_record(store, "shop", RARELY, datetime.now(UTC))
    service = scheduler_of(
        store, tmp_path, RARELY, python(f"import os, signal; os.kill({os.getpid()}, signal.SIGINT)", *SLEEP[2:])
    )
    run = service.run_once("shop", 30)
    assert (run.state, run.detail) == (RunState.FAILED, "interrupted by hand (SIGINT)")
    scheduler_of(store, tmp_path, RARELY, SLEEP).serve(0.5)
    assert states(store) == ["failed"]


# Locks and wiring


def test_a_lock_ends_with_its_holder(tmp_path: Path) -> None:
    """Held, it names its holder; released, it can be taken; an unwritable place is told in words."""
    file = tmp_path / "locks/a.lock"
    with hold(file, what="busy"):
        second = hold(file, what="busy", hint="Wait.")
        with pytest.raises(AlreadyRunning, match=rf"busy: process {os.getpid()} since 20") as caught:
            second.__enter__()
        assert caught.value.hint == "Wait."
    with hold(file, what="busy"):
        pass
    with pytest.raises(StoreUnavailable, match=r"a\.lock/b\.lock: File exists"), hold(file / "b.lock", what="busy"):
        pass


def test_only_sources_with_a_cron_line_are_entries(tmp_path: Path) -> None:
    """A source's own time zone goes over the general one, and without a cron line it runs by hand."""
    file = tmp_path / "delist.toml"
    file.write_text(
        """
        data = "var"
        time_zone = "Asia/Shanghai"
        [sources.night]
        start = "https://shop.example"
        schedule = "0 3 * * *"
        run_seconds = 60
        [sources.there]
        start = "https://shop.example"
        schedule = "0 3 * * *"
        time_zone = "Europe/Berlin"
        [sources.byhand]
        start = "https://shop.example"
        """,
        encoding="utf8",
    )
    settings = read_settings(file)
    entries = entries_of(settings)
    found = [(entry.source, entry.timetable.next_after(NOON), entry.run_seconds) for entry in entries]
    assert found == [("night", NOON + 7 * HOUR, 60), ("there", NOON + 14 * HOUR, 12 * 3600)]
    assert lock_folder(settings) == tmp_path / "var"
    assert inspect_command(file, settings.data)("night")[-6:] == [
        "--data", str(tmp_path / "var"), "--config", str(file), "inspect", "night"
    ]  # fmt: skip
