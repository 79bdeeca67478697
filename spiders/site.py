"""Walks a site that nobody has described, by its links: every page is read, and is a listing if it looks like one.

What looks like a listing on a list page is read first, then further list pages, then everything else on the site. A
start that is not the front page is one listing if it has an offer of its own; else it is taken as a list: only its
listings and its further pages are followed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

import re2
from scrapy.http import Request, Response

from scanner.errors import PageError
from scanner.model import Fetched, Skipped
from spiders.pages import Document, Page
from spiders.pages.links import Links, all_links, links_of, shape_of
from spiders.pages.own_offer import has_own_offer, may_be_a_list
from spiders.recorder import Recorder
from spiders.waiting import Waiting
from spiders.walk import LONGEST_URL, Walk

# After so many pages of one shape without a listing, or a new link to one, the rest of them is left out.
MOST_BARREN = 30
MOST_PAGES = 100_000
_TRACKING = re2.compile(r"(?i)^(?:utm_\w+|gclid|fbclid|mc_[ce]id|ref|phpsessid|sid|sessionid|jsessionid)$")
_FILES = re2.compile(
    r"(?i)\.(?:jpe?g|png|gif|webp|avif|svg|ico|css|js|json|xml|gz|zip|rar|7z|pdf|docx?|xlsx?|mp[34]|webm|woff2?|ttf)$"
)
# Pages for one visitor, and links that do something.
_PRIVATE = re2.compile(
    r"(?i)/(?:cart|basket|checkout|log-?in|log-?out|sign-?in|sign-?up|register|my-?account|accounts?|wish-?list|"
    r"compare|password(?:-reset)?|admin)(?:[/.?-]|$)|[?&](?:add-to-cart|add_to_cart|action)="
)


class SiteWalk(Walk):
    """From the front page to every listing that links lead to."""

    name: ClassVar[str] = "site"  # type: ignore[misc]  # as in Walk

    def __init__(self, recorder: Recorder, **arguments: Any) -> None:
        super().__init__(recorder, **arguments)
        self.later = Waiting(self.job.spool)
        self.met: set[int] = set()
        self.shown: set[int] = set()
        self.barren: Counter[str] = Counter()
        self.starts = frozenset(plain(start) for start in self.job.partition.start)
        self.wanders = any(urlsplit(start).path in {"", "/"} for start in self.job.partition.start)

    async def start(self) -> AsyncIterator[Any]:
        """Begin with the starts, which are pages like all others."""
        for url in self.job.partition.start:
            self._meet(url, self.pending)
        for request in self.next_listings():
            yield request

    def on_listing(self, response: Response, asked: str) -> Iterator[Request]:
        """A page came in: what it is, and where it leads."""
        self.in_flight.discard(asked)
        with self._disk():
            outcome = self.outcome(response, asked)
            if isinstance(outcome, Fetched | Skipped):
                self.has_begun = True
                links, rest = self._links(response)
                outcome = self._judged(outcome, asked, links, response)
                self.recorder.settle(asked, outcome)
                self._follow(links, rest, asked, is_list=isinstance(outcome, Skipped))
            else:
                self.recorder.settle(asked, outcome)
            yield from self.next_listings()

    def waited_for(self) -> Iterator[str]:
        """What may wait as well."""
        yield from super().waited_for()
        yield from self.later.drain()

    def next_listings(self) -> Iterator[Request]:
        """What may wait has its turn when nothing better does."""
        while self.later and (self.recorder.room == 0 or len(self.pending) < self.window):
            self.pending.append(self.later.popleft())
        yield from super().next_listings()

    def _judged(self, outcome: Fetched | Skipped, asked: str, links: Links, response: Response) -> Fetched | Skipped:
        """What looked like a listing is none after all:

        1. where the source says which addresses are listings, and this is none of them;
        2. else where no list page shows it as one, its price is only read off the text, and it shows several
           others with theirs: a list whose first price was taken for its own. A start, which nothing shows, is kept
           if its price stands beside its headline and on none of the others' cards.
        """
        if isinstance(outcome, Skipped):
            return outcome
        if self.pattern is not None:
            return outcome if self.pattern.search(asked) else Skipped(url=asked, reason="not_a_listing")
        if hash(asked) in self.shown or not may_be_a_list(outcome.listing, links.listings):
            return outcome
        if asked in self.starts and has_own_offer(_document(response), links.listings, outcome.listing.price):
            return outcome
        return Skipped(url=asked, reason="not_a_listing")

    def _links(self, response: Response) -> tuple[Links, tuple[str, ...]]:
        """Where a page leads: listings and lists, and everything."""
        document = _document(response)
        try:
            links = links_of(document, link_pattern=self.link_pattern, next_pattern=self.source.next_pattern)
            return links, all_links(document) if self.wanders else ()
        except PageError:
            return Links((), ()), ()

    def _follow(self, links: Links, rest: tuple[str, ...], asked: str, *, is_list: bool) -> None:
        found = self._follow_all(links if is_list else Links((), ()), rest)
        shape = shape_of(asked)
        self.barren[shape] = 0 if found or not is_list else self.barren[shape] + 1

    def _follow_all(self, links: Links, rest: tuple[str, ...]) -> bool:
        """True if a link to a listing was among them that is new."""
        self.shown.update(hash(plain(url)) for url in links.listings)
        news = [self._meet(url, self.pending) for url in links.listings]
        for url in links.lists:
            self._meet(url, self.pending)
        for url in rest:
            self._meet(url, self.later)
        return any(news)

    def _meet(self, url: str, queue: Waiting) -> bool:
        """Put a page into ``queue`` unless it was met before; true if it was put there. What is left out is told."""
        url = plain(url)
        if self.recorder.room == 0 or hash(url) in self.met:
            return False
        self.met.add(hash(url))
        if reason := self._left_out(url):
            self.recorder.at_once(Skipped(url=url[:LONGEST_URL], reason=reason))
            return False
        if self.recorder.discover(url):
            queue.append(url)
        return True

    def _left_out(self, url: str) -> str:
        if len(url) > LONGEST_URL or not self.fence.allows(url):
            return "offsite"
        if _FILES.search(urlsplit(url).path):
            return "not_a_page"
        if _PRIVATE.search(url):
            return "private"
        if self.barren[shape_of(url)] >= MOST_BARREN:
            return "endless"
        return "page_cap" if len(self.met) > MOST_PAGES else ""


def plain(url: str) -> str:
    """``url`` without fragment and without what only tells the shop where a visitor came from."""
    url = url.partition("#")[0]
    if "?" not in url:
        return url
    parts = urlsplit(url)
    kept = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _TRACKING.search(pair[0])]
    return urlunsplit(parts._replace(query=urlencode(kept)))


def _document(response: Response) -> Document:
    content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
    return Document(Page(body=response.body, url=response.url, content_type=content_type))
