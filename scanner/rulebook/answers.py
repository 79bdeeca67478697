"""The answers to the prefilter's steps for one batch of listings: a bit for each listing, or for each stretch of text.

A step is answered when it is first asked for, and where nothing is, nothing more is asked. Patterns are looked for
where all depends on them, and nowhere else.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping
from typing import NamedTuple

from scanner.rulebook.bits import Bits
from scanner.rulebook.program import Answers, Look, Operation, Program, Step
from scanner.rulebook.stretches import Ground


class Plan(NamedTuple):
    """The steps, the late lists that each rests on in the order of asking, and the steps that rest on each of these."""

    steps: tuple[Step, ...]
    program: Program
    rests_on: tuple[tuple[int, ...], ...]
    resting_on: Mapping[int, tuple[int, ...]]


class Settled:
    """Answers to the steps for one batch, with patterns looked for where all depends on them, and nowhere else."""

    def __init__(self, plan: Plan, ground: Ground, facts: Mapping[int, Bits], few: int = 0) -> None:
        """So ``few`` listings, or fewer, may stay in doubt."""
        self._plan = plan
        self._ground = ground
        self._few = few
        self._certain = _Answers(plan, ground, facts, sure=True)
        self._possible = _Answers(plan, ground, facts)
        self.possible = self._possible.of
        if look := plan.program.look(ground):
            self._possible.begin(look, self._certain.begin(look))

    def settled(self, number: int) -> Bits:
        """The answer to a step when no pattern can change it any more."""
        for late in self._plan.rests_on[number]:
            doubtful = self._possible.of(number) & ~self._certain.of(number)
            if doubtful.bit_count() <= self._few:
                break
            if self._ground.settle(late, doubtful):
                self._possible.forget(late)
                self._certain.forget(late)
        return self._possible.of(number)


class _Answers:
    """The answers to the steps for one batch: all at once if one begins with a look at it; otherwise, and where they
    change, each when first asked for: where nothing is, nothing more is asked.
    """

    def __init__(self, plan: Plan, ground: Ground, facts: Mapping[int, Bits], *, sure: bool = False) -> None:
        """``facts`` tells the listings by what is so of them, bit i for fact i. ``sure``: see ``Ground``."""
        self._plan = plan
        self._ground = ground
        self._facts = facts
        self._sure = sure
        self._known: dict[int, Bits] = {}
        self._changed: set[int] = set()
        self._first: Answers | None = None

    def begin(self, look: Look, known: Answers | None = None) -> Answers:
        """Answer all steps; ``known`` are the answers by what is sure."""
        self._first = look.answers(self._answer, known)
        return self._first

    def of(self, number: int) -> Bits:
        """The answer to one step."""
        known = self._known.get(number)
        if known is None:
            if self._first is not None and number not in self._changed:
                known = self._first.bits(number)
            else:
                known = self._answer(self._plan.steps[number])
            self._known[number] = known
        return known

    def _answer(self, step: Step) -> Bits:
        return _ANSWER[step.operation](self, step)

    def forget(self, late: int) -> None:
        """Where a late list has hits is known better now."""
        for step in self._plan.resting_on[late]:
            self._changed.add(step)
            self._known.pop(step, None)

    def any(self, step: Step) -> Bits:
        found = 0
        if not step.reach:
            for number in step.of:
                found |= self._ground.has(number, step.kinds, sure=self._sure)
            return found
        stretches = self._ground.stretches(step.reach)
        for number in step.of:
            found |= stretches.has(number, sure=self._sure)
        return self._masked(step, found)

    def count(self, step: Step) -> Bits:
        if not step.reach:
            return self._ground.counted(step.of, step.least, step.kinds, sure=self._sure)
        stretches = self._ground.stretches(step.reach)
        return self._masked(step, stretches.counted(step.of, step.least, sure=self._sure))

    def chain(self, step: Step) -> Bits:
        rows = self._ground.chained(step.of, step.after, step.least, step.kinds)
        flooded = 0 if self._sure else self._ground.flooded(step.of + step.after)
        if not step.reach:
            return self._ground.at(rows) | flooded
        stretches = self._ground.stretches(step.reach)
        return stretches.at(rows) | stretches.all_over(flooded)

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

    def resembles(self, step: Step) -> Bits:
        return self._ground.resembling(step.chance)


_ANSWER: dict[Operation, Callable[[_Answers, Step], Bits]] = {
    "any": _Answers.any,
    "count": _Answers.count,
    "chain": _Answers.chain,
    "all": _Answers.all,
    "one": _Answers.one,
    "some": _Answers.some,
    "listing": _Answers.listing,
    "fact": _Answers.fact,
    "resembles": _Answers.resembles,
}
