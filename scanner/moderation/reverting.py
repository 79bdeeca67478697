"""Taking a decision back: everything is as it was before it, side effects included; or a mere proposal."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from scanner.errors import IllegalMove
from scanner.model import Actor, CaseState, Event, Ruling
from scanner.moderation.desk import FREE, DeskRows, DeskStore, moved, refuse_silence, retried, tell
from scanner.moderation.permissions import Deed, require
from scanner.moderation.policy import Policy, shipped
from scanner.moderation.records import Approval, ApprovalState
from scanner.records import Case, Decision, Takedown
from scanner.takedown.undoing import end, put_back, stands, take_back
from scanner.workflow import CaseMove, given_back, next_case_state

# What a decision changes of a case beside its state, for whoever undoes it.
WAS = ("ruling", "decided_hash", "reserved_for", "away_until")


def undo(
    store: DeskStore, case_id: int, *, actor: Actor, reason: str, now: datetime, policy: Policy | None = None
) -> Case:
    """Take the newest decision on a case back within the undo window: everything is as it was before it.

    Raises ``IllegalMove`` once the window is over, or where there is nothing to undo, ``Forbidden``, ``NotFound``.
    """
    window = (policy or shipped()).undo.window

    def change(tx: DeskRows) -> Case:
        return undo_in(tx, case_id, actor=actor, reason=reason, now=now, window=window)

    return retried(store, change, durable=True)


def undo_in(
    tx: DeskRows, case_id: int, *, actor: Actor, reason: str, now: datetime, window: timedelta | None = None
) -> Case:
    """As ``undo``, in the caller's transaction; without a ``window`` at any time, by inverse orders where they went.

    1. The case is as it was before the decision; one that somebody had claimed waits on its desk.
    2. The decision's order is cancelled, or undone by its inverse if it has gone, unless an earlier order stands that
       wants the same.
    3. What the decision had lifted is ordered again.
    4. Somebody who went on working on the case meanwhile is not overruled: ``IllegalMove``.
    """
    require(actor, Deed.UNDO)
    words = refuse_silence(reason, "undo a decision")
    case, decision, event = _undoable(tx, case_id)
    if window is not None and now > decision.at + window:
        raise IllegalMove(
            "the decision on case {case} can be undone for {seconds:.0f} seconds, which are over",
            hint="What was ordered can be taken back: delist takedown undo. Then decide the case again.",
            case=case_id,
            seconds=window.total_seconds(),
        )
    if decision.ruling is Ruling.HIDE:
        after = moved(tx, case, case.state, now=now)
    else:
        after = moved(tx, case, _state_before(case, event), now=now, **_was(event))
    tell(tx, after, "undone", actor=actor, at=now, before=case, decision=decision.id, reason=words)
    orders = tx.takedowns(case_id)
    for order in orders:
        if order.decision_id == decision.id and stands(order):
            _take_back(tx, order, orders, actor=actor, reason=words, now=now)
    for order in _lifted_by(tx, orders, event):
        put_back(tx, order, actor=actor, reason=words, now=now)
    return after


def end_proposal(tx: DeskRows, approval: Approval, *, actor: Actor, now: datetime) -> Case:
    """What becomes of a case whose proposal has ended otherwise than by approval.

    Withdrawn: it waits on its desk as before. Refused or expired: it goes to a specialist.
    """
    case = tx.case(approval.case_id)
    is_back = approval.state is ApprovalState.WITHDRAWN
    state = given_back(case, CaseMove.WITHDRAW) if is_back else next_case_state(case.state, CaseMove.REFUSE)
    after = moved(tx, case, state, now=now, **FREE)
    tell(tx, after, f"proposal_{approval.state}", actor=actor, at=now, before=case, approval=approval.id)
    return after


def _state_before(case: Case, decided: Event) -> CaseState:
    """Where the case was before it was decided. Raises ``IllegalMove`` if somebody has gone on with it."""
    back = given_back(case, CaseMove.UNDO)
    before = CaseState(str(decided.data["before"]))
    return back if before in {CaseState.CLAIMED, CaseState.AWAITING_APPROVAL} else before


def _take_back(
    tx: DeskRows, order: Takedown, orders: Sequence[Takedown], *, actor: Actor, reason: str, now: datetime
) -> None:
    """What an earlier order had hidden already stays hidden."""
    same = (one for one in orders if one.id < order.id and one.action == order.action and stands(one))
    earlier = next(same, None)
    if earlier is not None:
        end(tx, order, actor=actor, reason=reason, now=now, instead=earlier)
    else:
        take_back(tx, order, actor=actor, reason=reason, now=now)


def _lifted_by(tx: DeskRows, orders: Sequence[Takedown], decided: Event) -> list[Takedown]:
    """The orders that a decision to keep has lifted."""
    numbers = {
        event.data["takedown"]
        for event in tx.events_about(decided.subject)
        if event.kind == "case.lifted" and event.data["decision"] == decided.data["decision"]
    }
    return [order for order in orders if order.id in numbers]


def _was(event: Event) -> dict[str, object]:
    was = msgspec.convert(event.data["was"], _Was)
    return FREE | {name: getattr(was, name) for name in WAS}


class _Was(msgspec.Struct, frozen=True, kw_only=True):
    ruling: Ruling | None
    decided_hash: str
    reserved_for: str
    away_until: datetime | None


def _undoable(tx: DeskRows, case_id: int) -> tuple[Case, Decision, Event]:
    """The case, its newest decision and the decision's event. Raises ``IllegalMove`` if there is nothing to undo."""
    case = tx.case(case_id)
    if case.state is CaseState.AWAITING_APPROVAL:
        raise IllegalMove(
            "case {case} waits for a second person", hint="Withdraw the proposal: delist approval list", case=case_id
        )
    events = tx.events_about(f"case:{case_id}")
    undone = {event.data["decision"] for event in events if event.kind == "case.undone"}
    decided = next((event for event in reversed(events) if event.kind == "case.decided"), None)
    decisions = {decision.id: decision for decision in tx.decisions(case_id)}
    if decided is None or decided.data["decision"] in undone or "was" not in decided.data:
        raise IllegalMove("there is no decision on case {case} to undo", hint="See: delist show {case}", case=case_id)
    return case, decisions[int(str(decided.data["decision"]))], decided
