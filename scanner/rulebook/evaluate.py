"""Whether a condition holds of a listing, and which characters make it so.

``holds(node, sight)`` gives the marks that make the node true (perhaps none, where a fact alone decides), or ``None``.
Meaning, in short:

- ``within N`` looks at every place where the evidence could begin and asks whether all of it lies in the N original
  characters from there, in one field; ``within sentence`` and ``within field`` take that stretch instead.
- ``not`` holds when its part is nowhere in the listing; inside ``within N`` when it is nowhere in the N characters
  before or after the place where the evidence begins; inside ``within sentence`` nowhere in that sentence.
- ``a then b`` wants b after a in one field with at most 12 characters between them, or what ``within`` says.
- A record's fact (price, stock, age of the seller) has no place in the text and holds inside every window.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import msgspec

from scanner.rulebook.facts import is_so
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
    compares,
    presences,
)
from scanner.rulebook.sight import Mark, Marks, Sight, Truth, between, kind_of

# Marks of one list that a finding shows; more make no one the wiser.
MOST_SHOWN = 12


class Scope(msgspec.Struct, frozen=True, gc=False):
    """Where to look: certain kinds of field, and a stretch of one field; ``around`` is the stretch for ``not``."""

    kinds: tuple[str, ...] | None = None
    field: str | None = None
    stretch: tuple[int, int] = (0, 0)
    around: tuple[int, int] = (0, 0)

    def select(self, marks: Marks) -> list[Mark]:
        """The marks in scope, field by field."""
        if not marks:
            return []
        if self.field is not None:
            found = between(marks.get(self.field, ()), *self.stretch)
            return found + list(marks.get("", ()))
        if self.kinds is None:
            return [mark for field in marks.values() for mark in field]
        return [mark for field, found in marks.items() if not field or kind_of(field) in self.kinds for mark in found]


EVERYWHERE = Scope()


def holds(node: Node, sight: Sight, scope: Scope = EVERYWHERE) -> Truth:
    """The marks that make ``node`` true, or ``None``. What is asked of a whole listing is worked out once."""
    everywhere = scope is EVERYWHERE
    if everywhere:
        known = sight.truths.get(id(node))
        if known is not None:
            return known[1]
    if not may_hold(node, sight):
        return None
    truth = _MEANING[type(node)](node, sight, scope)
    if everywhere:
        # The node is kept beside its truth, so that no other gets its identity.
        sight.truths[id(node)] = (node, truth)
    return truth


def may_hold(node: Node, sight: Sight) -> bool:
    """Whether the lists that have hits leave it open that ``node`` holds, anywhere in the listing."""
    needed = sight.presences.get(id(node))
    present = sight.present
    for mask in presences(node) if needed is None else needed:  # noqa: SIM110 - asked so often that all() costs too much
        if not present & mask:
            return False
    return True


def _open(node: Or | Some, sight: Sight) -> Sequence[Node]:
    """The parts that the first thing they need does not rule out: of many alternatives hardly any is left."""
    known, present = sight.openings.get(id(node)), sight.present
    if known is None:
        return node.parts
    return [part for mask, part in known if mask is None or present & mask]


def places(node: Node, sight: Sight, scope: Scope = EVERYWHERE) -> list[Mark]:
    """Every mark that could count for ``node``, whether the node holds or not; nothing under ``not``."""
    if isinstance(node, Term):
        return scope.select(sight.hits(node.list)) if sight.present >> node.list & 1 else []
    match node:
        case Signal():
            return _signal_places(node, sight, scope)
        case Not():
            return []
        case In():
            return places(node.part, sight, _narrowed(scope, node.fields))
        case Disguised():
            return [mark for mark in places(node.part, sight, scope) if mark.is_disguised]
    return [mark for part in children(node) for mark in places(part, sight, scope)]


def _atom(node: Term | Signal | Disguised, sight: Sight, scope: Scope) -> Truth:
    found = places(node, sight, scope)
    return tuple(found[:MOST_SHOWN]) if found else None


def _signal_places(node: Signal, sight: Sight, scope: Scope) -> list[Mark]:
    """Where a signal shows; a comparison must hold of the listing's one value, and shows at the numbers it holds of."""
    if node.sign is None:
        return [mark for mark in scope.select(sight.signals(node.name)) if mark.value]
    value = sight.value(node.name)
    if value is None or not compares(float(value), node.sign, node.number):
        return []
    found = scope.select(sight.signals(node.name))
    return [mark for mark in found if compares(float(mark.value), node.sign, node.number)]


def _and(node: And, sight: Sight, scope: Scope) -> Truth:
    marks: list[Mark] = []
    for part in node.parts:
        truth = holds(part, sight, scope)
        if truth is None:
            return None
        marks.extend(truth)
    return tuple(marks)


def _or(node: Or, sight: Sight, scope: Scope) -> Truth:
    truths = [truth for part in _open(node, sight) if (truth := holds(part, sight, scope)) is not None]
    return _joined(truths) if truths else None


def _some(node: Some, sight: Sight, scope: Scope) -> Truth:
    truths: list[tuple[Mark, ...]] = []
    parts = _open(node, sight)
    for left, part in zip(range(len(parts), 0, -1), parts, strict=True):
        if len(truths) + left < node.least:
            return None
        truth = holds(part, sight, scope)
        if truth is not None:
            truths.append(truth)
    return _joined(truths) if len(truths) >= node.least else None


def _joined(truths: Sequence[tuple[Mark, ...]]) -> tuple[Mark, ...]:
    return tuple(mark for truth in truths for mark in truth)


def _not(node: Not, sight: Sight, scope: Scope) -> Truth:
    wide = msgspec.structs.replace(scope, stretch=scope.around)
    return None if holds(node.part, sight, wide) is not None else ()


def _in(node: In, sight: Sight, scope: Scope) -> Truth:
    narrowed = _narrowed(scope, node.fields)
    if scope.field is not None and kind_of(scope.field) not in node.fields:
        return None
    return holds(node.part, sight, narrowed)


def _narrowed(scope: Scope, fields: tuple[str, ...]) -> Scope:
    kinds = fields if scope.kinds is None else tuple(kind for kind in scope.kinds if kind in fields)
    return msgspec.structs.replace(scope, kinds=kinds)


def _within(node: Within, sight: Sight, scope: Scope) -> Truth:
    if node.is_positive and holds(node.part, sight, scope) is None:
        return None
    for stretch in _stretches(node, sight, scope):
        truth = holds(node.part, sight, stretch)
        if truth is not None:
            return truth
    return None


def _stretches(node: Within, sight: Sight, scope: Scope) -> Iterator[Scope]:
    """Every stretch in which the evidence could lie, once each."""
    parts = node.part.parts if isinstance(node.part, And) else (node.part,)
    marks = [places(part, sight, scope) for part in parts]
    wanted = [_starts(found) for part, found in zip(parts, marks, strict=True) if shows(part)]
    if not all(wanted):
        return
    seen: set[tuple[str, int]] = set()
    for mark in [mark for found in marks for mark in found]:
        start, end, before = _bounds(node, sight, mark) if mark.field else (0, 0, 0)
        if not mark.field or (mark.field, start) in seen:
            continue
        seen.add((mark.field, start))
        if scope.field is not None:
            end = min(end, scope.stretch[1])
        if all(_any_between(starts, mark.field, start, end) for starts in wanted):
            yield msgspec.structs.replace(scope, field=mark.field, stretch=(start, end), around=(before, end))


def shows(node: Node) -> bool:
    """Whether a node that holds always has a mark to show for it."""
    match node:
        case Term() | Signal() | Disguised() | Then():
            return True
        case And():
            return any(map(shows, node.parts))
        case Or() | Some():
            return all(map(shows, node.parts))
        case Within() | In():
            return shows(node.part)
    return False


def _starts(marks: Sequence[Mark]) -> dict[str, list[int]]:
    """Where marks begin, by field, in order."""
    starts: dict[str, list[int]] = {}
    for mark in marks:
        starts.setdefault(mark.field, []).append(mark.start)
    for found in starts.values():
        found.sort()
    return starts


def _any_between(starts: dict[str, list[int]], field: str, start: int, end: int) -> bool:
    """Whether something begins in a stretch; a record's fact is everywhere."""
    found = starts.get(field, ())
    index = bisect_left(found, start)
    return "" in starts or (index < len(found) and found[index] < end)


def _bounds(node: Within, sight: Sight, mark: Mark) -> tuple[int, int, int]:
    if node.window == "field":
        return 0, len(sight.texts[mark.field]), 0
    if node.window == "sentence":
        start, end = sight.sentence(mark.field, mark.start)
        return start, end, start
    return mark.start, mark.start + node.window, max(0, mark.end - node.window)


def _then(node: Then, sight: Sight, scope: Scope) -> Truth:
    """Chains grow from left to right; for each mark the nearest chain that ends before it is the one to extend."""
    chains: dict[str, list[tuple[Mark, ...]]] = {}
    for mark in places(node.parts[0], sight, scope):
        chains.setdefault(mark.field, []).append((mark,))
    chains.pop("", None)
    for part in node.parts[1:]:
        longer: dict[str, list[tuple[Mark, ...]]] = {}
        for found in chains.values():
            found.sort(key=lambda chain: chain[-1].end)
        for mark in places(part, sight, scope):
            chain = _nearest(chains.get(mark.field, ()), mark)
            if chain is not None and _follows(node, sight, chain[-1], mark):
                longer.setdefault(mark.field, []).append((*chain, mark))
        chains = longer
    return next((found[0] for found in chains.values()), None)


def _nearest(chains: Sequence[tuple[Mark, ...]], mark: Mark) -> tuple[Mark, ...] | None:
    index = bisect_right(chains, mark.start, key=lambda chain: chain[-1].end)
    return chains[index - 1] if index else None


def _follows(node: Then, sight: Sight, first: Mark, second: Mark) -> bool:
    if node.gap == "field":
        return True
    if node.gap == "sentence":
        return sight.sentence(first.field, first.start) == sight.sentence(second.field, second.start)
    return second.start - first.end <= node.gap


def _count(node: Count, sight: Sight, scope: Scope) -> Truth:
    found = separate(places(node.part, sight, scope))
    return tuple(found[:MOST_SHOWN]) if compares(len(found), node.sign, node.number) else None


def separate(marks: Iterable[Mark]) -> list[Mark]:
    """Marks as they are counted: those that overlap are one place."""
    found: list[Mark] = []
    for mark in sorted(marks, key=lambda mark: (mark.field, mark.start, -mark.end)):
        if not found or found[-1].field != mark.field or found[-1].end <= mark.start:
            found.append(mark)
    return found


def _fact(node: Fact, sight: Sight, _: Scope) -> Truth:
    return () if is_so(node, sight.listing) else None


_MEANING: dict[type, Callable[[Any, Sight, Scope], Truth]] = {
    Term: _atom,
    Signal: _atom,
    Disguised: _atom,
    And: _and,
    Or: _or,
    Some: _some,
    Not: _not,
    In: _in,
    Within: _within,
    Then: _then,
    Count: _count,
    SellerIs: _fact,
    Licensed: _fact,
    Category: _fact,
    Language: _fact,
}
