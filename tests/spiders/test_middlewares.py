"""The fence and the walkers' small judgements."""

from __future__ import annotations

import gzip
from datetime import UTC, datetime

import pytest

from spiders.middlewares import Fence
from spiders.pages import Document, Page
from spiders.pages.links import links_of
from spiders.sitemap import NotASitemap, parse_moment, parse_sitemap, sitemaps_in_robots


@pytest.mark.parametrize(
    ("url", "inside"),
    [
        ("http://shop.test/item/1", True),
        ("https://shop.test/item/1", True),
        ("http://www.shop.test/", True),
        ("http://SHOP.test:80/", True),
        ("http://shop.test:8080/", False),  # another port is another server
        ("http://shop.test.evil.test/", False),
        ("http://evil.test/shop.test/", False),
        ("http://shop.test@evil.test/", False),
        ("http://user@shop.test/", False),
        ("http://m.shop.test/", False),
        ("//shop.test/", False),
        ("http://169.254.169.254/latest/", False),
        ("http://[::1]/", False),
        ("http://[broken/", False),
        ("http://localhost/", False),
        ("file:///etc/passwd", False),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("ftp://shop.test/x", False),
        ("", False),
    ],
)
def test_the_fence(url: str, *, inside: bool) -> None:
    """Only the source's own hosts, by HTTP, are inside."""
    assert Fence({"shop.test"}).allows(url) is inside


XML = '<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{}</urlset>'


@pytest.mark.parametrize(
    ("body", "urls"),
    [
        (
            XML.format("<url><loc> http://a.test/1 </loc></url><url><loc>/2</loc></url>"),
            ["http://a.test/1", "http://a.test/2"],
        ),
        (XML.format('<url><image:image xmlns:image="x"><image:loc>http://i</image:loc></image:image></url>'), []),
        (XML.format("<url><loc>http://a.test/1?a=1&b=2</loc></url><url><loc>http://a.test/3</loc></url>"), None),
        ("<urlset><url><loc>http://a.test/1</loc></url></urlset>", ["http://a.test/1"]),
        ("http://a.test/1\n\nhttp://a.test/2\n", ["http://a.test/1", "http://a.test/2"]),
        (XML.format("<url><loc>&#x68;ttp://a.test/1</loc></url>"), ["http://a.test/1"]),
    ],
)
def test_sitemaps_as_they_come(body: str, urls: list[str] | None) -> None:
    """Images are no entries, a stray ampersand costs one entry at most, and a list of lines will do."""
    found = [entry.url for entry in parse_sitemap(body.encode(), "http://a.test/sitemap.xml").entries]
    assert found == urls if urls is not None else "http://a.test/3" in found
    assert parse_sitemap(gzip.compress(body.encode()), "http://a.test/s.xml.gz").is_whole


@pytest.mark.parametrize("body", [b"", b"<html><body>Not found</body></html>", b"\x1f\x8bbroken", b"{}"])
def test_what_is_no_sitemap(body: bytes) -> None:
    """An error page in a sitemap's place is not an empty sitemap."""
    with pytest.raises(NotASitemap):
        parse_sitemap(body)


def test_a_sitemap_without_its_end_is_not_whole() -> None:
    """The entries before the break are there, and the break is known."""
    sitemap = parse_sitemap(XML.format("<url><loc>http://a.test/1</loc></url>").encode()[:-20])
    assert not sitemap.is_whole
    assert len(tuple(sitemap.entries)) == 1


def test_entities_are_not_expanded() -> None:
    """A billion laughs is no laughing matter."""
    bomb = '<!DOCTYPE u [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]>' + XML.format(
        "<url><loc>&b;</loc></url>"
    )
    assert all("aaaa" not in entry.url for entry in parse_sitemap(bomb.encode()).entries)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-03-01T10:00:00Z", datetime(2026, 3, 1, 10, tzinfo=UTC)),
        ("2026-03-01T10:00:00+08:00", datetime(2026, 3, 1, 2, tzinfo=UTC)),
        ("2026-03-01", datetime(2026, 3, 1, 23, 59, 59, 999999, tzinfo=UTC)),
        ("yesterday", None),
        ("", None),
    ],
)
def test_a_day_lasts_until_its_end(text: str, moment: datetime | None) -> None:
    """What changed on a day may have changed at its last moment."""
    assert parse_moment(text) == moment


def test_robots_name_sitemaps() -> None:
    """Anywhere in the file, in any case, relative or not."""
    body = b"User-agent: *\nSITEMAP: /a.xml\nsitemap:http://s.test/b.xml\nDisallow: /x"
    assert sitemaps_in_robots(body, "http://s.test/robots.txt") == ("http://s.test/a.xml", "http://s.test/b.xml")


def card(number: int) -> str:
    """A card on a list page: picture, name and price, and a link to the shop."""
    return (
        f'<li><a href="/p/red-cup-{number}"><img src="/{number}.jpg"></a><a href="/p/red-cup-{number}">Cup</a>'
        f'<b>€ {number},00</b><a href="/seller/{number}">Shop {number}</a></li>'
    )


LIST = '<html><body><nav><a href="/cups">Cups</a><a href="/help/a-b-c">Help</a></nav><ul>{}</ul>{}</body></html>'


@pytest.mark.parametrize(
    ("pager", "lists"),
    [
        ('<a href="?page=2">2</a><a href="?page=3">3</a>', ["http://s.test/cups?page=2", "http://s.test/cups?page=3"]),
        ('<a rel="next" href="/cups/page/2">more</a>', ["http://s.test/cups/page/2"]),
        ('<a href="/x?seite=b">下一页</a>', ["http://s.test/x?seite=b"]),
        ('<a href="?sort=price">cheapest</a><a href="/mugs?page=2">2</a>', []),
        ('<a href="javascript:next()">Next</a>', []),
        ('<link rel="next" href="?p=2">', ["http://s.test/cups?p=2"]),
    ],
)
def test_lists_by_their_looks(pager: str, lists: list[str]) -> None:
    """Cards with pictures and prices are listings; what says next, or another page of this list, is the way on."""
    body = LIST.format("".join(card(number) for number in range(1, 7)), pager).encode()
    links = links_of(Document(Page(body=body, url="http://s.test/cups")))
    assert links.listings == tuple(f"http://s.test/p/red-cup-{number}" for number in range(1, 7))
    assert list(links.lists) == lists
