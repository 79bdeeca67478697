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
from operator import truediv
from pathlib import Path
from statistics import median

from aiohttp import web

from scanner.api_mapping import ApiMapping
from scanner.demo import serve
from scanner.settings import Source
from spiders import launch
from spiders.job import CrawlJob, CrawlResult, Partition

SIZE = 60 * 1024
FEW = 50
DISTINCT = 200
# Of so many listings that are inspected one is prohibited.
ONE_IN = 20
# The most addresses in one sitemap file (sitemaps.org).
MOST_IN_FILE = 50_000
_MENU = (
    '<li class="menu-item"><a class="menu-link" href="/c/{0}"><span class="menu-text">Department {0}</span></a></li>\n'
)

# What is known to make Scrapy 2.19 fast, and nothing else: as a user tunes it who has read what was measured.
TUNED = {"CONCURRENT_ITEMS": 1, "TELNETCONSOLE_ENABLED": False, "REMOTE_CONTROL_ENABLED": False,
         "COOKIES_ENABLED": False, "CONCURRENT_REQUESTS_PER_DOMAIN": 16, "DOWNLOADER_MIDDLEWARES": {
             "scrapy.downloadermiddlewares.redirect.MetaRefreshMiddleware": None,
             "scrapy.downloadermiddlewares.httpproxy.HttpProxyMiddleware": None}}  # fmt: skip

# The peers: nothing done with a page, under those settings or under Delist's own, or what tutorials do with it.
PEER = """
import sys
import scrapy
from scrapy.crawler import AsyncCrawlerProcess
from scanner.settings import Source
from benchmarks.crawl import TUNED
from spiders.settings import scrapy_settings
kind, root, count = sys.argv[1], sys.argv[2], int(sys.argv[3])
source = Source(name="bench", start=(root,), rate=10000, concurrency=16, obey_robots=False)

class Peer(scrapy.Spider):
    name = "peer"
    hosts = source.hosts
    seen = 0

    async def start(self):
        for number in range(count):
            yield scrapy.Request(f"{root}/item/item/{number}.html", dont_filter=True)

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

settings = TUNED if kind == "tuned" else scrapy_settings(source)
process = AsyncCrawlerProcess(settings | {"LOG_LEVEL": "ERROR"})
process.crawl(Peer)
process.start()
assert Peer.seen == count, (Peer.seen, count)
"""


# A crawl of one partition and its peak memory in KiB, in a process that has done nothing else.
MEMORY = """
import json, resource, sys, tempfile
from pathlib import Path
from benchmarks.crawl import delist
from scanner.settings import Source
source = Source(name="bench", start=tuple(json.loads(sys.argv[1])), rate=10_000, concurrency=16, obey_robots=False)
delist(source)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def filled(page: str) -> bytes:
    """A page of the marketplace as large as those of large shops are."""
    menu: list[str] = []
    number = 0
    while len(page) + sum(map(len, menu)) < SIZE // 2:
        menu.append(_MENU.format(number))
        number += 1
    body = page.replace("</body>", f"<nav><ul>{''.join(menu)}</ul></nav></body>").encode()
    return body + b"<script>" + b"var x = 1;\n" * ((SIZE - len(body)) // 11) + b"</script>"


def serve_pages(kinds: dict[str, list[bytes]], wire: Connection) -> None:
    """In a process of its own: any number of items out of a few hundred pages of a kind, and sitemaps of them."""

    async def item(request: web.Request) -> web.Response:
        pages = kinds[request.match_info["kind"]]
        body = pages[int(request.match_info["n"]) % len(pages)]
        return web.Response(body=body, content_type="text/html", charset="utf-8")

    async def sitemap(request: web.Request) -> web.Response:
        kind, first, after = (request.match_info[name] for name in ("kind", "first", "after"))
        root = f"http://{request.host}"
        if int(after) - int(first) <= MOST_IN_FILE:
            urls = (f"<url><loc>{root}/{kind}/item/{n}.html</loc></url>" for n in range(int(first), int(after)))
            return web.Response(text=f"<urlset>{''.join(urls)}</urlset>", content_type="application/xml")
        parts = ((n, min(n + MOST_IN_FILE, int(after))) for n in range(int(first), int(after), MOST_IN_FILE))
        maps = (f"<sitemap><loc>{root}/map/{kind}/{low}-{high}.xml</loc></sitemap>" for low, high in parts)
        return web.Response(text=f"<sitemapindex>{''.join(maps)}</sitemapindex>", content_type="application/xml")

    async def main() -> None:
        app = web.Application()
        any_kind = "{kind:" + "|".join(kinds) + "}"
        app.add_routes([web.get(f"/{any_kind}/item/{{n:\\d+}}.html", item),
                        web.get(f"/map/{any_kind}/{{first:\\d+}}-{{after:\\d+}}.xml", sitemap)])  # fmt: skip
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        wire.send(runner.addresses[0][1])
        await asyncio.to_thread(wire.recv)

    asyncio.run(main())


@contextmanager
def marketplace() -> Iterator[str]:
    """The address of the serving process."""
    with serve(seed=11, listings=DISTINCT) as shop:
        pages = {key: filled(fetched(f"{shop.url}/item/{key}.html")) for key in shop.truth}
        prohibited = [pages[key] for key, truth in shop.truth.items() if truth.labels]
        innocent = [pages[key] for key, truth in shop.truth.items() if not truth.labels]
    kinds = {
        "item": list(pages.values()),
        "ld": [page for page in pages.values() if b"ld+json" in page],
        "shop": innocent + prohibited[: len(innocent) // (ONE_IN - 1)],
    }
    here, there = multiprocessing.Pipe()
    process = multiprocessing.Process(target=serve_pages, args=(kinds, there), daemon=True)
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
    """So many pages: of three designs (``item``, ``shop``), or with schema.org data (``ld``)."""
    page = "" if kind == "ld" else "demo"
    start = (f"{root}/map/{kind}/0-{count}.xml",)
    return Source(name="bench", start=start, page=page, rate=10_000, concurrency=16, obey_robots=False)


def by_sitemap(root: str, count: int, kind: str = "item") -> None:
    """Delist over so many pages."""
    assert delist(source_of(root, count, kind)).ledger.fetched == count


def inspected(root: str, count: int) -> None:
    """All that an inspection does, by one crawl process, into a new database."""
    with tempfile.TemporaryDirectory() as folder:
        settings = Path(folder) / "delist.toml"
        start = source_of(root, count, "shop").start[0]
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
        "bare Scrapy, tuned, pages thrown away": (lambda n: peer("tuned", root, n), pages),
        "the same under Delist's own settings": (lambda n: peer("bare", root, n), pages),
        "Delist, schema.org: spool, WARC, ledger": (lambda n: by_sitemap(root, n, "ld"), pages),
        "Delist, three designs: the same": (lambda n: by_sitemap(root, n), pages),
        "Delist, three designs, inspected": (lambda n: inspected(root, n), pages),
        "Scrapy with BeautifulSoup on the page": (lambda n: peer("soup", root, n), max(200, pages // 8)),
    }
    took: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(rounds):
        for name, (run, count) in contenders.items():
            took[name].append(milliseconds(run, count))
    tuned, lean, *_ = took.values()
    print("| 60 KB pages                              | CPU ms/page | of bare | of the 2nd | rounds")
    for name, times in took.items():
        of_tuned, of_lean = (median(map(truediv, times, other)) for other in (tuned, lean))
        rounded = ", ".join(f"{one:.2f}" for one in times)
        print(f"| {name:<40} | {min(times):>11.2f} | {of_tuned:>6.2f}x | {of_lean:>9.2f}x | {rounded}", flush=True)
    *_, whole, soup = took.values()
    for name, times in list(took.items())[2:4]:
        print(f"{name.partition(':')[0]}: {median(map(truediv, soup, times)):.1f} times as fast as BeautifulSoup")
    print(f"inspected, intake and rulebook included: {1000 / min(whole):,.0f} listings a second and core", flush=True)


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


def measure_memory(root: str, pages: int) -> None:
    """The most memory that a crawl takes at 10,000 pages, and at so many more: each in a process of its own."""
    sizes = []
    for count in (10_000, pages):
        command = [sys.executable, "-c", MEMORY, json.dumps(list(source_of(root, count, "ld").start))]
        sizes.append(int(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print(f"{count:>7,} pages: {sizes[-1] / 1024:.0f} MiB at most", flush=True)
    print(f"{pages:,} pages take {sizes[1] / sizes[0] - 1:+.1%} of the memory of 10,000")


def main() -> None:
    """Measure what the options say."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=2000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int, default=0)
    given = parser.parse_args()
    with marketplace() as root:
        if given.memory:
            measure_memory(root, given.memory)
        else:
            compare_pages(root, given.pages, given.rounds)
    if not given.memory:
        measure_records(50_000)


if __name__ == "__main__":
    main()
