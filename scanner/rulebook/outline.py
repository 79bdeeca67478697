"""What is known of conditions before any listing is: which lists they name, and which must be present for them to hold.

Equal conditions are one object in all rules (see ``compiled.shared``), so each is looked at once and known by identity.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Mapping

from scanner.rulebook.compiled import Rule
from scanner.rulebook.logic import Node, Or, Some, Term, children, presences
from scanner.rulebook.sight import Openings


class Outline:
    """Of all conditions of some rules."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        """Look at every part of every condition; the rules must be kept as long as this is."""
        self._presences: dict[int, tuple[int, ...]] = {}
        self._openings: dict[int, Openings] = {}
        self._lists: dict[int, int] = {}
        self.lists_of_rules = tuple(self._rule(rule) for rule in rules)

    @property
    def presences(self) -> Mapping[int, tuple[int, ...]]:
        """What must be present for each condition to hold (see ``logic.presences``)."""
        return self._presences

    @property
    def openings(self) -> Mapping[int, Openings]:
        """The parts of each condition of alternatives."""
        return self._openings

    def _rule(self, rule: Rule) -> int:
        """The lists that a rule or its guards name, a bit for each."""
        conditions = (rule.asked, rule.when, *(guard.when for guard in rule.guards))
        return functools.reduce(operator.or_, map(self._lists_in, conditions))

    def _lists_in(self, node: Node) -> int:
        known = self._lists.get(id(node))
        if known is None:
            own = 1 << node.list if isinstance(node, Term) else 0
            known = self._lists[id(node)] = functools.reduce(operator.or_, map(self._lists_in, children(node)), own)
            self._presences[id(node)] = presences(node, self._known)
            if isinstance(node, (Or, Some)):
                self._openings[id(node)] = tuple((next(iter(self._known(part)), None), part) for part in node.parts)
        return known

    def _known(self, node: Node) -> tuple[int, ...]:
        return self._presences[id(node)]


def numbers_of(bits: int) -> list[int]:
    """The numbers of the bits that are set."""
    return [number for number in range(bits.bit_length()) if bits >> number & 1]
