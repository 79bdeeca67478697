"""Which lists have a word, and which rules ask them: where a new word belongs, and what an old one does."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from scanner.rulebook.compiled import Rule
from scanner.rulebook.logic import lists_of
from scanner.rulebook.model import Strength
from scanner.rulebook.reader import Written
from scanner.rulebook.rulebook import Rulebook
from scanner.text import tables

# A shorter word stands in every text.
SHORTEST_PART = 2


class Standing(msgspec.Struct, frozen=True, kw_only=True):
    """A word of a list: as it is written there, whether it is a cover word, and whether it reads as what was asked, but
    for separators, or stands inside that. ``rules`` ask the list; ``spared`` are those it lowers or keeps silent."""

    file: str
    line: int
    list: str
    strength: Strength
    word: str
    is_cover: bool
    is_whole: bool
    rules: tuple[str, ...]
    spared: tuple[str, ...]


def whereabouts(written: Sequence[Written], rulebook: Rulebook, text: str) -> list[Standing]:
    """The words that read as ``text`` does, and of each list the longest one inside it; whole ones first, then
    the most telling."""
    numbers = {facts.name: facts.number for facts in rulebook.lists}
    asking = {rule.id: lists_of(rule.when, negated=False) for rule in rulebook.rules}
    sparing = {rule.id: _sparing(rule) for rule in rulebook.rules}
    found = []
    for file, name, strength, is_cover, word, is_whole in _words(written, text):
        qualified = f"{file.source.name}.{name}"
        line, _ = file.tree.place(("terms", name, "except" if is_cover else "any"))
        number = numbers.get(qualified, -1)
        rules = tuple(rule for rule, lists in asking.items() if number in lists)
        spared = tuple(rule for rule, lists in sparing.items() if number in lists)
        found.append(
            Standing(
                file=file.source.file,
                line=line,
                list=qualified,
                strength=strength,
                word=word,
                is_cover=is_cover,
                is_whole=is_whole,
                rules=rules,
                spared=spared,
            )
        )
    order = (Strength.H, Strength.M, Strength.L)
    return sorted(
        found, key=lambda one: (not one.is_whole, one.is_cover, order.index(one.strength), -len(one.word), one.list)
    )


def lists_with(written: Sequence[Written], text: str) -> list[str]:
    """The lists of terms with a word that reads as ``text`` does."""
    rows = _words(written, text)
    return [f"{file.source.name}.{name}" for file, name, _, is_cover, _, is_whole in rows if is_whole and not is_cover]


def _words(written: Sequence[Written], text: str) -> Iterator[tuple[Written, str, Strength, bool, str, bool]]:
    """File, list, strength, whether it is a cover word, word, and whether it is the whole text."""
    fold = tables.load().compact
    units = fold(text)
    for file in written:
        for name, terms in file.content.terms.items():
            for is_cover, words in ((False, terms.any), (True, terms.covers)):
                inside = {word: own for word in words if len(own := fold(word)) >= SHORTEST_PART and own in units}
                whole = [word for word, own in inside.items() if own == units]
                best = whole[:1] or sorted(inside, key=lambda word: -len(inside[word]))[:1]
                yield from ((file, name, terms.strength, is_cover, word, bool(whole)) for word in best)


def _sparing(rule: Rule) -> set[int]:
    """The lists of a rule's guards, and those that must not be there."""
    never = lists_of(rule.when) - lists_of(rule.when, negated=False)
    return never.union(*(lists_of(guard.when) for guard in rule.guards))
