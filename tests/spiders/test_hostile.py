"""Hostile pages: bounded, counted under a reason, and the rest of the crawl goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from scanner.demo import Fault, FaultKind, Place, Shop
from scanner.model import Failed, Fetched, Gone, Observation, Skipped
from scanner.settings import Source

MIB = 2**20
# What the marketplace does to one listing, and what becomes of it: fetched, or a reason.
TABLE: tuple[tuple[Fault, tuple[str, ...]], ...] = (
    (Fault(kind=FaultKind.THROTTLE, times=1), ("fetched",)),
    (Fault(kind=FaultKind.SERVER_ERROR, status=500, times=1), ("fetched",)),
    (Fault(kind=FaultKind.SERVER_ERROR, status=502), ("http_502",)),
    (Fault(kind=FaultKind.STALL, seconds=30), ("time_out",)),
    (Fault(kind=FaultKind.SLOW_LORIS, seconds=60), ("time_out",)),
    (Fault(kind=FaultKind.TRUNCATE), ("truncated",)),
    (Fault(kind=FaultKind.DROP), ("connection",)),
    (Fault(kind=FaultKind.EMPTY), ("unreadable",)),
    (Fault(kind=FaultKind.CAPTCHA), ("blocked",)),
    (Fault(kind=FaultKind.REDESIGN), ("fetched",)),
    *((Fault(kind=FaultKind.BROKEN_HTML, variant=name), ("fetched",)) for name in ("unclosed", "deep", "attribute")),
    *((Fault(kind=FaultKind.BROKEN_HTML, variant=name), ("fetched",)) for name in ("json_ld", "controls")),
    (Fault(kind=FaultKind.WRONG_CHARSET, variant="bytes"), ("fetched",)),
    (Fault(kind=FaultKind.WRONG_CHARSET, variant="header"), ("fetched",)),
    # Without a Content-Length the reader's patience may end before the limit is reached.
    (Fault(kind=FaultKind.HUGE, size=500 * MIB), ("too_large", "time_out")),
    (Fault(kind=FaultKind.HUGE, size=500 * MIB, variant="declared"), ("too_large",)),
    (Fault(kind=FaultKind.GZIP_BOMB, size=300 * MIB), ("too_large",)),
    (Fault(kind=FaultKind.REDIRECT_LOOP), ("redirect_loop",)),
    (Fault(kind=FaultKind.REDIRECT_OFFSITE), ("offsite",)),
    (Fault(kind=FaultKind.REDIRECT_PRIVATE), ("offsite",)),
    (Fault(kind=FaultKind.REDIRECT_OFFSITE, target="file:///etc/hostname"), ("http_302",)),
    (Fault(kind=FaultKind.REDIRECT_HOME), ("redirect",)),
)


@pytest.fixture(scope="module")
def hostile(shop: Shop) -> dict[str, Fault]:
    """Which listing meets which fault."""
    return dict(zip(sorted(shop.truth), (fault for fault, _ in TABLE), strict=False))


def test_each_hostile_page_ends_under_its_reason(
    shop: Shop, hostile: dict[str, Fault], source: Callable[..., Source], crawl: Callable[..., Any]
) -> None:
    """One crawl meets all of them at once; every other listing is read, and titles come out right."""
    market = source("/sitemaps/listings-1.xml", concurrency=16, request_seconds=1.0, max_bytes=2 * MIB)
    for listing, fault in hostile.items():
        shop.faults.add(msgspec.structs.replace(fault, listing=listing))
    done = crawl(market)
    shop.faults.clear()
    assert done.results[0].is_good
    outcomes = {listing_of(one): one for one in done.observations}
    expected = dict(zip(hostile, (reasons for _, reasons in TABLE), strict=True))
    wrong = {
        f"{hostile[listing].kind} {hostile[listing].variant}": said(outcomes[listing])
        for listing, reasons in expected.items()
        if said(outcomes[listing]) not in reasons
    }
    assert wrong == {}
    assert outcomes.keys() == shop.truth.keys()
    assert all(isinstance(outcomes[listing], Fetched) for listing in shop.truth.keys() - hostile.keys())
    for listing, one in outcomes.items():
        if isinstance(one, Fetched):
            assert one.listing.title == shop.market.listing(listing).title
            assert one.listing.price == shop.market.listing(listing).price


def listing_of(one: Observation) -> str:
    """The listing that an observation speaks of."""
    url = one.listing.url if isinstance(one, Fetched) else one.url
    return url.rpartition("/")[2].partition(".")[0]


def said(one: Observation) -> str:
    """What became of it, in a word."""
    if isinstance(one, Failed | Skipped):
        return one.reason
    return one.why if isinstance(one, Gone) else type(one).__name__.lower()


def test_links_that_lead_elsewhere_are_never_followed(
    shop: Shop, source: Callable[..., Source], crawl: Callable[..., Any]
) -> None:
    """Other sites, private networks, files and scripts in a sitemap are skipped and named."""
    market = source("/sitemaps/listings-1.xml", link_pattern="", limit=3)
    shop.faults.add(Fault(kind=FaultKind.FOREIGN_LINKS, place=Place.SITEMAP))
    done = crawl(market)
    shop.faults.clear()
    offsite = {one.url for one in done.observations if isinstance(one, Skipped) and one.reason == "offsite"}
    assert {"file:///etc/hostname", "javascript:void(0)", "http://169.254.169.254/latest/meta-data/"} <= offsite
    assert len(offsite) == 8


def test_lists_without_an_end_are_left(shop: Shop, source: Callable[..., Source], crawl: Callable[..., Any]) -> None:
    """After ten list pages with nothing new the way on is reported as endless; a calendar is not entered at all."""
    slug = max(shop.market.shelves, key=lambda one: len(shop.market.on_shelf(one)))
    market = source(f"/c/{slug}", walker="catalogue")
    shop.faults.add(Fault(kind=FaultKind.ENDLESS_PAGES, place=Place.CATEGORY))
    done = crawl(market, keep_evidence=False)
    shop.faults.clear()
    ledger = done.results[0].ledger
    assert done.results[0].is_good
    assert ledger.fetched == len(shop.market.on_shelf(slug))
    assert ledger.skipped["endless"] >= 1
    assert ledger.pages < 120


def test_a_start_that_cannot_be_read_is_no_finished_crawl(
    shop: Shop, source: Callable[..., Source], crawl: Callable[..., Any]
) -> None:
    """A sitemap that answers 503 never looks like a clean platform."""
    market = source()
    shop.faults.add(Fault(kind=FaultKind.SERVER_ERROR, place=Place.SITEMAP, status=500))
    done = crawl(market)
    shop.faults.clear()
    assert done.results[0].finish_reason == "start_failed"
    assert done.results[0].ledger.failed == {"list_http_500": 1}
    assert not done.results[0].is_good


def test_a_truncated_sitemap_is_on_the_ledger(
    shop: Shop, source: Callable[..., Source], crawl: Callable[..., Any]
) -> None:
    """A sitemap that breaks off hides listings, and that is said."""
    market = source("/sitemaps/listings-1.xml")
    shop.faults.add(Fault(kind=FaultKind.TRUNCATE, place=Place.SITEMAP))
    done = crawl(market, keep_evidence=False)
    shop.faults.clear()
    assert done.results[0].ledger.failed == {"list_truncated": 1}
    assert done.results[0].finish_reason == "start_failed"
