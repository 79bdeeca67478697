"""YAML as a tree that remembers where everything stood: no aliases, no tags, no duplicate keys, bounded in every way.

Built on the parser's events, so that nothing is ever constructed from what a file says. Every scalar stays text
(``null`` and ``~`` apart); the models give it its type.

Sound files are read by libyaml, ten times as fast; whatever it stumbles over, and what two parsers may see differently,
is read by ruamel.yaml, which is what faults are worded by.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

import yaml
from ruamel.yaml import YAML, events
from ruamel.yaml.error import MarkedYAMLError, YAMLError

from scanner.rulebook.faults import Fault, quoted

MOST_BYTES = 1 << 20
MOST_NODES = 100_000
DEEPEST = 12

Path = tuple[str | int, ...]
Place = tuple[int, int]

# Of each kind the events of both parsers, which have the same attributes.
AliasEvent = (events.AliasEvent, yaml.AliasEvent)
DocumentStartEvent = (events.DocumentStartEvent, yaml.DocumentStartEvent)
MappingEndEvent = (events.MappingEndEvent, yaml.MappingEndEvent)
MappingStartEvent = (events.MappingStartEvent, yaml.MappingStartEvent)
ScalarEvent = (events.ScalarEvent, yaml.ScalarEvent)
SequenceEndEvent = (events.SequenceEndEvent, yaml.SequenceEndEvent)
SequenceStartEvent = (events.SequenceStartEvent, yaml.SequenceStartEvent)

# What ruamel.yaml says of the commonest slips, and how they are mended. ``begun``: the line where what broke off began.
_MENDED = tuple(
    (re.compile(technical), plainly)
    for technical, plainly in (
        (r"found character '\\t'", "a tab: indent with spaces, never with the tab key"),
        (r"found character '(.)' that cannot start", "no text begins with {0}: put it in 'single quotes'"),
        (r"found unknown escape character '(.)'", "\\{0} means nothing in \"double quotes\": use 'single quotes'"),
        (
            r"expected <block end>, but found '(?:<block|-)",
            "another indent than its neighbours: begin it where they begin",
        ),
        (r"expected <block end>, but found '<scalar>'", "a text in quotes ended before this: put all of it in quotes"),
        (r"expected <block end>, but found '([]}])'", "a {0} that nothing opened"),
        (r"expected ',' or '(.)', but got '([]}])'", "what line {begun} opens ends with {0}, and here stands {1}"),
        (
            r"mapping values are not allowed here",
            "a colon too many, which takes quotes, or another indent than its neighbours",
        ),
        (
            r"expected ',' or '([]}])'",
            "what line {begun} opens goes on to here: close it with {0}, and its quotes, or put the comma in",
        ),
        (r"while scanning a quoted scalar, found unexpected end", "the quote opened in line {begun} is never closed"),
        (r"while scanning a simple key", "line {begun} has no colon with a space behind it"),
    )
)

# PyYAML without libyaml has none.
_LIBYAML: Any = getattr(yaml, "CSafeLoader", None)
# What one parser is stricter about, directives, line breaks of YAML 1.1 alone, and characters that no file needs.
_DISPUTED = re.compile(r"^%|[|>][-+0-9]*\s*#|[^\n -~\u00a0-\u2027\u202a-\ufefe\uff00-\U0010ffff]", re.MULTILINE)


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
            elif isinstance(event, (*ScalarEvent, *SequenceStartEvent, *MappingStartEvent, *AliasEvent)):
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
            if items[key] is None:
                # What is not there would stand where the next thing does.
                self.tree.values[at] = self.tree.keys[at]
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
    return _sound(text, file) or _worded(text, file)


def _sound(text: str, file: str) -> Tree | None:
    """The tree by libyaml, if there is nothing about the file that anybody need be told."""
    if _LIBYAML is None or _DISPUTED.search(text):
        return None
    tree = Tree(file)
    try:
        _Builder(tree, _undisputed(yaml.parse(text, Loader=_LIBYAML))).build()
    except (_Stop, yaml.YAMLError, ValueError, RecursionError):
        return None
    return None if tree.faults else tree


def _undisputed(parsed: Iterable[Any]) -> Iterator[Any]:
    """The events, up to a value that is not written down: parsers differ in where it would stand."""
    for event in parsed:
        if isinstance(event, yaml.ScalarEvent) and not (event.value or event.style):
            raise _Stop(event, "nothing stands here")
        yield event


def _worded(text: str, file: str) -> Tree:
    """The tree by ruamel.yaml, with what is wrong in words."""
    tree = Tree(file)
    try:
        _Builder(tree, YAML(typ="safe", pure=True).parse(text)).build()
    except _Stop as stop:
        tree.data = None
        tree.faults.append(_fault(file, stop.event, stop.what))
    except MarkedYAMLError as error:
        tree.data = None
        tree.faults.append(_syntax_fault(file, error, text))
    except (YAMLError, ValueError, RecursionError) as error:
        tree.data = None
        tree.faults.append(Fault(file=file, line=1, column=1, what=f"not YAML: {str(error).splitlines()[0]}"))
    return tree


def _syntax_fault(file: str, error: MarkedYAMLError, text: str) -> Fault:
    what = ", ".join(part for part in (error.context, error.problem) if part)
    begun = error.context_mark.line + 1 if error.context_mark else 0
    # What is missing is missed a line too late.
    is_key = error.context is not None and "simple key" in error.context
    mark = (error.context_mark if is_key else error.problem_mark) or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    mended = (said.format(*found.groups(), begun=begun) for how, said in _MENDED if (found := how.search(what)))
    there = text.splitlines()[line - 1 : line] if is_key else []
    chinese = ", but a Chinese one" if there and "：" in there[0] else ""
    return Fault(file=file, line=line, column=column, what=f"not YAML: {next(mended, what)}{chinese}")
