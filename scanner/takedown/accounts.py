"""What is done to a seller's account: orders by the same outbox, looked at and taken back like those on listings.

An order is written when people have accepted the ladder's step; for a closure that takes two of them. Not every
platform can be told such a thing. Then, and where a platform refuses it or does not do it, the order waits until
somebody has done it there by hand and says so here; what they say is looked at as a platform's word is.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

from scanner.model import Actor, TakedownState
from scanner.moderation.permissions import Deed, require
from scanner.orders import AGAINST_SELLERS, Order, gives_back, is_about_seller
from scanner.outside import Penalty, SellerRow
from scanner.records import Case, Takedown
from scanner.sellers.ladder import LADDER
from scanner.takedown.ordering import SELLER, planned_looks
from scanner.takedown.outbox import TakedownRows, TakedownStore, moved, tell, write
from scanner.takedown.undoing import refuse_nobody, stands, take_back
from scanner.workflow import TakedownMove

_CLOSING = len(LADDER) - 1
_WORDS = {
    "close_account": "close the account of",
    "reopen_account": "open the account again of",
    "restrict_seller": "restrict",
    "unrestrict_seller": "lift the restriction of",
}


def order_measure(
    tx: TakedownRows,
    penalty: Penalty,
    case: Case,
    seller: SellerRow,
    *,
    actor: Actor,
    now: datetime,
    due_at: datetime,
) -> Takedown | None:
    """Order what an accepted step does to its seller, with the order that takes it back.

    1. The last step closes the account.
    2. Those below restrict the seller, for as long as the step lasts.
    3. The first one only explains the rule: nothing is ordered.
    """
    if not penalty.level:
        return None
    action = "close_account" if penalty.level == _CLOSING else "restrict_seller"
    ordered = tx.add_takedown(
        Takedown(
            id=0,
            case_id=case.id,
            decision_id=penalty.decision_id,
            platform=case.platform,
            listing_id=f"{SELLER}{seller.key}",
            action=action,
            inverse=AGAINST_SELLERS[action],
            state=TakedownState.PLANNED,
            key=f"decision-{penalty.decision_id}-{action}",
            planned_at=now,
            due_at=due_at,
        )
    )
    tell(tx, ordered, "ordered", at=now, actor=actor, penalty=penalty.id, level=penalty.level, until=penalty.until)
    return ordered


def lift_measure(
    tx: TakedownRows, case_id: int, decision_id: int, *, actor: Actor, reason: str, now: datetime
) -> tuple[Takedown, ...]:
    """Take back what was done to the seller because of a decision that stands no more; what is then to be sent.

    Raises ``Conflict`` while it is being sent.
    """
    return tuple(
        take_back(tx, order, actor=actor, reason=reason, now=now)
        for order in tx.takedowns(case_id)
        if order.decision_id == decision_id and is_about_seller(order.action) and stands(order)
    )


def done_by_hand(
    store: TakedownStore,
    takedown_id: int,
    *,
    actor: Actor,
    note: str,
    now: datetime,
    looks: Sequence[timedelta] = (),
) -> Takedown:
    """Somebody has done by hand what the platform could not be told, and says how.

    It counts as the platform's own word would: accepted, and looked at after ``looks`` where that can be. Raises
    ``IllegalMove`` for an order that does not wait for it, ``Forbidden``, ``NotFound``.
    """
    refuse_nobody(actor, note)
    require(actor, Deed.PROPOSE_CLOSURE)

    def change(tx: TakedownRows) -> Takedown:
        takedown = tx.takedown(takedown_id)
        given = {"accepted_at": now, "sent_at": takedown.sent_at or now, "lease_until": None, "last_error": ""}
        done = moved(tx, takedown, TakedownMove.CONFIRM, **given)
        tx.drop_looks(takedown_id)
        tx.add_looks(planned_looks(done, looks, now))
        tell(tx, done, "done_by_hand", at=now, actor=actor, reason=note.strip())
        return done

    return write(store, change, durable=True)


def why_by_hand(order: Order, actions: Collection[str], name: str) -> str:
    """Why somebody must do it by hand at the platform ``name``, as sentences; empty if it can be told."""
    if not is_about_seller(order.action) or (order.action in actions and order.seller_id):
        return ""
    if order.action in actions:
        return f"Nobody knows under which number {name} has the seller. {to_do(order)}"
    return f"{name} cannot be told to do this. {to_do(order)}"


def to_do(order: Order) -> str:
    """What a person is to do on the platform, as a sentence."""
    who = order.seller_id or order.seller_name or "the seller"
    until = f", until {order.until:%Y-%m-%d}" if order.until and not gives_back(order.action) else ""
    measure = f" ({order.measure}{until})" if order.measure and not gives_back(order.action) else ""
    return f"Somebody must {_WORDS[order.action]} {who}{measure} there by hand, and then confirm it here."
