"""The public side of the marketplace over HTTP: pages, search, sitemaps, JSON API, feed and pictures."""

from __future__ import annotations

import gzip
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import urlencode

import msgspec
from aiohttp import web

from scanner.demo import exports
from scanner.demo.hostile import ENDLESS
from scanner.demo.images import picture
from scanner.demo.market import Marketplace
from scanner.demo.misbehaviour import Place
from scanner.demo.pages import Pages
from scanner.demo.records import Removal, ShopListing
from scanner.errors import NotFound

_HTML = "text/html; charset=utf-8"
_JSON = "application/json; charset=utf-8"
_MOST = 500


class Site:
    """Handlers over one marketplace."""

    def __init__(self, market: Marketplace, pages: Pages) -> None:
        self._market, self._pages, self._base = market, pages, pages.base

    def routes(self) -> list[web.RouteDef]:
        """Every public address; a route's name begins with its ``Place``."""
        table = [
            ("/", self._home, Place.HOME),
            (r"/item/{id:\d+}.html", self._item, Place.ITEM),
            (r"/app/item/{id:\d+}.html", self._app, Place.ITEM),
            ("/app/list.txt", self._app_list, Place.SITEMAP),
            ("/c/{slug}", self._category, Place.CATEGORY),
            ("/search", self._search, Place.SEARCH),
            ("/shop/{seller}", self._shop, Place.SHOP),
            ("/help/{topic}", self._help, Place.HELP),
            (r"/calendar/{year:\d{1,4}}/{month:\d{1,2}}", self._calendar, Place.HELP),
            ("/robots.txt", self._robots, Place.ROBOTS),
            ("/sitemap.xml", self._sitemap_index, Place.SITEMAP),
            (r"/sitemaps/pages.xml", self._sitemap_pages, Place.SITEMAP),
            (r"/sitemaps/listings-{number:\d+}.xml{gz:(\.gz)?}", self._sitemap, Place.SITEMAP),
            ("/api/listings", self._api_list, Place.API),
            ("/api/listings/{id}", self._api_item, Place.API),
            ("/feed.jsonl", self._feed, Place.FEED),
            (r"/img/{art:\d+}-{view:\d}.png", self._image, Place.IMAGE),
            ("/img/detail-banner.png", self._banner, Place.IMAGE),
        ]
        return [web.get(path, handler, name=f"{place}_{n}") for n, (path, handler, place) in enumerate(table)]

    async def _home(self, request: web.Request) -> web.Response:
        return self._page(self._pages.home())

    async def _item(self, request: web.Request) -> web.Response:
        """A listing's page, or what its removal left of it."""
        try:
            item = self._find(request)
        except NotFound:
            return self._missing()
        standing = self._market.standing(item.id)
        if not standing.shown:
            return self._gone(item, standing.removal)
        fresh = _unchanged(request, _tag(item), item.modified_at)
        return fresh or self._page(self._pages.item(item), tag=_tag(item), modified_at=item.modified_at)

    async def _app(self, request: web.Request) -> web.Response:
        """A listing's page that is empty until its script has run."""
        return self._page(self._pages.app(request.match_info["id"]))

    async def _app_list(self, request: web.Request) -> web.Response:
        """Where such pages are: a sitemap in its plainest form."""
        return web.Response(text="".join(f"{self._base}/app/item/{one.id}.html\n" for one in self._market.catalogue()))

    def _gone(self, item: ShopListing, removal: Removal) -> web.Response:
        if removal is Removal.REDIRECT_HOME:
            return web.Response(status=302, headers={"Location": "/"})
        if removal is Removal.NOT_FOUND:
            return self._missing()
        if removal is Removal.BANNER:
            notice = self._pages.notice(item.title, "很抱歉，您查看的商品已下架或已售出。", kind="sold-out", item=item)
            return self._page(notice)
        notice = self._pages.notice("商品已下架", "该商品因违反平台规则或卖家操作已被移除。", kind="removed", item=item)
        return self._page(notice, status=410)

    async def _category(self, request: web.Request) -> web.Response:
        slug = request.match_info["slug"]
        if slug not in self._market.shelves:
            return self._missing()
        return self._list(request, self._pages.shelf(slug, _page(request), endless=ENDLESS in request))

    async def _search(self, request: web.Request) -> web.Response:
        query = request.query.get("q", "")[:100]
        href = f"/search?{urlencode({'q': query})}&"
        return self._list(request, self._pages.search(query, _page(request), href=href, endless=ENDLESS in request))

    async def _shop(self, request: web.Request) -> web.Response:
        seller = request.match_info["seller"]
        if self._market.is_closed(seller):
            return self._page(self._pages.notice("店铺已关闭", "该店铺已被平台关闭。", kind="closed"), status=410)
        if not self._market.has_seller(seller):
            return self._missing()
        return self._list(request, self._pages.shop(seller, _page(request), endless=ENDLESS in request))

    def _list(self, request: web.Request, html: str | None) -> web.Response:
        return self._missing() if html is None else self._page(html)

    async def _help(self, request: web.Request) -> web.Response:
        text = "平台禁止销售法律法规禁止流通的商品；如发现违规商品，请通过举报入口告诉我们。"
        return self._page(self._pages.notice("帮助中心", text, kind="help"))

    async def _calendar(self, request: web.Request) -> web.Response:
        return self._page(self._pages.calendar(int(request.match_info["year"]), int(request.match_info["month"])))

    async def _robots(self, request: web.Request) -> web.Response:
        return web.Response(text=exports.robots(self._base))

    async def _sitemap_index(self, request: web.Request) -> web.Response:
        return _xml(exports.sitemap_index(self._market, self._base))

    async def _sitemap_pages(self, request: web.Request) -> web.Response:
        return _xml(exports.sitemap_pages(self._market, self._base))

    async def _sitemap(self, request: web.Request) -> web.Response:
        number, parts = int(request.match_info["number"]), exports.sitemap_parts(self._market)
        if not 1 <= number <= len(parts):
            return self._missing()
        text = exports.sitemap_listings(parts[number - 1], self._base)
        return _xml(text, packed=bool(request.match_info["gz"]))

    async def _api_list(self, request: web.Request) -> web.Response:
        """Listings by ``page``, ``offset`` or ``cursor`` (the last id seen), all or of a category, seller or time."""
        found = self._select(request)
        size = max(1, min(_number(request, "page_size", _number(request, "limit", 50)), _MOST))
        start = _start(request, found, size)
        tag = f'W/"list-{len(self._market.effects)}-{len(found)}-{start}-{size}"'
        if fresh := _unchanged(request, tag, None):
            return fresh
        items, more = found[start : start + size], start + size < len(found)
        page = start // size + 1
        body = {
            "total": len(found),
            "page": page,
            "pages": max(1, -(-len(found) // size)),
            "page_size": size,
            "next": self._next(request, page=page + 1, page_size=size) if more else None,
            "next_cursor": items[-1].id if more else None,
            "items": [exports.record(item, self._market, self._base) for item in items],
        }
        return _json(body, tag=tag)

    def _select(self, request: web.Request) -> list[ShopListing]:
        slug, seller = request.query.get("category", ""), request.query.get("seller", "")
        found = self._market.catalogue()
        if slug:
            found = self._market.on_shelf(slug) if slug in self._market.shelves else []
        if seller:
            found = [item for item in found if item.seller_id == seller]
        if since := request.query.get("updated_since", ""):
            found = [item for item in found if exports.moment(item.modified_at) >= since]
        return found

    def _next(self, request: web.Request, **more: int) -> str:
        kept = {name: value for name, value in request.query.items() if name in {"category", "seller", "updated_since"}}
        return f"{self._base}/api/listings?{urlencode(kept | more)}"

    async def _api_item(self, request: web.Request) -> web.Response:
        """One listing, or 404 with an error in JSON where it is gone or never was."""
        try:
            item = self._find(request)
        except NotFound as error:
            return _json({"error": str(error)}, status=404)
        if not self._market.standing(item.id).shown:
            return _json({"error": f"listing {item.id} is not on sale"}, status=404)
        fresh = _unchanged(request, _tag(item), item.modified_at)
        return fresh or _json(
            exports.record(item, self._market, self._base), tag=_tag(item), modified_at=item.modified_at
        )

    async def _feed(self, request: web.Request) -> web.StreamResponse:
        """Every listing, a line each, streamed."""
        answer = web.StreamResponse(headers={"Content-Type": "application/x-ndjson; charset=utf-8"})
        await answer.prepare(request)
        items = self._market.catalogue()
        for start in range(0, len(items), 200):
            rows = (exports.feed_row(item, self._market, self._base) for item in items[start : start + 200])
            await answer.write(b"".join(msgspec.json.encode(row) + b"\n" for row in rows))
        return answer

    async def _image(self, request: web.Request) -> web.Response:
        data = picture(int(request.match_info["art"]), int(request.match_info["view"]))
        return web.Response(body=data, content_type="image/png", headers={"Cache-Control": "max-age=86400"})

    async def _banner(self, request: web.Request) -> web.Response:
        return web.Response(body=picture(0, 9), content_type="image/png")

    def _find(self, request: web.Request) -> ShopListing:
        return self._market.listing(request.match_info["id"])

    def _missing(self) -> web.Response:
        notice = self._pages.notice("页面不存在", "您访问的页面走丢了，请返回首页看看。", kind="not-found")
        return self._page(notice, status=404)

    def _page(
        self, html: str, *, status: int = 200, tag: str = "", modified_at: datetime | None = None
    ) -> web.Response:
        headers = _validators(tag, modified_at) | {"Content-Type": _HTML}
        return web.Response(status=status, body=html.encode("utf8"), headers=headers)


def _json(body: Any, *, status: int = 200, tag: str = "", modified_at: datetime | None = None) -> web.Response:
    headers = _validators(tag, modified_at) | {"Content-Type": _JSON}
    return web.Response(status=status, body=msgspec.json.encode(body), headers=headers)


def _xml(text: str, *, packed: bool = False) -> web.Response:
    body = text.encode("utf8")
    if packed:
        return web.Response(body=gzip.compress(body, mtime=0), content_type="application/gzip")
    return web.Response(body=body, headers={"Content-Type": "application/xml; charset=utf-8"})


def _tag(item: ShopListing) -> str:
    """An entity tag that is weak, because what a page shows beside the listing may differ."""
    return f'W/"{item.id}-{item.version}"'


def _validators(tag: str, modified_at: datetime | None) -> dict[str, str]:
    found = {"ETag": tag} if tag else {}
    return found | ({"Last-Modified": format_datetime(modified_at, usegmt=True)} if modified_at else {})


def _unchanged(request: web.Request, tag: str, modified_at: datetime | None) -> web.Response | None:
    """304 where the client's copy is current; If-None-Match goes before If-Modified-Since (RFC 9110, 13.2.2)."""
    tags: Sequence[Any] | None = request.if_none_match
    since = request.if_modified_since
    if tags is not None:
        current = any(other.value in ("*", tag.removeprefix("W/").strip('"')) for other in tags)
    else:
        current = bool(modified_at and since and since >= modified_at.replace(microsecond=0))
    return web.Response(status=304, headers=_validators(tag, modified_at)) if current else None


def _start(request: web.Request, found: list[ShopListing], size: int) -> int:
    """Where the slice begins: after the cursor, at the offset, or at the page."""
    if cursor := request.query.get("cursor", ""):
        return next((place for place, item in enumerate(found) if item.id > cursor), len(found))
    if "offset" in request.query:
        return _number(request, "offset", 0)
    return (_page(request) - 1) * size


def _page(request: web.Request) -> int:
    return max(1, _number(request, "page", 1))


def _number(request: web.Request, name: str, default: int) -> int:
    """A whole number from the query; what is no such number counts as the default."""
    text = request.query.get(name, "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else default
