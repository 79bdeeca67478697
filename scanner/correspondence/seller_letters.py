"""What sellers are told of a measure: what, which listing, which rule and law, on which words, and how to object."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Protocol

from scanner.correspondence.appeal_terms import OPEN_FOR
from scanner.correspondence.hearing import reference_of, seller_address
from scanner.correspondence.laws import named
from scanner.correspondence.letters import Letterhead, LetterRows, day, write
from scanner.correspondence.notice_routing import REPORTED
from scanner.correspondence.wording import Said, written_in
from scanner.model import Finding, Listing, Role
from scanner.moderation.grounds import grounds
from scanner.outside import Letter, LetterKind
from scanner.records import Case, Decision, Takedown, Version

# So many rules and words are named; more would not be read.
MOST_RULES, MOST_WORDS = 5, 8

_FIELDS_ZH = {"title": "标题", "description": "描述", "text": "内容", "brand": "品牌", "hidden_text": "隐藏内容"}
_PARTS_ZH = {"options": "规格", "attributes": "属性", "questions": "问答", "seller": "店铺名称"}


class SellerLetterRows(LetterRows, Protocol):
    """What writing to sellers reads."""

    def decisions(self, case_id: int) -> tuple[Decision, ...]:
        """The decisions on a case, oldest first."""

    def version(self, listing_row: int, number: int) -> Version:
        """One version of a listing. Raises ``NotFound``."""

    def findings(self, listing_row: int, number: int) -> tuple[Finding, ...]:
        """What the rulebook that judged a version last found in it."""

    def findings_ever(self, listing_row: int, number: int) -> tuple[Finding, ...]:
        """What any rulebook has found in a version, each once, as it was found first."""


def removal(
    tx: SellerLetterRows, case: Case, decision: Decision, order: Takedown, head: Letterhead, *, at: datetime
) -> Letter | None:
    """Tell the seller of an order that the platform has accepted; ``None`` if they know, or nobody knows them."""
    version = tx.version(case.listing_row, decision.version)
    listing, language = version.listing, language_for(version.listing)
    found = _grounds(tx, case, decision)
    clause = decision.clause or ", ".join(dict.fromkeys(one.clause for one in found if one.clause))
    facts: dict[str, object] = {
        "name": listing.seller.name,
        "listing_id": case.listing_id,
        "title": listing.title or listing.text[:100],
        "seen_at": day(version.seen_at),
        "at": day(order.accepted_at or at),
        "measure": order.action,
        "reference": reference_of(case.id),
        "rules": _rules(found, head, language),
        "category": _category(case, head, language),
        "laws": named(clause, language),
        "spans": _words(found, language),
        "by_machine": decision.role is Role.SYSTEM,
        "reported": REPORTED in case.rules,
        "appeal_until": day(decision.at + OPEN_FOR),
        "appeal_at": head.appeal_in(language),
        "contact": head.contact_in(language),
    }
    return _written(tx, LetterKind.REMOVAL, facts, case, listing, key=f"takedown-{order.id}-removal", at=at)


def restoration(
    tx: SellerLetterRows, case: Case, decision: Decision, order: Takedown, head: Letterhead, *, at: datetime
) -> Letter | None:
    """Tell the seller that the platform has accepted to show the listing again."""
    listing = tx.version(case.listing_row, decision.version).listing
    facts: dict[str, object] = {
        "name": listing.seller.name,
        "listing_id": case.listing_id,
        "title": listing.title or listing.text[:100],
        "at": day(order.accepted_at or at),
        "reference": reference_of(case.id),
        "contact": head.contact_in(language_for(listing)),
    }
    return _written(tx, LetterKind.RESTORATION, facts, case, listing, key=f"takedown-{order.id}-restoration", at=at)


def language_for(listing: Listing) -> str:
    """The language that a listing's seller reads: the one that they write."""
    return written_in(f"{listing.title} {listing.text[:500]} {listing.description[:1_000]}")


def _written(
    tx: SellerLetterRows,
    kind: LetterKind,
    facts: dict[str, object],
    case: Case,
    listing: Listing,
    *,
    key: str,
    at: datetime,
) -> Letter | None:
    return write(
        tx,
        kind,
        facts,
        key=key,
        to=seller_address(case, listing.seller.id or listing.seller.name),
        language=language_for(listing),
        at=at,
        case_id=case.id,
        seller_row=case.seller_row,
    )


def _grounds(tx: SellerLetterRows, case: Case, decision: Decision) -> tuple[Finding, ...]:
    """What the decision rests on, surest first; if a later rulebook sees nothing of it, as an earlier one saw it."""
    for found in (tx.findings, tx.findings_ever):
        seen = (one for one in found(case.listing_row, decision.version) if one.rule in case.rules)
        if carrying := grounds(seen, case.categories):
            return carrying
    return ()


def _rules(found: Iterable[Finding], head: Letterhead, language: str) -> list[dict[str, object]]:
    """Title and policy of each rule, a policy once; neither a rule's number nor how sure it was."""
    said: dict[str, dict[str, object]] = {}
    policies: set[str] = set()
    for finding in found:
        rule = head.rules.get(finding.rule)
        if rule is None:
            said.setdefault(finding.rule, {"title": finding.title, "says": ""})
            continue
        is_chinese = language == "zh-Hans"
        title = rule.title.zh if is_chinese else rule.title.en
        says = rule.says.zh if is_chinese else rule.says.en
        said.setdefault(finding.rule, {"title": Said(title), "says": "" if says in policies else Said(says)})
        policies.add(says)
    return list(said.values())[:MOST_RULES]


def _category(case: Case, head: Letterhead, language: str) -> object:
    name = head.categories.get(case.category)
    if name is None:
        return case.category.replace("_", " ")
    return Said(name.zh if language == "zh-Hans" else name.en)


def _words(found: Iterable[Finding], language: str) -> list[dict[str, str]]:
    """The words of the listing that it rests on, with where they stand."""
    spans = dict.fromkeys((span.field, span.text) for finding in found for span in finding.spans if span.text)
    return [{"field": _field(field, language), "text": text} for field, text in list(spans)[:MOST_WORDS]]


def _field(field: str, language: str) -> str:
    if language != "zh-Hans":
        return field.replace("_", " ")
    part = field.partition("[")[0].partition(".")[0]
    return _FIELDS_ZH.get(field) or _PARTS_ZH.get(part, field)
