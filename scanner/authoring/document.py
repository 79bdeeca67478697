"""Reference pages in Markdown, made from the models and the rulebook themselves, so that they cannot fall behind."""

from __future__ import annotations

import types
import typing
from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import Any

from annotated_types import BaseMetadata
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from scanner.rulebook import model, sight, sources, tree
from scanner.rulebook.compile import MOST_ENTRIES
from scanner.rulebook.compiled import CompiledGuard
from scanner.rulebook.condition import DEEPEST, WIDEST_WINDOW
from scanner.rulebook.logic import FIELDS, GAP, words
from scanner.rulebook.rulebook import Rulebook
from scanner.signals import NAMES

_PARTS: tuple[type[BaseModel], ...] = (
    model.ModuleFile,
    model.SharedFile,
    model.Policy,
    model.TermList,
    model.PatternList,
    model.RuleText,
    model.Guard,
    model.Hit,
    model.Miss,
    model.ExampleSeller,
    model.Wording,
)

_CONDITIONS = (
    ("`card`", "a word of the list `card` of this file"),
    ("`offers.sell`", "a word of the list `sell` of the file `offers.yaml`"),
    ("`a and b`, `a or b`, `not a`, `( … )`", "as it reads; `and` binds closer than `or`"),
    ("`a and b within 30`", "all of the and-chain before it lies within 30 original characters of one field"),
    ("`a and b within sentence`", "… in one sentence; `within field`: in one field"),
    ("`a and not b within 30`", "no `b` within 30 characters before or after the place"),
    ("`a then b`", f"`b` follows `a` with at most {GAP} characters between"),
    ("`a then b within 20`", "… at most 20 characters between; `within sentence`: in one sentence"),
    ("`a in title`, `a in (title, options)`", f"only these fields are read: {', '.join(FIELDS)}"),
    ("`2 of (a, b, c)`", "at least two of them"),
    ("`count(a) >= 3`", "at three separate places or more"),
    ("`disguised(a)`", "a hit that plain reading would miss: separators inside, by sound, split, …"),
    ("`contact`, `discount <= 0.9`", "a signal is present, or its number compares; `90%` is 0.9"),
    ("`seller.kind in (person, shop)`", "unknown, person, shop or brand_store"),
    (
        "`seller.licensed(telecom_agent)`",
        "the platform has verified a licence of such business, however it is worded; `any`: of whatever business",
    ),
    ("`category(手机, phone)`", "one of these words is in the category path"),
    ("`language in (zh, en)`", "the listing's language, where the platform says it"),
)


def language_page() -> str:
    """The reference of the rule language."""
    parts = [_part(part) for part in _PARTS]
    return "\n".join(
        ["# The rule language", "", *_table(("limit", "value"), _limits()), "", *_conditions(), "", *parts]
    )


def rules_page(rulebook: Rulebook) -> str:
    """All rules of a rulebook, by category."""
    lines = ["# Rules", "", f"Version `{rulebook.version[:16]}`, normaliser `{rulebook.normaliser}`.", ""]
    for module in rulebook.modules:
        lines += [f"## {module.name.en} · {module.name.zh} (`{module.category}`)", "", module.says.en, ""]
        lines += [f"Law: {', '.join(module.law) or '-'}. Owner: {module.owner or '-'}.", ""]
        for rule in rulebook.rules:
            if rule.category == module.category:
                lines += [
                    f"### {rule.title.en} (`{rule.id}`)",
                    "",
                    f"{rule.severity}, {rule.status}, score {rule.score:g}.",
                    "",
                ]
                lines += [f"    when: {words(rule.when)}", ""]
                lines += [f"    unless: {words(rule.unless)}", ""] if rule.unless is not None else []
                lines += [f"- {_lowered(guard)}: {guard.because.en}" for guard in rule.guards]
                lines += [f"- lawful: {text}" for text in rule.lawful]
                lines += [""]
    return "\n".join(lines)


def _lowered(guard: CompiledGuard) -> str:
    """``lowered by 50% if `antique`, unless what stands around reads like an offer by more than 95%``."""
    unless = f", unless what stands around reads like an offer by more than {guard.around:.0%}"
    if guard.elsewhere:
        unless += " and no other rule queues the listing"
    return f"lowered by {guard.lower:.0%} if `{words(guard.when)}`{unless if guard.around < 1 else ''}"


def _conditions() -> Iterator[str]:
    yield "## Conditions"
    yield ""
    yield from _table(("written", "holds when"), _CONDITIONS)
    yield ""
    yield "## Signals"
    yield ""
    yield from _table(
        ("name", "kind", "what it says"), ((f"`{name}`", said.kind, said.en) for name, said in NAMES.items())
    )


def _limits() -> Iterator[tuple[str, str]]:
    yield "bytes of a file", f"{tree.MOST_BYTES:,}"
    yield "files of a rulebook", f"{sources.MOST_FILES:,}"
    yield "nesting of a file", str(tree.DEEPEST)
    yield "values in a file", f"{tree.MOST_NODES:,}"
    yield "terms of a list / of a rulebook", f"{model.MOST_TERMS:,} / {MOST_ENTRIES:,}"
    yield (
        "characters of a term / a pattern / a condition",
        (f"{model.LONGEST_TERM} / {model.LONGEST_PATTERN} / {model.LONGEST_CONDITION:,}"),
    )
    yield "brackets in brackets", str(DEEPEST)
    yield "characters of `within`", f"1 to {WIDEST_WINDOW:,}"
    yield (
        "hits of a list in one listing that are read",
        f"{sight.MOST_MARKS} (more: the listing is queued as not fully read)",
    )
    yield "anchors, aliases, tags, includes", "refused"


def _part(part: type[BaseModel]) -> str:
    said = (part.__doc__ or "").strip().splitlines()[0]
    rows = (_row(name, field) for name, field in part.model_fields.items())
    return "\n".join([f"## {part.__name__}", "", said, "", *_table(("key", "type", "default", "meaning"), rows), ""])


def _row(name: str, field: FieldInfo) -> tuple[str, ...]:
    default = "required" if field.is_required() else _shown(field.get_default(call_default_factory=True))
    return f"`{field.alias or name}`", _type(field.annotation) + _bounds(field), default, field.description or ""


def _bounds(field: FieldInfo) -> str:
    found = []
    for rule in field.metadata:
        for name, sign in (("gt", ">"), ("ge", "≥"), ("lt", "<"), ("le", "≤")):
            if isinstance(rule, BaseMetadata) and getattr(rule, name, None) is not None:
                found.append(f"{sign} {getattr(rule, name)}")
    return f" ({', '.join(found)})" if found else ""


def _shown(value: Any) -> str:
    if value is None or value in ("", (), {}) or isinstance(value, BaseModel):
        return "-"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`"


def _type(annotation: Any) -> str:
    """A type as an author would call it."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _type(arguments[0])
    if origin in {typing.Union, types.UnionType}:
        return " or ".join(_type(part) for part in arguments if part is not type(None))
    if origin is tuple:
        return f"list of {_type(arguments[0])}"
    if origin is dict:
        return f"{_type(arguments[1])} by name"
    if isinstance(annotation, type) and issubclass(annotation, StrEnum):
        return ", ".join(annotation)
    return _PLAIN.get(annotation, getattr(annotation, "__name__", str(annotation)))


_PLAIN: dict[Any, str] = {str: "text", int: "whole number", float: "number", bool: "true or false"}


def _table(head: Iterable[str], rows: Iterable[Iterable[str]]) -> Iterator[str]:
    titles = tuple(head)
    yield f"| {' | '.join(titles)} |"
    yield "|" + " --- |" * len(titles)
    for row in rows:
        yield f"| {' | '.join(cell.replace('|', '&#124;') for cell in row)} |"
