"""Changing rule files for an author, in place: comments and layout stay; what would not read back is not written."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from scanner.authoring.skeleton import new_module, new_rule, new_terms
from scanner.errors import InputError, RulebookError
from scanner.rulebook.faults import did_you_mean, quoted
from scanner.rulebook.lexicon import fault_of_term
from scanner.rulebook.reader import read
from scanner.rulebook.sources import SHARED, Source, find_sources
from scanner.rulebook.tree import Tree, read_tree
from scanner.text import tables

_RULE = re.compile(r"^([a-z][a-z0-9_]*)\.([a-z][a-z0-9_]*)$")
_TOP = re.compile(r"^([a-z_]+):", re.MULTILINE)
_PLAIN = re.compile(r"^[^\s\-?:,\[\]{}#&*!|>'\"%@`0-9.~][^,\[\]{}#:'\"\n]*$")


def export(folder: Path, beside: Mapping[str, bytes]) -> int:
    """Copy the shipped rule files, and files ``beside`` them, to a new folder; how many rule files there are."""
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise InputError(f"{folder} is there and not empty", hint="Name a folder that does not exist yet.")
    sources = find_sources(None)
    for source in sources:
        home = folder / SHARED if source.is_shared else folder
        home.mkdir(parents=True, exist_ok=True)
        (home / f"{source.name}.yaml").write_bytes(source.content)
    for name, content in beside.items():
        (folder / name).write_bytes(content)
    return len(sources)


def add_rule(folder: Path, rule: str) -> tuple[Path, int]:
    """Add a skeleton of ``category.name`` to its file; the file and the line where it begins."""
    match = _RULE.match(rule)
    if match is None:
        raise InputError(
            f"{quoted(rule)} is no name of a rule", hint="Write CATEGORY.NAME in small letters, such as phone_card.x."
        )
    category, name = match.groups()
    file = folder / f"{category}.yaml"
    if not file.exists():
        folder.mkdir(parents=True, exist_ok=True)
        content = new_module(category, name)
    else:
        content = _with_rule(file, category, name)
    _keep(file, content)
    return file, content[: content.index(f"id: {rule}\n")].count("\n") + 1


def _with_rule(file: Path, category: str, name: str) -> str:
    """The file with a rule at its end, and the rule's lists at the end of ``terms``."""
    text = file.read_text(encoding="utf8")
    tree = read_tree(text.encode(), file=str(file))
    rules = tree.data.get("rules", ()) if isinstance(tree.data, dict) else ()
    if f"{category}.{name}" in {rule.get("id") for rule in rules if isinstance(rule, dict)}:
        raise InputError(
            f"{file} has a rule {category}.{name} already", hint="Take another name; ids are never reused."
        )
    if name in (tree.data.get("terms") or {}):
        raise InputError(f"{file} has a term list {name} already", hint="Take another name for the rule.")
    tops = [found.group(1) for found in _TOP.finditer(text)]
    if not tops or tops[-1] != "rules":
        raise InputError(f"{file}: rules must be the last part of the file", hint="Move the other parts above rules:.")
    text = text.rstrip("\n") + "\n"
    if "terms" not in tops:
        at = next(found.start() for found in _TOP.finditer(text) if found.group(1) == "rules")
        return text[:at] + "terms:\n" + new_terms(name) + text[at:] + new_rule(category, name)
    starts = [found.start() for found in _TOP.finditer(text)]
    at = starts[tops.index("terms") + 1]
    return text[:at] + new_terms(name) + text[at:] + new_rule(category, name)


class Added(NamedTuple):
    """Words that joined a list, and where; of those that did not, the word of the list that reads the same."""

    file: Path
    line: int
    words: list[str]
    known: dict[str, str]


def add_terms(folder: Path, name: str, words: Sequence[str], *, covers: bool = False) -> Added:
    """Add words to list ``file.list`` that it has not yet, in any spelling that is read alike."""
    stem, _, own = name.partition(".")
    file = next((f for f in (folder / f"{stem}.yaml", folder / SHARED / f"{stem}.yaml") if f.exists()), None)
    if file is None or not own:
        stems = [path.stem for path in (*folder.glob("*.yaml"), *folder.glob(f"{SHARED}/*.yaml"))]
        raise InputError(
            f"no rule file for {quoted(name)} in {folder}{did_you_mean(stem, stems)}",
            hint="Write FILE.LIST, such as phone_card.card; `delist rules where WORD` names lists.",
        )
    text = file.read_text(encoding="utf8")
    tree = read_tree(text.encode(), file=str(file))
    lists = (tree.data or {}).get("terms") or {}
    if own not in lists:
        raise InputError(f"{file} has no term list {quoted(own)}{did_you_mean(own, lists)}")
    key = "except" if covers else "any"
    there = lists[own].get(key) or []
    if faults := [f"{quoted(word)} {fault}" for word in words if (fault := fault_of_term(word))]:
        raise RulebookError(tuple(faults), hint="Nothing was written.")
    # With their separators: "sim card" is found in more texts than "simcard".
    fold = tables.load().fold
    # Written last, the first word of several that read the same stands.
    reads = {fold(word): word for word in reversed(there) if isinstance(word, str)}
    added: list[str] = []
    known: dict[str, str] = {}
    for word in dict.fromkeys(words):
        same = reads.setdefault(fold(word), word)
        if same == word and word not in there:
            added.append(word)
        else:
            known[word] = same
    line = tree.place(("terms", own, key))[0]
    if added:
        _keep(file, _with_words(text, tree, own, key, len(there), added))
    return Added(file, line, added, known)


def _with_words(text: str, tree: Tree, name: str, key: str, count: int, words: Sequence[str]) -> str:
    """The text with ``words`` at the end of a flow list, or as further lines of a block list."""
    if key not in tree.data["terms"][name]:
        raise InputError(f'{tree.file}: list {quoted(name)} has no "{key}" yet', hint=f"Add {key}: [] to it first.")
    start = _offset(text, *tree.place(("terms", name, key)))
    if text[start] == "[":
        end = start + _closing(text[start:])
        return text[:end] + (", " if count else "") + ", ".join(map(_scalar, words)) + text[end:]
    begin = _offset(text, tree.place(("terms", name, key, count - 1))[0], 1)
    end = text.find("\n", begin) + 1 or len(text)
    dash = text[begin:].index("-")
    lines = "".join(f"{' ' * dash}- {_scalar(word)}\n" for word in words)
    return text[:end] + ("" if text[:end].endswith("\n") else "\n") + lines + text[end:]


def _closing(text: str) -> int:
    """Where the bracket that opens ``text`` closes, quoted parts and comments left aside."""
    quote, at = "", 0
    while at < len(text):
        char = text[at]
        if quote:
            quote = "" if char == quote else quote
        elif char in "'\"" and text[at - 1] in "[, \n":
            quote = char
        elif char == "#" and text[at - 1] in " \n":
            at = text.find("\n", at)
        elif char == "]":
            return at
        at += 1
    raise InputError("the list has no end")


def _offset(text: str, line: int, column: int) -> int:
    lines = text.splitlines(keepends=True)
    return sum(map(len, lines[: line - 1])) + column - 1


def _scalar(word: str) -> str:
    """A word as YAML, in quotes where it needs them."""
    if _PLAIN.match(word) and word == word.strip():
        return word
    return "'" + word.replace("'", "''") + "'"


def _keep(file: Path, content: str) -> None:
    """Write the file if it still reads; otherwise raise ``RulebookError`` and leave it as it was."""
    source = Source(file=str(file), name=file.stem, is_shared=file.parent.name == SHARED, content=content.encode())
    _, faults = read([source])
    if faults:
        raise RulebookError(tuple(map(str, faults)), hint="Nothing was written; mend the file first.")
    file.write_text(content, encoding="utf8")
