"""Processes: how their ends are judged, that nothing of them is left over, and locks that end with their holder."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scanner.errors import AlreadyRunning, CrawlError, StoreUnavailable
from scanner.model import RunState
from scanner.processes import Child, Ending, hold


def ending_of(folder: Path, *lines: str, seconds: float = 30, stop_seconds: float = 5) -> Ending:
    """Run a few lines of Python as a child, and give its end."""
    command = [sys.executable, "-c", "\n".join(lines)]
    with hold(folder / "child.lock", what="busy") as lock:
        return Child(command, output=folder / "child.log", lock=lock, stop_seconds=stop_seconds).wait(seconds)


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
        (
            ["raise SystemExit('a\\nfailed: x.csv: no such file\\nfailed: nothing read')"],
            "failed",
            "exit code 1: failed: x.csv: no such file",
        ),
        (["raise SystemExit(2)"], "failed", "exit code 2: it said nothing"),
        (["import os", "print('a' * 9999, flush=True)", "os._exit(3)"], "failed", "exit code 3: " + "a" * 300),
        (["import os; os.write(1, b'\\xff\\n\\n'); os._exit(1)"], "failed", "exit code 1: \ufffd"),
        (["raise SystemExit('\\x1b[2Jclean\\u202e')"], "failed", "exit code 1: ·[2Jclean·"),
    ],
)
def test_an_end_is_judged_by_exit_code_and_last_words(
    tmp_path: Path, lines: list[str], state: str, detail: str
) -> None:
    """Exit code 0 is finished; anything else failed, with the last words in the record."""
    assert ending_of(tmp_path, *lines) == Ending(state=RunState(state), detail=detail)


def test_a_child_that_somebody_killed_is_lost(tmp_path: Path) -> None:
    """Killed from outside is not failed: whoever runs it may run it again."""
    ending = ending_of(tmp_path, "import os; os.kill(os.getpid(), 9)")
    assert ending == Ending(state=RunState.LOST, detail="killed by SIGKILL")


def test_a_command_that_cannot_start_is_told(tmp_path: Path) -> None:
    """What cannot be started names itself and the reason."""
    with (
        hold(tmp_path / "child.lock", what="busy") as lock,
        pytest.raises(CrawlError, match="absent could not be started"),
    ):
        Child([str(tmp_path / "absent")], output=tmp_path / "child.log", lock=lock, stop_seconds=1)


STUBBORN = (
    "import signal, subprocess, sys, time",
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)",
    "child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(60)'])",
    "print(child.pid, flush=True)",
    "time.sleep(60)",
)


def test_a_child_beyond_its_time_is_ended_with_all_it_started(tmp_path: Path) -> None:
    """SIGTERM first; what ignores it is killed, and so are its children."""
    began = time.monotonic()
    ending = ending_of(tmp_path, *STUBBORN, seconds=2, stop_seconds=0.3)
    assert ending == Ending(state=RunState.TIMED_OUT, detail="ended after its 2 seconds")
    assert time.monotonic() - began < 15
    grandchild = int((tmp_path / "child.log").read_text())
    while is_alive(grandchild):
        assert time.monotonic() - began < 20
        time.sleep(0.05)


def test_a_child_may_end_in_order_when_its_time_is_over(tmp_path: Path) -> None:
    """What heeds SIGTERM has the time to clean up."""
    ending = ending_of(
        tmp_path,
        "import signal, time",
        "def end(*_):",
        f"    open(r'{tmp_path}/clean', 'w').close()",
        "    raise SystemExit(0)",
        "signal.signal(signal.SIGTERM, end)",
        "time.sleep(60)",
        seconds=2,
    )
    assert ending.state is RunState.TIMED_OUT
    assert (tmp_path / "clean").exists()


def is_alive(pid: int) -> bool:
    """Whether a process runs; one that only waits to be reaped does not."""
    answer = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return answer.stdout.strip()[:1] not in {"", "Z"}


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
