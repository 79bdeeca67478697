"""The counts beside the queue."""

from __future__ import annotations

from itertools import count

from scanner.console.tallies import FRESH, QUICK_S, Tallies
from scanner.model import Ruling
from scanner.store import Store
from tests.fakes import GRAVE, Clock, Intake, fetched, ruled


def waiting(tallies: Tallies) -> int:
    """How many wait."""
    return tallies.waiting()["all"][""]


def test_counts_say_what_the_heading_says(store: Store, intake: Intake, clock: Clock) -> None:
    """A decision is counted at once: the number beside the queue is that of the queue."""
    intake(fetched("1", GRAVE), fetched("2", GRAVE), fetched("3", GRAVE))
    tallies = Tallies(store, clock)
    assert waiting(tallies) == 3
    ruled(store, 1, Ruling.REMOVE)
    assert waiting(tallies) == 2


def test_what_takes_long_is_counted_now_and_then(store: Store, intake: Intake, clock: Clock) -> None:
    """Of a large queue everybody gets the same numbers for some seconds."""
    intake(fetched("1", GRAVE), fetched("2", GRAVE))
    ticks = count(step=2 * QUICK_S)
    tallies = Tallies(store, clock, stopwatch=lambda: next(ticks))
    assert waiting(tallies) == 2
    ruled(store, 1, Ruling.REMOVE)
    assert waiting(tallies) == 2
    clock.move(seconds=FRESH.total_seconds())
    assert waiting(tallies) == 1
