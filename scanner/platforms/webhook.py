"""Any platform at all, told by a signed webhook; docs/webhook.md is the receiver's contract.

The signature is HMAC-SHA-256 over the timestamp, a full stop and the body, as in ``Delist-Signature: v1=<hex>``. A
receiver refuses a timestamp more than five minutes off, so that a call which somebody has recorded cannot be repeated
later; the same order under the same key must have one effect, however often it comes.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from scanner.orders import AGAINST_SELLERS, Answer, Order, Receipt, Seen, Way, Weight, is_about_seller
from scanner.platforms.http import Client, gone_or_unknown, receipt_of, told
from scanner.platforms.looking import (
    filled,
    leads_to,
    look_at_page,
    look_at_seller,
    look_in_api,
    look_in_list,
    unseen,
)
from scanner.takedown.telling import PlatformSettings

_PAGE, _LIST, _API, _SHOP = "detail page", "list", "public API", "seller's page"
_NAME = "The platform"
_OF_LISTING = ("listing_id", "url", "title", "seller_id", "reason", "clause")
_OF_SELLER = ("seller_id", "seller_name", "measure", "until", "reason", "clause")
_PING = Order(key="ping", action="ping", listing_id="")


def signature(secret: str, timestamp: str, body: bytes) -> str:
    """What ``Delist-Signature`` holds for a body sent at ``timestamp`` (seconds since 1970)."""
    return "v1=" + hmac.new(secret.encode(), timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()


class Webhook:
    """Tells ``settings.url``; ``secret`` is shared with the receiver. Looks go where the settings say."""

    actions = frozenset({"hide", "restore", "restrict", "unrestrict", *AGAINST_SELLERS, *AGAINST_SELLERS.values()})

    def __init__(
        self,
        settings: PlatformSettings,
        secret: str,
        *,
        client: Client,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._settings, self._secret, self._client, self._clock = settings, secret, client, clock
        ways = [Way(name=_PAGE, weight=Weight.TRUTH)]
        lists = Way(name=_LIST, weight=Weight.COUNTS, lag_seconds=settings.lag_seconds)
        ways += [lists] if settings.list_url else []
        ways += [Way(name=_API, weight=Weight.COUNTS)] if settings.api_url else []
        self.ways = tuple(ways)
        self.seller_ways = (Way(name=_SHOP, weight=Weight.TRUTH),) if settings.seller_url else ()

    def send(self, order: Order) -> Receipt:
        """One signed POST, with the listing or the seller."""
        about, names = ("seller", _OF_SELLER) if is_about_seller(order.action) else ("listing", _OF_LISTING)
        return self._tell(order, **{about: {name: getattr(order, name) for name in names}})

    def probe(self) -> Receipt:
        """The action ``ping``, which has no effect."""
        return self._tell(_PING)

    def look(self, order: Order, way: Way) -> Seen:
        """The listing's page, list and API, and the seller's page, where the settings have an address for them."""
        settings = self._settings
        if way.name == _SHOP:
            return look_at_seller(self._client, filled(settings.seller_url, order), order)
        if way.name == _LIST:
            return look_in_list(self._client, filled(settings.list_url, order), leads_to(order))
        if way.name == _API:
            return look_in_api(self._client, filled(settings.api_url, order))
        url = filled(settings.page_url, order) if settings.page_url else order.url
        return look_at_page(self._client, url, order) if url else unseen((), "the listing's address is not known")

    def _tell(self, order: Order, **about: object) -> Receipt:
        """A redirect is refused, because it would take the signature elsewhere."""
        body = msgspec.json.encode({"key": order.key, "action": order.action, **about}, order="deterministic")
        timestamp = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": order.key,
            "Delist-Timestamp": timestamp,
            "Delist-Signature": signature(self._secret, timestamp, body),
        }
        reply = self._client.call("POST", self._settings.url, headers=headers, body=body)
        if receipt := receipt_of(reply, name=_NAME):
            return receipt
        if reply.status in {404, 410}:
            return gone_or_unknown(reply, order, name=_NAME)
        answer = reply.json if isinstance(reply.json, dict) else {}
        if answer.get("state") == "already":
            return Receipt(answer=Answer.ALREADY, status=reply.status, says=f"{_NAME} says that it was so already.")
        if answer.get("state") == "refused":
            says = f"{_NAME} will not do this order{told(reply)}."
            return Receipt(answer=Answer.REFUSED, status=reply.status, says=says)
        return Receipt(answer=Answer.ACCEPTED, status=reply.status, says=f"{_NAME} has taken the order.")
