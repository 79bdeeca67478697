"""Why a rule found nothing: for near misses, which part of its condition failed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from scanner.rulebook.compiled import Rule
from scanner.rulebook.evaluate import EVERYWHERE, Scope, holds, places, separate
from scanner.rulebook.judge import distinct
from scanner.rulebook.logic import (
    And,
    Category,
    Count,
    Disguised,
    In,
    Language,
    Licensed,
    Node,
    Not,
    Or,
    SellerIs,
    Signal,
    Some,
    Term,
    Then,
    Within,
    children,
    lists_of,
    words,
)
from scanner.rulebook.rulebook import Rulebook
from scanner.rulebook.sight import Mark, Sight
from scanner.text.tables import load

MOST_REASONS = 6


class NearMiss(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that did not fire though some of it was there: what was found, and why that was not enough."""

    rule: str
    found: tuple[Mark, ...]
    why_not: tuple[str, ...]


class Covered(msgspec.Struct, frozen=True, kw_only=True):
    """A term that stands in a listing and does not count, because it is inside a cover word of its lists."""

    word: str
    cover: str
    lists: tuple[str, ...]


def covered(rulebook: Rulebook, sight: Sight, rules: Iterable[Rule]) -> list[Covered]:
    """The terms that cover words take from lists which some rules ask for, and which have no other hit; as they stand
    when separators are left out, the longest first. Of disguises nothing is told."""
    tables = load()
    asked = {number for rule in rules for number in lists_of(rule.when, negated=False) if not sight.hits(number)}
    text = "\n".join(map(tables.compact, sight.texts.values()))
    covers = [
        (number, cover.text, units)
        for cover in rulebook.content.covers
        for number in asked.intersection(cover.lists)
        if (units := tables.compact(cover.text)) in text
    ]
    of_lists = {number for number, _, _ in covers}
    terms = [(entry.list, entry.text) for entry in rulebook.content.entries if entry.list in of_lists]
    names = {facts.number: facts.name for facts in rulebook.lists}
    found: dict[tuple[str, str], list[str]] = {}
    for number, cover, units in covers:
        inside = [term for own, term in terms if own == number and tables.compact(term) in units]
        if inside:
            found.setdefault((max(inside, key=len), cover), []).append(names[number])
    told = [Covered(word=word, cover=cover, lists=tuple(lists)) for (word, cover), lists in found.items()]
    return sorted(told, key=lambda one: (-len(one.word), -len(one.lists), one.cover))


def near_miss(rule: Rule, sight: Sight) -> NearMiss | None:
    """Why ``rule`` is silent although a listing has some of what it looks for; ``None`` if it fires or has nothing."""
    evidence = holds(rule.when, sight)
    if evidence is not None:
        if rule.unless is None or holds(rule.unless, sight) is None:
            return None
        return NearMiss(rule=rule.id, found=evidence, why_not=(f"silent because {words(rule.unless)} holds",))
    found = tuple(distinct(mark for mark in _begun(rule.when, sight) if mark.field))
    if not found:
        return None
    return NearMiss(rule=rule.id, found=found, why_not=tuple(why_not(rule.when, sight)[:MOST_REASONS]))


def _begun(node: Node, sight: Sight) -> list[Mark]:
    """Whatever the node looks for that is anywhere in the listing; not what it must not have."""
    if isinstance(node, (Term, Signal)):
        return places(node, sight)
    parts = () if isinstance(node, Not) else children(node)
    return [mark for part in parts for mark in _begun(part, sight)]


def why_not(node: Node, sight: Sight, scope: Scope = EVERYWHERE) -> list[str]:
    """Why ``node`` does not hold, one reason a line, the nearest first; empty if it does."""
    if holds(node, sight, scope) is not None:
        return []
    match node:
        case And():
            return [reason for part in node.parts for reason in why_not(part, sight, scope)]
        case Or():
            return _why_no_alternative(node, sight, scope)
        case Not():
            return [f"{_seen(places(node.part, sight, scope)) or words(node.part)} speaks against it ({words(node)})"]
        case Within():
            return why_not(node.part, sight, scope) or [_too_far(node, sight, scope)]
        case In():
            return _why_not_in(node, sight, scope)
        case Some():
            have = sum(holds(part, sight, scope) is not None for part in node.parts)
            return [f"only {have} of the {node.least} wanted from ({', '.join(map(words, node.parts))})"]
        case Then():
            return _why_not_then(node, sight, scope)
        case Disguised() if held := distinct(places(node.part, sight, scope)):
            return [f"{_seen(held)} is written plainly, and {words(node)} wants a disguise"]
    return [_why_no_atom(node, sight, scope)]


def _why_no_alternative(node: Or, sight: Sight, scope: Scope) -> list[str]:
    """Of the alternatives, those that were begun; if none was, that none is there."""
    begun = [part for part in node.parts if children(part) and places(part, sight, scope)]
    if begun:
        return [reason for part in begun for reason in why_not(part, sight, scope)]
    return [f"none of {', '.join(map(words, node.parts))} is there"]


def _why_no_atom(node: Node, sight: Sight, scope: Scope) -> str:
    match node:
        case Term():
            return f"no word of {node.name} is there"
        case Signal() if node.sign is not None:
            value = sight.value(node.name)
            return f"{node.name} is {'unknown' if value is None else f'{value:g}'}, not {node.sign} {node.number:g}"
        case Count():
            times = len(separate(places(node.part, sight, scope)))
            return f"{words(node.part)} is at {times} places, not {node.sign} {node.number:g}"
        case SellerIs():
            return f"the seller is {sight.listing.seller.kind}, not {' or '.join(node.kinds)}"
        case Licensed():
            return f"the seller has no verified licence {' or '.join(node.names)}"
        case Category():
            return f"the category path has none of {', '.join(node.words)}"
        case Language():
            return f"the language is {sight.listing.language or 'unknown'}, not {' or '.join(node.codes)}"
    return f"{words(node)} is not there"


def _why_not_in(node: In, sight: Sight, scope: Scope) -> list[str]:
    elsewhere = holds(node.part, sight, scope)
    if elsewhere:
        return [f"{_seen(elsewhere)} is in {elsewhere[0].field}, not in {' or '.join(node.fields)}"]
    return why_not(node.part, sight, scope)


def _why_not_then(node: Then, sight: Sight, scope: Scope) -> list[str]:
    missing = [reason for part in node.parts for reason in why_not(part, sight, scope)]
    limit = f"with at most {node.gap} characters between" if isinstance(node.gap, int) else f"in one {node.gap}"
    return missing or [f"{' then '.join(map(words, node.parts))} do not follow one another {limit}"]


def _too_far(node: Within, sight: Sight, scope: Scope) -> str:
    limit = f"{node.window} characters" if isinstance(node.window, int) else f"one {node.window}"
    held = holds(node.part, sight, scope) or ()
    stretch = _stretch(held)
    apart = f"they span {stretch} characters" if stretch else "they are in different fields"
    return f"{_seen(held)} do not come together within {limit}: {apart}"


def _stretch(marks: Sequence[Mark]) -> int:
    """How many characters the evidence spans, if it is in one field; else 0."""
    fields = {mark.field for mark in marks if mark.field}
    if len(fields) != 1:
        return 0
    placed = [mark for mark in marks if mark.field]
    return max(mark.end for mark in placed) - min(mark.start for mark in placed)


def _seen(marks: Sequence[Mark]) -> str:
    return ", ".join(dict.fromkeys(mark.reads for mark in distinct(marks)[:4] if mark.reads))
