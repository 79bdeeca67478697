"""The simulated marketplace's own clock: it stands still until moved, so nothing depends on the wall clock."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta

# The moment at which every simulated marketplace opens.
OPENING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


class ShopClock:
    """A clock that is moved by hand, forwards only, and may be read from several threads."""

    def __init__(self, now: datetime = OPENING) -> None:
        self._now = now
        self._lock = threading.Lock()

    def now(self) -> datetime:
        """The shop's present moment, in UTC."""
        return self._now

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> datetime:
        """Move forwards and return the new moment; ``ValueError`` for a step backwards."""
        step = timedelta(seconds=seconds, minutes=minutes, hours=hours, days=days)
        with self._lock:
            return self._move(self._now + step)

    def move_to(self, moment: datetime) -> datetime:
        """Set the clock to an aware moment that is not before the present one."""
        if moment.tzinfo is None:
            raise ValueError(f"{moment.isoformat()} has no time zone")
        with self._lock:
            return self._move(moment.astimezone(UTC))

    def _move(self, moment: datetime) -> datetime:
        if moment < self._now:
            raise ValueError(f"the shop's clock runs forwards only: it is {self._now.isoformat()} already")
        self._now = moment
        return moment
