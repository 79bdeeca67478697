"""YAML as a tree that remembers where everything stood: no aliases, no tags, no duplicate keys, bounded in every way.

Built on the parser's events, so that nothing is ever constructed from what a file says. Every scalar stays text
(``null`` and ``~`` apart); the models give it its type.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from scanner.rulebook.faults import Fault, quoted

MOST_BYTES = 1 << 20
MOST_NODES = 100_000
DEEPEST = 12

Path = tuple[str | int, ...]
Place = tuple[int, int]


class Tree:
    """A file's data, and the place of every value and key in it."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.data: Any = None
        self.faults: list[Fault] = []
        self.values: dict[Path, Place] = {}
        self.keys: dict[Path, Place] = {}
        self.multiline: set[Path] = set()

    def place(self, path: Path, *, key: bool = False) -> Place:
        """Where ``path`` stands, or the nearest thing around it that does stand somewhere."""
        while path:
            if key and path in self.keys:
                return self.keys[path]
            if path in self.values:
                return self.values[path]
            path = path[:-1]
        return self.values.get((), (1, 1))

    def fault(self, path: Path, what: str, *, key: bool = False, offset: int = 0) -> Fault:
        """A fault at ``path``, ``offset`` characters into its text."""
        line, column = self.place(path, key=key)
        if path in self.multiline and offset:
            what = f"{what} (character {offset + 1} of the text)"
            offset = 0
        return Fault(file=self.file, line=line, column=column + offset, what=what)


class _Builder:
    """Turns events into data; one fault ends the file where going on would only produce noise."""

    def __init__(self, tree: Tree, events: Iterator[Any]) -> None:
        self.tree = tree
        self.events = events
        self.nodes = 0

    def build(self) -> None:
        """Read the whole document."""
        documents = 0
        for event in self.events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise _Stop(event, "a rule file holds one document; remove the second '---'")
            elif isinstance(event, (ScalarEvent, SequenceStartEvent, MappingStartEvent, AliasEvent)):
                self.tree.data = self.value(event, ())

    def value(self, event: Any, path: Path) -> Any:
        """The value that starts with ``event``."""
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise _Stop(event, f"more than {MOST_NODES:,} values in one file")
        if len(path) > DEEPEST:
            raise _Stop(event, f"nested deeper than {DEEPEST} levels")
        if isinstance(event, AliasEvent) or getattr(event, "anchor", None):
            raise _Stop(
                event,
                f"anchors and aliases are not allowed ({quoted('&*'[isinstance(event, AliasEvent)] + event.anchor)})",
            )
        if event.tag is not None:
            raise _Stop(event, f"tags are not allowed ({quoted(event.tag)})")
        self.tree.values[path] = _place(event)
        if isinstance(event, MappingStartEvent):
            return self.mapping(path)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(path)
        return self.scalar(event, path)

    def scalar(self, event: Any, path: Path) -> str | None:
        """Text, or nothing for an unquoted ``null``, ``~`` or blank."""
        if event.end_mark.line != event.start_mark.line:
            self.tree.multiline.add(path)
        if event.style in {"'", '"'}:
            line, column = self.tree.values[path]
            self.tree.values[path] = (line, column + 1)
        plain = event.style is None or event.style == ""
        return None if plain and event.value in {"", "~", "null"} else str(event.value)

    def sequence(self, path: Path) -> list[Any]:
        """A list."""
        items: list[Any] = []
        for event in self.events:
            if isinstance(event, SequenceEndEvent):
                break
            items.append(self.value(event, (*path, len(items))))
        return items

    def mapping(self, path: Path) -> dict[str, Any]:
        """A mapping with plain text keys; a key given twice is a fault and the first one stands."""
        items: dict[str, Any] = {}
        for event in self.events:
            if isinstance(event, MappingEndEvent):
                break
            if not isinstance(event, ScalarEvent) or event.anchor or event.tag:
                raise _Stop(event, "a key must be plain text")
            key = str(event.value)
            at = (*path, key)
            if key in items:
                self.tree.faults.append(_fault(self.tree.file, event, f"key {quoted(key)} is given twice"))
                self.value(next(self.events), (*path, key, "(again)"))
                continue
            self.tree.keys[at] = _place(event)
            items[key] = self.value(next(self.events), at)
        return items


class _Stop(Exception):
    """The rest of the file cannot be read."""

    def __init__(self, event: Any, what: str) -> None:
        super().__init__(what)
        self.event = event
        self.what = what


def _place(event: Any) -> Place:
    return event.start_mark.line + 1, event.start_mark.column + 1


def _fault(file: str, event: Any, what: str) -> Fault:
    line, column = _place(event)
    return Fault(file=file, line=line, column=column, what=what)


def read_tree(content: bytes, *, file: str) -> Tree:
    """Parse one file. Never raises for what the file contains: see ``Tree.faults``."""
    tree = Tree(file)
    if len(content) > MOST_BYTES:
        tree.faults.append(
            Fault(file=file, line=1, column=1, what=f"larger than {MOST_BYTES:,} bytes ({len(content):,})")
        )
        return tree
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        tree.faults.append(Fault(file=file, line=line, column=1, what=f"not UTF-8 text (byte {error.start})"))
        return tree
    try:
        _Builder(tree, YAML(typ="safe", pure=True).parse(text)).build()
    except _Stop as stop:
        tree.data = None
        tree.faults.append(_fault(file, stop.event, stop.what))
    except MarkedYAMLError as error:
        tree.data = None
        tree.faults.append(_syntax_fault(file, error))
    except (YAMLError, ValueError, RecursionError) as error:
        tree.data = None
        tree.faults.append(Fault(file=file, line=1, column=1, what=f"not YAML: {str(error).splitlines()[0]}"))
    return tree


def _syntax_fault(file: str, error: MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    what = ", ".join(part for part in (error.context, error.problem) if part)
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    return Fault(file=file, line=line, column=column, what=f"not YAML: {what}")
