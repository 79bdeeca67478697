"""What goes into a crawl and what comes out of it: records that travel between the parent and its child process."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Any

import msgspec
from pydantic import ValidationError

from scanner.errors import CrawlError
from scanner.model import Ledger, Listing
from scanner.sources import Source, Walker

FINISHED = "finished"
LOST = "lost"


class Partition(msgspec.Struct, frozen=True, kw_only=True):
    """A part of a source that one child process crawls under a lease; its name is safe as a file name.

    ``start`` holds the URLs, files or folders to begin with; ``pages`` the first and last page of an API's range, both
    counted; ``limit`` the most listings to read (0: all); ``expected`` the platform's own count, where it gives one;
    ``walker`` how this part is walked, where a look at the site chose it.
    """

    name: str
    start: tuple[str, ...]
    pages: tuple[int, int] | None = None
    limit: int = 0
    expected: int | None = None
    walker: Walker | None = None


class CrawlJob(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt at one partition. Segments go to the folder ``spool``, WARC files to the folder ``evidence``.

    ``attempt`` counts up with every re-run of a partition, so that no file of an earlier attempt is written again.
    ``known``: a file of what is stored of the listings (``spiders.known``); no evidence is kept of what is not new.
    ``share``: so many crawls of the source go on at the same time, and have its rate together.
    ``asks_for_changes``: of what is known, the platform's word that it is unchanged is taken: by date, without fetching
    it, or asked by validator.
    """

    source: Source
    partition: Partition
    inspection: str
    spool: Path
    evidence: Path
    attempt: int = 1
    known: Path | None = None
    asks_for_changes: bool = False
    keep_evidence: bool = True
    share: int = 1

    @property
    def walker(self) -> Walker:
        """How the partition is walked."""
        return self.partition.walker or self.source.walker

    @property
    def limit(self) -> int:
        """The most listings to read; 0 means all."""
        return self.partition.limit or self.source.limit


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """What one page of an unknown site turned out to be: ``listing``, ``gone``, ``not_a_listing`` or ``failed``."""

    url: str
    outcome: str
    why: str = ""
    listing: Listing | None = None

    @property
    def is_failed(self) -> bool:
        """Whether the page could not be read."""
        return self.outcome == "failed"


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """What a look at an unknown site found. ``urls``: how many addresses there are, about; no sitemaps: by links.

    ``entry`` is where a walk through the sitemaps begins, so that files added later are found as well. ``why`` says why
    the front page could not be read. ``is_listing``: the address that was looked at is one listing, and no list.
    """

    sitemaps: tuple[str, ...] = ()
    entry: str = ""
    urls: int = 0
    samples: tuple[Sample, ...] = ()
    why: str = ""
    is_listing: bool = False

    @property
    def listings(self) -> tuple[Listing, ...]:
        """The sampled pages that are listings."""
        return tuple(sample.listing for sample in self.samples if sample.listing)


class Progress(msgspec.Struct, frozen=True, kw_only=True):
    """Where a crawl stands: the ledger's counts so far."""

    pages: int = 0
    discovered: int = 0
    listings: int = 0
    unchanged: int = 0
    gone: int = 0
    errors: int = 0
    skipped: int = 0
    bytes: int = 0


class CrawlResult(msgspec.Struct, frozen=True, kw_only=True):
    """How a crawl ended. Only ``finished`` is good, and an exit code never says so.

    Other reasons: ``shutdown`` (it was asked to stop), ``time_out``, ``start_failed`` (nothing to begin with could be
    read), ``spool_failed`` (disk full), ``crashed``, ``lost`` (the process died and left no word).
    """

    finish_reason: str
    ledger: Ledger = Ledger()
    started_at: datetime
    finished_at: datetime
    detail: str = ""

    @property
    def is_good(self) -> bool:
        """Whether the partition was crawled to its end and everything discovered is accounted for."""
        return self.finish_reason == FINISHED and self.ledger.is_balanced


def progress_of(ledger: Ledger) -> Progress:
    """The ledger's counts as progress."""
    return Progress(
        pages=ledger.pages,
        discovered=ledger.discovered,
        listings=ledger.fetched,
        unchanged=ledger.unchanged,
        gone=ledger.gone,
        errors=sum(ledger.failed.values()),
        skipped=sum(ledger.skipped.values()),
        bytes=ledger.bytes,
    )


def to_json(record: msgspec.Struct) -> bytes:
    """``record`` as one line of JSON, without the line feed."""
    return msgspec.json.encode(record, enc_hook=_plain)


def job_from_json(data: bytes) -> CrawlJob:
    """Read what ``to_json`` wrote; raises ``CrawlError`` for anything else."""
    try:
        return msgspec.json.decode(data, type=CrawlJob, dec_hook=_record)
    except (msgspec.MsgspecError, ValidationError) as error:
        raise CrawlError(f"not a crawl job: {error}") from error


def _plain(value: object) -> object:
    if isinstance(value, Source):
        return value.model_dump(mode="json")
    if isinstance(value, Path):
        return str(value)
    raise NotImplementedError(f"no JSON for {type(value).__name__}")  # msgspec's protocol for a type unknown to a hook


def _record(kind: type, value: Any) -> object:
    if kind is Source:
        return Source.model_validate(value)
    if issubclass(kind, Path):
        return Path(value)
    raise NotImplementedError(f"no {kind.__name__} in JSON")  # msgspec's protocol too: it adds the place
