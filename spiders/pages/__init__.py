"""From a page's bytes to a ``Listing``, ``Gone`` or ``NotAListing``: pure functions over saved bytes.

``read_page`` is the door. It asks a platform's own page function (``refine``) first for what it knows better, and the
generic chain for the rest.
"""

from __future__ import annotations

from scanner.errors import PageError
from scanner.model import Gone, Listing
from spiders.pages import chain, demo
from spiders.pages.document import Document
from spiders.pages.identity import is_home, listing_id_of
from spiders.pages.notice import says_blocked, says_gone
from spiders.pages.page import BLOCKED, NotAListing, Page

__all__ = ["Document", "NotAListing", "Page", "known_refinements", "link_pattern_of", "listing_id_of", "read_page"]

# A platform's own page functions, by the name that a source gives in ``page``; and which addresses are its listings,
# where the source does not say: the first group is the platform's own listing id.
REFINEMENTS: dict[str, chain.Method] = {"demo": demo.refine}
LINK_PATTERNS: dict[str, str] = {"demo": demo.LINK_PATTERN}

_GONE = {404: "404", 410: "410"}


def link_pattern_of(refine: str, given: str = "") -> str:
    """The pattern that tells listings' addresses: the source's own, else its page function's; empty if neither."""
    return given or LINK_PATTERNS.get(refine, "")


def known_refinements() -> frozenset[str]:
    """The names of the platforms' own page functions, as a source's ``page`` may give them."""
    return frozenset(REFINEMENTS)


def read_page(page: Page, *, platform: str, refine: str = "") -> Listing | Gone | NotAListing:
    """What ``page`` shows.

    Policy, first that applies:

    1. 404 and 410 are gone; any other status but 200 is no page at all: ``PageError``.
    2. A listing's address that leads to the front page is gone.
    3. What is not HTML raises ``PageError``.
    4. A page without a price that asks for a proof of humanity is no listing, but ``blocked``: it was not seen.
    5. A page without an offer that says so (sold, removed) is gone; without an offer it is not a listing.
    6. Everything else is a listing, with as many fields as were found.
    """
    listing_id = page.listing_id or listing_id_of(page.asked or page.url, link_pattern_of(refine))
    if why := _gone_by_answer(page):
        return Gone(platform=platform, listing_id=listing_id, url=page.asked or page.url, why=why, seen_at=page.seen_at)
    if page.status != 200:
        raise PageError(f"{page.url}: HTTP status {page.status}")
    document = Document(page)
    facts, provenance = chain.collect(document, REFINEMENTS.get(refine))
    if "price" not in facts and says_blocked(document):
        return NotAListing(url=page.url, why=BLOCKED)
    if not facts.get("title"):
        return NotAListing(url=page.url, why="no title")
    if "price" not in facts:
        if says_gone(document):
            return Gone(platform=platform, listing_id=listing_id, url=page.url, why="banner", seen_at=page.seen_at)
        if not chain.is_offer(document, provenance):
            return NotAListing(url=page.url, why="no offer")
    return chain.listing_of(facts, provenance, document, platform=platform, listing_id=listing_id)


def _gone_by_answer(page: Page) -> str:
    if page.status in _GONE:
        return _GONE[page.status]
    if page.asked and page.asked != page.url and is_home(page.url) and not is_home(page.asked):
        return "redirect"
    return ""
