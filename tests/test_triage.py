"""Triage: the policy, line by line."""

from __future__ import annotations

import msgspec
import pytest

from scanner.model import Action, Finding, Listing, Severity, Span, View
from scanner.triage import ADJACENT, DEFAULT_ACTIONS, certainty_of, triage

LISTING = Listing(platform="t", listing_id="1", title="x")
S1, S2, S3, S4 = Severity


def find(category: str, severity: Severity = S3, score: float = 0.9, *, text: str = "", queues: bool = True) -> Finding:
    """A finding of a category, resting on ``text``."""
    spans = (Span(field="title", start=0, end=1, text=text, view=View.FOLDED),) if text else ()
    return Finding(
        rule=f"{category}.x{text}", category=category, severity=severity, score=score, title="", reason="",
        spans=spans, queues=queues,
    )  # fmt: skip


def like(category: str, severity: Severity = S3) -> Finding:
    """What a category's rule for resemblance finds."""
    return msgspec.structs.replace(find(category, severity, 0.55, text="whole"), rule=f"{category}.resembles")


# Findings; severity, action and categories, or None for "not queued"; why.
POLICY = [
    ([], None, "nothing found"),
    ([find("phone_card", score=0.49)], None, "no category reaches 0.5"),
    ([find("phone_card", score=0.5)], (S3, Action.REVIEW, ("phone_card",)), "0.5 queues, but for review"),
    ([find("phone_card", queues=False)], None, "a rule in shadow does not count"),
    ([find("phone_card")], (S3, Action.HOLD, ("phone_card",)), "cards are held"),
    ([find("phone_card", S4)], (S4, Action.HOLD, ("phone_card",)), "cards are held, not hidden"),
    ([find("verification_service", S4)], (S4, Action.HIDE, ("verification_service",)), "sold by nobody: hidden"),
    ([find("verification_service", S4, 0.69)], (S4, Action.REVIEW, ("verification_service",)), "not sure: review"),
    ([find("telecom_equipment", S2)], (S2, Action.REVIEW, ("telecom_equipment",)), "dual use: review"),
    ([find("telecom_equipment", S4)], (S4, Action.HIDE, ("telecom_equipment",)), "core equipment: hidden"),
    ([find("recharge_card", S2)], (S2, Action.REVIEW, ("recharge_card",)), "a top-up: review"),
    ([find("recharge_card", S3)], (S3, Action.HOLD, ("recharge_card",)), "a slow top-up: held"),
    ([find("game_goods", S1)], (S1, Action.WATCH, ("game_goods",)), "weak: watched"),
    ([find("tobacco", S3)], (S3, Action.HOLD, ("tobacco",)), "a category of the platform's own: by severity"),
    ([find("unreadable", S4)], (S4, Action.REVIEW, ("unreadable",)), "a person reads what we could not"),
    (
        [find("phone_card", S3), find("verification_service", S3)],
        (S4, Action.HIDE, ("phone_card", "verification_service")),
        "cards beside codes: one trade, raised",
    ),
    (
        [find("phone_card", S3), find("gift_card", S2)],
        (S3, Action.HOLD, ("gift_card", "phone_card")),
        "two categories that are not neighbours stay as they are",
    ),
    (
        [find("phone_card", S4), find("identity_data", S4)],
        (S4, Action.HIDE, ("identity_data", "phone_card")),
        "nothing is above S4",
    ),
    (
        [find("phone_card", text="卡"), find("gift_card", S2, 0.6, text="卡")],
        (S3, Action.HOLD, ("phone_card",)),
        "a doubtful category whose words are the surest one's words is explained already",
    ),
    (
        [find("phone_card", text="卡"), find("gift_card", S2, 0.86, text="卡")],
        (S3, Action.HOLD, ("phone_card", "gift_card")),
        "one that is as good as equally sure is named beside it",
    ),
    (
        [find("phone_card", text="卡"), find("gift_card", S2, 0.8, text="卡")],
        (S3, Action.HOLD, ("phone_card",)),
        "one that is a little less sure and has no words of its own does not",
    ),
    (
        [find("phone_card", text="卡"), find("iot_card", S2, 0.8, text="卡")],
        (S3, Action.HOLD, ("phone_card", "iot_card")),
        "unless the two are kinds of one thing",
    ),
    (
        [find("game_goods", S1, 0.95, text="号"), find("account_trade", S4, 0.85, text="号")],
        (S4, Action.HIDE, ("game_goods",)),
        "a milder reading of the same words, however sure, does not make light of a graver one: it names, both weigh",
    ),
    (
        [find("game_goods", S1, 0.95, text="号"), find("account_trade", S3, 0.6, text="号")],
        (S3, Action.REVIEW, ("game_goods",)),
        "nor of one that is doubtful: a person looks first",
    ),
    (
        [find("fraud_recruitment", S2, 0.95, text="号"), find("account_trade", S1, 0.6, text="号")],
        (S3, Action.HOLD, ("fraud_recruitment",)),
        "nor does it take away that two of one trade raise each other",
    ),
    (
        [find("phone_card", S3, 0.9), find("verification_service", S3, 0.6)],
        (S4, Action.HOLD, ("phone_card", "verification_service")),
        "what hides is a category of which we are sure: codes that are doubtful do not hide what cards only hold",
    ),
    (
        [find("phone_card", S4, 0.3), find("phone_card", S2, 0.9)],
        (S2, Action.REVIEW, ("phone_card",)),
        "a finding that would not queue lends no severity",
    ),
    (
        [find("phone_card", S3, 0.4, text="a"), find("phone_card", S3, 0.4, text="b")],
        (S3, Action.REVIEW, ("phone_card",)),
        "two doubts on different words add up to 0.64",
    ),
    ([find("phone_card", S3, 0.4, text="a"), find("phone_card", S3, 0.3, text="a")], None, "one word counts once"),
    (
        [find("phone_card", S3, 0.48, text="a"), find("phone_card", S3, 0.14, text="b"),
         find("phone_card", S4, 0.036, text="c"), find("gift_card", S3, 0.9, text="a")],
        (S3, Action.HOLD, ("gift_card",)),
        "what guards have lowered to nearly nothing sets no severity, though its category counts",
    ),
    (
        [find("game_goods", S2, 0.42, text="a"), find("game_goods", S2, 0.34, text="b"), find("game_goods", S4, 0.18)],
        (S2, Action.REVIEW, ("game_goods",)),
        "nor what they have lowered to a fifth, among doubts that add up",
    ),
    (
        [find("game_goods", S2, 0.42, text="a"), find("game_goods", S4, 0.3, text="b")],
        (S4, Action.REVIEW, ("game_goods",)),
        "a grave doubt that weighs among milder ones does",
    ),
    (
        [find("game_goods", severity, score, text=str(score))
         for severity, score in ((S3, 0.19), (S2, 0.18), (S2, 0.17), (S2, 0.16), (S4, 0.15))],
        (S3, Action.REVIEW, ("game_goods",)),
        "where nothing weighs, the surest sets it",
    ),
    (
        [find("recharge_card", S2, 0.6), find("gift_card", S4, 0.48, text="a"), find("gift_card", S4, 0.05, text="b")],
        (S2, Action.REVIEW, ("recharge_card",)),
        "a category that counts only by nearly nothing raises nothing and names nothing beside another",
    ),
    (
        [find("recharge_card", S2, 0.6), find("gift_card", S4, 0.48, text="a"), find("gift_card", S4, 0.1, text="b")],
        (S4, Action.REVIEW, ("recharge_card", "gift_card")),
        "one that counts by a little more than that does",
    ),
    (
        [find("gift_card", S4, 0.48, text="a"), find("gift_card", S2, 0.05, text="b")],
        (S4, Action.REVIEW, ("gift_card",)),
        "by itself it puts before a person all the same",
    ),
    (
        [find("unreadable", S2, 1.0), find("gift_card", S4, 0.48, text="a"), find("gift_card", S2, 0.05, text="b")],
        (S4, Action.REVIEW, ("unreadable", "gift_card")),
        "and beside what could not be read whole",
    ),
    ([find("phone_card", S3, 0.4, text="a"), find("gift_card", S3, 0.4, text="b")], None, "categories do not add up"),
    ([like("phone_card")], (S3, Action.REVIEW, ("phone_card",)), "resemblance alone puts before a person"),
    (
        [find("phone_card", S3, 0.6), like("gift_card", S4), like("phone_card", S4)],
        (S3, Action.REVIEW, ("phone_card",)),
        "where words speak, resemblance names no category and adds to none",
    ),
    (
        [find("phishing", S3, 0.95, text="号"), find("identity_data", S3, 0.6, text="号"), like("identity_data")],
        (S3, Action.HOLD, ("phishing", "identity_data")),
        "of the categories that words speak for it names what the whole is",
    ),
    (
        [find("phone_card", text="卡"), find("iot_card", S2, 0.8, text="卡"), like("phone_card")],
        (S3, Action.HOLD, ("phone_card",)),
        "and where that is the surest, a less sure reading of the same words is explained already",
    ),
    (
        [find("phone_card", text="卡"), find("iot_card", S2, 0.86, text="卡"), like("phone_card")],
        (S3, Action.HOLD, ("phone_card", "iot_card")),
        "but not one that is as good as equally sure",
    ),
    (
        [find("unreadable", S2, 1.0), like("phone_card")],
        (S3, Action.REVIEW, ("unreadable", "phone_card")),
        "what could not be read whole may resemble something",
    ),
    (
        [find("phone_card", S3, 0.3, text="a"), like("phone_card"), like("gift_card")],
        (S3, Action.REVIEW, ("phone_card",)),
        "where words are in doubt, resemblance adds to them",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("findings", "expected", "why"), POLICY, ids=[row[2] for row in POLICY])
def test_the_policy(findings: list[Finding], expected: tuple[object, ...] | None, why: str) -> None:
    """Each line of the policy decides as it says."""
    verdict = triage(LISTING, findings)
    seen = None if verdict is None else (verdict.severity, verdict.action, verdict.categories)
    assert seen == expected, why


def test_the_reason_multiplies_out() -> None:
    """A priority is told as a product that a moderator can check."""
    listing = Listing(platform="t", listing_id="1", title="x", quantity=50, views=2_000)
    verdict = triage(listing, [find("phone_card", S3), find("verification_service", S3, 0.8)])
    assert verdict is not None
    assert verdict.priority == round(100 * 8 * 0.9 * 1.5 * 1.5 * 1.1)
    assert verdict.reason.split("; ") == [
        "phone_card 0.90, verification_service 0.80",
        "raised from S3 to S4: phone_card and verification_service belong to one trade",
        (
            "weight 17.82 = 8 (severity S4) × 0.9 (certainty 0.90) × 1.5 (50 pieces) × 1.5 (2000 views)"
            " × 1.1 (2 categories)"
        ),
    ]


def test_the_reason_names_what_weighs() -> None:
    """A category that the listing is not filed under is in the reason, for it may have set the severity."""
    verdict = triage(LISTING, [find("game_goods", S1, 0.95, text="号"), find("account_trade", S3, 0.85, text="号")])
    assert verdict is not None
    assert verdict.reason == "game_goods 0.95, account_trade 0.85; weight 3.8 = 4 (severity S3) × 0.95 (certainty 0.95)"


def test_certainty_never_leaves_its_scale() -> None:
    """Many findings together stay between the surest of them and 1."""
    findings = [find("phone_card", S3, 0.4, text=str(number)) for number in range(30)]
    assert 0.4 < certainty_of(findings[:2]) < certainty_of(findings) <= 1
    assert certainty_of([]) == 0


def test_the_tables_name_known_categories() -> None:
    """The chain of the trade names no category that has no default action."""
    assert {category for pair in ADJACENT for category in pair} <= set(DEFAULT_ACTIONS)
