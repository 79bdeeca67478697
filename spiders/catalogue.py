"""Walks a shop's own lists: category, search and shop pages, from page to page, to the listings they link to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, ClassVar

from scrapy.http import Request, Response

from scanner.model import Skipped
from spiders.pages import Document, Page
from spiders.pages.links import links_of
from spiders.walk import Walk

# A chain of list pages that show nothing new for so long has no end worth waiting for.
MOST_BARREN = 10


class CatalogueWalk(Walk):
    """From list pages to listings; which links are which is said by the source's patterns, or seen."""

    name: ClassVar[str] = "catalogue"  # type: ignore[misc]  # as in Walk

    def list_request(self, url: str, **known: Any) -> Request:
        """Where listings need a browser, lists do as well."""
        request = super().list_request(url, **known)
        request.meta.update(self.rendering)
        return request

    def read_list(self, response: Response) -> Iterator[Request]:
        """Want every listing; follow further list pages unless they have long shown nothing new."""
        barren = int(response.cb_kwargs.get("barren", 0))
        content_type = (response.headers.get("Content-Type") or b"").decode("latin-1")
        document = Document(Page(body=response.body, url=response.url, content_type=content_type))
        links = links_of(document, link_pattern=self.link_pattern, next_pattern=self.source.next_pattern)
        new = [self.want(url) for url in links.listings]
        barren = 0 if any(new) else barren + 1
        if barren < MOST_BARREN:
            yield from self.more_lists(links.lists, barren=barren)
            return
        for url in links.lists:
            if url not in self.list_urls:
                self.list_urls.add(url)
                self.recorder.at_once(Skipped(url=url, reason="endless"))
