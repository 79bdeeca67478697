"""What tests share: a clock that is moved, listings, segments, and a platform whose crawls write what they are told."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import msgspec
from sqlalchemy import event

from scanner.errors import CrawlError
from scanner.inspection.intake import take_in
from scanner.inspection.records import InspectionState, IntakeCounts
from scanner.model import (
    Actor,
    CaseState,
    Failed,
    Fetched,
    Gone,
    Ledger,
    Listing,
    Observation,
    Role,
    Ruling,
    Seller,
    Skipped,
    Unchanged,
)
from scanner.moderation import cases
from scanner.moderation.policy import Policy, SecondPerson, shipped
from scanner.records import Case, QueueFilter
from scanner.rulebook import Rulebook
from scanner.settings import Source
from scanner.store import Store
from spiders.job import FINISHED, CrawlJob, CrawlResult, Partition, Progress

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)

LI = Actor(name="li", role=Role.REVIEWER)
WANG = Actor(name="wang", role=Role.SPECIALIST)

# A house where one person is enough, for tests of what comes after a decision.
_NOBODY_ELSE = SecondPerson(keep_at=(), remove_from_seller_with=0, after_overturned=False)
ALONE: Policy = msgspec.structs.replace(shipped(), second_person=_NOBODY_ELSE)

# Found by the rules below: S4, S2, and S2 only by the second edition.
GRAVE = "免实名手机卡 现货"
MILD = "手机卡 批发"
PLAIN = "不锈钢水壶"
LATER = "代收验证码"

_MODULE = """
category: phone_card
name: {en: Phone cards, zh: 手机卡}
severity: S4
owner: policy@example.org
policy: {law: [PRC-ATFL-31], says: {en: Phone cards are sold by carriers., zh: 手机卡由运营商销售。}}
terms:
  card: {any: [手机卡, 电话卡], except: [手机卡针], strength: L}
  anonymous: {any: [免实名, 不用实名], strength: M}
  wholesale: {any: [批发, 大量], strength: M}
  codes: {any: [代收验证码], strength: H}
rules:
  - id: phone_card.no_real_name
    title: {en: Phone card without real name, zh: 免实名手机卡}
    when: (card and anonymous) within 30
    lawful: [pins]
    hits: [免实名手机卡, 免实名电话卡出, 免 实 名手机卡]
    misses:
      - {text: 手机卡针, because: a pin}
      - {text: 手机卡, because: only a card}
      - {text: 免实名, because: only a word}
  - id: phone_card.bulk
    title: {en: Phone cards in bulk, zh: 批发手机卡}
    severity: S2
    when: (card and wholesale) within 30
    lawful: [pins]
    hits: [手机卡批发, 大量电话卡, 手 机 卡批发]
    misses:
      - {text: 手机卡针批发, because: pins}
      - {text: 手机卡, because: only a card}
      - {text: 批发, because: only a word}
"""

_MORE = """
  - id: phone_card.codes
    title: {en: Codes received for others, zh: 代收验证码}
    severity: S2
    when: codes
    lawful: [own codes]
    hits: [代收验证码, 长期代收验证码, 代 收 验证码]
    misses:
      - {text: 验证码, because: only a code}
      - {text: 代收快递, because: a parcel}
      - {text: 收到验证码, because: own code}
"""


def write_rules(folder: Path, *, edition: int = 1, status: str = "live") -> Path:
    """A rulebook of two rules, both of a status; the second edition has a third."""
    folder.mkdir(parents=True, exist_ok=True)
    rules = (_MODULE + (_MORE if edition > 1 else "")).replace("  - id:", f"  - status: {status}\n    id:")
    (folder / "phone_card.yaml").write_text(rules, encoding="utf8")
    return folder


class Clock:
    """A clock that stands still until it is moved."""

    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def move(self, **by: float) -> None:
        """Forward by so many seconds, minutes, hours …"""
        self.at += timedelta(**by)


def offer(listing_id: str = "1", title: str = PLAIN, **fields: Any) -> Listing:
    """A listing of the platform ``demo``."""
    plain: dict[str, Any] = {
        "url": f"http://127.0.0.1/item/{listing_id}",
        "price": Decimal("12.50"),
        "currency": "CNY",
        "seller": Seller(id="s1", name="Shop One"),
        "seen_at": NOON,
    }
    return Listing(platform="demo", listing_id=listing_id, title=title, **(plain | fields))


def fetched(listing_id: str = "1", title: str = PLAIN, **fields: Any) -> Fetched:
    """That such a listing was read."""
    return Fetched(listing=offer(listing_id, title, **fields))


def unchanged(listing_id: str = "1") -> Unchanged:
    """The platform's word that a listing did not change."""
    return Unchanged(platform="demo", listing_id=listing_id)


def gone(listing_id: str = "1") -> Gone:
    """That the platform shows a listing no more."""
    return Gone(platform="demo", listing_id=listing_id, why="404", seen_at=NOON)


def write_segment(folder: Path, *lines: Observation | bytes, name: str = "part-1000001.jsonl") -> Path:
    """A closed segment, written as spools write it; bytes are lines as they are."""
    folder.mkdir(parents=True, exist_ok=True)
    written = [line if isinstance(line, bytes) else msgspec.json.encode(line) for line in lines]
    part = folder / f"{name}.part"
    part.write_bytes(b"".join(line + b"\n" for line in written))
    return part.rename(folder / name)


def ledger_of(lines: Iterable[Observation], **more: Any) -> Ledger:
    """What a crawl that wrote ``lines`` says of them."""
    lines = tuple(lines)
    failed: dict[str, int] = {}
    skipped: dict[str, int] = {}
    for line in lines:
        if isinstance(line, Failed):
            failed[line.reason] = failed.get(line.reason, 0) + 1
        elif isinstance(line, Skipped):
            skipped[line.reason] = skipped.get(line.reason, 0) + 1
    return Ledger(
        discovered=len(lines),
        fetched=sum(isinstance(line, Fetched) for line in lines),
        unchanged=sum(isinstance(line, Unchanged) for line in lines),
        gone=sum(isinstance(line, Gone) for line in lines),
        failed=failed,
        skipped=skipped,
        pages=len(lines),
        **more,
    )


class Platform:
    """Stands in for the spiders: ``plan`` and ``crawl`` as ports, keeping their promises without a network.

    ``parts`` says what each partition holds. ``ends`` lists, for a partition, how its first attempts end; an attempt
    that ends badly writes half of its lines first. ``during`` is called while a crawl runs.
    """

    def __init__(
        self,
        parts: dict[str, list[Observation]],
        *,
        ends: dict[str, list[str]] | None = None,
        during: Callable[[CrawlJob], None] = lambda _: None,
        ledgers: dict[str, Ledger] | None = None,
    ) -> None:
        self.parts = parts
        self.jobs: list[CrawlJob] = []
        self.planned = 0
        self._ends = ends or {}
        self._during = during
        self._ledgers = ledgers or {}

    def plan(self, source: Source, *, folder: Path) -> tuple[Partition, ...]:
        """The parts, each beginning at its own name."""
        self.planned += 1
        if not self.parts:
            raise CrawlError("the sitemap cannot be read")
        return tuple(Partition(name=name, start=(name,)) for name in self.parts)

    def crawl(self, job: CrawlJob, *, on_progress: Callable[[Progress], None]) -> CrawlResult:
        """Write the part's lines in two segments and report."""
        self.jobs.append(job)
        job.spool.mkdir(parents=True, exist_ok=True)
        (job.spool / f"{job.partition.name}.log").write_text("crawling")
        name = job.partition.name
        lines = self.parts[name]
        end = (self._ends.get(name) or [FINISHED]).pop(0) if self._ends.get(name) else FINISHED
        middle = (len(lines) + 1) // 2
        write_segment(job.spool, *lines[:middle], name=f"{name}-{job.attempt}000001.jsonl")
        on_progress(Progress(pages=middle, listings=middle))
        self._during(job)
        if end == FINISHED:
            write_segment(job.spool, *lines[middle:], name=f"{name}-{job.attempt}000002.jsonl")
        on_progress(Progress(pages=len(lines), listings=len(lines)))
        ledger = self._ledgers.get(name, ledger_of(lines)) if end == FINISHED else Ledger(pages=middle)
        return CrawlResult(finish_reason=end, ledger=ledger, started_at=NOON, finished_at=NOON)


class Intake:
    """Takes in lines as the segments of one inspection after another; ``again`` goes on with the last one."""

    def __init__(self, store: Store, rulebook: Rulebook, folder: Path, clock: Clock) -> None:
        self._store = store
        self._rulebook = rulebook
        self._folder = folder
        self._clock = clock
        self._segments = 0

    def __call__(
        self, *lines: Observation | bytes, rulebook: Rulebook | None = None, again: bool = False, attempt: int = 1
    ) -> IntakeCounts:
        """What came of the lines."""
        inspection_id = self._inspection(again=again)
        self._segments += 1
        segment = write_segment(self._folder, *lines, name=f"part-{self._segments:07d}.jsonl")
        return take_in(
            segment,
            store=self._store,
            rulebook=rulebook or self._rulebook,
            inspection_id=inspection_id,
            partition="part",
            attempt=attempt,
            clock=self._clock,
        )

    def _inspection(self, *, again: bool) -> int:
        with self._store.transaction() as tx:
            running = tx.running_inspection("demo")
            if running is not None and again:
                return running.id
            if running is not None:
                state, nothing = InspectionState.FINISHED, IntakeCounts()
                tx.end_inspection(running.id, state=state, reasons=(), ledger=Ledger(), counts=nothing, at=NOON)
        return begin(self._store)


def begin(store: Store) -> int:
    """An inspection of the source ``demo``; its number."""
    with store.transaction() as tx:
        begun = tx.start_inspection(
            source="demo", platform="demo", walker="feed", kind="full", given="", rulebook="r", at=NOON
        )
    assert begun is not None
    return begun.id


def only_case(store: Store) -> Case:
    """The one case that there is, in whatever state."""
    page = cases.queue(store, QueueFilter(states=tuple(CaseState)))
    assert page.total == 1
    return page.rows[0].case


def ruled(store: Store, case_id: int, ruling: Ruling, *, actor: Actor = WANG, now: datetime = NOON) -> Case:
    """A person rules on a case as it is, alone, for a reason that fits."""
    revision = cases.show(store, case_id).row.case.revision
    reason = ALONE.reasons_for(ruling)[0].code
    return cases.decide(store, case_id, ruling, reason=reason, actor=actor, revision=revision, now=now, policy=ALONE)


def kinds(store: Store, case_id: int = 1) -> list[str]:
    """What happened to a case."""
    return [event.kind for event in cases.show(store, case_id).history]


def limit_disk(store: Store, *, pages: int) -> None:
    """Let the database grow by so many pages and no further, as a disk does that fills up."""
    with store.reading() as tx:
        now = tx._connection.exec_driver_sql("PRAGMA page_count").scalar_one()

    def limit(connection: Any, *_: object) -> None:
        """SQLite's limit is a connection's own, and intake has two."""
        connection.execute(f"PRAGMA max_page_count = {now + pages}")

    event.listen(store._engine, "checkout", limit)
