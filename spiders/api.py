"""Walks a platform's JSON API page by page: by number within the partition's range, or wherever an answer says next."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from typing import Any, ClassVar

import msgspec
from scrapy.http import Request, Response

from scanner.model import EvidenceRef, Failed, Fetched, Listing, Skipped
from spiders.mapping import answer_of, api_headers, listing_in, next_url, page_url
from spiders.rows import BadValue
from spiders.walk import Walk


class ApiWalk(Walk):
    """From an API's pages straight to listings: there is nothing else to fetch."""

    name: ClassVar[str] = "api"  # type: ignore[misc]  # as in Walk

    def beginnings(self) -> Iterable[Request]:
        """The first page of the range; its followers come with its answer."""
        first = self.job.partition.pages[0] if self.job.partition.pages else 1
        for start in self.job.partition.start:
            yield self.list_request(page_url(start, self.source.api, first), start=start, page=first)

    def list_request(self, url: str, **known: Any) -> Request:
        """A request with the platform's token, as evidence-worthy as a listing's page."""
        request = super().list_request(url, **known)
        request.headers.update(api_headers(self.source))
        request.meta["listing"] = True
        return request

    def read_list(self, response: Response) -> Iterator[Request]:
        """Report every item; go on to the next page while there is one."""
        start, page = str(response.cb_kwargs["start"]), int(response.cb_kwargs["page"])
        answer = answer_of(response.body, self.source.api)
        read = [self._listing_or_why(item) for item in answer.items]
        is_news = any(isinstance(one, Listing) and self._is_news(one) for one in read)
        evidence = self._evidence(response) if is_news else None
        new = [self._report(one, number, response.url, evidence) for number, one in enumerate(read)]
        if not answer.items or (answer.total is not None and not any(new) and page > 1):
            return
        if answer.next:
            yield from self.more_lists(
                [next_url(response.url, self.source.api, answer.next)], start=start, page=page + 1
            )
        elif not self.source.api.next and self._goes_on(page, any(new)):
            yield from self.more_lists([page_url(start, self.source.api, page + 1)], start=start, page=page + 1)

    def _goes_on(self, page: int, brought_news: bool) -> bool:
        """Whether a numbered page has a follower: within the range, or while there is something new."""
        last = self.job.partition.pages[1] if self.job.partition.pages else None
        return page < last if last is not None else brought_news

    def _listing_or_why(self, item: Any) -> Listing | str:
        """The listing that an item holds, or why it holds none."""
        try:
            return listing_in(item, self.source.api, platform=self.source.platform_name)
        except BadValue as error:
            return str(error)[:300]

    def _is_news(self, listing: Listing) -> bool:
        return not self.recorder.known.has(listing)

    def _report(self, listing: Listing | str, number: int, url: str, evidence: EvidenceRef | None) -> bool:
        """Report one item; true if it is a listing not met before."""
        place = f"{url}#{number}"
        if self.recorder.room == 0:
            self.recorder.at_once(Skipped(url=place, reason="limit"))
            return False
        if isinstance(listing, str):
            self.recorder.at_once(Failed(url=place, reason="bad_item", detail=listing))
            return False
        if not self.recorder.discover(listing.listing_id):
            return False
        listing = msgspec.structs.replace(listing, url=listing.url or place, seen_at=datetime.now(UTC))
        self.recorder.settle(listing.listing_id, Fetched(listing=listing, evidence=evidence))
        return True

    def _evidence(self, response: Response) -> EvidenceRef | None:
        headers, body = response.meta["as_sent"]
        return self.recorder.keep(response.url, response.status, headers, body, str(response.ip_address or ""))
