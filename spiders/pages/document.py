"""A page on its way through the page functions: decoded once, parsed at most once and only when asked."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from functools import cached_property, lru_cache
from itertools import islice
from typing import Any
from urllib.parse import urljoin

import re2
from lxml import etree

from scanner.errors import PageError
from spiders.pages import open_graph
from spiders.pages.cutting import Spans, outermost_bearing, pieces_of_class, raw_spans
from spiders.pages.decode import decode, is_wide
from spiders.pages.page import Page
from spiders.pages.words import SOUGHT

# Beyond this a page is cut before it is parsed: real product pages stay under 4 MB, bait does not.
MOST_CHARACTERS = 8 * 2**20
MOST_OF_A_CLASS = 200
_HTML_TYPES = ("html", "xml", "text/plain", "octet-stream")
_MAGIC = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"\x00\x00\x00\x1cftyp")
# Control characters that XML forbids, lxml refuses a tree query's result that holds them; and a space for each.
_FORBIDDEN = bytes((*range(0x09), 0x0B, *range(0x0E, 0x20)))
_SPACES = bytes.maketrans(_FORBIDDEN, b" " * len(_FORBIDDEN))
_PARSER = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
_AFTER_NAME = frozenset("> \t\r\n\f")
_ORIGIN = re.compile(r"(https?://[A-Za-z0-9.:-]+)(?:/|$)")
# An address that joining it to another would leave as it is.
_WHOLE = re.compile(r"^https?://[A-Za-z0-9.-]+(?::\d+)?/[!-\"$-:<->@-~]*$")
_MARKUP = re.compile(r"(?i)<\s*(?:!doctype|html|head|body|title|meta|div|p|h1|script|span|table|article|section)\b")


class Document:
    """``page`` with its ``text`` and, once something asks for it, its ``tree``."""

    def __init__(self, page: Page) -> None:
        self.page = page

    @cached_property
    def text(self) -> str:
        """The decoded page. Raises ``PageError`` for what is not HTML at all."""
        reject_other_than_html(self.page)
        text = decode(self.page.body, self.page.content_type)[:MOST_CHARACTERS]
        if not _MARKUP.search(text):
            raise PageError(f"{self.page.url or 'page'}: no HTML in it", hint="Is this the page's source?")
        return text

    @cached_property
    def _octets(self) -> bytes:
        return self.text.encode("utf-8", "replace") if is_wide(self.page.body) else self.page.body

    def bears(self, word: str, times: int = 1, *, in_any_case: bool = False) -> bool:
        """Whether ``word``, which is ASCII, stands in the page so many times: asked of its bytes, where RE2 looks for
        a fixed word in a tenth of the time that ``find`` takes in text. It may stand where the text has been cut off.
        """
        octets, pattern, at = self._octets, _word(word, in_any_case=in_any_case), 0
        for _ in range(times):
            found = pattern.search(octets, at)
            if found is None:
                return False
            at = found.end()
        return True

    @cached_property
    def _sought(self) -> frozenset[str]:
        """Which of the words in ``SOUGHT`` stand in the main part, if there is one: one pass over its bytes."""
        octets = self._octets
        start, end = (octets.find(b"<main"), octets.rfind(b"</main>")) if self._has_main else (0, len(octets))
        return frozenset(SOUGHT[number] for number in _SOUGHT.Match(octets[start:end]) or ())

    def of_main(self, words: Iterable[str]) -> tuple[str, ...]:
        """Those of ``words``, which are in ``SOUGHT``, that stand in the page's main part."""
        return tuple(word for word in words if word in self._sought)

    @cached_property
    def tree(self) -> Any:
        """The parsed page, or none where there is nothing to parse.

        libxml2 gives up on an element nested deeper than 255 and keeps what came before: no recursion, no blow-up.
        """
        return parse(self.text)

    def of_class(self, name: str) -> list[Any]:
        """The elements of a class, in the page's order: those in the page's main part, if there are any there.

        Each is cut out and parsed alone, so that it has nothing above it: 200 at most.
        """
        found = _of_class(self.main_text, name, lambda: self._raw_in_main) if self._has_main else []
        return found or (_of_class(self.text, name, lambda: self._raw) if self.bears(name) else [])

    @cached_property
    def _raw_in_main(self) -> Spans:
        return raw_spans(self.main_text)

    @cached_property
    def _raw(self) -> Spans:
        return raw_spans(self.text)

    @cached_property
    def _main(self) -> tuple[int, int]:
        """Where the page's only ``main`` element stands, which holds what the page is about (HTML, 4.4.14)."""
        text = self.text
        start = text.find("<main")
        end = text.find("</main>", start) if start >= 0 and text[start + 5 : start + 6] in _AFTER_NAME else -1
        is_only = end >= 0 and not self.bears("<main", 2)
        return (start, end + len("</main>")) if is_only else (0, len(text))

    @cached_property
    def main_text(self) -> str:
        """The markup of the main part; empty where no part is marked as that."""
        start, end = self._main
        return self.text[start:end] if self._has_main else ""

    @property
    def _has_main(self) -> bool:
        start, end = self._main
        return end - start < len(self.text)

    def bearing(self, attribute: str) -> Iterator[Any]:
        """The trees of the elements that bear ``attribute``, none inside another, each cut out and parsed alone."""
        if not self.bears(attribute):
            return
        for piece in islice(outermost_bearing(self.text, attribute, lambda: self._raw), MOST_OF_A_CLASS):
            if (tree := parse(piece)) is not None:
                yield tree

    @cached_property
    def metas(self) -> dict[str, list[str]]:
        """The page's meta elements: name -> contents."""
        return open_graph.metas(self.text)

    @cached_property
    def _origin(self) -> str:
        """Scheme and host of the page's address; empty if it is not of the plainest kind."""
        found = _ORIGIN.match(self.page.url)
        return found[1] if found else ""

    def absolute(self, link: str) -> str:
        """``link`` seen from this page; empty if it is no web address."""
        link = link.strip()
        if link.startswith("/") and not link.startswith("//") and "/." not in link and self._origin:
            return self._origin + link
        if _WHOLE.search(link):
            return link
        try:
            url = urljoin(self.page.url, link)
        except ValueError:
            return ""
        return url if url.startswith(("http://", "https://")) else ""


def _set_of(words: Iterable[str]) -> Any:
    options = re2.Options()
    options.encoding = re2.Options.Encoding.LATIN1
    found = re2.Set.SearchSet(options)
    for word in words:
        found.Add(re2.escape(word))
    found.Compile()
    return found


_SOUGHT = _set_of(SOUGHT)


@lru_cache(maxsize=512)
def _word(word: str, *, in_any_case: bool) -> Any:
    return re2.compile((b"(?i)" if in_any_case else b"") + re2.escape(word.encode()))


def _of_class(markup: str, name: str, raw: Callable[[], Spans]) -> list[Any]:
    found: list[Any] = []
    for tag, piece in pieces_of_class(markup, name, raw):
        tree = parse(piece)
        element = next(tree.iter(tag), None) if tree is not None else None
        if element is not None and name in element.get("class", "").split():
            found.append(element)
            if len(found) == MOST_OF_A_CLASS:
                break
    return found


def by_class(tree: Any) -> dict[str, list[Any]]:
    """The elements of ``tree`` by the classes that they bear; of no tree, none."""
    found: dict[str, list[Any]] = {}
    for element in () if tree is None else tree.xpath("descendant-or-self::*[@class]"):
        for name in dict.fromkeys(element.get("class").split()):
            found.setdefault(name, []).append(element)
    return found


def parse(text: str) -> Any:
    """``text`` as an lxml tree, with limits that hostile markup cannot exceed; none where there is nothing to parse."""
    try:
        return etree.fromstring(text.encode("utf-8", "replace").translate(_SPACES), _PARSER)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def reject_other_than_html(page: Page) -> None:
    """Raise ``PageError`` for a page that is an image, a PDF, an archive …, going by its bytes and its type."""
    kind = page.content_type.split(";")[0].strip().lower()
    if kind and not any(part in kind for part in _HTML_TYPES):
        raise PageError(f"{page.url or 'page'}: not HTML but {kind}")
    if page.body.startswith(_MAGIC):
        raise PageError(f"{page.url or 'page'}: not HTML: begins with {page.body[:4]!r}")
