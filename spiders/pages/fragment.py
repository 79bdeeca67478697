"""A seller's description as markup: what a buyer sees of it, and what is in it but hidden from the buyer.

BeautifulSoup reads the fragment only (0.2 ms for 2 KB; the whole page would take 34), for its patience with markup that
people paste. Scripts, styles and comments are nobody's text; a ``<style>`` in the fragment still hides what it hides.
"""

from __future__ import annotations

import re
from typing import Any

import msgspec
import re2
from bs4 import BeautifulSoup
from bs4.element import NavigableString, PreformattedString, Tag

from spiders.pages.reading import BLOCKS
from spiders.pages.visibility import Look, declarations, look_of

MOST_CHARACTERS = 200_000
MOST_TAGS = 10_000
MOST_NODES = 50_000
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
    soup = BeautifulSoup(_bounded(markup), "lxml")
    rules = _rules(soup)
    shown: list[str] = []
    hidden: list[str] = []
    # An element is met twice: on the way in with its look, on the way out (None) to end its line.
    todo: list[tuple[Any, Look | None]] = [(soup, Look())]
    for _ in range(MOST_NODES):
        if not todo:
            break
        node, look = todo.pop()
        if look is None:
            shown.append("\n")
            hidden.append("\n")
        elif isinstance(node, Tag):
            todo.extend(_inside(node, look, rules))
        elif isinstance(node, NavigableString) and not isinstance(node, PreformattedString):
            (hidden if look.is_hidden else shown).append(_SPACE.sub(" ", str(node)))
    return Fragment(_lines(shown), _lines(hidden))


def _bounded(markup: str) -> str:
    """No more than the longest and richest of honest descriptions: building a tree costs by the tag."""
    markup = markup[:MOST_CHARACTERS]
    return markup if markup.count("<") <= MOST_TAGS else "<".join(markup.split("<", MOST_TAGS)[:MOST_TAGS])


def _inside(tag: Tag, above: Look, rules: dict[str, dict[str, str]]) -> list[tuple[Any, Look | None]]:
    """What is to be met within ``tag``, last first."""
    if tag.name in _DROPPED:
        return []
    attributes = {name: value if isinstance(value, str) else " ".join(value) for name, value in tag.attrs.items()}
    classes = attributes.get("class", "").split()
    style: dict[str, str] = {}
    for name in (tag.name, *(f".{name}" for name in classes), f"#{attributes.get('id', '')}"):
        style |= rules.get(name, {})
    if "style" in attributes:
        style |= declarations(attributes["style"])
    look = look_of(above, style, attributes, classes)
    inner: list[tuple[Any, Look | None]] = [(child, look) for child in reversed(tag.contents)]
    return [(None, None), *inner, (None, None)] if tag.name in BLOCKS else inner


def _rules(soup: BeautifulSoup) -> dict[str, dict[str, str]]:
    """The declarations of the fragment's own style sheets, for selectors of one name, class or id."""
    found: dict[str, dict[str, str]] = {}
    for sheet in soup.find_all("style", limit=20):
        for selectors, body in _RULE.findall(sheet.get_text()[:50_000]):
            for selector in selectors.split(","):
                if _SIMPLE.search(selector.strip()):
                    found.setdefault(selector.strip(), {}).update(declarations(body))
    return found


def _lines(parts: list[str]) -> str:
    lines = (_SPACE.sub(" ", line).strip() for line in "".join(parts).split("\n"))
    return "\n".join(line for line in lines if line)
