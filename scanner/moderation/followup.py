"""What follows from the history, once, in order: letters, answers to notices, the watch for returns, penalties.

Whoever decides or sends writes an event and nothing else. This reads the events after the last one that it has dealt
with, and does what follows from each in one transaction with moving on. Killed anywhere, it goes on with nothing lost
and nothing twice. What cannot be done is put on record for a person, and does not stop the rest.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Protocol

import msgspec

from scanner import audit
from scanner.correspondence import notices, seller_letters
from scanner.correspondence.letters import PLAIN, Letterhead
from scanner.correspondence.notice_ports import NoticeRows
from scanner.correspondence.seller_letters import SellerLetterRows
from scanner.errors import Conflict, DelistError, StoreError
from scanner.model import CaseState, Event, Ruling, TakedownState
from scanner.orders import is_about_seller
from scanner.outside import NoticeOutcome, PenaltyState
from scanner.ports import Clock, WatchRows
from scanner.records import Decision, Takedown
from scanner.sellers import penalties, relist
from scanner.sellers.seller_ports import SellerRows
from scanner.takedown.accounts import lift_measure

_NAME = "followup"
# So many events are looked through at a time; only those of these kinds are given.
AT_A_TIME = 2_000

_TAKES = {"hide": NoticeOutcome.REMOVED, "restrict": NoticeOutcome.RESTRICTED}
_LIFTED = frozenset({TakedownState.UNDONE, TakedownState.CANCELLED})
_FINAL = frozenset({Ruling.REMOVE, Ruling.RESTRICT})


class FollowRows(NoticeRows, SellerRows, SellerLetterRows, WatchRows, Protocol):
    """What follows from the history, read and written."""

    def followed_to(self, name: str) -> int:
        """Up to which event somebody has followed the history; whoever else does waits."""

    def set_followed(self, name: str, sequence: int) -> None:
        """That far, from now on."""

    def events_after(self, after: int, *, until: int, kinds: Collection[str]) -> tuple[Event, ...]:
        """The events of these kinds whose number is above ``after`` and at most ``until``."""

    def takedown(self, takedown_id: int) -> Takedown:
        """One order; whoever else wants to change it waits. Raises ``NotFound``."""


class FollowStore(Protocol):
    """A store whose history is followed."""

    def reading(self) -> AbstractContextManager[FollowRows]:
        """One consistent view."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[FollowRows]:
        """All or nothing; ``durable`` also survives a power cut."""


class Followed(msgspec.Struct, frozen=True, kw_only=True):
    """What following came to: events looked through, and what was done, by kind of event; ``failed`` are a person's."""

    events: int = 0
    done: dict[str, int] = {}
    failed: int = 0


def follow(store: FollowStore, *, clock: Clock, head: Letterhead = PLAIN, most: int = 100_000) -> Followed:
    """Do what follows from the events since the last time, at most ``most`` of them, and report."""
    done: Counter[str] = Counter()
    failed = seen = 0
    while seen < most:
        with store.reading() as tx:
            after = tx.followed_to(_NAME)
            until = min(tx.chain_head().sequence, after + AT_A_TIME)
            events = tx.events_after(after, until=until, kinds=_REACTIONS)
        if until <= after:
            break
        for event in events:
            if _react(store, event, clock(), head):
                done[event.kind] += 1
            else:
                failed += 1
        _move_on(store, until)
        seen += until - after
    return Followed(events=seen, done=dict(done), failed=failed)


def _react(store: FollowStore, event: Event, at: datetime, head: Letterhead) -> bool:
    """Do what follows from one event; ``False`` if it cannot be done, which is then on record."""
    try:
        return _reacted(store, event, at, head)
    except Conflict:
        # Somebody changed the same rows at the same moment: once more, on what is there now.
        return _reacted(store, event, at, head)
    except StoreError:
        raise
    except DelistError as error:
        with store.transaction() as tx:
            tx.set_followed(_NAME, max(event.sequence, tx.followed_to(_NAME)))
            facts = {"of": event.kind, "event": event.sequence, "why": str(error)[:500]}
            audit.append(tx, actor=audit.SYSTEM, kind="followup.failed", subject=event.subject, at=at, **facts)
        return False


def _reacted(store: FollowStore, event: Event, at: datetime, head: Letterhead) -> bool:
    with store.transaction(durable=True) as tx:
        if tx.followed_to(_NAME) < event.sequence:
            _REACTIONS[event.kind](tx, event, at, head)
            tx.set_followed(_NAME, event.sequence)
    return True


def _move_on(store: FollowStore, until: int) -> None:
    with store.transaction() as tx:
        if tx.followed_to(_NAME) < until:
            tx.set_followed(_NAME, until)


def _accepted(tx: FollowRows, event: Event, at: datetime, head: Letterhead) -> None:
    """The platform has accepted an order.

    1. It takes something from a seller: the seller is told, and those who had reported it. It was decided for good: the
       watch for its return begins, and the ladder proposes a step.
    2. It gives something back: the seller is told, unless the answer to an appeal has.
    3. It has been taken back meanwhile: nothing; that has events of its own.
    4. It is about the seller's account: nothing; the seller was written to when the step was accepted.
    """
    order = tx.takedown(_number(event, "takedown"))
    if order.state in _LIFTED or is_about_seller(order.action):
        return
    case, decision = tx.case(order.case_id), _decision(tx, order)
    if order.undoes is not None:
        if not _was_appealed(tx, order):
            seller_letters.restoration(tx, case, decision, order, head, at=at)
        return
    seller_letters.removal(tx, case, decision, order, head, at=at)
    if decision.ruling in _FINAL:
        notices.settle(tx, case.id, _TAKES[order.action], now=at, head=head)
        penalties.propose_for(tx, case, decision, now=at)
    if decision.ruling is Ruling.REMOVE:
        relist.watch_for(tx, case, decision, at=at)


def _lifted(tx: FollowRows, event: Event, at: datetime, _head: Letterhead) -> None:
    """An order was taken back: nothing follows from its decision any more, nor is its seller's account left closed.

    If it is about the account only that step is void: the listing stays removed, and is watched for.
    """
    order = tx.takedown(_number(event, "takedown"))
    if not is_about_seller(order.action):
        relist.end_watch(tx, order.decision_id, at=at, why=event.kind)
        reason = f"takedown {order.id} was taken back"
        lift_measure(tx, order.case_id, order.decision_id, actor=audit.SYSTEM, reason=reason, now=at)
    penalty = tx.penalty_of(order.decision_id)
    if penalty is not None and penalty.state not in {PenaltyState.REFUSED, PenaltyState.VOIDED}:
        tx.save_penalty(msgspec.structs.replace(penalty, state=PenaltyState.VOIDED, note=event.kind), penalty)
        facts = {"penalty": penalty.id, "level": penalty.level, "why": event.kind}
        audit.append(
            tx, actor=audit.SYSTEM, kind="penalty.voided", subject=f"seller:{penalty.seller_row}", at=at, **facts
        )


def _decided(tx: FollowRows, event: Event, at: datetime, head: Letterhead) -> None:
    """A case was decided: if its listing may stay, those who had reported it are told."""
    case = tx.case(int(event.subject.partition(":")[2]))
    if case.state is CaseState.CLOSED and case.ruling is Ruling.KEEP:
        notices.settle(tx, case.id, NoticeOutcome.KEPT, now=at, head=head)


_REACTIONS: dict[str, Callable[[FollowRows, Event, datetime, Letterhead], None]] = {
    "takedown.accepted": _accepted,
    "takedown.undone": _lifted,
    "takedown.cancelled": _lifted,
    "case.decided": _decided,
    "appeal.overturned": _decided,
}


def _number(event: Event, name: str) -> int:
    return int(str(event.data[name]))


def _decision(tx: FollowRows, order: Takedown) -> Decision:
    return next(one for one in tx.decisions(order.case_id) if one.id == order.decision_id)


def _was_appealed(tx: FollowRows, order: Takedown) -> bool:
    events = tx.events_about(f"case:{order.case_id}")
    return any(event.kind == "appeal.overturned" and event.data.get("takedown") == order.id for event in events)
