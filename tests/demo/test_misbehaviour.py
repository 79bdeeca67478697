"""Misbehaviour on command, met over HTTP."""

from __future__ import annotations

import http.client
import resource
import time
import zlib
from typing import Any
from urllib.parse import urlsplit

import pytest
from parsel import Selector

from scanner.demo import Design, Fault, FaultKind, Faults, Place, Shop
from scanner.demo.broken import BREAKS, FOREIGN


@pytest.fixture
def target(shop: Shop) -> str:
    """A listing in Chinese with a page of the plain design."""
    return next(i.id for i in shop.market.catalogue() if i.design is Design.PLAIN and i.lang == "zh")


def open_page(shop: Shop, path: str) -> http.client.HTTPResponse:
    """A response whose body is still to be read."""
    connection = http.client.HTTPConnection(urlsplit(shop.url).netloc, timeout=20)
    connection.request("GET", path)
    return connection.getresponse()


@pytest.mark.parametrize(
    ("fault", "place", "listing", "meets"),
    [
        (Fault(kind=FaultKind.DROP), Place.ITEM, "1", True),
        (Fault(kind=FaultKind.DROP), Place.SITEMAP, "", True),
        (Fault(kind=FaultKind.DROP), Place.ADMIN, "1", False),  # only where it is named
        (Fault(kind=FaultKind.DROP, place=Place.ADMIN), Place.ADMIN, "1", True),
        (Fault(kind=FaultKind.DROP, place=Place.API), Place.ITEM, "1", False),
        (Fault(kind=FaultKind.DROP, listing="1"), Place.ITEM, "1", True),
        (Fault(kind=FaultKind.DROP, listing="1"), Place.API, "1", True),
        (Fault(kind=FaultKind.DROP, listing="1"), Place.ITEM, "2", False),
        (Fault(kind=FaultKind.DROP, listing="1"), Place.CATEGORY, "", False),
    ],
)
def test_a_fault_meets_what_it_is_meant_for(fault: Fault, place: Place, listing: str, meets: bool) -> None:
    """By place, by listing, by both; the administration only by name."""
    assert fault.concerns(place, listing) is meets


def test_a_fault_counts_its_times() -> None:
    """``times`` ends it, ``every`` spares the requests between, and the newest fault goes first."""
    faults = Faults()
    faults.add(Fault(kind=FaultKind.THROTTLE, times=2, every=3))
    met = [faults.meet(Place.HOME, "") is not None for _ in range(8)]
    assert met == [True, False, False, True, False, False, False, False]
    assert faults.on() == {}
    faults.add(Fault(kind=FaultKind.EMPTY))
    faults.add(Fault(kind=FaultKind.CAPTCHA, times=1))
    kinds = [fault.kind for fault in (faults.meet(Place.HOME, ""), faults.meet(Place.HOME, "")) if fault]
    assert kinds == [FaultKind.CAPTCHA, FaultKind.EMPTY]


def test_throttling_says_when_to_come_back(shop: Shop, visit: Any) -> None:
    """429 with Retry-After for as many requests as asked."""
    shop.faults.add(Fault(kind=FaultKind.THROTTLE, times=2, retry_after=7))
    replies = [visit(shop, "/") for _ in range(3)]
    assert [reply.status for reply in replies] == [429, 429, 200]
    assert replies[0].headers["Retry-After"] == "7"


def test_a_server_error_is_what_was_asked(shop: Shop, visit: Any, target: str) -> None:
    """For one listing only, others are served."""
    shop.faults.add(Fault(kind=FaultKind.SERVER_ERROR, listing=target, status=502))
    assert visit(shop, f"/item/{target}.html").status == 502
    assert visit(shop, "/").status == 200


def test_a_stall_holds_the_answer_back(shop: Shop, visit: Any) -> None:
    """Nothing comes before its seconds are over; others are served meanwhile."""
    shop.faults.add(Fault(kind=FaultKind.STALL, place=Place.HOME, seconds=0.3))
    start = time.monotonic()
    assert visit(shop, "/").status == 200
    assert time.monotonic() - start >= 0.3


def test_a_slow_loris_trickles(shop: Shop) -> None:
    """The headers are there, the body comes byte by byte."""
    shop.faults.add(Fault(kind=FaultKind.SLOW_LORIS, place=Place.HOME, seconds=600))
    response = open_page(shop, "/")
    assert response.status == 200
    assert response.read1(1000) == b"<"
    response.close()


def test_a_truncated_page_is_shorter_than_promised(shop: Shop, visit: Any, target: str) -> None:
    """Content-Length is the whole page's, the connection ends before."""
    shop.faults.add(Fault(kind=FaultKind.TRUNCATE, listing=target))
    with pytest.raises(http.client.IncompleteRead) as caught:
        visit(shop, f"/item/{target}.html")
    assert len(caught.value.partial) > 0
    assert caught.value.expected is not None


def test_a_dropped_connection_says_nothing(shop: Shop, visit: Any) -> None:
    """The client sees it close."""
    shop.faults.add(Fault(kind=FaultKind.DROP))
    with pytest.raises((http.client.RemoteDisconnected, ConnectionResetError)):
        visit(shop, "/")


@pytest.mark.parametrize("variant", ["", *BREAKS])
def test_broken_pages_are_broken_and_still_have_their_title(shop: Shop, visit: Any, target: str, variant: str) -> None:
    """A page changed by its variant, from which a tolerant reader still gets the heading."""
    sound = visit(shop, f"/item/{target}.html").text
    shop.faults.add(Fault(kind=FaultKind.BROKEN_HTML, listing=target, variant=variant))
    broken = visit(shop, f"/item/{target}.html").text
    assert (broken != sound) is (variant != "json_ld")  # a plain page has no JSON-LD to break
    assert shop.market.listing(target).title in broken


def test_broken_json_ld_is_no_json(shop: Shop, visit: Any) -> None:
    """Comments, CDATA and a comma too many, as shops in the wild have them."""
    target = next(item.id for item in shop.market.catalogue() if item.design is Design.JSON_LD)
    shop.faults.add(Fault(kind=FaultKind.BROKEN_HTML, listing=target, variant="json_ld"))
    page = Selector(visit(shop, f"/item/{target}.html").text)
    for block in page.css('script[type="application/ld+json"]::text').getall():
        assert "CDATA" in block
        assert block.rstrip().removesuffix("//]]>").rstrip()[-2] == ","


@pytest.mark.parametrize(("variant", "named", "meant"), [("", "utf-8", "gb18030"), ("header", "gb18030", "utf-8")])
def test_a_wrong_charset_is_in_the_header_only(
    shop: Shop, visit: Any, target: str, variant: str, named: str, meant: str
) -> None:
    """The bytes are in another charset than the header says; the page's own meta is right."""
    shop.faults.add(Fault(kind=FaultKind.WRONG_CHARSET, listing=target, variant=variant))
    reply = visit(shop, f"/item/{target}.html")
    assert reply.headers["Content-Type"] == f"text/html; charset={named}"
    assert shop.market.listing(target).title in reply.body.decode(meant)
    assert f'<meta charset="{meant}">'.encode() in reply.body


def test_a_redesign_leaves_nothing_to_go_by(shop: Shop, visit: Any) -> None:
    """People still read title and price; classes, microdata and JSON-LD are gone."""
    for design in Design:
        item = next(item for item in shop.market.catalogue() if item.design is design)
        shop.faults.add(Fault(kind=FaultKind.REDESIGN, listing=item.id))
        page = visit(shop, f"/item/{item.id}.html").text
        assert item.title in page
        assert not [mark for mark in (" class=", "itemprop", "ld+json", "og:title") if mark in page]


@pytest.mark.parametrize(("kind", "text"), [(FaultKind.EMPTY, ""), (FaultKind.CAPTCHA, "请完成安全验证")])
def test_a_page_that_is_no_listing_comes_with_200(
    shop: Shop, visit: Any, target: str, kind: FaultKind, text: str
) -> None:
    """Nothing, or a question whether one is a person."""
    shop.faults.add(Fault(kind=kind, listing=target))
    reply = visit(shop, f"/item/{target}.html")
    assert reply.status == 200
    assert text in reply.text
    assert shop.market.listing(target).title not in reply.text


@pytest.mark.parametrize("variant", ["", "declared"])
def test_a_huge_page_is_never_held_in_memory(shop: Shop, target: str, variant: str) -> None:
    """200 MB go over the wire to the byte, and the process grows by less than 40 MB."""
    shop.faults.add(Fault(kind=FaultKind.HUGE, listing=target, variant=variant))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    response, length = open_page(shop, f"/item/{target}.html"), 0
    assert (response.getheader("Content-Length") == str(200 * 2**20)) is (variant == "declared")
    while piece := response.read(2**20):
        length += len(piece)
    assert length == 200 * 2**20
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 40_000


def test_a_reader_may_hang_up_on_a_huge_page(shop: Shop, visit: Any, target: str) -> None:
    """The shop goes on serving."""
    shop.faults.add(Fault(kind=FaultKind.HUGE, listing=target))
    response = open_page(shop, f"/item/{target}.html")
    response.read(1000)
    response.close()
    assert visit(shop, "/").status == 200


def test_a_gzip_bomb_unpacks_to_its_size(shop: Shop, visit: Any, target: str) -> None:
    """A valid gzip stream, checksum included, a thousand times larger than on the wire."""
    shop.faults.add(Fault(kind=FaultKind.GZIP_BOMB, listing=target, size=50 * 2**20))
    reply = visit(shop, f"/item/{target}.html")
    assert reply.headers["Content-Encoding"] == "gzip"
    unpack, length = zlib.decompressobj(wbits=31), 0
    rest = reply.body
    while rest and not unpack.eof:
        length += len(unpack.decompress(rest, 2**20))
        rest = unpack.unconsumed_tail
    assert unpack.eof
    assert length == 50 * 2**20 > 500 * len(reply.body)


@pytest.mark.parametrize(
    ("fault", "location"),
    [
        (Fault(kind=FaultKind.REDIRECT_HOME), "/"),
        (Fault(kind=FaultKind.REDIRECT_PRIVATE), "http://169.254.169.254/latest/meta-data/"),
        (Fault(kind=FaultKind.REDIRECT_PRIVATE, target="http://10.0.0.1/"), "http://10.0.0.1/"),
        (Fault(kind=FaultKind.REDIRECT_OFFSITE), "http://elsewhere.invalid/help/about"),
    ],
)
def test_redirects_lead_away(shop: Shop, visit: Any, fault: Fault, location: str) -> None:
    """Home, off the site, or into somebody's network."""
    shop.faults.add(fault)
    reply = visit(shop, "/help/about")
    assert (reply.status, reply.headers["Location"]) == (302, location)


def test_a_redirect_loop_has_no_end(shop: Shop, visit: Any, target: str) -> None:
    """Two addresses send to each other."""
    shop.faults.add(Fault(kind=FaultKind.REDIRECT_LOOP, listing=target))
    here, seen = f"/item/{target}.html", list[str]()
    for _ in range(6):
        reply = visit(shop, here)
        assert reply.status == 302
        here = reply.headers["Location"]
        seen.append(here)
    assert len(set(seen)) == 2


@pytest.mark.parametrize("path", ["/c/digital?page=900", "/search?q=%E6%AC%BE&page=900"])
def test_endless_lists_always_have_a_next_page(shop: Shop, visit: Any, path: str) -> None:
    """Page 900 is there, shows goods that were shown before, and leads to page 901."""
    assert visit(shop, path).status == 404
    shop.faults.add(Fault(kind=FaultKind.ENDLESS_PAGES))
    page = Selector(visit(shop, path).text)
    assert page.css(".item-card")
    assert page.css("a.next::attr(href)").get("").endswith("page=901")


def test_a_calendar_goes_on_for_ever(shop: Shop, visit: Any) -> None:
    """A way in appears on pages, and from every month there is another."""
    assert "/calendar/" not in visit(shop, "/").text
    shop.faults.add(Fault(kind=FaultKind.CALENDAR, place=Place.HOME))
    href = Selector(visit(shop, "/").text).css('a[href^="/calendar/"]::attr(href)').get("")
    seen = set()
    for _ in range(15):
        assert href not in seen
        seen.add(href)
        href = Selector(visit(shop, href).text).css("a[rel=next]::attr(href)").get("")


@pytest.mark.parametrize("path", ["/c/digital", "/sitemap.xml", "/sitemaps/pages.xml"])
def test_foreign_links_are_planted(shop: Shop, visit: Any, path: str) -> None:
    """Other sites, other schemes and private addresses stand among the shop's own."""
    shop.faults.add(Fault(kind=FaultKind.FOREIGN_LINKS))
    body = visit(shop, path).text
    assert all(address in body for address in FOREIGN)
