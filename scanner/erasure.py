"""How long records are kept by kind, and deleting what is older: planned, agreed to by two people, done, certified.

Nothing is deleted by a takedown, and nothing without a plan. A plan says for each kind what is older than which moment,
and how many there are; it is a dry run by itself. Two different people approve it as they saw it. Then the job deletes
in small steps, each with an event that names what went by number and SHA-256, and ends with a certificate. The history
itself is never deleted, so it verifies afterwards as before. What is under legal hold stays.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol

import msgspec

from scanner import audit, retention
from scanner.errors import Conflict, Forbidden, IllegalMove, InputError
from scanner.model import Actor
from scanner.moderation.four_eyes import is_same_person
from scanner.moderation.permissions import Deed, require
from scanner.outside import PlanItem, PlanState, RecordKind, RetentionPlan
from scanner.ports import Clock

# So many records go with one transaction and one event.
AT_A_TIME = 200
APPROVALS = 2


class Keep(msgspec.Struct, frozen=True, kw_only=True):
    """How long a kind of record is kept, from when, and what says so."""

    kind: RecordKind
    days: int
    since: str
    basis: str


_SHORTEST = "PIPL art. 19: no longer than needed"
_CLAIMS = "5 years: limitation periods"
_TRADE = "E-Commerce Law art. 31: 3 years"

# Deleted in this order: what hangs on something else goes first.
KEEP: tuple[Keep, ...] = (
    Keep(kind=RecordKind.PASSED_SCORES, days=180, since="the version was seen", basis=_SHORTEST),
    Keep(kind=RecordKind.BAD_LINES, days=180, since="the inspection began", basis=_SHORTEST),
    Keep(kind=RecordKind.FINGERPRINTS, days=0, since="they expired", basis="24 months, or until an appeal succeeds"),
    Keep(kind=RecordKind.LETTERS, days=1826, since="they were written", basis=_CLAIMS),
    Keep(kind=RecordKind.NOTICES, days=1826, since="they were answered", basis=_CLAIMS),
    Keep(kind=RecordKind.CLUES, days=3653, since="they were answered, or not sent", basis="10 years, or as ordered"),
    Keep(kind=RecordKind.CASES, days=1826, since="they were closed", basis=_CLAIMS),
    Keep(kind=RecordKind.LISTINGS, days=1096, since="they were gone", basis=_TRADE),
    Keep(kind=RecordKind.EVIDENCE, days=1096, since="it was written; 5 years with a case", basis=_TRADE),
    Keep(kind=RecordKind.SELLERS, days=1096, since="they left", basis="Online trading measures art. 31: 3 years"),
)
# Evidence that belongs to a case is kept as long as the case.
_WITH_A_CASE = timedelta(days=1826 - 1096)


class Erasable(msgspec.Struct, frozen=True, kw_only=True):
    """A record that is old enough, with the cases it belongs to and the SHA-256 of what it says."""

    id: int
    cases: tuple[int, ...]
    sha256: str


class ErasureRows(retention.RetentionRows, Protocol):
    """What deleting reads and writes."""

    def erasable(self, kind: RecordKind, *, before: datetime, after: int, limit: int) -> tuple[Erasable, ...]:
        """Records of a kind that are older than ``before``, by number, from the one behind ``after`` on."""

    def erase(self, kind: RecordKind, numbers: Sequence[int]) -> dict[str, int]:
        """Delete records with all that hangs on them; how many rows of each table."""

    def add_plan(self, plan: RetentionPlan) -> RetentionPlan:
        """Keep a plan; its number is given by the store."""

    def plan(self, plan_id: int) -> RetentionPlan:
        """One plan; whoever else wants to change it waits. Raises ``NotFound``."""

    def plans(self, states: Sequence[PlanState], *, limit: int) -> tuple[RetentionPlan, ...]:
        """Plans in these states (none: in any), the newest first."""

    def save_plan(self, after: RetentionPlan, before: RetentionPlan) -> bool:
        """Write a plan back. ``False`` if somebody has changed it since it was read."""


class ErasureStore(Protocol):
    """A store from which records can be deleted."""

    def reading(self) -> AbstractContextManager[ErasureRows]:
        """One consistent view."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[ErasureRows]:
        """All or nothing; ``durable`` also survives a power cut."""


class Certificate(msgspec.Struct, frozen=True, kw_only=True):
    """What a plan came to: how many of each kind went, and the hash over all events that name them."""

    plan: RetentionPlan
    deleted: dict[str, int]
    events: int
    sha256: str


def plan(store: ErasureStore, folder: Path, *, actor: Actor, now: datetime) -> RetentionPlan:
    """Say what is to be deleted, and delete nothing. ``folder`` is where evidence lies.

    A plan that nobody has approved yet is dropped: there is one at a time. Raises ``Conflict`` while one is approved.
    """
    require(actor, Deed.PROPOSE_ERASURE)
    with store.transaction(durable=True) as tx:
        for earlier in tx.plans((PlanState.PLANNED, PlanState.APPROVED), limit=10):
            if earlier.state is PlanState.APPROVED:
                raise Conflict(
                    "plan {plan} is approved and not carried out", hint="delist retention run", plan=earlier.id
                )
            _saved(tx, earlier, state=PlanState.DROPPED)
        items = tuple(_item(tx, keep, folder, now) for keep in KEEP)
        made = tx.add_plan(
            RetentionPlan(
                id=0, made_at=now, made_by=actor.name, state=PlanState.PLANNED, items=items, digest=_digest(items)
            )
        )
        _tell(tx, made, "planned", actor, now, items=items, digest=made.digest)
        return made


def approve(store: ErasureStore, plan_id: int, *, digest: str, actor: Actor, now: datetime) -> RetentionPlan:
    """Agree to a plan as it was seen (``digest``, or its beginning). The second different person makes it carried out.

    Raises ``Conflict`` for another plan than was seen, ``Forbidden`` for the same person again, ``IllegalMove``.
    """
    require(actor, Deed.APPROVE_ERASURE)
    with store.transaction(durable=True) as tx:
        found = tx.plan(plan_id)
        if found.state is not PlanState.PLANNED:
            raise IllegalMove(
                "plan {plan} is {state}", hint="Only what is planned is approved.", plan=plan_id, state=found.state
            )
        if len(digest) < 8 or not found.digest.startswith(digest):
            raise Conflict(
                "plan {plan} is not the one you saw", hint="Look at it: delist retention plan --show", plan=plan_id
            )
        if any(is_same_person(actor.name, name) for name in found.approved_by):
            raise Forbidden(
                "{actor} has approved plan {plan}",
                hint="A second, different person must.",
                actor=actor.name,
                plan=plan_id,
            )
        by = (*found.approved_by, actor.name)
        state = PlanState.APPROVED if len(by) >= APPROVALS else PlanState.PLANNED
        approved = _saved(tx, found, approved_by=by, state=state)
        _tell(tx, approved, "approved", actor, now, approved_by=by, digest=found.digest)
        return approved


def drop(store: ErasureStore, plan_id: int, *, reason: str, actor: Actor, now: datetime) -> RetentionPlan:
    """A plan is not carried out. Raises ``IllegalMove`` for one that is done or dropped, ``NotFound``."""
    require(actor, Deed.PROPOSE_ERASURE)
    if not reason.strip():
        raise InputError("to drop a plan needs a reason")
    with store.transaction(durable=True) as tx:
        found = tx.plan(plan_id)
        if found.state in {PlanState.DONE, PlanState.DROPPED}:
            raise IllegalMove("plan {plan} is {state}", plan=plan_id, state=found.state)
        dropped = _saved(tx, found, state=PlanState.DROPPED)
        _tell(tx, dropped, "dropped", actor, now, reason=reason)
        return dropped


def latest(store: ErasureStore) -> RetentionPlan | None:
    """The newest plan, whatever became of it."""
    with store.reading() as tx:
        found = tx.plans((), limit=1)
        return found[0] if found else None


def run(store: ErasureStore, folder: Path, *, actor: Actor, clock: Clock) -> Certificate | None:
    """Carry out the plan that two people have approved; ``None`` if there is none. Killed, it goes on the next time.

    Raises ``Conflict``, and deletes nothing, if more would go than was approved: a hold may have been released since.
    """
    with store.reading() as tx:
        approved = tx.plans((PlanState.APPROVED,), limit=1)
        if not approved:
            return None
        found = approved[0]
        gone = _so_far(tx, found)
        for item in found.items:
            now_there = _item_again(tx, item, folder).count
            if now_there + gone[item.kind] > item.count:
                raise Conflict(
                    "plan {plan}: {now_there} records of the kind {kind} would go, {count} were approved",
                    hint="Drop it and plan anew: delist retention drop",
                    plan=found.id,
                    now_there=now_there,
                    kind=item.kind,
                    count=item.count,
                )
    for item in found.items:
        if item.kind is RecordKind.EVIDENCE:
            _erase_files(store, found, item, folder, actor, clock)
        else:
            _erase(store, found, item, item.count - gone[item.kind], actor, clock)
    return _certify(store, found, actor, clock())


def _erase(store: ErasureStore, found: RetentionPlan, item: PlanItem, left: int, actor: Actor, clock: Clock) -> None:
    """Delete a kind in steps, never more than was approved: what other steps make deletable waits for another plan."""
    after = 0
    while left > 0:
        with store.transaction(durable=True) as tx:
            old = tx.erasable(item.kind, before=item.before, after=after, limit=AT_A_TIME)
            if not old:
                return
            after = old[-1].id
            free = [one for one in old if not _is_held(tx, one)][:left]
            if free:
                rows = tx.erase(item.kind, [one.id for one in free])
                records = [(one.id, one.sha256) for one in free]
                _tell(tx, found, "deleted", actor, clock(), record_kind=item.kind, records=records, rows=rows)
                left -= len(free)


def _erase_files(
    store: ErasureStore, found: RetentionPlan, item: PlanItem, folder: Path, actor: Actor, clock: Clock
) -> None:
    """The event is on record before the file goes: killed between the two, it goes next time."""
    with store.reading() as tx:
        files = [file for file, held in _old_files(tx, folder, item.before) if not held]
    for file in files:
        name, digest = file.relative_to(folder).as_posix(), retention.digest_of(file)
        with store.transaction(durable=True) as tx:
            told = {event.data.get("file") for event in tx.events_about(_subject(found)) if "file" in event.data}
            if name not in told:
                facts = {"file": name, "sha256": digest, "bytes": file.stat().st_size}
                _tell(tx, found, "deleted", actor, clock(), record_kind=item.kind, **facts)
                audit.append(
                    tx, actor=actor, kind=retention.REMOVED, subject=f"evidence:{name}", at=clock(), sha256=digest
                )
        file.unlink(missing_ok=True)


def _certify(store: ErasureStore, found: RetentionPlan, actor: Actor, now: datetime) -> Certificate:
    with store.transaction(durable=True) as tx:
        current = tx.plan(found.id)
        events = [event for event in tx.events_about(_subject(found)) if event.kind == "retention.deleted"]
        digest = hashlib.sha256("".join(event.hash for event in events).encode()).hexdigest()
        deleted = {str(kind): number for kind, number in _so_far(tx, found).items() if number}
        done = _saved(tx, current, state=PlanState.DONE, run_at=now, run_by=actor.name)
        facts = {"deleted": deleted, "events": len(events), "sha256": digest, "approved_by": done.approved_by}
        _tell(tx, done, "certificate", actor, now, digest=done.digest, **facts)
        return Certificate(plan=done, deleted=deleted, events=len(events), sha256=digest)


def _so_far(tx: ErasureRows, found: RetentionPlan) -> Counter[str]:
    """What has been deleted by a plan already, by kind."""
    gone: Counter[str] = Counter()
    for event in tx.events_about(_subject(found)):
        if event.kind == "retention.deleted":
            records = event.data.get("records")
            gone[str(event.data["record_kind"])] += len(records) if isinstance(records, list) else 1
    return gone


def _item(tx: ErasureRows, keep: Keep, folder: Path, now: datetime) -> PlanItem:
    empty = PlanItem(kind=keep.kind, before=now - timedelta(days=keep.days), count=0)
    return _item_again(tx, empty, folder)


def _item_again(tx: ErasureRows, item: PlanItem, folder: Path) -> PlanItem:
    """The same item with what there is of it now."""
    if item.kind is RecordKind.EVIDENCE:
        files = list(_old_files(tx, folder, item.before))
        free = [file for file, held in files if not held]
        size = sum(file.stat().st_size for file in free)
        return msgspec.structs.replace(item, count=len(free), held=len(files) - len(free), size=size)
    count = held = after = 0
    while old := tx.erasable(item.kind, before=item.before, after=after, limit=AT_A_TIME):
        after = old[-1].id
        kept = sum(_is_held(tx, one) for one in old)
        count, held = count + len(old) - kept, held + kept
    return msgspec.structs.replace(item, count=count, held=held)


def _old_files(tx: ErasureRows, folder: Path, before: datetime) -> Iterator[tuple[Path, bool]]:
    """Old files, and whether each must stay, for a case that is open, held, or not as old as cases get."""
    old = retention.written_before(folder, before)
    names = {file.relative_to(folder).as_posix() for file in old}
    kept = retention.kept_for(tx, names, closed_before=before - _WITH_A_CASE) if names else {}
    for file in old:
        yield file, file.relative_to(folder).as_posix() in kept


def _is_held(tx: ErasureRows, one: Erasable) -> bool:
    """A clue package is of several cases: a hold of any of them keeps all of it."""
    return any(retention.is_held(tx, case_id) for case_id in one.cases)


def _digest(items: Sequence[PlanItem]) -> str:
    return hashlib.sha256(msgspec.json.encode(items, order="deterministic")).hexdigest()


def _saved(tx: ErasureRows, before: RetentionPlan, **changes: object) -> RetentionPlan:
    after = msgspec.structs.replace(before, **changes)
    if not tx.save_plan(after, before):
        raise Conflict("plan {plan} was changed by somebody else", hint="Look at it again.", plan=before.id)
    return after


def _subject(found: RetentionPlan) -> str:
    return f"retention:{found.id}"


def _tell(tx: ErasureRows, found: RetentionPlan, kind: str, actor: Actor, at: datetime, **data: object) -> None:
    audit.append(tx, actor=actor, kind=f"retention.{kind}", subject=_subject(found), at=at, **data)
