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
from scanner.orders import Channel, Look, LookState, Order, Receipt, Standing
from scanner.ports import Clock
from scanner.records import Takedown
from scanner.takedown.breakers import Breaker
from scanner.takedown.outbox import TakedownRows, TakedownStore, case_moved, moved, order_of, tell, to_a_person, write
from scanner.takedown.patience import after_answer, after_probe, retry_decision, uses_attempt
from scanner.takedown.telling import TakedownSettings
from scanner.workflow import CaseMove, TakedownMove

# Who is to go at once is not told to wait for less than this.
_SOON = timedelta(milliseconds=1)
_NOBODY_LOOKS = frozenset({"restrict", "unrestrict"})


class SendReport(msgspec.Struct, frozen=True, kw_only=True):
    """What sending came to. ``again`` are orders that wait for another attempt; ``away`` are platforms, with why."""

    accepted: int = 0
    again: int = 0
    failed: int = 0
    held: int = 0
    away: dict[str, str] = {}

    @property
    def attempts(self) -> int:
        """How many orders were sent, whatever came of it."""
        return self.accepted + self.again + self.failed


class _Counts:
    """What the workers of one run add up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._numbers = {"accepted": 0, "again": 0, "failed": 0, "held": 0}
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


class _Held:
    """An order was held; the next one may go."""


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

    Raises ``StoreUnavailable``; nothing that a platform does is raised. ``stop`` is asked before each order.
    """
    if not channels:
        return SendReport()
    counts, halt = _Counts(), threading.Event()

    def halted() -> bool:
        """Who interrupts us waits for the orders under way, not for all that is due."""
        return halt.is_set() or stop()

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
                case _Held():
                    self._counts.add("held")
                case _Probe():
                    self._settle_probe(self._channel.platform.probe())
                case _Turn() as turn:
                    self._counts.add(self._sent(turn.takedown, turn.order))

    def _sent(self, takedown: Takedown, order: Order) -> str:
        """Send an order, in no transaction, and write what the platform answered."""
        receipt = self._channel.platform.send(order)
        return write(self._store, lambda tx: self._settle(tx, takedown, receipt))

    def _next(self, tx: TakedownRows) -> _Turn | _Wait | _Probe | _Held | _Rest:
        """What to do now; an order that is to go is ours when the transaction ends."""
        at = self._clock()
        standing = tx.standing(self._name, at=at)
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

    def _taken(self, tx: TakedownRows, takedown: Takedown, standing: Standing, at: datetime) -> _Turn | _Held:
        """The order in our hands, or held by a circuit breaker."""
        order = order_of(tx, takedown)
        if why := self._breaker.why_not(tx, takedown, order, at=at):
            held = moved(tx, takedown, TakedownMove.HOLD, last_error=why)
            tell(tx, held, "held", at=at, reason=why)
            return _Held()
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
        """What an earlier order on the listing brought about is about to change on purpose."""
        for earlier in tx.takedowns(takedown.case_id):
            if earlier.id < takedown.id:
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
            tx.add_looks(planned_looks(done, self._channel.looks, at))
            case = case_moved(tx, mine.case_id, CaseMove.ACT, at=at) if mine.undoes is None else None
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
        failed = moved(tx, mine, TakedownMove.FAIL, lease_until=None, last_error=receipt.says)
        case = to_a_person(tx, mine, at=at)
        tell(tx, failed, "failed", at=at, case=case, attempt=mine.attempts, receipt=receipt)
        return "failed"


def planned_looks(takedown: Takedown, after: tuple[timedelta, ...], at: datetime) -> tuple[Look, ...]:
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
