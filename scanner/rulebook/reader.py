"""From rule files to their models, with every fault of every file at once."""

from __future__ import annotations

import difflib
import re
import types
import typing
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path as Folder
from typing import Any

import msgspec
from pydantic import BaseModel, ValidationError

from scanner.rulebook.cache import tree_of
from scanner.rulebook.faults import Fault, did_you_mean, quoted
from scanner.rulebook.model import ModuleFile, RuleText, SharedFile, Status
from scanner.rulebook.sources import Source
from scanner.rulebook.tree import Path, Tree

_NO_NAME = "is no name: small Latin letters, digits and _, a letter first (a rule: category.name)"
_PLAINLY = (
    (re.compile(r"a valid tuple"), "a list"),
    (re.compile(r"a valid dictionary or instance of \w+|a valid dictionary"), "a mapping"),
    (re.compile(r"a valid string|^String"), "text"),
)


_CHINESE_COLON = " (a Chinese colon ends no key: write : and a space behind it)"
_COMMA = " (a comma ended the text before it: put that text in quotes)"
_COLON = " (a colon ended the text before it: put that text in quotes)"


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """One file, read and found to be in shape; ``tree`` still knows where everything stands."""

    source: Source
    tree: Tree
    content: SharedFile

    @property
    def module(self) -> ModuleFile | None:
        """The file as a category's module; nothing if it is shared lists."""
        return self.content if isinstance(self.content, ModuleFile) else None

    def live_rules(self, statuses: Iterable[Status]) -> Iterator[tuple[int, RuleText]]:
        """The rules in one of these statuses, with their place in the file."""
        wanted = set(statuses)
        rules = self.module.rules if self.module else ()
        return ((number, rule) for number, rule in enumerate(rules) if rule.status in wanted)


def read(sources: Iterable[Source], cache: Folder | None = None) -> tuple[tuple[Written, ...], list[Fault]]:
    """Read all files; what could be read, and what is wrong with the rest. ``cache`` may have those read before."""
    written: list[Written] = []
    faults: list[Fault] = []
    for source in sources:
        tree = tree_of(source.content, file=source.file, folder=cache)
        faults.extend(tree.faults)
        if tree.data is None:
            if not tree.faults:
                faults.append(Fault(file=source.file, line=1, column=1, what="the file is empty"))
            continue
        content = _model(source, tree, faults)
        if content is not None:
            written.append(Written(source=source, tree=tree, content=content))
    faults.extend(_misnamed(written))
    faults.extend(_ambiguous(written))
    faults.extend(_repeated_rules(written))
    return tuple(written), faults


def _model(source: Source, tree: Tree, faults: list[Fault]) -> SharedFile | None:
    kind: type[SharedFile] = SharedFile if source.is_shared else ModuleFile
    try:
        return kind.model_validate(tree.data)
    except ValidationError as error:
        errors = error.errors(include_url=False)
        misspelt = {_meant(kind, fault) for fault in errors}
        faults.extend(_explain(kind, tree, fault) for fault in errors if not _is_echo(fault, misspelt))
        return None


def _misnamed(written: list[Written]) -> Iterator[Fault]:
    """A file is called after its category; a rule's id begins with it."""
    for file in written:
        module = file.module
        if module is None:
            continue
        if module.category != file.source.name:
            home = f"must be in a file of that name, {module.category}.yaml"
            yield file.tree.fault(("category",), f"category {quoted(module.category)} {home}")
            continue
        for number, rule in enumerate(module.rules):
            if not rule.id.startswith(module.category + "."):
                best = f"{module.category}.{rule.id.partition('.')[2]}"
                what = f'id {quoted(rule.id)} does not begin with its category — did you mean "{best}"?'
                yield file.tree.fault(("rules", number, "id"), what)


def _ambiguous(written: list[Written]) -> Iterator[Fault]:
    """``file.list`` must name one list, so a shared file and a module cannot have one name."""
    modules = {file.source.name: file.source.file for file in written if file.module}
    for file in written:
        if not file.module and file.source.name in modules:
            what = f"a shared file cannot be called as the module {modules[file.source.name]}"
            yield file.tree.fault((), what)


def _repeated_rules(written: list[Written]) -> Iterator[Fault]:
    seen: dict[str, str] = {}
    for file in written:
        for number, rule in enumerate(file.module.rules if file.module else ()):
            at: Path = ("rules", number, "id")
            line, _ = file.tree.place(at)
            if rule.id in seen:
                yield file.tree.fault(at, f"id {quoted(rule.id)} is taken by {seen[rule.id]}")
            seen.setdefault(rule.id, f"{file.source.file}:{line}")


def _is_echo(error: Any, misspelt: Collection[Path | None]) -> bool:
    """Whether another fault says it already: a list too short for the faults in it, a key missing because misspelt."""
    if error["type"] == "too_short":
        return bool(len(error["input"]) >= error["ctx"]["min_length"])
    return error["type"] == "missing" and tuple(error["loc"]) in misspelt


def _meant(kind: type[BaseModel], error: Any) -> Path | None:
    """The key that an unknown key was probably meant to be."""
    if error["type"] != "extra_forbidden":
        return None
    path: Path = tuple(error["loc"])
    near = difflib.get_close_matches(str(path[-1]), _keys(_model_at(kind, path[:-1])), n=1)
    return (*path[:-1], near[0]) if near else None


def _explain(kind: type[BaseModel], tree: Tree, error: Any) -> Fault:
    """A validation error as a sentence at its place."""
    path: Path = tuple(error["loc"])
    value = error["input"]
    if path and path[-1] == "[key]":
        return tree.fault(path[:-1], f"{quoted(value)} {_NO_NAME}", key=True)
    name = str(path[-1]) if path else ""
    label = _label(path)
    match error["type"]:
        case "extra_forbidden":
            return tree.fault(path, f"unknown key {quoted(name)}{_why_unknown(kind, path, value)}", key=True)
        case "missing":
            return tree.fault(path[:-1], f"{quoted(name)} is missing")
        case "enum" | "literal_error":
            known = re.findall(r"'([^']*)'", error["ctx"]["expected"])
            given = "is empty, and that" if value is None else quoted(value)
            what = f"{name} {given} is none of {', '.join(known)}{did_you_mean(str(value), known)}"
            return tree.fault(path, what)
        case "too_short" | "too_long":
            bound = error["ctx"].get("min_length", error["ctx"].get("max_length"))
            few = "at least" if error["type"] == "too_short" else "at most"
            return tree.fault(
                path, f"{quoted(name)} needs {few} {bound} entries, it has {error['ctx']['actual_length']}"
            )
        case "date_parsing" | "date_from_datetime_parsing" | "date_type":
            return tree.fault(
                path, f"{label} is no valid date: write year-month-day, 2027-01-31; given {_given(value)}"
            )
        case "string_too_short":
            return tree.fault(path, f"{label} is empty")
        case "string_pattern_mismatch":
            return tree.fault(path, f"{quoted(value)} {_NO_NAME}")
        case "value_error":
            return tree.fault(path, str(error["ctx"]["error"]))
    return tree.fault(path, f"{label}: {_plainly(error['msg'])}, given {_given(value)}")


def _label(path: Path) -> str:
    """What stands at ``path``, as a person counts."""
    if not path:
        return "the file"
    return f"entry {path[-1] + 1} of {quoted(path[-2])}" if isinstance(path[-1], int) else quoted(path[-1])


def _given(value: Any) -> str:
    if value is None:
        return "nothing: write it there, or take the key away"
    if isinstance(value, dict):
        return f"a mapping{_COLON}"
    return "a list" if isinstance(value, list) else quoted(value)


def _plainly(message: str) -> str:
    """A validation message without the words of a programming language."""
    for technical, plain in _PLAINLY:
        message = technical.sub(plain, message)
    return message[:1].lower() + message[1:]


def _why_unknown(kind: type[BaseModel], path: Path, value: Any) -> str:
    """A key that means nothing: misspelt, or of a text that a comma or a colon has cut in two."""
    near = did_you_mean(str(path[-1]), _keys(_model_at(kind, path[:-1])))
    is_word = not re.fullmatch(r"[a-z_]+", str(path[-1]))
    if re.match(r"[a-z_]+：", str(path[-1])):
        return _CHINESE_COLON
    return near or (_COMMA if value is None else _COLON if is_word else "")


def _keys(kind: type[BaseModel] | None) -> list[str]:
    return [field.alias or name for name, field in kind.model_fields.items()] if kind else []


def _model_at(kind: type[BaseModel] | None, path: Path) -> type[BaseModel] | None:
    """The model that describes what stands at ``path``, read off the annotations."""
    here: Any = kind
    for step in path:
        if isinstance(here, type) and issubclass(here, BaseModel):
            field = next((f for n, f in here.model_fields.items() if step in {n, f.alias}), None)
            here = field.annotation if field else None
        else:
            here = _inner(here)
        here = _plain(here)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _plain(annotation: Any) -> Any:
    """An annotation without ``Annotated`` and without the ``None`` of an optional."""
    while typing.get_origin(annotation) is typing.Annotated:
        annotation = typing.get_args(annotation)[0]
    if typing.get_origin(annotation) in {typing.Union, types.UnionType}:
        return next(part for part in typing.get_args(annotation) if part is not type(None))
    return annotation


def _inner(annotation: Any) -> Any:
    """What a tuple or a mapping holds."""
    arguments = typing.get_args(annotation)
    if typing.get_origin(annotation) is dict:
        return arguments[1]
    return arguments[0] if arguments else None
