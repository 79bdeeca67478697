"""Reads the addresses that somebody listed, each as one listing: no link is followed, whatever a page shows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any, ClassVar

from scrapy.http import Request, Response

from spiders.walk import Walk


class AddressWalk(Walk):
    """Every start is the address of a listing."""

    name: ClassVar[str] = "addresses"  # type: ignore[misc]  # as in Walk

    async def start(self) -> AsyncIterator[Any]:
        """Want every start; where none is left to ask for, that is all there is to do."""
        wanted = [self.want(url) for url in self.job.partition.start]
        self.has_begun = not any(wanted)
        for request in self.next_listings():
            yield request

    def on_listing(self, response: Response, asked: str) -> Iterator[Request]:
        """An answer came in, whatever it says: the crawl has begun."""
        self.has_begun = True
        yield from super().on_listing(response, asked)
