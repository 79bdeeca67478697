"""What differs between two rulebooks: rules that came, went or say something else, and the words of their lists. Pure.

What that does to listings is another question (``scanner.authoring.diff``): a change of words may change nothing, and
one word everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import msgspec

from scanner.rulebook import Rulebook
from scanner.rulebook.compiled import CompiledGuard, Rule
from scanner.rulebook.continued import covers_of
from scanner.rulebook.logic import words

# What of a rule is compared, as a person reads it.
_SAID: dict[str, Callable[[Rule], str]] = {
    "title": lambda rule: rule.title.en,
    "title_zh": lambda rule: rule.title.zh,
    "severity": lambda rule: rule.severity.value,
    "status": lambda rule: rule.status.value,
    "score": lambda rule: f"{rule.score:g}",
    "when": lambda rule: words(rule.when),
    "unless": lambda rule: words(rule.unless) if rule.unless else "",
    "guards": lambda rule: "; ".join(map(_guard, rule.guards)),
    "clause": lambda rule: rule.clause,
    "says": lambda rule: rule.says.en,
    "says_zh": lambda rule: rule.says.zh,
    "lawful": lambda rule: "; ".join(rule.lawful),
}


def _guard(guard: CompiledGuard) -> str:
    return f"{words(guard.when)}, {'elsewhere, ' if guard.elsewhere else ''}around {guard.around:g}: {guard.lower:g}"


class Said(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that a rule said and says."""

    part: str
    before: str
    after: str


class RuleChange(msgspec.Struct, frozen=True, kw_only=True):
    """A rule that only one of the two has (``before`` or ``after`` is none), or that differs in what is ``said``."""

    id: str
    before: Rule | None
    after: Rule | None
    said: tuple[Said, ...] = ()


class ListChange(msgspec.Struct, frozen=True, kw_only=True):
    """The words, patterns (as ``/…/``) and cover words (as ``not …``) that a term list has more and less."""

    name: str
    added: tuple[str, ...]
    removed: tuple[str, ...]


def rule_changes(old: Rulebook, new: Rulebook) -> Iterator[RuleChange]:
    """Every rule that is not the same in both, by its name."""
    before, after = ({rule.id: rule for rule in rulebook.rules} for rulebook in (old, new))
    for name in sorted(before.keys() | after.keys()):
        was, is_now = before.get(name), after.get(name)
        if was is None or is_now is None:
            yield RuleChange(id=name, before=was, after=is_now)
        elif said := _said(was, is_now):
            yield RuleChange(id=name, before=was, after=is_now, said=said)


def list_changes(old: Rulebook, new: Rulebook) -> Iterator[ListChange]:
    """Every term list that does not have the same words in both, by its name."""
    before, after = _words_of_lists(old), _words_of_lists(new)
    for name in sorted(before.keys() | after.keys()):
        was, is_now = before.get(name, set()), after.get(name, set())
        if was != is_now:
            yield ListChange(name=name, added=tuple(sorted(is_now - was)), removed=tuple(sorted(was - is_now)))


def _said(was: Rule, is_now: Rule) -> tuple[Said, ...]:
    parts = ((part, say(was), say(is_now)) for part, say in _SAID.items())
    return tuple(Said(part=part, before=before, after=after) for part, before, after in parts if before != after)


def _words_of_lists(rulebook: Rulebook) -> dict[str, set[str]]:
    names = {facts.number: facts.name for facts in rulebook.lists}
    found: dict[str, set[str]] = {name: set() for name in names.values()}
    for entry in rulebook.content.entries:
        found[names[entry.list]].add(entry.text)
    for pattern in rulebook.content.patterns:
        found[names[pattern.list]].add(f"/{pattern.re}/")
    # Those that nobody wrote.
    implied = {(one.lists, one.text) for one in covers_of(rulebook.content.entries, names)}
    for cover in rulebook.content.covers:
        if (cover.lists, cover.text) not in implied:
            found[names[cover.lists[0]]].add(f"not {cover.text}")
    return found
