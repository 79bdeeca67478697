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
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Literal, NamedTuple

from scanner.model import Listing
from scanner.rulebook.compiled import Rule, TermListFacts
from scanner.rulebook.facts import Circumstances, circumstances, is_fact, is_so
from scanner.rulebook.lexicon import Hits
from scanner.rulebook.logic import And, Count, Disguised, In, Node, Not, Or, Some, Term, Then, Within
from scanner.rulebook.sight import Chances
from scanner.rulebook.stretches import Bits, Ground, places_of
from scanner.text.views import Document

# Reaches of the stretches that are looked at; a wider ``within`` is known by listing only.
REACHES = (64, 160)
# Different kinds of listing (category path, seller, licences, language) whose facts are remembered.
MOST_KNOWN = 1 << 14

Operation = Literal["any", "count", "chain", "all", "one", "some", "listing", "fact"]


class Step(NamedTuple):
    """``any`` of some lists has a hit; they have ``least`` hits in all (``count``); a hit of ``after`` begins at most
    ``least`` characters behind one of theirs (``chain``); ``all``, ``one`` or ``some`` (``least`` or more) of earlier
    steps hold; an earlier step of reach ``least`` holds anywhere in the ``listing``; a ``fact`` is so.

    A step has one answer for each stretch of ``reach``, or for each listing if that is 0. ``kinds`` are kinds of field.
    """

    operation: Operation
    of: tuple[int, ...]
    reach: int
    kinds: tuple[str, ...] | None = None
    least: int = 0
    after: tuple[int, ...] = ()


class Asked(NamedTuple):
    """The numbers of the rules worth asking of one listing, and which of their parts have a chance (see ``Sight``)."""

    rules: list[int]
    chances: Chances


class Plan(NamedTuple):
    """The steps, the late lists that each rests on in the order of asking, and the steps that rest on each of these."""

    steps: tuple[Step, ...]
    rests_on: tuple[tuple[int, ...], ...]
    resting_on: Mapping[int, tuple[int, ...]]


class Prefilter:
    """The conditions of all rules as steps, each thing that several of them ask only once."""

    def __init__(self, rules: Sequence[Rule], lists: Sequence[TermListFacts], weak: Collection[int] = ()) -> None:
        """``weak`` are late lists that hardly ever rule a listing out by themselves: they are asked last."""
        self._steps: dict[Step, int] = {}
        self._facts: list[Node] = []
        self._known: dict[Circumstances, int] = {}
        self._late = frozenset(facts.number for facts in lists if facts.is_pattern)
        self._asked = [self._ask(rule) for rule in rules]
        self._parts = [self._parts_of(rule) for rule in rules]
        self._plan_of_steps = self._planned(weak)

    def candidates(self, listings: Sequence[Listing], documents: Sequence[Document], hits: Hits) -> dict[int, Asked]:
        """The listings that some rule is worth asking of, with what is worth asking."""
        asked: dict[int, Asked] = {}
        if documents and self._asked:
            answers = _Doubts(self._plan_of_steps, Ground(documents, hits, self._late), self._facts_of(listings))
            everywhere = (1 << len(documents)) - 1
            for rule, number in enumerate(self._asked):
                found = everywhere if number is None else answers.settled(number)
                parts = [(node, answers.possible(step)) for node, step in self._parts[rule]] if found else ()
                for document in places_of(found):
                    of = asked.setdefault(document, Asked([], {}))
                    of.rules.append(rule)
                    of.chances.update((id(node), (node, bool(bits >> document & 1))) for node, bits in parts)
        return asked

    def _parts_of(self, rule: Rule) -> tuple[tuple[Node, int], ...]:
        """The alternatives of a rule and its guards, each with its step."""
        nodes = [*(rule.asked.parts if isinstance(rule.asked, Or) else ()), *(guard.when for guard in rule.guards)]
        plans = ((node, self._plan(node, reach=0, kinds=None)) for node in nodes)
        return tuple((node, plan) for node, plan in plans if plan is not None)

    def _planned(self, weak: Collection[int]) -> Plan:
        rests_on: list[frozenset[int]] = []
        for step in self._steps:
            if step.operation in {"any", "count", "chain"}:
                rests_on.append(self._late.intersection(step.of))
            else:
                below = step.of if step.operation != "fact" else ()
                rests_on.append(frozenset().union(*(rests_on[number] for number in below)))
        return Plan(
            tuple(self._steps),
            tuple(tuple(sorted(found, key=lambda number: (number in weak, number))) for found in rests_on),
            {late: tuple(i for i, found in enumerate(rests_on) if late in found) for late in self._late},
        )

    def _facts_of(self, listings: Sequence[Listing]) -> dict[int, Bits]:
        """The listings by what is so of them; remembered, because most listings are like others in this."""
        found: dict[int, Bits] = {}
        for number, listing in enumerate(listings):
            key = circumstances(listing)
            known = self._known.get(key)
            if known is None:
                known = sum(1 << fact for fact, node in enumerate(self._facts) if is_so(node, listing))
                if len(self._known) < MOST_KNOWN:
                    self._known[key] = known
            found[known] = found.get(known, 0) | 1 << number
        return found

    # -- from conditions to steps; None stands for "true as far as we know" --------------------------------------------

    def _ask(self, rule: Rule) -> int | None:
        speaks = self._plan(rule.asked, reach=0, kinds=None)
        return speaks if rule.unless is None else self._join("all", [speaks, self._fact(Not(rule.unless))], reach=0)

    def _fact(self, node: Node) -> int:
        if node not in self._facts:
            self._facts.append(node)
        return self._number(Step("fact", (self._facts.index(node),), reach=0))

    def _plan(self, node: Node, *, reach: int, kinds: tuple[str, ...] | None) -> int | None:
        if is_fact(node):
            return None if reach else self._fact(node)
        match node:
            case Term():
                return self._step(Step("any", (node.list,), reach or bool(kinds) * REACHES[0], kinds), reach=reach)
            case And():
                return self._join("all", self._plans(node.parts, reach=reach, kinds=kinds), reach)
            case Then():
                return self._then(node, reach, kinds)
            case Or():
                return self._either(node, reach, kinds)
            case Some():
                return self._some(node, reach, kinds)
            case Within(window=int(window)) if window <= REACHES[-1] and not reach:
                wide_enough = next(width for width in REACHES if window <= width)
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
        return None

    def _plans(self, parts: Iterable[Node], *, reach: int, kinds: tuple[str, ...] | None) -> list[int | None]:
        return [self._plan(part, reach=reach, kinds=kinds) for part in parts]

    def _either(self, node: Or, reach: int, kinds: tuple[str, ...] | None) -> int | None:
        """Lists named side by side are looked up together."""
        terms = tuple(sorted({part.list for part in node.parts if isinstance(part, Term)}))
        rest = self._plans((p for p in node.parts if not isinstance(p, Term)), reach=reach, kinds=kinds)
        if terms:
            rest.append(self._step(Step("any", terms, reach or bool(kinds) * REACHES[0], kinds), reach=reach))
        return None if None in rest else self._join("one", rest, reach)

    def _then(self, node: Then, reach: int, kinds: tuple[str, ...] | None) -> int | None:
        """Both sides, and near each other; of a longer chain each link."""
        plans = self._plans(node.parts, reach=reach, kinds=kinds)
        for links in pairwise(node.parts) if isinstance(node.gap, int) else ():
            one, other = map(_lists_side_by_side, links)
            if one and other and self._late.isdisjoint(one + other):
                plans.append(self._number(Step("chain", one, reach, kinds, int(node.gap), other)))
        return self._join("all", plans, reach)

    def _count(self, node: Count, reach: int, kinds: tuple[str, ...] | None) -> int | None:
        """At least one hit; so many, where lists alone are counted."""
        plan = self._plan(node.part, reach=reach, kinds=kinds)
        lists = _lists_side_by_side(node.part)
        if plan is None or not lists:
            return plan
        least = math.floor(node.number) + 1 if node.sign == ">" else math.ceil(node.number)
        if least < 2 or (kinds and not reach):
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

    def _step(self, step: Step, *, reach: int) -> int:
        number = self._number(step)
        return number if reach or not step.reach else self._listing(number, step.reach)

    def _listing(self, plan: int, reach: int) -> int:
        return self._number(Step("listing", (plan,), 0, least=reach))

    def _number(self, step: Step) -> int:
        return self._steps.setdefault(step, len(self._steps))


def _lists_side_by_side(node: Node) -> tuple[int, ...]:
    """The lists that a node names, if it is one of them or another and nothing more."""
    parts = node.parts if isinstance(node, Or) else (node,)
    lists = {part.list for part in parts if isinstance(part, Term)}
    return tuple(sorted(lists)) if all(isinstance(part, Term) for part in parts) else ()


class _Doubts:
    """Answers to the steps for one batch, with patterns looked for where all depends on them, and nowhere else."""

    def __init__(self, plan: Plan, ground: Ground, facts: Mapping[int, Bits]) -> None:
        self._plan = plan
        self._ground = ground
        self._possible = _Answers(plan, ground, facts)
        self.possible = self._possible.of
        self._certain = _Answers(plan, ground, facts, sure=True)

    def settled(self, number: int) -> Bits:
        """The answer to a step when no pattern can change it any more."""
        for late in self._plan.rests_on[number]:
            doubtful = self._possible.of(number) & ~self._certain.of(number)
            if not doubtful:
                break
            if self._ground.settle(late, doubtful):
                self._possible.forget(late)
                self._certain.forget(late)
        return self._possible.of(number)


class _Answers:
    """The answers to the steps for one batch, each when first asked for: where nothing is, nothing more is asked."""

    def __init__(self, plan: Plan, ground: Ground, facts: Mapping[int, Bits], *, sure: bool = False) -> None:
        """``facts`` tells the listings by what is so of them, bit i for fact i. ``sure``: see ``Ground``."""
        self._plan = plan
        self._ground = ground
        self._facts = facts
        self._sure = sure
        self._known: dict[int, Bits] = {}

    def of(self, number: int) -> Bits:
        """The answer to one step."""
        known = self._known.get(number)
        if known is None:
            step = self._plan.steps[number]
            known = self._known[number] = _ANSWER[step.operation](self, step)
        return known

    def forget(self, number: int) -> None:
        """Where a late list has hits is known better now."""
        for step in self._plan.resting_on[number]:
            self._known.pop(step, None)

    def any(self, step: Step) -> Bits:
        ground = self._ground.stretches(step.reach) if step.reach else self._ground
        found = 0
        for number in step.of:
            found |= ground.has(number, sure=self._sure)
        return self._masked(step, found)

    def count(self, step: Step) -> Bits:
        ground = self._ground.stretches(step.reach) if step.reach else self._ground
        return self._masked(step, ground.counted(step.of, step.least, sure=self._sure))

    def chain(self, step: Step) -> Bits:
        rows = self._ground.chained(step.of, step.after, step.least, step.kinds)
        return self._ground.stretches(step.reach).at(rows) if step.reach else self._ground.at(rows)

    def _masked(self, step: Step, found: Bits) -> Bits:
        return found & self._ground.stretches(step.reach).of_kinds(step.kinds) if found and step.kinds else found

    def all(self, step: Step) -> Bits:
        found = self.of(step.of[0])
        for number in step.of[1:]:
            if not found:
                break
            found &= self.of(number)
        return found

    def one(self, step: Step) -> Bits:
        return functools.reduce(operator.or_, map(self.of, step.of))

    def some(self, step: Step) -> Bits:
        """``reached[n]``: where n or more steps so far hold."""
        reached = [0] * (step.least + 1)
        for answer in map(self.of, step.of):
            for number in range(step.least, 1, -1):
                reached[number] |= reached[number - 1] & answer
            reached[1] |= answer
        return reached[step.least]

    def listing(self, step: Step) -> Bits:
        return self._ground.stretches(step.least).anywhere(self.of(step.of[0]))

    def fact(self, step: Step) -> Bits:
        return functools.reduce(operator.or_, (at for so, at in self._facts.items() if so >> step.of[0] & 1), 0)


_ANSWER: dict[Operation, Callable[[_Answers, Step], Bits]] = {
    "any": _Answers.any,
    "count": _Answers.count,
    "chain": _Answers.chain,
    "all": _Answers.all,
    "one": _Answers.one,
    "some": _Answers.some,
    "listing": _Answers.listing,
    "fact": _Answers.fact,
}
