"""A seller's description as markup: what a buyer sees of it, and what is in it but hidden from the buyer.

Only the fragment is made a tree, by libxml2, which mends the markup that people paste as BeautifulSoup would that sits
on it, in a tenth of its time. Scripts, styles and comments are nobody's text; a ``<style>`` in the fragment still hides
what it hides.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import Any

import msgspec
import re2

from spiders.pages.document import parse
from spiders.pages.reading import BLOCKS
from spiders.pages.visibility import Look, declarations, look_of

MOST_CHARACTERS = 200_000
MOST_TAGS = 10_000
MOST_NODES = 50_000
MOST_SHEETS = 20
_DROPPED = frozenset({"script", "style", "template", "head", "title", "meta", "link", "svg", "object", "iframe"})
_SPACE = re.compile(r"[ \t\r\n\f\v\xa0]+")
_RULE = re2.compile(r"([^{}]+)\{([^{}]*)\}")
_SIMPLE = re.compile(r"^[.#]?[A-Za-z][\w-]*$")


class Fragment(msgspec.Struct, frozen=True):
    """A description's two readings, lines as the markup breaks them."""

    visible: str = ""
    hidden: str = ""


def read(markup: str) -> Fragment:
    """The text of ``markup`` as a buyer sees it, and what is hidden from them."""
    root = parse(_bounded(markup))
    if root is None:
        return Fragment()
    rules = _rules(root)
    shown: list[str] = []
    hidden: list[str] = []
    todo: list[tuple[Any, Look]] = [(root, Look())]
    for _ in range(MOST_NODES):
        if not todo:
            break
        node, look = todo.pop()
        if node is None:
            shown.append("\n")
            hidden.append("\n")
        elif isinstance(node, str):
            (hidden if look.is_hidden else shown).append(_SPACE.sub(" ", node))
        else:
            todo.extend(reversed(_inside(node, look, rules)))
    return Fragment(_lines(shown), _lines(hidden))


def _bounded(markup: str) -> str:
    """No more than the longest and richest of honest descriptions: building a tree costs by the tag."""
    markup = markup[:MOST_CHARACTERS]
    return markup if markup.count("<") <= MOST_TAGS else "<".join(markup.split("<", MOST_TAGS)[:MOST_TAGS])


def _inside(element: Any, above: Look, rules: dict[str, dict[str, str]]) -> list[tuple[Any, Look]]:
    """What is to be met within ``element``, in order: texts, elements, and around a block the ends of lines (none)."""
    if element.tag in _DROPPED:
        return []
    look = _look(element, above, rules)
    inner: list[tuple[Any, Look]] = [(element.text, look)] if element.text else []
    for child in element:
        inner.append((child, look))
        if child.tail:
            inner.append((child.tail, look))
    return [(None, look), *inner, (None, look)] if element.tag in BLOCKS else inner


def _look(element: Any, above: Look, rules: dict[str, dict[str, str]]) -> Look:
    attributes = element.attrib
    if not attributes and not rules:
        return above
    classes = attributes.get("class", "").split()
    style: dict[str, str] = {}
    for name in (element.tag, *(f".{name}" for name in classes), f"#{attributes.get('id', '')}"):
        style |= rules.get(name, {})
    if "style" in attributes:
        style |= declarations(attributes["style"])
    return look_of(above, style, dict(attributes), classes)


def _rules(root: Any) -> dict[str, dict[str, str]]:
    """The declarations of the fragment's own style sheets, for selectors of one name, class or id."""
    found: dict[str, dict[str, str]] = {}
    for sheet in islice(root.iter("style"), MOST_SHEETS):
        for selectors, body in _RULE.findall((sheet.text or "")[:50_000]):
            for selector in selectors.split(","):
                if _SIMPLE.search(selector.strip()):
                    found.setdefault(selector.strip(), {}).update(declarations(body))
    return found


def _lines(parts: list[str]) -> str:
    lines = (_SPACE.sub(" ", line).strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)
