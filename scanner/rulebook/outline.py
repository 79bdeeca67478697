"""What is known of conditions before any listing is: which lists they name, and which must be present for them to hold.

Equal conditions are one object in all rules (see ``compiled.shared``), so each is looked at once and known by identity.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import numpy.typing as npt

from scanner.rulebook.bits import places_of
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


class Needs:
    """Of several rules: lists of which each needs one present, group by group."""

    def __init__(self, needed: Sequence[Sequence[int]]) -> None:
        """``needed`` has for each rule a mask of lists for each group."""
        groups = list(dict.fromkeys(mask for masks in needed for mask in masks))
        number = {mask: at for at, mask in enumerate(groups)}
        self._lists = _Runs(map(places_of, groups))
        # A rule that needs none is given one more, which is always met.
        self._groups = _Runs([number[mask] for mask in masks] or [len(groups)] for masks in needed)

    def met(self, present: npt.NDArray[np.bool_]) -> list[int]:
        """The numbers of the rules that these lists leave open."""
        met = np.append(np.logical_or.reduceat(present[self._lists.members], self._lists.starts), np.True_)
        return np.flatnonzero(np.logical_and.reduceat(met[self._groups.members], self._groups.starts)).tolist()


class _Runs:
    """Groups of numbers, none of them empty, one behind the other."""

    def __init__(self, groups: Iterable[Sequence[int]]) -> None:
        made = list(groups)
        self.starts = np.cumsum([0, *map(len, made)])[:-1]
        self.members = np.array([one for group in made for one in group], np.intp)
