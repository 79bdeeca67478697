"""The conditions of rules as the compiled kernel reads them: numbered, each behind its parts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple, Self

import numpy as np
import numpy.typing as npt

from scanner.kernels import conditions as compiled
from scanner.model import Listing
from scanner.rulebook.compiled import Rule
from scanner.rulebook.evaluate import shows
from scanner.rulebook.facts import MOST_KNOWN, Circumstances, circumstances, is_so
from scanner.rulebook.logic import (
    And,
    Category,
    Count,
    Disguised,
    Fact,
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
)
from scanner.rulebook.stretches import mask_of, number_of
from scanner.signals import is_chance, is_resemblance

_OPERATIONS: dict[type, int] = {
    kind: compiled.OPERATIONS.index(name)
    for kind, name in (
        (Term, "term"), (Signal, "signal"), (And, "and"), (Or, "or"), (Not, "not"), (Within, "within"), (In, "in"),
        (Then, "then"), (Some, "some"), (Count, "count"), (Disguised, "disguised"), (SellerIs, "fact"),
        (Licensed, "fact"), (Category, "fact"), (Language, "fact"),
    )
}  # fmt: skip
_WINDOWS = {"sentence": compiled.SENTENCE, "field": compiled.FIELD}

# Layouts that are remembered, and the fields that may be in them: names that no seller chooses.
MOST_LAYOUTS = 256
_OPTIONS = (f"options[{number}]" for number in range(16))
_REMEMBERED = frozenset(("text", "title", "description", "brand", "seller.name", *_OPTIONS))


class Layout(NamedTuple):
    """The fields of a listing: their names, their numbers by name, and a row of each: its kind, its rank in the order
    of the names, and room for its length."""

    names: tuple[str, ...]
    numbers: dict[str, int]
    rows: npt.NDArray[np.int32]

    @classmethod
    def of(cls, fields: tuple[str, ...]) -> Self:
        """That of some fields, which have different names."""
        ranks = {name: rank for rank, name in enumerate(sorted(fields))}
        numbers = {name: number for number, name in enumerate(fields)}
        rows = np.array([(number_of(name), ranks[name], 0) for name in fields], np.int32).reshape(-1, 3)
        return cls(fields, numbers, rows)


class Nodes:
    """The conditions of some rules as the kernel reads them."""

    def __init__(self, rules: Sequence[Rule], lists: int, late: Iterable[int]) -> None:
        """There are at least so many ``lists``, which are the first atoms; the marks of ``late`` ones are not at hand.

        Signals follow, then facts.
        """
        self.lists = lists
        self.signals: dict[str, int] = {}
        self.facts: dict[Fact, int] = {}
        self._numbers: dict[int, int] = {}
        self._nodes: list[Node] = []
        self.rules = rules
        asked = [[*map(self._number, _asked(rule))] for rule in rules]
        # Chances side by side behind the others: they are told of many at once, and before the others are asked for.
        self.names = sorted(self.signals, key=is_chance)
        self.signals = {name: at for at, name in enumerate(self.names)}
        self.chances = {self.lists + at: name for at, name in enumerate(self.names) if is_chance(name)}
        # Those of all categories are told at once.
        self.chances_together = [
            {number: name for number, name in self.chances.items() if is_resemblance(name) is is_alike}
            for is_alike in (True, False)
        ]
        end = self.lists + len(self.names)
        self.chances_at = slice(end - len(self.chances), end)
        self._layouts: dict[tuple[str, ...], Layout] = {}
        self._facts_of: dict[Circumstances, npt.NDArray[np.float64]] = {}
        self.atoms = self.lists + len(self.signals) + len(self.facts)
        self.facts_at = slice(self.lists + len(self.signals), self.atoms)
        at_hand = np.full(self.atoms, compiled.OF_TERMS, np.uint8)
        at_hand[[number for number in late if number < self.lists]] = 0
        at_hand[self.lists : self.facts_at.start] = 0
        parts = [[self._numbers[id(part)] for part in children(node)] for node in self._nodes]
        bounds = np.cumsum([0, *map(len, parts)]).tolist()
        rows = [self._row(node, first, len(own)) for node, first, own in zip(self._nodes, bounds, parts, strict=False)]
        self.record = compiled.Conditions.of(
            nodes=np.array(rows, compiled.NODE),
            parts=np.array([one for own in parts for one in own] or [0], np.int32),
            bounds=np.cumsum([0, *map(len, asked)]).astype(np.int32),
            asked=np.array([one for own in asked for one in own] or [0], np.int32),
            at_hand=at_hand,
            atoms=self.atoms,
            count=len(self._nodes),
        )

    def __len__(self) -> int:
        """How many different conditions there are."""
        return len(self._nodes)

    def layout(self, fields: tuple[str, ...]) -> Layout:
        """The fields of a listing; remembered, because most listings have the same few. Names of attributes, which
        sellers choose, are not."""
        known = self._layouts.get(fields)
        if known is None:
            known = Layout.of(fields)
            if len(self._layouts) < MOST_LAYOUTS and _REMEMBERED.issuperset(fields):
                self._layouts[fields] = known
        return known

    def facts_of(self, listing: Listing) -> npt.NDArray[np.float64]:
        """Which facts are so of a listing, 1 or 0; remembered, because most listings are like others in this."""
        key = circumstances(listing)
        known = self._facts_of.get(key)
        if known is None:
            known = np.array([is_so(fact, listing) for fact in self.facts], np.float64)
            if len(self._facts_of) < MOST_KNOWN:
                self._facts_of[key] = known
        return known

    def _number(self, node: Node) -> int:
        """The number of a condition: equal ones are one object in all rules (see ``compiled.shared``)."""
        if id(node) not in self._numbers:
            for part in children(node):
                self._number(part)
            self._numbers[id(node)] = len(self._nodes)
            self._nodes.append(node)
            if isinstance(node, Term):
                self.lists = max(self.lists, node.list + 1)
            elif isinstance(node, Signal):
                self.signals.setdefault(node.name, len(self.signals))
            elif isinstance(node, (SellerIs, Licensed, Category, Language)):
                self.facts.setdefault(node, len(self.facts))
        return self._numbers[id(node)]

    def _row(self, node: Node, first: int, count: int) -> tuple[float, ...]:
        flags = compiled.IS_POSITIVE * getattr(node, "is_positive", False) | compiled.SHOWS * shows(node)
        sign = compiled.SIGNS.index(getattr(node, "sign", None))
        kinds = mask_of(node.fields) if isinstance(node, In) else 0
        number: float = getattr(node, "number", 0.0)
        return _OPERATIONS[type(node)], first, count, self._atom(node), sign, _window(node), kinds, flags, number

    def _atom(self, node: Node) -> int:
        match node:
            case Term():
                return node.list
            case Signal():
                return self.lists + self.signals[node.name]
            case SellerIs() | Licensed() | Category() | Language():
                return self.lists + len(self.signals) + self.facts[node]
        return -1


def _asked(rule: Rule) -> Iterator[Node]:
    """What a rule asks, and that nothing excuses it; then its guards."""
    yield rule.asked if rule.unless is None else And((Not(rule.unless), rule.asked))
    yield from (guard.when for guard in rule.guards)


def _window(node: Node) -> int:
    """How near things must be, or how many of them must hold."""
    match node:
        case Within():
            return _WINDOWS[node.window] if isinstance(node.window, str) else node.window
        case Then():
            return _WINDOWS[node.gap] if isinstance(node.gap, str) else node.gap
        case Some():
            return node.least
    return 0
