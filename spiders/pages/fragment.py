"""A seller's description as markup: what a buyer sees of it, and what is in it but hidden from the buyer.

Only the fragment is made a tree, by libxml2, which mends the markup that people paste as BeautifulSoup would that sits
on it, in a tenth of its time. Scripts, styles and comments are nobody's text; a ``<style>`` in the fragment still hides
what it hides.
"""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import islice
from typing import Any

import msgspec
import re2
from lxml import etree

from spiders.pages.document import parse
from spiders.pages.reading import BLOCKS
from spiders.pages.visibility import Look, declarations, look_of

MOST_CHARACTERS = 200_000
MOST_TAGS = 10_000
MOST_NODES = 50_000
MOST_SHEETS = 20
LONGEST_REMEMBERED = 400
# Ends a line; parsing has taken such characters out of the markup.
_BREAK = "\x1e"
Rules = dict[str, dict[str, str]]
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
    rules = _rules(root) if "<style" in markup or "<STYLE" in markup else {}
    shown: list[str] = []
    hidden: list[str] = []
    looks = [(Look(), shown)]
    walk = etree.iterwalk(root, events=("start", "end"))
    for event, element in islice(walk, MOST_NODES):
        if event == "end":
            looks.pop()
        if element.tag in BLOCKS:
            shown.append(_BREAK)
            hidden.append(_BREAK)
        if event == "start":
            looks.append(_place(element, *looks[-1], rules, shown, hidden))
            if element.tag in _DROPPED:
                walk.skip_subtree()
            elif element.text:
                looks[-1][1].append(element.text)
        elif element.tail:
            looks[-1][1].append(element.tail)
    return Fragment(_lines(shown), _lines(hidden))


def _place(
    element: Any, above: Look, there: list[str], rules: Rules, shown: list[str], hidden: list[str]
) -> tuple[Look, list[str]]:
    """How text in ``element`` looks, and to which reading it belongs."""
    if not element.attrib and not rules:
        return above, there
    look = _look(element, above, rules)
    return look, there if look is above else hidden if look.is_hidden else shown


def _bounded(markup: str) -> str:
    """No more than the longest and richest of honest descriptions: building a tree costs by the tag."""
    markup = markup[:MOST_CHARACTERS]
    return markup if markup.count("<") <= MOST_TAGS else "<".join(markup.split("<", MOST_TAGS)[:MOST_TAGS])


def _look(element: Any, above: Look, rules: Rules) -> Look:
    attributes = dict(element.attrib)
    if not rules and sum(map(len, attributes.values())) <= LONGEST_REMEMBERED:
        return _look_again(above, tuple(attributes.items()))
    return _look_by(element.tag, above, attributes, rules)


@lru_cache(maxsize=2048)
def _look_again(above: Look, attributes: tuple[tuple[str, str], ...]) -> Look:
    """The same attributes stand on element after element, and on page after page of a shop."""
    return _look_by("", above, dict(attributes), {})


def _look_by(tag: str, above: Look, attributes: dict[str, str], rules: Rules) -> Look:
    classes = attributes.get("class", "").split()
    style: dict[str, str] = {}
    for name in (tag, *(f".{name}" for name in classes), f"#{attributes.get('id', '')}"):
        style |= rules.get(name, {})
    if "style" in attributes:
        style |= declarations(attributes["style"])
    return look_of(above, style, attributes, classes)


def _rules(root: Any) -> Rules:
    """The declarations of the fragment's own style sheets, for selectors of one name, class or id."""
    found: Rules = {}
    for sheet in islice(root.iter("style"), MOST_SHEETS):
        for selectors, body in _RULE.findall((sheet.text or "")[:50_000]):
            for selector in selectors.split(","):
                if _SIMPLE.search(selector.strip()):
                    found.setdefault(selector.strip(), {}).update(declarations(body))
    return found


def _lines(parts: list[str]) -> str:
    lines = _SPACE.sub(" ", "".join(parts)).split(_BREAK)
    return "\n".join(filter(None, map(str.strip, lines)))
