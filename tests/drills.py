"""Work that the drills do in processes of their own, to be killed in the middle of it.

The processes are forked from one that has imported all this already, so that ten kills do not take ten starts. Each
tells ``ready`` before it begins and its outcome at the end.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path

from scanner.errors import DelistError
from scanner.inspection.conduct import inspect
from scanner.inspection.intake import take_in
from scanner.processes import hold
from scanner.rulebook import load
from scanner.settings import Settings, Source
from scanner.store import Store
from spiders import launch

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload([__name__])

Work = Callable[..., str]


def take_in_all(tell: Callable[[str], None], url: str, spool: Path, rules: Path) -> str:
    """Take in all segments of a spool."""
    rulebook = load(rules, cache=None)
    with Store.open(url) as store:
        tell("ready")
        for segment in sorted(spool.glob("*.jsonl")):
            take_in(segment, store=store, rulebook=rulebook, inspection_id=1, partition="part")
    return "done"


def inspect_all(tell: Callable[[str], None], data: Path, address: str, rules: Path) -> str:
    """Inspect a marketplace, crawls in processes of their own. Says how it ended, and why if not well."""
    source = Source(name="demo", start=(f"{address}/sitemap.xml",), rate=1000, concurrency=16)
    settings, rulebook = Settings(data=data), load(rules, cache=rules.parent)
    with Store.open(settings.store_url) as store:
        tell("ready")
        report = inspect(
            source,
            store=store,
            rulebook=rulebook,
            settings=settings,
            plan=launch.plan,
            crawl=launch.crawl,
            hold=hold,
        )
    return " ".join((report.inspection.state, *report.inspection.reasons))


class Running:
    """A process at work."""

    def __init__(self, process: BaseProcess, heard: Connection) -> None:
        self._process = process
        self._heard = heard

    @property
    def is_alive(self) -> bool:
        """Whether it is still at work."""
        return self._process.is_alive()

    def outcome(self) -> str:
        """What it says at its end."""
        word: str = self._heard.recv()
        return word

    def kill(self) -> None:
        """``kill -9``, and nothing of it is left."""
        self._process.kill()
        self._process.join()

    def kill_children(self) -> None:
        """``kill -9`` for the processes that it has started; who is gone already is gone."""
        listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
        for pid, parent in (map(int, line.split()) for line in listed.splitlines()):
            if parent == self._process.pid:
                try:
                    os.kill(pid, signal.SIGKILL)
                except ProcessLookupError:
                    continue


@contextmanager
def at_work(work: Work, *arguments: object) -> Iterator[Running]:
    """A process that does ``work`` and has told that it is ready; killed at the end of the block."""
    heard, tell = FORKS.Pipe(duplex=False)
    process = FORKS.Process(target=_work, args=(work, tell, arguments), daemon=False)
    process.start()
    tell.close()
    running = Running(process, heard)
    try:
        assert heard.recv() == "ready"
        yield running
    finally:
        running.kill()
        heard.close()


def _work(work: Work, tell: Connection, arguments: tuple[object, ...]) -> None:
    try:
        tell.send(work(tell.send, *arguments))
    except DelistError as error:
        tell.send(f"{type(error).__name__}: {error}")
