"""Which cases will be answered too late, and when, at the rate at which people decide at present. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta

import msgspec

from scanner.model import Severity
from scanner.records import Case


class Breach(msgspec.Struct, frozen=True, kw_only=True):
    """A case that will be decided after its due moment, or was due before now. ``expected_at``: nobody decides."""

    case_id: int
    severity: Severity
    due_at: datetime
    expected_at: datetime | None


class Forecast(msgspec.Struct, frozen=True, kw_only=True):
    """What becomes of the queue if people go on as in the last ``hours``.

    ``overdue`` were due before now; ``breaches`` are these and all that will be late, in the order of the queue, of the
    ``looked_at`` most urgent of ``waiting`` cases. ``cleared_at``: when all of these are decided.
    """

    at: datetime
    hours: float
    rate: float
    waiting: int
    looked_at: int
    overdue: dict[Severity, int]
    late: dict[Severity, int]
    breaches: tuple[Breach, ...]
    first_at: datetime | None
    cleared_at: datetime | None

    @property
    def says(self) -> str:
        """The same in a sentence."""
        pace = f"{self.rate:.1f} cases an hour over the last {self.hours:g} h"
        if not self.waiting:
            return f"Nothing waits. {pace}."
        if not self.breaches:
            return f"{self.waiting} wait, {pace}: none will be late."
        late = ", ".join(f"{number} {severity.value}" for severity, number in sorted(self.late.items(), reverse=True))
        return f"{self.waiting} wait, {pace}: {len(self.breaches)} will be late ({late}), {self._when()}."

    def _when(self) -> str:
        if self.overdue:
            return f"{sum(self.overdue.values())} are already"
        return f"the first at {self.first_at:%Y-%m-%d %H:%M} UTC" if self.first_at else "nobody decides"


def forecast(cases: Sequence[Case], *, waiting: int, decisions: int, hours: float, now: datetime) -> Forecast:
    """The forecast for ``cases`` in the order of the queue.

    1. People decide as many an hour as in the last ``hours``, in the order of the queue. What was taken back was not
       decided.
    2. The n-th case is decided after n such intervals; where nobody decided anything, never.
    3. A case whose expected moment is after its due moment is late from its due moment on.
    """
    rate = decisions / hours
    pace = timedelta(hours=1 / rate) if rate else None
    breaches = []
    for number, case in enumerate(cases, 1):
        expected = now + number * pace if pace is not None else None
        if expected is None or expected > case.due_at:
            breaches.append(Breach(case_id=case.id, severity=case.severity, due_at=case.due_at, expected_at=expected))
    return Forecast(
        at=now,
        hours=hours,
        rate=rate,
        waiting=waiting,
        looked_at=len(cases),
        overdue=dict(Counter(one.severity for one in breaches if one.due_at <= now)),
        late=dict(Counter(one.severity for one in breaches)),
        breaches=tuple(breaches),
        first_at=min((one.due_at for one in breaches if one.due_at > now), default=None),
        cleared_at=now + len(cases) * pace if pace is not None else None,
    )
