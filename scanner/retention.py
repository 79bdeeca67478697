"""How long evidence is kept: WARC files of crawls and of pictures are removed by age, and each removal is on record.

A file stays, whatever its age, while anything in it may still be asked for: a case of one of its listings that is not
closed, or one that is under a legal hold. A hold is an event of the case; the last word counts.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Protocol

import msgspec

from scanner import audit
from scanner.errors import Conflict
from scanner.model import Actor, CaseState, EvidenceRef
from scanner.ports import Clock, HistoryRows
from scanner.records import Case

HELD, RELEASED, REMOVED = "evidence.held", "evidence.released", "evidence.removed"
_CHUNK = 2**20


class RetentionRows(HistoryRows, Protocol):
    """What retention reads and writes."""

    def case(self, case_id: int) -> Case:
        """One case. Raises ``NotFound``."""

    def evidence_refs(self) -> Iterator[tuple[int, int, EvidenceRef]]:
        """The row and number of every version with evidence, and where that lies."""

    def latest_cases(self, rows: list[int]) -> dict[int, Case]:
        """The latest case of each listing, by the listing's row."""


class RetentionStore(Protocol):
    """A store that knows what evidence belongs to."""

    def reading(self) -> AbstractContextManager[RetentionRows]:
        """One consistent view."""

    def transaction(self) -> AbstractContextManager[RetentionRows]:
        """All or nothing."""


class Fate(msgspec.Struct, frozen=True, kw_only=True):
    """What became of an old file; ``kept_for`` says why it stays, and is empty if it was removed."""

    file: str
    size: int
    kept_for: str = ""


def hold(store: RetentionStore, case_id: int, *, reason: str, actor: Actor, at: datetime) -> None:
    """Put what belongs to a case under legal hold. Raises ``NotFound``, ``Conflict`` if it is already."""
    _say(store, case_id, HELD, {"reason": reason}, actor=actor, at=at)


def release(store: RetentionStore, case_id: int, *, reason: str, actor: Actor, at: datetime) -> None:
    """End a legal hold. Raises ``NotFound``, ``Conflict`` if there is none."""
    _say(store, case_id, RELEASED, {"reason": reason}, actor=actor, at=at)


def prune(
    store: RetentionStore,
    folder: Path,
    *,
    older_than: timedelta,
    actor: Actor,
    clock: Clock,
    dry_run: bool = False,
    on_fate: Callable[[Fate], None] = lambda _: None,
) -> tuple[Fate, ...]:
    """Remove WARC files of crawls and pictures under ``folder`` that were last written before ``older_than`` ago.

    The event, with the file's SHA-256, is on record before the file goes: killed between the two, it goes next time.
    """
    limit = clock() - older_than
    old = written_before(folder, limit)
    with store.reading() as tx:
        reasons = kept_for(tx, {file.relative_to(folder).as_posix() for file in old})
    fates = []
    for file in old:
        name = file.relative_to(folder).as_posix()
        fate = Fate(file=name, size=file.stat().st_size, kept_for=reasons.get(name, ""))
        if not fate.kept_for and not dry_run:
            _remove(store, file, fate, actor=actor, at=clock())
        on_fate(fate)
        fates.append(fate)
    return tuple(fates)


def _remove(store: RetentionStore, file: Path, fate: Fate, *, actor: Actor, at: datetime) -> None:
    facts: dict[str, object] = {"bytes": fate.size, "sha256": digest_of(file), "written_at": written_at(file)}
    with store.transaction() as tx:
        audit.append(tx, actor=actor, kind=REMOVED, subject=f"evidence:{fate.file}", at=at, **facts)
    file.unlink(missing_ok=True)


def kept_for(tx: RetentionRows, names: set[str], *, closed_before: datetime | None = None) -> dict[str, str]:
    """Why files must stay: file -> reason. With ``closed_before`` a case that was closed since is one too."""
    rows: dict[str, set[int]] = defaultdict(set)
    for row, _, ref in tx.evidence_refs():
        if ref.file in names:
            rows[ref.file].add(row)
    reasons = {}
    for name, listings in rows.items():
        for case in tx.latest_cases(sorted(listings)).values():
            if why := _needs(tx, case, closed_before):
                reasons[name] = why
                break
    return reasons


def _needs(tx: RetentionRows, case: Case, closed_before: datetime | None) -> str:
    if case.state is not CaseState.CLOSED:
        return f"case {case.id} is {case.state}"
    if closed_before is not None and case.updated_at >= closed_before:
        return f"case {case.id} was closed on {case.updated_at:%Y-%m-%d}"
    return f"case {case.id} is under legal hold" if is_held(tx, case.id) else ""


def is_held(tx: HistoryRows, case_id: int) -> bool:
    """Whether the last word on a legal hold of the case is that it holds."""
    words = [event.kind for event in tx.events_about(f"case:{case_id}") if event.kind in {HELD, RELEASED}]
    return bool(words) and words[-1] == HELD


def _say(
    store: RetentionStore, case_id: int, kind: str, facts: dict[str, object], *, actor: Actor, at: datetime
) -> None:
    with store.transaction() as tx:
        tx.case(case_id)
        if is_held(tx, case_id) == (kind == HELD):
            words = "case {case} is already under legal hold" if kind == HELD else "case {case} is not under legal hold"
            raise Conflict(words, case=case_id)
        audit.append(tx, actor=actor, kind=kind, subject=f"case:{case_id}", at=at, **facts)


def written_before(folder: Path, limit: datetime) -> list[Path]:
    """The files that age may remove: what crawls captured, and pictures of listings; screenshots and looks stay."""
    files = (*folder.glob("[0-9]*/*.warc.gz"), *folder.glob("pictures/*.warc.gz"))
    return [file for file in sorted(files) if written_at(file) < limit]


def written_at(file: Path) -> datetime:
    """When a file was last written."""
    return datetime.fromtimestamp(file.stat().st_mtime, UTC)


def digest_of(file: Path) -> str:
    """SHA-256 of a file, in hex."""
    digest = hashlib.sha256()
    with file.open("rb") as stream:
        while chunk := stream.read(_CHUNK):
            digest.update(chunk)
    return digest.hexdigest()
