"""From files in shape to a rulebook that runs: lists get numbers, conditions become trees, patterns are tried."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from scanner.model import Severity
from scanner.rulebook.compiled import Compiled, CompiledGuard, Module, Rule, Said, TermListFacts
from scanner.rulebook.condition import ConditionError, Names, parse
from scanner.rulebook.continued import covers_of
from scanner.rulebook.faults import Fault, quoted
from scanner.rulebook.lexicon import Cover, Entry, Pattern, fault_of_pattern, fault_of_term
from scanner.rulebook.logic import (
    Category,
    Language,
    Licensed,
    Node,
    SellerIs,
    Signal,
    Term,
    cheapest_first,
    lists_of,
    walk,
)
from scanner.rulebook.model import Guard, ModuleFile, RuleText, Status, Wording
from scanner.rulebook.reader import Written
from scanner.rulebook.tree import Path
from scanner.signals import NAMES as SIGNALS

# All term lists together; a list more costs memory, not time.
MOST_ENTRIES = 200_000

VERIFIED = (SellerIs, Licensed, Category, Language)


class Vocabulary(NamedTuple):
    """What goes into the lexicon."""

    entries: list[Entry]
    covers: list[Cover]
    patterns: list[Pattern]


class _ListAt(NamedTuple):
    written: Written
    name: str
    number: int
    is_pattern: bool


def compile_rules(
    written: Iterable[Written],
    *,
    packs: Iterable[str] | None = None,
    statuses: Iterable[Status] = tuple(Status),
    unread: Iterable[str] = (),
) -> tuple[Compiled, Vocabulary, list[Fault]]:
    """Compile all files together; whatever is wrong is in the faults, and the rest is compiled all the same.

    ``unread`` are names of files that could not be read: what they may have held is not called unknown.
    """
    files = tuple(written)
    faults: list[Fault] = []
    lists = list(_numbered(files, faults))
    vocabulary = _vocabulary(lists, faults)
    names = {file.source.file: _names(file, lists, unread) for file in files}
    facts = tuple(_facts(at) for at in lists)
    late = frozenset(fact.number for fact in facts if fact.is_pattern)
    rules = [
        rule
        for file in files
        if file.module
        for own in [_guards(file, (), file.module, names[file.source.file], faults)]
        for number, text in file.live_rules(statuses)
        if _is_active(file.module, text, packs)
        for rule in [_rule(file, file.module, number, text, own, names[file.source.file], late, faults)]
        if rule is not None
    ]
    _go_on(vocabulary, rules)
    modules = tuple(_module(file.module) for file in files if file.module)
    return Compiled(modules=modules, rules=tuple(rules), lists=facts), vocabulary, faults


# -- lists -----------------------------------------------------------------------------------------------------------


def _numbered(files: tuple[Written, ...], faults: list[Fault]) -> Iterator[_ListAt]:
    number = 0
    for file in files:
        for is_pattern, group in ((False, "terms"), (True, "patterns")):
            for name in getattr(file.content, group):
                if name in SIGNALS or name in RESERVED:
                    faults.append(
                        file.tree.fault((group, name), f"{quoted(name)} is a word of the rule language", key=True)
                    )
                if is_pattern and name in file.content.terms:
                    faults.append(file.tree.fault((group, name), f"{quoted(name)} is a term list already", key=True))
                yield _ListAt(file, name, number, is_pattern)
                number += 1


RESERVED = frozenset(
    {
        "and",
        "or",
        "not",
        "within",
        "then",
        "in",
        "of",
        "count",
        "disguised",
        "sentence",
        "field",
        "category",
        "language",
    }
)


def _vocabulary(lists: list[_ListAt], faults: list[Fault]) -> Vocabulary:
    vocabulary = Vocabulary([], [], [])
    for at in lists:
        if at.is_pattern:
            _add_pattern(at, vocabulary, faults)
        else:
            _add_terms(at, vocabulary, faults)
    if len(vocabulary.entries) > MOST_ENTRIES:
        last = lists[-1].written.tree
        faults.append(last.fault((), f"more than {MOST_ENTRIES:,} terms in all ({len(vocabulary.entries):,})"))
    return vocabulary


def _go_on(vocabulary: Vocabulary, rules: Sequence[Rule]) -> None:
    """Words that speak for innocence are none where they run into others."""
    named, asked = set[int](), set[int]()
    # A module's guards are those of each of its rules.
    guards = {id(guard.when): guard.when for rule in rules for guard in rule.guards}
    for rule in rules:
        asked |= lists_of(rule.when, negated=False)
        named |= lists_of(rule.when)
    named = named.union(*map(lists_of, guards.values()))
    vocabulary.covers.extend(covers_of(vocabulary.entries, named - asked))


def _add_terms(at: _ListAt, vocabulary: Vocabulary, faults: list[Fault]) -> None:
    terms = at.written.content.terms[at.name]
    for index, text in enumerate(terms.any):
        if wrong := fault_of_term(text):
            path: Path = ("terms", at.name, "any", index)
            faults.append(at.written.tree.fault(path, f"{quoted(text)} {wrong}"))
        else:
            entry = Entry(list=at.number, text=text, sound=terms.sound, split=terms.split, pinyin=terms.pinyin)
            vocabulary.entries.append(entry)
    _add_covers(at, "terms", terms.covers, vocabulary, faults)


def _add_pattern(at: _ListAt, vocabulary: Vocabulary, faults: list[Fault]) -> None:
    pattern = at.written.content.patterns[at.name]
    if wrong := fault_of_pattern(pattern.re):
        faults.append(at.written.tree.fault(("patterns", at.name, "re"), f"{quoted(pattern.re)} {wrong}"))
        return
    vocabulary.patterns.append(Pattern(list=at.number, re=pattern.re))
    _add_covers(at, "patterns", pattern.covers, vocabulary, faults)


def _add_covers(at: _ListAt, group: str, covers: Iterable[str], vocabulary: Vocabulary, faults: list[Fault]) -> None:
    for index, text in enumerate(covers):
        if wrong := fault_of_term(text):
            faults.append(at.written.tree.fault((group, at.name, "except", index), f"{quoted(text)} {wrong}"))
        else:
            vocabulary.covers.append(Cover(lists=(at.number,), text=text))


def _names(file: Written, lists: list[_ListAt], unread: Iterable[str]) -> Names:
    """A file's own lists by name, all others as ``file.name``; shared files win where a module has the same name."""
    known: dict[str, int] = {}
    for at in sorted(lists, key=lambda at: at.written.source.is_shared):
        known[f"{at.written.source.name}.{at.name}"] = at.number
        if at.written is file:
            known[at.name] = at.number
    return Names(known, SIGNALS, unread=unread)


def _facts(at: _ListAt) -> TermListFacts:
    content = at.written.content
    return TermListFacts(
        number=at.number,
        name=f"{at.written.source.name}.{at.name}",
        strength=(content.patterns if at.is_pattern else content.terms)[at.name].strength,
        is_pattern=at.is_pattern,
    )


# -- rules -----------------------------------------------------------------------------------------------------------


def _is_active(module: ModuleFile, rule: RuleText, packs: Iterable[str] | None) -> bool:
    """A rule without packs is always active; one with packs, when one of them is."""
    own = rule.packs or module.packs
    return packs is None or not own or not set(own).isdisjoint(packs)


def _rule(
    file: Written,
    module: ModuleFile,
    number: int,
    text: RuleText,
    of_module: Sequence[tuple[Guard, CompiledGuard]],
    names: Names,
    late: frozenset[int],
    faults: list[Fault],
) -> Rule | None:
    at: Path = ("rules", number)
    when = _condition(file, (*at, "when"), text.when, names, faults)
    unless = _condition(file, (*at, "unless"), text.unless, names, faults) if text.unless else None
    severity = text.severity or module.severity
    lowering = [*_guards(file, at, text, names, faults), *of_module]
    guards = tuple(guard for written, guard in lowering if _lowers(written, text.score, severity))
    if unless is not None and any(isinstance(node, (Term, Signal)) for node in walk(unless)):
        what = '"unless" may name verified facts only (seller, category, language); for words, write a guard'
        faults.append(file.tree.fault((*at, "unless"), what))
    if when is None:
        return None
    return Rule(
        id=text.id,
        category=module.category,
        title=_said(text.title),
        severity=severity,
        status=text.status,
        score=text.score,
        when=when,
        asked=cheapest_first(when, late),
        unless=unless,
        guards=guards,
        clause=", ".join(module.policy.law),
        says=_said(module.policy.says),
        lawful=text.lawful,
        references=text.references,
    )


def _guards(
    file: Written, at: Path, of: RuleText | ModuleFile, names: Names, faults: list[Fault]
) -> Sequence[tuple[Guard, CompiledGuard]]:
    """The guards of a rule, or of its module, as written and compiled."""
    guards = []
    for index, guard in enumerate(of.guards):
        sign = _condition(file, (*at, "guards", index, "when"), guard.when, names, faults)
        if sign is not None:
            around = 1.0 if guard.always else guard.around
            because = _said(guard.because)
            made = CompiledGuard(
                when=sign, lower=guard.lower, because=because, around=around, elsewhere=guard.elsewhere
            )
            guards.append((guard, made))
    return guards


def _lowers(guard: Guard, score: float, severity: Severity) -> bool:
    """Whether a guard is for rules of this score and severity."""
    grades = list(Severity)
    is_weak = guard.below is None or score < guard.below
    return is_weak and (guard.up_to is None or grades.index(severity) <= grades.index(guard.up_to))


def _condition(file: Written, path: Path, text: str, names: Names, faults: list[Fault]) -> Node | None:
    try:
        return parse(text, names)
    except ConditionError as error:
        faults.append(file.tree.fault(path, error.what, offset=error.at))
        return None


def _module(module: ModuleFile) -> Module:
    return Module(
        category=module.category,
        name=_said(module.name),
        severity=module.severity,
        owner=module.owner,
        law=module.policy.law,
        says=_said(module.policy.says),
    )


def _said(words: Wording) -> Said:
    return Said(en=words.en, zh=words.zh or words.en)
