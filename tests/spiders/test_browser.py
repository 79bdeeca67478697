"""Pages that only a browser makes whole, by a real one: what scripts write is read, and they lead nowhere else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from scanner.demo import Shop
from scanner.errors import SettingsError
from scanner.model import Fetched, Skipped
from scanner.settings import Source
from spiders.archive import records
from spiders.browser import chromium, keeps_away, launch_options
from spiders.screenshot import screenshot


@pytest.fixture
def browser() -> str:
    """Chromium's program; where there is none, what it would have shown was NOT tested, and the summary says so."""
    try:
        return chromium()
    except SettingsError as error:
        # A browser is the system's, not ours to install.
        pytest.skip(f"NOT TESTED, rendering by a real browser: {error}")


@pytest.fixture
def elsewhere() -> Iterator[tuple[str, list[str]]]:
    """Another server's address, and what it was asked for."""
    asked: list[str] = []

    class Elsewhere(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            self.send_response(200)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"127.0.0.1:{server.server_port}", asked
        server.shutdown()
        thread.join()


def app_source(shop: Shop, **given: Any) -> Source:
    """A source on the pages that scripts make."""
    usual = {"name": "app", "start": (f"{shop.url}/app/list.txt",), "rate": 5000, "concurrency": 4}
    return Source(**usual | given)


def test_without_a_browser_such_pages_show_nothing(shop: Shop, crawl: Callable[..., Any]) -> None:
    """They are skipped as no listings, so the inspection is told to have found none; they are not called clean."""
    shop.faults.clear()
    done = crawl(app_source(shop, limit=3))
    assert done.counted(Fetched) == 0
    assert {one.reason for one in done.observations if isinstance(one, Skipped)} == {"not_a_listing"}


@pytest.mark.timeout(180)
def test_a_page_is_read_as_a_browser_makes_it(
    browser: str, shop: Shop, crawl: Callable[..., Any], elsewhere: tuple[str, list[str]]
) -> None:
    """Title, price and description are there; what the page would load from another host is not asked for."""
    shop.faults.clear()
    host, asked = elsewhere
    first = shop.market.catalogue()[0]
    beacons = "".join(
        f'<iframe src="http://{name}/{name}"></iframe><img src="http://{name}/i"><object data="http://{name}/o"></object>'
        for name in (host, host.replace("127.0.0.1", "localhost"))
    )
    shop.market.edit(first.id, description=f"<p>Kettle of steel, one litre, with a lid.</p>{beacons}")

    done = crawl(app_source(shop, render=True, wait_for=".description", limit=3, browser=browser))
    found = {one.listing.url: one for one in done.observations if isinstance(one, Fetched)}
    assert done.results[0].is_good, done.results
    assert len(found) == 3
    one = found[f"{shop.url}/app/item/{first.id}.html"]
    assert one.listing.title == first.title
    assert one.listing.price == first.price
    assert "Kettle of steel" in one.listing.description
    assert asked == []

    archived = next(iter(records(next(done.folder.rglob("*.warc.gz")))))
    assert archived.header("delist-rendered") == "chromium"
    assert b"<h1>" in archived.body


class Leading(BaseHTTPRequestHandler):
    """A page whose scripts and frames are sent on to other ports, addresses and names."""

    out = ""

    def do_GET(self) -> None:
        port = self.out.rpartition(":")[2]
        places = {"/1": self.out, "/2": f"127.0.0.2:{port}", "/3": f"localhost:{port}"}
        self.send_response(302 if self.path in places else 200)
        if self.path in places:
            self.send_header("Location", f"http://{places[self.path]}/led")
        self.end_headers()
        frames = "".join(f"<iframe src={path}></iframe>" for path in places)
        self.wfile.write(f"<h1>x</h1>{frames}<script>for (const n of [1, 2, 3]) fetch('/' + n)</script>".encode())

    def log_message(self, *args: object) -> None:
        """Nothing."""


@pytest.mark.timeout(120)
def test_no_redirect_leads_a_browser_out(browser: str, elsewhere: tuple[str, list[str]]) -> None:
    """Not to another port of the same host, nor to another address or name: nobody there is asked for anything."""
    host, asked = elsewhere
    leading = type("Leads", (Leading,), {"out": host})
    with ThreadingHTTPServer(("127.0.0.1", 0), leading) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        here = f"127.0.0.1:{server.server_port}"
        shot = screenshot(f"http://{here}/", frozenset({here}), browser=browser)
        server.shutdown()
        thread.join()
    assert (shot.status, shot.png[:4], asked) == (200, b"\x89PNG", [])


@pytest.mark.parametrize(
    ("url", "kind", "is_refused"),
    [
        ("http://shop.test/api/1", "fetch", False),
        ("https://www.shop.test/x.js", "script", False),
        ("data:text/plain,x", "script", False),
        ("http://shop.test/1.png", "image", True),
        ("http://shop.test:8080/x", "fetch", True),
        ("http://other.test/x.js", "script", True),
        ("file:///etc/passwd", "document", True),
        ("http://169.254.169.254/latest", "fetch", True),
    ],
)
def test_scripts_ask_nobody_else(url: str, kind: str, is_refused: bool) -> None:
    """Only the source's hosts, and only what is read."""
    asked = type("Asked", (), {"url": url, "resource_type": kind})()
    assert keeps_away(frozenset({"shop.test"}))(asked) is is_refused


def test_a_browser_is_found_or_its_absence_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    """As the source says, else as the environment does, else on the path; and other names do not resolve in it."""
    pytest.importorskip("scrapy_playwright", reason="NOT TESTED: the extra [browser] is not installed")
    given, named = tmp_path / "given", tmp_path / "named"
    given.touch()
    named.touch()
    monkeypatch.setenv("CHROMIUM", str(named))
    assert (chromium(str(given)), chromium()) == (str(given), str(named))
    rules = launch_options(frozenset({"shop.test:8443"}))["args"]
    places = "MAP shop.test:8443 shop.test:8443,MAP www.shop.test:8443 www.shop.test:8443"
    assert f"--host-resolver-rules={places},MAP * ~NOTFOUND" in rules
    monkeypatch.setenv("CHROMIUM", str(tmp_path / "nowhere"))
    with pytest.raises(SettingsError, match="no such program"):
        chromium()
    monkeypatch.delenv("CHROMIUM")
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(SettingsError, match="no browser is installed"):
        chromium()
