"""Shops over real HTTP for tests of adapters, each behaving, and misleading, as the real one was seen to.

Each knows the same few listings, counts its effects, and can be told to fail at the next request of a kind: ``order``
(what an adapter tells it) or ``look`` (what anybody may see).
"""

from __future__ import annotations

import json
import re
import runpy
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

RECEIVER = runpy.run_path(str(Path(__file__).resolve().parent.parent / "docs" / "receiver.py"))
TOKEN = "t" * 40

TITLES = {"1": "Red Lamp", "2": "Oak Table", "17": "Blue Lamp", "23": "折叠锤子"}
SELLERS = {"s1": "Shop One", "s2": "Shop Two"}


@dataclass
class Asked:
    """A request as it came."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Its body."""
        return json.loads(self.body)


@dataclass
class Reply:
    """What is answered."""

    status: int = 200
    body: Any = b""
    headers: dict[str, str] = field(default_factory=dict)
    kind: str = "application/json"


class StandIn:
    """A shop that is being served. ``fails``: what the next requests meet, as ``(kind, how)``."""

    def __init__(self) -> None:
        self.public = dict.fromkeys(TITLES, True)
        self.open = dict.fromkeys(SELLERS, True)
        self.effects: list[tuple[str, bool]] = []
        self.asked: list[Asked] = []
        self.fails: list[tuple[str, str]] = []
        self.url = ""
        self._lock = threading.Lock()

    def show(self, listing_id: str, *, public: bool) -> bool:
        """Change what the public sees; false for a listing that is not known."""
        return self._change(self.public, listing_id, public)

    def admit(self, seller: str, *, is_open: bool) -> bool:
        """Close an account or open it again; false for a seller who is not known."""
        return self._change(self.open, seller, is_open)

    def _change(self, what: dict[str, bool], name: str, wanted: bool) -> bool:
        if name not in what:
            return False
        with self._lock:
            if what[name] is not wanted:
                what[name] = wanted
                self.effects.append((name, wanted))
        return True

    def kind_of(self, asked: Asked) -> str:
        """``order`` or ``look``."""
        return "look" if asked.method == "GET" else "order"

    def answer(self, asked: Asked) -> Reply:
        """What a shop in order answers."""
        raise NotImplementedError  # each stand-in has its own; this class is never served

    def meet(self, asked: Asked) -> str:
        """How this request fails, if it does."""
        with self._lock:
            self.asked.append(asked)
            kind = self.kind_of(asked)
            found = next((fail for fail in self.fails if fail[0] == kind), None)
            if found is None:
                return ""
            self.fails.remove(found)
            return found[1]


class Handler(BaseHTTPRequestHandler):
    """HTTP around the server's ``shop``."""

    protocol_version = "HTTP/1.1"

    def _any(self) -> None:
        shop: StandIn = self.server.shop  # type: ignore[attr-defined]  # put there below
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = Asked(self.command, self.path, {name.lower(): value for name, value in self.headers.items()}, body)
        how = shop.meet(asked)
        if how in FAILS:
            self._say(FAILS[how])
        elif how == "drop":
            self.close_connection = True
            self.connection.close()
        elif how == "stall":
            self.server.over.wait(20)  # type: ignore[attr-defined]  # put there below
            self.close_connection = True
        else:
            reply = shop.answer(asked)
            if how == "drop_after_effect":
                self.close_connection = True
                self.connection.close()
            else:
                self._say(reply)

    def do_GET(self) -> None:
        """As all."""
        self._any()

    def do_POST(self) -> None:
        """As all."""
        self._any()

    def do_PATCH(self) -> None:
        """As all."""
        self._any()

    def _say(self, reply: Reply) -> None:
        body = reply.body if isinstance(reply.body, bytes) else json.dumps(reply.body).encode()
        self.send_response(reply.status)
        for name, value in {"Content-Type": reply.kind, "Content-Length": str(len(body)), **reply.headers}.items():
            self.send_header(name, value)
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            self.close_connection = True  # the client has read enough

    def log_message(self, *_: object) -> None:
        """Quiet."""


_CAPTCHA = b"<html><head><title>Are you human?</title></head><body><h1>Security check</h1><p>Captcha</p></body></html>"
FAILS = {
    "429": Reply(429, {"error": "slow down"}, {"Retry-After": "7"}),
    "500": Reply(500, {"error": "database is locked"}),
    "503": Reply(503, b"<html>maintenance</html>", kind="text/html"),
    "403": Reply(403, {"detail": "Permission denied."}),
    "422": Reply(422, {"error": "what is this?"}),
    "redirect": Reply(301, b"", {"Location": "/elsewhere/"}),
    "garbage": Reply(200, b"\x00\xff<<<{{{"),
    "huge": Reply(200, b"[" + b"0," * 400_000),
    "captcha": Reply(200, _CAPTCHA, kind="text/html"),
}


class Server(ThreadingHTTPServer):
    """Quiet about clients that hang up."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Whoever hangs up has had enough."""


@contextmanager
def served(shop: StandIn, *, context: ssl.SSLContext | None = None) -> Iterator[StandIn]:
    """The shop on a free port, in a thread, while the block runs; over TLS with a ``context`` for it."""
    server = Server(("127.0.0.1", 0), Handler)
    if context is not None:
        server.socket = context.wrap_socket(server.socket, server_side=True)
    server.shop, server.over = shop, threading.Event()  # type: ignore[attr-defined]  # where the handler finds them
    shop.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield shop
    finally:
        server.over.set()  # type: ignore[attr-defined]  # as above
        server.shutdown()
        server.server_close()
        thread.join()


def slug(listing_id: str) -> str:
    """The listing's title in an address, other than ASCII written out."""
    return (
        re.sub(r"[^a-z0-9]+", "-", TITLES[listing_id].encode("ascii", "ignore").decode().lower()).strip("-") or "u6298"
    )


def page(listing_id: str) -> Reply:
    """A product page as Oscar's: no structured data."""
    title = TITLES[listing_id]
    html = f"""<!doctype html><html><head><title>{title} | Shop</title>
<meta name="description" content="A {title}"></head><body>
<ul class="nav"><li><a href="/catalogue/category/home/kitchen_17/">Kitchen</a></li></ul>
<ol class="breadcrumb"><li><a href="/">Home</a></li><li>Garden</li></ol>
<article class="product_page"><h1>{title}</h1><p class="price_color">US$83.69</p>
<p class="instock availability">In stock (6 available)</p><button>Add to basket</button>
<div id="product_description"><h2>Product Description</h2></div><p>A fine {title} for every home, made to last.</p>
<table class="table table-striped"><tr><th>UPC</th><td>UPC{listing_id}</td></tr></table></article></body></html>"""
    return Reply(200, html.encode(), kind="text/html; charset=utf-8")


def results(query: str, found: list[str], category: str = "kitchen") -> Reply:
    """Search results as Oscar's, a category beside them."""
    pods = "".join(
        f'<article class="product_pod"><h3><a href="/catalogue/{slug(one)}_{one}/">{TITLES[one]}</a></h3></article>'
        for one in found
    )
    html = f"""<!doctype html><html><head><title>Search</title></head><body><h1>Results for {query}</h1>
<a href="/catalogue/category/home/{category}/">Kitchen</a><a href="/search/?q=17">17</a>
<form><strong>{len(found)}</strong> results</form>{pods}</body></html>"""
    return Reply(200, html.encode(), kind="text/html; charset=utf-8")


def shop_page(seller: str) -> Reply:
    """A seller's page."""
    html = f"<!doctype html><html><head><title>{SELLERS[seller]}</title></head><body><h1>{SELLERS[seller]}</h1></body>"
    return Reply(200, html.encode(), kind="text/html; charset=utf-8")


NOT_FOUND = Reply(
    404,
    b"<html><head><title>Page not found</title></head><body><h1>Page not found</h1></body></html>",
    kind="text/html",
)


class OscarShop(StandIn):
    """django-oscar 4.2 with django-oscar-api 3.3, as far as hiding a product touches it."""

    def answer(self, asked: Asked) -> Reply:
        """By address; what is missing its last slash is redirected, whatever the method."""
        parts = urlsplit(asked.path)
        if not parts.path.endswith("/"):
            return Reply(301, b"", {"Location": f"{parts.path}/"})
        if parts.path.startswith("/api/admin/"):
            return self._admin(asked, parts.path)
        if match := re.fullmatch(r"/api/products/(\d+)/", parts.path):
            # The public API asks nobody whether the product is public.
            known = match[1] in TITLES
            return Reply(200, {"id": int(match[1]), "title": TITLES[match[1]]}) if known else _no_product()
        if match := re.fullmatch(r"/catalogue/([^/]*)_(\d+)/", parts.path):
            return self._detail(match[1], match[2])
        if parts.path == "/search/":
            words = parse_qs(parts.query).get("q", [""])[0].lower().split()
            titles = {one: TITLES[one].lower() for one in TITLES if self.public[one] and TITLES[one].isascii()}
            found = [one for one, title in titles.items() if all(word in title for word in words)]
            return results(" ".join(words), found, "kitchen_17")  # categories end in numbers as products do
        return NOT_FOUND

    def _detail(self, given: str, number: str) -> Reply:
        """Any slug leads to the right one first, also for a product that is down."""
        if number not in TITLES:
            return NOT_FOUND
        if given != slug(number):
            return Reply(301, b"", {"Location": f"/catalogue/{slug(number)}_{number}/"})
        return page(number) if self.public[number] else NOT_FOUND

    def _admin(self, asked: Asked, path: str) -> Reply:
        if asked.headers.get("authorization") != f"Token {TOKEN}":
            return Reply(401, {"detail": "Authentication credentials were not provided."})
        match = re.fullmatch(r"/api/admin/products/(\d+)/", path)
        if match is None or asked.method != "PATCH":
            return Reply(200, {"count": len(TITLES), "results": []})
        if match[1] not in TITLES:
            return _no_product()
        wanted = asked.json.get("is_public") if asked.body else None
        if wanted is not None and not isinstance(wanted, bool):
            return Reply(400, {"is_public": ["Must be a valid boolean."]})
        if wanted is not None:
            self.show(match[1], public=wanted)
        # A misspelt field is answered like this too.
        return Reply(200, {"id": int(match[1]), "is_public": self.public[match[1]], "title": TITLES[match[1]]})

    def kind_of(self, asked: Asked) -> str:
        """The administration's list is what a probe asks for."""
        return "order" if asked.path.startswith("/api/admin/") else "look"


def _no_product() -> Reply:
    return Reply(404, {"detail": "No Product matches the given query."})


class VendureShop(StandIn):
    """Vendure 3.7, as far as disabling a product touches it: nearly all is 200, bulk half works, search lags."""

    def __init__(self) -> None:
        super().__init__()
        self.index = set(TITLES)

    def reindex(self) -> None:
        """The queue behind search has caught up."""
        self.index = {one for one, public in self.public.items() if public}

    def kind_of(self, asked: Asked) -> str:
        """The shop API is for anybody."""
        return "look" if asked.path.partition("?")[0] == "/shop-api" else "order"

    def answer(self, asked: Asked) -> Reply:
        """By API; GraphQL's errors come with status 200."""
        query, variables = asked.json["query"], asked.json.get("variables") or {}
        path, _, parameters = asked.path.partition("?")
        if path == "/shop-api":
            return self._shop(query, variables, is_chinese=parameters == "languageCode=zh_Hans")
        if asked.path != "/admin-api":
            return Reply(404, b"Cannot POST", kind="text/html")
        tokens = (asked.headers.get("authorization"), asked.headers.get("vendure-api-key"))
        if tokens[0] != f"Bearer {TOKEN}" and tokens[1] != f"{TOKEN[:24]}:{TOKEN}":
            return _error("FORBIDDEN", "You are not currently authorized to perform this action")
        return self._admin(query, variables)

    def _admin(self, query: str, variables: dict[str, Any]) -> Reply:
        if "updateProducts" in query:
            return self._bulk(variables["input"])
        if "updateProduct" not in query:
            return Reply(200, {"data": {"products": {"totalItems": len(TITLES)}}})
        given = variables["input"]
        if not isinstance(given.get("enabled", True), bool):
            return Reply(400, {"errors": [{"message": "bad", "extensions": {"code": "GRAPHQL_VALIDATION_FAILED"}}]})
        if not self.show(given["id"], public=given["enabled"]):
            return _error("ENTITY_NOT_FOUND", f'No Product with the id "{given["id"]}" could be found')
        return Reply(200, {"data": {"updateProduct": {"id": given["id"], "enabled": self.public[given["id"]]}}})

    def _bulk(self, inputs: list[dict[str, Any]]) -> Reply:
        """Stops at the first unknown one, and says that all failed."""
        for given in inputs:
            if not self.show(given["id"], public=given["enabled"]):
                return _error("ENTITY_NOT_FOUND", "No Product with that id could be found")
        return Reply(200, {"data": {"updateProducts": inputs}})

    def _shop(self, query: str, variables: dict[str, Any], *, is_chinese: bool) -> Reply:
        if "search(" in query:
            term = variables["term"].lower()
            ignored = len(term) < 3
            # A name is indexed in its language, and found when asked in that.
            known = [one for one in sorted(self.index) if TITLES[one].isascii() is not is_chinese]
            found = [one for one in known if ignored or term in TITLES[one].lower()]
            return Reply(200, {"data": {"search": _list([{"productId": one} for one in found])}})
        number = variables.get("id", "")
        is_up = self.public.get(number, False)
        if "products(" in query:
            return Reply(200, {"data": {"products": _list([{"id": number}] if is_up else [])}})
        return Reply(200, {"data": {"product": {"id": number, "name": TITLES[number]} if is_up else None}})


def _list(items: list[dict[str, str]]) -> dict[str, Any]:
    return {"totalItems": len(items), "items": items}


def _error(code: str, message: str) -> Reply:
    return Reply(200, {"errors": [{"message": message, "extensions": {"code": code}}], "data": None})


class HookedShop(StandIn):
    """A shop of one's own behind the example receiver of docs/receiver.py, with public pages, search and API."""

    def __init__(self, now: Callable[[], float] | None = None) -> None:
        super().__init__()
        moves = {"hide": lambda one: self.show(one, public=False), "show": lambda one: self.show(one, public=True)}
        moves |= {
            "close": lambda one: self.admit(one, is_open=False),
            "reopen": lambda one: self.admit(one, is_open=True),
        }
        self.receiver = RECEIVER["Receiver"](TOKEN, **moves, **({"now": now} if now else {}))

    def answer(self, asked: Asked) -> Reply:
        """The webhook at /hook, everything else for anybody."""
        parts = urlsplit(asked.path)
        if parts.path == "/hook":
            given = (asked.headers.get("delist-timestamp", ""), asked.headers.get("delist-signature", ""))
            return Reply(*self.receiver.take(*given, asked.body))
        name, _, rest = unquote(parts.path).strip("/").partition("/")
        if name == "search":
            words = parse_qs(parts.query).get("q", [""])[0].lower().split()
            found = [one for one, title in TITLES.items() if all(word in title.lower() for word in words)]
            return results(" ".join(words), [one for one in found if self.public[one]])
        if name == "shop":
            return shop_page(rest) if self.open.get(rest, False) else NOT_FOUND
        if not self.public.get(rest, False):
            return NOT_FOUND
        return Reply(200, {"id": rest}) if name == "api" else page(rest)
