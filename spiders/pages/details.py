"""What stands beside an offer: specifications, choices, questions and answers, the path of categories. Sellers write
there as well.

The parts are found by searching, as descriptions are, and only they are parsed: a page that says everything else in its
structured data costs no tree. What is read is bounded, whatever the page holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any

from spiders.pages import json_ld
from spiders.pages.document import Document, parse
from spiders.pages.facts import Facts, distinct, keep, plain
from spiders.pages.labels import attributes_of
from spiders.pages.reading import reading
from spiders.pages.regions import end_of, tag_around
from spiders.pages.words import CHOICES, QUESTIONS, SELECT, TABLES

FIELDS = frozenset({"attributes", "options", "questions", "category_path"})
MOST_PARTS = 12
MOST_MARKUP = 60_000
LONGEST_CHOICE = 80
MOST_CHOICES = 60
LONGEST_CRUMB = 60
# Choices that say nothing of the goods: how many, in which order, where to.
_ASIDE = re.compile(r"(?i)qty|quant|sort|order|country|region|lang|currency|limit|per-?page|rating|search|menge|filter")
_PROMPT = re.compile(
    r"(?i)^(?:-|–|—|choose|select|please|pick|all|any|wählen|bitte|choisi|elige|scegli|请选择|選擇|请选)"
)
_HOME = frozenset({"home", "homepage", "start", "startseite", "accueil", "inicio", "首页", "首頁", "»", ">", "/", "›"})
_CRUMBS = ("readcrumb", "READCRUMB", "crumbs", "crumb")
_LEAVES = frozenset({"li", "label", "button", "a", "option"})


def facts_of(document: Document, known: Facts) -> Facts:
    """The fields of ``FIELDS`` that are not known yet."""
    found: Facts = {}
    main = document.main_text or document.text
    if "attributes" not in known:
        keep(found, attributes=dict(_attributes(main, document.of_main(TABLES))))
    if "options" not in known:
        # What stands before the heading chooses among the shop's departments, not among goods.
        keep(found, options=distinct(_options(document, main[max(0, main.find("<h1")) :])))
    if "questions" not in known:
        keep(found, questions=distinct(_questions(document, main)))
    if "category_path" not in known:
        keep(found, category_path=_category_path(document, known.get("title", "")))
    return found


def _attributes(main: str, kinds: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Label and value of tables and definition lists."""
    for kind in kinds:
        for part in _elements(main, kind):
            yield from attributes_of(part).items()


def _options(document: Document, main: str) -> Iterator[str]:
    """The choices that a buyer has: of lists to select from, and of the buttons that shops put in their place."""
    for part in _elements(main, SELECT) if document.of_main((SELECT,)) else ():
        if not _ASIDE.search(f"{part.get('name', '')} {part.get('id', '')} {part.get('class', '')}"):
            yield from _choices(part.iter("option"))
    for part in _called(main, document.of_main(CHOICES)):
        if not _ASIDE.search(f"{part.get('id', '')} {part.get('class', '')}"):
            yield from _choices(leaf for leaf in part.iter() if leaf.tag in _LEAVES)


def _choices(leaves: Iterator[Any]) -> Iterator[str]:
    """Short texts that are more than a number: a number alone is a quantity. Of very many, none is a choice."""
    some = list(islice(leaves, MOST_CHOICES + 1))
    for leaf in some if len(some) <= MOST_CHOICES else ():
        text = reading(leaf) or leaf.get("title", "") or leaf.get("aria-label", "")
        if text and len(text) <= LONGEST_CHOICE and not text.isdigit() and not _PROMPT.search(text):
            yield text


def _questions(document: Document, main: str) -> Iterator[str]:
    """Questions with their answers: as schema.org knows them, else as they are shown."""
    if document.bears("Question"):
        yield from _marked_questions(document.text)
    for part in _called(main, document.of_main(QUESTIONS)):
        lines = [line for line in part.iter("li", "dt", "dd") if not line.get("class", "").startswith("empty")]
        yield from (text for line in lines or [part] if (text := reading(line)))


def _marked_questions(text: str) -> Iterator[str]:
    """https://schema.org/Question, alone or in an FAQPage or QAPage."""
    todo = list(json_ld.documents(text))
    for _ in range(1000):
        if not todo:
            return
        node = todo.pop(0)
        if isinstance(node, list):
            todo.extend(node[:200])
        elif isinstance(node, dict):
            if node.get("@type") == "Question":
                answer = node.get("acceptedAnswer") or node.get("suggestedAnswer") or {}
                answer = answer[0] if isinstance(answer, list) and answer else answer
                said = answer.get("text", "") if isinstance(answer, dict) else ""
                yield plain(f"{node.get('name') or node.get('text') or ''} {said}")
            else:
                todo.extend(value for value in node.values() if isinstance(value, (dict, list)))


def _category_path(document: Document, title: str) -> tuple[str, ...]:
    """The breadcrumbs, without the front page and without the listing itself."""
    for part in _called(document.text, filter(document.bears, _CRUMBS)):
        leaves = [
            leaf
            for leaf in part.iter("a", "li", "span")
            if not any(True for _ in leaf.iter("a", "li")) or leaf.tag == "a"
        ]
        crumbs = distinct(crumb for leaf in leaves if len(crumb := reading(leaf).strip(" >/›»")) <= LONGEST_CRUMB)
        path = tuple(crumb for crumb in crumbs if crumb.lower() not in _HOME and crumb != title)
        if path:
            return path
    return ()


def _elements(markup: str, opening: str) -> Iterator[Any]:
    """The elements that begin so, each parsed alone."""
    tag = opening.removeprefix("<")
    at = markup.find(opening)
    for _ in range(MOST_PARTS):
        if at < 0:
            return
        end = markup.find(f"</{tag}", at)
        if end < 0 or end - at > MOST_MARKUP:
            end = min(len(markup), at + MOST_MARKUP)
        tree = parse(markup[at : end + len(tag) + 3])
        part = next(tree.iter(tag), None) if tree is not None else None
        if part is not None:
            yield part
        at = markup.find(opening, end)


def _called(markup: str, words: Iterable[str]) -> Iterator[Any]:
    """The elements whose opening tag holds one of the words, none inside another, each parsed alone."""
    after = 0
    places = sorted(place for word in words for place in _places(markup, word))
    for at in places[: MOST_PARTS * 4]:
        if at < after or (tag := tag_around(markup, at)) is None:
            continue
        start, name = tag
        end = end_of(markup, start, name)
        if start < after or not end or end - start > MOST_MARKUP:
            continue
        after = end
        tree = parse(markup[start:end])
        part = next(tree.iter(name), None) if tree is not None else None
        if part is not None:
            yield part


def _places(markup: str, word: str) -> Iterator[int]:
    at = markup.find(word)
    for _ in range(MOST_PARTS * 4):
        if at < 0:
            return
        yield at
        at = markup.find(word, at + len(word))
