"""Looks at a site that nobody has described: which sitemaps it has, and whether its pages can be read as listings.

A few requests, as polite as a crawl: robots.txt, the sitemaps it names or the usual places, then a sample of what they
list, a few pages of each shape of address. Without a useful sitemap, the front page and what looks like listings on it.
"""

from __future__ import annotations

import logging
from collections import defaultdict
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urljoin, urlsplit

import scrapy
from scrapy.http import Request, Response

from scanner.errors import PageError
from scanner.model import Gone, Listing
from spiders.browser import rendering
from spiders.job import CrawlJob, Probe, Sample
from spiders.middlewares import Fence
from spiders.pages import Document, NotAListing, Page, link_pattern_of, read_page
from spiders.pages.identity import listing_id_of
from spiders.pages.links import links_of, shape_of
from spiders.pages.own_offer import has_own_offer, may_be_a_list
from spiders.sitemap import MOST_BYTES, NotASitemap, Sitemap, parse_sitemap, sitemaps_in_robots

logger = logging.getLogger(__name__)

USUAL_PLACES = ("/sitemap.xml", "/sitemap_index.xml", "/sitemap.xml.gz")
# So many sitemap files are read to sample them, so many shapes of address are tried, so many pages of each.
MOST_FILES = 6
MOST_SHAPES = 6
PAGES_OF_A_SHAPE = 2


class SiteProbe(scrapy.Spider):
    """Fills ``probe``; a request that fails is a sample that failed."""

    name: ClassVar[str] = "probe"  # type: ignore[misc]  # as in Walk

    def __init__(self, job: CrawlJob, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.job = job
        self.source = job.source
        self.hosts = job.source.hosts
        self.fence = Fence(self.hosts)
        self.pattern = link_pattern_of(self.source.page, self.source.link_pattern)
        self.probe = Probe()
        self.entry = ""
        self.why = ""

    async def start(self) -> AsyncIterator[Any]:
        """Look at the first start; the requests are made here, one after the other, and none is left to yield."""
        self.probe = await self._look(self.source.start[0])
        nothing_left: tuple[Request, ...] = ()
        for request in nothing_left:
            yield request

    async def _look(self, start: str) -> Probe:
        is_list = urlsplit(start).path not in {"", "/"}
        if is_list and (sample := await self._one_listing(start)) is not None:
            return Probe(urls=1, samples=(sample,), is_listing=True)
        files, urls, count = ([], [], 0) if is_list else await self._sitemaps(start)
        samples = await self._samples(spread(urls)) if urls else ()
        if any(sample.listing for sample in samples):
            return Probe(sitemaps=tuple(files), entry=self.entry, urls=count, samples=samples)
        links = await self._front_page(start)
        why = self.why
        more = await self._samples([url for url in links if self.fence.allows(url)][: 2 * PAGES_OF_A_SHAPE])
        if samples and not any(sample.listing for sample in more) and all(one.is_failed for one in samples):
            # Nothing could be read at all: what the sitemaps list is still the better account of what there is.
            return Probe(sitemaps=tuple(files), entry=self.entry, urls=count, samples=samples)
        return Probe(urls=len(links), samples=(*more, *samples), why=why)

    async def _one_listing(self, start: str) -> Sample | None:
        """The start as a sample, if it is a listing and not a list of them."""
        response = await self._get(start, **rendering(self.source))
        sample = self._read(response, start)
        if response is None or sample.listing is None:
            return None
        document = Document(_page(response, start))
        others = links_of(document, link_pattern=self.pattern).listings
        is_one = not may_be_a_list(sample.listing, others) or has_own_offer(document, others, sample.listing.price)
        return sample if is_one else None

    async def _sitemaps(self, start: str) -> tuple[list[str], list[str], int]:
        """The sitemap files, addresses out of the first few of them, and how many addresses there are, about."""
        robots = await self._get(urljoin(start, "/robots.txt"))
        named = sitemaps_in_robots(robots.body, robots.url) if robots is not None and robots.status == 200 else ()
        places = [urljoin(start, place) for place in USUAL_PLACES]
        waiting, files = list(named or places), []
        urls: list[str] = []
        read = 0
        while waiting:
            url = waiting.pop(0)
            if read >= MOST_FILES:
                files.append(url)
                continue
            sitemap = await self._sitemap(url)
            if sitemap is None:
                if named or files:
                    files.append(url)
                continue
            read += 1
            self.entry = self.entry or (urljoin(start, "/") if named else url)
            # Of the usual places only the first that holds a sitemap counts; the others repeat it.
            waiting = [other for other in waiting if named or other not in places]
            if sitemap.is_index:
                waiting += [entry.url for entry in sitemap.entries if entry.url not in waiting]
                continue
            files.append(url)
            urls += [entry.url for entry in sitemap.entries if self.fence.allows(entry.url)]
        files = list(dict.fromkeys(files))
        return files, urls, len(urls) * len(files) // max(1, min(read, len(files)))

    async def _sitemap(self, url: str) -> Sitemap | None:
        response = await self._get(url)
        if response is None or response.status != 200:
            return None
        try:
            return parse_sitemap(response.body, response.url)
        except NotASitemap as error:
            logger.warning("%s: %s", url, error)
            return None

    async def _front_page(self, start: str) -> Sequence[str]:
        self.why = ""
        response = await self._get(start, **rendering(self.source))
        if response is None or response.status != 200:
            self.why = self.why or (f"HTTP status {response.status}" if response is not None else "")
            return ()
        try:
            links = links_of(Document(_page(response, start)), link_pattern=self.pattern)
        except PageError:
            return ()
        return links.listings

    async def _samples(self, urls: Sequence[str]) -> tuple[Sample, ...]:
        return tuple([await self._sample(url) for url in urls])

    async def _sample(self, url: str) -> Sample:
        return self._read(await self._get(url, **rendering(self.source)), url)

    def _read(self, response: Response | None, url: str) -> Sample:
        if response is None:
            return Sample(url=url, outcome="failed", why="no answer")
        try:
            page = _page(response, url, listing_id=listing_id_of(url, self.pattern))
            found = read_page(page, platform=self.source.platform_name, refine=self.source.page)
        except PageError as error:
            return Sample(url=url, outcome="failed", why=str(error)[:200])
        except Exception as error:  # a hostile page is a finding here, not the end of the look
            logger.exception("the page function failed on %s", url)
            return Sample(url=url, outcome="failed", why=type(error).__name__)
        if isinstance(found, Listing):
            return Sample(url=url, outcome="listing", listing=found)
        outcome = {Gone: "gone", NotAListing: "not_a_listing"}[type(found)]
        return Sample(url=url, outcome=outcome, why=found.why)

    async def _get(self, url: str, **known: Any) -> Response | None:
        """One response, or none for whatever reason; the log says which. What is no web address is not even asked."""
        if not self.fence.allows(url):
            logger.warning("%s: outside the source's hosts", url[:200])
            return None
        meta = {**known, "download_maxsize": max(MOST_BYTES, self.source.max_bytes)}
        request = Request(url, meta=meta, dont_filter=True)
        try:
            return await self.crawler.engine.download_async(request)
        except Exception as error:  # noqa: BLE001  # refused, outside the fence, robots, time-out: no answer
            logger.warning("%s: %s: %s", url, type(error).__name__, error)
            self.why = (str(error) or type(error).__name__)[:200]
            return None


def spread(urls: Sequence[str]) -> list[str]:
    """A few addresses of each of the most frequent shapes."""
    shapes: dict[str, list[str]] = defaultdict(list)
    for url in urls:
        shapes[shape_of(url)].append(url)
    largest = sorted(shapes.values(), key=len, reverse=True)[:MOST_SHAPES]
    return [url for group in largest for url in dict.fromkeys((group[0], group[len(group) // 2]))][
        : MOST_SHAPES * PAGES_OF_A_SHAPE
    ]


def _page(response: Response, asked: str, *, listing_id: str = "") -> Page:
    return Page(
        body=response.body,
        url=response.url,
        asked=asked,
        status=response.status,
        content_type=(response.headers.get("Content-Type") or b"").decode("latin-1"),
        seen_at=datetime.now(UTC),
        listing_id=listing_id,
    )
