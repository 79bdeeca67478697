"""Walks a platform's JSON API page by page: by number or offset within its range, or where an answer leads."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar
from urllib.parse import urljoin

import msgspec
from scrapy.http import Request, Response

from scanner.model import EvidenceRef, Failed, Fetched, Listing, Skipped
from spiders.mapping import Call, Place, answer_of, api_headers, call_of, listing_in, place_after
from spiders.rows import BadValue
from spiders.walk import LONGEST_URL, MOST_LIST_PAGES, Walk


class ApiWalk(Walk):
    """From an API's pages straight to listings: there is nothing else to fetch."""

    name: ClassVar[str] = "api"  # type: ignore[misc]  # as in Walk

    def beginnings(self) -> Iterable[Request]:
        """The first page of the range; its followers come with its answer."""
        first = self.job.partition.pages[0] if self.job.partition.pages else 1
        place = Place(page=first, offset=(first - 1) * self.source.api.page_size)
        for start in self.job.partition.start:
            call = call_of(start, self.source.api, place)
            self.list_urls.add(call.name)
            yield self._request(call, start, place)

    def _request(self, call: Call, start: str, place: Place) -> Request:
        """A request with the platform's token, as evidence-worthy as a listing's page."""
        request = self.list_request(call.url, start=start, place=place)
        request.headers.update(api_headers(self.source))
        request.meta["listing"] = True
        return request.replace(method=self.source.api.method, body=call.body)

    def read_list(self, response: Response) -> Iterator[Request]:
        """Report every item; go on to the next page while there is one."""
        start: str = response.cb_kwargs["start"]
        place: Place = response.cb_kwargs["place"]
        answer = answer_of(response.body, self.source.api)
        read = [self._listing_or_why(item) for item in answer.items]
        is_news = any(isinstance(one, Listing) and self._is_news(one) for one in read)
        evidence = self._evidence(response) if is_news else None
        name = call_of(start, self.source.api, place).name
        new = [self._report(one, f"{name}#{number}", response.url, evidence) for number, one in enumerate(read)]
        if not answer.items or (answer.total is not None and not any(new) and place.page > 1):
            return
        if answer.next if self.source.api.next else self._goes_on(place, any(new)):
            yield from self._next(start, place_after(place, answer, response.url))

    def _next(self, start: str, place: Place) -> Iterator[Request]:
        """The request for the next page, once; what leads outside, or too far, is told."""
        call = call_of(start, self.source.api, place)
        if call.name in self.list_urls or self.recorder.room == 0:
            return
        if not self.fence.allows(call.url):
            self.recorder.at_once(Skipped(url=call.url[:LONGEST_URL], reason="offsite"))
        elif len(self.list_urls) >= MOST_LIST_PAGES:
            self.recorder.at_once(Skipped(url=call.name[:LONGEST_URL], reason="page_cap"))
        else:
            self.list_urls.add(call.name)
            yield self._request(call, start, place)

    def _goes_on(self, place: Place, brought_news: bool) -> bool:
        """Whether a numbered page has a follower: within the range, or while there is something new."""
        last = self.job.partition.pages[1] if self.job.partition.pages else None
        return place.page < last if last is not None else brought_news

    def _listing_or_why(self, item: Any) -> Listing | str:
        """The listing that an item holds, or why it holds none."""
        try:
            return listing_in(item, self.source.api, platform=self.source.platform_name)
        except BadValue as error:
            return str(error)[:300]

    def _is_news(self, listing: Listing) -> bool:
        return not self.recorder.known.has(listing)

    def _report(self, listing: Listing | str, place: str, answered: str, evidence: EvidenceRef | None) -> bool:
        """Report one item, which stands at ``place``; true if it is a listing not met before."""
        if self.recorder.room == 0:
            self.recorder.at_once(Skipped(url=place, reason="limit"))
            return False
        if isinstance(listing, str):
            self.recorder.at_once(Failed(url=place, reason="bad_item", detail=listing))
            return False
        if not self.recorder.discover(listing.listing_id):
            return False
        url = urljoin(answered, listing.url) if listing.url else place
        listing = msgspec.structs.replace(listing, url=url, seen_at=datetime.now(UTC))
        self.recorder.settle(listing.listing_id, Fetched(listing=listing, evidence=evidence))
        return True

    def _evidence(self, response: Response) -> EvidenceRef | None:
        headers, body = response.meta["as_sent"]
        return self.recorder.keep(response.url, response.status, headers, body, str(response.ip_address or ""))
