"""How the queue stands against its service levels: the forecast from what waits and what was decided of late."""

from __future__ import annotations

from datetime import datetime, timedelta

from scanner.errors import InputError
from scanner.moderation.desk import DeskStore
from scanner.moderation.forecast import Forecast, forecast

# So many of the most urgent cases are looked at; what comes after them is late if they are.
MOST = 20_000


def outlook(store: DeskStore, *, now: datetime, hours: float = 8) -> Forecast:
    """Which cases will be late, and when, at the rate of the last ``hours``. Raises ``InputError`` for no time."""
    if not 0 < hours <= 24 * 90:
        raise InputError("the rate is taken over some hours, 90 days at most", hint="Give --hours 8.")
    with store.reading() as tx:
        return forecast(
            tx.waiting_in_order(limit=MOST),
            waiting=tx.waiting_count(),
            decisions=tx.decisions_since(now - timedelta(hours=hours)),
            hours=hours,
            now=now,
        )
