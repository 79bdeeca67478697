"""One decision on many cases: seen beforehand, run in the background, reported case by case, undone as a whole.

Each case is decided in a transaction of its own, together with what is kept of it here. So a run may be killed anywhere
and goes on where it was: no case is decided twice, and none is forgotten.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Sequence
from datetime import datetime

import msgspec

from scanner import audit
from scanner.errors import Conflict, Contention, DelistError, Forbidden, IllegalMove, InputError, NotFound
from scanner.model import Actor, Role, Ruling
from scanner.moderation import cases, four_eyes
from scanner.moderation.bulk_rows import BulkRows, BulkStore, batch_moved, batch_tell
from scanner.moderation.desk import DeskRows, refuse_silence, said, tell
from scanner.moderation.permissions import Deed, require
from scanner.moderation.policy import Policy, shipped
from scanner.moderation.records import (
    Approval,
    ApprovalKind,
    ApprovalState,
    Batch,
    BatchItem,
    BatchState,
    ItemState,
    Proposal,
)
from scanner.moderation.reverting import end_proposal, undo_in
from scanner.ports import Clock

# So many cases at most in one bulk decision.
MOST = 10_000
# So often is a case tried whose transaction met another one.
_TRIES = 5
# What is the matter of one case; anything else, such as a full disk, ends the run.
_OF_THE_CASE = (Conflict, IllegalMove, Forbidden, InputError, NotFound)
_SAYS = {
    Ruling.REMOVE: "is removed",
    Ruling.RESTRICT: "is restricted",
    Ruling.KEEP: "is kept",
    Ruling.HIDE: "is hidden until it is decided",
    Ruling.ESCALATE: "goes to a specialist",
}


def preview(
    store: BulkStore,
    case_ids: Sequence[int],
    ruling: Ruling,
    *,
    reason: str,
    actor: Actor,
    now: datetime,
    note: str = "",
    cluster_id: int | None = None,
    policy: Policy | None = None,
) -> Batch:
    """Prepare a bulk decision, and say of each case what would come of it, and which would be refused and why.

    Nothing is decided yet. Of a cluster's members some are drawn that a person looks at first. Raises ``InputError``
    for no case, for too many, and for a reason that does not fit; ``Forbidden``, ``NotFound``.
    """
    policy = policy or shipped()
    require(actor, Deed.BULK)
    policy.reason(reason.strip(), ruling)
    numbers = sorted(set(case_ids))
    if not 0 < len(numbers) <= MOST:
        raise InputError(
            "a bulk decision is on 1 to {most} cases, not on {number}",
            hint="Choose others.",
            most=MOST,
            number=len(numbers),
        )
    proposal = Proposal(ruling=ruling, reason=reason.strip(), note=said(note))
    with store.reading() as tx:
        items = [_foreseen(tx, number, proposal, actor, now, policy) for number in numbers]
    if cluster_id is not None:
        items = _sampled(items, policy, now)
    batch = _prepared(proposal, ruling, actor, now, cluster_id)
    with store.transaction(durable=True) as tx:
        made = tx.add_batch(batch, items)
        batch_tell(
            tx, made, "prepared", actor, now, ruling=ruling, reason=reason, cases=len(items), cluster=cluster_id or 0
        )
        return tx.batch(made.id)


def _prepared(proposal: Proposal, ruling: Ruling, actor: Actor, now: datetime, cluster_id: int | None) -> Batch:
    return Batch(
        id=0,
        state=BatchState.PREPARED,
        ruling=ruling,
        reason=proposal.reason,
        note=proposal.note,
        made_by=actor.name,
        made_role=actor.role,
        made_at=now,
        cluster_id=cluster_id,
    )


def look(
    store: BulkStore, batch_id: int, case_id: int, *, agrees: bool, actor: Actor, now: datetime, note: str = ""
) -> Batch:
    """Say of a case that was drawn whether the decision is right for it. One that it is not right for stops it all."""
    require(actor, Deed.BULK)
    with store.transaction(durable=True) as tx:
        batch = tx.batch(batch_id)
        item = next((one for one in _drawn(tx, batch_id) if one.case_id == case_id), None)
        if item is None:
            raise NotFound(
                "case {case} was not drawn for bulk decision {batch}",
                hint="See its list.",
                case=case_id,
                batch=batch_id,
            )
        _refuse_unless(batch, BatchState.PREPARED)
        tx.save_item(msgspec.structs.replace(item, looked_by=actor.name), item)
        batch_tell(tx, batch, "looked", actor, now, case=case_id, agrees=agrees, note=said(note))
        if not agrees:
            batch = batch_moved(tx, batch, BatchState.STOPPED, actor, now, why=f"not right for case {case_id}")
        return tx.batch(batch_id)


def start(store: BulkStore, batch_id: int, *, actor: Actor, now: datetime, policy: Policy | None = None) -> Batch:
    """Let a prepared bulk decision run, or wait for a second person if it is on more cases than policy allows for one.

    Raises ``IllegalMove`` while cases that were drawn have not been looked at, ``Forbidden`` for anybody else.
    """
    policy = policy or shipped()
    require(actor, Deed.BULK)
    with store.transaction(durable=True) as tx:
        batch = tx.batch(batch_id)
        _refuse_unless(batch, BatchState.PREPARED)
        _refuse_others(batch, actor)
        left = [item.case_id for item in _drawn(tx, batch_id) if not item.looked_by]
        if left:
            numbers = ", ".join(map(str, left))
            raise IllegalMove(
                "look at the cases that were drawn first: {numbers}", hint="Then start it again.", numbers=numbers
            )
        count = batch.counts.get(ItemState.WAITING, 0)
        if count <= policy.second_person.bulk_over:
            batch_moved(tx, batch, BatchState.RUNNING, actor, now)
            return tx.batch(batch_id)
        _ask_second(tx, batch, count, actor=actor, now=now, policy=policy)
        return tx.batch(batch_id)


def _ask_second(tx: BulkRows, batch: Batch, count: int, *, actor: Actor, now: datetime, policy: Policy) -> None:
    approval = four_eyes.ask(
        tx,
        kind=ApprovalKind.BULK,
        subject=f"batch:{batch.id}",
        proposal=Proposal(ruling=batch.ruling, reason=batch.reason, note=batch.note),
        why=(f"decides {count} cases at once",),
        actor=actor,
        now=now,
        policy=policy,
    )
    asked = msgspec.structs.replace(batch, approval_id=approval.id)
    batch_moved(tx, asked, BatchState.AWAITING_APPROVAL, actor, now)


def settled(tx: BulkRows, approval: Approval, actor: Actor, now: datetime) -> None:
    """What becomes of a bulk decision when its proposal ends: it runs, is back with its maker, or is refused."""
    batch = tx.batch(int(approval.subject.partition(":")[2]))
    if approval.state is ApprovalState.APPROVED:
        batch_moved(tx, msgspec.structs.replace(batch, approved_by=actor.name), BatchState.RUNNING, actor, now)
    elif approval.state is ApprovalState.WITHDRAWN:
        batch_moved(tx, batch, BatchState.PREPARED, actor, now)
    else:
        batch_moved(tx, batch, BatchState.REFUSED, actor, now)


def run(
    store: BulkStore,
    batch_id: int,
    *,
    clock: Clock,
    policy: Policy | None = None,
    stop: Callable[[], bool] = lambda: False,
) -> Batch:
    """Work on a bulk decision that runs or is being undone, until nothing is left, it is stopped, or ``stop`` says so.

    May be called again after a kill, and by several at once: each case is dealt with once.
    """
    policy, after = policy or shipped(), 0
    while not stop():
        with store.reading() as tx:
            batch = tx.batch(batch_id)
        if batch.state not in {BatchState.RUNNING, BatchState.UNDOING}:
            return batch
        done = _step(store, batch, after, clock(), policy)
        if done is None and after == 0:
            return _finished(store, batch_id, clock())
        after = done or 0
    return show(store, batch_id)


def run_due(
    store: BulkStore, *, clock: Clock, policy: Policy | None = None, stop: Callable[[], bool] = lambda: False
) -> tuple[Batch, ...]:
    """Work on everything that runs or is being undone, the oldest first. For a worker in the background."""
    with store.reading() as tx:
        due = tx.batches((BatchState.RUNNING, BatchState.UNDOING), limit=100)
    return tuple(run(store, batch.id, clock=clock, policy=policy, stop=stop) for batch in reversed(due))


def halt(store: BulkStore, batch_id: int, *, actor: Actor, now: datetime) -> Batch:
    """Stop a bulk decision; what it has decided stays decided, and can be undone."""
    require(actor, Deed.BULK)
    with store.transaction(durable=True) as tx:
        batch = tx.batch(batch_id)
        _refuse_unless(batch, BatchState.PREPARED, BatchState.RUNNING)
        batch_moved(tx, batch, BatchState.STOPPED, actor, now)
        return tx.batch(batch_id)


def undo(store: BulkStore, batch_id: int, *, reason: str, actor: Actor, now: datetime) -> Batch:
    """Take back all that a bulk decision has decided; ``run`` does the work, and each case says how it went.

    Once more, it tries again what could not be undone, such as an order that was being sent at that moment.
    """
    require(actor, Deed.BULK)
    words = refuse_silence(reason, "undo a bulk decision")
    with store.transaction(durable=True) as tx:
        batch = tx.batch(batch_id)
        _refuse_unless(batch, BatchState.RUNNING, BatchState.FINISHED, BatchState.STOPPED, BatchState.UNDONE)
        tx.put_items(batch_id, ItemState.NOT_UNDONE, ItemState.DONE)
        batch_moved(tx, batch, BatchState.UNDOING, actor, now, reason=words)
        return tx.batch(batch_id)


def show(store: BulkStore, batch_id: int) -> Batch:
    """A bulk decision with its progress. Raises ``NotFound``."""
    with store.reading() as tx:
        return tx.batch(batch_id)


def recent(store: BulkStore, *, limit: int = 50) -> tuple[Batch, ...]:
    """Bulk decisions, the newest first."""
    with store.reading() as tx:
        return tx.batches((), limit=limit)


def items(
    store: BulkStore,
    batch_id: int,
    states: Sequence[ItemState] = (),
    *,
    limit: int = 200,
    after: int = 0,
    is_sampled: bool = False,
) -> tuple[BatchItem, ...]:
    """Its cases by number, with what became of each; only those that were drawn, if asked for."""
    with store.reading() as tx:
        return tx.batch_items(batch_id, states, limit=limit, after=after, is_sampled=is_sampled)


def _foreseen(tx: DeskRows, number: int, proposal: Proposal, actor: Actor, now: datetime, policy: Policy) -> BatchItem:
    """What would come of one case, by the very checks that its decision goes through."""
    revision = tx.case(number).revision
    try:
        seen = msgspec.structs.replace(proposal, revision=revision)
        case, why = cases.foreseen(tx, number, seen, actor=actor, now=now, policy=policy)
    except _OF_THE_CASE as error:
        return BatchItem(batch_id=0, case_id=number, revision=revision, state=ItemState.REFUSED, says=str(error))
    ruling = proposal.ruling or Ruling.ESCALATE
    says = f"waits for a second person: {'; '.join(why)}" if why else f"{case.listing_id} {_SAYS[ruling]}"
    return BatchItem(batch_id=0, case_id=number, revision=revision, state=ItemState.WAITING, says=says)


def _sampled(found: list[BatchItem], policy: Policy, now: datetime) -> list[BatchItem]:
    """Draw some of those that would be decided, by a hash that nobody chooses."""
    eligible = [item.case_id for item in found if item.state is ItemState.WAITING]
    rules = policy.bulk
    count = min(rules.sample_most, max(rules.sample_least, math.ceil(rules.sample_share * len(eligible))))
    drawn = set(sorted(eligible, key=lambda number: _lot(number, now))[:count])
    return [msgspec.structs.replace(item, is_sampled=item.case_id in drawn) for item in found]


def _lot(number: int, now: datetime) -> str:
    return hashlib.sha256(f"{now.isoformat()}:{number}".encode()).hexdigest()


def _step(store: BulkStore, batch: Batch, after: int, now: datetime, policy: Policy) -> int | None:
    """Deal with the next case; gives its number, or ``None`` if there is none after ``after``."""
    is_undoing = batch.state is BatchState.UNDOING
    wanted = ItemState.DONE if is_undoing else ItemState.WAITING
    deal = _take_back if is_undoing else _decide
    number = None
    for _ in range(_TRIES):
        try:
            with store.transaction(durable=True) as tx:
                item = tx.take_item(batch.id, wanted, after=after)
                if item is None:
                    return None
                number = item.case_id
                tx.save_item(deal(tx, batch, item, now, policy), item)
                return number
        except Contention:
            continue
        except _OF_THE_CASE as error:
            return _refused(store, batch, wanted, number, error)
    raise Contention("bulk decision {batch}: the database is very busy", hint="Run it again.", batch=batch.id)


def _decide(tx: BulkRows, batch: Batch, item: BatchItem, now: datetime, policy: Policy) -> BatchItem:
    proposal = Proposal(ruling=batch.ruling, reason=batch.reason, note=batch.note, revision=item.revision)
    maker = Actor(name=batch.made_by, role=batch.made_role)
    outcome = cases.decide_in(
        tx, item.case_id, proposal, actor=maker, now=now, policy=policy, approved_by=batch.approved_by
    )
    tell(tx, outcome.case, "decided_in_bulk", actor=maker, at=now, batch=batch.id)
    if outcome.decision is None:
        says = f"waits for a second person: {'; '.join(outcome.approval.why) if outcome.approval else ''}"
        return msgspec.structs.replace(item, state=ItemState.DONE, says=says)
    says = f"{outcome.case.listing_id} {_SAYS[batch.ruling]}"
    return msgspec.structs.replace(item, state=ItemState.DONE, says=says, decision_id=outcome.decision.id)


def _take_back(tx: BulkRows, batch: Batch, item: BatchItem, now: datetime, _policy: Policy) -> BatchItem:
    """Undo the decision if it is still the newest one; a proposal that nobody has settled is withdrawn."""
    maker = Actor(name=batch.made_by, role=batch.made_role)
    if item.decision_id is None:
        _withdraw(tx, item, maker, now)
    elif tx.decisions(item.case_id)[-1].id != item.decision_id:
        raise IllegalMove("case {case} has been decided again since", hint="Look at it.", case=item.case_id)
    else:
        undo_in(tx, item.case_id, actor=maker, reason=f"bulk decision {batch.id} was undone", now=now)
    return msgspec.structs.replace(item, state=ItemState.UNDONE, says="is as it was before")


def _withdraw(tx: BulkRows, item: BatchItem, maker: Actor, now: datetime) -> None:
    approval = tx.open_approval(ApprovalKind.DECISION, f"case:{item.case_id}")
    if approval is None:
        raise IllegalMove("the proposal on case {case} was settled", hint="Look at the case.", case=item.case_id)
    end_proposal(tx, four_eyes.withdraw(tx, approval.id, actor=maker, now=now), actor=maker, now=now)


def _refused(store: BulkStore, batch: Batch, state: ItemState, number: int | None, error: DelistError) -> int | None:
    """Keep why a case was refused; its own transaction is undone."""
    becomes = ItemState.NOT_UNDONE if state is ItemState.DONE else ItemState.REFUSED
    with store.transaction(durable=True) as tx:
        item = next(iter(tx.batch_items(batch.id, (state,), limit=1, after=(number or 0) - 1)), None)
        if item is not None and item.case_id == number:
            tx.save_item(msgspec.structs.replace(item, state=becomes, says=str(error)), item)
    return number


def _finished(store: BulkStore, batch_id: int, now: datetime) -> Batch:
    try:
        with store.transaction(durable=True) as tx:
            batch = tx.batch(batch_id)
            ends = {BatchState.RUNNING: BatchState.FINISHED, BatchState.UNDOING: BatchState.UNDONE}
            if batch.state in ends and not tx.batch_items(batch_id, _left(batch), limit=1):
                counts = {state.value: number for state, number in batch.counts.items()}
                batch_moved(tx, batch, ends[batch.state], audit.SYSTEM, now, counts=counts)
            return tx.batch(batch_id)
    except Conflict:  # somebody who works on it too was the first to find that nothing is left
        return show(store, batch_id)


def _left(batch: Batch) -> tuple[ItemState]:
    return (ItemState.DONE,) if batch.state is BatchState.UNDOING else (ItemState.WAITING,)


def _drawn(tx: BulkRows, batch_id: int) -> tuple[BatchItem, ...]:
    return tx.batch_items(batch_id, limit=MOST, is_sampled=True)


def _refuse_unless(batch: Batch, *states: BatchState) -> None:
    if batch.state not in states:
        raise IllegalMove(
            "bulk decision {batch} is {state}",
            hint="That is possible while it is one of: {states}.",
            batch=batch.id,
            state=batch.state,
            states=", ".join(states),
        )


def _refuse_others(batch: Batch, actor: Actor) -> None:
    if batch.made_by != actor.name and actor.role is not Role.SPECIALIST:
        raise Forbidden(
            "bulk decision {batch} was prepared by {made_by}",
            hint="Prepare one of your own.",
            batch=batch.id,
            made_by=batch.made_by,
        )
