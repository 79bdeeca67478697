"""How far a reporter is believed: the share of notices that were confirmed, and when a person looks first. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping

import msgspec

from scanner.outside import NoticeKind, NoticeOutcome, Share

# The 97.5 % quantile of the normal distribution: a two-sided interval of 95 %.
_Z = 1.959963984540054

CONFIRMED = frozenset({NoticeOutcome.REMOVED, NoticeOutcome.RESTRICTED, NoticeOutcome.ALREADY_REMOVED})
UNFOUNDED = frozenset({NoticeOutcome.KEPT, NoticeOutcome.ALREADY_JUDGED, NoticeOutcome.DISMISSED})
AUTHORITIES = frozenset({NoticeKind.POLICE, NoticeKind.TELECOM_AUTHORITY, NoticeKind.REGULATOR})


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """From when on a person looks first. Counts include the notice at hand."""

    per_hour: int = 20
    per_day: int = 100
    on_one_seller_a_day: int = 10
    reporters_of_a_seller_a_day: int = 30
    settled_to_judge: int = 10
    believed_at_least: float = 0.2


LIMITS = Limits()


class Activity(msgspec.Struct, frozen=True, kw_only=True):
    """What a reporter has been doing of late, the notice at hand among it."""

    in_hour: int = 1
    in_day: int = 1
    on_seller: int = 1
    reporters_of_seller: int = 1
    record: Share


def share_of(part: int, whole: int) -> Share:
    """``part / whole`` with Wilson's interval (E. B. Wilson 1927, JASA 22: 209–212)."""
    if whole == 0:
        return Share(part=0, whole=0, share=0.0, low=0.0, high=1.0)
    share, square = part / whole, _Z * _Z
    middle = (share + square / (2 * whole)) / (1 + square / whole)
    reach = _Z * math.sqrt(share * (1 - share) / whole + square / (4 * whole * whole)) / (1 + square / whole)
    return Share(part=part, whole=whole, share=share, low=max(0.0, middle - reach), high=min(1.0, middle + reach))


def record_of(outcomes: Mapping[NoticeOutcome, int]) -> Share:
    """The share of a reporter's notices that were confirmed.

    What could not be found, or was gone before anybody looked, speaks neither for nor against whoever reported it.
    """
    confirmed = sum(number for outcome, number in outcomes.items() if outcome in CONFIRMED)
    unfounded = sum(number for outcome, number in outcomes.items() if outcome in UNFOUNDED)
    return share_of(confirmed, confirmed + unfounded)


def why_wait(kind: NoticeKind, activity: Activity, limits: Limits = LIMITS) -> str:
    """Why a person looks at a notice before it touches the queue, or nothing. No notice is ever dropped.

    1. Authorities and trusted flaggers never wait.
    2. More than so many notices of one reporter within an hour or a day.
    3. More than so many of one reporter on one seller within a day: a competitor may be at work.
    4. More than so many reporters on one seller within a day, from one who was never confirmed: it may be organised.
    5. Enough notices of the reporter have been settled, and it is sure (upper end of the interval) that few were true.
    """
    if kind in AUTHORITIES or kind is NoticeKind.TRUSTED_FLAGGER:
        return ""
    if activity.in_hour > limits.per_hour:
        return f"{activity.in_hour} notices of one reporter within an hour"
    if activity.in_day > limits.per_day:
        return f"{activity.in_day} notices of one reporter within a day"
    if activity.on_seller > limits.on_one_seller_a_day:
        return f"{activity.on_seller} notices of one reporter on one seller within a day"
    if activity.reporters_of_seller > limits.reporters_of_a_seller_a_day and not activity.record.part:
        return f"{activity.reporters_of_seller} reporters on one seller within a day"
    record = activity.record
    if record.whole >= limits.settled_to_judge and record.high < limits.believed_at_least:
        return f"only {record.part} of {record.whole} notices of this reporter were confirmed"
    return ""
