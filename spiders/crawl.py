"""The child process: ``python -m spiders.crawl JOB.json`` crawls one partition, ``--plan JOB.json`` plans a source,
``--probe JOB.json`` looks at a site that nobody has described.

It tells its parent of progress and result on standard output and logs to standard error. When its parent dies it stops
too. Its exit code says nothing. Scrapy is imported only where the network is needed: a feed is read in half the time.
"""

from __future__ import annotations

import fcntl
import importlib
import logging
import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from scanner.errors import AlreadyRunning, DelistError
from scanner.sources import Walker
from spiders.job import FINISHED, CrawlJob, CrawlResult, job_from_json
from spiders.recorder import Recorder
from spiders.wire import Ended, Going, Refused, Voice

logger = logging.getLogger(__name__)

LOCAL = frozenset({Walker.FEED, Walker.SAVED})
LAST_SECONDS = 20.0


def main(arguments: list[str]) -> int:
    """Do what the command line says."""
    voice = Voice()
    watch_parent()
    try:
        *mode, file = arguments
        job = job_from_json(Path(file).read_bytes())
        if mode == ["--plan"]:
            voice.say(_network("spiders.survey").plan(job))
        elif mode == ["--probe"]:
            voice.say(_network("spiders.survey").probe(job))
        else:
            voice.say(Ended(run(job, voice)))
    except DelistError as error:
        voice.say(Refused(type(error).__name__, str(error), error.hint))
    return 0


def run(job: CrawlJob, voice: Voice) -> CrawlResult:
    """Crawl the job's partition and judge how it ended."""
    local = job.walker in LOCAL
    with held(job.spool / f"{job.partition.name}.lock"):
        recorder = Recorder(job, lines=2048 if local else 256, on_progress=lambda progress: voice.say(Going(progress)))
        reason, detail = _crawl(job, recorder, local=local)
    return CrawlResult(
        finish_reason=reason,
        ledger=recorder.statement(),
        started_at=recorder.started_at,
        finished_at=datetime.now(UTC),
        detail=detail,
    )


def _crawl(job: CrawlJob, recorder: Recorder, *, local: bool) -> tuple[str, str]:
    """Finish reason and detail; whatever was discovered and has no outcome yet gets one before the spool closes."""
    engine: Callable[[CrawlJob, Recorder], tuple[str, str]]
    engine = _network("spiders.local").crawl if local else _network("spiders.engine").crawl
    try:
        with recorder:
            reason, detail = engine(job, recorder)
            if left := recorder.close_open("unanswered" if reason == FINISHED else "not_reached"):
                logger.error("%d discoveries never got an answer", left)
                detail = detail or f"{left} never got an answer"
    except OSError as error:
        return "spool_failed", str(error)
    except DelistError as error:
        return "start_failed", f"{error}. {error.hint}" if error.hint else str(error)
    return reason, detail


def _network(module: str) -> Any:
    """Import late what is heavy: see the module's docstring."""
    return importlib.import_module(module)


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Hold the lock on ``path``, so that no partition is crawled twice at a time. Raises ``AlreadyRunning``."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(f"{path.stem}: another process crawls this partition") from None
        yield


def watch_parent() -> None:
    """Stop when standard input ends, which it does when the parent dies, however it dies."""
    if sys.stdin is None or sys.stdin.isatty():
        return

    def wait() -> None:
        while os.read(0, 1024):
            pass
        os.kill(os.getpid(), signal.SIGTERM)
        threading.Event().wait(LAST_SECONDS)
        os._exit(1)

    threading.Thread(target=wait, name="watch-parent", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
