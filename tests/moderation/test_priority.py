"""Which case is next: the weights, the fixed place, why in words, and that nobody waits for ever."""

from __future__ import annotations

import heapq
from datetime import timedelta

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanner.model import Listing, Severity
from scanner.moderation.priority import explained, longest_wait, place_of, urgency, weight_of
from scanner.workflow import SERVICE_LEVEL, due_at
from tests.fakes import NOON
from tests.outbox import CASE

S1, S2, S3, S4 = Severity
HOUR = timedelta(hours=1)


def listing(**seen: int) -> Listing:
    """An offer of which so much is known."""
    return Listing(platform="t", listing_id="1", **seen)


# Listing, severity, certainty, categories; weight; why.
WEIGHTS = [
    (listing(), S1, 1.0, 1, 100, "the least severe, for certain"),
    (listing(), S4, 1.0, 1, 800, "severity doubles from level to level"),
    (listing(), S4, 0.5, 1, 400, "half as sure, half as heavy"),
    (listing(quantity=2), S1, 1.0, 1, 100, "two pieces are ordinary"),
    (listing(quantity=3), S1, 1.0, 1, 120, "three pieces are where the law begins to count"),
    (listing(quantity=20), S1, 1.0, 1, 150, "twenty pieces are criminal"),
    (listing(views=1_000, sold=10), S1, 1.0, 1, 225, "seen and bought by many"),
    (listing(quantity=500, views=10**6, sold=10**6), S1, 1.0, 1, 300, "exposure counts threefold at most"),
    (listing(), S1, 1.0, 2, 110, "two categories"),
    (listing(), S1, 1.0, 9, 120, "many categories"),
    (listing(), S1, 0.0, 1, 1, "never nothing"),
]


@pytest.mark.parametrize(
    ("seen", "severity", "certainty", "categories", "weight", "why"), WEIGHTS, ids=[row[-1] for row in WEIGHTS]
)
def test_the_weight_is_a_product(  # type: ignore[no-untyped-def]  # a table
    seen, severity, certainty, categories, weight, why
) -> None:
    """Severity × certainty × exposure × breadth."""
    assert weight_of(seen, severity, certainty, categories)[0] == weight, why


def test_why_is_said_in_words() -> None:
    """The factors with their reasons, and where the case stands in time."""
    weight, why = weight_of(listing(quantity=50), S4, 0.9, 1)
    case = msgspec.structs.replace(CASE, priority=weight, due_at=NOON + 2 * HOUR)

    assert why == "weight 10.8 = 8 (severity S4) × 0.9 (certainty 0.90) × 1.5 (50 pieces)"
    assert explained(case, NOON) == (
        "urgency 8.57: weight 10.8, which puts it 20 h 36 min ahead of its due moment; due in 2 h"
    )
    assert explained(case, NOON + 5 * HOUR).endswith("3 h overdue")


@given(
    weights=st.tuples(st.integers(1, 3000), st.integers(1, 3000)),
    dues=st.tuples(st.integers(0, 500), st.integers(0, 500)),
    hours=st.integers(-100, 600),
)
def test_a_place_is_the_order_by_urgency_at_any_time(
    weights: tuple[int, int], dues: tuple[int, int], hours: int
) -> None:
    """Time changes every urgency and never the order, so a place is computed once."""
    one, other = (
        msgspec.structs.replace(CASE, priority=weight, due_at=NOON + due * HOUR)
        for weight, due in zip(weights, dues, strict=True)
    )
    places = place_of(one.priority, one.due_at), place_of(other.priority, other.due_at)
    now = NOON + hours * HOUR
    # Beyond sixty doublings, fifteen days, urgency grows and shrinks no more.
    if abs(places[0] - places[1]) > 1 and all(abs(hours - due) < 360 for due in dues):
        assert (places[0] < places[1]) == (urgency(one, now) > urgency(other, now))


def test_graver_comes_first_of_what_comes_in_together() -> None:
    """The surest crowd-puller of S3 stands after a doubtful S4 of the same moment."""
    doubtful = place_of(weight_of(listing(), S4, 0.5, 1)[0], due_at(S4, NOON))
    crowd = place_of(weight_of(listing(quantity=500, views=10**6, sold=10**6), S3, 1.0, 9)[0], due_at(S3, NOON))
    assert doubtful < crowd


def test_an_old_mild_case_is_reached_however_much_grave_comes_in() -> None:
    """More S4 comes in every hour than people can decide, for ever: the S1 is decided within the bound."""
    mild = place_of(50, due_at(S1, NOON))
    grave = weight_of(listing(quantity=500, views=10**6, sold=10**6), S4, 1.0, 9)[0]
    waiting, hours = [(mild, "S1")], 0
    while True:
        for _ in range(5):
            heapq.heappush(waiting, (place_of(grave, due_at(S4, NOON + hours * HOUR)), "S4"))
        decided = [heapq.heappop(waiting)[1] for _ in range(4)]
        if "S1" in decided:
            break
        hours += 1
    # What came in before is older than the bound, and there is a quarter more of it than people can do.
    assert (hours - 1) * HOUR <= longest_wait(SERVICE_LEVEL) * 1.25
    assert longest_wait(SERVICE_LEVEL) < timedelta(days=5)
