"""What a list page links to: listings, and more list pages. By the source's patterns, else by how lists look."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec
import re2

from spiders.pages.document import Document
from spiders.pages.facts import clean
from spiders.pages.identity import compiled

MOST_LINKS = 3000
_MONEY = re2.compile(
    r"(?:€|£|\$|¥|￥|₹|₽|₴|₺|zł|Kč|kr|元|円|EUR|USD|GBP|CNY)\s*\d|"
    r"\d\s*(?:€|£|\$|₹|₽|₴|₺|zł|Kč|kr|元|円|EUR|USD|CNY)"
)
_NEXT_WORDS = frozenset({
    "next", "next page", "next »", "next ›", "next >", ">", "›", "»", "→", "下一页", "下一頁", "下页", "后页", "次へ",
    "다음", "weiter", "nächste", "nächste seite", "suivant", "suivante", "page suivante", "siguiente", "próximo",
    "próxima", "avanti", "successivo", "successiva", "następna", "další", "ďalšia", "naslednja", "järgmine", "seuraava",
    "nästa", "næste", "neste", "volgende", "következő", "următor", "далее", "вперёд", "следующая", "more",
    "load more", "show more", "加载更多", "查看更多",
})  # fmt: skip
_PAGE_PARAMETERS = frozenset(
    {"page", "p", "pg", "pageno", "pagenumber", "page_no", "paged", "start", "offset", "seite"}
)
_PAGE_PATH = re2.compile(r"/(?:page|p|seite|pagina|strana|sida)[-/]?\d+/?$")
_VARIABLE = re2.compile(r"\d+|%[0-9A-Fa-f]{2}")
_CARD_DEPTH = 5
_LONGEST_CARD = 600
_LONGEST_MARKUP = 6000
_FEWEST = 3


class Links(msgspec.Struct, frozen=True):
    """Where a list page leads, each address once, in the page's order."""

    listings: tuple[str, ...]
    lists: tuple[str, ...]


def links_of(document: Document, *, link_pattern: str = "", next_pattern: str = "") -> Links:
    """The listings and further list pages that a list page links to."""
    if document.tree is None:
        return Links((), ())
    anchors = list(_anchors(document))
    listings = _matching(anchors, link_pattern) if link_pattern else _looking_like_listings(anchors, document.page.url)
    lists = _matching(anchors, next_pattern) if next_pattern else _next_pages(anchors, document)
    known = set(listings)
    return Links(tuple(listings), tuple(url for url in lists if url not in known and url != document.page.url))


def all_links(document: Document) -> tuple[str, ...]:
    """Every address that a page links to, each once, in the page's order."""
    if document.tree is None:
        return ()
    return tuple(dict.fromkeys(url for url, _ in _anchors(document)))


def _anchors(document: Document) -> Iterator[tuple[str, Any]]:
    """Addresses and their elements; what is no web address is left to the fence, so that it shows on the ledger."""
    for element in document.tree.xpath("//a[@href] | //link[@rel='next'][@href]")[:MOST_LINKS]:
        href = element.get("href").strip()
        if url := document.absolute(href):
            yield url.partition("#")[0], element
        elif not href.startswith(("#", "javascript:", "mailto:", "tel:", "data:")):
            yield href, element


def _matching(anchors: list[tuple[str, Any]], pattern: str) -> list[str]:
    wanted = compiled(pattern)
    return list(dict.fromkeys(url for url, _ in anchors if wanted.search(url)))


def _looking_like_listings(anchors: list[tuple[str, Any]], page: str) -> list[str]:
    """The addresses of one shape of which at least three, and half of all, stand on cards with a price."""
    shapes: dict[str, list[str]] = defaultdict(list)
    priced: dict[str, set[str]] = defaultdict(set)
    pictured: dict[str, set[str]] = defaultdict(set)
    for url, element in anchors:
        if url == page or element.tag == "link":
            continue
        shape = shape_of(url)
        shapes[shape].append(url)
        if _is_on_priced_card(element):
            priced[shape].add(url)
            if element.find(".//img") is not None:
                pictured[shape].add(url)
    # A card links to the shop and the category as well: the link with the picture is the listing's.
    chosen = pictured if any(len(urls) >= _FEWEST for urls in pictured.values()) else priced
    found: list[str] = []
    for shape, urls in shapes.items():
        if len(chosen[shape]) >= _FEWEST and len(priced[shape]) >= len(set(urls)) / 2:
            found += urls
    return list(dict.fromkeys(found))


def shape_of(url: str) -> str:
    """An address with what varies from listing to listing taken out: numbers, and slugs that have several words."""
    parts = urlsplit(url)
    words = [
        "*" if word.count("-") + word.count("_") >= 2 else _VARIABLE.sub("*", word) for word in parts.path.split("/")
    ]
    keys = ",".join(sorted(key for key, _ in parse_qsl(parts.query)))
    return f"{parts.netloc}{'/'.join(words)}?{keys}"


def _is_on_priced_card(element: Any) -> bool:
    """Whether the smallest part of the page around a link that names money is small enough to be its card."""
    above = element
    for _ in range(_CARD_DEPTH):
        text = _text_up_to(above, _LONGEST_MARKUP)
        if len(text) > _LONGEST_CARD:
            return False
        if _MONEY.search(text):
            return True
        above = above.getparent()
        if above is None:
            return False
    return False


def _text_up_to(element: Any, most: int) -> str:
    """An element's text in one line: templates indent with more blanks than a card has words."""
    parts, length = [], 0
    for part in element.itertext():
        parts.append(part)
        length += len(part)
        if length > most:
            break
    return " ".join("".join(parts).split())


def _next_pages(anchors: list[tuple[str, Any]], document: Document) -> list[str]:
    """Links that say "next", and links to this list with another page number."""
    return list(
        dict.fromkeys(url for url, element in anchors if _is_next(element) or _is_page_of(url, document.page.url))
    )


def _is_next(element: Any) -> bool:
    if "next" in element.get("rel", "").split():
        return True
    label = clean("".join(element.itertext())[:40] or element.get("aria-label", "") or element.get("title", "")).lower()
    return label in _NEXT_WORDS


def _is_page_of(url: str, page: str) -> bool:
    """Whether ``url`` differs from ``page`` in nothing but the page number."""
    here, there = urlsplit(page), urlsplit(url)
    if here.netloc != there.netloc or url == page:
        return False
    if _PAGE_PATH.sub("", there.path).rstrip("/") != _PAGE_PATH.sub("", here.path).rstrip("/"):
        return False
    mine, other = dict(parse_qsl(here.query)), dict(parse_qsl(there.query))
    changed = {key for key in mine.keys() | other.keys() if mine.get(key) != other.get(key)}
    is_numbered = all(other.get(key, "1").isdigit() for key in changed)
    return is_numbered and changed <= _PAGE_PARAMETERS and (bool(changed) or here.path != there.path)
