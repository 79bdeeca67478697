"""A rulebook ready for use: plain frozen records that go into the cache and come out equal."""

from __future__ import annotations

from itertools import combinations, product

import msgspec

from scanner.model import Severity
from scanner.rulebook.logic import (
    And,
    Count,
    Disguised,
    In,
    Node,
    Or,
    Some,
    Term,
    Then,
    Within,
)
from scanner.rulebook.model import Status, Strength

# A clause wider than this would hold of nearly every listing and is not worth asking for.
MOST_CLAUSES = 12

Clause = frozenset[int]


class Said(msgspec.Struct, frozen=True):
    """A text in both languages."""

    en: str
    zh: str


class TermListFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A term list or pattern, by its number."""

    number: int
    name: str
    file: str
    strength: Strength
    is_pattern: bool = False


class CompiledGuard(msgspec.Struct, frozen=True, kw_only=True):
    """A sign of innocence."""

    when: Node
    lower: float
    because: Said


class Rule(msgspec.Struct, frozen=True, kw_only=True):
    """One rule. ``needs`` are sets of lists: the rule is worth asking when of each of them at least one has hit."""

    id: str
    category: str
    title: Said
    severity: Severity
    status: Status
    score: float
    when: Node
    unless: Node | None
    guards: tuple[CompiledGuard, ...]
    needs: tuple[tuple[int, ...], ...]
    clause: str
    says: Said
    lawful: tuple[str, ...] = ()
    references: tuple[str, ...] = ()


class Module(msgspec.Struct, frozen=True, kw_only=True):
    """One category."""

    category: str
    name: Said
    severity: Severity
    owner: str
    law: tuple[str, ...]
    says: Said


class Compiled(msgspec.Struct, frozen=True, kw_only=True):
    """Everything but the lexicon."""

    modules: tuple[Module, ...]
    rules: tuple[Rule, ...]
    lists: tuple[TermListFacts, ...]


def needs(node: Node) -> tuple[tuple[int, ...], ...]:
    """What must have hit for ``node`` to hold, as sets of lists: one of each. Empty: it may hold of any listing."""
    clauses = sorted(_minimal(_needs(node)), key=len)[:MOST_CLAUSES]
    return tuple(tuple(sorted(clause)) for clause in clauses)


def _needs(node: Node) -> set[Clause]:
    match node:
        case Term():
            return {frozenset({node.list})}
        case And() | Then():
            return set().union(*map(_needs, node.parts))
        case Or():
            return _either([_needs(part) for part in node.parts])
        case Some():
            wanted = [_needs(part) for part in node.parts]
            most = len(wanted) - node.least + 1
            return set().union(*(_either(list(some)) for some in combinations(wanted, most)))
        case Within() | In() | Disguised():
            return _needs(node.part)
        case Count() if node.sign in {">", ">=", "=="} and node.number > 0:
            return _needs(node.part)
    return set()


def _either(alternatives: list[set[Clause]]) -> set[Clause]:
    """What either of several needs implies: one clause of each, joined, in all ways, or the best of many ways."""
    if not all(alternatives):
        return set()
    narrow = [sorted(_minimal(clauses), key=lambda clause: (len(clause), sorted(clause))) for clauses in alternatives]
    while _ways(narrow) > MOST_CLAUSES:
        widest = max(range(len(narrow)), key=lambda index: len(narrow[index]))
        narrow[widest] = narrow[widest][:-1]
    return {frozenset().union(*choice) for choice in product(*narrow)}


def _ways(alternatives: list[list[Clause]]) -> int:
    ways = 1
    for clauses in alternatives:
        ways *= len(clauses)
    return ways


def _minimal(clauses: set[Clause]) -> set[Clause]:
    return {clause for clause in clauses if not any(other < clause for other in clauses)}
