"""The shop for machines: robots.txt, sitemaps, JSON API, feed and pictures."""

from __future__ import annotations

import gzip
import json
import struct
import zlib
from typing import Any
from urllib.robotparser import RobotFileParser

from lxml import etree

from scanner.demo import Shop
from scanner.demo.images import picture

NAMES = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def locations(body: bytes) -> list[tuple[str, str]]:
    """Address and lastmod of every entry of a sitemap or an index."""
    root = etree.fromstring(body)
    rows = root.findall("s:url", NAMES) + root.findall("s:sitemap", NAMES)
    return [(row.findtext("s:loc", "", NAMES), row.findtext("s:lastmod", "", NAMES)) for row in rows]


def test_robots_let_a_crawler_in_and_name_the_sitemap(full_shop: Shop, visit: Any) -> None:
    """Listings may be read, the cart and the administration may not."""
    parser = RobotFileParser()
    parser.parse(visit(full_shop, "/robots.txt").text.splitlines())
    assert parser.site_maps() == [f"{full_shop.url}/sitemap.xml"]
    assert parser.can_fetch("delist", f"{full_shop.url}/item/60200017.html")
    assert not parser.can_fetch("delist", f"{full_shop.url}/admin/log")


def test_sitemaps_name_every_listing_once_with_its_date(full_shop: Shop, visit: Any) -> None:
    """The index leads to several files, one of them packed, that together are the catalogue."""
    index = locations(visit(full_shop, "/sitemap.xml").body)
    found: dict[str, str] = {}
    for location, _ in index:
        body = visit(full_shop, location).body
        found |= dict(locations(gzip.decompress(body) if location.endswith(".gz") else body))
    items = {address: date for address, date in found.items() if "/item/" in address}
    expected = {
        f"{full_shop.url}/item/{item.id}.html": item.modified_at.strftime("%Y-%m-%dT%H:%M:%SZ")
        for item in full_shop.market.catalogue()
    }
    assert items == expected
    assert sum(location.endswith(".gz") for location, _ in index) >= 1


def test_an_edit_moves_lastmod(shop: Shop, visit: Any) -> None:
    """The sitemap and its entry in the index carry the shop's time of the edit."""
    item = shop.market.catalogue()[0]
    shop.clock.advance(days=2)
    shop.market.edit(item.id, stock=1)
    dates = dict(locations(visit(shop, "/sitemaps/listings-1.xml").body))
    assert dates[f"{shop.url}/item/{item.id}.html"] == "2026-03-04T09:00:00Z"
    assert dict(locations(visit(shop, "/sitemap.xml").body))[f"{shop.url}/sitemaps/listings-1.xml"].startswith(
        "2026-03-04"
    )


def test_the_api_pages_through_everything(full_shop: Shop, visit: Any) -> None:
    """By its next links, by offset and by cursor, each listing comes once, and the total is right."""
    everything = [item.id for item in full_shop.market.catalogue()]
    address, by_page = "/api/listings?page_size=250", list[str]()
    while address:
        answer = visit(full_shop, address).json
        by_page += [item["id"] for item in answer["items"]]
        address = answer["next"]
    offsets = [visit(full_shop, f"/api/listings?limit=300&offset={start}").json for start in (0, 300)]
    first = visit(full_shop, "/api/listings?limit=400").json
    second = visit(full_shop, f"/api/listings?limit=400&cursor={first['next_cursor']}").json
    assert by_page == everything
    assert [item["id"] for answer in offsets for item in answer["items"]] == everything
    assert [item["id"] for item in first["items"] + second["items"]] == everything
    assert (answer["total"], second["next"], second["next_cursor"]) == (600, None, None)


def test_the_api_narrows_by_category_seller_and_time(full_shop: Shop, visit: Any) -> None:
    """Each parameter leaves out what it should."""
    item = max(full_shop.market.catalogue(), key=lambda item: item.modified_at)
    of_seller = visit(full_shop, f"/api/listings?seller={item.seller_id}").json
    assert of_seller["total"] == len(full_shop.market.by_seller(item.seller_id))
    on_shelf = visit(full_shop, f"/api/listings?category={item.shelf}&page_size=1").json
    assert on_shelf["total"] == len(full_shop.market.on_shelf(item.shelf))
    assert f"category={item.shelf}" in on_shelf["next"]
    since = visit(full_shop, f"/api/listings?updated_since={item.modified_at:%Y-%m-%dT%H:%M:%SZ}").json
    assert item.id in [found["id"] for found in since["items"]]
    assert since["total"] < 600
    assert visit(full_shop, "/api/listings?category=nothing").json["total"] == 0


def test_the_api_gives_one_listing(full_shop: Shop, visit: Any) -> None:
    """With every field a seller wrote, and an error in JSON for one that is not there."""
    item = full_shop.market.catalogue()[5]
    given = visit(full_shop, f"/api/listings/{item.id}").json
    assert (given["title"], given["description_html"]) == (item.title, item.description)
    assert given["price"] == {"amount": str(item.price), "currency": item.currency}
    assert {row["name"]: tuple(row["values"]) for row in given["options"]} == item.options
    missing = visit(full_shop, "/api/listings/1")
    assert (missing.status, missing.json) == (404, {"error": "the marketplace has no listing 1"})


def test_unchanged_pages_cost_nothing(shop: Shop, visit: Any) -> None:
    """304 by tag or date for page and API until the listing is edited."""
    item = shop.market.catalogue()[0]
    for path in (f"/item/{item.id}.html", f"/api/listings/{item.id}"):
        first = visit(shop, path)
        tag, date = {"If-None-Match": first.headers["ETag"]}, {"If-Modified-Since": first.headers["Last-Modified"]}
        assert [visit(shop, path, headers=headers).status for headers in (tag, date)] == [304, 304]
        assert visit(shop, path, headers=date | {"If-None-Match": '"other"'}).status == 200
    shop.clock.advance(minutes=1)
    shop.market.edit(item.id, stock=0)
    assert visit(shop, path, headers=tag).status == visit(shop, path, headers=date).status == 200


def test_unchanged_lists_cost_nothing(shop: Shop, visit: Any) -> None:
    """The API's list has a tag that changes with the catalogue."""
    tag = visit(shop, "/api/listings").headers["ETag"]
    assert visit(shop, "/api/listings", headers={"If-None-Match": tag}).status == 304
    shop.market.hide(shop.market.catalogue()[0].id)
    assert visit(shop, "/api/listings", headers={"If-None-Match": tag}).status == 200


def test_the_feed_has_a_line_for_each_listing(full_shop: Shop, visit: Any) -> None:
    """Flat rows with the fields that a scan reads; the description is there with and without markup."""
    rows = [json.loads(line) for line in visit(full_shop, "/feed.jsonl").body.splitlines()]
    items = full_shop.market.catalogue()
    assert [row["id"] for row in rows] == [item.id for item in items]
    for row, item in zip(rows, items, strict=True):
        assert (row["title"], row["description_html"], row["quantity"]) == (item.title, item.description, item.stock)
        assert "<" not in row["description"]
        assert row["seller"]["kind"] in {"person", "shop", "brand_store"}
        assert row["category_path"] == [shelf.name for shelf in full_shop.market.path(item.shelf)]


def test_pictures_are_sound_pngs(full_shop: Shop, visit: Any) -> None:
    """Signature, size and pixel data are right, and another view is another picture."""
    reply = visit(full_shop, "/img/12-1.png")
    assert reply.headers["Content-Type"] == "image/png"
    assert reply.body == picture(12, 1) != picture(12, 2)
    assert reply.body.startswith(b"\x89PNG\r\n\x1a\n")
    width, height = struct.unpack(">II", reply.body[16:24])
    data = reply.body.index(b"IDAT")
    length = struct.unpack(">I", reply.body[data - 4 : data])[0]
    assert len(zlib.decompress(reply.body[data + 4 : data + 4 + length])) == height * (width + 1)


def test_a_relisted_offer_shows_the_same_pictures(shop: Shop, visit: Any) -> None:
    """The bytes are the same under the new id, for whoever compares image hashes."""
    item = shop.market.catalogue()[0]
    again = shop.market.relist(item.id, seller_id=shop.market.other_seller(item.seller_id))
    old, new = (visit(shop, f"/api/listings/{target}").json["images"][0] for target in (item.id, again.id))
    assert visit(shop, old).body == visit(shop, new).body
