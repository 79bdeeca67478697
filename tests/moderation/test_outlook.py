"""The forecast: who will be late, and when, at the present rate."""

from __future__ import annotations

from datetime import timedelta

import msgspec
import pytest

from scanner.errors import InputError
from scanner.model import Ruling, Severity
from scanner.moderation.forecast import forecast
from scanner.moderation.outlook import outlook
from scanner.moderation.reverting import undo
from scanner.store import Store
from tests.fakes import GRAVE, MILD, NOON, WANG, Intake, fetched, ruled
from tests.outbox import CASE

HOUR = timedelta(hours=1)


def cases(*hours: float):  # type: ignore[no-untyped-def]  # cases due after so many hours
    """Cases in the order of the queue, due after so many hours."""
    return [msgspec.structs.replace(CASE, id=number, due_at=NOON + hour * HOUR) for number, hour in enumerate(hours, 1)]


@pytest.mark.parametrize(
    ("due", "decisions", "late", "says"),
    [
        ((), 0, [], "Nothing waits. 0.0 cases an hour over the last 8 h."),
        ((2, 3), 8, [], "2 wait, 1.0 cases an hour over the last 8 h: none will be late."),
        (
            (2, 1.5, 3),
            8,
            [2],
            "3 wait, 1.0 cases an hour over the last 8 h: 1 will be late (1 S4), the first at 2026-03-01 13:30 UTC.",
        ),
        ((-1, 9), 8, [1], "2 wait, 1.0 cases an hour over the last 8 h: 1 will be late (1 S4), 1 are already."),
        (
            (5,),
            0,
            [1],
            "1 wait, 0.0 cases an hour over the last 8 h: 1 will be late (1 S4), the first at 2026-03-01 17:00 UTC.",
        ),
    ],
)
def test_who_will_be_late(due: tuple[float, ...], decisions: int, late: list[int], says: str) -> None:
    """The n-th case is decided after n intervals; late is what is due before."""
    found = forecast(cases(*due), waiting=len(due), decisions=decisions, hours=8, now=NOON)

    assert [breach.case_id for breach in found.breaches] == late
    assert found.says == says


def test_the_rate_is_that_of_the_last_hours(store: Store, intake: Intake) -> None:
    """Of six cases two were decided within four hours: half a case an hour leaves the last S4 late."""
    intake(*(fetched(str(number), GRAVE if number < 6 else MILD) for number in range(1, 7)))
    ruled(store, 1, Ruling.REMOVE)
    ruled(store, 2, Ruling.REMOVE)
    found = outlook(store, now=NOON + HOUR, hours=4)

    assert (found.rate, found.waiting, found.late) == (0.5, 4, {Severity.S4: 3})
    assert found.breaches[0].expected_at == NOON + 3 * HOUR
    assert found.cleared_at == NOON + 9 * HOUR
    with pytest.raises(InputError):
        outlook(store, now=NOON, hours=0)


@pytest.mark.databases("sqlite", "postgresql")
def test_what_was_taken_back_was_not_decided(store: Store, intake: Intake) -> None:
    """Neither for the rate of the last hours, nor among what was decided of the seller so far."""
    intake(*(fetched(str(number), GRAVE) for number in range(1, 4)))
    ruled(store, 1, Ruling.REMOVE)
    ruled(store, 2, Ruling.REMOVE)
    undo(store, 1, actor=WANG, reason="the wrong key", now=NOON)

    assert outlook(store, now=NOON + HOUR, hours=4).rate == 0.25
    with store.reading() as tx:
        assert tx.conduct(tx.case(3).seller_row or 0).rulings == {Ruling.REMOVE: 1}
