"""The marketplace for machines: JSON records, sitemaps, robots.txt and the exported feed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from html import escape
from typing import Any

from scanner.demo.market import Marketplace
from scanner.demo.records import ShopListing
from scanner.demo.schema_org import summary

_XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
_SITEMAP = "http://www.sitemaps.org/schemas/sitemap/0.9"
_IMAGE = "http://www.google.com/schemas/sitemap-image/1.1"


def moment(at: datetime) -> str:
    """A moment as the sitemap protocol and the API write it (W3C Datetime, UTC)."""
    return at.strftime("%Y-%m-%dT%H:%M:%SZ")


def record(item: ShopListing, market: Marketplace, base: str) -> dict[str, Any]:
    """A listing as the JSON API gives it."""
    seller = market.seller(item.seller_id)
    return {
        "id": item.id,
        "url": f"{base}/item/{item.id}.html",
        "title": item.title,
        "description_html": item.description,
        "price": {"amount": str(item.price), "currency": item.currency},
        "stock": item.stock,
        "availability": "in_stock" if item.stock else "out_of_stock",
        "category": [shelf.name for shelf in market.path(item.shelf)],
        "options": [{"name": name, "values": values} for name, values in item.options.items()],
        "attributes": [{"name": name, "value": value} for name, value in item.attributes.items()],
        "questions": [{"question": question, "answer": answer} for question, answer in item.questions],
        "brand": item.brand,
        "sku": item.sku,
        "images": [f"{base}/img/{item.art}-{view}.png" for view in range(1, item.pictures + 1)],
        "language": item.lang,
        "seller": {
            "id": seller.id,
            "name": seller.name,
            "kind": seller.kind.value,
            "licences": list(seller.licences),
            "registered_at": moment(seller.registered_at) if seller.registered_at else None,
        },
        "posted_at": moment(item.posted_at),
        "updated_at": moment(item.modified_at),
    }


def feed_row(item: ShopListing, market: Marketplace, base: str) -> dict[str, Any]:
    """A listing as the exported feed gives it: flat, the description once without markup and once as it was written."""
    given = record(item, market, base)
    same = ("id", "url", "title", "availability", "brand", "sku", "images", "language", "seller")
    return {name: given[name] for name in same} | {
        "description": summary(item.description, 20_000),
        "description_html": item.description,
        "price": str(item.price),
        "currency": item.currency,
        "quantity": item.stock,
        "category_path": given["category"],
        "options": [value for values in item.options.values() for value in values],
        "attributes": item.attributes,
        "questions": [f"{question} {answer}" for question, answer in item.questions],
        "modified_at": given["updated_at"],
    }


def robots(base: str) -> str:
    """robots.txt: everything but the cart and the administration may be read."""
    closed = "".join(f"Disallow: {path}\n" for path in ("/cart", "/login", "/admin/"))
    return f"User-agent: *\n{closed}Allow: /\n\nSitemap: {base}/sitemap.xml\n"


def sitemap_parts(market: Marketplace) -> list[list[ShopListing]]:
    """The listings by sitemap file: at least 100 in each, and at most twenty files."""
    items = market.catalogue()
    size = max(100, -(-len(items) // 20))
    return [items[start : start + size] for start in range(0, len(items), size)]


def sitemap_index(market: Marketplace, base: str) -> str:
    """The sitemap of sitemaps; every third is compressed."""
    rows = [(f"{base}/sitemaps/pages.xml", market.clock.now())]
    for number, items in enumerate(sitemap_parts(market), start=1):
        name = f"listings-{number}.xml" + (".gz" if number % 3 == 0 else "")
        rows.append((f"{base}/sitemaps/{name}", max(item.modified_at for item in items)))
    body = "".join(f"<sitemap><loc>{loc}</loc><lastmod>{moment(at)}</lastmod></sitemap>\n" for loc, at in rows)
    return f'{_XML}<sitemapindex xmlns="{_SITEMAP}">\n{body}</sitemapindex>\n'


def sitemap_listings(items: Sequence[ShopListing], base: str) -> str:
    """One sitemap file of listings, with their pictures."""
    return _urlset(_entry(item, base) for item in items)


def sitemap_pages(market: Marketplace, base: str) -> str:
    """The sitemap of what is not a listing: departments and help."""
    paths = ["/", *(f"/c/{slug}" for slug in market.shelves), "/help/about", "/help/rules", "/help/returns"]
    return _urlset(f"<url><loc>{base}{path}</loc><changefreq>daily</changefreq></url>\n" for path in paths)


def _entry(item: ShopListing, base: str) -> str:
    shown = f"<image:loc>{base}/img/{item.art}-1.png</image:loc><image:title>{escape(item.title)}</image:title>"
    loc = f"<loc>{base}/item/{item.id}.html</loc><lastmod>{moment(item.modified_at)}</lastmod>"
    return f"<url>{loc}<image:image>{shown}</image:image></url>\n"


def _urlset(entries: Iterator[str]) -> str:
    return f'{_XML}<urlset xmlns="{_SITEMAP}" xmlns:image="{_IMAGE}">\n{"".join(entries)}</urlset>\n'
