"""Cron lines: how they are read, what they refuse, and what they mean when clocks change."""

from __future__ import annotations

import zoneinfo
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.cronline import CronLine, read_cron_line


def moment(text: str) -> datetime:
    """A moment in UTC, written ``2026-03-29 01:30``."""
    return datetime.strptime(text, "%Y-%m-%d %H:%M").replace(tzinfo=UTC)


def slots(line: CronLine, after: str, count: int) -> list[str]:
    """The next ``count`` slots in UTC, without the year."""
    found, last = [], moment(after)
    for _ in range(count):
        last = line.next_after(last) or last
        found.append(f"{last:%m-%d %H:%M}")
    return found


@pytest.mark.parametrize(
    ("line", "after", "expected"),
    [
        ("15 3 * * *", "2026-11-22 03:15", ["11-23 03:15", "11-24 03:15"]),
        ("*/20 * * * *", "2026-11-22 23:30", ["11-22 23:40", "11-23 00:00"]),
        ("5/20 1 * * *", "2026-11-22 00:00", ["11-22 01:05", "11-22 01:25", "11-22 01:45"]),
        ("0 9-17/4 * * *", "2026-11-22 00:00", ["11-22 09:00", "11-22 13:00", "11-22 17:00"]),
        ("0 0 1,15 * *", "2026-11-22 00:00", ["12-01 00:00", "12-15 00:00"]),
        ("0 0 * JAN-feb *", "2026-12-31 00:00", ["01-01 00:00", "01-02 00:00"]),
        # 22 November 2026 is a Sunday; crontab(5) counts weekdays from there, and takes 7 for it too.
        ("0 0 * * 0", "2026-11-21 00:00", ["11-22 00:00", "11-29 00:00"]),
        ("0 0 * * 7", "2026-11-21 00:00", ["11-22 00:00", "11-29 00:00"]),
        ("0 0 * * 1-5", "2026-11-21 00:00", ["11-23 00:00", "11-24 00:00"]),
        ("0 0 * * mon", "2026-11-21 00:00", ["11-23 00:00", "11-30 00:00"]),
        # Day and weekday both restricted: either is enough.
        ("0 0 1 * mon", "2026-11-24 00:00", ["11-30 00:00", "12-01 00:00", "12-07 00:00"]),
        ("0 0 29 2 *", "2026-11-22 00:00", ["02-29 00:00"]),
        ("0 0 29 2 */7", "2026-11-22 00:00", ["02-29 00:00"]),
    ],
)
def test_a_line_means_what_crontab_says(line: str, after: str, expected: list[str]) -> None:
    """Lists, ranges, steps, names and the two day fields follow crontab(5)."""
    assert slots(read_cron_line(line), after, len(expected)) == expected


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("", "five fields (minute hour day month weekday), not 0"),
        ("0 3 * *", "not 4"),
        ("0 3 * * * *", "not 6"),
        ("60 3 * * *", "minute 60 is not within 0-59"),
        ("0 24 * * *", "hour 24 is not within 0-23"),
        ("0 0 0 * *", "day 0 is not within 1-31"),
        ("0 0 * 13 *", "month 13 is not within 1-12"),
        ("0 0 * * 8", "weekday 8 is not within 0-7"),
        ("x 3 * * *", 'minute: "x" is no value (0-59)'),
        ("0 3 * foo *", 'month: "foo" is no value (1-12 or jan-dec)'),
        ("0 3 * * monday", 'weekday: "monday" is no value (0-7 or sun-sat)'),
        ("*/0 * * * *", 'minute "*/0": a step is at least 1'),
        ("*/x * * * *", 'minute: "x" is no step'),
        ("0 17-9 * * *", 'hour "17-9": 17 comes after 9'),
        ("1, 3 * * *", 'minute: "" is no value'),
        ("- 3 * * *", 'minute: "" is no value'),
        ("-5 3 * * *", 'minute: "" is no value'),
        ("٣ 3 * * *", 'minute: "٣" is no value'),
        ("99999999999999999999 3 * * *", "is no value"),
        ("@daily", "not 1"),
        ("0 0 30 2 *", "day 30 does not exist in month 2"),
        ("0 0 31 apr,jun *", "day 31 does not exist in month apr,jun"),
    ],
)
def test_a_wrong_line_is_refused_with_the_reason(line: str, reason: str) -> None:
    """The message names the field, what stands there, and what may stand there."""
    with pytest.raises(ValueError, match=r".") as caught:
        read_cron_line(line)
    assert reason in str(caught.value)


BERLIN_SPRING = "2026-03-28 23:45"  # clocks go from 02:00 to 03:00 at 01:00 UTC
BERLIN_AUTUMN = "2026-10-24 23:45"  # clocks go from 03:00 back to 02:00 at 01:00 UTC


@pytest.mark.parametrize(
    ("line", "zone", "after", "expected"),
    [
        # A daily line keeps its time on the clock.
        ("0 4 * * *", "Europe/Berlin", BERLIN_SPRING, ["03-29 02:00", "03-30 02:00"]),
        ("0 4 * * *", "Europe/Berlin", BERLIN_AUTUMN, ["10-25 03:00", "10-26 03:00"]),
        # 02:30 does not exist: 03:30 on the clock instead, asked from before or from within the gap.
        ("30 2 * * *", "Europe/Berlin", BERLIN_SPRING, ["03-29 01:30", "03-30 00:30"]),
        ("30 2 * * *", "Europe/Berlin", "2026-03-29 01:10", ["03-29 01:30", "03-30 00:30"]),
        # 02:30 comes twice: the first one counts.
        ("30 2 * * *", "Europe/Berlin", BERLIN_AUTUMN, ["10-25 00:30", "10-26 01:30"]),
        ("0 */2 * * *", "Europe/Berlin", BERLIN_AUTUMN, ["10-25 00:00", "10-25 03:00"]),
        # What runs every hour runs once in every real hour.
        ("30 * * * *", "Europe/Berlin", BERLIN_SPRING, ["03-29 00:30", "03-29 01:30", "03-29 02:30"]),
        ("30 * * * *", "Europe/Berlin", BERLIN_AUTUMN, ["10-25 00:30", "10-25 01:30", "10-25 02:30"]),
        ("15 * * * *", "Australia/Lord_Howe", "2026-10-03 14:00", ["10-03 14:45", "10-03 15:45", "10-03 16:15"]),
        # Midnight itself is skipped in Beirut, 00:00 becomes 01:00.
        ("0 0 * * *", "Asia/Beirut", "2026-03-28 12:00", ["03-28 22:00", "03-29 21:00"]),
        # Samoa skipped the whole 30 December 2011.
        ("0 12 * * *", "Pacific/Apia", "2011-12-29 00:00", ["12-29 22:00", "12-30 22:00"]),
        ("0 3 * * *", "Asia/Shanghai", "2026-11-22 00:00", ["11-22 19:00", "11-23 19:00"]),
    ],
)
def test_clock_changes_lose_no_slot_and_double_none(line: str, zone: str, after: str, expected: list[str]) -> None:
    """Skipped times run as if the clocks had not moved; repeated ones run once, hourly lines every real hour."""
    assert slots(read_cron_line(line, zone), after, len(expected)) == expected


@pytest.mark.parametrize("line", ["30 2 * * *", "*/20 * * * *", "0 */2 * * *", "15 3 1 * sun", "0 0 29 2 *"])
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Australia/Lord_Howe", "America/New_York"])
@given(minutes=st.integers(0, 6 * 365 * 24 * 60))
@settings(max_examples=15, deadline=None)
def test_looking_back_finds_what_looking_forward_found(line: str, zone: str, minutes: int) -> None:
    """The latest slot until a slot is that slot, and nothing lies between it and the next."""
    timetable = read_cron_line(line, zone)
    start = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    slot = timetable.next_after(start)
    assert slot is not None
    assert timetable.latest_until(slot) == slot
    before = timetable.latest_until(slot - timedelta(seconds=1))
    assert before is not None
    assert before <= start
    assert timetable.next_after(before) == slot


def test_slots_ascend_over_a_year_of_clock_changes() -> None:
    """Every slot is later than the one before, and a daily line has 365 in a year."""
    timetable, last, found = read_cron_line("30 2 * * *", "Europe/Berlin"), moment("2026-01-01 00:00"), []
    while last < moment("2027-01-01 00:00"):
        last = timetable.next_after(last) or last
        found.append(last)
    assert len(found) == 366
    assert all(timedelta(hours=23) <= later - sooner <= timedelta(hours=25) for sooner, later in pairwise(found))


def test_utc_needs_no_time_zone_database() -> None:
    """On a machine without tzdata the default zone works, and the others say what to install."""
    zoneinfo.reset_tzpath([])
    try:
        assert read_cron_line("0 3 * * *", "UTC").next_after(moment("2026-11-22 00:00")) == moment("2026-11-22 03:00")
    finally:
        zoneinfo.reset_tzpath()
