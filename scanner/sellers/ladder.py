"""The penalty ladder: which step a decision proposes for its seller. Data, and pure; people decide on every step.

Steps, triggers and modifiers are those of the domain brief, §5.5; points and durations are the platform's to adapt.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timedelta

import msgspec

from scanner.model import Severity
from scanner.outside import Modifier, Penalty, PenaltyState


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """A step: its measure for so many days (0: none, ``None``: for good), how it ends sooner, its points."""

    level: int
    points: int
    days: int | None
    measure: dict[str, str]
    restore: dict[str, str]


LADDER: tuple[Step, ...] = (
    Step(
        level=0,
        points=0,
        days=0,
        measure={"en": "Explanation of the rule; please edit the listing", "zh-Hans": "规则说明，请修改商品"},
        restore={"en": "edit the listing", "zh-Hans": "修改商品"},
    ),
    Step(
        level=1,
        points=2,
        days=7,
        measure={"en": "Warning; no new listings of this category", "zh-Hans": "警告，暂停发布该类目商品"},
        restore={"en": "pass the quiz on the rule, or show the licence", "zh-Hans": "通过规则考试或提交资质"},
    ),
    Step(
        level=2,
        points=6,
        days=30,
        measure={"en": "No listings of this category", "zh-Hans": "该类目全部下架并禁止发布"},
        restore={"en": "show the licence; a person then looks", "zh-Hans": "提交资质并经人工复核"},
    ),
    Step(
        level=3,
        points=12,
        days=90,
        measure={"en": "Shop suspended until identity is verified anew", "zh-Hans": "店铺暂停，待重新核验身份"},
        restore={"en": "verify your identity anew, or object", "zh-Hans": "重新核验身份或申诉"},
    ),
    Step(
        level=4,
        points=48,
        days=None,
        measure={"en": "Account closed", "zh-Hans": "关闭账户"},
        restore={
            "en": "object, or show that authority or court has cleared you",
            "zh-Hans": "申诉，或提供主管部门、法院的澄清",
        },
    ),
)

POINTS_COUNT_FOR = timedelta(days=365)
REPEATED_WITHIN = timedelta(days=90)
# C07, C08, C10 and C13: sold by nobody lawfully.
_CLOSING = frozenset({"payment_instrument", "verification_service", "identity_data"})
_SUSPENDING_PIECES, _CLOSING_PIECES = 3, 20
_TOP = len(LADDER) - 1
_LEVELS = tuple(Severity)
_COUNTED = frozenset({PenaltyState.PROPOSED, PenaltyState.AWAITING_APPROVAL, PenaltyState.ACCEPTED})


class Offence(msgspec.Struct, frozen=True, kw_only=True):
    """What was decided against a seller. ``pieces`` are confirmed so far in the counters that law gives.

    ``was_lawful``: the rules in force when the listing was first seen did not queue it.
    """

    severity: Severity
    categories: tuple[str, ...]
    at: datetime
    cards: int = 0
    cards_and_accounts: int = 0
    was_lawful: bool = False


class Proposed(msgspec.Struct, frozen=True, kw_only=True):
    """A step of the ladder, and why it is that one, in words."""

    step: Step
    why: str


def propose(offence: Offence, earlier: Sequence[Penalty], modifiers: Collection[Modifier] = ()) -> Proposed:
    """The step that a decision proposes.

    1. What was lawful by the rules in force when it was first seen is never penalised: step 0, whatever else.
    2. A hacked account goes the way of recovery and a minor the way of a guardian: step 0.
    3. S4, 20 phone or IoT cards, or a category that nobody sells lawfully: step 4.
    4. S3 again within 365 days, or 3 cards or accounts: step 3.
    5. S3, or S2 again within 90 days: step 2. S2: step 1. S1: step 0.
    6. A mistake of a licensed seller: one step less. Part of a network: one more.
    Only penalties that stand count as earlier ones.
    """
    if offence.was_lawful:
        return Proposed(step=LADDER[0], why="the rules in force when it was first seen did not name it")
    if Modifier.HACKED in modifiers:
        return Proposed(step=LADDER[0], why="the account was misused by somebody else: help to recover it")
    if Modifier.MINOR in modifiers:
        return Proposed(step=LADDER[0], why="a minor: speak with the guardian")
    level, why = _level(offence, [one for one in earlier if one.state in _COUNTED])
    if Modifier.LICENSED_MISTAKE in modifiers:
        level, why = level - 1, f"{why}; one step less: a licensed seller's mistake"
    if Modifier.NETWORK in modifiers:
        level, why = level + 1, f"{why}; one step more: part of a network"
    return Proposed(step=LADDER[max(0, min(level, _TOP))], why=why)


def points(penalties: Sequence[Penalty], *, at: datetime) -> int:
    """The points of a seller at a moment: of accepted penalties that still count."""
    return sum(one.points for one in penalties if one.state is PenaltyState.ACCEPTED and one.counts_until > at)


def until(step: Step, at: datetime) -> datetime | None:
    """When a step taken at a moment ends; ``None``: it does not by itself, or there is nothing to end."""
    return at + timedelta(days=step.days) if step.days else None


def _level(offence: Offence, earlier: Sequence[Penalty]) -> tuple[int, str]:
    closing = _CLOSING.intersection(offence.categories)
    if offence.severity is Severity.S4 or closing:
        return 4, f"severity {offence.severity}" if offence.severity is Severity.S4 else f"category {min(closing)}"
    if offence.cards >= _CLOSING_PIECES:
        return 4, f"{offence.cards} phone or IoT cards confirmed"
    if offence.severity is Severity.S3 and _has(earlier, Severity.S3, offence.at - POINTS_COUNT_FOR):
        return 3, "severity S3 again within 365 days"
    if offence.cards_and_accounts >= _SUSPENDING_PIECES:
        return 3, f"{offence.cards_and_accounts} cards or accounts confirmed"
    if offence.severity is Severity.S3:
        return 2, "severity S3"
    if offence.severity is Severity.S2:
        repeated = _has(earlier, Severity.S2, offence.at - REPEATED_WITHIN)
        return (2, "severity S2 again within 90 days") if repeated else (1, "severity S2")
    return 0, "severity S1"


def _has(earlier: Sequence[Penalty], least: Severity, since: datetime) -> bool:
    return any(_LEVELS.index(one.severity) >= _LEVELS.index(least) and one.proposed_at > since for one in earlier)
