"""What all walkers over the network share: they find listings on list pages, fetch them, and report each outcome.

A walker says where to begin (``beginnings``) and how to read a list page (``read_list``). It calls ``want`` for every
listing it meets; from there on each URL ends as exactly one observation. URLs wait on disk, not as Scrapy requests, so
that a sitemap of 50,000 takes no more memory than one of 500.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, ClassVar, Self

import scrapy
from scrapy import signals
from scrapy.crawler import Crawler
from scrapy.exceptions import CloseSpider
from scrapy.http import Request, Response
from twisted.python.failure import Failure

from scanner.errors import PageError
from scanner.model import Failed, Fetched, Gone, Listing, Observation, Skipped, Unchanged
from spiders.browser import rendering
from spiders.failures import error_in, outcome_of
from spiders.job import CrawlJob
from spiders.known import validator_of
from spiders.middlewares import Fence
from spiders.pages import NotAListing, Page, link_pattern_of, read_page
from spiders.pages.identity import compiled, listing_id_of
from spiders.recorder import Recorder, no_listing
from spiders.waiting import Waiting

logger = logging.getLogger(__name__)

LIST_PRIORITY = 10
MOST_LIST_PAGES = 20_000
LONGEST_URL = 4096


class Walk(scrapy.Spider):
    """A Scrapy spider that reports to a ``Recorder`` and yields nothing but requests."""

    name: ClassVar[str] = "walk"  # type: ignore[misc]  # Scrapy declares it for instances

    def __init__(self, recorder: Recorder, **arguments: Any) -> None:
        super().__init__(**arguments)
        self.recorder = recorder
        self.job: CrawlJob = recorder.job
        self.source = self.job.source
        self.hosts = self.source.hosts
        self.fence = Fence(self.hosts)
        self.rendering = rendering(self.source)
        self.link_pattern = link_pattern_of(self.source.page, self.source.link_pattern)
        self.pattern = compiled(self.link_pattern) if self.link_pattern else None
        self.pending = Waiting(self.job.spool)
        self.in_flight: set[str] = set()
        recorder.waited_for = self.waited_for
        self.window = max(16, 2 * self.source.concurrency)
        self.list_pages = 0
        self.list_urls: set[str] = set()
        self.has_begun = False
        self.disk_error: OSError | None = None
        self.finish_reason = ""

    @classmethod
    def from_crawler(cls, crawler: Crawler, *args: Any, **kwargs: Any) -> Self:
        """Connect to what Scrapy tells: responses as sent, the start, the end."""
        spider = super().from_crawler(crawler, *args, **kwargs)
        crawler.signals.connect(spider.on_downloaded, signal=signals.response_downloaded)
        crawler.signals.connect(spider.on_opened, signal=signals.spider_opened)
        return spider

    # What a walker says of itself.

    def beginnings(self) -> Iterable[Request]:
        """The requests to begin with."""
        return [self.list_request(url) for url in self.job.partition.start if self.fence.allows(url)]

    def read_list(self, response: Response) -> Iterator[Request]:
        """Call ``want`` for each listing on a list page and yield requests for further list pages."""
        raise NotImplementedError  # each walker has its own; this class itself is never started

    # What walkers use.

    def list_request(self, url: str, **known: Any) -> Request:
        """A request for a list page."""
        return Request(
            url,
            callback=self.on_list,
            errback=self.on_list_error,
            cb_kwargs=known,
            priority=LIST_PRIORITY,
            dont_filter=True,
        )

    def more_lists(self, urls: Iterable[str], **known: Any) -> Iterator[Request]:
        """Requests for list pages not yet asked for, up to the cap, while there is room for listings."""
        for url in urls:
            if self.recorder.room == 0 or url in self.list_urls:
                continue
            if not self.fence.allows(url):
                self.recorder.at_once(Skipped(url=url[:LONGEST_URL], reason="offsite"))
            elif len(self.list_urls) >= MOST_LIST_PAGES:
                self.recorder.at_once(Skipped(url=url[:LONGEST_URL], reason="page_cap"))
            else:
                self.list_urls.add(url)
                yield self.list_request(url, **known)

    def want(self, url: str, changed_at: datetime | None = None) -> bool:
        """A listing was discovered at ``url``; true if it is new and will be fetched.

        Policy, first that applies: outside the source's hosts, no listing by the source's pattern, met before: skipped;
        not changed since it was read, and the job takes the platform's word for that: unchanged; otherwise it waits
        its turn.
        """
        url = url.partition("#")[0]
        if reason := self._unwanted(url):
            self.recorder.at_once(Skipped(url=url[:LONGEST_URL], reason=reason))
            return False
        if not self.recorder.discover(url):
            return False
        listing_id = self.id_of(url)
        if self.job.asks_for_changes and changed_at and self.recorder.known.is_since(changed_at, listing_id):
            unchanged = Unchanged(platform=self.source.platform_name, listing_id=listing_id, url=url)
            self.recorder.settle(url, unchanged)
            return False
        self.pending.append(url)
        return True

    def id_of(self, url: str) -> str:
        """The listing's id as far as its address tells."""
        return listing_id_of(url, self.link_pattern)

    def _unwanted(self, url: str) -> str:
        if len(url) > LONGEST_URL or not self.fence.allows(url):
            return "offsite"
        return "not_a_listing" if self.pattern is not None and not self.pattern.search(url) else ""

    # How it runs.

    async def start(self) -> AsyncIterator[Any]:
        """Begin with the list pages. Those that lie elsewhere are skipped; where all do, that is all there is to do."""
        elsewhere = [url for url in self.job.partition.start if not self.fence.allows(url)]
        for url in elsewhere:
            self.recorder.at_once(Skipped(url=url[:LONGEST_URL], reason="offsite"))
        self.has_begun = len(elsewhere) == len(self.job.partition.start)
        for request in self.beginnings():
            self.list_urls.add(request.url)
            yield request

    def on_opened(self) -> None:
        """Look at the clock now and then, whatever comes in."""
        asyncio.get_running_loop().call_later(0.5, self._tick)

    def _tick(self) -> None:
        if self.finish_reason:
            return
        try:
            self.recorder.tick()
        except OSError as error:
            self.disk_error = error
        asyncio.get_running_loop().call_later(0.5, self._tick)

    def on_downloaded(self, response: Response, request: Request) -> None:
        """Remember a listing's response as the server sent it: later stages undo its content encoding in place."""
        self.recorder.coverage.page(len(response.body))
        if "listing" in request.meta and response.status == 200:
            # What a browser made of a page is no longer what was sent, and evidence of it says so.
            extra = [("Delist-Rendered", "chromium")] if "playwright" in response.flags else []
            headers = extra + [(name.decode("latin-1"), value.decode("latin-1"))
                       for name, values in response.headers.items() for value in values]  # fmt: skip
            request.meta["as_sent"] = (headers, response.body)

    def on_list(self, response: Response, **_: Any) -> Iterator[Request]:
        """A list page came in."""
        with self._disk():
            yield from self._read_list(response)
            yield from self.next_listings()

    def on_list_error(self, failure: Failure) -> Iterator[Request]:
        """A list page did not come in."""
        url = str(failure.request.url)  # type: ignore[attr-defined]  # Scrapy puts the request there
        outcome = outcome_of(error_in(failure), url)
        with self._disk():
            if isinstance(outcome, Skipped):
                self.recorder.at_once(outcome)
            else:
                self._list_failed(url, outcome.reason, outcome.detail)
            yield from self.next_listings()

    def _read_list(self, response: Response) -> Iterator[Request]:
        if response.status != 200:
            self._list_failed(response.url, f"http_{response.status}")
            return
        try:
            yield from self.read_list(response)
            self.has_begun = True
        except OSError:
            raise
        except Exception as error:  # whatever a hostile list page breaks, the crawl goes on
            logger.exception("list page %s could not be read", response.url)
            self._list_failed(response.url, "page_function_error", f"{type(error).__name__}: {error}"[:300])

    def next_listings(self) -> Iterator[Request]:
        """Requests for the listings whose turn it is."""
        while self.pending and len(self.in_flight) < self.window:
            room = self.recorder.room
            if room == 0:
                return self._skip_pending()
            if room is not None and len(self.in_flight) >= room:
                return
            url = self.pending.popleft()
            self.in_flight.add(url)
            asks = self.recorder.known.headers(self.id_of(url)) if self.job.asks_for_changes else {}
            yield Request(
                url,
                headers=asks,
                callback=self.on_listing,
                errback=self.on_listing_error,
                cb_kwargs={"asked": url},
                meta={"listing": True, **self.rendering},
                dont_filter=True,
            )

    def on_listing(self, response: Response, asked: str) -> Iterator[Request]:
        """A listing's page came in."""
        self.in_flight.discard(asked)
        with self._disk():
            self.recorder.settle(asked, self.outcome(response, asked))
            yield from self.next_listings()

    def on_listing_error(self, failure: Failure) -> Iterator[Request]:
        """A listing's page did not come in."""
        asked = failure.request.cb_kwargs["asked"]  # type: ignore[attr-defined]  # Scrapy puts the request there
        self.in_flight.discard(asked)
        with self._disk():
            self.recorder.settle(asked, outcome_of(error_in(failure), asked))
            yield from self.next_listings()

    def outcome(self, response: Response, asked: str) -> Observation:
        """What a listing's page turns out to be; nothing it holds can stop the crawl."""
        if response.status == 304:
            return Unchanged(platform=self.source.platform_name, listing_id=self.id_of(asked), url=asked)
        if response.status not in {200, 404, 410}:
            return Failed(url=asked, reason=f"http_{response.status}")
        if self.rendering and (not self.fence.allows(response.url) or len(response.body) > self.source.max_bytes):
            # A browser follows redirects by itself, and knows no limit.
            return Failed(url=asked, reason="too_large" if self.fence.allows(response.url) else "led_offsite")
        page = Page(
            body=response.body,
            url=response.url,
            asked=asked,
            status=response.status,
            content_type=(response.headers.get("Content-Type") or b"").decode("latin-1"),
            seen_at=datetime.now(UTC),
            listing_id=self.id_of(asked),
        )
        try:
            found = read_page(page, platform=self.source.platform_name, refine=self.source.page)
        except PageError as error:
            return Failed(url=asked, reason="unreadable", detail=str(error)[:300])
        except Exception as error:  # a page function's fault is a finding, not the end of the crawl
            logger.exception("the page function failed on %s", asked)
            return Failed(url=asked, reason="page_function_error", detail=f"{type(error).__name__}: {error}"[:300])
        if isinstance(found, NotAListing):
            return no_listing(found, asked)
        if not found.listing_id:
            return _of_front_page(found, asked, response.status)
        return self._fetched(found, response) if isinstance(found, Listing) else found

    def _fetched(self, listing: Listing, response: Response) -> Fetched:
        as_sent, validator = response.meta.get("as_sent"), validator_of(response)
        if as_sent is None or self.recorder.known.has(listing):
            return Fetched(listing=listing, validator=validator)
        headers, body = as_sent
        evidence = self.recorder.keep(response.url, response.status, headers, body, str(response.ip_address or ""))
        return Fetched(listing=listing, evidence=evidence, validator=validator)

    def _list_failed(self, url: str, reason: str, detail: str = "") -> None:
        """A list page that cannot be read hides listings: that goes on the ledger as well."""
        self.recorder.at_once(Failed(url=url[:LONGEST_URL], reason=f"list_{reason}", detail=detail))

    def _skip_pending(self) -> None:
        for url in self.pending.drain():
            self.recorder.settle(url, Skipped(url=url, reason="limit"))

    def waited_for(self) -> Iterator[str]:
        """What was discovered and has no outcome yet."""
        yield from self.in_flight
        yield from self.pending.drain()

    @contextmanager
    def _disk(self) -> Iterator[None]:
        """What cannot be written ends the crawl: an outcome that is not on record is none."""
        try:
            yield
        except OSError as error:
            self.disk_error = error
            raise CloseSpider("spool_failed") from error

    def closed(self, reason: str) -> None:
        """Scrapy has ended, and why."""
        self.finish_reason = reason


def _of_front_page(found: Listing | Gone, asked: str, status: int) -> Failed | Skipped:
    """A site's front page has no name that a listing could go by: it is a list, and missing it is no mere absence."""
    if isinstance(found, Listing):
        return Skipped(url=asked, reason="not_a_listing")
    return Failed(url=asked, reason=f"http_{status}" if status != 200 else "front_page_gone")
