"""What sending takedowns and looking at them have in common: the ports, and moves that go on record.

Every move is a row written by compare-and-set and an event on the case.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol, TypeVar

import msgspec

from scanner import audit
from scanner.errors import Conflict
from scanner.model import Actor, CaseState, TakedownState
from scanner.orders import Look, LookState, Receipt, Standing, Tallies, is_about_seller
from scanner.outside import Penalty, SellerRow
from scanner.ports import HistoryRows
from scanner.records import Case, Decision, Takedown, Version
from scanner.takedown.patience import key_of
from scanner.workflow import CASE_MOVES, WAITING, CaseMove, TakedownMove, next_takedown_state

T = TypeVar("T")

# So often is a transaction tried that somebody else has come before.
_TRIES = 5


class TakedownRows(HistoryRows, Protocol):
    """What sending and looking read and write."""

    def case(self, case_id: int) -> Case:
        """One case. Raises ``NotFound``."""

    def save_case(self, case: Case) -> bool:
        """Write a case whose revision was raised by one. ``False`` if it is no longer the revision before that."""

    def decisions(self, case_id: int) -> tuple[Decision, ...]:
        """The decisions on a case, oldest first."""

    def latest_versions(self, rows: Collection[int]) -> dict[int, Version]:
        """The newest version of each listing, by the listing's row."""

    def sellers_of(self, rows: Collection[int]) -> dict[int, int | None]:
        """The number of the seller of each listing, by the listing's row."""

    def seller(self, seller_row: int) -> SellerRow:
        """One seller. Raises ``NotFound``."""

    def penalty_of(self, decision_id: int) -> Penalty | None:
        """The penalty that was proposed for a decision."""

    def orders_on(self, platform: str, listing_id: str) -> tuple[Takedown, ...]:
        """All orders on one listing, or about one seller, of a platform, oldest first."""

    def takedown(self, takedown_id: int) -> Takedown:
        """One order; whoever else wants to change it waits. Raises ``NotFound``."""

    def takedowns(self, case_id: int) -> tuple[Takedown, ...]:
        """The orders that came of a case, oldest first."""

    def add_takedown(self, takedown: Takedown) -> Takedown:
        """Write an order into the outbox; its number is given by the store."""

    def save_takedown(self, after: Takedown, before: Takedown) -> bool:
        """Write an order back. ``False`` if somebody has changed it since it was read."""

    def due_takedowns(self, platform: str, *, at: datetime, limit: int) -> tuple[Takedown, ...]:
        """Orders to be sent now, in the order in which they were decided; nobody else gets them meanwhile."""

    def orders_ahead(self, platform: str, *, at: datetime, leased: datetime) -> tuple[Takedown, ...]:
        """Orders yet to be sent that were decided after ``at`` and are due later, or are held beyond ``leased``."""

    def looks_ahead(self, platform: str, *, due: datetime) -> tuple[Look, ...]:
        """Looks to be done that are due after a moment."""

    def under_way(self, platform: str, *, at: datetime) -> int:
        """How many orders are being sent to a platform at this moment."""

    def hasten(self, platform: str, *, at: datetime) -> None:
        """What waits for another attempt is due now: the platform is back."""

    def tallies(self, platform: str, *, since: datetime) -> Tallies:
        """How many takedowns were first sent to a platform since then; inverses do not count."""

    def takedowns_in(
        self, states: Sequence[TakedownState], *, platform: str = "", limit: int = 100, before: int | None = None
    ) -> tuple[Takedown, ...]:
        """Orders in these states, or in any, the newest first; those with numbers below ``before``, if it is given."""

    def takedown_counts(self) -> dict[tuple[str, TakedownState], int]:
        """How many orders there are, by platform and state."""

    def standing(self, platform: str, *, at: datetime) -> Standing:
        """How a platform takes orders at present; whoever else wants to change that waits."""

    def standings(self) -> tuple[Standing, ...]:
        """Every platform that was ever told anything."""

    def save_standing(self, standing: Standing) -> None:
        """Write what ``standing`` has read and locked."""

    def add_looks(self, planned: Sequence[Look]) -> None:
        """Looks to be done; their numbers are given by the store."""

    def due_looks(self, names: Collection[str], *, at: datetime, limit: int) -> tuple[tuple[Look, Takedown], ...]:
        """Looks to be done now on these platforms, the longest due first, with their orders."""

    def look(self, look_id: int) -> Look:
        """One look; whoever else wants to change it waits."""

    def looks_at(self, takedown_id: int) -> tuple[Look, ...]:
        """All looks at one order, in the order in which they are due."""

    def save_look(self, after: Look, before: Look) -> bool:
        """Write a look back. ``False`` if somebody has changed it since it was read."""

    def drop_looks(self, takedown_id: int, *, state: LookState = LookState.DROPPED, before: int | None = None) -> int:
        """End the looks at an order that are still to be done, or only those with a number below ``before``."""


class TakedownStore(Protocol):
    """A store that keeps an outbox."""

    def reading(self) -> AbstractContextManager[TakedownRows]:
        """One consistent view."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[TakedownRows]:
        """All or nothing; ``durable`` also survives a power cut."""


def write(store: TakedownStore, change: Callable[[TakedownRows], T], *, durable: bool = False) -> T:
    """Make ``change`` in a transaction, again if somebody else came before. Raises ``Conflict`` if that goes on."""
    for _ in range(_TRIES - 1):
        try:
            with store.transaction(durable=durable) as tx:
                return change(tx)
        except Conflict:
            continue
    with store.transaction(durable=durable) as tx:
        return change(tx)


def moved(tx: TakedownRows, takedown: Takedown, move: TakedownMove, **changes: object) -> Takedown:
    """Move an order and write it. Raises ``IllegalMove``, and ``Conflict`` if somebody has changed it."""
    after = msgspec.structs.replace(takedown, state=next_takedown_state(takedown.state, move), **changes)
    if not tx.save_takedown(after, takedown):
        said, hint = "takedown {number} was changed by somebody else", "Look at it again."
        raise Conflict(said, hint=hint, number=takedown.id)
    return after


def case_moved(tx: TakedownRows, case_id: int, move: CaseMove, *, at: datetime) -> tuple[Case, Case] | None:
    """Move a case if it can make the move, and give it as it was and is; ``None`` where it cannot, which is no fault.

    People go on working on a case while its orders are under way: it may be anywhere by now.
    """
    before = tx.case(case_id)
    state = CASE_MOVES[move].get(before.state)
    if state is None:
        return None
    changes = {"claimed_by": "", "lease_until": None} if move is CaseMove.REOPEN else {}
    after = msgspec.structs.replace(before, state=state, revision=before.revision + 1, updated_at=at, **changes)
    if not tx.save_case(after):
        said, hint = "case {number} was changed by somebody else", "Look at it again: delist show {number}"
        raise Conflict(said, hint=hint, number=case_id)
    return before, after


def tell(
    tx: TakedownRows,
    takedown: Takedown,
    kind: str,
    *,
    at: datetime,
    actor: Actor = audit.SYSTEM,
    case: tuple[Case, Case] | None = None,
    receipt: Receipt | None = None,
    **more: object,
) -> None:
    """Put a step of an order on record, and the move of its case that came with it."""
    if receipt is not None:
        more |= {"answer": receipt.answer, "status": receipt.status, "says": receipt.says}
    facts = {
        "takedown": takedown.id,
        "action": takedown.action,
        "platform": takedown.platform,
        "listing_id": takedown.listing_id,
        "state": takedown.state,
        "key": key_of(takedown.key, takedown.round),
    }
    subject = f"case:{takedown.case_id}"
    audit.append(tx, actor=actor, kind=f"takedown.{kind}", subject=subject, at=at, **(facts | more))
    if case is not None:
        before, after = case
        steps = {"before": before.state, "after": after.state, "takedown": takedown.id}
        why = {name: more[name] for name in ("reason", "says") if more.get(name)}
        audit.append(tx, actor=actor, kind=f"case.{after.state}", subject=subject, at=at, **(steps | why))


def moves_case(takedown: Takedown) -> bool:
    """Whether the case goes on with an order: not with an inverse, nor with what is done to its seller."""
    return takedown.undoes is None and not is_about_seller(takedown.action)


def to_a_person(tx: TakedownRows, takedown: Takedown, *, at: datetime) -> tuple[Case, Case] | None:
    """Reopen the case, so that somebody sees it; one that waits for a person already is seen anyway.

    What is done to a seller stays with the board: the listing was judged, and is not to be judged again for that.
    """
    return None if is_about_seller(takedown.action) else case_moved(tx, takedown.case_id, CaseMove.REOPEN, at=at)


def is_waiting(case: Case) -> bool:
    """Whether the case waits for a person."""
    return case.state in WAITING and case.state is not CaseState.CLAIMED
