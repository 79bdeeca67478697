"""The answers to the prefilter's steps for one batch of listings: a bit for each listing, or for each stretch of text.

Patterns are looked for where all depends on them, and nowhere else. They are looked for in rounds, all at once that
are asked for in one: in each, a listing that is in doubt is asked for one more pattern by each step.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from scanner.rulebook.bits import Bits, flags_of, places_of
from scanner.rulebook.program import BitRows, Look, Operation, Program, Step
from scanner.rulebook.stretches import Ground


class Plan(NamedTuple):
    """The steps, and the late lists that each rests on in the order of asking.

    ``resting_on`` has for each late list a bit for each step that rests on it; ``below`` for each step a bit for those,
    itself too, that change with what is known of late lists.
    """

    steps: tuple[Step, ...]
    program: Program
    rests_on: tuple[tuple[int, ...], ...]
    resting_on: Mapping[int, Bits]
    below: tuple[Bits, ...]


class Settled:
    """Answers to the steps for one batch, with patterns looked for where all depends on them, and nowhere else."""

    def __init__(self, plan: Plan, ground: Ground, facts: Mapping[int, Bits]) -> None:
        self._plan = plan
        self._ground = ground
        self._certain = _Answers(plan, ground, facts, sure=True)
        self._possible = _Answers(plan, ground, facts)
        self._look = plan.program.look(ground)
        if self._look is not None:
            self._possible.look(self._look, self._certain.look(self._look))

    def settled(self, numbers: Sequence[int], *, one_is_enough: bool = False) -> list[Bits]:
        """The answers to some steps when no pattern can change them any more.

        If ``one_is_enough``, nothing more is asked of a listing of which one of these steps is certain.
        """
        doubts: Collection[int] = numbers
        found: dict[int, Bits] = {}
        certain = 0
        while True:
            sure = self._certain.of_all(doubts)
            found |= self._possible.of_all(doubts)
            if one_is_enough:
                certain = functools.reduce(operator.or_, sure.values(), certain)
            doubts = [number for number in doubts if found[number] != sure[number]]
            wanted = self._wanted({number: found[number] & ~sure[number] & ~certain for number in doubts})
            if not wanted:
                return [found[number] for number in numbers]
            self._settle(wanted, doubts)

    def _wanted(self, doubts: Mapping[int, Bits]) -> dict[int, Bits]:
        """Of each step the first late list that is open, in each of the listings where it is in doubt."""
        wanted: dict[int, Bits] = {}
        for number, doubt in doubts.items():
            left = doubt
            for late in self._plan.rests_on[number]:
                if not left:
                    break
                if asked := left & self._ground.open(late):
                    wanted[late] = wanted.get(late, 0) | asked
                    left &= ~asked
        return wanted

    def _settle(self, wanted: Mapping[int, Bits], numbers: Iterable[int]) -> None:
        """Look for these patterns, and bring the answers to some steps up to date."""
        self._ground.settle(wanted)
        if self._look is None:
            self._certain.forget(wanted)
            self._possible.forget(wanted)
        else:
            self._look.tell(wanted)
            asked = functools.reduce(operator.or_, (self._plan.below[number] for number in numbers))
            changed = functools.reduce(operator.or_, (self._plan.resting_on[number] for number in wanted))
            again = flags_of(asked & changed, len(self._plan.steps)).view(np.uint8)
            self._possible.look(self._look, self._certain.look(self._look, again=again), again=again)


class _Answers:
    """The answers to the steps for one batch: all at once if one begins with a look at it; otherwise each when first
    asked for: where nothing is, nothing more is asked.
    """

    def __init__(self, plan: Plan, ground: Ground, facts: Mapping[int, Bits], *, sure: bool = False) -> None:
        """``facts`` tells the listings by what is so of them, bit i for fact i. ``sure``: see ``Ground``."""
        self._plan = plan
        self._ground = ground
        self._facts = facts
        self._sure = sure
        self._known: dict[int, Bits] = {}
        self._all: BitRows | None = None

    def look(self, look: Look, certain: BitRows | None = None, *, again: NDArray[np.uint8] | None = None) -> BitRows:
        """Answer all steps, or some ``again``; ``certain`` are the answers by what is sure."""
        if self._all is None:
            self._all = look.answers(self._answer, certain)
        else:
            look.answer(self._all, certain, again)
        return self._all

    def of(self, number: int) -> Bits:
        """The answer to one step."""
        if self._all is not None:
            return self._all.bits(number)
        known = self._known.get(number)
        if known is None:
            known = self._known[number] = self._answer(self._plan.steps[number])
        return known

    def of_all(self, numbers: Iterable[int]) -> dict[int, Bits]:
        """The answers to some steps."""
        return {number: self.of(number) for number in numbers} if self._all is None else self._all.all_bits(numbers)

    def _answer(self, step: Step) -> Bits:
        return _ANSWER[step.operation](self, step)

    def forget(self, lists: Iterable[int]) -> None:
        """Where some late lists have hits is known better now."""
        for late in lists:
            for step in places_of(self._plan.resting_on[late]):
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
