"""When to try again, when to leave a platform alone, and when to stop and ask a person. Pure: no clock, no store."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import structs

from scanner.orders import Answer, Order, Receipt, Standing, Tallies, gives_back
from scanner.records import Case
from scanner.takedown.telling import TakedownSettings

# The waits between twelve attempts; together they are just under a day.
WAITS = tuple(timedelta(seconds=s) for s in (30, 60, 120, 300, 600, 1200, 2700, 5400, 10_800, 21_600, 43_200))
MOST_ATTEMPTS = len(WAITS) + 1

# So many failures in a row speak of the platform, whichever orders they met.
MISSES = 3
_FIRST_PROBE = timedelta(seconds=30)
_LAST_PROBE = timedelta(minutes=5)

# What says nothing good of the platform as a whole.
_BAD = frozenset({Answer.AWAY, Answer.DENIED, Answer.FAILED})


def retry_decision(attempt: int, receipt: Receipt, *, at: datetime) -> datetime | None:
    """When to try again after the ``attempt``-th attempt (from 1) was answered ``at`` so; ``None``: never.

    1. Accepted, or it was so already: it is done.
    2. Refused, or our credentials were: trying again changes nothing; a person must.
    3. Throttled (429): when the platform says, or in 30 s, at most in 12 h. It uses no attempt, see ``uses_attempt``.
    4. It broke, or cannot be reached: after 30 s, then ever later, up to 12 h, or when it says if that is later; after
       the twelfth attempt never.
    """
    match receipt.answer:
        case Answer.ACCEPTED | Answer.ALREADY:
            return None
        case Answer.REFUSED | Answer.DENIED:
            return None
        case Answer.THROTTLED:
            return at + _pause(receipt)
        case Answer.FAILED | Answer.AWAY:
            return at + max(WAITS[max(attempt, 1) - 1], _asked(receipt)) if attempt < MOST_ATTEMPTS else None


def uses_attempt(receipt: Receipt) -> bool:
    """Whether an attempt that was answered so counts as one of the twelve."""
    return receipt.answer is not Answer.THROTTLED


def in_this_time(standing: Standing, *, at: datetime, rate: float) -> Standing:
    """How a platform stands after the clock was set back: what lies further ahead than it could be put now is over."""
    next_at = at if standing.next_at > at + timedelta(seconds=1 / rate) else standing.next_at
    is_far = standing.paused_until is not None and standing.paused_until > at + WAITS[-1]
    return structs.replace(standing, next_at=next_at, paused_until=at if is_far else standing.paused_until)


def after_answer(standing: Standing, receipt: Receipt, *, at: datetime) -> Standing:
    """How the platform takes orders after it has answered one so.

    1. Throttled: nothing is sent until the time it named, whichever order it said that to.
    2. Away, broken or not letting us in, three times in a row: nothing is sent until a probe is answered, so that an
       outage of a day costs orders none of their attempts.
    3. Anything else is a sign of life.
    """
    if receipt.answer is Answer.THROTTLED:
        return structs.replace(standing, paused_until=at + _pause(receipt), says=receipt.says)
    if receipt.answer not in _BAD:
        return structs.replace(standing, misses=0, says="")
    missed = structs.replace(standing, misses=standing.misses + 1, says=receipt.says)
    if missed.misses < MISSES or standing.away_since is not None:
        return missed
    return structs.replace(missed, away_since=at, probes=0, paused_until=at + _FIRST_PROBE)


def after_probe(standing: Standing, receipt: Receipt, *, at: datetime) -> Standing:
    """How a platform that was away stands after a probe: back, or probed again after 30 s, then up to 5 min."""
    if receipt.answer in _BAD or receipt.answer is Answer.THROTTLED:
        wait = max(min(_FIRST_PROBE * 2 ** min(standing.probes, 8), _LAST_PROBE), _asked(receipt))
        return structs.replace(standing, probes=standing.probes + 1, paused_until=at + wait, says=receipt.says)
    return structs.replace(standing, misses=0, away_since=None, probes=0, paused_until=None, says="")


def tripped(case: Case, seller: int | None, tallies: Tallies, limits: TakedownSettings) -> str:
    """Why a takedown must wait for a person, or nothing. ``tallies`` are of the last hour.

    1. So many takedowns on the platform within an hour are a stampede, whatever they are for.
    2. So many of one rule, of one category or of one seller are a rule gone wrong, or a seller who deserves a person.
    A limit of 0 is none.
    """
    counts = [(tallies.total, limits.per_hour, "in all")]
    counts += [(tallies.rules.get(rule, 0), limits.per_rule, f"of the rule {rule}") for rule in case.rules]
    counts += [(tallies.categories.get(case.category, 0), limits.per_category, f"of the category {case.category}")]
    counts += [(tallies.sellers.get(seller, 0), limits.per_seller, "of this seller")] if seller is not None else []
    for count, limit, what in counts:
        if limit and count >= limit:
            return (
                f"{count} takedowns {what} were sent within an hour, which is the limit: a person must let it through"
            )
    return ""


def counted(case: Case, seller: int | None, tallies: Tallies) -> Tallies:
    """The tallies with one takedown more."""
    return Tallies(
        rules=tallies.rules | {rule: tallies.rules.get(rule, 0) + 1 for rule in case.rules},
        categories=tallies.categories | {case.category: tallies.categories.get(case.category, 0) + 1},
        sellers=tallies.sellers | ({seller: tallies.sellers.get(seller, 0) + 1} if seller is not None else {}),
        total=tallies.total + 1,
    )


def key_of(key: str, round_: int) -> str:
    """The key under which a platform is told: that of the decision, and which time it is ordered anew."""
    return key if round_ == 1 else f"{key}-{round_}"


def is_taking_down(order: Order) -> bool:
    """Whether the order takes something from the public; the circuit breakers never hold what gives it back."""
    return not gives_back(order.action)


def _pause(receipt: Receipt) -> timedelta:
    return min(max(_asked(receipt), timedelta(seconds=1)) if receipt.retry_after is not None else WAITS[0], WAITS[-1])


def _asked(receipt: Receipt) -> timedelta:
    return min(timedelta(seconds=min(receipt.retry_after or 0.0, 1e6)), WAITS[-1])
