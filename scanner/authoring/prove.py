"""Rules prove themselves: each hit is found, each miss is spared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from scanner.authoring.examples import listing_of, shown
from scanner.authoring.explain import near_miss
from scanner.model import Finding, Listing
from scanner.rulebook.compiled import Rule
from scanner.rulebook.judge import judge
from scanner.rulebook.model import QUEUE_AT, Example, Hit, Miss, RuleText
from scanner.rulebook.reader import Written
from scanner.rulebook.rulebook import Rulebook
from scanner.rulebook.sight import Sight


class Proof(msgspec.Struct, frozen=True, kw_only=True):
    """One example, tried."""

    rule: str
    file: str
    line: int
    column: int
    is_hit: bool
    example: Listing
    shown: str
    passed: bool
    is_disguised: bool
    finding: Finding | None
    why: str

    def __str__(self) -> str:
        """The line that says what went wrong."""
        wanted = "a hit is not found" if self.is_hit else "a miss is found"
        return f"{self.file}:{self.line}:{self.column}: {self.rule}: {wanted}: {self.shown} ({self.why})"


def prove(written: Iterable[Written], rulebook: Rulebook, *, only: str = "") -> Iterator[Proof]:
    """Try every example of every rule that ``rulebook`` has; ``only`` names a category or a rule.

    A hit is found when the rule fires and no guard brings a rule that queues below 0.5. A miss is spared when the rule
    is silent, or its score stays below 0.5.
    """
    rules = {rule.id: rule for rule in rulebook.rules}
    for file in written:
        for number, text in enumerate(file.module.rules if file.module else ()):
            rule = rules.get(text.id)
            if rule is not None and only in {"", text.id, rule.category}:
                yield from _prove_rule(file, number, text, rule, rulebook)


def _prove_rule(file: Written, number: int, text: RuleText, rule: Rule, rulebook: Rulebook) -> Iterator[Proof]:
    groups: tuple[tuple[str, tuple[Hit | Miss, ...]], ...] = (("hits", text.hits), ("misses", text.misses))
    examples = [
        (example, (file.source.file, *file.tree.place(("rules", number, group, index))))
        for group, those in groups
        for index, example in enumerate(those)
    ]
    sights = rulebook.sights([listing_of(example, listing_id=f"{at[0]}:{at[1]}") for example, at in examples])
    for (example, at), sight in zip(examples, sights, strict=True):
        yield _try(example, rule, sight, rulebook, place=at)


def _try(example: Example, rule: Rule, sight: Sight, rulebook: Rulebook, *, place: tuple[str, int, int]) -> Proof:
    finding = judge(rule, sight, rulebook=rulebook.version, normaliser=rulebook.normaliser)
    is_hit = isinstance(example, Hit)
    fires = finding is not None and (finding.score >= QUEUE_AT or (is_hit and rule.score < QUEUE_AT))
    return Proof(
        rule=rule.id,
        file=place[0],
        line=place[1],
        column=place[2],
        is_hit=is_hit,
        example=sight.listing,
        shown=shown(example),
        passed=fires is is_hit,
        is_disguised=finding is not None and any(span.view != "folded" for span in finding.spans),
        finding=finding,
        why=finding.reason if finding is not None else _why_silent(rule, sight),
    )


def _why_silent(rule: Rule, sight: Sight) -> str:
    miss = near_miss(rule, sight)
    return "; ".join(miss.why_not) if miss else "nothing of what the rule looks for is there"
