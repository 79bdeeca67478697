"""Finds the parts of a page where a seller writes, by what shops call them, without parsing the page.

Names are looked for as plain text and an element's end by counting its like: a tenth of a millisecond a page, and
linear whatever the page holds.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice

import msgspec

from spiders.pages.facts import clean
from spiders.pages.words import DESCRIPTION_HEADINGS, DESCRIPTION_NAMES

MOST_CANDIDATES = 40
MOST_SPAN = 300_000
MOST_REGIONS = 4
_TAGS = frozenset({"div", "section", "article", "td", "p", "ul", "dl", "span", "main", "table"})
_TAG_NAME = re.compile(r"^<([a-z][a-z0-9]*)[\s>]")
_NAMED = re.compile(r"""(?:^|\s)(itemprop|id|class)\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'>]+))""")
_CALLING = re.compile(r"""\s(?:id|class|aria-label)\s*=\s*(?:"[^"]*"|'[^']*'|[^\s"'>]+)""")
_CLOSERS = {
    tag: re.compile(rf"<(/?){tag}\b", re.IGNORECASE) for tag in (*_TAGS, "nav", "ol", "fieldset", "aside", "form")
}
_HEADING = re.compile(r"<(h[1-5])\b[^<>]{0,500}>([^<>]{1,60})</\1\s*>", re.IGNORECASE)
_SECTION_END = re.compile(
    r"<h[1-5]\b|</section|</main|<footer|<(?:div|section|ul|aside)\s[^<>]{0,200}(?:related|recommend|similar|review)",
    re.IGNORECASE,
)
# A name's last part tells what it holds: "item-description", "goods_desc", "productDescription__text".
_STRONG = re.compile(r"(?:^|[-_]|product|item|goods|detail|full|long|short)(?:description|desc)$")
_WEAK = re.compile(
    r"description|^(?:product|item|goods)[-_]?(?:details?|content|intro|info)$|^detail[-_]?content$|^details?$"
)
_OTHERS = re.compile(
    r"related|recommend|similar|review|comment|card|tile|crumb|meta|toggle|title|button|link|label|header"
)


class Region(msgspec.Struct, frozen=True):
    """An element of the page: its outer markup, and how surely it holds the description (the higher the surer)."""

    markup: str
    score: int


def descriptions(page: str, words: Iterable[str] = DESCRIPTION_NAMES) -> list[Region]:
    """The page's description elements, surest first, none inside another; ``words``: those that stand in it at all."""
    candidates = sorted(_candidates(page, words), key=lambda one: (-one[0], one[1]))
    regions: list[Region] = []
    taken: list[tuple[int, int]] = []
    for score, start, tag in candidates:
        if len(regions) == MOST_REGIONS or (regions and score < regions[0].score):
            break
        end = end_of(page, start, tag)
        if end and not any(low <= start < high or start <= low < end for low, high in taken):
            taken.append((start, end))
            regions.append(Region(page[start:end], score))
    return regions or _under_headings(page)


def _under_headings(page: str) -> list[Region]:
    """What stands between a heading that announces a description and the next heading or the end of its section."""
    for heading in islice(_HEADING.finditer(page), MOST_CANDIDATES):
        if clean(heading.group(2)).lower().rstrip(":：") in DESCRIPTION_HEADINGS:
            after = _SECTION_END.search(page, heading.end(), heading.end() + MOST_SPAN)
            end = after.start() if after else min(len(page), heading.end() + MOST_SPAN)
            return [Region(page[heading.end() : end], 0)]
    return []


def _candidates(page: str, words: Iterable[str]) -> Iterator[tuple[int, int, str]]:
    """Score, start and tag of elements whose name speaks of a description; names used again and again are cards'."""
    found: list[tuple[int, int, str, str]] = []
    for start, opening in _openings(page, words):
        if (name := _TAG_NAME.search(opening)) and name.group(1) in _TAGS:
            score, called = _score(opening)
            if score:
                found.append((score, start, name.group(1), called))
    often = Counter(called for _, _, _, called in found)
    yield from ((score, start, tag) for score, start, tag, called in found if often[called] <= 3)


def _openings(page: str, words: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The opening tags that hold one of the words, in order and in lower case, a bounded number."""
    after = 0
    for at in _places(page, words):
        if at < after:
            continue
        start = page.rfind("<", max(0, at - 600), at)
        if start >= after and page.find(">", start, at) < 0 and (end := page.find(">", at, at + 2000)) >= 0:
            after = end
            yield start, page[start : end + 1].lower()


def _places(page: str, words: Iterable[str]) -> list[int]:
    """Where the words stand. Looked for in each way of writing them: to lower a page costs ten times as much."""
    places: list[int] = []
    for word in words:
        at = page.find(word)
        while at >= 0 and len(places) < MOST_CANDIDATES * 10:
            places.append(at)
            at = page.find(word, at + len(word))
    return sorted(places)


def _score(opening: str) -> tuple[int, str]:
    best, called = 0, ""
    for kind, *values in _NAMED.findall(opening):
        for word in "".join(values).split():
            score = _word_score(kind, word)
            if score > best:
                best, called = score, f"{kind}={word}"
    return best, called


def _word_score(kind: str, word: str) -> int:
    if kind == "itemprop":
        return 5 if word == "description" else 0
    if _OTHERS.search(word):
        return 0
    return 4 if _STRONG.search(word) else 2 if "description" in word else 1 if _WEAK.search(word) else 0


def tag_around(page: str, at: int) -> tuple[int, str] | None:
    """Where the opening tag begins in which ``at`` lies, in an attribute that names it, and what it is."""
    start = page.rfind("<", max(0, at - 600), at)
    if start < 0 or page.find(">", start, at) >= 0 or (end := page.find(">", at, at + 2000)) < 0:
        return None
    opening = page[start : end + 1].lower()
    name = _TAG_NAME.search(opening)
    if name is None or name.group(1) not in _CLOSERS:
        return None
    return (
        (start, name.group(1))
        if any(start + value.start() <= at < start + value.end() for value in _CALLING.finditer(opening))
        else None
    )


def end_of(page: str, start: int, tag: str) -> int:
    """Where the element that opens at ``start`` ends; 0 if it is longer than any description."""
    depth = 0
    limit = min(len(page), start + MOST_SPAN)
    for found in _CLOSERS[tag].finditer(page, start, limit):
        depth += -1 if found.group(1) else 1
        if depth == 0:
            return (page.find(">", found.end()) + 1) or limit
    return limit if limit == len(page) else 0
