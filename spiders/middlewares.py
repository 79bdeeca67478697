"""Three manners of the crawl: it stays inside the source's hosts, waits when told to, and goes as slowly as asked.

``Fence`` sees every request on its way out, redirects and robots.txt included. ``Patience`` repeats what may pass.
``CrawlDelay`` keeps what robots.txt asks for between two requests.
"""

from __future__ import annotations

import asyncio
import logging
import time
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Self

from scrapy import Request, signals
from scrapy.crawler import Crawler
from scrapy.downloadermiddlewares.retry import get_retry_request
from scrapy.exceptions import DownloadTimeoutError, IgnoreRequest
from scrapy.extensions.throttle import AutoThrottle
from scrapy.http import Response
from scrapy.robotstxt import RobotParser
from scrapy.utils.misc import load_object

from spiders.hosts import Hosts

logger = logging.getLogger(__name__)

# A wait that the server asks for is honoured up to here; what asks for more is asked again after this long.
LONGEST_WAIT = 30.0
SHORTEST_WAIT = 0.5
# A robots.txt that asks for more between two requests would end a crawl rather than slow it.
LONGEST_DELAY = 60.0


class OutsideTheFence(IgnoreRequest):
    """The address is not on one of the source's hosts, or not a web address at all."""


class Fence(Hosts):
    """Lets out only what goes to the source's own hosts."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The fence that the spider brings with it."""
        return cls(getattr(crawler.spider, "hosts", ()))

    def process_request(self, request: Request) -> None:
        """Drop a request that leads outside, a redirect's as well."""
        if not self.allows(request.url):
            raise OutsideTheFence(f"outside the source's hosts: {request.url[:200]}")


class CrawlDelay:
    """Keeps the ``Crawl-delay`` that a robots.txt asks of us, a minute at most; Scrapy reads it and does nothing.

    RFC 9309 does not know the line, but many sites write it. Where several crawls of a source go on at the same time,
    each waits as many times as long.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._share = crawler.settings.getint("CRAWL_SHARE", 1)
        self._name = str(crawler.settings.get("ROBOTSTXT_USER_AGENT"))

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Listens for what was read."""
        extension = cls(crawler)
        crawler.signals.connect(extension.on_robots, signal=signals.robots_parsed)
        return extension

    def on_robots(self, robotparser: RobotParser, request: Request) -> None:
        """Slow down to what is asked, if that is slower than we are."""
        asked = robotparser.crawl_delay(self._name)
        engine = self.crawler.engine
        if not asked or asked <= 0 or engine is None:
            return
        delay = min(asked, LONGEST_DELAY) * self._share
        _, slot = engine.downloader._get_slot(request)  # noqa: SLF001  # the only way to a slot that is in use
        if delay > slot.delay:
            logger.info("robots.txt asks for %g s between two requests: kept", asked)
            slot.delay = delay
        for extension in self.crawler.extensions.middlewares if self.crawler.extensions else ():
            if isinstance(extension, AutoThrottle):
                # It would go faster where answers come fast.
                extension.mindelay = max(extension.mindelay, delay)


class Patience:
    """Repeats what may pass: 429, 5xx and broken connections, a few times each.

    A wait that one response asks for (429, 503) is kept by all requests: the server means the client, not the page.
    After any other server error only this one page waits.
    """

    def __init__(self, crawler: Crawler) -> None:
        self.crawler = crawler
        self._codes = {int(code) for code in crawler.settings.getlist("RETRY_HTTP_CODES")}
        self._errors = tuple(load_object(kind) for kind in crawler.settings.getlist("RETRY_EXCEPTIONS"))
        self._resume_at = 0.0

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """As Scrapy makes it."""
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Wait while the server wants to be left alone."""
        while (rest := self._resume_at - time.monotonic()) > 0:
            await asyncio.sleep(rest)

    async def process_response(self, request: Request, response: Response) -> Request | Response:
        """Ask again for what may pass; hand on the answer once that has been tried often enough."""
        if response.status not in self._codes:
            return response
        again = self._again(request, f"HTTP {response.status}")
        if again is None:
            return response
        tried = int(again.meta["retry_times"])
        wait = min(_retry_after(response) or SHORTEST_WAIT * 2 ** (tried - 1), LONGEST_WAIT)
        if response.status in {429, 503}:
            self._resume_at = max(self._resume_at, time.monotonic() + wait)
        else:
            await asyncio.sleep(wait)
        return again

    def process_exception(self, request: Request, exception: Exception) -> Request | None:
        """Ask again after a broken connection, at once; after a time-out, which costs the most, but once."""
        if not isinstance(exception, self._errors):
            return None
        if isinstance(exception, DownloadTimeoutError) and request.meta.get("retry_times"):
            return None
        return self._again(request, type(exception).__name__)

    def _again(self, request: Request, reason: str) -> Request | None:
        spider = self.crawler.spider
        return get_retry_request(request, spider=spider, reason=reason) if spider is not None else None


def _retry_after(response: Response) -> float:
    """Seconds asked for by ``Retry-After`` (RFC 9110 §10.2.3: seconds or a date); 0 if none or unreadable."""
    value = (response.headers.get("Retry-After") or b"").decode("latin-1").strip()
    if value.isdigit():
        return float(value[:9])
    try:
        return max(0.0, (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return 0.0
