"""How many cases wait, on every page of the queue: counted anew each time, unless that takes long.

In a large queue the numbers may be some seconds old: they are counted once for everybody then, not once for each page.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from scanner.ports import Clock
from scanner.store import Store

FRESH = timedelta(seconds=15)
# What is counted within so many seconds is counted for each page.
QUICK_S = 0.05

Counts = dict[str, dict[str, int]]


class Tallies:
    """Counts of the waiting cases. Whoever asks while they are being counted gets the last ones, if that takes long."""

    def __init__(self, store: Store, clock: Clock, *, stopwatch: Callable[[], float] = time.monotonic) -> None:
        self._store, self._clock, self._stopwatch = store, clock, stopwatch
        self._counting = threading.Lock()
        self._counts: Counts = {}
        self._at: datetime | None = None
        self._is_quick = True

    def waiting(self) -> Counts:
        """Kind (severity, category) -> label -> how many wait."""
        is_old = self._is_quick or self._at is None or self._clock() - self._at >= FRESH
        if is_old and self._counting.acquire(blocking=self._is_quick):
            try:
                self._count()
            finally:
                self._counting.release()
        return self._counts

    def _count(self) -> None:
        begun = self._stopwatch()
        with self._store.reading() as tx:
            self._counts = tx.waiting_by(("severity", "category", "all"))
        self._at, self._is_quick = self._clock(), self._stopwatch() - begun <= QUICK_S
