"""Looking again: accepted is not verified. What was ordered is looked for as anybody may, and what is seen is kept.

A look is taken in one transaction, done outside of any, and written in another, as an order is. Every response that it
was judged by is evidence: its bytes lie in a WARC file, its hash stands in the history.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from typing import Protocol

import msgspec
from msgspec import structs

from scanner.inspection.intake import now as wall_clock
from scanner.model import EvidenceRef, TakedownState
from scanner.orders import (
    LOOK_LEASE,
    Capture,
    Channel,
    Look,
    LookOutcome,
    LookState,
    Order,
    Sight,
    is_about_seller,
    ways_of,
)
from scanner.ports import Clock
from scanner.records import Case, Takedown
from scanner.takedown.accounts import to_do
from scanner.takedown.clockwork import set_right
from scanner.takedown.ordering import order_of
from scanner.takedown.outbox import TakedownRows, TakedownStore, case_moved, moved, moves_case, tell, to_a_person, write
from scanner.takedown.patience import WAITS
from scanner.takedown.sighting import in_words, judge, sight_of
from scanner.workflow import CaseMove, TakedownMove

# So often is a look tried at which nothing could be seen.
MOST_TRIES = 5
# Looks under way at a time, and taken in one transaction.
_AT_A_TIME = 4

_MOVE_OF = {
    LookOutcome.VERIFIED_REMOVED: TakedownMove.SEE_REMOVED,
    LookOutcome.STILL_LIVE: TakedownMove.SEE_LIVE,
    LookOutcome.PARTIALLY_LIVE: TakedownMove.SEE_PARTLY,
    LookOutcome.REAPPEARED: TakedownMove.SEE_AGAIN,
    LookOutcome.VERIFIED_RESTORED: TakedownMove.SEE_RESTORED,
    LookOutcome.STILL_HIDDEN: TakedownMove.SEE_HIDDEN,
}
_AS_ORDERED = frozenset({LookOutcome.VERIFIED_REMOVED, LookOutcome.VERIFIED_RESTORED})
_SEEN = frozenset(
    {
        TakedownState.ACCEPTED,
        *(TakedownState(outcome.value) for outcome in LookOutcome if outcome is not LookOutcome.UNSEEN),
    }
)


class Keep(Protocol):
    """Keeps responses as evidence, under a name that no other look has; ``scanner.cli.evidence`` has the real one."""

    def __call__(self, name: str, captures: Sequence[Capture], *, at: datetime) -> tuple[EvidenceRef, ...]:
        """Where each lies, once it is durable. Raises ``StoreUnavailable`` where the disk refuses."""


class LookReport(msgspec.Struct, frozen=True, kw_only=True):
    """How many looks came to what; ``retried`` are those at which nothing could be seen yet."""

    outcomes: dict[LookOutcome, int] = {}
    retried: int = 0

    @property
    def looks(self) -> int:
        """How many looks were done."""
        return sum(self.outcomes.values())


def look_due(
    store: TakedownStore,
    channels: Mapping[str, Channel],
    *,
    keep: Keep,
    clock: Clock = wall_clock,
    pause: Callable[[float], None] = time.sleep,
    stop: Callable[[], bool] = lambda: False,
) -> LookReport:
    """Do every look that is due, and act on what is seen.

    1. Of several looks at one order that are due, the last is done; the others were missed, and say so.
    2. As ordered: the order is verified, and its case with it; after the last look the case is closed.
    3. Not as ordered: it is sent once more, under a new key. If a look finds that without effect too, or if what was
       verified is back, a person takes over: the case is reopened and says what was seen where.
    4. Gone from where it counts, and a list that may lag still shows it: it is looked at again when the lag is over.
    5. Nothing could be seen: it is tried again, five times; then the next look must do. If that was the last one, a
       person takes over. What could not be seen is never verified.
    6. What was done to a seller and is not so goes to whoever does it by hand; the case stays as it is.

    Raises ``StoreUnavailable``.
    """
    set_right(store, channels, clock)
    outcomes: dict[LookOutcome, int] = {}
    retried = 0
    with ThreadPoolExecutor(_AT_A_TIME, thread_name_prefix="look") as pool:
        while not stop():
            taken = write(store, lambda tx: _take(tx, channels, clock()))
            if not taken:
                break
            verifier = _Verifier(store, channels, keep, clock, pause)
            for outcome in pool.map(verifier.look, taken):
                if outcome is None:
                    retried += 1
                else:
                    outcomes[outcome] = outcomes.get(outcome, 0) + 1
    return LookReport(outcomes=outcomes, retried=retried)


def _take(tx: TakedownRows, channels: Mapping[str, Channel], at: datetime) -> list[tuple[Look, Takedown, Order]]:
    """Some looks that are due, in our hands; of each order the last one."""
    taken: dict[int, tuple[Look, Takedown, Order]] = {}
    for found, takedown in tx.due_looks(tuple(channels), at=at, limit=_AT_A_TIME):
        if takedown.id in taken:
            continue
        due = [one for one in tx.looks_at(takedown.id) if one.state is LookState.DUE and one.due_at <= at]
        last = max(due, key=lambda one: one.id, default=found)
        has_ways = bool(ways_of(channels[takedown.platform].platform, takedown.action))
        if takedown.state not in _SEEN or last.round != takedown.round or not has_ways:
            tx.drop_looks(takedown.id)
            continue
        tx.drop_looks(takedown.id, state=LookState.MISSED, before=last.id)
        mine = structs.replace(last, tries=last.tries + 1, token=last.token + 1, lease_until=at + LOOK_LEASE)
        if tx.save_look(mine, last):
            taken[takedown.id] = (mine, takedown, order_of(tx, takedown))
    return list(taken.values())


class _Verifier:
    """Does looks that are in our hands."""

    def __init__(
        self,
        store: TakedownStore,
        channels: Mapping[str, Channel],
        keep: Keep,
        clock: Clock,
        pause: Callable[[float], None],
    ) -> None:
        self._store, self._channels, self._keep, self._clock, self._pause = store, channels, keep, clock, pause

    def look(self, taken: tuple[Look, Takedown, Order]) -> LookOutcome | None:
        """Look by every way, keep what was seen, and act on it; ``None`` if the look is to be tried again."""
        look, takedown, order = taken
        sights = self._sights(look, takedown, order)
        return write(self._store, lambda tx: self._settle(tx, look, sights))

    def _sights(self, look: Look, takedown: Takedown, order: Order) -> tuple[Sight, ...]:
        channel = self._channels[takedown.platform]
        sights: list[Sight] = []
        captures: list[Capture] = []
        ends: list[int] = []
        for way in ways_of(channel.platform, takedown.action):
            self._pause(_AT_A_TIME / channel.rate)
            at = self._clock()
            seen = channel.platform.look(order, way)
            accepted_at = takedown.accepted_at or at
            sights.append(sight_of(seen, way, action=takedown.action, accepted_at=accepted_at, at=at))
            captures += seen.captures
            ends.append(len(captures) - 1 if seen.captures else -1)
        name = f"takedown-{takedown.id}-look-{look.id}-{look.token}"
        kept = self._keep(name, captures, at=self._clock()) if captures else ()
        return tuple(
            structs.replace(sight, evidence=kept[end], sha256=kept[end].sha256) if end >= 0 else sight
            for sight, end in zip(sights, ends, strict=True)
        )

    def _settle(self, tx: TakedownRows, mine: Look, sights: tuple[Sight, ...]) -> LookOutcome | None:
        """Write what was seen; if somebody undid the order meanwhile, it is on record and changes nothing."""
        at = self._clock()
        current = tx.look(mine.id)
        takedown = tx.takedown(mine.takedown_id)
        outcome = judge(sights, action=takedown.action, before=takedown.state)
        if current.token != mine.token or current.state is not LookState.DUE:
            tell(tx, takedown, "late_look", at=at, look=mine.id, outcome=outcome, sights=_on_record(sights))
            return outcome
        if again := self._again(current, takedown, outcome, sights, at):
            tx.save_look(again, current)
            tell(tx, takedown, "not_seen", at=at, look=mine.id, again_at=again.due_at, says=in_words(sights))
            return None
        done = structs.replace(
            current, state=LookState.DONE, outcome=outcome, looked_at=at, lease_until=None, sights=sights
        )
        tx.save_look(done, current)
        is_last = not any(one.state is LookState.DUE for one in tx.looks_at(takedown.id))
        _Verdict(tx, takedown, done, at, is_last=is_last).act()
        return outcome

    def _again(
        self, look: Look, takedown: Takedown, outcome: LookOutcome, sights: tuple[Sight, ...], at: datetime
    ) -> Look | None:
        """The look put back: nothing could be seen yet, or a way that lags must first have had its time."""
        if outcome is LookOutcome.UNSEEN and look.tries < MOST_TRIES:
            return structs.replace(look, due_at=at + WAITS[look.tries - 1], lease_until=None, sights=sights)
        if outcome in _AS_ORDERED and any(sight.is_lagging for sight in sights):
            ways = ways_of(self._channels[takedown.platform].platform, takedown.action)
            lag = timedelta(seconds=max(way.lag_seconds for way in ways))
            due_at = (takedown.accepted_at or at) + lag
            return structs.replace(look, due_at=due_at, tries=0, lease_until=None, sights=sights)
        return None


class _Verdict:
    """What follows from a look that has been written."""

    def __init__(self, tx: TakedownRows, takedown: Takedown, look: Look, at: datetime, *, is_last: bool) -> None:
        assert look.outcome is not None  # noqa: S101  # a look that is done has come to something
        self._tx, self._takedown, self._look, self._at, self._is_last = tx, takedown, look, at, is_last
        self._outcome = look.outcome
        self._says = in_words(look.sights)

    def act(self) -> None:
        """As ``look_due`` says."""
        if self._outcome is LookOutcome.UNSEEN:
            self._unseen()
        elif self._outcome in _AS_ORDERED:
            self._as_ordered()
        elif self._takedown.round == 1 and self._outcome is not LookOutcome.REAPPEARED:
            self._send_again()
        elif self._outcome is LookOutcome.REAPPEARED:
            self._over_to_a_person("it was gone, and is back")
        else:
            self._over_to_a_person(f"it is {self._outcome.value.replace('_', ' ')} after it was ordered twice")

    def _as_ordered(self) -> None:
        takedown = self._moved()
        case = None
        if moves_case(takedown):
            case = case_moved(self._tx, takedown.case_id, CaseMove.VERIFY, at=self._at)
        closed = None
        if moves_case(takedown) and self._is_last:
            closed = case_moved(self._tx, takedown.case_id, CaseMove.CLOSE, at=self._at)
        self._tell(takedown, case)
        if closed is not None:
            tell(self._tx, takedown, "proven", at=self._at, case=closed, looks=self._look.after_seconds)

    def _send_again(self) -> None:
        seen = self._moved()
        self._tx.drop_looks(seen.id)
        again = moved(
            self._tx,
            seen,
            TakedownMove.SEND,
            round=2,
            attempts=0,
            due_at=self._at,
            last_error=f"sent again: {self._says}",
        )
        self._tell(seen)
        tell(self._tx, again, "sent_again", at=self._at, says=self._says)

    def _over_to_a_person(self, why: str) -> None:
        seen = self._moved(last_error=f"{why}: {self._says}")
        self._tx.drop_looks(seen.id)
        case = to_a_person(self._tx, seen, at=self._at)
        self._tell(seen, case, reason=why)
        if is_about_seller(seen.action):
            said = f"{why}: {self._says}. {to_do(order_of(self._tx, seen))}"
            by_hand = moved(self._tx, seen, TakedownMove.HAND_OVER, last_error=said)
            tell(self._tx, by_hand, "by_hand", at=self._at, reason=said)

    def _unseen(self) -> None:
        why = "nobody could look whether it took effect"
        case = to_a_person(self._tx, self._takedown, at=self._at) if self._is_last else None
        self._tell(self._takedown, case, reason=why)

    def _moved(self, **changes: object) -> Takedown:
        """The order after what was seen; it may be what it was already."""
        if self._takedown.state.value == self._outcome.value:
            return self._takedown
        return moved(self._tx, self._takedown, _MOVE_OF[self._outcome], **changes)

    def _tell(self, takedown: Takedown, case: tuple[Case, Case] | None = None, *, reason: str = "") -> None:
        tell(
            self._tx,
            takedown,
            "looked",
            at=self._at,
            case=case,
            look=self._look.id,
            after_seconds=self._look.after_seconds,
            outcome=self._outcome,
            reason=reason,
            says=self._says,
            sights=_on_record(self._look.sights),
        )


def _on_record(sights: Sequence[Sight]) -> list[dict[str, object]]:
    """What the history says of each sight: enough to find the bytes and to prove that they are the same."""
    return [
        {
            "way": sight.way,
            "shows": sight.shows.value,
            "url": sight.url,
            "status": sight.status,
            "sha256": sight.sha256,
            "file": sight.evidence.file if sight.evidence else "",
            "offset": sight.evidence.offset if sight.evidence else 0,
        }
        for sight in sights
    ]
