"""Processes of ours: a lock that ends with its holder, a child with its whole group under a time limit, and signals.

A lock is ``flock`` on an open file, and a child inherits it. So a lock that can be taken proves that the process that
had it is gone, which a stored process number cannot: the system gives numbers to others.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import select
import signal
import subprocess
import threading
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import IO

import msgspec

from scanner.errors import AlreadyRunning, CrawlError, StoreUnavailable
from scanner.model import RunState

# How lines begin that say what went wrong: an error (its hint follows on the next line), or an inspection's reasons.
_COMPLAINTS = ("delist: ", "failed: ", "incomplete: ")
# How much of a child's output is read to find its last words.
_TAIL_BYTES = 4096


@contextlib.contextmanager
def hold(file: Path, *, what: str, hint: str = "") -> Iterator[int]:
    """Hold the lock on ``file`` while the block runs, and yield its descriptor for a child to inherit.

    Raises ``AlreadyRunning``, naming the holder and since when, if another process (or thread) has it, and
    ``StoreUnavailable`` if there can be no such file. The file stays: removing it would let two hold "the" lock.
    """
    with _opened(file) as opened:
        try:
            fcntl.flock(opened, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"{what}: {_holder(opened)}", hint=hint) from None
        sign(opened.fileno(), os.getpid())
        yield opened.fileno()


def _opened(file: Path) -> IO[str]:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        return file.open("a+", encoding="utf8")
    except OSError as error:
        raise StoreUnavailable(
            f"{file}: {error.strerror}", hint="Make the data folder writable for this user."
        ) from error


def sign(descriptor: int, pid: int) -> None:
    """Write into a held lock file whose process ``pid`` it is, and since when."""
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, f"process {pid} since {datetime.now(UTC):%Y-%m-%d %H:%M:%S} UTC\n".encode(), 0)


def _holder(opened: IO[str]) -> str:
    opened.seek(0)
    return opened.read(200).strip() or "a process that has just begun"


class Ending(msgspec.Struct, frozen=True, kw_only=True):
    """How a child ended, and in words why."""

    state: RunState
    detail: str = ""


class Child:
    """A command in a process group of its own, its output in a file, holding an inherited lock until it is gone."""

    def __init__(self, command: Sequence[str], *, output: Path, lock: int, stop_seconds: float) -> None:
        """Start ``command``. ``stop_seconds`` is how long it may take to end when it is told to.

        Raises ``CrawlError`` if it cannot be started.
        """
        self._output = output
        self._stop_seconds = stop_seconds
        self._ended_as: Ending | None = None
        self._process = _start(command, output, lock)
        sign(lock, self._process.pid)

    def wait(self, seconds: float) -> Ending:
        """Wait for the end; after ``seconds`` make one. What is left of the group dies with its leader."""
        too_long = Ending(state=RunState.TIMED_OUT, detail=f"ended after its {seconds:g} seconds")
        limit = threading.Timer(seconds, self.end, [too_long])
        limit.daemon = True
        limit.start()
        try:
            code = self._process.wait()
        finally:
            limit.cancel()
        self._signal(signal.SIGKILL)
        return self._ended_as or _judge(code, self._output)

    def end(self, ending: Ending) -> None:
        """Ask the group to end (``SIGTERM``), and kill it if it has not after ``stop_seconds``; note why."""
        self._ended_as = self._ended_as or ending
        self._signal(signal.SIGTERM)
        kill = threading.Timer(self._stop_seconds, self._kill)
        kill.daemon = True
        kill.start()

    def _kill(self) -> None:
        if self._process.poll() is None:
            self._signal(signal.SIGKILL)

    def _signal(self, number: signal.Signals) -> None:
        # macOS answers "not permitted" where a group consists only of the dead.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, number)


def _start(command: Sequence[str], output: Path, lock: int) -> subprocess.Popen[bytes]:
    try:
        with output.open("wb") as opened:
            return subprocess.Popen(  # noqa: S603 -- the command is our own, made by the scheduler
                command,
                stdin=subprocess.DEVNULL,
                stdout=opened,
                stderr=subprocess.STDOUT,
                pass_fds=(lock,),
                start_new_session=True,
            )
    except OSError as error:
        raise CrawlError(f"{command[0]} could not be started: {error}") from error


def _judge(code: int, output: Path) -> Ending:
    """Our commands end with 0 only when they did all they should; a signal means that somebody else ended it."""
    if code == 0:
        return Ending(state=RunState.FINISHED)
    if code < 0:
        return Ending(state=RunState.LOST, detail=f"killed by {signal.Signals(-code).name}")
    return Ending(state=RunState.FAILED, detail=f"exit code {code}: {_last_words(output) or 'it said nothing'}")


def _last_words(output: Path) -> str:
    """The first complaint near the end, or else the last line; with nothing in it that could move a cursor."""
    with output.open("rb") as opened:
        opened.seek(max(0, opened.seek(0, os.SEEK_END) - _TAIL_BYTES))
        text = opened.read().decode("utf8", "replace")
    lines = [line.strip() for line in text.split("\n") if line.strip()]
    complaints = [line.removeprefix("delist: ") for line in lines if line.startswith(_COMPLAINTS)]
    said = (complaints or lines[-1:] or [""])[0][:300]
    return "".join(character if character.isprintable() else "·" for character in said)


class Bell:
    """Rings for ``SIGTERM`` and ``SIGINT``, and when it is told to.

    A pipe, because a signal handler may do little else without risk: setting a ``threading.Event`` that the same thread
    waits for can block for ever.
    """

    def __enter__(self) -> Bell:
        """Take the two signals over from whoever had them."""
        self._reader, self._writer = os.pipe()
        self._before = {number: signal.signal(number, self._receive) for number in (signal.SIGTERM, signal.SIGINT)}
        return self

    def __exit__(self, *_: object) -> None:
        """Give the signals back."""
        for number, handler in self._before.items():
            signal.signal(number, handler)
        os.close(self._writer)
        os.close(self._reader)

    def ring(self) -> None:
        """Wake who waits, without a signal."""
        os.write(self._writer, b"\0")

    def wait(self, seconds: float | None = None) -> str:
        """The name of the signal that came within ``seconds``; empty for none and for ``ring``."""
        ready, _, _ = select.select([self._reader], [], [], seconds)
        number = os.read(self._reader, 1)[0] if ready else 0
        return signal.Signals(number).name if number else ""

    def _receive(self, number: int, _: FrameType | None) -> None:
        os.write(self._writer, bytes([number]))
