"""A page on its way through the page functions: decoded once, parsed at most once and only when asked."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

from lxml import etree

from scanner.errors import PageError
from spiders.pages import open_graph
from spiders.pages.decode import decode
from spiders.pages.page import Page

# Beyond this a page is cut before it is parsed: real product pages stay under 4 MB, bait does not.
MOST_CHARACTERS = 8 * 2**20
_HTML_TYPES = ("html", "xml", "text/plain", "octet-stream")
_MAGIC = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"RIFF", b"\x00\x00\x00\x1cftyp")
# Control characters that XML forbids; lxml refuses a tree query's result that holds them.
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b\x0e-\x1f]")
_BEFORE_CLASS = frozenset({b'"', b"'", b"=", b" ", b"\t", b"\r", b"\n", b"\f"})
_AFTER_NAME = frozenset("> \t\r\n\f")
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
    def tree(self) -> Any:
        """The parsed page, or none where there is nothing to parse.

        libxml2 gives up on an element nested deeper than 255 and keeps what came before: no recursion, no blow-up.
        """
        return parse(self.text)

    def of_class(self, name: str) -> list[Any]:
        """The elements of a class, in the page's order: those in the page's main part, if there are any there.

        Each part is gone through once, however many classes are asked for; the whole page only when it must be.
        """
        if found := self._in_main.get(name):
            return found
        return self._anywhere.get(name, []) if _may_bear(self.page.body, name.encode()) else []

    @cached_property
    def _main(self) -> tuple[int, int]:
        """Where the page's only ``main`` element stands, which holds what the page is about (HTML, 4.4.14)."""
        text = self.text
        start = text.find("<main")
        end = text.find("</main>", start) if start >= 0 and text[start + 5 : start + 6] in _AFTER_NAME else -1
        is_only = end >= 0 and text.find("<main", start + 1) < 0
        return (start, end + len("</main>")) if is_only else (0, len(text))

    @property
    def main_text(self) -> str:
        """The markup of the main part; empty where no part is marked as that."""
        start, end = self._main
        return self.text[start:end] if self._has_main else ""

    @cached_property
    def main_tree(self) -> Any:
        """The parsed main part of the page, or the whole where no part is marked as that."""
        start, end = self._main
        return parse(self.text[start:end]) if self._has_main else self.tree

    @property
    def _has_main(self) -> bool:
        start, end = self._main
        return end - start < len(self.text)

    def holding(self, *attributes: str) -> Any:
        """The main part's tree if all elements that bear one of ``attributes`` stand in it, else that of the page."""
        start, end = self._main
        is_outside = any(self.text.find(name, 0, start) >= 0 or self.text.find(name, end) >= 0 for name in attributes)
        return self.tree if is_outside else self.main_tree

    @cached_property
    def _in_main(self) -> dict[str, list[Any]]:
        return by_class(self.main_tree) if self._has_main else self._anywhere

    @cached_property
    def _anywhere(self) -> dict[str, list[Any]]:
        return by_class(self.tree)

    @cached_property
    def metas(self) -> dict[str, list[str]]:
        """The page's meta elements: name -> contents."""
        return open_graph.metas(self.text)

    def absolute(self, link: str) -> str:
        """``link`` seen from this page; empty if it is no web address."""
        try:
            url = urljoin(self.page.url, link.strip())
        except ValueError:
            return ""
        return url if url.startswith(("http://", "https://")) else ""


def _may_bear(body: bytes, name: bytes) -> bool:
    """Whether ``name`` stands in a page as in a ``class`` attribute, and not only as in a style sheet.

    Bytes are gone through five times as fast as text; a page in UTF-16 shows no attribute that way, and may bear any.
    """
    if b"class" not in body:
        return True
    at = body.find(name)
    while at >= 0:
        if body[at - 1 : at] in _BEFORE_CLASS:
            return True
        at = body.find(name, at + len(name))
    return False


def by_class(tree: Any) -> dict[str, list[Any]]:
    """The elements of ``tree`` by the classes that they bear; of no tree, none."""
    found: dict[str, list[Any]] = {}
    for element in () if tree is None else tree.xpath("descendant-or-self::*[@class]"):
        for name in dict.fromkeys(element.get("class").split()):
            found.setdefault(name, []).append(element)
    return found


def parse(text: str) -> Any:
    """``text`` as an lxml tree, with limits that hostile markup cannot exceed; none where there is nothing to parse."""
    parser = etree.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
    clean = _FORBIDDEN.sub(" ", text) if _FORBIDDEN.search(text) else text
    try:
        return etree.fromstring(clean.encode("utf-8", "replace"), parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None


def reject_other_than_html(page: Page) -> None:
    """Raise ``PageError`` for a page that is an image, a PDF, an archive …, going by its bytes and its type."""
    kind = page.content_type.split(";")[0].strip().lower()
    if kind and not any(part in kind for part in _HTML_TYPES):
        raise PageError(f"{page.url or 'page'}: not HTML but {kind}")
    if page.body.startswith(_MAGIC):
        raise PageError(f"{page.url or 'page'}: not HTML: begins with {page.body[:4]!r}")
