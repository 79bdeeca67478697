"""Working days: Monday to Friday. Public holidays are not known here, so a deadline may be sooner than the law asks."""

from __future__ import annotations

from datetime import datetime, timedelta

_SATURDAY = 5


def working_days_after(moment: datetime, days: int) -> datetime:
    """The same time of day, so many working days later; from a weekend the count begins on Monday."""
    while days:
        moment += timedelta(days=1)
        days -= moment.weekday() < _SATURDAY
    return moment
