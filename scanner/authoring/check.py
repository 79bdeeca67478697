"""What `delist rules check` finds: what keeps a rulebook from loading, what disproves it, and what is only doubtful."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import date
from enum import StrEnum

import msgspec

from scanner.authoring.material import Material
from scanner.authoring.ordinary import (
    boilerplate_collisions,
    needs_no_trade_word,
    ordinary_collisions,
    queued_boilerplate,
    queued_ordinary_words,
    speaks_everywhere,
)
from scanner.authoring.skeleton import MADE_UP
from scanner.model import Listing
from scanner.rulebook.faults import Fault
from scanner.rulebook.logic import lists_of
from scanner.rulebook.model import Status, Strength
from scanner.rulebook.reader import Written
from scanner.rulebook.rulebook import FEW, Rulebook
from scanner.scan import scan
from scanner.text import tables
from scanner.triage import triage

MOST_SHOWN = 8

NO_END_OF_A_WORD = "，；"
"""Signs that look as if they ended a word of a list, and do not."""
SELDOM_IN_A_WORD = "、"
"""Another, which listings have in what they say: a list with it in half of its words is written with it."""


class Weight(StrEnum):
    """How bad: a fault fails the check, a warning wants a look, a note is for the curious."""

    FAULT = "fault"
    WARNING = "warning"
    NOTE = "note"


class Remark(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that the check found, and where."""

    weight: Weight
    fault: Fault


def check(written: Sequence[Written], rulebook: Rulebook, *, today: date, notes: bool = True) -> list[Remark]:
    """Everything there is to say about a rulebook that loads, faults first; notes take longest."""
    material = Material(written, rulebook, today=today)
    remarks = [
        Remark(weight=weight, fault=fault)
        for weight, ask in CHECKS
        if notes or weight is not Weight.NOTE
        for fault in ask(material)
    ]
    order = list(Weight)
    return sorted(remarks, key=lambda remark: (order.index(remark.weight), remark.fault))


# -- faults ----------------------------------------------------------------------------------------------------------


def failed_proofs(material: Material) -> Iterator[Fault]:
    """Hits that are not found, misses that are."""
    for proof in material.proofs:
        if not proof.passed:
            what = str(proof).removeprefix(f"{proof.file}:{proof.line}:{proof.column}: ")
            yield Fault(file=proof.file, line=proof.line, column=proof.column, what=what)


def no_evasive_hit(material: Material) -> Iterator[Fault]:
    """Rules none of whose hits hides."""
    disguised = {proof.rule for proof in material.proofs if proof.is_hit and proof.is_disguised}
    for file in material.written:
        for number, rule in file.live_rules((Status.SHADOW, Status.CANARY, Status.LIVE)):
            if rule.id not in disguised and not any(hit.evasive for hit in rule.hits):
                yield file.tree.fault(
                    ("rules", number, "hits"), f"{rule.id}: no hit is evasive (spaced, by sound, split …)"
                )


# -- warnings --------------------------------------------------------------------------------------------------------


def expired(material: Material) -> Iterator[Fault]:
    """Rules past their date."""
    for file in material.written:
        for number, rule in file.live_rules((Status.SHADOW, Status.CANARY, Status.LIVE)):
            if rule.expires is not None and rule.expires < material.today:
                yield file.tree.fault(
                    ("rules", number, "expires"), f"{rule.id}: expired on {rule.expires}; renew or retire it"
                )


def run_together(material: Material) -> Iterator[Fault]:
    """Words that are several to their author's eye only."""
    for file in material.written:
        for name, terms in file.content.terms.items():
            words = (*terms.any, *terms.covers)
            glued = [text for text in words if any(sign in text[1:-1] for sign in NO_END_OF_A_WORD)]
            listed = [text for text in words if SELDOM_IN_A_WORD in text[1:-1]]
            if glued := glued + listed * (2 * len(listed) >= len(words)):
                what = f"a Chinese comma ends no word, so this is one; write , between words: {_some(glued)}"
                yield material.at_list(
                    material.lists[f"{file.source.name}.{name}"], f"{file.source.name}.{name}: {what}"
                )


def left_as_they_were(material: Material) -> Iterator[Fault]:
    """Lists that still hold the made-up words of a new rule."""
    for file, name, _, text in material.terms():
        if text in MADE_UP:
            facts = material.lists[f"{file.source.name}.{name}"]
            yield material.at_list(facts, f"{facts.name}: {text} is a made-up word; put yours, or delete the list")


def repeated_terms(material: Material) -> Iterator[Fault]:
    """Words that fold to one that is in the list already."""
    fold = tables.load().compact
    seen: set[tuple[str, str, str]] = set()
    again: dict[str, list[str]] = defaultdict(list)
    for file, name, _, text in material.terms():
        key = (file.source.name, name, fold(text))
        if key in seen:
            again[f"{file.source.name}.{name}"].append(text)
        seen.add(key)
    for name, texts in again.items():
        yield material.at_list(material.lists[name], f"{name}: in the list already, folded: {_some(texts)}")


def strength_belied(material: Material) -> Iterator[Fault]:
    """Terms that alone queue a listing although they are not of strength H."""
    rows = list(material.terms())
    weak: dict[tuple[str, str], list[str]] = defaultdict(list)
    for (file, name, _, text), findings in zip(rows, material.scan_texts([row[3] for row in rows]), strict=True):
        strength = file.content.terms[name].strength
        if strength is not Strength.H and any(f.score >= 0.5 and f.queues for f in findings):
            weak[file.source.name, name].append(text)
    for (stem, name), texts in weak.items():
        facts = material.lists[f"{stem}.{name}"]
        what = f"{facts.name}: of strength {facts.strength}, but alone enough to queue: {_some(texts)}"
        yield material.at_list(facts, what)


def needless(material: Material) -> Iterator[Fault]:
    """Rules that even a listing without a word is asked about: every listing pays for them."""
    bare = Listing(platform="check", listing_id="bare", title="。")
    # As many as make it worth a rulebook's while to look closely.
    asked = [rules for number, _, rules in material.rulebook.candidates([bare] * (FEW + 1)) if number == 0]
    for rule in [rule for rules in asked for rule in rules]:
        weak = sorted(lists_of(rule.when, negated=False) & material.rulebook.weak_lists)
        blamed = ", ".join(material.rulebook.lists[number].name for number in weak)
        why = f" ({blamed}: no word of two characters, or three Latin ones, is in every match)" if blamed else ""
        what = f"{rule.id}: no word rules it out, so it is asked of every listing (slow); let it need a term{why}"
        yield material.at_rule(rule.id, what)


def found_by_others(material: Material) -> Iterator[Fault]:
    """Misses of one rule that another rule would queue."""
    misses = [proof for proof in material.proofs if not proof.is_hit and proof.passed]
    for proof, findings in zip(misses, scan([proof.example for proof in misses], material.rulebook), strict=True):
        others = [finding.rule for finding in findings if finding.rule != proof.rule]
        if triage(proof.example, findings) is not None and others:
            what = f"{proof.rule}: this miss would be queued by {', '.join(others)}: {proof.shown}"
            yield Fault(file=proof.file, line=proof.line, column=proof.column, what=what)


# -- notes -----------------------------------------------------------------------------------------------------------


def unused_lists(material: Material) -> Iterator[Fault]:
    """Lists that no rule names."""
    used: set[int] = set()
    for rule in material.rulebook.rules:
        conditions = (rule.when, rule.unless, *(guard.when for guard in rule.guards))
        used.update(*(lists_of(condition) for condition in conditions if condition is not None))
    for facts in material.rulebook.lists:
        if facts.number not in used:
            yield material.at_list(facts, f"{facts.name}: no rule uses this list")


def never_fires(material: Material) -> Iterator[Fault]:
    """Terms that no example of any rule contains."""
    seen = _seen_in_examples(material)
    silent: dict[str, list[str]] = defaultdict(list)
    for file, name, _, text in material.terms():
        if text not in seen[material.lists[f"{file.source.name}.{name}"].number]:
            silent[f"{file.source.name}.{name}"].append(text)
    for name, texts in silent.items():
        yield material.at_list(material.lists[name], f"{name}: {len(texts)} never fire in an example: {_some(texts)}")


def weak_alone(material: Material) -> Iterator[Fault]:
    """Terms of strength H that alone queue nothing."""
    rows = [row for row in material.terms() if row[0].content.terms[row[1]].strength is Strength.H]
    silent: dict[str, list[str]] = defaultdict(list)
    for (file, name, _, text), findings in zip(rows, material.scan_texts([row[3] for row in rows]), strict=True):
        if not any(finding.score >= 0.5 for finding in findings):
            silent[f"{file.source.name}.{name}"].append(text)
    for name, texts in silent.items():
        yield material.at_list(material.lists[name], f"{name}: of strength H, but alone not queued: {_some(texts)}")


CHECKS: tuple[tuple[Weight, Callable[[Material], Iterable[Fault]]], ...] = (
    (Weight.FAULT, failed_proofs),
    (Weight.FAULT, no_evasive_hit),
    (Weight.FAULT, queued_ordinary_words),
    (Weight.FAULT, queued_boilerplate),
    (Weight.WARNING, ordinary_collisions),
    (Weight.WARNING, boilerplate_collisions),
    (Weight.WARNING, speaks_everywhere),
    (Weight.WARNING, needs_no_trade_word),
    (Weight.WARNING, expired),
    (Weight.WARNING, run_together),
    (Weight.WARNING, left_as_they_were),
    (Weight.WARNING, needless),
    (Weight.WARNING, found_by_others),
    (Weight.NOTE, repeated_terms),
    (Weight.NOTE, strength_belied),
    (Weight.NOTE, unused_lists),
    (Weight.NOTE, never_fires),
    (Weight.NOTE, weak_alone),
)


def _seen_in_examples(material: Material) -> dict[int, set[str]]:
    seen: dict[int, set[str]] = defaultdict(set)
    for sight in material.rulebook.sights([proof.example for proof in material.proofs]):
        for facts in material.rulebook.lists:
            for marks in sight.hits(facts.number).values():
                seen[facts.number].update(mark.reads for mark in marks)
    return seen


def _some(texts: Sequence[str]) -> str:
    more = f" and {len(texts) - MOST_SHOWN} more" if len(texts) > MOST_SHOWN else ""
    return ", ".join(texts[:MOST_SHOWN]) + more
