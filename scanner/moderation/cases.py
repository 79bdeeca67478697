"""Working on cases: the queue, everything about one case, claiming it, deciding it.

A decision is a compare-and-set on the revision that the person saw: what changed meanwhile is a ``Conflict``, never an
overwrite. Decision, order to the platform (its inverse planned with it) and event are one transaction.
"""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from scanner import audit
from scanner.errors import Conflict, InputError
from scanner.model import Actor, CaseState, Role, Ruling, TakedownState
from scanner.moderation.claims import claim
from scanner.ports import CaseRows, CaseStore
from scanner.records import Case, CaseFile, Decision, QueueFilter, QueuePage, Takedown
from scanner.workflow import DESK_OF, MOVE_OF, ORDER_OF, given_back, next_case_state

__all__ = ["UNDO_WINDOW", "claim", "decide", "queue", "show"]

# How long a moderator may change their mind before an order is sent.
UNDO_WINDOW = timedelta(seconds=60)
# So many other cases of a seller are shown.
OTHERS = 10


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
    store: CaseStore,
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
    undo_window: timedelta = UNDO_WINDOW,
) -> Case:
    """Rule on a case as ``revision`` shows it, and return it as it is then.

    1. A decision needs a person and a reason code.
    2. What changed since the person looked is a ``Conflict``; so is a case that somebody else has claimed, and a claim
       (``token``) that has passed to somebody else.
    3. The workflow must have the move, else ``IllegalMove``.
    4. Written together: the case, the decision, the event, and for a removal or restriction the order to the platform
       with its inverse, not to be sent before the undo window is over.
    """
    reason, note = _said(reason), _said(note)
    if not reason or not actor.name.strip():
        raise InputError("a decision needs a reason and the name of who decides", hint="Give a reason code.")
    if actor.role in {Role.SYSTEM, Role.AUDITOR}:
        raise InputError(f"the role {actor.role.value} does not decide cases", hint="People decide.")
    with store.transaction(durable=True) as tx:
        case = tx.case(case_id)
        _refuse_changed(case, revision)
        _refuse_claimed(case, actor, now)
        _refuse_stale(case, token)
        decided = _ruled(case, ruling, content_hash=tx.version(case.listing_row, case.version).content_hash, now=now)
        _save(tx, decided)
        clause = clause or _clause(tx, case)
        decision = tx.add_decision(_decision(case, ruling, reason, note, clause, actor, now))
        order = _order(tx, case, decision, now + undo_window)
        _record(tx, case, decided, decision, order, actor)
        return decided


def _ruled(case: Case, ruling: Ruling, *, content_hash: str, now: datetime) -> Case:
    """The case after the ruling. Who escalates decides nothing: no ruling stands, and another person takes over."""
    is_final = ruling not in {Ruling.ESCALATE, Ruling.HIDE}
    move = MOVE_OF[ruling]
    state = given_back(case, move) if ruling is Ruling.HIDE else next_case_state(case.state, move)
    return msgspec.structs.replace(
        case,
        state=state,
        desk=DESK_OF.get(state, case.desk),
        revision=case.revision + 1,
        ruling=ruling if is_final else case.ruling,
        decided_hash=content_hash if is_final else case.decided_hash,
        claimed_by="",
        lease_until=None,
        updated_at=now,
    )


def _decision(case: Case, ruling: Ruling, reason: str, note: str, clause: str, actor: Actor, now: datetime) -> Decision:
    return Decision(
        id=0,
        case_id=case.id,
        version=case.version,
        ruling=ruling,
        reason=reason,
        note=note,
        clause=clause,
        actor=actor.name,
        role=actor.role,
        at=now,
    )


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


def _record(tx: CaseRows, before: Case, after: Case, decision: Decision, order: Takedown | None, actor: Actor) -> None:
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
    )


def _refuse_changed(case: Case, revision: int) -> None:
    if case.revision != revision:
        raise Conflict(
            f"case {case.id} has changed: you saw revision {revision}, it is {case.revision} and {case.state.value}",
            hint=f"Look at it again: delist show {case.id}",
        )


def _refuse_claimed(case: Case, actor: Actor, now: datetime) -> None:
    is_held = case.state is CaseState.CLAIMED and case.lease_until is not None and case.lease_until > now
    if is_held and case.claimed_by != actor.name:
        raise Conflict(
            f"case {case.id} is claimed by {case.claimed_by} until {case.lease_until:%Y-%m-%d %H:%M:%S} UTC",
            hint="Take another one, or wait.",
        )


def _refuse_stale(case: Case, token: int | None) -> None:
    if token is not None and token != case.token:
        raise Conflict(
            f"your claim on case {case.id} has run out, and the case has been claimed since", hint="Claim it again."
        )


def _save(tx: CaseRows, case: Case) -> None:
    if not tx.save_case(case):
        raise Conflict(f"case {case.id} was changed by somebody else", hint=f"Look at it again: delist show {case.id}")


def _clause(tx: CaseRows, case: Case) -> str:
    """The policy clauses of what was found, so that a decision can stand without the rulebook."""
    return "; ".join(dict.fromkeys(one.clause for one in tx.findings(case.listing_row, case.version) if one.clause))


def _said(text: str) -> str:
    """What a person typed, without what databases and JSON refuse: NUL and broken characters of the terminal."""
    return text.strip().replace("\0", "").encode("utf8", "replace").decode("utf8")
