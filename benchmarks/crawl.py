"""What a crawl costs beside what one would use instead, in one run: ``make bench-crawl``.

A process of its own serves pages of the simulated marketplace, filled up to 60 KB with the menus and scripts of a large
shop. Each contender is a process too; its CPU seconds are taken from the system, start-up taken off by a run over few
pages. Options: ``--pages N`` (default 2,000), ``--rounds N`` (3), ``--memory`` (10,000 and 50,000 pages, slow).

The marketplace serves three designs. "schema.org" are its pages with JSON-LD, read by the generic chain; "three
designs" are all of them, a third without any structured data, read by a page function. "inspected" is all that
``delist inspect`` does: plan, crawl, intake into SQLite, and the shipped rulebook. Rounds go through all contenders in
turn, and the least of each counts: what else the machine does takes from all of them.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import resource
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

from aiohttp import web

from scanner.api_mapping import ApiMapping
from scanner.demo import serve
from scanner.settings import Source
from spiders import launch
from spiders.job import CrawlJob, CrawlResult, Partition

SIZE = 60 * 1024
FEW = 50
DISTINCT = 200
_MENU = (
    '<li class="menu-item"><a class="menu-link" href="/c/{0}"><span class="menu-text">Department {0}</span></a></li>\n'
)

# The peers: the same downloader with the same settings, and nothing done with a page, or what tutorials do.
PEER = """
import sys
import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scanner.settings import Source
from spiders.settings import scrapy_settings
kind, root, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
source = Source(name="bench", start=(root,), rate=10000, concurrency=16, obey_robots=False)

class Peer(scrapy.Spider):
    name = "peer"
    hosts = source.hosts
    seen = 0

    async def start(self):
        for number in range(count):
            yield scrapy.Request(f"{root}/item/{number}.html", dont_filter=True)

    def parse(self, response):
        Peer.seen += 1
        if kind == "soup":
            from bs4 import BeautifulSoup
            soup = BeautifulSoup(response.text, "lxml")
            for selector in ("h1", "title", ".price-now", ".item-brand", ".item-sku", ".stock-count", ".seller-name",
                             ".crumb", ".item-description", ".item-attributes", ".item-image", ".option-values"):
                found = soup.select_one(selector)
                if found is not None:
                    found.get_text(" ", strip=True)

process = AsyncCrawlerProcess(scrapy_settings(source) | {"LOG_LEVEL": "ERROR"})
process.crawl(Peer)
process.start()
assert Peer.seen == count, (Peer.seen, count)
"""


def filled(page: str) -> bytes:
    """A page of the marketplace as large as those of large shops are."""
    menu, number = [], 0
    while len(page) + sum(map(len, menu)) < SIZE // 2:
        menu.append(_MENU.format(number))
        number += 1
    body = page.replace("</body>", f"<nav><ul>{''.join(menu)}</ul></nav></body>").encode()
    return body + b"<script>" + b"var x = 1;\n" * ((SIZE - len(body)) // 11) + b"</script>"


def serve_pages(pages: list[bytes], most: int, wire: Connection) -> None:
    """In a process of its own: any number of items out of a few hundred pages, and a sitemap of them."""

    async def item(request: web.Request) -> web.Response:
        return web.Response(
            body=pages[int(request.match_info["n"]) % len(pages)], content_type="text/html", charset="utf-8"
        )

    marked = [page for page in pages if b"ld+json" in page]

    async def marked_item(request: web.Request) -> web.Response:
        body = marked[int(request.match_info["n"]) % len(marked)]
        return web.Response(body=body, content_type="text/html", charset="utf-8")

    async def sitemap(request: web.Request) -> web.Response:
        count, root = int(request.match_info["n"]), f"http://{request.host}/{request.match_info['kind']}"
        urls = "".join(f"<url><loc>{root}/{number}.html</loc></url>" for number in range(min(count, most)))
        return web.Response(text=f"<urlset>{urls}</urlset>", content_type="application/xml")

    async def main() -> None:
        app = web.Application()
        app.add_routes([web.get(r"/item/{n:\d+}.html", item), web.get(r"/ld/{n:\d+}.html", marked_item),
                        web.get(r"/map/{kind:item|ld}/{n:\d+}.xml", sitemap)])  # fmt: skip
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        wire.send(runner.addresses[0][1])
        await asyncio.to_thread(wire.recv)

    asyncio.run(main())


@contextmanager
def marketplace(most: int) -> Iterator[str]:
    """The address of the serving process."""
    with serve(seed=11, listings=DISTINCT) as shop:
        pages = [filled(fetched(f"{shop.url}/item/{key}.html")) for key in shop.truth]
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve_pages, args=(pages, most, there), daemon=True)
    process.start()
    yield f"http://127.0.0.1:{here.recv()}"
    here.send(None)
    process.join()


def fetched(url: str) -> str:
    """A page of our own marketplace."""
    with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310  # our own marketplace
        return str(answer.read().decode())


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds that child processes took which ``work`` started and waited for."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    work()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def peer(kind: str, root: str, count: int) -> None:
    """Run a peer over so many pages."""
    subprocess.run([sys.executable, "-c", PEER, kind, root, str(count)], check=True)


def delist(source: Source) -> CrawlResult:
    """Run the whole pipeline over a source: fetch, extract, spool, WARC, ledger."""
    with tempfile.TemporaryDirectory() as folder:
        spool = Path(folder)
        partition = Partition(name="whole", start=source.start)
        job = CrawlJob(source=source, partition=partition, inspection="1", spool=spool, evidence=spool)
        result = launch.crawl(job)
    assert result.is_good, result
    return result


def source_of(root: str, count: int, kind: str) -> Source:
    """So many pages: of three designs (``item``), or with schema.org data (``ld``)."""
    page = "demo" if kind == "item" else ""
    start = (f"{root}/map/{kind}/{count}.xml",)
    return Source(name="bench", start=start, page=page, rate=10_000, concurrency=16, obey_robots=False)


def by_sitemap(root: str, count: int, kind: str = "item") -> None:
    """Delist over so many pages."""
    assert delist(source_of(root, count, kind)).ledger.fetched == count


def inspected(root: str, count: int) -> None:
    """All that an inspection does, by one crawl process, into a new database."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "delist.toml"
        start = source_of(root, count, "item").start[0]
        settings.write_text(
            f'workers = 1\n[sources.bench]\nstart = "{start}"\npage = "demo"\nrate = 10000\nconcurrency = 16\n'
            "obey_robots = false\n"
        )
        command = [str(Path(sys.executable).with_name("delist")), "--config", str(settings), "inspect", "bench"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout[-2000:]


def milliseconds(run: Callable[[int], object], pages: int) -> float:
    """CPU milliseconds a page, start-up taken off."""
    return (cpu(lambda: run(pages)) - cpu(lambda: run(FEW))) / (pages - FEW) * 1e3


def compare_pages(root: str, pages: int, rounds: int) -> None:
    """The table of pages."""
    contenders: dict[str, tuple[Callable[[int], object], int]] = {
        "bare Scrapy, tuned, pages thrown away": (lambda n: peer("bare", root, n), pages),
        "Delist, schema.org: spool, WARC, ledger": (lambda n: by_sitemap(root, n, "ld"), pages),
        "Delist, three designs: the same": (lambda n: by_sitemap(root, n), pages),
        "Delist, three designs, inspected": (lambda n: inspected(root, n), pages),
        "Scrapy with BeautifulSoup on the page": (lambda n: peer("soup", root, n), max(200, pages // 8)),
    }
    took: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, (run, count) in contenders.items():
            took[name].append(milliseconds(run, count))
    least = {name: min(times) for name, times in took.items()}
    bare, *_, whole, _ = least.values()
    print("| 60 KB pages                              | CPU ms/page | of bare | rounds")
    for name, value in least.items():
        rounded = ", ".join(f"{one:.2f}" for one in took[name])
        print(f"| {name:<40} | {value:>11.2f} | {value / bare:>6.2f}x | {rounded}", flush=True)
    print(f"inspected, intake and rulebook included: {1000 / whole:,.0f} listings a second and core", flush=True)


def measure_records(rows: int) -> None:
    """Listings a CPU second by JSON API and by feed, start-up taken off."""
    fields = {"id": "id", "title": "title", "description": "description_html", "price": "price.amount",
              "currency": "price.currency", "category_path": "category", "seller": "seller"}  # fmt: skip
    with serve(seed=11, listings=3000) as shop, tempfile.TemporaryDirectory() as folder:
        mapping = ApiMapping(total="total", size_parameter="page_size", page_size=100, fields=fields)
        start = f"{shop.url}/api/listings"
        api = Source(name="api", walker="api", start=(start,), api=mapping, rate=10_000, obey_robots=False)
        few = api.model_copy(update={"limit": FEW})
        seconds = cpu(lambda: delist(api)) - cpu(lambda: delist(few))
        print(f"JSON API, 100 a page: {(3000 - FEW) / seconds:,.0f} listings a CPU second")
        feeds = []
        for count in (FEW, rows):
            file = Path(folder) / f"{count}.jsonl"
            row = {"title": "Kettle", "description": "Steel. " * 60, "price": "12.50", "currency": "EUR"}
            file.write_text("".join(json.dumps({"id": str(number), **row}) + "\n" for number in range(count)))
            feeds.append(Source(name="feed", walker="feed", start=(str(file),)))
        seconds = cpu(lambda: delist(feeds[1])) - cpu(lambda: delist(feeds[0]))
        print(f"feed, JSON lines: {(rows - FEW) / seconds:,.0f} listings a CPU second")


def measure_memory(root: str) -> None:
    """The most memory of any child so far, after 10,000 and after 50,000 pages."""
    for count in (10_000, 50_000):
        by_sitemap(root, count)
        most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
        print(f"{count:>6} pages: {most:.0f} MiB", flush=True)


def main() -> None:
    """Measure what the options say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", action="store_true")
    given = parser.parse_args()
    with marketplace(50_000) as root:
        if given.memory:
            measure_memory(root)
        else:
            compare_pages(root, given.pages, given.rounds)
    if not given.memory:
        measure_records(50_000)


if __name__ == "__main__":
    main()
