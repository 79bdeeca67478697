"""A page's own name for what it shows: its main heading, else its title without the site's name."""

from __future__ import annotations

import re
from typing import Any

import re2

from spiders.pages.facts import plain
from spiders.pages.reading import reading

# One fixed sign first, then a run up to the next bracket: linear, and quick to look for.
_TITLE = re.compile(r"<title[^<>]*>", re.IGNORECASE)
_SITE_MARK = re2.compile(r"\s+[|–—·»:-]+\s+|｜|\s*::\s*|_")
# Each one class of characters, linear in any engine.
_WORD = re.compile(r"[^\W_]+")
_SIGN = re.compile("[\u3040-\u9fff]")
LONGEST = 500
LONGEST_TITLE = 4000
MOST_SEARCHED = 2_000_000


def headline(text: str, tree: Any) -> str:
    """The heading that the title repeats, or the first one of any length; failing that the title's first part."""
    title = page_title(text)
    headings = headings_of(tree)
    bare = _bare(title)
    for heading in headings:
        if _bare(heading) and _bare(heading) in bare:
            return heading
    best = max(headings, key=lambda heading: overlap(heading, title), default="")
    if best and (overlap(best, title) >= 0.4 or not title):
        return best
    return first_part(title) or best


def page_title(text: str) -> str:
    """What the ``<title>`` element says."""
    found = _TITLE.search(text, 0, MOST_SEARCHED)
    return plain(text[found.end() : found.end() + LONGEST_TITLE].partition("<")[0])[:LONGEST] if found else ""


def headings_of(tree: Any) -> list[str]:
    """The texts of the page's main headings."""
    if tree is None:
        return []
    return [text for heading in tree.xpath("//h1")[:10] if (text := reading(heading)[:LONGEST])]


def first_part(title: str) -> str:
    """The title without what follows the first mark, unless that leaves next to nothing."""
    first = _SITE_MARK.split(title)[0].strip()
    return first if len(first) >= 4 or not title else title


def overlap(one: str, other: str) -> float:
    """How much of the shorter text's words the other has, 0 to 1."""
    words, others = set(_words(one)), set(_words(other))
    return len(words & others) / min(len(words), len(others)) if words and others else 0.0


def _words(text: str) -> list[str]:
    """Words of letters and digits, and each sign of the scripts that write words without space between."""
    lowered = text.lower()
    return [*_WORD.findall(lowered), *_SIGN.findall(lowered)]


def _bare(text: str) -> str:
    return "".join(sign for sign in text.lower() if sign.isalnum())
