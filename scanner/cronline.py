"""Cron lines: ``minute hour day month weekday``, read strictly, and the moments ("slots") they stand for.

APScheduler's own ``CronTrigger`` (3.11) differs from crontab(5) where people do not expect it: it numbers weekdays from
Monday, wants day *and* weekday to match where cron takes either, fires a daily line twice in the night the clocks go
back, and loses a slot inside the hour they skip when it is asked from within that hour. Also it cannot look backwards,
which is how a slot missed while the scheduler was down is found.
"""

from __future__ import annotations

import calendar
import difflib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from functools import lru_cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
WEEKDAYS = ("sun", "mon", "tue", "wed", "thu", "fri", "sat")

# A given weekday falls on the 29th of February every 28 years, and every 40 around a year like 1900.
_SEARCH_DAYS = 41 * 366


@dataclass(frozen=True, slots=True)
class _Field:
    """One of the five: its name, the range of its numbers, and the names that may stand for them."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()

    def read(self, text: str) -> frozenset[int]:
        """The numbers that ``text`` allows. Raises ``ValueError`` with the reason."""
        return frozenset(number for part in text.lower().split(",") for number in self._read_part(part))

    def _read_part(self, part: str) -> range:
        span, slash, step_text = part.partition("/")
        step = self._number(step_text, "step") if slash else 1
        if step < 1:
            raise ValueError(f'{self.name} "{part}": a step is at least 1')
        if span == "*":
            return range(self.low, self.high + 1, step)
        first_text, dash, last_text = span.partition("-")
        first = self._value(first_text)
        # "5/10" counts on from 5 to the field's end, as in every cron that knows steps.
        last = self._value(last_text) if dash else self.high if slash else first
        if last < first:
            raise ValueError(f'{self.name} "{part}": {first_text} comes after {last_text}')
        return range(first, last + 1, step)

    def _value(self, text: str) -> int:
        if text in self.names:
            return self.names.index(text) + self.low
        value = self._number(text, "value")
        if not self.low <= value <= self.high:
            raise ValueError(f"{self.name} {value} is not within {self.low}-{self.high}")
        return value

    def _number(self, text: str, what: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) <= 4):
            names = f" or {self.names[0]}-{self.names[-1]}" if self.names and what == "value" else ""
            raise ValueError(f'{self.name}: "{text}" is no {what} ({self.low}-{self.high}{names})')
        return int(text)


_MINUTE = _Field("minute", 0, 59)
_HOUR = _Field("hour", 0, 23)
_DAY = _Field("day", 1, 31)
_MONTH = _Field("month", 1, 12, MONTHS)
_WEEKDAY = _Field("weekday", 0, 7, WEEKDAYS)


@dataclass(frozen=True, slots=True, kw_only=True)
class CronLine:
    """A timetable in a time zone. Slots are aware moments in UTC on whole minutes.

    1. A day counts when its month matches, and its day or its weekday; where both are restricted, either is enough
       (crontab(5)). Weekdays are 0-7, 0 and 7 being Sunday.
    2. A time that the clocks skip in spring runs as if they had not been moved: 02:30 becomes 03:30.
    3. A time that comes twice in autumn counts the first time only, unless the line runs in every hour.
    """

    minutes: tuple[int, ...]
    hours: tuple[int, ...]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either_day: bool
    zone: tzinfo

    def next_after(self, moment: datetime) -> datetime | None:
        """The first slot after ``moment``; ``None`` only where the calendar ends."""
        return next((slot for slot in self._forward(moment) if slot > moment), None)

    def latest_until(self, moment: datetime) -> datetime | None:
        """The last slot at or before ``moment``."""
        return next((slot for slot in self._backward(moment) if slot <= moment), None)

    def _forward(self, moment: datetime) -> Iterator[datetime]:
        today = moment.astimezone(self.zone).date()
        # Where a zone jumped over a whole day, yesterday's slots lie in today.
        for offset in range(-1, _SEARCH_DAYS):
            yield from self._slots_on(today + timedelta(days=offset))

    def _backward(self, moment: datetime) -> Iterator[datetime]:
        today = moment.astimezone(self.zone).date()
        for offset in range(-1, _SEARCH_DAYS):
            yield from reversed(self._slots_on(today - timedelta(days=offset)))

    def _slots_on(self, day: date) -> list[datetime]:
        if not self._includes(day):
            return []
        walls = (datetime.combine(day, time(hour, minute), self.zone) for hour in self.hours for minute in self.minutes)
        every_hour = len(self.hours) == 24
        return sorted({moment for wall in walls for moment in _moments_of(wall, twice=every_hour)})

    def _includes(self, day: date) -> bool:
        if day.month not in self.months:
            return False
        in_month, in_week = day.day in self.days, day.isoweekday() % 7 in self.weekdays
        return in_month or in_week if self.either_day else in_month and in_week


def _moments_of(wall: datetime, *, twice: bool) -> Iterator[datetime]:
    """The moments in UTC at which clocks show ``wall``: the first, and with ``twice`` the second where there is one."""
    first = wall.astimezone(UTC)
    yield first
    if twice:
        second = wall.replace(fold=1).astimezone(UTC)
        # In a gap the second reading lies before the first one, and is no time of its own.
        if second > first:
            yield second


def read_cron_line(line: str, zone: str = "UTC") -> CronLine:
    """Read a five-field cron line. Raises ``ValueError`` with the field and the reason."""
    parts = line.split()
    if len(parts) != 5:
        raise ValueError(f"a cron line has five fields (minute hour day month weekday), not {len(parts)}")
    minute, hour, day, month, weekday = parts
    cron_line = CronLine(
        minutes=tuple(sorted(_MINUTE.read(minute))),
        hours=tuple(sorted(_HOUR.read(hour))),
        days=_DAY.read(day),
        months=_MONTH.read(month),
        weekdays=frozenset(number % 7 for number in _WEEKDAY.read(weekday)),
        either_day=not day.startswith("*") and not weekday.startswith("*"),
        zone=read_zone(zone),
    )
    longest = max(calendar.monthrange(2024, number)[1] for number in cron_line.months)
    if not cron_line.either_day and min(cron_line.days) > longest:
        raise ValueError(f"day {day} does not exist in month {month}: the line would never run")
    return cron_line


@lru_cache(maxsize=64)
def read_zone(name: str) -> tzinfo:
    """The time zone of that IANA name. Raises ``ValueError`` with the nearest name.

    ``UTC`` works on machines that have no time zone database.
    """
    if name.upper() == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f'unknown time zone "{name}": {_zone_advice(name)}') from None


def _zone_advice(name: str) -> str:
    known = available_timezones()
    if not known:
        return "this machine has no time zone database, install its tzdata package"
    near = difflib.get_close_matches(name, known, n=1)
    return f'did you mean "{near[0]}"?' if near else 'use a name such as "Asia/Shanghai" or "Europe/Berlin"'
