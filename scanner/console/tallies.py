"""Numbers on every page that may be a few seconds old: counted once for everybody, not once for each page."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

from scanner.ports import Clock
from scanner.store import Store

FRESH = timedelta(seconds=15)

Counts = dict[str, dict[str, int]]


class Tallies:
    """Counts of the waiting cases. Whoever asks while they are being counted gets the last ones."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._clock = clock
        self._count: Callable[[], Counts] = lambda: _waiting(store)
        self._counting = threading.Lock()
        self._counts: Counts = {}
        self._at: datetime | None = None

    def waiting(self) -> Counts:
        """Kind (severity, category) -> label -> how many wait."""
        is_old = self._at is None or self._clock() - self._at >= FRESH
        if is_old and self._counting.acquire(blocking=self._at is None):
            try:
                self._counts, self._at = self._count(), self._clock()
            finally:
                self._counting.release()
        return self._counts


def _waiting(store: Store) -> Counts:
    with store.reading() as tx:
        return tx.waiting_by(("severity", "category", "all"))
