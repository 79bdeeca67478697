"""Working on cases: the queue, everything about one case, deciding it, and taking a decision back.

A decision is a compare-and-set on the revision that the person saw: what changed meanwhile is a ``Conflict``, never an
overwrite, and what was to be decided is kept as a draft. Decision, order to the platform (its inverse planned with it)
and event are one transaction.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from scanner import audit
from scanner.errors import Conflict, Forbidden, InputError
from scanner.model import Actor, CaseState, Role, Ruling, TakedownState
from scanner.moderation import four_eyes
from scanner.moderation.claims import claim
from scanner.moderation.desk import (
    FREE,
    DeskRows,
    DeskStore,
    moved,
    refuse_appealed,
    refuse_changed,
    refuse_claimed,
    refuse_desk,
    refuse_stale,
    retried,
    said,
    tell,
)
from scanner.moderation.grounds import grounds
from scanner.moderation.permissions import deed_of, require
from scanner.moderation.policy import Policy, shipped
from scanner.moderation.records import Approval, ApprovalKind, Draft, Proposal, Skip
from scanner.moderation.reverting import WAS, undo
from scanner.ports import Along, CaseRows, CaseStore
from scanner.records import Case, CaseFile, Decision, QueueFilter, QueuePage, Takedown
from scanner.takedown.undoing import stands, take_back
from scanner.workflow import MOVE_OF, ORDER_OF, CaseMove, next_case_state

__all__ = ["claim", "decide", "decide_in", "foreseen", "queue", "rule_on", "show", "undo"]

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
        is_latest, row = latest.number == case.version, tx.queue_row(case)
        return CaseFile(
            row=row,
            version=latest if is_latest else tx.version(case.listing_row, case.version),
            findings=row.findings,
            latest=None if is_latest else latest,
            history=tx.events_about(f"case:{case_id}"),
            decisions=tx.decisions(case_id),
            takedowns=tx.takedowns(case_id),
            others=tx.same_seller(case, limit=OTHERS),
            previous=tx.version(case.listing_row, case.version - 1) if case.version > 1 else None,
            found_before=() if row.findings else tx.findings_ever(case.listing_row, case.version),
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
    along: Along[Case] | None = None,
) -> Case:
    """Rule on a case as ``revision`` shows it, and return it as it is then; ``along`` is written with it.

    1. A decision needs a person whose role may, and a reason code that fits the ruling; words go into the note.
    2. What changed since the person looked is a ``Conflict``; so is a case that somebody else has claimed, and a claim
       (``token``) that has passed to somebody else. What was to be decided is kept as a draft then.
    3. The workflow must have the move, else ``IllegalMove``.
    4. Where policy asks for a second person, the case waits for one, and nothing has an effect (``four_eyes``).
    5. Else written together: the case, the decision, the event, and for a removal or restriction the order to the
       platform with its inverse, not to be sent before the undo window is over. Keeping lifts what stands.
    """
    proposal = Proposal(ruling=ruling, reason=reason.strip(), note=said(note), clause=clause, revision=revision)

    def change(tx: DeskRows) -> Case:
        case = decide_in(tx, case_id, proposal, actor=actor, now=now, token=token, policy=policy).case
        if along is not None:
            along(tx, case)
        return case

    try:
        return retried(store, change, durable=True)
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
    policy = policy or shipped()
    case, why = foreseen(tx, case_id, proposal, actor=actor, now=now, token=token, policy=policy)
    tx.drop_claim_draft(case_id, actor.name)
    if why and not approved_by:
        return _proposed(tx, case, proposal, why, actor=actor, now=now, policy=policy)
    return rule_on(tx, case, proposal, by=actor, actor=actor, now=now, policy=policy, approved_by=approved_by)


def foreseen(
    tx: DeskRows,
    case_id: int,
    proposal: Proposal,
    *,
    actor: Actor,
    now: datetime,
    policy: Policy,
    token: int | None = None,
) -> tuple[Case, tuple[str, ...]]:
    """The case as it is, and why a second person would be needed. Raises what deciding would; writes nothing."""
    ruling = _ruling_of(proposal)
    _refuse_machine(actor)
    policy.reason(proposal.reason, ruling)
    case = tx.case(case_id)
    refuse_changed(case, proposal.revision)
    refuse_stale(case, token)
    require(actor, deed_of(ruling, case.severity))
    if ruling is not Ruling.HIDE:  # in danger, whoever sees it first hides it
        refuse_claimed(case, actor, now)
        refuse_desk(case, actor)
        refuse_appealed(tx, case)
    next_case_state(case.state, MOVE_OF[ruling])
    return case, four_eyes.reasons_for_second(tx, case, ruling, policy=policy, now=now)


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


def _grounds(tx: CaseRows, case: Case) -> dict[str, object]:
    """What a ruling rests on: the editions of the rulebook that found something, and the page as it was captured."""
    books = {one.rulebook for one in tx.findings(case.listing_row, case.version) if one.rulebook}
    page = tx.version(case.listing_row, case.version).evidence
    kept = {"evidence": f"{page.file}:{page.offset}", "evidence_sha256": page.sha256} if page is not None else {}
    return {"rulebook": sorted(books), **kept}


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
        **_grounds(tx, before),
        takedown=order.id if order else 0,
        action=order.action if order else "",
        inverse=order.inverse if order else "",
        by=decision.actor,
        approved_by=approved_by,
        was={name: getattr(before, name) for name in WAS},
    )


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
    kept = f"{conflict.hint_template} What you wrote is kept as your draft.".strip()
    return Conflict(conflict.template, hint=kept, **conflict.values)


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
    """The policy clauses of what the case rests on, so that a decision can stand without the rulebook."""
    found = grounds(tx.findings(case.listing_row, case.version), case.categories)
    return "; ".join(dict.fromkeys(one.clause for one in found if one.clause))
