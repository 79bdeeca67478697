"""The simulated marketplace, told through its administration; a model for an adapter of one's own."""

from __future__ import annotations

import json
from urllib.parse import quote, urlencode

from scanner.orders import Answer, Order, Receipt, Seen, Way, Weight, is_about_seller
from scanner.platforms.http import Client, gone_or_unknown, receipt_of
from scanner.platforms.looking import leads_to, look_at_page, look_at_seller, look_in_api, look_in_list

_PAGE, _SEARCH, _API, _SHOP = "detail page", "search", "public API", "shop page"
_STATES = {"hide": "hidden", "restore": "live", "close_account": "closed", "reopen_account": "open"}
_NAME = "The marketplace"


class Demo:
    """``url`` is the shop's, ``token`` that of its administration. Its lists may lag ``lag_seconds`` behind."""

    actions = frozenset(_STATES)

    def __init__(self, url: str, token: str, *, client: Client, lag_seconds: float = 900) -> None:
        self._url, self._token, self._client = url.rstrip("/"), token, client
        self.ways = (
            Way(name=_PAGE, weight=Weight.TRUTH),
            Way(name=_SEARCH, weight=Weight.COUNTS, lag_seconds=lag_seconds),
            Way(name=_API, weight=Weight.COUNTS),
        )
        self.seller_ways = (Way(name=_SHOP, weight=Weight.TRUTH),)

    def send(self, order: Order) -> Receipt:
        """One POST; the key makes a repetition harmless."""
        if order.action not in self.actions:
            says = f"{_NAME} cannot {order.action} a listing or a seller: it hides listings, and closes accounts."
            return Receipt(answer=Answer.REFUSED, says=says)
        headers = self._headers | {"Idempotency-Key": order.key}
        body = json.dumps({"reason": order.reason}).encode()
        reply = self._client.call("POST", f"{self._url}/admin/{_place_of(order)}", headers=headers, body=body)
        if receipt := receipt_of(reply, name=_NAME):
            return receipt
        if reply.status in {404, 410}:
            return gone_or_unknown(reply, order, name=_NAME)
        state = reply.json.get("state") if isinstance(reply.json, dict) else None
        if state != _STATES[order.action]:
            says = f"{_NAME} answered {reply.status}, and not that it is {_STATES[order.action]}."
            return Receipt(answer=Answer.REFUSED, status=reply.status, says=says)
        return Receipt(answer=Answer.ACCEPTED, status=reply.status, says=f"{_NAME} says: {state}.")

    def probe(self) -> Receipt:
        """Its clock: harmless, and behind the same token."""
        reply = self._client.call("GET", f"{self._url}/admin/clock", headers=self._headers)
        receipt = receipt_of(reply, name=_NAME)
        return receipt or Receipt(answer=Answer.ACCEPTED, status=reply.status, says=f"{_NAME} is there.")

    def look(self, order: Order, way: Way) -> Seen:
        """Its page, what search finds for its title, and the public API; of a seller the shop's page."""
        if way.name == _SHOP:
            return look_at_seller(self._client, f"{self._url}/shop/{quote(order.seller_id, safe='')}", order)
        if way.name == _PAGE:
            return look_at_page(self._client, f"{self._url}/item/{order.listing_id}.html", order, refine="demo")
        if way.name == _API:
            return look_in_api(self._client, f"{self._url}/api/listings/{quote(order.listing_id, safe='')}")
        return look_in_list(self._client, f"{self._url}/search?{urlencode({'q': order.title})}", leads_to(order))

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}", "Content-Type": "application/json"}


def _place_of(order: Order) -> str:
    """Where in the administration an order goes."""
    if is_about_seller(order.action):
        return f"sellers/{quote(order.seller_id, safe='')}/{order.action.removesuffix('_account')}"
    return f"listings/{quote(order.listing_id, safe='')}/{order.action}"
