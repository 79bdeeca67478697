"""An element's text as it reads: words that inline markup cuts up stay whole, blocks stand apart."""

from __future__ import annotations

from typing import Any

from lxml import etree

from spiders.pages.facts import clean

BLOCKS = frozenset({
    "address", "article", "aside", "blockquote", "br", "center", "dd", "div", "dl", "dt", "figcaption", "figure",
    "footer", "form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "main", "ol", "option", "p", "pre",
    "section", "table", "tbody", "td", "th", "thead", "tr", "ul",
})  # fmt: skip
_SILENT = frozenset({"script", "style", "template", "noscript"})
MOST_CHARACTERS = 20_000


def reading(element: Any) -> str:
    """The text in ``element`` on one line, a bounded piece of it."""
    parts: list[str] = []
    length = 0
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            text = "" if inner.tag in _SILENT else inner.text or ""
        else:
            text = "" if inner is element else inner.tail or ""
        # A block begins a line before its text, and ends it before what follows.
        parts += [" " if inner.tag in BLOCKS else "", text]
        length += len(text)
        if length > MOST_CHARACTERS:
            break
    return clean("".join(parts))
