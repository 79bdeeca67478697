"""Patterns from rules: checked, turned to the folded alphabet, and run only where they may match.

Every match of most patterns must contain one of a few literals (their *atoms*, once separators are left out, which the
compact view leaves out too). Those ride on the scan for terms and cost nothing more; only patterns without such atoms
are looked for in every document, all of them at once (``re2.Set``). Exact spans come from RE2 on the few documents
left. RE2 matches in time linear in the text, whatever the pattern; nothing here ever backtracks.
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Iterator, Sequence
from functools import cached_property
from itertools import islice, product
from typing import Any, NamedTuple

import re2

from scanner.text.kinds import Kind
from scanner.text.tables import Tables

LONGEST_PATTERN = 2_000
# RE2 refuses a pattern that would need more memory than this.
PATTERN_MEMORY = 1 << 20
# Alternatives that a pattern is multiplied out to; beyond that it counts as having no atoms.
MOST_ATOMS = 64
SHORTEST_ATOM = 2
# ASCII pairs are everywhere; an atom of letters or digits needs three.
SHORTEST_ASCII_ATOM = 3
LARGEST_CLASS = 24

# The tree of a pattern, by the parser of the standard library (which has no public name).
_parser: Any = importlib.import_module("re._parser")


def options(*, longest: bool = False) -> Any:
    """How every pattern is compiled: bounded memory, nothing on standard error."""
    chosen = re2.Options()
    chosen.max_mem = PATTERN_MEMORY
    chosen.log_errors = False
    chosen.longest_match = longest
    return chosen


def fault_of(pattern: str) -> str:
    """What is wrong with a pattern, in words; empty if nothing is."""
    if len(pattern) > LONGEST_PATTERN:
        return f"is longer than {LONGEST_PATTERN} characters"
    try:
        compiled = re2.compile(pattern, options())
    except re2.error as error:
        what = error.args[0] if error.args else ""
        return f"is not a pattern that RE2 reads: {what.decode() if isinstance(what, bytes) else what}"
    return "matches the empty text" if compiled.search("") is not None else ""


def in_folded_alphabet(pattern: str, tables: Tables) -> str:
    """The pattern with its letters folded as listings are: ``SIM卡`` becomes ``sim卡``; escapes stay."""
    folded = []
    rest = iter(
        re.findall(
            r"\\[pP]\{[^}]*\}|\\x\{[^}]*\}|\\x[0-9A-Fa-f]{2}|\\.|\(\?P?<\w+>|\(\?[a-zA-Z-]+[:)]|.", pattern, re.DOTALL
        )
    )
    for token in rest:
        if len(token) > 1:
            folded.append(token)
            continue
        kind, text = tables.fold_character(token)
        folded.append(text if kind >= Kind.KEPT and text.isalnum() and len(text) == 1 else token)
    return "".join(folded)


class Needed(NamedTuple):
    """What part of a pattern matches after compaction: all its texts, if few, and the best atoms seen in it."""

    exact: frozenset[str] | None
    atoms: frozenset[str] | None


_NOTHING = Needed(frozenset({""}), None)
_ANYTHING = Needed(None, None)


def atoms(pattern: str, tables: Tables) -> frozenset[str]:
    """Literals of the compact view of which every match of the (folded) pattern contains one; or none."""
    try:
        tree = _parser.parse(pattern)
    except (re.error, RecursionError, OverflowError):
        return frozenset()
    needed = _sequence(list(tree), tables)
    best = _better(needed.atoms, needed.exact)
    return best if best is not None and all(map(_is_rare, best)) else frozenset()


def _is_rare(atom: str) -> bool:
    return len(atom) >= (SHORTEST_ASCII_ATOM if atom.isascii() else SHORTEST_ATOM)


def _sequence(parts: Sequence[tuple[Any, Any]], tables: Tables) -> Needed:
    """Several parts, one after another: texts grow while each part has few, and start anew after one that has not."""
    run: frozenset[str] = frozenset({""})
    best: frozenset[str] | None = None
    whole = True
    for part in parts:
        needed = _part(part, tables)
        best = _better(best, needed.atoms)
        longer = None if needed.exact is None else frozenset(a + b for a, b in product(run, needed.exact))
        if longer is not None and len(longer) <= MOST_ATOMS:
            run = longer
            continue
        best, whole = _better(best, run), False
        run = needed.exact or frozenset({""})
    return Needed(run, best) if whole else Needed(None, _better(best, run))


def _better(one: frozenset[str] | None, other: frozenset[str] | None) -> frozenset[str] | None:
    """The set whose shortest literal is longer, then the smaller set."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=lambda texts: (min(map(len, texts)), -len(texts)))


def _part(part: tuple[Any, Any], tables: Tables) -> Needed:
    """One node of the tree."""
    kind, value = str(part[0]), part[1]
    match kind:
        case "LITERAL":
            return Needed(frozenset({tables.compact(chr(value))}), None)
        case "AT" | "ASSERT" | "ASSERT_NOT":
            return _NOTHING
        case "IN":
            return _class(value, tables)
        case "SUBPATTERN":
            return _sequence(list(value[3]), tables)
        case "BRANCH":
            return _branch([_sequence(list(branch), tables) for branch in value[1]])
        case "MAX_REPEAT" | "MIN_REPEAT":
            return _repeat(int(value[0]), value[1], _sequence(list(value[2]), tables))
    return _ANYTHING


def _class(members: Sequence[tuple[Any, Any]], tables: Tables) -> Needed:
    """A character class: few characters are alternatives; white space vanishes."""
    found: set[str] = set()
    for kind, value in members:
        if str(kind) == "LITERAL":
            found.add(tables.compact(chr(value)))
        elif str(kind) == "RANGE" and value[1] - value[0] < LARGEST_CLASS:
            found.update(tables.compact(chr(code)) for code in range(value[0], value[1] + 1))
        elif str(kind) == "CATEGORY" and str(value) == "CATEGORY_SPACE":
            found.add("")
        elif str(kind) == "CATEGORY" and str(value) == "CATEGORY_DIGIT":
            found.update("0123456789")
        else:
            return _ANYTHING
    return Needed(frozenset(found), None) if len(found) <= LARGEST_CLASS else _ANYTHING


def _branch(branches: list[Needed]) -> Needed:
    """One of several."""
    exact: set[str] | None = set()
    atoms: set[str] | None = set()
    for branch in branches:
        exact = None if exact is None or branch.exact is None else exact | branch.exact
        best = _better(branch.atoms, branch.exact)
        atoms = None if atoms is None or best is None else atoms | best
    if exact is not None and len(exact) <= MOST_ATOMS:
        return Needed(frozenset(exact), None)
    return Needed(None, frozenset(atoms) if atoms and len(atoms) <= MOST_ATOMS else None)


def _repeat(least: int, most: Any, inner: Needed) -> Needed:
    """``inner`` several times."""
    if inner.exact == frozenset({""}):
        return _NOTHING
    if least == 0:
        once = inner.exact is not None and most == 1
        return Needed(inner.exact | {""}, None) if once and inner.exact is not None else _ANYTHING
    if inner.exact is not None and least == most == 1:
        return inner
    if inner.exact is not None and least == most and len(inner.exact) ** min(least, 8) <= MOST_ATOMS and least <= 8:
        return Needed(frozenset("".join(texts) for texts in product(inner.exact, repeat=least)), None)
    return Needed(None, _better(inner.atoms, inner.exact))


class Compiled:
    """All patterns of a lexicon, compiled when first needed."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """``patterns`` are in the folded alphabet."""
        self._patterns = patterns

    @cached_property
    def _set(self) -> Any:
        """All patterns as one automaton that tells which of them match somewhere."""
        chosen = options()
        chosen.max_mem = PATTERN_MEMORY * (8 + len(self._patterns))
        together = re2.Set.SearchSet(chosen)
        for pattern in self._patterns:
            together.Add(pattern)
        together.Compile()
        return together

    @cached_property
    def _single(self) -> dict[int, Any]:
        return {}

    def find(self, texts: Sequence[str], most: int) -> Iterator[tuple[int, int, int, int]]:
        """The first ``most`` matches of each pattern in each text: pattern, text, start and end."""
        if not self._patterns:
            return
        for number in sorted(self._set.Match("\uffff".join(texts)) or ()):
            if number not in self._single:
                self._single[number] = re2.compile(self._patterns[number], options())
            for at, text in enumerate(texts):
                for start, end in islice(_matches(self._single[number], text), most):
                    yield number, at, start, end


def _matches(compiled: Any, text: str) -> Iterator[tuple[int, int]]:
    """The matches that are not empty."""
    return ((match.start(), match.end()) for match in compiled.finditer(text) if match.end() > match.start())
