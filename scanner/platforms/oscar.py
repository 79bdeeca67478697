"""django-oscar, told through django-oscar-api's administration (3.3), which wants a staff token.

How it misleads, each met on a real shop: a misspelt field is answered 200 and changes nothing; an address without its
last slash is redirected, and the redirect drops the body; the public API goes on showing what the shop hides. So only
the field in the answer counts as accepted, no redirect is followed, and the public API is evidence that nobody judges
by.
"""

from __future__ import annotations

import json
from urllib.parse import urlencode, urlsplit

import re2

from scanner.orders import Answer, Order, Receipt, Seen, Way, Weight
from scanner.platforms.http import Client, gone_or_unknown, receipt_of
from scanner.platforms.looking import look_at_page, look_in_api, look_in_list, unseen

_PAGE, _SEARCH, _API = "detail page", "search", "public API"
_PUBLIC = {"hide": False, "restore": True}
# Its product pages end in the product's number: /catalogue/red-lamp_17/
_NUMBER = re2.compile(r"^(?:[^/.]+/)*(?:[^/.]*_)?([0-9]{1,18})/?$")
_PRODUCT_LINK = re2.compile(r"/catalogue/[^/]*_([0-9]{1,18})/?$")
_NAME = "The shop"


class Oscar:
    """``url`` is where the shop begins, ``token`` a staff member's with the right to change products."""

    actions = frozenset(_PUBLIC)
    # Its partners have no pages, and its API closes no accounts: a person does that in the dashboard.
    seller_ways: tuple[Way, ...] = ()

    def __init__(self, url: str, token: str, *, client: Client, lag_seconds: float = 900) -> None:
        self._url, self._token, self._client = url.rstrip("/"), token, client
        self.ways = (
            Way(name=_PAGE, weight=Weight.TRUTH),
            Way(name=_SEARCH, weight=Weight.COUNTS, lag_seconds=lag_seconds),
            Way(name=_API, weight=Weight.TOLD),
        )

    def send(self, order: Order) -> Receipt:
        """A PATCH of one field, which may be repeated; done only if the answer says so in that field."""
        number = number_of(order)
        if order.action not in self.actions:
            return Receipt(answer=Answer.REFUSED, says=f"{_NAME} cannot {order.action} a product, only hide it.")
        if not number:
            return Receipt(answer=Answer.REFUSED, says=f"{order.listing_id} has no product number in it.")
        wanted = _PUBLIC[order.action]
        url, body = f"{self._url}/api/admin/products/{number}/", json.dumps({"is_public": wanted}).encode()
        reply = self._client.call("PATCH", url, headers=self._headers, body=body)
        if receipt := receipt_of(reply, name=_NAME):
            return receipt
        if reply.status in {404, 410}:
            return gone_or_unknown(reply, order, name=_NAME)
        if not isinstance(reply.json, dict) or reply.json.get("is_public") is not wanted:
            says = f"{_NAME} answered {reply.status}, but does not say is_public = {wanted}: nothing was changed."
            return Receipt(answer=Answer.REFUSED, status=reply.status, says=says)
        state = "public again" if wanted else "no longer public"
        return Receipt(answer=Answer.ACCEPTED, status=reply.status, says=f"{_NAME} says that it is {state}.")

    def probe(self) -> Receipt:
        """One product of the administration's list."""
        reply = self._client.call("GET", f"{self._url}/api/admin/products/?limit=1", headers=self._headers)
        receipt = receipt_of(reply, name=_NAME)
        return receipt or Receipt(answer=Answer.ACCEPTED, status=reply.status, says=f"{_NAME} is there.")

    def look(self, order: Order, way: Way) -> Seen:
        """Its page (any slug leads there), the site's search, and the public API."""
        number = number_of(order)
        if not number:
            return unseen((), "it has no product number")
        if way.name == _PAGE:
            return look_at_page(self._client, f"{self._url}/catalogue/x_{number}/", self._as_seen(order, number))
        if way.name == _API:
            return look_in_api(self._client, f"{self._url}/api/products/{number}/")
        if not order.title.isascii():
            return unseen((), "its search does not find other than Latin words")
        url = f"{self._url}/search/?{urlencode({'q': order.title})}"
        return look_in_list(self._client, url, lambda link: _product_of(link) == number)

    @staticmethod
    def _as_seen(order: Order, number: str) -> Order:
        """The order with the number by which the shop's own links name the product."""
        return Order(key=order.key, action=order.action, listing_id=number, title=order.title)

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Token {self._token}", "Content-Type": "application/json"}


def _product_of(link: str) -> str:
    """The number of the product that a link leads to; categories, which end in numbers too, are none."""
    found = _PRODUCT_LINK.search(urlsplit(link).path)
    return str(found.group(1)) if found else ""


def number_of(order: Order) -> str:
    """The product's number: the listing's id, or what it or its address ends in; empty where there is none."""
    found = _NUMBER.search(order.listing_id)
    return str(found.group(1)) if found else _product_of(order.url)
