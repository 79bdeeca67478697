"""Looking for a listing as anybody may: on its own page, in a list of search results, in a public API.

What is seen is one of three: the listing, its absence, or nothing certain. A page that asks whether we are human,
breaks off or answers 500 is nothing certain, never an absence.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import parse_qsl, quote, unquote, urljoin, urlsplit

from scanner.errors import PageError
from scanner.model import Gone, Listing
from scanner.orders import Capture, Order, Seen, Shows
from scanner.platforms.http import Client, Reply
from spiders.pages import Document, Page, read_page
from spiders.pages.notice import says_blocked

_MOST_PAGES = 5
# Query parameters that say what was searched for, and so repeat the listing's name on a page that does not have it.
_ASKED = frozenset({"q", "query", "search", "keyword", "keywords", "text", "term", "title"})


def filled(template: str, order: Order) -> str:
    """An address with the listing's id and title, or the seller's number, in it, each quoted."""
    values = {"{id}": order.listing_id, "{title}": order.title, "{seller}": order.seller_id}
    for place, value in values.items():
        template = template.replace(place, quote(value, safe=""))
    return template


def unseen(replies: tuple[Reply, ...], why: str) -> Seen:
    """Nothing certain, and why."""
    return Seen(shows=Shows.UNKNOWN, says=why, captures=captures_of(replies))


def captures_of(replies: tuple[Reply, ...]) -> tuple[Capture, ...]:
    """The answers that came, as evidence."""
    return tuple(reply.capture for reply in replies if reply.status)


def look_at_page(client: Client, url: str, order: Order, *, refine: str = "") -> Seen:
    """The listing's own page.

    1. 404, 410, a page that says so, or a way back to the front page: absent.
    2. A page with an offer: present, unless we were sent on to another listing's page.
    3. Anything else is nothing certain.
    """
    if not url:
        return unseen((), "its address is not known")
    replies = client.look(url)
    last = replies[-1]
    if last.status == 0:
        return unseen(replies, f"the page could not be read: {last.trouble}")
    is_elsewhere = last.url != url and order.listing_id not in unquote(last.url)
    page = Page(body=last.body, url=last.url, asked=url, status=last.status, content_type=last.header("content-type"))
    try:
        found = read_page(page, platform="look", refine=refine)
    except PageError as error:
        return unseen(replies, f"the page cannot be judged: {error}"[:300])
    if isinstance(found, Gone):
        return Seen(shows=Shows.ABSENT, says=f"the page is gone ({found.why})", captures=captures_of(replies))
    if isinstance(found, Listing) and is_elsewhere:
        return Seen(shows=Shows.ABSENT, says=f"the page leads to {last.url[:200]}", captures=captures_of(replies))
    if isinstance(found, Listing):
        return Seen(shows=Shows.PRESENT, says="the page offers it", captures=captures_of(replies))
    return unseen(replies, f"the page is there and shows no offer ({found.why})")


def look_at_seller(client: Client, url: str, order: Order) -> Seen:
    """The seller's own page.

    1. 404, 410, a page that says so, or a way back to the front page: absent.
    2. A page that names the seller: present.
    3. Anything else is nothing certain.
    """
    replies = client.look(url)
    last = replies[-1]
    if last.status == 0:
        return unseen(replies, f"the seller's page could not be read: {last.trouble}")
    page = Page(body=last.body, url=last.url, asked=url, status=last.status, content_type=last.header("content-type"))
    try:
        found = read_page(page, platform="look")
        is_blocked = not isinstance(found, Gone) and says_blocked(Document(page))
        names = () if isinstance(found, Gone) else _names_in(Document(page).text, order)
    except PageError as error:
        return unseen(replies, f"the seller's page cannot be judged: {error}"[:300])
    captures = captures_of(replies)
    if isinstance(found, Gone):
        return Seen(shows=Shows.ABSENT, says=f"the seller's page is gone ({found.why})", captures=captures)
    if names and not is_blocked:
        return Seen(shows=Shows.PRESENT, says="the seller's page is there", captures=captures)
    return unseen(replies, "the page does not name the seller")


def _names_in(text: str, order: Order) -> tuple[str, ...]:
    """By which names of the seller the text calls the seller."""
    return tuple(name for name in (order.seller_id, order.seller_name) if name and _has_word(text, name))


def look_in_list(client: Client, url: str, is_it: Callable[[str], bool]) -> Seen:
    """A list of search results, or of a category, page by page: is there a link to the listing?"""
    seen: list[Reply] = []
    while url and len(seen) < _MOST_PAGES:
        reply = client.look(url)[-1]
        seen.append(reply)
        if reply.status != 200:
            why = reply.trouble or f"it answered {reply.status}"
            return unseen(tuple(seen), f"the list could not be read: {why}")
        try:
            links, url = _links(reply)
        except PageError as error:
            return unseen(tuple(seen), f"the list cannot be judged: {error}"[:300])
        if any(is_it(link) for link in links):
            return Seen(
                shows=Shows.PRESENT, says=f"page {len(seen)} of the list links to it", captures=captures_of((reply,))
            )
    captures = captures_of(tuple(seen))
    if url:
        return Seen(shows=Shows.UNKNOWN, says=f"not on the first {_MOST_PAGES} pages of the list", captures=captures)
    return Seen(shows=Shows.ABSENT, says=f"no link to it on {len(seen)} page(s) of the list", captures=captures)


def look_in_api(client: Client, url: str) -> Seen:
    """A listing in a public API: 200 with an object is present, 404 and 410 are absent."""
    replies = client.look(url, headers={"Accept": "application/json"})
    last = replies[-1]
    if last.status in {404, 410}:
        return Seen(shows=Shows.ABSENT, says=f"the API answers {last.status}", captures=captures_of(replies))
    if last.status == 200 and isinstance(last.json, dict) and last.json:
        return Seen(shows=Shows.PRESENT, says="the API gives it", captures=captures_of(replies))
    return unseen(replies, f"the API could not be read: {last.trouble or f'it answered {last.status}'}")


def leads_to(order: Order) -> Callable[[str], bool]:
    """Whether an address is the listing's: its own URL, or one with its id as a word in the path or as a parameter."""
    return partial(_leads_to, order)


def _leads_to(order: Order, link: str) -> bool:
    if order.url and link.partition("#")[0] == order.url:
        return True
    try:
        parts = urlsplit(link)
    except ValueError:
        return False
    values = [value for name, value in parse_qsl(parts.query) if name.lower() not in _ASKED]
    return order.listing_id in values or _has_word(unquote(parts.path), order.listing_id)


def _has_word(text: str, word: str) -> bool:
    start = text.find(word) if word else -1
    while start >= 0:
        before, after = text[start - 1 : start], text[start + len(word) : start + len(word) + 1]
        if not before.isalnum() and not after.isalnum():
            return True
        start = text.find(word, start + 1)
    return False


def _links(reply: Reply) -> tuple[list[str], str]:
    """All links of a page, and the one to the next page on the same host. Raises ``PageError`` for what is no list."""
    document = Document(Page(body=reply.body, url=reply.url, content_type=reply.header("content-type")))
    tree = document.tree
    if tree is None or says_blocked(document):
        raise PageError(f"{reply.url}: it asks whether we are human, or is empty")
    anchors = list(tree.iter("a", "link"))
    links = [urljoin(reply.url, anchor.get("href", "")) for anchor in anchors if anchor.get("href")]
    following = (urljoin(reply.url, anchor.get("href", "")) for anchor in anchors if anchor.get("rel") == "next")
    after = next(following, "")
    return links, after if urlsplit(after).netloc == urlsplit(reply.url).netloc else ""
