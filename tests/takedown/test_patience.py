"""When to try again, when to leave a platform alone, and when a person must let an order through: tables."""

from __future__ import annotations

from datetime import timedelta

import pytest

from scanner.orders import Answer, Receipt, Standing, Tallies
from scanner.takedown.patience import (
    MISSES,
    MOST_ATTEMPTS,
    WAITS,
    after_answer,
    after_probe,
    retry_decision,
    tripped,
    uses_attempt,
)
from scanner.takedown.telling import TakedownSettings
from tests.fakes import NOON
from tests.outbox import CASE


def receipt(answer: Answer, retry_after: float | None = None) -> Receipt:
    """What a platform answered."""
    return Receipt(answer=answer, says="so", retry_after=retry_after)


@pytest.mark.parametrize(
    ("attempt", "answer", "retry_after", "seconds"),
    [
        (1, Answer.ACCEPTED, None, None),
        (1, Answer.ALREADY, None, None),  # already gone is success
        (1, Answer.REFUSED, None, None),  # other 4xx are final
        (1, Answer.DENIED, None, None),
        (1, Answer.FAILED, None, 30),
        (2, Answer.FAILED, None, 60),
        (3, Answer.AWAY, None, 120),
        (11, Answer.AWAY, None, 12 * 3600),
        (12, Answer.AWAY, None, None),
        (12, Answer.FAILED, None, None),
        (99, Answer.FAILED, None, None),
        (1, Answer.AWAY, 600.0, 600),  # 503 with Retry-After
        (11, Answer.AWAY, 5.0, 12 * 3600),  # sooner than we would is not soon
        (1, Answer.AWAY, 1e300, 12 * 3600),  # nobody sends us to sleep
        (1, Answer.THROTTLED, None, 30),
        (1, Answer.THROTTLED, 7.0, 7),
        (12, Answer.THROTTLED, 7.0, 7),  # uses no attempt, so the twelfth is not the last
        (1, Answer.THROTTLED, 0.0, 1),
        (1, Answer.THROTTLED, 1e300, 12 * 3600),
    ],
)
def test_when_to_try_again(attempt: int, answer: Answer, retry_after: float | None, seconds: float | None) -> None:
    """The decision, row by row: so many seconds later, or never."""
    when = retry_decision(attempt, receipt(answer, retry_after), at=NOON)

    assert when == (None if seconds is None else NOON + timedelta(seconds=seconds))


def test_twelve_attempts_within_a_day() -> None:
    """Eleven waits from 30 s to 12 h, each longer than the one before, just under a day together."""
    assert MOST_ATTEMPTS == 12
    assert (WAITS[0], WAITS[-1]) == (timedelta(seconds=30), timedelta(hours=12))
    assert list(WAITS) == sorted(set(WAITS))
    assert timedelta(hours=23) < sum(WAITS, timedelta()) < timedelta(hours=24)


@pytest.mark.parametrize("answer", Answer)
def test_only_throttling_uses_no_attempt(answer: Answer) -> None:
    """A platform that asks us to wait has not failed."""
    assert uses_attempt(receipt(answer)) is (answer is not Answer.THROTTLED)


FRESH = Standing(name="demo", next_at=NOON)


@pytest.mark.parametrize(
    ("answers", "is_away"),
    [
        ([Answer.AWAY] * (MISSES - 1), False),
        ([Answer.AWAY] * MISSES, True),
        ([Answer.FAILED, Answer.AWAY, Answer.DENIED], True),
        ([Answer.AWAY, Answer.AWAY, Answer.ACCEPTED, Answer.AWAY, Answer.AWAY], False),
        ([Answer.AWAY, Answer.AWAY, Answer.REFUSED, Answer.AWAY], False),  # who refuses is alive
        ([Answer.AWAY, Answer.AWAY, Answer.THROTTLED, Answer.AWAY], True),
        ([Answer.REFUSED] * 9, False),
    ],
)
def test_three_misses_in_a_row_are_the_platforms(answers: list[Answer], is_away: bool) -> None:
    """What speaks of the platform rather than of an order stops all orders to it."""
    standing = FRESH
    for answer in answers:
        standing = after_answer(standing, receipt(answer), at=NOON)

    assert (standing.away_since is not None) is is_away


def test_probes_grow_rarer_and_the_first_answer_ends_them() -> None:
    """From half a minute to five minutes apart; back means back."""
    standing = Standing(name="demo", next_at=NOON, misses=3, away_since=NOON)
    waits = []
    for _ in range(6):
        standing = after_probe(standing, receipt(Answer.AWAY), at=NOON)
        waits.append(((standing.paused_until or NOON) - NOON).total_seconds())

    assert waits == [30, 60, 120, 240, 300, 300]
    assert after_probe(standing, receipt(Answer.ACCEPTED), at=NOON) == FRESH


@pytest.mark.parametrize(
    ("tallies", "what"),
    [
        (Tallies(), ""),
        (Tallies(rules={"phone_card.no_real_name": 2}, categories={"phone_card": 3}, sellers={7: 4}, total=8), ""),
        (Tallies(total=9), "in all"),
        (Tallies(rules={"phone_card.no_real_name": 3}), "of the rule phone_card.no_real_name"),
        (Tallies(rules={"gift_card.code": 99}), ""),  # another rule's
        (Tallies(categories={"phone_card": 4}), "of the category phone_card"),
        (Tallies(sellers={7: 5}), "of this seller"),
        (Tallies(sellers={8: 99}), ""),  # another seller's
    ],
)
def test_a_breaker_trips_at_its_limit_and_names_itself(tallies: Tallies, what: str) -> None:
    """Per rule, category, seller and hour, each by its own limit."""
    limits = TakedownSettings(per_rule=3, per_category=4, per_seller=5, per_hour=9)
    why = tripped(CASE, 7, tallies, limits)

    assert bool(why) is bool(what)
    assert what in why


def test_no_limit_is_no_breaker() -> None:
    """0 lets everything through, and so does a seller nobody knows."""
    tallies = Tallies(rules={"phone_card.no_real_name": 10**6}, sellers={7: 10**6}, total=10**6)
    assert tripped(CASE, 7, tallies, TakedownSettings(per_hour=0, per_rule=0, per_category=0, per_seller=0)) == ""
    assert tripped(CASE, None, tallies, TakedownSettings(per_hour=0, per_rule=0)) == ""
