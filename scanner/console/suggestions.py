"""Which reasons a decision on a case most likely has, so that one key and a digit are enough. Pure."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from scanner.model import Ruling
from scanner.moderation.policy import Policy, Reason

# A category's most likely reasons to act against a listing, the likeliest first.
AGAINST: dict[str, tuple[str, ...]] = {
    "phone_card": ("no_real_name", "unlicensed_sale"),
    "iot_card": ("unlicensed_sale", "no_real_name"),
    "recharge_card": ("laundering", "unlicensed_sale"),
    "gift_card": ("laundering", "unlicensed_sale"),
    "game_goods": ("laundering", "account_trade"),
    "account_trade": ("account_trade", "no_real_name"),
    "payment_instrument": ("payment_instrument", "laundering"),
    "verification_service": ("fraud_tool", "account_trade"),
    "telecom_equipment": ("fraud_tool", "unlicensed_sale"),
    "identity_data": ("personal_data",),
    "fraud_recruitment": ("recruitment",),
    "phishing": ("phishing", "fraud_tool"),
}
_USUAL = ("prohibited_goods", "off_platform_contact", "misleading_listing")
_FOR = ("other_meaning", "lawful_goods", "licensed_seller", "not_proven")
# Digits that a keyboard has: 1 to 9.
_KEYS = 9
_AGAINST_KEYS = 5


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """A reason as a choice on the page. ``key``: the digit that chooses it, or none."""

    reason: Reason
    key: str = ""


def choices(policy: Policy, categories: Iterable[str]) -> tuple[Choice, ...]:
    """All reasons a person can give: the likely ones first, with digits; others behind them, without."""
    against = [code for category in categories for code in AGAINST.get(category, ())]
    likely = list(dict.fromkeys([*against[:_AGAINST_KEYS], *_USUAL]))[:_AGAINST_KEYS]
    ranked = [code for code in (*likely, *_FOR) if code in policy.reasons][:_KEYS]
    keyed = [Choice(reason=policy.reasons[code], key=str(place)) for place, code in enumerate(ranked, 1)]
    rest = [reason for reason in policy.reasons.values() if reason.code not in ranked and not reason.by_machine]
    return (*keyed, *(Choice(reason=reason) for reason in rest))


def usual_reason(policy: Policy, ruling: Ruling, offered: Iterable[Choice]) -> str:
    """The reason that a ruling is given if nobody chooses one: the first that fits."""
    fitting = {reason.code for reason in policy.reasons_for(ruling)}
    return next((choice.reason.code for choice in offered if choice.reason.code in fitting), "")


def fitting_reason(policy: Policy, ruling: Ruling, chosen: str, offered: Iterable[Choice]) -> str:
    """The chosen reason if it is one for this ruling, else the usual one."""
    is_fitting = any(reason.code == chosen for reason in policy.reasons_for(ruling))
    return chosen if is_fitting else usual_reason(policy, ruling, offered)
