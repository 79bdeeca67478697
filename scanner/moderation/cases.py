"""Working on cases: the queue, everything about one case, deciding it, and taking a decision back.

A decision is a compare-and-set on the revision that the person saw: what changed meanwhile is a ``Conflict``, never an
overwrite, and what was to be decided is kept as a draft. Decision, order to the platform (its inverse planned with it)
and event are one transaction.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from scanner import audit
from scanner.errors import Conflict, Forbidden, IllegalMove, InputError
from scanner.model import Actor, CaseState, Event, Role, Ruling, TakedownState
from scanner.moderation import four_eyes
from scanner.moderation.claims import claim
from scanner.moderation.desk import (
    FREE,
    DeskRows,
    DeskStore,
    moved,
    refuse_changed,
    refuse_claimed,
    refuse_desk,
    refuse_silence,
    refuse_stale,
    said,
    tell,
)
from scanner.moderation.permissions import Deed, deed_of, require
from scanner.moderation.policy import Policy, shipped
from scanner.moderation.records import Approval, ApprovalKind, Draft, Proposal, Skip
from scanner.ports import CaseRows, CaseStore
from scanner.records import Case, CaseFile, Decision, QueueFilter, QueuePage, Takedown
from scanner.takedown.undoing import put_back, stands, take_back
from scanner.workflow import MOVE_OF, ORDER_OF, CaseMove, given_back, next_case_state

__all__ = ["claim", "decide", "decide_in", "queue", "rule_on", "show", "undo", "undo_in"]

# So many other cases of a seller are shown.
OTHERS = 10


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What deciding came to: a decision, or a proposal that waits for a second person."""

    case: Case
    decision: Decision | None = None
    approval: Approval | None = None


def queue(store: CaseStore, wanted: QueueFilter | None = None, *, limit: int = 50, after: str = "") -> QueuePage:
    """A page of the queue, most urgent first. ``after`` is what the page before ended with."""
    with store.reading() as tx:
        return tx.queue(wanted or QueueFilter(), limit=limit, after=after)


def show(store: CaseStore, case_id: int) -> CaseFile:
    """Everything that a person needs to decide a case. Raises ``NotFound``."""
    with store.reading() as tx:
        case = tx.case(case_id)
        latest = tx.latest_versions([case.listing_row])[case.listing_row]
        return CaseFile(
            row=tx.queue_row(case),
            version=tx.version(case.listing_row, case.version),
            findings=tx.findings(case.listing_row, case.version),
            latest=latest if latest.number != case.version else None,
            history=tx.events_about(f"case:{case_id}"),
            decisions=tx.decisions(case_id),
            takedowns=tx.takedowns(case_id),
            others=tx.same_seller(case, limit=OTHERS),
            previous=tx.version(case.listing_row, case.version - 1) if case.version > 1 else None,
        )


def decide(
    store: DeskStore,
    case_id: int,
    ruling: Ruling,
    *,
    reason: str,
    actor: Actor,
    revision: int,
    now: datetime,
    note: str = "",
    clause: str = "",
    token: int | None = None,
    policy: Policy | None = None,
) -> Case:
    """Rule on a case as ``revision`` shows it, and return it as it is then.

    1. A decision needs a person whose role may, and a reason code that fits the ruling; words go into the note.
    2. What changed since the person looked is a ``Conflict``; so is a case that somebody else has claimed, and a claim
       (``token``) that has passed to somebody else. What was to be decided is kept as a draft then.
    3. The workflow must have the move, else ``IllegalMove``.
    4. Where policy asks for a second person, the case waits for one, and nothing has an effect (``four_eyes``).
    5. Else written together: the case, the decision, the event, and for a removal or restriction the order to the
       platform with its inverse, not to be sent before the undo window is over. Keeping lifts what stands.
    """
    proposal = Proposal(ruling=ruling, reason=reason.strip(), note=said(note), clause=clause, revision=revision)
    try:
        with store.transaction(durable=True) as tx:
            return decide_in(tx, case_id, proposal, actor=actor, now=now, token=token, policy=policy).case
    except Conflict as conflict:
        raise _kept(store, case_id, proposal, actor, now, conflict) from conflict


def decide_in(
    tx: DeskRows,
    case_id: int,
    proposal: Proposal,
    *,
    actor: Actor,
    now: datetime,
    token: int | None = None,
    policy: Policy | None = None,
    approved_by: str = "",
) -> Outcome:
    """As ``decide``, in the caller's transaction. ``approved_by`` is who has agreed to all of it already."""
    policy, ruling = policy or shipped(), _ruling_of(proposal)
    _refuse_machine(actor)
    policy.reason(proposal.reason, ruling)
    case = tx.case(case_id)
    refuse_changed(case, proposal.revision)
    refuse_stale(case, token)
    require(actor, deed_of(ruling, case.severity))
    if ruling is not Ruling.HIDE:  # in danger, whoever sees it first hides it
        refuse_claimed(case, actor, now)
        refuse_desk(case, actor)
    next_case_state(case.state, MOVE_OF[ruling])
    tx.drop_claim_draft(case_id, actor.name)
    why = () if approved_by else four_eyes.reasons_for_second(tx, case, ruling, policy=policy, now=now)
    if why:
        return _proposed(tx, case, proposal, why, actor=actor, now=now, policy=policy)
    return rule_on(tx, case, proposal, by=actor, actor=actor, now=now, policy=policy, approved_by=approved_by)


def rule_on(
    tx: DeskRows,
    case: Case,
    proposal: Proposal,
    *,
    by: Actor,
    actor: Actor,
    now: datetime,
    policy: Policy,
    approved_by: str = "",
) -> Outcome:
    """Write a ruling of ``by`` with all that follows from it. ``actor`` is who did it last: whoever approved it."""
    ruling = _ruling_of(proposal)
    after = _ruled(tx, case, ruling, now)
    clause = proposal.clause or _clause(tx, case)
    decision = tx.add_decision(
        Decision(
            id=0,
            case_id=case.id,
            version=case.version,
            ruling=ruling,
            reason=proposal.reason,
            note=proposal.note,
            clause=clause,
            actor=by.name,
            role=by.role,
            at=now,
        )
    )
    due_at = now if ruling is Ruling.HIDE else now + policy.undo.window
    order = _order(tx, case, decision, due_at)
    _record(tx, case, after, decision, order, actor, approved_by=approved_by)
    if ruling is Ruling.KEEP:
        _lift(tx, case, decision, actor=actor, now=now, due_at=now + policy.undo.window)
    if ruling is Ruling.ESCALATE:
        tx.add_skip(Skip(case_id=case.id, person=by.name, at=now, reason=f"escalated it: {proposal.reason}"))
    return Outcome(case=after, decision=decision)


def undo(
    store: DeskStore, case_id: int, *, actor: Actor, reason: str, now: datetime, policy: Policy | None = None
) -> Case:
    """Take the newest decision on a case back within the undo window: everything is as it was before it.

    Raises ``IllegalMove`` once the window is over, or where there is nothing to undo, ``Forbidden``, ``NotFound``.
    """
    window = (policy or shipped()).undo.window
    with store.transaction(durable=True) as tx:
        return undo_in(tx, case_id, actor=actor, reason=reason, now=now, window=window)


def undo_in(
    tx: DeskRows, case_id: int, *, actor: Actor, reason: str, now: datetime, window: timedelta | None = None
) -> Case:
    """As ``undo``, in the caller's transaction; without a ``window`` at any time, by inverse orders where they went.

    1. The case is as it was before the decision; one that somebody had claimed waits on its desk.
    2. The decision's order is cancelled, or undone by its inverse if it has gone.
    3. What the decision had lifted is ordered again.
    4. Somebody who went on working on the case meanwhile is not overruled: ``IllegalMove``.
    """
    require(actor, Deed.UNDO)
    words = refuse_silence(reason, "undo a decision")
    case, decision, event = _undoable(tx, case_id)
    if window is not None and now > decision.at + window:
        raise IllegalMove(
            f"the decision on case {case_id} can be undone for {window.total_seconds():.0f} seconds, which are over",
            hint="What was ordered can be taken back: delist takedown undo. Then decide the case again.",
        )
    if decision.ruling is Ruling.HIDE:
        after = moved(tx, case, case.state, now=now)
    else:
        after = moved(tx, case, _state_before(case, event), now=now, **_was(event))
    tell(tx, after, "undone", actor=actor, at=now, before=case, decision=decision.id, reason=words)
    orders = tx.takedowns(case_id)
    for order in orders:
        if order.decision_id == decision.id and stands(order):
            take_back(tx, order, actor=actor, reason=words, now=now)
    for order in _lifted_by(tx, orders, event):
        put_back(tx, order, actor=actor, reason=words, now=now)
    return after


def _state_before(case: Case, decided: Event) -> CaseState:
    """Where the case was before it was decided. Raises ``IllegalMove`` if somebody has gone on with it."""
    back = given_back(case, CaseMove.UNDO)
    before = CaseState(str(decided.data["before"]))
    return back if before in {CaseState.CLAIMED, CaseState.AWAITING_APPROVAL} else before


def _proposed(
    tx: DeskRows,
    case: Case,
    proposal: Proposal,
    why: tuple[str, ...],
    *,
    actor: Actor,
    now: datetime,
    policy: Policy,
) -> Outcome:
    after = moved(tx, case, next_case_state(case.state, CaseMove.ASK_APPROVAL), now=now, **FREE)
    tell(tx, after, "awaiting_approval", actor=actor, at=now, before=case, ruling=proposal.ruling, why=why)
    subject = f"case:{case.id}"
    approval = four_eyes.ask(
        tx,
        kind=ApprovalKind.DECISION,
        subject=subject,
        proposal=proposal,
        why=why,
        actor=actor,
        now=now,
        policy=policy,
    )
    return Outcome(case=after, approval=approval)


def _ruled(tx: DeskRows, case: Case, ruling: Ruling, now: datetime) -> Case:
    """The case after the ruling. Who escalates or hides decides nothing: no ruling stands.

    Whoever hides a case takes it from nobody: it stays as it is, a claim on it too.
    """
    move = MOVE_OF[ruling]
    if ruling is Ruling.HIDE:
        return moved(tx, case, next_case_state(case.state, move), now=now)
    if ruling is Ruling.ESCALATE:
        return moved(tx, case, next_case_state(case.state, move), now=now, **FREE)
    content_hash = tx.version(case.listing_row, case.version).content_hash
    state = _approved_state(ruling) if case.state is CaseState.AWAITING_APPROVAL else next_case_state(case.state, move)
    return moved(tx, case, state, now=now, ruling=ruling, decided_hash=content_hash, **FREE)


def _approved_state(ruling: Ruling) -> CaseState:
    decided = next_case_state(CaseState.AWAITING_APPROVAL, CaseMove.APPROVE)
    return next_case_state(decided, CaseMove.CLOSE) if ruling is Ruling.KEEP else decided


def _order(tx: CaseRows, case: Case, decision: Decision, due_at: datetime) -> Takedown | None:
    """The order to the platform that a ruling asks for, if it asks for one; its key names the decision."""
    if decision.ruling not in ORDER_OF:
        return None
    action, inverse = ORDER_OF[decision.ruling]
    order = Takedown(
        id=0,
        case_id=case.id,
        decision_id=decision.id,
        platform=case.platform,
        listing_id=case.listing_id,
        action=action,
        inverse=inverse,
        state=TakedownState.PLANNED,
        key=f"decision-{decision.id}-{action}",
        planned_at=decision.at,
        due_at=due_at,
    )
    return tx.add_takedown(order)


def _lift(tx: DeskRows, case: Case, decision: Decision, *, actor: Actor, now: datetime, due_at: datetime) -> None:
    """What is kept must be in sight: orders that stand are taken back, after the undo window of this decision."""
    reason = f"decision {decision.id}: {decision.reason}"
    for order in tx.takedowns(case.id):
        if stands(order):
            back = take_back(tx, order, actor=actor, reason=reason, now=now, due_at=due_at)
            tell(tx, case, "lifted", actor=actor, at=now, decision=decision.id, takedown=order.id, inverse=back.id)


def _lifted_by(tx: DeskRows, orders: Sequence[Takedown], decided: Event) -> list[Takedown]:
    """The orders that a decision to keep has lifted."""
    numbers = {
        event.data["takedown"]
        for event in tx.events_about(decided.subject)
        if event.kind == "case.lifted" and event.data["decision"] == decided.data["decision"]
    }
    return [order for order in orders if order.id in numbers]


def _record(
    tx: CaseRows,
    before: Case,
    after: Case,
    decision: Decision,
    order: Takedown | None,
    actor: Actor,
    *,
    approved_by: str,
) -> None:
    audit.append(
        tx,
        actor=actor,
        kind="case.decided" if decision.ruling is not Ruling.ESCALATE else "case.escalated",
        subject=f"case:{before.id}",
        at=decision.at,
        decision=decision.id,
        ruling=decision.ruling,
        reason=decision.reason,
        note=decision.note,
        clause=decision.clause,
        version=before.version,
        before=before.state,
        after=after.state,
        rules=before.rules,
        takedown=order.id if order else 0,
        action=order.action if order else "",
        inverse=order.inverse if order else "",
        by=decision.actor,
        approved_by=approved_by,
        was={name: getattr(before, name) for name in _WAS},
    )


# What a decision changes of a case beside its state, for whoever undoes it.
_WAS = ("ruling", "decided_hash", "reserved_for", "away_until")


def _was(event: Event) -> dict[str, object]:
    was = msgspec.convert(event.data["was"], _Was)
    return FREE | {name: getattr(was, name) for name in _WAS}


class _Was(msgspec.Struct, frozen=True, kw_only=True):
    ruling: Ruling | None
    decided_hash: str
    reserved_for: str
    away_until: datetime | None


def _undoable(tx: DeskRows, case_id: int) -> tuple[Case, Decision, Event]:
    """The case, its newest decision and the decision's event. Raises ``IllegalMove`` if there is nothing to undo."""
    case = tx.case(case_id)
    if case.state is CaseState.AWAITING_APPROVAL:
        raise IllegalMove(f"case {case_id} waits for a second person", hint="Withdraw the proposal: delist approvals")
    events = tx.events_about(f"case:{case_id}")
    undone = {event.data["decision"] for event in events if event.kind == "case.undone"}
    decided = next((event for event in reversed(events) if event.kind == "case.decided"), None)
    decisions = {decision.id: decision for decision in tx.decisions(case_id)}
    if decided is None or decided.data["decision"] in undone or "was" not in decided.data:
        raise IllegalMove(f"there is no decision on case {case_id} to undo", hint=f"See: delist show {case_id}")
    return case, decisions[int(str(decided.data["decision"]))], decided


def _kept(
    store: DeskStore, case_id: int, proposal: Proposal, actor: Actor, now: datetime, conflict: Conflict
) -> Conflict:
    """The conflict, once what the person was about to decide is kept as their draft."""
    draft = Draft(
        case_id=case_id,
        person=actor.name,
        saved_at=now,
        ruling=proposal.ruling,
        reason=proposal.reason,
        note=proposal.note,
        revision=proposal.revision,
        why=str(conflict),
    )
    with store.transaction() as tx:
        tx.keep_claim_draft(draft)
    return Conflict(str(conflict), hint=f"{conflict.hint} What you wrote is kept as your draft.".strip())


def _refuse_machine(actor: Actor) -> None:
    if not actor.name.strip():
        raise InputError("a decision needs the name of who decides", hint="Give --actor, or set DELIST_ACTOR.")
    if actor.role is Role.SYSTEM:
        raise Forbidden("a machine does not decide cases", hint="People decide.")


def _ruling_of(proposal: Proposal) -> Ruling:
    if proposal.ruling is None:
        raise InputError("a decision needs a ruling", hint="One of: remove, restrict, keep, escalate, hide.")
    return proposal.ruling


def _clause(tx: CaseRows, case: Case) -> str:
    """The policy clauses of what was found, so that a decision can stand without the rulebook."""
    return "; ".join(dict.fromkeys(one.clause for one in tx.findings(case.listing_row, case.version) if one.clause))
