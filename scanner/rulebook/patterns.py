"""Patterns from rules: checked, turned to the folded alphabet, and run only where they may match.

Every match of most patterns must contain one of a few literals (their *atoms*, once separators are left out, which the
compact view leaves out too). Those ride on the scan for terms and cost nothing more; only patterns without such atoms
are looked for in every document, all of them at once (``re2.Set``). Exact spans come from RE2 on the few documents
left. RE2 matches in time linear in the text, whatever the pattern; nothing here ever backtracks.
"""

from __future__ import annotations

import functools
import importlib
import re
from collections.abc import Iterator, Sequence
from itertools import groupby, product
from typing import Any, NamedTuple

import re2

from scanner.rulebook.literals import is_common
from scanner.text.kinds import Kind
from scanner.text.tables import Tables, load

LONGEST_PATTERN = 2_000
# RE2 refuses a pattern that would need more memory than this.
PATTERN_MEMORY = 1 << 20
# What it may remember while it runs: with less, patterns of many words forget and begin anew, at thrice the time.
RUNNING_MEMORY = 1 << 22
# Alternatives that a pattern is multiplied out to; beyond that it counts as having no atoms.
MOST_ATOMS = 3_000
# Repetitions that are written out.
LONGEST_REPEAT = 4
SHORTEST_ATOM = 2
# Atoms of two letters or digits: of more, some stand in any text.
MOST_PAIRS = 200
FIRST_HAN = "\u3400"
SHORTEST_NUMBER = 3
LARGEST_CLASS = 26

Texts = frozenset[str]
# Where a match begins and ends.
Stretch = tuple[int, int]

# The tree of a pattern, by the parser of the standard library (which has no public name).
_parser: Any = importlib.import_module("re._parser")


def options(*, longest: bool = False, memory: int = PATTERN_MEMORY) -> Any:
    """How every pattern is compiled: bounded memory, nothing on standard error, and no groups: spans are enough."""
    chosen = re2.Options()
    chosen.max_mem = memory
    chosen.never_capture = True
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
    """What part of a pattern matches, after compaction.

    ``exact``: all its texts, if they are few. Otherwise ``head`` and ``tail``: texts of which each match begins and
    ends with one (the empty text, if nothing is known). ``atoms``: the best set of texts of which each match contains
    one. ``may_be_absent``: it may also match nothing.
    """

    exact: Texts | None
    head: Texts
    tail: Texts
    atoms: Texts | None = None
    may_be_absent: bool = False


_EMPTY: Texts = frozenset({""})
_NOTHING = Needed(_EMPTY, _EMPTY, _EMPTY)
_ANYTHING = Needed(None, _EMPTY, _EMPTY)


def needs(pattern: str, tables: Tables) -> tuple[tuple[Texts, ...], ...]:
    """What any match of the (folded) pattern contains: all clauses of one alternative, of each clause one literal.

    Literals are of the compact view. ``他[^。]{0,6}(微信|手机)|监听`` needs 他 and (微信 or 手机), or 监听. An
    alternative without clauses may match anywhere.
    """
    return tuple(_clauses(branch, tables) for branch in branches_of(pattern))


@functools.lru_cache(maxsize=1)  # asked twice of each pattern, by ``needs`` and for its settings
def branches_of(pattern: str) -> list[list[tuple[Any, Any]]]:
    """The alternatives of a (folded) pattern as trees; one of which nothing is known, where it cannot be read."""
    try:
        tree = list(_parser.parse(_CLASS.sub(_of_anything, pattern)))
    except (re.error, RecursionError, OverflowError):
        tree = [("ANY", None), ("ANY", None)]
    # The parser writes what all alternatives begin with once, before the choice: ``\b`` most of the time.
    *begin, (kind, value) = tree or [("AT", None)]
    is_choice = str(kind) == "BRANCH"
    return [[*begin, *branch] for branch in value[1]] if is_choice else [tree]


# Escapes; those that name a class of characters, which the standard library does not know, have a group.
_CLASS = re.compile(r"\\([pP](?:\{[^}]*\}|\w)|x\{[^}]*\})|\\.|(\[:\^?\w+:\])", re.DOTALL)


def _of_anything(escape: re.Match[str]) -> str:
    """The escape, or for a class of characters one of which nothing is known."""
    return r"\W" if escape[1] or escape[2] else escape[0]


def _clauses(parts: Sequence[tuple[Any, Any]], tables: Tables) -> tuple[Texts, ...]:
    """The best literals of the whole sequence, and of each stretch between the parts that nothing is known of."""
    stretches: list[list[tuple[Any, Any]]] = [[]]
    for part in parts:
        known = needed(part, tables)
        if known.exact is None and known.atoms is None:
            stretches.append([])
        else:
            stretches[-1].append(part)
    found = (_sequence(stretch, tables) for stretch in (parts, *stretches))
    best = (_better(needed.atoms, needed.exact) for needed in found)
    return tuple(dict.fromkeys(texts for texts in best if texts and is_rare(texts)))


def atoms(pattern: str, tables: Tables) -> Texts:
    """Literals of which every match of the (folded) pattern contains one; or none."""
    alternatives = needs(pattern, tables)
    if not all(alternatives):
        return frozenset()
    return frozenset().union(*(clauses[0] for clauses in alternatives))


def is_rare(texts: Texts) -> bool:
    """Whether all are long enough to be worth looking for; one Han character is, unless every shop uses it."""
    return _worth(texts)[0]


@functools.lru_cache(maxsize=64)  # the best so far is compared with each part that follows
def _worth(texts: Texts) -> tuple[bool, int, int]:
    """What is looked for rather is greater: what is rare, the shortest as long as may be, few."""
    pairs = sum(len(text) == SHORTEST_ATOM and text.isascii() for text in texts)
    is_rare = bool(texts) and pairs <= MOST_PAIRS and all(map(_is_telling, texts))
    return is_rare, min(map(len, texts), default=0), -len(texts)


def _is_telling(text: str) -> bool:
    if len(text) == 1:
        return text >= FIRST_HAN and not is_common(text)
    return len(text) >= (SHORTEST_NUMBER if text.isdigit() else SHORTEST_ATOM)


def _exactly(texts: Texts) -> Needed:
    return Needed(texts, texts, texts)


def _sequence(parts: Sequence[tuple[Any, Any]], tables: Tables) -> Needed:
    """Several parts, one after another."""
    whole = _NOTHING
    for is_literal, run in groupby(parts, _is_literal):
        if is_literal:
            text = "".join([tables.compact(chr(value)) for _, value in run])
            whole = _followed(whole, _exactly(frozenset({text})))
        else:
            for part in run:
                whole = _followed(whole, needed(part, tables))
    return whole


def _is_literal(part: tuple[Any, Any]) -> bool:
    return str(part[0]) == "LITERAL"


def _followed(one: Needed, other: Needed) -> Needed:
    """One part directly followed by another: what ends the first and begins the second stands together."""
    if other.may_be_absent:
        begin = one.head if one.exact is None else one.exact
        return Needed(None, begin, _few(one.tail | other.tail), _better(one.atoms, one.exact))
    if one.exact is not None and other.exact is not None and len(one.exact) * len(other.exact) <= MOST_ATOMS:
        return _exactly(_joined(one.exact, other.exact))
    across = _across(one.tail, other.head)
    best = _better(_better(one.atoms, other.atoms), _better(across, _better(one.exact, other.exact)))
    head = one.head if one.exact is None else _across(one.exact, other.head)
    tail = other.tail if other.exact is None else _across(one.tail, other.exact)
    return Needed(None, head, tail, best)


def _joined(ones: Texts, others: Texts) -> Texts:
    return frozenset(a + b for a, b in product(ones, others))


def _across(tail: Texts, head: Texts) -> Texts:
    """Texts around a joint: whole, or if they are too many only the nearest characters, or only one side."""
    for ends in (tail, frozenset(text[-1:] for text in tail)):
        if len(ends) * len(head) <= MOST_ATOMS:
            return _joined(ends, head)
    return head if "" not in head else _EMPTY


def _better(one: Texts | None, other: Texts | None) -> Texts | None:
    """The set that is rarer: all texts long enough, the shortest as long as may be, few of them."""
    if one is None or other is None:
        return one or other
    return max(one, other, key=_worth)


def needed(part: tuple[Any, Any], tables: Tables) -> Needed:
    """What one node of the tree needs."""
    kind, value = str(part[0]), part[1]
    match kind:
        case "LITERAL":
            return _exactly(frozenset({tables.compact(chr(value))}))
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
    return _exactly(frozenset(found)) if len(found) <= LARGEST_CLASS else _ANYTHING


def _branch(branches: list[Needed]) -> Needed:
    """One of several."""
    known = [branch.exact for branch in branches if branch.exact is not None]
    together: Texts = frozenset().union(*known)
    if len(known) == len(branches) and len(together) <= MOST_ATOMS:
        return _exactly(together)
    head: Texts = frozenset().union(*(branch.head for branch in branches))
    tail: Texts = frozenset().union(*(branch.tail for branch in branches))
    best = [_better(branch.atoms, branch.exact) for branch in branches]
    seen: Texts = frozenset().union(*(texts for texts in best if texts is not None))
    told = all(texts is not None for texts in best) and len(seen) <= MOST_ATOMS
    return Needed(None, _few(head), _few(tail), seen if told else None)


def _few(texts: Texts) -> Texts:
    return texts if len(texts) <= MOST_ATOMS else _EMPTY


def _repeat(least: int, most: Any, inner: Needed) -> Needed:
    """``inner`` several times."""
    if inner.exact == _EMPTY:
        return _NOTHING
    if least == 0:
        if inner.exact is not None and most == 1:
            return _exactly(inner.exact | _EMPTY)
        return Needed(None, _EMPTY, inner.tail, may_be_absent=True) if most == 1 else _ANYTHING
    sure = inner
    for _ in range(1, min(least, LONGEST_REPEAT)):
        sure = _followed(sure, inner)
    return (
        sure if least == most <= LONGEST_REPEAT else Needed(None, sure.head, sure.tail, _better(sure.atoms, sure.exact))
    )


class Compiled:
    """All patterns of a lexicon, each compiled when first needed. RE2 reads bytes: all texts are UTF-8."""

    def __init__(self, patterns: Sequence[str]) -> None:
        """``patterns`` as their authors wrote them."""
        self._patterns = patterns
        self._single: dict[int, Any] = {}
        self._by_line: dict[int, Any] = {}

    def matches(self, number: int, text: bytes, position: int = 0, *, in_lines: bool = False) -> Iterator[Stretch]:
        """All matches of a pattern from ``position`` on that are not empty, one after another, in bytes of ``text``.

        ``in_lines``: each line is a beginning and an end, and empty matches are told too.
        """
        compiled = self._by_line if in_lines else self._single
        if number not in compiled:
            compiled[number] = self._compiled(number, "(?m)" if in_lines else "")
        for match in compiled[number].finditer(text, position):
            start, end = match.span()
            if start < end or in_lines:
                yield start, end

    def _compiled(self, number: int, flags: str) -> Any:
        pattern = in_folded_alphabet(self._patterns[number], load())
        return re2.compile((flags + pattern).encode(), options(memory=RUNNING_MEMORY))

    def is_anchored(self, number: int) -> bool:
        """Whether a pattern asks for the beginning or the end of a text or line."""
        return _asks_for_ends(self._patterns[number])

    def reads_lines(self, number: int) -> bool:
        """Whether a pattern matches ``in_lines`` what it matches in a line by itself; in doubt, no."""
        return _reads_lines(self._patterns[number])


@functools.lru_cache(maxsize=1024)
def _reads_lines(pattern: str) -> bool:
    return re.search(r"\\[Az]|\(\?[a-zA-Z]*[-m]", pattern) is None


@functools.lru_cache(maxsize=1024)
def _asks_for_ends(pattern: str) -> bool:
    """Whether ``^``, ``$``, ``\\A`` or ``\\z`` stands outside of classes; in doubt, yes."""
    bare = re.sub(r"\\[^Az]", "", pattern)
    bare = re.sub(r"\[\^?\]?[^\]]*\]", "", bare)
    return re.search(r"[$^]|\\[Az]", bare) is not None
