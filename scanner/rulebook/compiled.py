"""A rulebook ready for use: plain frozen records that go into the cache and come out equal."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from scanner.model import Severity
from scanner.rulebook.logic import And, Node, Or, Some, Then, children
from scanner.rulebook.model import Status, Strength


class Said(msgspec.Struct, frozen=True):
    """A text in both languages."""

    en: str
    zh: str


class TermListFacts(msgspec.Struct, frozen=True, kw_only=True):
    """A term list or pattern, by its number. Places of patterns are looked for only in listings that matter already."""

    number: int
    name: str
    strength: Strength
    is_pattern: bool = False


class CompiledGuard(msgspec.Struct, frozen=True, kw_only=True):
    """A sign of innocence."""

    when: Node
    lower: float
    because: Said


class Rule(msgspec.Struct, frozen=True, kw_only=True):
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


def shared(rules: Iterable[Rule]) -> tuple[Rule, ...]:
    """The same rules with equal conditions as one object: what several rules ask of a listing is asked once."""
    known: dict[object, Node] = {}

    def one(node: Node) -> Node:
        parts = tuple(map(one, children(node)))
        own = tuple(getattr(node, name) for name in node.__struct_fields__ if name not in {"part", "parts"})
        key = (type(node), own, tuple(map(id, parts)))
        if key not in known:
            known[key] = _with(node, parts)
        return known[key]

    return tuple(
        msgspec.structs.replace(
            rule,
            when=one(rule.when),
            asked=one(rule.asked),
            guards=tuple(msgspec.structs.replace(guard, when=one(guard.when)) for guard in rule.guards),
        )
        for rule in rules
    )


def _with(node: Node, parts: tuple[Node, ...]) -> Node:
    """The node with other parts."""
    if isinstance(node, (And, Or, Some, Then)):
        return msgspec.structs.replace(node, parts=parts)
    return msgspec.structs.replace(node, part=parts[0]) if parts else node
