"""The shape of a compiled condition: a frozen tree, the same in memory and in the cache.

Every node is true or false of a listing, and a true one can say which characters made it true.
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Container, Iterable, Iterator
from typing import Literal

import msgspec

Unit = Literal["sentence", "field"]
Sign = Literal["<", "<=", ">", ">=", "==", "!="]

FIELDS = ("text", "title", "description", "options", "attributes", "questions", "brand", "seller", "hidden_text")
GAP = 12


class _Node(msgspec.Struct, frozen=True, tag=True, gc=False):
    """One node of a condition."""


class Term(_Node, frozen=True, gc=False, tag="term"):
    """A hit of the term list or pattern number ``list``."""

    list: int
    name: str


class Signal(_Node, frozen=True, gc=False, tag="signal"):
    """A signal is present, or its number compares as asked."""

    name: str
    sign: Sign | None = None
    number: float = 0.0


class And(_Node, frozen=True, gc=False, tag="and"):
    """All of them."""

    parts: tuple[Node, ...]


class Or(_Node, frozen=True, gc=False, tag="or"):
    """At least one of them."""

    parts: tuple[Node, ...]


class Not(_Node, frozen=True, gc=False, tag="not"):
    """It does not hold: in the whole listing, or, inside ``within``, anywhere so near."""

    part: Node


class Within(_Node, frozen=True, gc=False, tag="within"):
    """It holds inside ``window`` original characters, one sentence, or one field.

    ``is_positive``: known to hold in everything around a stretch that it holds in (set by ``cheapest_first``).
    """

    part: Node
    window: int | Unit
    is_positive: bool = False


class In(_Node, frozen=True, gc=False, tag="in"):
    """It holds when only these fields are read."""

    part: Node
    fields: tuple[str, ...]


class Then(_Node, frozen=True, gc=False, tag="then"):
    """The parts follow one another with at most ``gap`` characters between them (or in one sentence, or field)."""

    parts: tuple[Node, ...]
    gap: int | Unit = GAP


class Some(_Node, frozen=True, gc=False, tag="some"):
    """At least ``least`` of the parts hold."""

    least: int
    parts: tuple[Node, ...]


class Count(_Node, frozen=True, gc=False, tag="count"):
    """The number of separate places where the part hits compares as asked."""

    part: Node
    sign: Sign
    number: float


class Disguised(_Node, frozen=True, gc=False, tag="disguised"):
    """A hit that plain reading would have missed: by another view, or with separators inside."""

    part: Node


class SellerIs(_Node, frozen=True, gc=False, tag="seller"):
    """The seller is of one of these kinds."""

    kinds: tuple[str, ...]


class Licensed(_Node, frozen=True, gc=False, tag="licensed"):
    """The platform has verified a licence of one of these kinds of business (``scanner.rulebook.licences``)."""

    names: tuple[str, ...]


class Category(_Node, frozen=True, gc=False, tag="category"):
    """One of these words is in the category path."""

    words: tuple[str, ...]


class Language(_Node, frozen=True, gc=False, tag="language"):
    """The listing's language is one of these."""

    codes: tuple[str, ...]


Fact = SellerIs | Licensed | Category | Language
Node = Term | Signal | And | Or | Not | Within | In | Then | Some | Count | Disguised | Fact


def children(node: Node) -> tuple[Node, ...]:
    """The parts of a node."""
    if isinstance(node, (And, Or, Some, Then)):
        return node.parts
    if isinstance(node, (Not, Within, In, Count, Disguised)):
        return (node.part,)
    return ()


def walk(node: Node) -> Iterator[Node]:
    """A node and everything below it."""
    yield node
    for part in children(node):
        yield from walk(part)


def lists_of(node: Node, *, negated: bool = True) -> set[int]:
    """The numbers of all lists a condition names; without those under ``not`` if ``negated`` is false."""
    if isinstance(node, Not) and not negated:
        return set()
    own = {node.list} if isinstance(node, Term) else set()
    return own.union(*(lists_of(part, negated=negated) for part in children(node)))


def presences(node: Node, of: Callable[[Node], tuple[int, ...]] | None = None) -> tuple[int, ...]:
    """What must be present for a node to hold: of each number some list whose bit is set, list 0 being bit 0.

    ``a and (b or c) within 30`` cannot hold where nothing of a is, nor where neither b nor c is. ``of`` tells it of the
    parts.
    """
    of = of or presences
    match node:
        case Term():
            return (1 << node.list,)
        case And() | Then():
            return tuple(dict.fromkeys(mask for part in node.parts for mask in of(part)))
        case Or() | Some():
            of_parts = [of(part) for part in node.parts]
            return (functools.reduce(operator.or_, (masks[0] for masks in of_parts)),) if all(of_parts) else ()
        case Within() | In() | Disguised():
            return of(node.part)
        case Count() if node.sign in {">", ">=", "=="} and node.number > 0:
            return of(node.part)
    return ()


def cheapest_first(node: Node, late: Container[int]) -> Node:
    """The same condition, asking last for what takes longest to know: patterns, then signals."""
    match node:
        case And() | Or() | Some():
            parts = sorted((cheapest_first(part, late) for part in node.parts), key=lambda part: _cost(part, late))
            return msgspec.structs.replace(node, parts=tuple(parts))
        case Within():
            part = cheapest_first(node.part, late)
            return msgspec.structs.replace(node, part=part, is_positive=_is_positive(part))
        case Not() | In():
            return msgspec.structs.replace(node, part=cheapest_first(node.part, late))
    return node


def _is_positive(node: Node) -> bool:
    if isinstance(node, Count):
        return node.sign in {">", ">="}
    return not isinstance(node, Not) and all(map(_is_positive, children(node)))


def _cost(node: Node, late: Container[int]) -> int:
    own = 2 if isinstance(node, Signal) else int(isinstance(node, Term) and node.list in late)
    return max([own, *(_cost(part, late) for part in children(node))])


def words(node: Node) -> str:
    """The condition as an author would write it."""
    if isinstance(node, (And, Or)):
        return _joined(node)
    return _near(node) if isinstance(node, Within) else _wording(node)


def _near(node: Within) -> str:
    return f"{_wording(node.part)} within {node.window}"


def _wording(node: Node) -> str:
    match node:
        case And() | Or():
            return f"({_joined(node)})"
        case Not():
            return f"not {_wording(node.part)}"
        case Within():
            return f"({_near(node)})"
        case In():
            part = f"({_wording(node.part)})" if isinstance(node.part, (Not, In)) else _wording(node.part)
            return f"{part} in {node.fields[0] if len(node.fields) == 1 else _list(node.fields)}"
        case Then():
            chain = " then ".join(map(_wording, node.parts))
            return chain if node.gap == GAP else f"{chain} within {node.gap}"
        case Some():
            return f"{node.least} of {_list(map(words, node.parts))}"
        case Count():
            return f"count({words(node.part)}) {node.sign} {node.number:g}"
        case Disguised():
            return f"disguised({words(node.part)})"
    return _atom(node)


def _atom(node: Term | Signal | Fact) -> str:
    match node:
        case Term():
            return node.name
        case Signal():
            return node.name if node.sign is None else f"{node.name} {node.sign} {node.number:g}"
        case SellerIs():
            return f"seller.kind in {_list(node.kinds)}"
        case Licensed():
            return f"seller.licensed{_list(node.names)}"
        case Category():
            return f"category{_list(node.words)}"
        case Language():
            return f"language in {_list(node.codes)}"


def _joined(node: And | Or) -> str:
    return (" and " if isinstance(node, And) else " or ").join(map(_wording, node.parts))


def _list(words: Iterable[str]) -> str:
    return f"({', '.join(words)})"


def compares(value: float, sign: Sign, number: float) -> bool:
    """``value sign number``."""
    return {
        "<": value < number,
        "<=": value <= number,
        ">": value > number,
        ">=": value >= number,
        "==": value == number,
        "!=": value != number,
    }[sign]
