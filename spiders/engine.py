"""Runs one Scrapy spider in this process, which then has done its service: a reactor starts but once."""

from __future__ import annotations

import gc
import logging

from scrapy import Spider
from scrapy.core.downloader.handlers import http11
from scrapy.crawler import AsyncCrawlerProcess

from scanner.sources import Source, Walker
from spiders.addresses import AddressWalk
from spiders.api import ApiWalk
from spiders.catalogue import CatalogueWalk
from spiders.job import FINISHED, CrawlJob
from spiders.recorder import Recorder
from spiders.settings import scrapy_settings
from spiders.site import SiteWalk
from spiders.sitemap import SitemapWalk
from spiders.walk import Walk

logger = logging.getLogger(__name__)

# So many new objects before they are looked through: those of some ten pages.
GARBAGE = 10_000

WALKS: dict[Walker, type[Walk]] = {
    Walker.SITEMAP: SitemapWalk,
    Walker.CATALOGUE: CatalogueWalk,
    Walker.API: ApiWalk,
    Walker.SITE: SiteWalk,
    Walker.ADDRESSES: AddressWalk,
}


# Scrapy imports it when the first request is sent, from so deep a stack that its deprecated names, each of which looks
# the whole stack through for where it stands, take as long as all the rest.
_ = http11


def run_spider(kind: type[Spider], source: Source, *, share: int = 1, **arguments: object) -> Spider | None:
    """Crawl until the spider is done or told to stop; the spider as it was at the end, none if it never came to be."""
    process = AsyncCrawlerProcess(scrapy_settings(source, share=share))
    crawler = process.create_crawler(kind)
    process.crawl(crawler, **arguments)
    process.start()
    return crawler.spider


def crawl(job: CrawlJob, recorder: Recorder) -> tuple[str, str]:
    """Crawl the job's partition; the finish reason and a detail."""
    _collect_garbage_less_often()
    spider = run_spider(WALKS[job.walker], job.source, share=job.share, recorder=recorder)
    if not isinstance(spider, Walk):
        return "crashed", "the spider could not be made"
    if spider.disk_error is not None:
        return "spool_failed", str(spider.disk_error)
    if spider.finish_reason == FINISHED and not spider.has_begun:
        return "start_failed", _why_not_begun(recorder)
    return spider.finish_reason or "crashed", ""


def _why_not_begun(recorder: Recorder) -> str:
    if "robots" in recorder.coverage.statement().skipped:
        return "robots.txt asks crawlers to stay away; if the site is your own: obey_robots = false in its source"
    return "none of the pages to begin with could be read"


def _collect_garbage_less_often() -> None:
    """What is imported stays, and a response makes a thousand objects: looking them all through, as often as Python
    does, costs a tenth of a crawl."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(GARBAGE, 10, 10)
