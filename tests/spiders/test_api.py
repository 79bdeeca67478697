"""Any JSON API by its declaration alone: numbered pages, offsets, cursors, addresses, and GraphQL by POST."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from scanner.api_mapping import ApiMapping
from scanner.model import Failed, Fetched
from scanner.settings import Source

COUNT = 23
QUERY = "query($o: Options) { products(options: $o) { total items { id name price } } }"


class Api(BaseHTTPRequestHandler):
    """A shop of 23 goods. It gives no more than ten at a time, and says so only in GraphQL."""

    asked: list[Any]

    def do_GET(self) -> None:
        parts = urlsplit(self.path)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/offset":
            self._tell(self._page(int(query["skip"]), int(query["take"])))
        elif parts.path == "/cursor":
            self._cursor(query)
        elif parts.path.startswith("/path/"):
            self._tell(self._page((int(parts.path.rpartition("/")[2]) - 1) * 5, 5))
        else:
            self.send_error(404)

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((asked, dict(self.headers)))
        options = asked["variables"]["o"]
        if asked["query"] != QUERY or options["take"] > 10:
            self._tell({"errors": [{"message": "Cannot take more than 10 results"}], "data": None})
            return
        self._tell({"data": {"products": self._page(options["skip"], options["take"])}})

    def _cursor(self, query: dict[str, str]) -> None:
        start = int(query.get("after", "0"))
        page = self._page(start, 4)
        self._tell(page | {"next": str(start + 4) if start + 4 < COUNT else None})

    def _page(self, skip: int, take: int) -> dict[str, Any]:
        numbers = range(COUNT)[skip : skip + min(take, 10)]
        items = [{"id": str(one), "name": f"Kettle {one}", "price": 1250, "url": f"/kettle/{one}"} for one in numbers]
        return {"total": COUNT, "items": items}

    def _tell(self, answer: dict[str, Any]) -> None:
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def api() -> Iterator[ThreadingHTTPServer]:
    """The API while it serves; ``asked`` are the bodies that were posted."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Api) as server:
        server.asked = []  # type: ignore[attr-defined]  # read by the test
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def source(server: ThreadingHTTPServer, path: str, **mapping: Any) -> Source:
    """A source on the API."""
    fields = {"id": "id", "title": "name", "price": "price", "url": "url"}
    given = ApiMapping(**{"total": "total", "fields": fields, "price_divisor": 100} | mapping)
    start = f"http://127.0.0.1:{server.server_port}{path}"
    return Source(name="api", walker="api", start=(start,), api=given, rate=5000, obey_robots=False)


GRAPHQL = {
    "method": "POST",
    "body": {"query": QUERY, "variables": {"o": {"skip": "{offset}", "take": "{size}"}}},
    "items": "data.products.items",
    "total": "data.products.total",
}


@pytest.mark.parametrize(
    ("path", "mapping"),
    [
        ("/offset", {"offset_parameter": "skip", "size_parameter": "take", "page_size": 7}),
        # The server gives fewer than were asked for: the walk counts what came.
        ("/offset", {"offset_parameter": "skip", "size_parameter": "take", "page_size": 50}),
        ("/cursor", {"next": "next", "page_parameter": "after"}),
        ("/path/{page}", {}),
        ("/graphql", GRAPHQL | {"page_size": 10}),
    ],
)
def test_every_way_of_paging_brings_everything(
    api: ThreadingHTTPServer, crawl: Callable[..., Any], path: str, mapping: dict[str, Any]
) -> None:
    """Each listing once, as many as the platform counts, with prices in units and addresses made whole."""
    done = crawl(source(api, path, **mapping), planned=True)
    found = [one.listing for one in done.observations if isinstance(one, Fetched)]
    assert all(result.is_good for result in done.results)
    assert sorted(int(one.listing_id) for one in found) == list(range(COUNT))
    assert {str(one.price) for one in found} == {"12.5"}
    assert found[0].url == f"http://127.0.0.1:{api.server_port}/kettle/{found[0].listing_id}"
    assert sum(result.ledger.expected or 0 for result in done.results) == COUNT


def test_an_error_that_comes_with_status_200_is_a_failure_in_its_own_words(
    api: ThreadingHTTPServer, crawl: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    """GraphQL says 200 to everything; the token goes in the header that the source names."""
    monkeypatch.setenv("SHOP_KEY", "k" * 20)
    mapping = GRAPHQL | {"page_size": 11, "token_variable": "SHOP_KEY", "token_header": "X-Key"}
    done = crawl(source(api, "/graphql", **mapping))
    failed = [one for one in done.observations if isinstance(one, Failed)]
    assert not done.results[0].is_good
    assert "Cannot take more than 10" in failed[0].detail
    asked, headers = api.asked[0]  # type: ignore[attr-defined]  # set by the fixture
    assert asked["variables"] == {"o": {"skip": 0, "take": 11}}
    assert headers["X-Key"] == "k" * 20
    assert "Authorization" not in headers
