"""Elements by their class, cut out of a page by search and parsed alone: a tree of the rest costs ten times as much.

What stands in comments, scripts and their like is no element. Names are compared by the parser, on the piece cut out.
"""

from __future__ import annotations

import re
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

MOST_SPAN = 300_000
MOST_CUT = 2**20
LONGEST_TAG = 4000
_OPENING = re.compile(r"<([A-Za-z][A-Za-z0-9-]*)[\s>/]")
# Their content is text to a parser, whatever it looks like.
_RAW_NAMES = ("script", "style", "textarea", "title", "iframe", "noembed", "noframes", "xmp")


def any_case(word: str) -> str:
    """A pattern for ``word`` in small and capital letters, which costs half of what the flag for it does."""
    return "".join(f"[{sign.lower()}{sign.upper()}]" if sign.isalpha() else re.escape(sign) for sign in word)


# Most tags begin otherwise: to look at three signs first costs a quarter of trying each name.
_RAW_FIRST = "".join(
    f"[-!{''.join(map(str.swapcase, signs))}{''.join(signs)}]" for signs in zip(*_RAW_NAMES, strict=False)
)
_RAW = re.compile(rf"<(?={_RAW_FIRST})(?:(!--)|({'|'.join(map(any_case, _RAW_NAMES))})\b)")
_AROUND = frozenset("\"'= >\t\r\n\f")
_COMMENT_END = re.compile(r"-->")
_VOID = frozenset({"img", "input", "meta", "link", "br", "hr", "source", "area", "base", "col", "embed", "wbr"})
Spans = list[tuple[int, int]]


def raw_spans(markup: str) -> Spans:
    """Where markup is not read as such: comments, scripts, styles …; one that is not closed ends with the page."""
    spans: Spans = []
    at = 0
    while found := _RAW.search(markup, at):
        close = _like(found[2], "</") if found[2] else _COMMENT_END
        closed = close.search(markup, found.end())
        at = closed.end() if closed else len(markup)
        spans.append((found.start(), at))
    return spans


def pieces_of_class(markup: str, name: str, raw: Callable[[], Spans]) -> Iterator[tuple[str, str]]:
    """Tag and markup of each element whose opening tag may bear the class ``name``, in order; at most a megabyte.

    ``raw`` gives the ``raw_spans`` of the markup, which are asked for only if they matter.
    """
    cut = 0
    for start, tag in _openings(markup, name, raw):
        piece = markup[start : end_of_element(markup, start, tag)]
        yield tag, piece
        cut += len(piece)
        if cut >= MOST_CUT:
            return


def outermost_bearing(markup: str, attribute: str, raw: Callable[[], Spans]) -> Iterator[str]:
    """The markup of the elements whose opening tag may bear ``attribute``, none inside another, in order."""
    end = 0
    for start, tag in _openings(markup, attribute, raw):
        if start >= end:
            end = end_of_element(markup, start, tag)
            yield markup[start:end]


def _openings(markup: str, word: str, raw: Callable[[], Spans]) -> Iterator[tuple[int, str]]:
    """Where the opening tags begin that may hold ``word`` as a name or value of an attribute, and what they open."""
    after = 0
    for at in _words(markup, word):
        start = markup.rfind("<", max(after, at - LONGEST_TAG), at)
        # Of the places behind one bracket only the first can be the first in an opening tag.
        after = at
        opening = _OPENING.match(markup, start) if start >= 0 else None
        if opening is not None and not _is_in(raw(), start):
            yield start, opening[1].lower()


def _words(markup: str, name: str) -> Iterator[int]:
    """Where ``name`` stands alone, as in a ``class`` attribute, and not as in a style sheet or in a longer name."""
    at = markup.find(name)
    while at >= 0:
        end = at + len(name)
        if markup[at - 1 : at] in _AROUND and markup[end : end + 1] in _AROUND:
            yield at
        at = markup.find(name, end)


def end_of_element(markup: str, start: int, tag: str) -> int:
    """Where the element that opens at ``start`` ends, by counting its like; the span's limit where it never does."""
    limit = min(len(markup), start + MOST_SPAN)
    if tag in _VOID:
        return (markup.find(">", start, limit) + 1) or limit
    depth = 0
    for found in _like(tag).finditer(markup, start, limit):
        depth += -1 if found[1] else 1
        if depth == 0:
            return (markup.find(">", found.end(), limit) + 1) or limit
    return limit


@lru_cache(maxsize=128)
def _like(tag: str, opens: str = "<(/?)") -> Any:
    return re.compile(rf"{opens}{any_case(tag)}\b")


def _is_in(spans: Spans, at: int) -> bool:
    place = bisect_right(spans, (at, sys.maxsize)) - 1
    return place >= 0 and at < spans[place][1]
