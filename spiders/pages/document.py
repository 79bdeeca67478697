"""A page on its way through the page functions: decoded once, parsed at most once and only when asked."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any
from urllib.parse import urljoin

import lxml.html
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
    def tree(self) -> lxml.html.HtmlElement | None:
        """The parsed page, or none where there is nothing to parse.

        libxml2 gives up on an element nested deeper than 255 and keeps what came before: no recursion, no blow-up.
        """
        return parse(self.text)

    def of_class(self, name: str) -> list[Any]:
        """The elements of a class, in the page's order. The page is gone through once, however many are asked for."""
        return self._by_class.get(name, [])

    @cached_property
    def _by_class(self) -> dict[str, list[Any]]:
        found: dict[str, list[Any]] = {}
        if self.tree is not None:
            for element in self.tree.xpath("//*[@class]"):
                for name in dict.fromkeys(element.get("class").split()):
                    found.setdefault(name, []).append(element)
        return found

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


def parse(text: str) -> lxml.html.HtmlElement | None:
    """``text`` as an lxml tree, with limits that hostile markup cannot exceed."""
    parser = lxml.html.HTMLParser(encoding="utf-8", remove_comments=True, remove_pis=True, huge_tree=False)
    clean = _FORBIDDEN.sub(" ", text) if _FORBIDDEN.search(text) else text
    try:
        root: Any = lxml.html.document_fromstring(clean.encode("utf-8", "replace"), parser=parser)
    except (etree.ParserError, etree.XMLSyntaxError, ValueError):
        return None
    return root if isinstance(root, lxml.html.HtmlElement) else None


def reject_other_than_html(page: Page) -> None:
    """Raise ``PageError`` for a page that is an image, a PDF, an archive …, going by its bytes and its type."""
    kind = page.content_type.split(";")[0].strip().lower()
    if kind and not any(part in kind for part in _HTML_TYPES):
        raise PageError(f"{page.url or 'page'}: not HTML but {kind}")
    if page.body.startswith(_MAGIC):
        raise PageError(f"{page.url or 'page'}: not HTML: begins with {page.body[:4]!r}")
