"""What several ways of looking add up to. Pure: the sights go in, the outcome comes out."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from scanner.model import TakedownState
from scanner.orders import LookOutcome, Seen, Shows, Sight, Way, Weight, gives_back


def sight_of(seen: Seen, way: Way, *, action: str, accepted_at: datetime, at: datetime) -> Sight:
    """A ``Seen`` as it is kept. A way that may lag, and still shows how it was before the order, is marked."""
    as_before = Shows.ABSENT if gives_back(action) else Shows.PRESENT
    may_lag = way.weight is Weight.COUNTS and at - accepted_at < timedelta(seconds=way.lag_seconds)
    last = seen.captures[-1] if seen.captures else None
    return Sight(
        way=way.name,
        weight=way.weight,
        shows=seen.shows,
        says=seen.says,
        at=at,
        url=last.url if last else "",
        status=last.status if last else 0,
        is_lagging=may_lag and seen.shows is as_before,
    )


def judge(sights: Sequence[Sight], *, action: str, before: TakedownState) -> LookOutcome:
    """What a look at an order came to.

    1. A way whose word is only ``told`` is not judged by; nor is one that lags, until its time is over.
    2. Of an order that takes down: seen nowhere, and the truth was seen: ``verified_removed``.
    3. Seen somewhere though it had been verified: ``reappeared``.
    4. Seen by the truth, and missing nowhere: ``still_live``. Seen somewhere and missing elsewhere, or seen while the
       truth could not be: ``partially_live``.
    5. Of an inverse: seen by the truth, and missing nowhere: ``verified_restored``; missing by the truth, and seen
       nowhere: ``still_hidden``; in between: ``partially_live``.
    6. In all other cases nothing is known: ``unseen``. A page that could not be read proves no absence.
    """
    counted = [sight for sight in sights if sight.weight is not Weight.TOLD and not sight.is_lagging]
    truth = next((sight.shows for sight in counted if sight.weight is Weight.TRUTH), Shows.UNKNOWN)
    is_seen = any(sight.shows is Shows.PRESENT for sight in counted)
    is_missing = any(sight.shows is Shows.ABSENT for sight in counted)
    if gives_back(action):
        return _of_inverse(truth, is_seen=is_seen, is_missing=is_missing)
    if truth is Shows.ABSENT and not is_seen:
        return LookOutcome.VERIFIED_REMOVED
    if not is_seen:
        return LookOutcome.UNSEEN
    if before is TakedownState.VERIFIED_REMOVED:
        return LookOutcome.REAPPEARED
    if truth is Shows.PRESENT and not is_missing:
        return LookOutcome.STILL_LIVE
    return LookOutcome.PARTIALLY_LIVE


def _of_inverse(truth: Shows, *, is_seen: bool, is_missing: bool) -> LookOutcome:
    if truth is Shows.UNKNOWN:
        return LookOutcome.UNSEEN
    if is_seen and is_missing:
        return LookOutcome.PARTIALLY_LIVE
    return LookOutcome.VERIFIED_RESTORED if is_seen else LookOutcome.STILL_HIDDEN


def in_words(sights: Sequence[Sight]) -> str:
    """What each way showed, in one line."""
    return "; ".join(
        f"{sight.way}: {sight.says}"
        + (" (may lag)" if sight.is_lagging else "")
        + (" (not judged by)" if sight.weight is Weight.TOLD else "")
        for sight in sights
    )
