"""Scrapy's settings for a source: politeness, limits, and what was measured to matter on Scrapy 2.19."""

from __future__ import annotations

from typing import Any

from scanner.sources import Source
from spiders.browser import browser_settings

USER_AGENT = "Delist/0.1 (marketplace self-inspection)"
# Faster than this, the platform has agreed a rate: no probing of latency, and no timer between two requests.
AGREED_RATE = 100.0
UNTIMED_RATE = 500.0
RETRY_TIMES = 2
REDIRECTS = 5
DEPTH = 1000


def scrapy_settings(source: Source, *, share: int = 1) -> dict[str, Any]:
    """What a crawl of ``source`` runs with. It is one of ``share`` at the same time: its rate is that part of all."""
    delay = 0.0 if source.rate >= UNTIMED_RATE else share / source.rate
    return {
        **_QUIET,
        **_LEAN,
        "USER_AGENT": USER_AGENT,
        "ROBOTSTXT_OBEY": source.obey_robots,
        "ROBOTSTXT_USER_AGENT": "Delist",
        "CRAWL_SHARE": share,
        "CONCURRENT_REQUESTS": source.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": source.concurrency,
        "DOWNLOAD_DELAY": delay,
        "DOWNLOAD_DELAY_JITTER": 0,
        "AUTOTHROTTLE_ENABLED": source.rate < AGREED_RATE,
        "AUTOTHROTTLE_START_DELAY": delay,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(source.concurrency),
        "DOWNLOAD_TIMEOUT": source.request_seconds,
        "DOWNLOAD_MAXSIZE": source.max_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_FAIL_ON_DATALOSS": True,
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "RETRY_TIMES": RETRY_TIMES,
        "REDIRECT_MAX_TIMES": REDIRECTS,
        "DEPTH_LIMIT": DEPTH,
        **(browser_settings(source) if source.render else {}),
    }


# No listening sockets, no cookies, no state, no feeds: the child answers to its parent and to nobody else.
_QUIET: dict[str, Any] = {
    "TELNETCONSOLE_ENABLED": False,
    "REMOTE_CONTROL_ENABLED": False,
    "COOKIES_ENABLED": False,
    "HTTPCACHE_ENABLED": False,
    "LOG_LEVEL": "INFO",
    "LOGSTATS_INTERVAL": 0,
    "STATS_DUMP": False,
    "WARN_ON_GENERATOR_RETURN_VALUE": False,
}

# Scrapy's parts that a crawl works with, and no others: what is turned off in the usual way is imported all the same,
# which is a third of a crawl's start, and what counts and refers costs with every page.
#
# CONCURRENT_ITEMS: Scrapy 2.19 makes that many tasks for every response; 1 instead of 100 is worth half as many pages
# again. The spiders keep their own account of what they have seen, their own counts, their own fence, and their own
# longest address; they judge every status themselves, and repeat by a patience of their own. The page after which a
# listing is fetched did not lead to it: nothing refers to it.
_LEAN: dict[str, Any] = {
    "CONCURRENT_ITEMS": 1,
    "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
    "DOWNLOADER_MIDDLEWARES_BASE": {
        "spiders.middlewares.Fence": 50,
        "scrapy.downloadermiddlewares.robotstxt.RobotsTxtMiddleware": 100,
        "scrapy.downloadermiddlewares.downloadtimeout.DownloadTimeoutMiddleware": 350,
        "scrapy.downloadermiddlewares.defaultheaders.DefaultHeadersMiddleware": 400,
        "spiders.middlewares.Patience": 550,
        "scrapy.downloadermiddlewares.httpcompression.HttpCompressionMiddleware": 590,
        "scrapy.downloadermiddlewares.redirect.RedirectMiddleware": 600,
    },
    "SPIDER_MIDDLEWARES_BASE": {"scrapy.spidermiddlewares.start.StartSpiderMiddleware": 25},
    "EXTENSIONS_BASE": {
        "scrapy.extensions.memusage.MemoryUsage": 0,
        "scrapy.extensions.throttle.AutoThrottle": 0,
        "spiders.middlewares.CrawlDelay": 0,
    },
    "DEFAULT_REQUEST_HEADERS": {
        "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
        "Accept-Language": "en",
        "User-Agent": USER_AGENT,
    },
    "DOWNLOAD_HANDLERS": {"data": None, "file": None, "ftp": None, "s3": None},
}
