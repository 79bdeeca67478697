"""A crawl goes no faster than robots.txt asks, nor, however many processes share it, than its source allows."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from scanner.settings import Source
from spiders.settings import scrapy_settings

ROOT = Path(__file__).resolve().parents[2]
MAPS = ("/1.xml", "/2.xml", "/3.xml")
ROBOTS = b"User-agent: *\nCrawl-delay: 9\n\nUser-agent: Delist\nCrawl-delay: 0.4\n"


class Slow(BaseHTTPRequestHandler):
    """A shop that asks for four tenths of a second between two requests."""

    def do_GET(self) -> None:
        self.server.asked.append((time.monotonic(), self.path))
        root = f"http://{self.headers['Host']}"
        listed = "".join(f"{root}/item/{number}\n" for number in range(3))
        body = {"/robots.txt": ROBOTS, "/list.txt": listed.encode()}.get(self.path, b"<title>Cup</title><h1>Cup</h1>")
        self.send_response(200)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.fixture
def slow() -> Iterator[ThreadingHTTPServer]:
    """The shop; ``asked`` says when it was asked for what."""
    with ThreadingHTTPServer(("127.0.0.1", 0), Slow) as server:
        server.asked = []
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("share", "least"), [(1, 0.3), (2, 0.6)])
def test_a_crawl_delay_is_kept(slow: Any, crawl: Callable[..., Any], share: int, least: float) -> None:
    """Between any two pages lies what robots.txt asks of us by name; two crawls at a time wait twice as long each.

    That is 0.4 s; a page that was asked for in time may reach a busy server up to a tenth of a second late.
    """
    start = (f"http://127.0.0.1:{slow.server_port}/list.txt",)
    done = crawl(Source(name="slow", start=start, rate=5000), share=share)
    assert done.results[0].is_good
    moments = [moment for moment, path in slow.asked if path.startswith("/item/")]
    assert len(moments) == 3
    assert min(after - before for before, after in pairwise(moments)) >= least


class Mapped(BaseHTTPRequestHandler):
    """A shop whose sitemaps take a while."""

    def do_GET(self) -> None:
        began, name = time.monotonic(), "sitemapindex" if self.path == "/index.xml" else "urlset"
        addresses = MAPS if self.path == "/index.xml" else [f"/item{self.path}"]
        entries = "".join(f"<url><loc>http://{self.headers['Host']}{path}</loc></url>" for path in addresses)
        if self.path in MAPS:
            time.sleep(0.2)
        self.send_response(200)
        self.end_headers()
        is_map = self.path in {"/index.xml", *MAPS}
        self.wfile.write(f"<{name}>{entries}</{name}>".encode() if is_map else b"<title>Cup</title><h1>Cup</h1>")
        self.server.asked.append((began, time.monotonic(), self.path))

    def log_message(self, *args: object) -> None:
        """Nothing."""


def test_one_sitemap_is_read_at_a_time(slow: Any, crawl: Callable[..., Any]) -> None:
    """Sitemaps are large: the next one named by an index is asked for when the last one is there."""
    slow.RequestHandlerClass = Mapped
    start = (f"http://127.0.0.1:{slow.server_port}/index.xml",)
    done = crawl(Source(name="mapped", start=start, rate=5000, obey_robots=False))
    assert done.results[0].ledger.discovered == 3
    maps = sorted(asked for asked in slow.asked if asked[2] in MAPS)
    assert [path for _, _, path in maps] == list(MAPS)
    assert all(ended <= begun for (_, ended, _), (begun, _, _) in pairwise(maps))


def test_crawls_at_the_same_time_have_one_rate_together() -> None:
    """Two processes of a source that allows five requests a second make two and a half each."""
    source = Source(name="shop", start=("https://shop.test/",), rate=5.0)
    assert scrapy_settings(source)["DOWNLOAD_DELAY"] == 0.2
    assert scrapy_settings(source, share=2)["DOWNLOAD_DELAY"] == 0.4


def test_scrapys_own_commands_work() -> None:
    """``scrapy list`` in the source tree names the walkers over the network."""
    done = subprocess.run(
        [sys.executable, "-m", "scrapy", "list"], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.split() == ["addresses", "api", "catalogue", "site", "sitemap"], done.stderr
