"""Sending takedowns: what is due goes out, once; what cannot go waits, is held or fails, and says why.

An order is taken in one transaction, sent outside of any, and its answer written in another. Killed in between, it is
held until its lease ends and sent again under the same key, which the platform knows. So nothing is lost, and nothing
has two effects.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta

import msgspec
from msgspec import structs

from scanner import audit
from scanner.inspection.intake import now as wall_clock
from scanner.model import TakedownState
from scanner.orders import Channel, Order, Receipt, Standing, is_about_seller, ways_of
from scanner.ports import Clock
from scanner.records import Takedown
from scanner.takedown.accounts import to_do, why_by_hand
from scanner.takedown.breakers import Breaker
from scanner.takedown.clockwork import set_right
from scanner.takedown.ordering import order_of, planned_looks
from scanner.takedown.outbox import TakedownRows, TakedownStore, case_moved, moved, moves_case, tell, to_a_person, write
from scanner.takedown.patience import after_answer, after_probe, in_this_time, retry_decision, uses_attempt
from scanner.takedown.telling import TakedownSettings
from scanner.workflow import CaseMove, TakedownMove

# Who is to go at once is not told to wait for less than this.
_SOON = timedelta(milliseconds=1)


class SendReport(msgspec.Struct, frozen=True, kw_only=True):
    """What sending came to. ``again`` are orders that wait for another attempt; ``away`` are platforms, with why.

    ``by_hand`` are those that a person must carry out on the platform.
    """

    accepted: int = 0
    again: int = 0
    failed: int = 0
    held: int = 0
    by_hand: int = 0
    away: dict[str, str] = {}

    @property
    def attempts(self) -> int:
        """How many orders were sent, whatever came of it."""
        return self.accepted + self.again + self.failed


class _Counts:
    """What the workers of one run add up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = dict.fromkeys(("accepted", "again", "failed", "held", "by_hand"), 0)
        self._away: dict[str, str] = {}

    def add(self, what: str) -> None:
        """One more."""
        with self._lock:
            self._numbers[what] += 1

    def set_away(self, name: str, why: str) -> None:
        """A platform takes nothing at present."""
        with self._lock:
            self._away[name] = why

    def report(self) -> SendReport:
        """All of it."""
        return SendReport(**self._numbers, away=dict(self._away))


@dataclass(frozen=True, slots=True)
class _Turn:
    """An order in a sender's hands."""

    takedown: Takedown
    order: Order


@dataclass(frozen=True, slots=True)
class _Wait:
    """Nothing may go before this moment."""

    until: datetime


class _Probe:
    """The platform is away, and it is our turn to ask whether it is back."""


@dataclass(frozen=True, slots=True)
class _Kept:
    """An order does not go: it is held, or to be done by hand. The next one may go."""

    how: str


@dataclass(frozen=True, slots=True)
class _Rest:
    """Nothing more is to be done now; ``why`` if that is because of the platform."""

    why: str = ""


def send_due(
    store: TakedownStore,
    channels: Mapping[str, Channel],
    *,
    limits: TakedownSettings | None = None,
    clock: Clock = wall_clock,
    pause: Callable[[float], None] = time.sleep,
    stop: Callable[[], bool] = lambda: False,
) -> SendReport:
    """Send everything that is due to the platforms in ``channels``, and report.

    1. Of a platform's orders the one decided first goes first, at most ``rate`` a second and ``concurrency`` at a time
       over all senders together; platforms do not wait for each other.
    2. A takedown that would be too many of its kind within an hour is held, and the case says so.
    3. An answer is acted upon as ``scanner.takedown.patience`` says. What is accepted is looked at later; what is final
       goes to a person: the case is reopened with the platform's reason.
    4. A platform that is away is asked from time to time whether it is back; its orders lose no attempts meanwhile.
    5. What is done to a seller, and the platform cannot be told or refuses, a person does by hand
       (``scanner.takedown.accounts``).

    Raises ``StoreUnavailable``; nothing that a platform does is raised. ``stop`` is asked before each order.
    """
    if not channels:
        return SendReport()
    counts, halt = _Counts(), threading.Event()

    def halted() -> bool:
        """Who interrupts us waits for the orders under way, not for all that is due."""
        return halt.is_set() or stop()

    set_right(store, channels, clock)
    breakers = {name: Breaker(name, limits or TakedownSettings()) for name in channels}
    workers = [
        _Sender(store, name, channel, breakers[name], clock, pause, halted, counts)
        for name, channel in channels.items()
        for _ in range(channel.concurrency)
    ]
    with ThreadPoolExecutor(len(workers), thread_name_prefix="sender") as pool:
        try:
            for done in [pool.submit(worker.run) for worker in workers]:
                done.result()
        finally:
            halt.set()
    return counts.report()


class _Sender:
    """One worker for one platform."""

    def __init__(
        self,
        store: TakedownStore,
        name: str,
        channel: Channel,
        breaker: Breaker,
        clock: Clock,
        pause: Callable[[float], None],
        stop: Callable[[], bool],
        counts: _Counts,
    ) -> None:
        self._store, self._name, self._channel, self._breaker = store, name, channel, breaker
        self._clock, self._pause, self._stop, self._counts = clock, pause, stop, counts

    def run(self) -> None:
        """Go on until there is nothing that may go now."""
        while not self._stop():
            match write(self._store, self._next):
                case _Rest() as rest:
                    if rest.why:
                        self._counts.set_away(self._name, rest.why)
                    return
                case _Wait() as wait:
                    self._pause(max(wait.until - self._clock(), _SOON).total_seconds())
                case _Kept(how):
                    self._counts.add(how)
                case _Probe():
                    self._settle_probe(self._channel.platform.probe())
                case _Turn() as turn:
                    self._counts.add(self._sent(turn.takedown, turn.order))

    def _sent(self, takedown: Takedown, order: Order) -> str:
        """Send an order, in no transaction, and write what the platform answered."""
        receipt = self._channel.platform.send(order)
        return write(self._store, lambda tx: self._settle(tx, takedown, receipt))

    def _next(self, tx: TakedownRows) -> _Turn | _Wait | _Probe | _Kept | _Rest:
        """What to do now; an order that is to go is ours when the transaction ends."""
        at = self._clock()
        standing = in_this_time(tx.standing(self._name, at=at), at=at, rate=self._channel.rate)
        if standing.paused_until is not None and standing.paused_until > at:
            return _Rest(standing.says or "it asked us to wait")
        if standing.away_since is not None:
            # One probe at a time: for others the platform stays away until this one has been answered.
            tx.save_standing(structs.replace(standing, paused_until=at + self._channel.lease))
            return _Probe()
        if tx.under_way(self._name, at=at) >= self._channel.concurrency:
            return _Rest()
        found = tx.due_takedowns(self._name, at=at, limit=1)
        if not found:
            return _Rest()
        if standing.next_at > at:
            return _Wait(standing.next_at)
        return self._taken(tx, found[0], standing, at)

    def _taken(self, tx: TakedownRows, takedown: Takedown, standing: Standing, at: datetime) -> _Turn | _Kept:
        """The order in our hands, unless a circuit breaker holds it, or the platform cannot be told such a thing."""
        order = order_of(tx, takedown)
        if why := why_by_hand(order, self._channel.platform.actions, self._name):
            by_hand = moved(tx, takedown, TakedownMove.HAND_OVER, last_error=why)
            tell(tx, by_hand, "by_hand", at=at, reason=why)
            return _Kept("by_hand")
        if why := self._breaker.why_not(tx, takedown, order, at=at):
            held = moved(tx, takedown, TakedownMove.HOLD, last_error=why)
            tell(tx, held, "held", at=at, reason=why)
            return _Kept("held")
        mine = moved(
            tx,
            takedown,
            TakedownMove.SEND,
            attempts=takedown.attempts + 1,
            token=takedown.token + 1,
            lease_until=at + self._channel.lease,
            sent_at=takedown.sent_at or at,
        )
        tx.save_standing(structs.replace(standing, next_at=at + timedelta(seconds=1 / self._channel.rate)))
        self._drop_earlier_looks(tx, mine)
        tell(tx, mine, "sending", at=at, attempt=mine.attempts)
        return _Turn(mine, order)

    @staticmethod
    def _drop_earlier_looks(tx: TakedownRows, takedown: Takedown) -> None:
        """What an earlier order on the listing, or about the seller, brought about is about to change on purpose."""
        for earlier in tx.takedowns(takedown.case_id):
            if earlier.id < takedown.id and earlier.listing_id == takedown.listing_id:
                tx.drop_looks(earlier.id)

    def _settle_probe(self, receipt: Receipt) -> None:
        def change(tx: TakedownRows) -> None:
            at = self._clock()
            before = tx.standing(self._name, at=at)
            after = after_probe(before, receipt, at=at)
            tx.save_standing(after)
            if before.away_since is not None and after.away_since is None:
                tx.hasten(self._name, at=at)
                facts = {"away_since": before.away_since, "says": receipt.says}
                subject = f"platform:{self._name}"
                audit.append(tx, actor=audit.SYSTEM, kind="platform.back", subject=subject, at=at, **facts)

        write(self._store, change)

    def _settle(self, tx: TakedownRows, mine: Takedown, receipt: Receipt) -> str:
        """Write what the platform answered; say what it counts as."""
        at = self._clock()
        before = tx.standing(self._name, at=at)
        standing = after_answer(before, receipt, at=at)
        tx.save_standing(standing)
        current = tx.takedown(mine.id)
        if current.token != mine.token or current.state is not TakedownState.SENT:
            # We took longer than our lease, and somebody else has sent it again under the same key.
            tell(tx, current, "late_answer", at=at, receipt=receipt)
            outcome = "again"
        else:
            outcome = self._answered(tx, current, receipt, at)
        if before.away_since is None and standing.away_since is not None:
            facts = {"misses": standing.misses, "says": receipt.says}
            subject = f"platform:{self._name}"
            audit.append(tx, actor=audit.SYSTEM, kind="platform.away", subject=subject, at=at, **facts)
        return outcome

    def _answered(self, tx: TakedownRows, mine: Takedown, receipt: Receipt, at: datetime) -> str:
        if receipt.is_done:
            done = moved(tx, mine, TakedownMove.ACCEPT, accepted_at=at, lease_until=None, last_error="")
            can_look = ways_of(self._channel.platform, mine.action)
            tx.add_looks(planned_looks(done, self._channel.looks if can_look else (), at))
            case = case_moved(tx, mine.case_id, CaseMove.ACT, at=at) if moves_case(mine) else None
            tell(tx, done, "accepted", at=at, case=case, receipt=receipt)
            return "accepted"
        when = retry_decision(mine.attempts, receipt, at=at)
        if when is not None:
            attempts = mine.attempts if uses_attempt(receipt) else mine.attempts - 1
            waits = moved(
                tx, mine, TakedownMove.SEND, due_at=when, attempts=attempts, lease_until=None, last_error=receipt.says
            )
            tell(tx, waits, "not_accepted", at=at, again_at=when, attempt=mine.attempts, receipt=receipt)
            return "again"
        if is_about_seller(mine.action):
            said = f"{receipt.says} {to_do(order_of(tx, mine))}"
            by_hand = moved(tx, mine, TakedownMove.HAND_OVER, lease_until=None, last_error=said)
            tell(tx, by_hand, "by_hand", at=at, attempt=mine.attempts, receipt=receipt)
            return "by_hand"
        failed = moved(tx, mine, TakedownMove.FAIL, lease_until=None, last_error=receipt.says)
        case = to_a_person(tx, mine, at=at)
        tell(tx, failed, "failed", at=at, case=case, attempt=mine.attempts, receipt=receipt)
        return "failed"
