"""Which case is next, and why: severity × certainty × exposure × due time, as numbers and in words. Pure.

A case's weight is ``severity × certainty × exposure × breadth``. Its urgency at a moment is
``weight × 2 ** ((moment - due) / 6 h)``: it doubles every six hours, before the due moment and after it. Of two cases
the one that is ahead stays ahead, whatever the time; so each has a fixed place in the queue, the moment at which its
urgency is 1, and nothing is computed anew as time passes.

Nobody starves: whatever keeps coming in is due ever later, so an old case of the least weight comes to the top after
a time that the weights bound (``longest_wait``).
"""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta

from scanner.model import Listing, Severity
from scanner.records import Case

# Urgency doubles in this time.
DOUBLING = timedelta(hours=6)

SEVERITY_WEIGHT = {Severity.S1: 1.0, Severity.S2: 2.0, Severity.S3: 4.0, Severity.S4: 8.0}

# From so many on, the factor. 3 and 20 pieces are where the law begins to count.
QUANTITY = ((20, 1.5), (3, 1.2))
VIEWS = ((10_000, 2.0), (1_000, 1.5), (100, 1.2))
SOLD = ((100, 2.0), (10, 1.5), (1, 1.2))
MOST_EXPOSURE = 3.0
BREADTH = {1: 1.0, 2: 1.1}
MOST_BREADTH = 1.2

# Places are counted from here, in seconds.
_EPOCH = datetime(2020, 1, 1, tzinfo=UTC)


def weight_of(listing: Listing, severity: Severity, certainty: float, categories: int) -> tuple[int, str]:
    """A case's weight in hundredths, at least 1, and how it comes about in words.

    1. Severity counts 1, 2, 4 or 8.
    2. Certainty counts as it is, 0 to 1.
    3. Exposure: pieces on offer, views and sales each raise it, together at most threefold.
    4. Two categories at once count 1.1, more 1.2.
    """
    factors = [(SEVERITY_WEIGHT[severity], f"severity {severity}"), (certainty, f"certainty {certainty:.2f}")]
    factors += _exposure(listing)
    factors += [(BREADTH.get(categories, MOST_BREADTH), f"{categories} categories")]
    weight = max(1, round(100 * math.prod(factor for factor, _ in factors)))
    said = " × ".join(f"{factor:g} ({why})" for factor, why in factors if factor != 1 or why.startswith("severity"))
    return weight, f"weight {weight / 100:g} = {said}"


def place_of(weight: int, due_at: datetime) -> int:
    """A case's place in the queue, lower first: when its urgency is 1, in seconds since 2020."""
    return round((due_at - _EPOCH - _head_start(weight)).total_seconds())


def urgency(case: Case, now: datetime) -> float:
    """How urgent a case is at ``now``; 1 is what a case of weight 1 is at its due moment."""
    exponent = (now - case.due_at) / DOUBLING
    return case.priority / 100 * math.pow(2.0, max(-60.0, min(60.0, exponent)))


def explained(case: Case, now: datetime) -> str:
    """Why a case stands where it stands, in one sentence for a moderator."""
    late = now - case.due_at
    due = f"{_spoken(late)} overdue" if late > timedelta() else f"due in {_spoken(-late)}"
    head = _head_start(case.priority)
    moved = f"which puts it {_spoken(abs(head))} {'ahead of' if head >= timedelta() else 'behind'} its due moment"
    return f"urgency {urgency(case, now):.3g}: weight {case.priority / 100:g}, {moved}; {due}"


def longest_wait(service_level: dict[Severity, timedelta]) -> timedelta:
    """After so long at most, a case stands before everything that comes in then, whatever that is."""
    heaviest = round(100 * SEVERITY_WEIGHT[Severity.S4] * MOST_EXPOSURE * MOST_BREADTH)
    lightest = round(100 * SEVERITY_WEIGHT[Severity.S1] * 0.5)
    slack = max(service_level.values()) - min(service_level.values())
    return slack + _head_start(heaviest) - _head_start(lightest)


def _exposure(listing: Listing) -> list[tuple[float, str]]:
    counted = (
        (listing.quantity, QUANTITY, "pieces"),
        (listing.views, VIEWS, "views"),
        (listing.sold, SOLD, "sold"),
    )
    factors = [(_factor(number or 0, steps), f"{number} {what}") for number, steps, what in counted]
    product = math.prod(factor for factor, _ in factors)
    if product > MOST_EXPOSURE:
        return [(MOST_EXPOSURE, ", ".join(why for factor, why in factors if factor != 1))]
    return factors


def _factor(number: int, steps: tuple[tuple[int, float], ...]) -> float:
    return next((factor for least, factor in steps if number >= least), 1.0)


def _head_start(weight: int) -> timedelta:
    return DOUBLING * math.log2(max(1, weight) / 100)


def _spoken(span: timedelta) -> str:
    minutes = round(span.total_seconds() / 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = [(days, "d"), (hours, "h"), (minutes, "min")]
    return " ".join(f"{number} {unit}" for number, unit in parts if number) or "0 min"
