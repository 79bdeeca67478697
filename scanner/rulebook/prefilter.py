"""Which rules are worth asking of which listings: most listings cost nothing beyond the matching itself.

Every condition is evaluated for a whole batch at once, in numpy, on what is cheap to know: which lists have a hit in a
listing, in which stretch of it, and what the facts of the listing are. What is not known then (signals, ``not``) counts
as true, so the answer may be yes too often and is never wrongly no.

Stretches are ``STRETCH`` characters of one field and the ``STRETCH`` that follow, one beginning at each multiple of
``STRETCH``: whatever begins within that many characters begins in at least one of them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from scanner.model import Listing
from scanner.rulebook.compiled import Rule, TermListFacts
from scanner.rulebook.facts import Circumstances, circumstances, is_fact, is_so
from scanner.rulebook.lexicon import Hits
from scanner.rulebook.logic import FIELDS, And, Count, Disguised, In, Node, Not, Or, Some, Term, Then, Within
from scanner.rulebook.sight import kind_of
from scanner.text.views import Document

STRETCH = 96
# A batch of long texts is cut into longer stretches, so that there are never more than about this many.
MOST_STRETCHES = 1 << 15
# Different kinds of listing (category path, seller, licences, language) whose facts are remembered.
MOST_KNOWN = 1 << 14

Flags = NDArray[np.bool_]
Numbers = NDArray[np.intp]
Operation = Literal["any", "all", "one", "some", "listing", "fact"]


class Step(NamedTuple):
    """``any`` of some lists has a hit; ``all``, ``one`` or ``some`` (``least`` or more) of earlier steps hold; an
    earlier step holds anywhere in the ``listing``; a ``fact`` is so.

    ``is_near`` steps have one answer for each stretch, the others one for each listing. ``kinds`` are kinds of field.
    """

    operation: Operation
    of: tuple[int, ...]
    is_near: bool
    kinds: tuple[str, ...] | None = None
    least: int = 0


class Prefilter:
    """The conditions of all rules as steps, each thing that several of them ask only once."""

    def __init__(self, rules: Sequence[Rule], lists: Sequence[TermListFacts]) -> None:
        self._steps: dict[Step, int] = {}
        self._facts: list[Node] = []
        self._known: dict[Circumstances, tuple[bool, ...]] = {}
        self._late = np.array([facts.number for facts in lists if facts.is_late], dtype=np.intp)
        self._lists = len(lists)
        self._asked = [self._ask(rule) for rule in rules]

    def candidates(
        self, listings: Sequence[Listing], documents: Sequence[Document], hits: Hits
    ) -> dict[int, list[int]]:
        """For each listing that some rule is worth asking of, the numbers of these rules."""
        asked: dict[int, list[int]] = {}
        if documents and self._asked:
            facts = np.array([self._facts_of(listing) for listing in listings], np.bool_)
            answers = _Answers(_Ground(documents, hits, self._late, self._lists), facts)
            for step in self._steps:
                answers.add(step)
            for rule, number in enumerate(self._asked):
                found = range(len(documents)) if number is None else np.flatnonzero(answers.of[number]).tolist()
                for document in found:
                    asked.setdefault(document, []).append(rule)
        return asked

    def _facts_of(self, listing: Listing) -> tuple[bool, ...]:
        """Which facts are so; remembered, because most listings are like others in this."""
        key = circumstances(listing)
        known = self._known.get(key)
        if known is None:
            known = tuple(is_so(node, listing) for node in self._facts)
            if len(self._known) < MOST_KNOWN:
                self._known[key] = known
        return known

    # -- from conditions to steps; None stands for "true as far as we know" --------------------------------------------

    def _ask(self, rule: Rule) -> int | None:
        speaks = self._plan(rule.when, near=False, kinds=None)
        return speaks if rule.unless is None else self._join("all", [speaks, self._fact(Not(rule.unless))], near=False)

    def _fact(self, node: Node) -> int:
        if node not in self._facts:
            self._facts.append(node)
        return self._number(Step("fact", (self._facts.index(node),), is_near=False))

    def _plan(self, node: Node, *, near: bool, kinds: tuple[str, ...] | None) -> int | None:
        if is_fact(node):
            return None if near else self._fact(node)
        match node:
            case Term():
                return self._step(Step("any", (node.list,), near or kinds is not None, kinds), near=near)
            case And() | Then():
                return self._join("all", self._plans(node.parts, near=near, kinds=kinds), near)
            case Or():
                return self._either(node, near, kinds)
            case Some():
                return self._some(node, near, kinds)
            case Within(window=int(window)) if window <= STRETCH and not near:
                return self._listing(self._plan(node.part, near=True, kinds=kinds))
            case In():
                narrowed = node.fields if kinds is None else tuple(kind for kind in kinds if kind in node.fields)
                return self._plan(node.part, near=near, kinds=narrowed)
            case Within() | Disguised():
                return self._plan(node.part, near=near, kinds=kinds)
            case Count() if node.sign in {">", ">=", "=="} and node.number > 0:
                return self._plan(node.part, near=near, kinds=kinds)
        return None

    def _plans(self, parts: Iterable[Node], *, near: bool, kinds: tuple[str, ...] | None) -> list[int | None]:
        return [self._plan(part, near=near, kinds=kinds) for part in parts]

    def _either(self, node: Or, near: bool, kinds: tuple[str, ...] | None) -> int | None:
        """Lists named side by side are looked up together."""
        terms = tuple(sorted({part.list for part in node.parts if isinstance(part, Term)}))
        rest = self._plans((p for p in node.parts if not isinstance(p, Term)), near=near, kinds=kinds)
        if terms:
            rest.append(self._step(Step("any", terms, near or kinds is not None, kinds), near=near))
        return None if None in rest else self._join("one", rest, near)

    def _some(self, node: Some, near: bool, kinds: tuple[str, ...] | None) -> int | None:
        plans = self._plans(node.parts, near=near, kinds=kinds)
        known = [plan for plan in plans if plan is not None]
        wanted = node.least - (len(plans) - len(known))
        if wanted <= 0:
            return None
        if wanted in {1, len(known)}:
            return self._join("one" if wanted == 1 else "all", known, near)
        return self._number(Step("some", tuple(sorted(known)), near, least=wanted))

    def _join(self, operation: Literal["all", "one"], plans: Iterable[int | None], near: bool) -> int | None:
        known = tuple(sorted({plan for plan in plans if plan is not None}))
        if len(known) < 2:
            return known[0] if known else None
        return self._number(Step(operation, known, near))

    def _step(self, step: Step, *, near: bool) -> int:
        number = self._number(step)
        return number if near or not step.is_near else self._number(Step("listing", (number,), is_near=False))

    def _listing(self, plan: int | None) -> int | None:
        return None if plan is None else self._number(Step("listing", (plan,), is_near=False))

    def _number(self, step: Step) -> int:
        return self._steps.setdefault(step, len(self._steps))


class _Ground:
    """Where the lists have hits in a batch: by listing, and by stretch."""

    def __init__(self, documents: Sequence[Document], hits: Hits, late: Numbers, lists: int) -> None:
        fields = [field for document in documents for field in document]
        counts = np.fromiter(map(len, documents), np.intp, len(documents))
        lengths = np.fromiter((len(text) for _, text in fields), np.intp, len(fields))
        stretch = max(STRETCH, int(lengths.sum()) // MOST_STRETCHES)
        stretches = lengths // stretch + 1
        first_field = np.cumsum(counts) - counts
        first_stretch = np.cumsum(stretches) - stretches
        self._kinds = np.repeat(np.array([_KIND[kind_of(name)] for name, _ in fields], dtype=np.int8), stretches)
        listing = np.repeat(np.repeat(np.arange(len(documents)), counts), stretches)
        self.filled = np.flatnonzero(counts)
        self.bounds = np.searchsorted(listing, self.filled)
        self.listings = len(documents)
        self.listing_has = np.zeros((lists, len(documents)), np.bool_)
        self.listing_has[: hits.present.shape[1]] = hits.present.T
        self.stretch_has = np.zeros((lists, len(listing)), np.bool_)
        bucket = hits.start // stretch
        at = first_stretch[first_field[hits.document] + hits.field] + bucket
        self.stretch_has[hits.list, at] = True
        self.stretch_has[hits.list, at - (bucket > 0)] = True
        # Patterns and single characters have no places yet: wherever the listing may have them, each stretch may.
        self.stretch_has[late] = self.listing_has[late][:, listing]

    def of_kinds(self, kinds: tuple[str, ...]) -> Flags:
        """The stretches of these kinds of field."""
        return np.isin(self._kinds, [_KIND[kind] for kind in kinds])


_KIND = {kind: number for number, kind in enumerate(FIELDS)}


class _Answers:
    """The answers to the steps, in order."""

    def __init__(self, ground: _Ground, facts: Flags) -> None:
        self._ground = ground
        self._facts = facts
        self._masks: dict[tuple[str, ...], Flags] = {}
        self.of: list[Flags] = []

    def add(self, step: Step) -> None:
        """Answer the next step."""
        self.of.append(_ANSWER[step.operation](self, step))

    def any(self, step: Step) -> Flags:
        has = self._ground.stretch_has if step.is_near else self._ground.listing_has
        found: Flags = has[step.of[0]] if len(step.of) == 1 else np.logical_or.reduce(has[list(step.of)], axis=0)
        return found if step.kinds is None else found & self._mask(step.kinds)

    def all(self, step: Step) -> Flags:
        first, *rest = (self.of[number] for number in step.of)
        return functools.reduce(np.logical_and, rest, first)

    def one(self, step: Step) -> Flags:
        first, *rest = (self.of[number] for number in step.of)
        return functools.reduce(np.logical_or, rest, first)

    def some(self, step: Step) -> Flags:
        count = np.zeros(len(self.of[step.of[0]]), np.int8)
        for number in step.of:
            count += self.of[number]
        return count >= step.least

    def listing(self, step: Step) -> Flags:
        found = np.zeros(self._ground.listings, np.bool_)
        if len(self._ground.bounds):
            found[self._ground.filled] = np.logical_or.reduceat(self.of[step.of[0]], self._ground.bounds)
        return found

    def fact(self, step: Step) -> Flags:
        return self._facts[:, step.of[0]]

    def _mask(self, kinds: tuple[str, ...]) -> Flags:
        if kinds not in self._masks:
            self._masks[kinds] = self._ground.of_kinds(kinds)
        return self._masks[kinds]


_ANSWER: dict[Operation, Callable[[_Answers, Step], Flags]] = {
    "any": _Answers.any,
    "all": _Answers.all,
    "one": _Answers.one,
    "some": _Answers.some,
    "listing": _Answers.listing,
    "fact": _Answers.fact,
}
