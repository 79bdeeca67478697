"""A shop that nobody has described: by its sitemaps where they are of use, else by its links, and no further."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from scanner.demo import Fault, FaultKind, Place, Shop, serve
from scanner.model import Failed, Fetched, Skipped
from scanner.settings import Source, Walker
from spiders import launch
from spiders.site import plain
from spiders.sitemap import parse_sitemap


class Site(BaseHTTPRequestHandler):
    """A small shop with neither sitemap nor structured data, and with traps: a calendar, a cart, other hosts."""

    def do_GET(self) -> None:
        body = page(self.path)
        self.send_response(200 if body else 404)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.end_headers()
        self.wfile.write(body.encode())

    def log_message(self, *args: object) -> None:
        """Nothing."""


def page(path: str) -> str:
    """The page at ``path``; empty: none."""
    match path.strip("/").split("/"):
        case [""]:
            links = "".join(f'<a href="/shelf/{n}">Shelf {n}</a>' for n in (1, 2))
            return (
                f"<title>Shop</title><h1>Shop</h1>{links}<a href='/diary/1'>diary</a><a href='/cart'>cart</a>"
                "<a href='/list.pdf'>list</a><a href='http://elsewhere.invalid/item/9'>elsewhere</a>"
            )
        case ["shelf", number]:
            cards = "".join(
                f"<li><a href='/goods/kettle-no-{number}{n}?utm_source=shelf'><img src='/i/{n}.jpg'>Kettle {number}{n}"
                f"</a><span>€ 1{n}.00</span></li>"
                for n in range(4)
            )
            return f"<title>Shelf {number}</title><h1>Shelf {number}</h1><ul>{cards}</ul><a href='/'>home</a>"
        case ["goods", slug]:
            return (
                f"<title>{slug}</title><h1>{slug}</h1><p class='price'>€ 12.00</p><button>Add to cart</button>"
                "<div class='description'>A kettle of steel that whistles when the water boils, made to last.</div>"
                "<a href='/'>home</a>"
            )
        case ["diary", day]:
            return f"<title>Diary</title><h1>Day {day}</h1><p>Nothing.</p><a href='/diary/{int(day) + 1}'>tomorrow</a>"
    return ""


class Indexed(Site):
    """The same shop with an index of sitemaps at the usual place, which no robots.txt names: goods, goods, shelves."""

    def do_GET(self) -> None:
        root = f"http://{self.headers['Host']}"
        maps = {
            "/sitemap.xml": [f"{root}/map-{name}.xml" for name in ("1", "2", "shelves")],
            "/map-1.xml": [f"{root}/goods/kettle-no-1{n}" for n in range(4)],
            "/map-2.xml": [f"{root}/goods/kettle-no-2{n}" for n in range(4)],
            "/map-shelves.xml": [f"{root}/shelf/{n}" for n in (1, 2)],
        }
        if self.path not in maps:
            super().do_GET()
            return
        kind, inner = ("sitemapindex", "sitemap") if self.path == "/sitemap.xml" else ("urlset", "url")
        entries = "".join(f"<{inner}><loc>{url}</loc></{inner}>" for url in maps[self.path])
        self.send_response(200)
        self.end_headers()
        self.wfile.write(f"<{kind}>{entries}</{kind}>".encode())


@pytest.fixture(params=[Site])
def bare_shop(request: pytest.FixtureRequest) -> Iterator[str]:
    """The small shop's address while it serves."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), request.param)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()
    thread.join()


def bare_source(url: str, **given: Any) -> Source:
    """A source as the command line makes it of an address, but fast."""
    return Source(**{"name": "bare", "walker": "site", "start": (url,), "rate": 5000} | given)


def test_a_useful_sitemap_is_taken(shop: Shop, source: Callable[..., Source], crawl: Callable[..., Any]) -> None:
    """From the address alone: robots.txt, the index, every listing; what is no listing is skipped, and sitemaps and
    pages that lie elsewhere are not asked for."""
    described = source("/", walker="site", page="")
    shop.faults.add(Fault(kind=FaultKind.FOREIGN_LINKS, place=Place.SITEMAP))
    done = crawl(described, planned=True)
    assert all(result.is_good for result in done.results)
    foreign = {one.url for one in done.observations if isinstance(one, Skipped) and one.reason == "offsite"}
    assert "http://169.254.169.254/latest/meta-data/" in foreign
    assert not any(one.url.startswith(shop.url) for one in done.observations if one.__class__ is Failed)
    assert {one.listing.url.rpartition("/")[2] for one in done.observations if isinstance(one, Fetched)} == {
        f"{key}.html" for key in shop.truth
    }


def test_without_a_sitemap_the_links_are_followed(
    shop: Shop, source: Callable[..., Source], crawl: Callable[..., Any]
) -> None:
    """The same listings by the links of the front page, its departments and their pages; a calendar, whose every month
    leads to the next, is left after some of them."""
    described = source("/", walker="site", page="")
    shop.faults.add(Fault(kind=FaultKind.SERVER_ERROR, status=404, place=Place.SITEMAP))
    shop.faults.add(Fault(kind=FaultKind.CALENDAR, place=Place.HOME))
    done = crawl(described, planned=True)
    assert [result.is_good for result in done.results] == [True]
    months = [one for one in done.observations if isinstance(one, Skipped) and "/calendar/" in one.url]
    assert {one.reason for one in months} == {"not_a_listing", "endless"}
    assert len(months) < 50
    assert {one.listing.url.rpartition("/")[2] for one in done.observations if isinstance(one, Fetched)} >= {
        f"{key}.html" for key in shop.truth
    }


def test_a_shop_without_any_data_is_walked_whole_and_no_further(bare_shop: str, crawl: Callable[..., Any]) -> None:
    """Eight listings, each once; the endless diary ends, other hosts, files and the cart are left out by name."""
    done = crawl(bare_source(bare_shop), planned=True)
    assert done.results[0].is_good
    assert sorted(one.listing.url.rpartition("-")[2] for one in done.observations if isinstance(one, Fetched)) == [
        "10", "11", "12", "13", "20", "21", "22", "23",
    ]  # fmt: skip
    reasons = {one.reason for one in done.observations if isinstance(one, Skipped)}
    assert reasons == {"not_a_listing", "offsite", "private", "not_a_page", "endless"}


@pytest.mark.parametrize("bare_shop", [Indexed], indirect=True)
def test_an_index_that_nothing_names_is_read_whole(bare_shop: str, crawl: Callable[..., Any]) -> None:
    """Every file of it, not the first alone; and a shelf, which shows prices, is not taken for a listing."""
    done = crawl(bare_source(bare_shop), planned=True)
    assert len(done.results) == 3
    assert all(result.is_good for result in done.results)
    assert done.counted(Fetched) == 8
    assert [one.reason for one in done.observations if isinstance(one, Skipped)] == ["not_a_listing"] * 2


def test_a_list_is_not_left(bare_shop: str, crawl: Callable[..., Any]) -> None:
    """A start that is not the front page is a list: its listings, and nothing else of the site."""
    done = crawl(bare_source(f"{bare_shop}shelf/1"), planned=True)
    assert done.counted(Fetched) == 4
    assert done.results[0].ledger.discovered == 5


def test_a_start_with_an_offer_of_its_own_is_one_listing(crawl: Callable[..., Any]) -> None:
    """It is read though no list shows it and its price is only seen, and the three others that it shows are not."""
    with serve(seed=3, listings=20) as market:
        done = crawl(bare_source(f"{market.url}/item/60200017.html"), planned=True)
    assert [one.listing.listing_id for one in done.observations if isinstance(one, Fetched)] == ["item/60200017.html"]
    assert done.results[0].ledger.discovered == 1


def test_a_limit_counts_listings(bare_shop: str, crawl: Callable[..., Any]) -> None:
    """Likely listings come first, and the rest is on the ledger as left out."""
    done = crawl(bare_source(bare_shop, limit=3), planned=True)
    assert done.counted(Fetched) == 3
    assert done.results[0].ledger.skipped["limit"] > 0
    assert done.results[0].is_good


def test_a_site_that_does_not_answer_is_no_finished_crawl(crawl: Callable[..., Any]) -> None:
    """Nothing to begin with is no clean site."""
    done = crawl(bare_source("http://127.0.0.1:9/"), planned=True)
    assert done.results[0].finish_reason == "start_failed"


def test_a_probe_tells_what_is_there(shop: Shop, source: Callable[..., Source], tmp_path: Path) -> None:
    """Sitemaps, about how many addresses, and sample listings as they would be read."""
    found = launch.probe(source("/", walker=Walker.SITE, page=""), folder=tmp_path)
    assert len(found.sitemaps) == 2
    assert found.urls >= len(shop.truth)
    assert found.listings
    assert all(one.title for one in found.listings)


def test_other_namespaces_in_a_sitemap_are_passed_over() -> None:
    """The address is the page's, not its picture's; the date is not that of its news."""
    body = b"""<?xml version="1.0"?><urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"
    xmlns:image="http://www.google.com/schemas/sitemap-image/1.1" xmlns:news="http://www.google.com/schemas/news"><url>
    <loc>http://a.example/1</loc><image:loc>http://img.example/1.jpg</image:loc><news:lastmod>2020-01-01</news:lastmod>
    </url></urlset>"""
    entries = parse_sitemap(body).entries
    assert [(entry.url, entry.changed_at) for entry in entries] == [("http://a.example/1", None)]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("http://a.example/x#top", "http://a.example/x"),
        ("http://a.example/x?utm_source=n&id=3&gclid=5", "http://a.example/x?id=3"),
        ("http://a.example/x?a=&b=1", "http://a.example/x?a=&b=1"),
    ],
)
def test_an_address_is_the_same_however_one_came(given: str, expected: str) -> None:
    """Fragments and tracking are no part of it."""
    assert plain(given) == expected
