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
from typing import Any

import pytest

from scanner.duties import Duty, Entry, duties_of, entries_of, inspect_command, lock_folder
from scanner.errors import AlreadyRunning
from scanner.inspection import asking
from scanner.inspection.runs import begin_record
from scanner.model import Actor, Role, Run, RunState
from scanner.processes import hold
from scanner.settings import read_settings
from scanner.store import Store
from scheduler import (
    Limits,
    OnDemand,
    Scheduler,
    SlotTrigger,
    grace_seconds,
)

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
    on_demand: OnDemand | None = None,
) -> Scheduler:
    """A scheduler of one source, ``shop``, that looks for missed slots ten times a second."""
    entry = Entry(source="shop", timetable=timetable, run_seconds=run_seconds)
    limits = Limits(look_seconds=0.1, asked_seconds=0.1, stop_seconds=stop_seconds)
    make = command if callable(command) else lambda _: command
    return Scheduler([entry], runs=store, folder=folder, command=make, limits=limits, on_demand=on_demand)


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


# The scheduler as a process: signals, kills, and a second one


PROGRAM = """
import json, logging, sys
from datetime import UTC, datetime
from pathlib import Path
from scanner.store import Store
from scanner.duties import Duty, Entry
from scheduler import Limits, Scheduler

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
    # The lock can be taken: the process that held it is gone.
    with hold(tmp_path / "runs/shop.lock", what=f"process {child} still runs"):
        pass
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


def test_what_people_ask_for_is_run(store: Store, tmp_path: Path, serve_until: ServeUntil) -> None:
    """A source that no slot is near for runs once for each wish, with the kind that was asked for."""
    root = Actor(name="root", role=Role.ADMINISTRATOR)
    given: dict[str, Any] = {"sources": ("shop",), "actor": root, "now": NOON}
    asking.start(store, "shop", kind="incremental", **given)
    command = python(f"import sys; open(r'{tmp_path}/starts', 'a').write(sys.argv[-1])")
    on_demand = OnDemand(store=store, run_seconds={"shop": 10})
    service = scheduler_of(store, tmp_path, RARELY, command, on_demand=on_demand)
    serve_until(service, lambda: states(store) == ["finished"])
    assert (tmp_path / "starts").read_text() == "--incremental"
    assert asking.waiting(store) == ()


# Duties


def test_a_duty_is_done_over_and_over_and_stops_with_the_scheduler(store: Store, tmp_path: Path) -> None:
    """Begun again after it ended, also badly; one process at a time; ended when the scheduler is."""
    mark = tmp_path / "marks"
    writes = python("import pathlib, sys", f"open({str(mark)!r}, 'a').write('x')", "sys.exit(1)")
    stays = python("import time, pathlib", f"pathlib.Path({str(tmp_path / 'stays')!r}).touch()", "time.sleep(60)")
    duties = [
        Duty(name="short", command=writes, every_seconds=0.1),
        Duty(name="long", command=stays, every_seconds=0.1),
    ]
    service = Scheduler([], runs=store, folder=tmp_path, command=lambda _: DONE, duties=duties)
    service.serve(2.5)

    assert mark.read_text().count("x") >= 2
    assert (tmp_path / "stays").exists()
    with hold(tmp_path / "duties" / "long.lock", what="it is still going"):
        pass


# Wiring


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


def test_what_is_told_decides_on_the_duties(tmp_path: Path) -> None:
    """Without a platform and a receiver of letters there is nobody to tell."""
    file = tmp_path / "delist.toml"
    file.write_text("")
    assert duties_of(read_settings(file), file) == ()
    file.write_text('[letters]\nurl = "https://post.example"\n')
    assert [duty.name for duty in duties_of(read_settings(file), file)] == ["letter", "retention"]
    file.write_text('[platforms.shop]\nadapter = "webhook"\nurl = "https://shop.example"\n')
    duties = duties_of(read_settings(file), file)
    assert [duty.name for duty in duties] == ["takedown", "letter", "retention", "tidy"]
    assert list(duties[0].command[-4:]) == ["takedown", "send", "--for", "3600"]
