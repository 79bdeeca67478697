"""Every walker crawls the simulated marketplace whole, in real child processes."""

from __future__ import annotations

import gzip
import json
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
from warcio.archiveiterator import ArchiveIterator
from warcio.checker import Checker

from scanner.api_mapping import ApiMapping
from scanner.demo import Conduct, Removal, Shop
from scanner.model import EvidenceRef, Failed, Fetched, Gone, Listing, Skipped
from scanner.settings import Source
from spiders.job import Partition

API_FIELDS = {
    "id": "id",
    "url": "url",
    "title": "title",
    "description": "description_html",
    "price": "price.amount",
    "currency": "price.currency",
    "quantity": "stock",
    "availability": "availability",
    "category_path": "category",
    "options": "options[].values[]",
    "attributes": "attributes",
    "brand": "brand",
    "sku": "sku",
    "seller": "seller",
}


def listings(observations: tuple[Any, ...]) -> dict[str, Listing]:
    """The listings read, by id."""
    return {one.listing.listing_id: one.listing for one in observations if isinstance(one, Fetched)}


def test_a_sitemap_crawl_reads_every_listing_and_balances(
    shop: Shop, source: Callable[..., Source], crawl: Callable[..., Any]
) -> None:
    """From a sitemap index: every listing once, other pages skipped, evidence that checks out for each listing."""
    done = crawl(source(), planned=True)
    assert all(result.is_good for result in done.results)
    assert listings(done.observations).keys() == shop.truth.keys()
    assert done.counted(Fetched) == len(shop.truth)
    assert {one.reason for one in done.observations if isinstance(one, Skipped)} == {"not_a_listing"}
    refs = {one.evidence for one in done.observations if isinstance(one, Fetched) and one.evidence}
    assert len(refs) == len(shop.truth)
    check_evidence(done.folder / "evidence", next(iter(refs)))


def check_evidence(folder: Path, ref: EvidenceRef) -> None:
    """All files pass warcio's own check, and a reference leads to its record."""
    files = [str(path) for path in folder.glob("*.warc.gz")]
    checker = Checker(type("Arguments", (), {"inputs": files, "verbose": False})())
    checker.process_all()
    assert checker.exit_value == 0
    with (folder / ref.file).open("rb") as file:
        file.seek(ref.offset)
        record = next(iter(ArchiveIterator(file)))
        assert record.rec_headers.get_header("WARC-Payload-Digest") == f"sha256:{ref.sha256}"


def test_lists_and_api_and_feed_and_sitemap_tell_the_same(
    shop: Shop, source: Callable[..., Source], crawl: Callable[..., Any], tmp_path: Path
) -> None:
    """Titles, prices and descriptions do not depend on the way in."""
    lists = crawl(source("/", walker="catalogue", next_pattern=r"/c/[\w-]+(\?page=\d+)?$"), keep_evidence=False)
    mapping = ApiMapping(items="items", total="total", size_parameter="page_size", page_size=40, fields=API_FIELDS)
    api = crawl(source("/api/listings", walker="api", api=mapping, name="api"), planned=True, spool=tmp_path / "api")
    feed_file = tmp_path / "feed.jsonl"
    with urllib.request.urlopen(f"{shop.url}/feed.jsonl", timeout=10) as answer:  # noqa: S310  # our own marketplace
        feed_file.write_bytes(answer.read())
    feed = crawl(source(walker="feed", start=(str(feed_file),), name="feed"), spool=tmp_path / "feed")
    assert [result.ledger.expected for result in api.results] == [50]
    assert all(result.is_good for result in (*lists.results, *api.results, *feed.results))
    by_lists = listings(lists.observations)
    by_api = {one.listing.listing_id: one.listing for one in read_again(tmp_path / "api")}
    by_feed = {one.listing.listing_id: one.listing for one in read_again(tmp_path / "feed")}
    assert by_lists.keys() == by_api.keys() == by_feed.keys() == shop.truth.keys()
    for name in ("title", "price", "currency", "brand", "sku", "category_path", "quantity"):
        values = [{key: getattr(one, name) for key, one in found.items()} for found in (by_lists, by_api, by_feed)]
        assert values[0] == values[1] == values[2], name
    assert {key: one.hidden_text for key, one in by_lists.items()} == {k: v.hidden_text for k, v in by_api.items()}


def read_again(folder: Path) -> list[Fetched]:
    """The listings in a folder's segments."""
    lines = [line for path in sorted(folder.glob("*.jsonl")) for line in path.read_bytes().splitlines()]
    return [msgspec.json.decode(line, type=Fetched) for line in lines]


def test_lists_are_walked_without_any_pattern(
    shop: Shop, source: Callable[..., Source], crawl: Callable[..., Any]
) -> None:
    """A category is followed from page to page by how its cards and its next link look."""
    slug = max(shop.market.shelves, key=lambda one: len(shop.market.on_shelf(one)))
    done = crawl(source(f"/c/{slug}", walker="catalogue", link_pattern="", page=""))
    wanted = {f"item/{item.id}.html" for item in shop.market.on_shelf(slug)}
    assert listings(done.observations).keys() == wanted


def test_a_limit_is_kept_and_told(source: Callable[..., Source], crawl: Callable[..., Any]) -> None:
    """Not one listing more than the limit is read, and what was left out is on the ledger."""
    done = crawl(source("/sitemaps/listings-1.xml", limit=7))
    assert done.counted(Fetched) == 7
    assert done.results[0].ledger.skipped == {"limit": 43}
    assert done.results[0].is_good


def test_an_api_is_planned_in_ranges(shop: Shop, source: Callable[..., Source], crawl: Callable[..., Any]) -> None:
    """A range of pages is read from its first to its last page and no further."""
    mapping = ApiMapping(items="items", total="total", size_parameter="page_size", page_size=5, fields=API_FIELDS)
    part = Partition(name="p3", start=(f"{shop.url}/api/listings",), pages=(3, 5), expected=15)
    done = crawl(source(walker="api", api=mapping), partitions=(part,))
    assert done.counted(Fetched) == 15 == done.results[0].ledger.expected


def test_saved_pages_are_read_from_a_folder(crawl: Callable[..., Any], tmp_path: Path) -> None:
    """Compressed or not, with an address from an index, a file beside it, or its own canonical link."""
    pages = tmp_path / "pages"
    pages.mkdir()
    (pages / "a.html").write_text(page("Mug", '<link rel="canonical" href="https://kettle.test/mugs/a">'))
    (pages / "b.html.gz").write_bytes(gzip.compress(page("Jug").encode()))
    (pages / "c.html").write_text(page("Pot"))
    (pages / "c.json").write_text(json.dumps({"url": "https://kettle.test/pots/c"}))
    (pages / "d.html").write_text(page("Pan"))
    (pages / "e.html").write_bytes(b"%PDF-1.7 not a page")
    (tmp_path / "index.jsonl").write_text(json.dumps({"file": "x/b.html.gz", "url": "https://kettle.test/jugs/b"}))
    source = Source(name="kept", walker="saved", start=(str(pages), str(tmp_path / "index.jsonl")))
    done = crawl(source)
    assert {one.listing_id: one.title for one in listings(done.observations).values()} == {
        "mugs/a": "Mug",
        "jugs/b": "Jug",
        "pots/c": "Pot",
        "d": "Pan",
    }
    assert done.results[0].ledger.failed == {"unreadable": 1}
    assert done.results[0].is_good


def page(title: str, head: str = "") -> str:
    """A small page that sells something."""
    product = json.dumps({"@type": "Product", "name": title, "offers": {"price": "3.50", "priceCurrency": "EUR"}})
    return f'<html><head>{head}<script type="application/ld+json">{product}</script></head><h1>{title}</h1></html>'


def test_bad_rows_of_a_feed_are_failures_with_their_line(crawl: Callable[..., Any], tmp_path: Path) -> None:
    """Three bad rows cost three listings, each named by its line."""
    rows = [json.dumps({"id": number, "title": f"cup {number}"}) for number in range(500)]
    rows[10], rows[20], rows[30] = "{broken", '["no object"]', '{"title": "no id"}'
    file = tmp_path / "cups.jsonl"
    file.write_text("\n".join(rows))
    done = crawl(Source(name="cups", walker="feed", start=(str(file),)))
    failures = [one for one in done.observations if isinstance(one, Failed)]
    assert [one.url for one in failures] == [f"{file}:11", f"{file}:21", f"{file}:31"]
    assert done.counted(Fetched) == 497
    assert done.results[0].is_good


def test_gone_is_told_in_all_its_forms(shop: Shop, source: Callable[..., Source], crawl: Callable[..., Any]) -> None:
    """404, 410, a banner and a redirect to the front page are each gone, with the reason."""
    market = source("/sitemaps/listings-1.xml")
    ids = sorted(shop.truth)[:4]
    removals = (Removal.NOT_FOUND, Removal.GONE, Removal.BANNER, Removal.REDIRECT_HOME)
    for listing, removal in zip(ids, removals, strict=True):
        shop.market.behave(listing, conduct=Conduct.DETAIL_ONLY, removal=removal)
        shop.market.hide(listing)
    done = crawl(market)
    for listing in ids:
        shop.market.restore(listing)
    gone = {one.listing_id: one.why for one in done.observations if isinstance(one, Gone)}
    assert gone == dict(zip(ids, ("404", "410", "banner", "redirect"), strict=True))
