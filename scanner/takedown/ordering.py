"""What a platform is told, with all that it needs to carry an order out, and when somebody looks whether it did."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from scanner.orders import Look, LookState, Order, is_about_seller
from scanner.records import Case, Decision, Takedown
from scanner.sellers.ladder import LADDER
from scanner.takedown.outbox import TakedownRows
from scanner.takedown.patience import key_of

# Before a seller's key, where an order has the id of a listing: orders about one seller wait for each other.
SELLER = "seller:"
_NUMBER = "id:"
# What cannot be seen from outside.
_NOBODY_LOOKS = frozenset({"restrict", "unrestrict", "restrict_seller", "unrestrict_seller"})


def order_of(tx: TakedownRows, takedown: Takedown) -> Order:
    """What the platform is told, with the decision's reason: the listing as it was seen last, or the seller."""
    case = tx.case(takedown.case_id)
    decision = next((one for one in tx.decisions(case.id) if one.id == takedown.decision_id), None)
    if is_about_seller(takedown.action):
        return _about_seller(tx, takedown, case, decision)
    listing = tx.latest_versions([case.listing_row])[case.listing_row].listing
    return Order(
        key=key_of(takedown.key, takedown.round),
        action=takedown.action,
        listing_id=takedown.listing_id,
        url=listing.url,
        title=listing.title,
        seller_id=listing.seller.id,
        reason=decision.reason if decision else "",
        clause=decision.clause if decision else "",
    )


def _about_seller(tx: TakedownRows, takedown: Takedown, case: Case, decision: Decision | None) -> Order:
    """The seller as the platform numbers it, and the ladder's measure in words."""
    key, penalty = takedown.listing_id.removeprefix(SELLER), tx.penalty_of(takedown.decision_id)
    return Order(
        key=key_of(takedown.key, takedown.round),
        action=takedown.action,
        listing_id=case.listing_id,
        seller_id=key.removeprefix(_NUMBER) if key.startswith(_NUMBER) else "",
        seller_name=tx.seller(penalty.seller_row).name if penalty else "",
        measure=LADDER[penalty.level].measure["en"] if penalty else "",
        until=penalty.until if penalty else None,
        reason=decision.reason if decision else "",
        clause=decision.clause if decision else "",
    )


def planned_looks(takedown: Takedown, after: Sequence[timedelta], at: datetime) -> tuple[Look, ...]:
    """When to look at an order that was accepted ``at``; a restriction cannot be seen from outside."""
    if takedown.action in _NOBODY_LOOKS:
        return ()
    return tuple(
        Look(
            id=0,
            takedown_id=takedown.id,
            round=takedown.round,
            after_seconds=int(wait.total_seconds()),
            state=LookState.DUE,
            due_at=at + wait,
        )
        for wait in after
    )
