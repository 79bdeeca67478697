"""Circuit breakers: more takedowns of a kind than is usual within an hour wait for a person, and none is dropped."""

from __future__ import annotations

import threading
from datetime import datetime, timedelta

from scanner.orders import Order, Tallies
from scanner.records import Takedown
from scanner.takedown.outbox import TakedownRows
from scanner.takedown.patience import counted, is_taking_down, tripped
from scanner.takedown.telling import TakedownSettings

_HOUR = timedelta(hours=1)
# To count an hour's takedowns for every one that is sent would cost more than sending it. In between we add up our own;
# what other senders sent in these seconds is not seen yet.
_FRESH = timedelta(seconds=5)


class Breaker:
    """Watches what is sent to one platform. Shared by the senders of a process."""

    def __init__(self, platform: str, limits: TakedownSettings) -> None:
        self._platform, self._limits = platform, limits
        self._lock = threading.Lock()
        self._tallies = Tallies()
        self._counted_at: datetime | None = None

    def why_not(self, tx: TakedownRows, takedown: Takedown, order: Order, *, at: datetime) -> str:
        """Why a takedown must wait for a person, or nothing; then it is counted as sent.

        Only one that takes something down, that never went, and that nobody has released.
        """
        if takedown.sent_at is not None or takedown.released_by or not is_taking_down(order):
            return ""
        case = tx.case(takedown.case_id)
        seller = tx.sellers_of([case.listing_row])[case.listing_row]
        with self._lock:
            tallies = self._recent(tx, at)
            why = tripped(case, seller, tallies, self._limits)
            self._tallies = tallies if why else counted(case, seller, tallies)
            return why

    def _recent(self, tx: TakedownRows, at: datetime) -> Tallies:
        if self._counted_at is None or not timedelta() <= at - self._counted_at < _FRESH:
            self._tallies, self._counted_at = tx.tallies(self._platform, since=at - _HOUR), at
        return self._tallies
