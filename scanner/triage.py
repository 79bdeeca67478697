"""Findings -> severity, default action, priority and the reason, as policy."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from itertools import combinations

from scanner.model import Action, Finding, Listing, Severity, Triage
from scanner.moderation.priority import weight_of
from scanner.rulebook import QUEUE_AT
from scanner.scan import UNREADABLE_CATEGORY
from scanner.signals.resemblance import RESEMBLES

SURE_AT = 0.7
# What guards have lowered below this is nearly nothing; and a weak finding sets no severity below that.
WORTH_AT = 0.1
WEIGHTY_AT = 0.2
# Beside the surest category another one is named too if it is as good as equally sure; or if it is not much less sure,
# and so large a share of its words is its own; or if most of its words are.
AS_SURE = 0.05
MUCH_SURER = 0.2
OWN_WORDS = 0.34
MOST_OWN_WORDS = 0.67

_LEVELS = tuple(Severity)
_ACTIONS = tuple(Action)

# The chain of the trade: identities open cards, cards receive codes, codes make accounts, accounts recruit and phish,
# the victims' value leaves as top-ups, gift cards and game goods, and becomes cash.
_CHAIN = (
    (("identity_data",), ("phone_card", "iot_card", "payment_instrument")),
    (("phone_card", "iot_card"), ("verification_service", "telecom_equipment")),
    (("verification_service", "telecom_equipment"), ("account_trade",)),
    (("account_trade",), ("fraud_recruitment", "phishing")),
    (("fraud_recruitment", "phishing"), ("recharge_card", "gift_card", "game_goods")),
    (("recharge_card", "gift_card", "game_goods"), ("payment_instrument",)),
)
ADJACENT = frozenset(frozenset({one, other}) for left, right in _CHAIN for one in left for other in right)

# Kinds of one thing, told in the same words: a card for calls and data, credit for telephones and shops.
KINDRED = frozenset({frozenset({"phone_card", "iot_card"}), frozenset({"recharge_card", "gift_card"})})

# What is proposed by severity (S1, S2, S3, S4), where a category differs from the general row.
_GENERAL = (Action.WATCH, Action.REVIEW, Action.HOLD, Action.HIDE)
_CARDS = (Action.WATCH, Action.REVIEW, Action.HOLD, Action.HOLD)
_BANNED = (Action.REVIEW, Action.REVIEW, Action.HIDE, Action.HIDE)
DEFAULT_ACTIONS: dict[str, tuple[Action, Action, Action, Action]] = {
    "phone_card": _CARDS,
    "iot_card": _CARDS,
    "recharge_card": _CARDS,
    "gift_card": _CARDS,
    "game_goods": _GENERAL,
    "account_trade": _BANNED,
    "payment_instrument": _BANNED,
    "verification_service": _BANNED,
    "telecom_equipment": _GENERAL,
    "identity_data": _BANNED,
    "fraud_recruitment": _CARDS,
    "phishing": _GENERAL,
    UNREADABLE_CATEGORY: (Action.REVIEW,) * 4,
}


def triage(listing: Listing, findings: Sequence[Finding]) -> Triage | None:
    """What to do about a listing first, and how soon.

    1. Findings of rules in shadow do not count.
    2. A category counts when its certainty reaches 0.5. Resemblance (``signals.resemblance``) has a say only where none
       does without it, but for "unreadable": what words say is surer than what the whole sounds like. When none counts,
       the listing is not queued.
    3. A category that counts only by findings that are nearly nothing (below 0.1) has no say beside one that counts
       without such: it names nothing and raises nothing.
    4. The severity is the highest of the categories that count, whatever the listing is filed under: words that are
       surely a milder offer do not make light of a graver one. A category's own is the highest that a finding reaches
       with 0.5. Where only their sum counts, it is the highest of the findings of 0.2 or more, or else that of the
       surest.
    5. Two categories that count and are next to each other in the chain of the trade raise it by one.
    6. The action is the strongest that the table proposes for a category that counts, at its severity; the raised
       severity asks the table again.
    7. A category below a certainty of 0.7 hides and holds nothing before a person has looked: it proposes review at
       most.
    8. The listing is filed under the surest category, and under each other one that counts and

       - is what the whole resembles, though words alone make it count; or
       - is less sure by 0.05 at most; or
       - is less sure by 0.2 at most, and a third of its words are not the surest one's words too, or the two are
         kinds of one thing, unless the whole resembles the surest; or
       - has two thirds of its words for itself.

       Any other is explained already: it weighs, its findings stay on record, and the reason names it.
    9. The priority is the case's weight: severity × certainty × exposure × breadth (``scanner.moderation.priority``),
       the certainty that of the surest category, the breadth how many it is filed under.
    """
    found = _by_category(finding for finding in findings if not _resembles(finding))
    counting = _counting(found)
    resembled = {finding.category for finding in findings if finding.queues and _resembles(finding)}
    if not counting.keys() - {UNREADABLE_CATEGORY}:
        found, resembled = _by_category(findings), set()
        counting = _counting(found)
    if not counting:
        return None
    counting = _having_a_say(found, counting)
    severities = {category: _severity_of(found[category]) for category in counting}
    base = max(severities.values(), key=_LEVELS.index)
    pair = _adjacent(counting)
    severity = _raised(base) if pair else base
    proposed = [_proposed(category, severity if pair else severities[category], counting) for category in counting]
    named = _named(found, counting, resembled)
    priority, product_in_words = weight_of(listing, severity, max(counting.values()), len(named))
    reason = "; ".join(filter(None, [_in_words(counting), _why_raised(base, severity, pair), product_in_words]))
    action = max(proposed, key=_ACTIONS.index)
    return Triage(severity=severity, action=action, priority=priority, categories=named, reason=reason)


def certainty_of(findings: Iterable[Finding]) -> float:
    """How sure several findings of one category are together: ``1 - (1 - a)(1 - b)…``.

    Findings that rest on the same words say one thing twice, so of these only the surest counts.
    """
    surest: dict[tuple[str, ...], float] = {}
    for finding in findings:
        words = tuple(sorted({span.text for span in finding.spans})) or (finding.rule,)
        surest[words] = max(surest.get(words, 0.0), finding.score)
    doubt = 1.0
    for score in surest.values():
        doubt *= 1 - score
    return round(1 - doubt, 4)


def naming(findings: Iterable[Finding]) -> Finding | None:
    """The finding that a case is named by: the gravest that is enough by itself, of these the surest.

    Where none is enough, the surest; none of none that queues.
    """
    return max((finding for finding in findings if finding.queues), key=_weight, default=None)


def _weight(finding: Finding) -> tuple[bool, int, float, str]:
    is_enough = finding.score >= QUEUE_AT
    return is_enough, _LEVELS.index(finding.severity) if is_enough else 0, finding.score, finding.rule


def _by_category(findings: Iterable[Finding]) -> dict[str, list[Finding]]:
    by_category: dict[str, list[Finding]] = {}
    for finding in findings:
        if finding.queues:
            by_category.setdefault(finding.category, []).append(finding)
    return by_category


def _counting(found: Mapping[str, Sequence[Finding]]) -> dict[str, float]:
    """How sure the categories are that count, surest first."""
    certain = {category: certainty_of(own) for category, own in found.items()}
    ranked = sorted(certain.items(), key=lambda pair: (-pair[1], pair[0]))
    return {category: certainty for category, certainty in ranked if certainty >= QUEUE_AT}


def _having_a_say(found: Mapping[str, Sequence[Finding]], counting: Mapping[str, float]) -> dict[str, float]:
    """Of the categories that count those that do so by what is worth something; all of them where none does."""
    worth = _counting({one: _at_least(WORTH_AT, found[one]) for one in counting})
    return {one: sure for one, sure in counting.items() if one in worth or not worth.keys() - {UNREADABLE_CATEGORY}}


def _at_least(score: float, findings: Iterable[Finding]) -> list[Finding]:
    return [finding for finding in findings if finding.score >= score]


def _resembles(finding: Finding) -> bool:
    """Whether it is what a category's rule for resemblance found."""
    return finding.rule.endswith(f".{RESEMBLES}")


def _named(
    found: Mapping[str, Sequence[Finding]], counting: Mapping[str, float], resembled: Collection[str]
) -> tuple[str, ...]:
    """The categories that the listing is filed under, surest first."""
    surest = next(iter(counting))
    much = AS_SURE if surest in resembled else MUCH_SURER
    return tuple(
        one
        for one, sure in counting.items()
        if one == surest or one in resembled or _sells_too(found[one], found[surest], counting[surest] - sure, much)
    )


def _sells_too(findings: Sequence[Finding], surest: Sequence[Finding], less_sure: float, much: float) -> bool:
    own = _own_share(findings, surest)
    has_own = own >= OWN_WORDS or frozenset({findings[0].category, surest[0].category}) in KINDRED
    return less_sure <= AS_SURE or (less_sure <= much and has_own) or own >= MOST_OWN_WORDS


def _own_share(findings: Iterable[Finding], surest: Iterable[Finding]) -> float:
    """How much of what findings point at the findings of the surest category do not point at."""
    places, theirs = _places(findings), _places(surest)
    return len(places - theirs) / len(places) if places else 1.0


def _places(findings: Iterable[Finding]) -> set[tuple[str, int]]:
    spans = {(span.field, span.start, span.end) for finding in findings for span in finding.spans}
    return {(field, place) for field, start, end in spans for place in range(start, end)}


def _severity_of(findings: Sequence[Finding]) -> Severity:
    """The highest that a finding reaches on its own; where only their sum counts, the highest of those that weigh."""
    weighty = _at_least(QUEUE_AT, findings) or _at_least(WEIGHTY_AT, findings)
    if not weighty:
        return max(findings, key=lambda finding: finding.score).severity
    return max((finding.severity for finding in weighty), key=_LEVELS.index)


def _adjacent(categories: Iterable[str]) -> tuple[str, str] | None:
    return next((pair for pair in combinations(sorted(categories), 2) if frozenset(pair) in ADJACENT), None)


def _raised(severity: Severity) -> Severity:
    return _LEVELS[min(_LEVELS.index(severity) + 1, len(_LEVELS) - 1)]


def _proposed(category: str, severity: Severity, counting: Mapping[str, float]) -> Action:
    action = DEFAULT_ACTIONS.get(category, _GENERAL)[_LEVELS.index(severity)]
    return Action.REVIEW if counting[category] < SURE_AT and action in {Action.HOLD, Action.HIDE} else action


def _in_words(counting: Mapping[str, float]) -> str:
    return ", ".join(f"{category} {certainty:.2f}" for category, certainty in counting.items())


def _why_raised(base: Severity, severity: Severity, pair: tuple[str, str] | None) -> str:
    if pair is None or base is severity:
        return ""
    return f"raised from {base} to {severity}: {pair[0]} and {pair[1]} belong to one trade"
