"""What a person does about an order: cancel it before it goes, take it back afterwards, or send it after all.

The inverse was planned with the order and goes the same way: the same outbox, the same looks. Whoever undoes an order
says why, and the case waits for a person again.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from scanner.errors import Conflict, IllegalMove, InputError
from scanner.model import Actor, TakedownState
from scanner.moderation.permissions import Deed, require
from scanner.orders import Look, Standing, is_about_seller
from scanner.records import Case, Takedown
from scanner.takedown.outbox import (
    TakedownRows,
    TakedownStore,
    case_moved,
    moved,
    moves_case,
    tell,
    to_a_person,
    write,
)
from scanner.workflow import ASTRAY, MOVE_OF, WAITING, TakedownMove

_DECIDE_AGAIN = "Decide the case again: that makes a new order."


class Board(msgspec.Struct, frozen=True, kw_only=True):
    """The outbox as a person looks at it: some orders, how many there are of each kind, how each platform stands."""

    takedowns: tuple[Takedown, ...]
    counts: dict[str, dict[str, int]]
    standings: tuple[Standing, ...]


def board(
    store: TakedownStore,
    states: tuple[TakedownState, ...] = (),
    *,
    platform: str = "",
    limit: int = 50,
    before: int | None = None,
) -> Board:
    """Orders in these states, or in any, the newest first; ``before`` is the number that the page before ended with."""
    with store.reading() as tx:
        counts: dict[str, dict[str, int]] = {}
        for (name, state), number in tx.takedown_counts().items():
            counts.setdefault(name, {})[state.value] = number
        found = tx.takedowns_in(states, platform=platform, limit=limit, before=before)
        return Board(takedowns=found, counts=counts, standings=tx.standings())


def looks_at(store: TakedownStore, takedown_id: int) -> tuple[Look, ...]:
    """All looks at one order, done or to be done."""
    with store.reading() as tx:
        return tx.looks_at(takedown_id)


def cancel(store: TakedownStore, takedown_id: int, *, actor: Actor, reason: str, now: datetime) -> Takedown:
    """Take an order back before it goes; the platform never hears of it, and the case waits for a person again.

    Raises ``IllegalMove`` for one that has gone, ``NotFound``.
    """
    refuse_nobody(actor, reason)

    def change(tx: TakedownRows) -> Takedown:
        takedown = tx.takedown(takedown_id)
        _refuse_inverse(takedown)
        _refuse_role(takedown, actor)
        if takedown.sent_at is not None:
            said = "takedown {number} has gone already: it cannot be cancelled"
            raise IllegalMove(said, hint="Take it back: delist takedown undo {number}", number=takedown_id)
        case = to_a_person(tx, takedown, at=now)
        return _cancelled(tx, takedown, actor=actor, reason=reason, now=now, case=case)

    return write(store, change, durable=True)


def undo(store: TakedownStore, takedown_id: int, *, actor: Actor, reason: str, now: datetime) -> Takedown:
    """Take an order back, whether it has gone or not; give the cancelled order, or the inverse that is to be sent.

    1. What has not gone is cancelled.
    2. What is being sent at this moment cannot be undone in the same moment: ``Conflict``.
    3. What has gone is undone: its looks end, its inverse is due at once, and the case waits for a person again. That
       holds for a failed order too, because it may have had its effect all the same.
    4. An inverse is not undone: decide the case again.
    5. What another order on the same seller wants too stays as it is: the order is undone, and nothing is sent.
    """
    refuse_nobody(actor, reason)

    def change(tx: TakedownRows) -> Takedown | None:
        takedown = tx.takedown(takedown_id)
        _refuse_inverse(takedown)
        _refuse_role(takedown, actor)
        if takedown.sent_at is None:
            return None
        case = to_a_person(tx, takedown, at=now)
        return _undone(tx, takedown, actor=actor, reason=reason, now=now, due_at=now, case=case)

    return write(store, change, durable=True) or cancel(store, takedown_id, actor=actor, reason=reason, now=now)


def stands(takedown: Takedown) -> bool:
    """Whether an order has, or is going to have, its effect: it is no inverse, and nobody has taken it back."""
    is_over = takedown.state in {TakedownState.UNDONE, TakedownState.CANCELLED}
    never_went = takedown.state is TakedownState.FAILED and takedown.sent_at is None
    return takedown.undoes is None and not is_over and not never_went


def take_back(
    tx: TakedownRows, takedown: Takedown, *, actor: Actor, reason: str, now: datetime, due_at: datetime | None = None
) -> Takedown:
    """Cancel an order that has not gone, or undo one that has, as part of what is done to its case; as ``undo``.

    The inverse is due at ``due_at``, or at once. Raises ``Conflict`` for one that is being sent right now.
    """
    if takedown.sent_at is None:
        return _cancelled(tx, takedown, actor=actor, reason=reason, now=now)
    return _undone(tx, takedown, actor=actor, reason=reason, now=now, due_at=due_at or now)


def end(
    tx: TakedownRows, takedown: Takedown, *, actor: Actor, reason: str, now: datetime, instead: Takedown
) -> Takedown:
    """Take an order back whose effect another order, ``instead``, wants too: it is undone, and nothing is restored."""
    if takedown.sent_at is None:
        return _cancelled(tx, takedown, actor=actor, reason=reason, now=now)
    _refuse_under_way(takedown, now)
    undone = moved(tx, takedown, TakedownMove.UNDO, lease_until=None, last_error="")
    tx.drop_looks(takedown.id)
    tell(tx, undone, "undone", at=now, actor=actor, reason=reason, stays_by=instead.id)
    return undone


def put_back(tx: TakedownRows, takedown: Takedown, *, actor: Actor, reason: str, now: datetime) -> Takedown:
    """Order again what was taken back, because taking it back was undone. An inverse that has not gone goes no more."""
    orders = tx.takedowns(takedown.case_id)
    for inverse in orders:
        if inverse.undoes == takedown.id and inverse.state in {TakedownState.PLANNED, TakedownState.HELD}:
            _cancelled(tx, inverse, actor=actor, reason=reason, now=now)
    again = msgspec.structs.replace(
        _inverse_of(_inverse_of(takedown, now), now), undoes=None, key=f"{takedown.key}-again-{len(orders)}"
    )
    ordered = tx.add_takedown(again)
    tell(tx, ordered, "ordered_again", at=now, actor=actor, reason=reason, instead_of=takedown.id)
    return ordered


def _cancelled(
    tx: TakedownRows,
    takedown: Takedown,
    *,
    actor: Actor,
    reason: str,
    now: datetime,
    case: tuple[Case, Case] | None = None,
) -> Takedown:
    cancelled = moved(tx, takedown, TakedownMove.CANCEL, last_error="")
    tell(tx, cancelled, "cancelled", at=now, actor=actor, case=case, reason=reason)
    return cancelled


def _undone(
    tx: TakedownRows,
    takedown: Takedown,
    *,
    actor: Actor,
    reason: str,
    now: datetime,
    due_at: datetime,
    case: tuple[Case, Case] | None = None,
) -> Takedown:
    _refuse_under_way(takedown, now)
    if (other := _wanted_still(tx, takedown)) is not None:
        return end(tx, takedown, actor=actor, reason=reason, now=now, instead=other)
    undone = moved(tx, takedown, TakedownMove.UNDO, lease_until=None, last_error="")
    tx.drop_looks(takedown.id)
    inverse = tx.add_takedown(msgspec.structs.replace(_inverse_of(takedown, now), due_at=due_at))
    tell(tx, undone, "undone", at=now, actor=actor, case=case, reason=reason, inverse=inverse.id)
    return inverse


def retry(store: TakedownStore, takedown_id: int, *, actor: Actor, now: datetime) -> Takedown:
    """Send an order after all: one that failed, that a circuit breaker holds, or that a look found without effect.

    So also one that was to be done by hand: the platform may be able to by now.
    A failed or held one keeps its key, one that was accepted without effect gets a new one: the platform would take the
    old one for a repetition. A case that waits for a person is decided as it was. Raises ``IllegalMove``, also for an
    order whose case has been decided again since, and ``NotFound``.
    """
    refuse_nobody(actor, "again")

    def change(tx: TakedownRows) -> Takedown:
        takedown = tx.takedown(takedown_id)
        move = TakedownMove.RELEASE if takedown.state is TakedownState.HELD else TakedownMove.RETRY
        is_anew = takedown.state in ASTRAY
        _refuse_superseded(tx, takedown)
        _refuse_role(takedown, actor)
        tx.drop_looks(takedown_id)
        released = moved(
            tx,
            takedown,
            move,
            due_at=max(now, takedown.due_at) if takedown.sent_at is None else now,
            attempts=0,
            round=takedown.round + is_anew,
            released_by=actor.name,
            last_error="",
        )
        case = tx.case(takedown.case_id)
        again = case.ruling is not None and case.state in WAITING and moves_case(takedown)
        step = case_moved(tx, case.id, MOVE_OF[case.ruling], at=now) if again and case.ruling else None
        tell(tx, released, "released", at=now, actor=actor, case=step)
        return released

    return write(store, change, durable=True)


def _inverse_of(takedown: Takedown, now: datetime) -> Takedown:
    return Takedown(
        id=0,
        case_id=takedown.case_id,
        decision_id=takedown.decision_id,
        platform=takedown.platform,
        listing_id=takedown.listing_id,
        action=takedown.inverse,
        inverse=takedown.action,
        state=TakedownState.PLANNED,
        key=_inverse_key(takedown),
        planned_at=now,
        due_at=now,
        undoes=takedown.id,
    )


def _refuse_under_way(takedown: Takedown, now: datetime) -> None:
    if takedown.lease_until is not None and takedown.lease_until > now:
        hint = "Try again in a moment."
        raise Conflict("takedown {number} is being sent right now", hint=hint, number=takedown.id)


def _inverse_key(takedown: Takedown) -> str:
    """The order's own key with the other action in it; what tells a second order of a decision apart stays."""
    prefix = f"decision-{takedown.decision_id}-"
    return f"{prefix}{takedown.inverse}{takedown.key.removeprefix(prefix + takedown.action)}"


def _refuse_superseded(tx: TakedownRows, takedown: Takedown) -> None:
    newest = tx.decisions(takedown.case_id)[-1]
    if moves_case(takedown) and newest.id != takedown.decision_id:
        raise IllegalMove(
            "case {case} has been decided again since takedown {number}: {ruling}",
            hint="The newest decision has an order of its own, if it asks for one.",
            case=takedown.case_id,
            number=takedown.id,
            ruling=newest.ruling,
        )


def _refuse_inverse(takedown: Takedown) -> None:
    if takedown.undoes is not None:
        said = "takedown {number} is itself an undo, of takedown {other}"
        raise IllegalMove(said, hint=_DECIDE_AGAIN, number=takedown.id, other=takedown.undoes)


def _refuse_role(takedown: Takedown, actor: Actor) -> None:
    """What is done to an account is for those who may propose it; what an appeal lifts does not come this way."""
    if is_about_seller(takedown.action):
        require(actor, Deed.PROPOSE_CLOSURE)


def _wanted_still(tx: TakedownRows, takedown: Takedown) -> Takedown | None:
    """Another order that wants the same of the seller: what one decision lifts, another may still ask for."""
    if not is_about_seller(takedown.action):
        return None
    others = tx.orders_on(takedown.platform, takedown.listing_id)
    same = (one for one in others if one.id != takedown.id and one.action == takedown.action and stands(one))
    return next(same, None)


def refuse_nobody(actor: Actor, reason: str) -> None:
    """Raise ``InputError`` unless somebody gives a reason, ``Forbidden`` for a role that changes no orders."""
    if not actor.name.strip() or not reason.strip():
        raise InputError("this needs a reason and the name of who does it", hint="Give --reason and --actor.")
    require(actor, Deed.CHANGE_ORDER)
