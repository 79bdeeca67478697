"""Planning that needs the network: what a sitemap index or an API says there is, as partitions."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

import msgspec
import scrapy
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from scanner.sources import Source, Walker
from spiders.engine import run_spider
from spiders.hosts import Hosts
from spiders.job import CrawlJob, Partition, Probe
from spiders.launch import name_of
from spiders.mapping import Place, answer_of, api_headers, call_of
from spiders.middlewares import Fence
from spiders.probe import SiteProbe
from spiders.rows import BadValue
from spiders.sitemap import MOST_BYTES, NotASitemap, parse_sitemap, sitemaps_in_robots
from spiders.wire import Planned, Probed

logger = logging.getLogger(__name__)

# An index of more files than this is dealt out to so many partitions: each costs a process.
MOST_PARTITIONS = 256
PAGES_IN_PARTITION = 50


def plan(job: CrawlJob) -> Planned:
    """Ask the source's starts what there is; a start that gives no answer is a partition as it stands."""
    if job.source.walker is Walker.API:
        return Planned(_api_partitions(job))
    if job.source.walker is Walker.SITE:
        return Planned(_site_partitions(job))
    spider = run_spider(SitemapSurvey, job.source, job=job)
    found = dict.fromkeys(spider.found if isinstance(spider, SitemapSurvey) else job.source.start)
    return Planned(_dealt(list(found) or list(job.source.start), job.source))


def probe(job: CrawlJob) -> Probed:
    """What there is on the site of the source's first start."""
    spider = run_spider(SiteProbe, job.source, job=job)
    return Probed(spider.probe if isinstance(spider, SiteProbe) else Probe())


def _site_partitions(job: CrawlJob) -> tuple[Partition, ...]:
    """Sitemaps if they list what can be read as listings, else the site by its links. Only a front page has any."""
    if urlsplit(job.source.start[0]).path not in {"", "/"}:
        return (_by_links(job),)
    found = probe(job).probe
    if not found.sitemaps:
        return (_by_links(job),)
    # A share of the limit would be lost on a file that lists no listings: one part has it whole.
    parts = _dealt(list(found.sitemaps), job.source, most=1 if job.source.limit else MOST_PARTITIONS)
    return tuple(msgspec.structs.replace(part, walker=Walker.SITEMAP) for part in parts)


def _by_links(job: CrawlJob) -> Partition:
    return Partition(name=name_of(job.source.start[0]), start=job.source.start, walker=Walker.SITE)


def _dealt(files: list[str], source: Source, *, most: int = MOST_PARTITIONS) -> tuple[Partition, ...]:
    """Some files for each part; those that lie elsewhere go to the first, whose ledger says that they are skipped."""
    fence = Hosts(source.hosts)
    own = [file for file in files if fence.allows(file)] or files
    count = min(len(own), most)
    dealt = [tuple(own[number::count]) for number in range(count)]
    dealt[0] += tuple(file for file in files if file not in own)
    return tuple(Partition(name=name_of(start[0]), start=start) for start in dealt)


def _api_partitions(job: CrawlJob) -> tuple[Partition, ...]:
    """Ranges of pages where the API numbers its pages and says how many items there are; else each start is one."""
    spider = run_spider(ApiSurvey, job.source, job=job)
    totals = spider.totals if isinstance(spider, ApiSurvey) else {}
    partitions = []
    for start in job.source.start:
        total, size = totals.get(start, (0, 0))
        last = -(-total // size) if size else 0
        # Who counts listings must get as many as asked for: else a range of pages would leave holes.
        is_uneven = job.source.api.counts_listings and size != job.source.api.page_size
        if job.source.api.next or is_uneven or last <= PAGES_IN_PARTITION:
            partitions.append(Partition(name=name_of(start), start=(start,), expected=total or None))
            continue
        for first in range(1, last + 1, PAGES_IN_PARTITION):
            end = min(first + PAGES_IN_PARTITION - 1, last)
            count = min(end * size, total) - (first - 1) * size
            name = f"{name_of(start)}-p{first}"
            partitions.append(Partition(name=name, start=(start,), pages=(first, end), expected=count))
    return tuple(partitions)


class ApiSurvey(scrapy.Spider):
    """Asks an API for its first page: how many items there are, and how many come at a time."""

    name: ClassVar[str] = "api-survey"  # type: ignore[misc]  # as in Walk

    def __init__(self, job: CrawlJob, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.job = job
        self.hosts = job.source.hosts
        self.totals: dict[str, tuple[int, int]] = {}

    async def start(self) -> AsyncIterator[Any]:
        """Ask every start."""
        source = self.job.source
        for url in source.start:
            call = call_of(url, source.api, Place())
            yield Request(
                call.url,
                method=source.api.method,
                body=call.body,
                callback=self.on_answer,
                errback=self.on_error,
                headers=api_headers(source),
                cb_kwargs={"root": url},
                dont_filter=True,
            )

    def on_answer(self, response: Response, root: str) -> None:
        """Note what the answer says of the whole."""
        try:
            answer = answer_of(response.body, self.job.source.api)
        except BadValue as error:
            logger.warning("%s: %s", root, error)
            return
        if answer.total and answer.items:
            self.totals[root] = (answer.total, len(answer.items))

    def on_error(self, failure: Failure) -> None:
        """No answer: the crawl of this start will say so on its ledger."""
        logger.warning("no answer: %s", failure.value)


class SitemapSurvey(scrapy.Spider):
    """Looks one level deep: an index becomes its entries, a site's root what its robots.txt names as sitemaps."""

    name: ClassVar[str] = "survey"  # type: ignore[misc]  # as in Walk

    def __init__(self, job: CrawlJob, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.job = job
        self.hosts = job.source.hosts
        self.fence = Fence(self.hosts)
        self.found: list[str] = []

    async def start(self) -> AsyncIterator[Any]:
        """Ask every start."""
        for url in self.job.source.start:
            if urlsplit(url).path in {"", "/"}:
                yield self._ask(urljoin(url, "/robots.txt"), self.on_robots, root=url)
            else:
                yield self._ask(url, self.on_sitemap, root=url)

    def on_robots(self, response: Response, root: str) -> Iterator[Request]:
        """The sitemaps that robots.txt names, or the usual place."""
        named = sitemaps_in_robots(response.body, response.url) if response.status == 200 else ()
        for url in named or (urljoin(root, "/sitemap.xml"),):
            yield self._ask(url, self.on_sitemap, root=url)

    def on_sitemap(self, response: Response, root: str) -> None:
        """An index becomes its entries, those outside the fence too: the crawl reports them as skipped."""
        try:
            sitemap = parse_sitemap(response.body, response.url)
        except NotASitemap as error:
            logger.warning("%s: %s", root, error)
            self.found.append(root)
            return
        self.found += [entry.url for entry in sitemap.entries] if sitemap.is_index else [root]

    def on_error(self, failure: Failure) -> None:
        """No answer: the crawl of this start will say so on its ledger."""
        self.found.append(failure.request.cb_kwargs["root"])  # type: ignore[attr-defined]  # Scrapy puts the request there

    def _ask(self, url: str, callback: Any, *, root: str) -> Request:
        return Request(
            url,
            callback=callback,
            errback=self.on_error,
            cb_kwargs={"root": root},
            meta={"download_maxsize": max(MOST_BYTES, self.job.source.max_bytes)},
            dont_filter=True,
        )
