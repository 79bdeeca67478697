"""Which rules are worth asking of which listings: most listings cost nothing beyond the matching itself.

Every condition is evaluated for a whole batch at once, a bit for each listing, on what is cheap to know: which lists
have a hit in a listing, in which stretch of it, and what the facts of the listing are. What is not known then (signals,
``not``) counts as true, so the answer may be yes too often and is never wrongly no.

What is within N characters is looked for in stretches (see ``stretches``) of the smallest reach that is at least N.
"""

from __future__ import annotations

import functools
import math
import operator
from collections.abc import Collection, Iterable, Sequence
from itertools import islice, pairwise
from typing import Literal

import numpy as np

from scanner.model import Listing
from scanner.rulebook.answers import Plan, Settled
from scanner.rulebook.bits import Bits, bits_of, places_of
from scanner.rulebook.compiled import Rule, TermListFacts
from scanner.rulebook.facts import MOST_KNOWN, Circumstances, circumstances, is_fact, is_so
from scanner.rulebook.lexicon import Hits
from scanner.rulebook.logic import And, Count, Disguised, In, Node, Not, Or, Signal, Some, Term, Then, Within
from scanner.rulebook.program import Program, Step
from scanner.rulebook.stretches import Ground
from scanner.signals import is_resemblance

# Reaches of the stretches that are looked at; a wider ``within`` is known by listing only.
REACHES = (64, 160)


class Prefilter:
    """The conditions of all rules as steps, each thing that several of them ask only once."""

    def __init__(
        self,
        rules: Sequence[Rule],
        lists: Sequence[TermListFacts],
        weak: Collection[int] = (),
        *,
        known: Collection[int] | None = None,
        reaches: Sequence[int] = REACHES,
    ) -> None:
        """``weak`` are late lists that hardly ever rule a listing out by themselves: they are asked last. ``known`` are
        the lists that hits will be told of, if not all. Without ``reaches``, what is near what is not looked at."""
        self._reaches = reaches
        self._unknown = frozenset() if known is None else frozenset(facts.number for facts in lists) - frozenset(known)
        self._steps: dict[Step, int] = {}
        self._plan_of: dict[tuple[int, int, tuple[str, ...] | None], int | None] = {}
        self._rules = rules
        self._facts: list[Node] = []
        self._known: dict[Circumstances, int] = {}
        self._late = frozenset(facts.number for facts in lists if facts.is_pattern)
        self._asked = [self._ask(rule) for rule in rules]
        self._plan_of_steps = self._planned(weak)

    @property
    def placed(self) -> Collection[int]:
        """The lists of which it matters where their words stand."""
        return self._plan_of_steps.program.placed

    @property
    def asks_likeness(self) -> bool:
        """Whether it matters how much a listing reads like an offer."""
        return any(step.operation == "resembles" for step in self._plan_of_steps.steps)

    def candidates(self, listings: Sequence[Listing], hits: Hits) -> dict[int, list[int]]:
        """The listings that some rule is worth asking of, with the numbers of these rules."""
        asked: dict[int, list[int]] = {}
        for rule, found in enumerate(self.left(listings, hits) if listings else ()):
            for document in places_of(found):
                asked.setdefault(document, []).append(rule)
        return asked

    def left(self, listings: Sequence[Listing], hits: Hits, *, one_is_enough: bool = False) -> list[Bits]:
        """For each rule the listings that it is worth asking of. If ``one_is_enough``, a listing that one is worth
        asking of may be among those of others too."""
        everywhere = (1 << len(listings)) - 1
        ground = Ground(len(listings), hits, self._late, placed=bool(self._reaches))
        answers = Settled(self._plan_of_steps, ground, self._facts_of(listings))
        asked = [number for number in self._asked if number is not None]
        settled = iter(answers.settled(asked, one_is_enough=one_is_enough))
        left = [everywhere if number is None else next(settled) for number in self._asked]
        ground.leave()
        return left

    def _planned(self, weak: Collection[int]) -> Plan:
        rests_on: list[frozenset[int]] = []
        resting_on = dict.fromkeys(self._late, 0)
        below: list[Bits] = []
        for number, step in enumerate(self._steps):
            parts = step.of if step.operation in {"all", "one", "some", "listing"} else ()
            named = self._late.intersection(step.of) if step.operation in {"any", "count", "chain"} else frozenset()
            rests_on.append(named.union(*(rests_on[part] for part in parts)))
            for late in rests_on[number]:
                resting_on[late] |= 1 << number
            own = 1 << number if rests_on[number] else 0
            below.append(functools.reduce(operator.or_, (below[part] for part in parts), own))
        return Plan(
            tuple(self._steps),
            Program(tuple(self._steps), sum(1 << number for number, found in enumerate(rests_on) if found)),
            tuple(tuple(sorted(found, key=lambda number: (number in weak, number))) for found in rests_on),
            resting_on,
            tuple(below),
        )

    def _facts_of(self, listings: Sequence[Listing]) -> dict[int, Bits]:
        """The listings by what is so of them; remembered, because most listings are like others in this."""
        facts = self._facts_of_each(listings)
        different = {so: number for number, so in enumerate(set(facts))}
        if len(different) == 1:
            return dict.fromkeys(different, (1 << len(listings)) - 1)
        numbers = np.fromiter(map(different.__getitem__, facts), np.intp, len(facts))
        return {so: bits_of(numbers == number) for so, number in different.items()}

    def _facts_of_each(self, listings: Sequence[Listing]) -> list[int]:
        """What is so of each listing, bit i for fact i."""
        keys = [*map(circumstances, listings)]
        facts = [*map(self._known.get, keys)]
        known = [so for so in facts if so is not None]
        if len(known) == len(keys):
            return known
        unknown = {key: number for number, (key, so) in enumerate(zip(keys, facts, strict=True)) if so is None}
        found = {key: self._so_of(listings[number]) for key, number in unknown.items()}
        self._known.update(islice(found.items(), max(0, MOST_KNOWN - len(self._known))))
        return [found[key] if so is None else so for key, so in zip(keys, facts, strict=True)]

    def _so_of(self, listing: Listing) -> int:
        return sum(1 << fact for fact, node in enumerate(self._facts) if is_so(node, listing))

    # -- from conditions to steps; None stands for "true as far as we know" --------------------------------------------

    def _ask(self, rule: Rule) -> int | None:
        speaks = self._plan(rule.asked, reach=0, kinds=None)
        return speaks if rule.unless is None else self._join("all", [speaks, self._fact(Not(rule.unless))], reach=0)

    def _fact(self, node: Node) -> int:
        if node not in self._facts:
            self._facts.append(node)
        return self._number(Step("fact", (self._facts.index(node),), reach=0))

    def _plan(self, node: Node, *, reach: int, kinds: tuple[str, ...] | None) -> int | None:
        """Equal conditions are one object in all rules (see ``compiled.shared``): each is planned once."""
        key = (id(node), reach, kinds)
        if key not in self._plan_of:
            self._plan_of[key] = self._new_plan(node, reach=reach, kinds=kinds)
        return self._plan_of[key]

    def _new_plan(self, node: Node, *, reach: int, kinds: tuple[str, ...] | None) -> int | None:  # noqa: C901 - a table
        if is_fact(node):
            return None if reach else self._fact(node)
        match node:
            case Term() if node.list in self._unknown:
                return None
            case Term():
                return self._number(Step("any", (node.list,), reach, kinds))
            case And():
                return self._join("all", self._plans(node.parts, reach=reach, kinds=kinds), reach)
            case Then():
                return self._then(node, reach, kinds)
            case Or():
                return self._either(node, reach, kinds)
            case Some():
                return self._some(node, reach, kinds)
            case Within(window=int(window)) if self._reaches and window <= self._reaches[-1] and not reach:
                wide_enough = next(width for width in self._reaches if window <= width)
                anywhere = self._plan(node.part, reach=0, kinds=kinds)
                plan = self._plan(node.part, reach=wide_enough, kinds=kinds)
                near = None if plan is None else self._listing(plan, wide_enough)
                return self._join("all", [anywhere, near], reach=0)
            case In():
                narrowed = node.fields if kinds is None else tuple(kind for kind in kinds if kind in node.fields)
                return self._plan(node.part, reach=reach, kinds=narrowed)
            case Within() | Disguised():
                return self._plan(node.part, reach=reach, kinds=kinds)
            case Count() if node.sign in {">", ">=", "=="} and node.number > 0:
                return self._count(node, reach, kinds)
            case Signal():
                return self._signal(node, reach)
        return None

    def _signal(self, node: Signal, reach: int) -> int | None:
        """Of all signals the likeness to offers alone is known for a whole batch."""
        is_known = is_resemblance(node.name) and node.sign in {">", ">="} and not reach
        return self._number(Step("resembles", (), reach=0, chance=node.number)) if is_known else None

    def _plans(self, parts: Iterable[Node], *, reach: int, kinds: tuple[str, ...] | None) -> list[int | None]:
        return [self._plan(part, reach=reach, kinds=kinds) for part in parts]

    def _either(self, node: Or, reach: int, kinds: tuple[str, ...] | None) -> int | None:
        """Lists named side by side are looked up together."""
        terms = tuple(sorted({part.list for part in node.parts if isinstance(part, Term)}))
        if not self._unknown.isdisjoint(terms):
            return None
        rest = self._plans((p for p in node.parts if not isinstance(p, Term)), reach=reach, kinds=kinds)
        if terms:
            rest.append(self._number(Step("any", terms, reach, kinds)))
        return None if None in rest else self._join("one", rest, reach)

    def _then(self, node: Then, reach: int, kinds: tuple[str, ...] | None) -> int | None:
        """Both sides, and near each other; of a longer chain each link."""
        plans = self._plans(node.parts, reach=reach, kinds=kinds)
        for links in pairwise(node.parts) if isinstance(node.gap, int) else ():
            one, other = map(self._side_by_side, links)
            if one and other and self._late.isdisjoint(one + other):
                plans.append(self._number(Step("chain", one, reach, kinds, int(node.gap), other)))
        return self._join("all", plans, reach)

    def _count(self, node: Count, reach: int, kinds: tuple[str, ...] | None) -> int | None:
        """At least one hit; so many, where lists alone are counted."""
        plan = self._plan(node.part, reach=reach, kinds=kinds)
        lists = self._side_by_side(node.part)
        if plan is None or not lists:
            return plan
        least = math.floor(node.number) + 1 if node.sign == ">" else math.ceil(node.number)
        if least < 2:
            return plan
        return self._join("all", [plan, self._number(Step("count", lists, reach, kinds, least))], reach)

    def _some(self, node: Some, reach: int, kinds: tuple[str, ...] | None) -> int | None:
        plans = self._plans(node.parts, reach=reach, kinds=kinds)
        known = [plan for plan in plans if plan is not None]
        wanted = node.least - (len(plans) - len(known))
        if wanted <= 0:
            return None
        if wanted in {1, len(known)}:
            return self._join("one" if wanted == 1 else "all", known, reach)
        return self._number(Step("some", tuple(sorted(known)), reach, least=wanted))

    def _join(self, operation: Literal["all", "one"], plans: Iterable[int | None], reach: int) -> int | None:
        known = tuple(sorted({plan for plan in plans if plan is not None}))
        if len(known) < 2:
            return known[0] if known else None
        return self._number(Step(operation, known, reach))

    def _listing(self, plan: int, reach: int) -> int:
        return self._number(Step("listing", (plan,), 0, least=reach))

    def _number(self, step: Step) -> int:
        return self._steps.setdefault(step, len(self._steps))

    def _side_by_side(self, node: Node) -> tuple[int, ...]:
        """The lists that a node names, if it is one of them or another and nothing more, and all are known."""
        parts = node.parts if isinstance(node, Or) else (node,)
        lists = {part.list for part in parts if isinstance(part, Term)}
        is_simple = all(isinstance(part, Term) for part in parts) and self._unknown.isdisjoint(lists)
        return tuple(sorted(lists)) if is_simple else ()
