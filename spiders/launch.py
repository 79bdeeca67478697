"""The parent's side: plans a source into partitions and crawls each in a child process. Knows no Scrapy.

A child is judged by the result it sends last, never by its exit code; one that sends none was lost.
"""

from __future__ import annotations

import hashlib
import os
import selectors
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO
from urllib.parse import urlsplit

import msgspec
import re2

from scanner import errors
from scanner.errors import CrawlError, DelistError
from scanner.model import Ledger
from scanner.sources import Source, Walker
from spiders import browser, mapping
from spiders.job import LOST, CrawlJob, CrawlResult, Partition, Probe, Progress, to_json
from spiders.pages import known_refinements
from spiders.wire import Ended, Going, Message, Planned, Probed, Refused, heard

PLAN_SECONDS = 300.0
ADDRESSES_IN_PARTITION = 5000
GRACE_SECONDS = 15.0
TIME_OUT = "time_out"
_PLANNED_BY_NETWORK = frozenset({Walker.SITEMAP, Walker.API, Walker.SITE})
_UNSAFE = re2.compile(r"[^A-Za-z0-9._]+")


def plan(source: Source, *, folder: Path) -> tuple[Partition, ...]:
    """The partitions of ``source``, named the same every time; ``folder`` is for what planning needs to write.

    Sitemaps and APIs are asked what there is (by a child process); of listed addresses some thousands are a partition;
    for everything else a start is one. A start that cannot be read is a partition too: its crawl puts the failure on
    the ledger. Raises ``CrawlError``.
    """
    check(source)
    if source.walker in _PLANNED_BY_NETWORK:
        partitions = _plan_in_child(source, folder)
    elif source.walker is Walker.ADDRESSES:
        partitions = _dealt_addresses(source.start)
    else:
        indices = tuple(start for start in source.start if source.walker is Walker.SAVED and start.endswith(".jsonl"))
        starts = [start for start in source.start if start not in indices]
        partitions = tuple(Partition(name=name_of(start), start=(start, *indices)) for start in starts)
    return share_limit(partitions, source.limit)


def crawl(job: CrawlJob, *, on_progress: Callable[[Progress], None] = lambda _: None) -> CrawlResult:
    """Crawl one partition in a child process, at most ``job.source.crawl_seconds`` long.

    Raises ``AlreadyRunning`` and whatever else the child refuses to begin for. A crawl that went wrong is no exception
    but a result whose ``finish_reason`` says so.
    """
    check(job.source)
    started_at = datetime.now(UTC)
    last, result = Progress(), None
    log = job.spool / f"{job.partition.name}.log"
    with _child([str(_write(job))], log=log, seconds=job.source.crawl_seconds) as child:
        for message in child.messages():
            if isinstance(message, Going):
                last = message.progress
                on_progress(last)
            elif isinstance(message, Refused):
                raise _as_error(message)
            elif isinstance(message, Ended):
                result = message.result
    if result is not None:
        return msgspec.structs.replace(result, finish_reason=TIME_OUT) if child.timed_out else result
    return CrawlResult(
        finish_reason=TIME_OUT if child.timed_out else LOST,
        ledger=Ledger(pages=last.pages, discovered=last.discovered, bytes=last.bytes),
        started_at=started_at,
        finished_at=datetime.now(UTC),
        detail=f"the crawl process ended without a word; its log: {log}",
    )


def check(source: Source) -> None:
    """Raise ``SettingsError`` for what would only fail once the crawl runs: a page function, a mapping, a token."""
    if source.page and source.page not in known_refinements():
        known = ", ".join(sorted(known_refinements()))
        raise errors.SettingsError(f'{source.name}: unknown page function "{source.page}"', hint=f"Known: {known}.")
    if source.walker is Walker.API:
        mapping.check(source)
    if source.render:
        browser.chromium(source.browser)


def name_of(start: str) -> str:
    """A name for the partition that begins at ``start``: readable, safe as a file name, different for each start."""
    parts = urlsplit(start)
    words = _UNSAFE.sub("_", f"{parts.path}_{parts.query}".strip("/_"))[-48:].strip("_.") or "start"
    return f"{words}_{hashlib.sha256(start.encode()).hexdigest()[:8]}"


def _dealt_addresses(addresses: tuple[str, ...]) -> tuple[Partition, ...]:
    firsts = range(0, len(addresses), ADDRESSES_IN_PARTITION)
    parts = [addresses[first : first + ADDRESSES_IN_PARTITION] for first in firsts]
    return tuple(Partition(name=name_of(part[0]), start=part) for part in parts)


def share_limit(partitions: tuple[Partition, ...], limit: int) -> tuple[Partition, ...]:
    """``partitions`` with the inspection's limit shared out evenly; those left without a share are left out."""
    if not limit:
        return partitions
    share, rest = divmod(limit, len(partitions))
    shares = [share + (number < rest) for number in range(len(partitions))]
    limited = zip(partitions, shares, strict=True)
    return tuple(msgspec.structs.replace(part, limit=most) for part, most in limited if most)


def probe(source: Source, *, folder: Path) -> Probe:
    """What there is on the site of ``source``, seen by a child process that leaves job and log in ``folder``.

    Raises ``CrawlError``; a site that gives no answer is an empty probe.
    """
    message = _ask_child("probe", source, folder)
    return message.probe if isinstance(message, Probed) else Probe()


def _plan_in_child(source: Source, folder: Path) -> tuple[Partition, ...]:
    message = _ask_child("plan", source, folder)
    return message.partitions if isinstance(message, Planned) else ()


def _ask_child(what: str, source: Source, folder: Path) -> Planned | Probed:
    start = Partition(name=what, start=source.start)
    job = CrawlJob(source=source, partition=start, inspection="", spool=folder, evidence=folder)
    log = folder / f"{what}.log"
    with _child([f"--{what}", str(_write(job))], log=log, seconds=PLAN_SECONDS) as child:
        for message in child.messages():
            if isinstance(message, Planned | Probed):
                return message
            if isinstance(message, Refused):
                raise _as_error(message)
    raise CrawlError(f"{source.name}: the {what} ended without a word", hint=f"Its log: {log}")


def _write(job: CrawlJob) -> Path:
    job.spool.mkdir(parents=True, exist_ok=True)
    file = job.spool / f"{job.partition.name}.job"
    file.write_bytes(to_json(job))
    return file


def _as_error(refused: Refused) -> DelistError:
    kind = getattr(errors, refused.kind, CrawlError)
    if kind is errors.RulebookError or not issubclass(kind, DelistError):
        kind = CrawlError
    error: DelistError = kind(refused.message, hint=refused.hint)
    return error


@contextmanager
def _child(arguments: list[str], *, log: Path, seconds: float) -> Iterator[_Child]:
    """A child process that does not outlive the block, or its parent: it ends when its standard input does."""
    with log.open("ab") as errors_go:
        process = subprocess.Popen(  # noqa: S603  # our own module, our own interpreter, no shell
            [sys.executable, "-m", "spiders.crawl", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors_go,
            start_new_session=True,
        )
    child = _Child(process, seconds)
    try:
        yield child
    finally:
        child.end()


class _Child:
    """A running child and the time it has."""

    def __init__(self, process: subprocess.Popen[bytes], seconds: float) -> None:
        if process.stdin is None or process.stdout is None:
            raise CrawlError("the crawl process has no pipes")
        self.process = process
        self._in: IO[bytes] = process.stdin
        self._out: IO[bytes] = process.stdout
        self.timed_out = False
        self._deadline = time.monotonic() + seconds

    def messages(self) -> Iterator[Message]:
        """What the child says until it ends; at the deadline it is asked to stop, and killed after a grace."""
        with selectors.DefaultSelector() as selector:
            selector.register(self._out, selectors.EVENT_READ)
            rest = b""
            while True:
                if not selector.select(timeout=max(0.0, self._deadline - time.monotonic())):
                    self._out_of_time()
                    continue
                if not (data := os.read(self._out.fileno(), 65_536)):
                    return
                *lines, rest = (rest + data).split(b"\n")
                yield from (message for line in lines if (message := heard(line)) is not None)

    def _out_of_time(self) -> None:
        if self.timed_out:
            self.process.kill()
        else:
            self.process.terminate()
        self.timed_out = True
        self._deadline = time.monotonic() + GRACE_SECONDS

    def end(self) -> None:
        """Make sure that the child is gone."""
        with suppress(BrokenPipeError):
            self._in.close()
        try:
            self.process.wait(timeout=GRACE_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._out.close()
