"""A rulebook ready for use: plain frozen records that go into the cache and come out equal."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import msgspec

from scanner.model import Severity
from scanner.rulebook.logic import And, Node, Or, Some, Term, Then, children
from scanner.rulebook.model import Status, Strength


class Said(msgspec.Struct, frozen=True, gc=False):
    """A text in both languages."""

    en: str
    zh: str


class TermListFacts(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A term list or pattern, by its number. Places of patterns are looked for only in listings that matter already."""

    number: int
    name: str
    strength: Strength
    is_pattern: bool = False


class CompiledGuard(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A sign of innocence; one that points ``elsewhere`` leaves the listing to the rules of another module.

    It is believed as long as no passage around the rule's own words reads like an offer by more than ``around``."""

    when: Node
    lower: float
    because: Said
    around: float = 1.0
    elsewhere: bool = False


class Rule(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One rule. ``when`` is the condition as written, ``asked`` the same with the cheapest parts first."""

    id: str
    category: str
    title: Said
    severity: Severity
    status: Status
    score: float
    when: Node
    asked: Node
    unless: Node | None
    guards: tuple[CompiledGuard, ...]
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


def folded(compiled: Compiled) -> tuple[Compiled, tuple[Node, ...]]:
    """The same for storing, the rules' conditions ``shared`` before: every part of a condition once, after its own
    parts, and in place of parts (and in the rules) terms with their numbers."""
    numbers: dict[int, Node] = {}
    nodes: list[Node] = []

    def number(node: Node) -> Node:
        known = numbers.get(id(node))
        if known is None:
            nodes.append(_with(node, tuple(map(number, children(node)))))
            known = numbers[id(node)] = Term(len(nodes) - 1, "")
        return known

    rules = tuple(_with_conditions(rule, number) for rule in compiled.rules)
    return msgspec.structs.replace(compiled, rules=rules), tuple(nodes)


def unfolded(compiled: Compiled, nodes: Iterable[Node]) -> Compiled:
    """What ``folded`` was given. Raises ``ValueError`` where a number is none of an earlier node."""
    known: list[Node] = []

    def node(number: Node) -> Node:
        if not isinstance(number, Term) or number.list >= len(known):
            raise ValueError("no such node")
        return known[number.list]

    for flat in nodes:
        parts = children(flat)
        known.append(_with(flat, tuple(map(node, parts))) if parts else flat)
    rules = tuple(_with_conditions(rule, node) for rule in compiled.rules)
    return msgspec.structs.replace(compiled, rules=rules)


def _with_conditions(rule: Rule, of: Callable[[Node], Node]) -> Rule:
    guards = tuple(msgspec.structs.replace(guard, when=of(guard.when)) for guard in rule.guards)
    unless = None if rule.unless is None else of(rule.unless)
    return msgspec.structs.replace(rule, when=of(rule.when), asked=of(rule.asked), unless=unless, guards=guards)


def shared(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The same rules with equal conditions as one object: what several rules ask of a listing is asked once."""
    known: dict[object, Node] = {}
    # By identity; what is looked at is kept by the rules until the end.
    seen: dict[int, Node] = {}

    def one(node: Node) -> Node:
        found = seen.get(id(node))
        if found is None:
            parts = tuple(map(one, children(node)))
            own = tuple(getattr(node, name) for name in node.__struct_fields__ if name not in {"part", "parts"})
            key = (type(node), own, tuple(map(id, parts)))
            if key not in known:
                known[key] = _with(node, parts)
            found = seen[id(node)] = known[key]
        return found

    kept = tuple(rules)
    return tuple(_with_conditions(rule, one) for rule in kept)


def _with(node: Node, parts: tuple[Node, ...]) -> Node:
    """The node with other parts."""
    if isinstance(node, (And, Or, Some, Then)):
        return msgspec.structs.replace(node, parts=parts)
    return msgspec.structs.replace(node, part=parts[0]) if parts else node
