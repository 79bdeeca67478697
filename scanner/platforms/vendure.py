"""Vendure (3), told through its admin GraphQL API by a token or an API key.

How it misleads, each met on a real shop: nearly everything is answered 200, so only an answer without ``errors`` that
says ``enabled: false`` counts; the bulk mutation changes some products and answers with an error, so products are told
one at a time; ``search`` lags behind a queue, so ``product`` is the truth; and it knows a name only in the language
that it is asked in, so a name in another script that it does not find proves nothing.
"""

from __future__ import annotations

import json
from typing import Any

import re2

from scanner.orders import Answer, Order, Receipt, Seen, Shows, Way, Weight
from scanner.platforms.http import Client, Reply, gone_or_unknown, receipt_of
from scanner.platforms.looking import captures_of, unseen

_PRODUCT, _LIST, _SEARCH = "product", "product list", "search"
_ENABLED = {"hide": False, "restore": True}
_NUMBER = re2.compile(r"^(?:[0-9A-Za-z_-]+/)*([0-9A-Za-z-]{1,64})/?$")
_NAME = "The shop"

_UPDATE = "mutation D($input: UpdateProductInput!) { updateProduct(input: $input) { id enabled } }"
_PROBE = "{ products(options: {take: 1}) { totalItems } }"
_QUERIES = {
    _PRODUCT: "query P($id: ID!) { product(id: $id) { id name } }",
    _LIST: "query L($id: String!) { products(options: {filter: {id: {eq: $id}}}) { totalItems items { id } } }",
    _SEARCH: "query S($term: String!) { search(input: {term: $term, groupByProduct: true, take: 100})"
    " { totalItems items { productId } } }",
}
# SQLite's search ignores shorter words and then finds everything.
_SHORTEST_TERM = 3
_CHINESE = ("zh_Hans", "zh_Hant", "zh")
# What a probe asks for.
_NOTHING = Order(key="", action="", listing_id="")


class Vendure:
    """``url`` is the server's; ``token`` a bearer token of a session, or an API key, which has a colon in it."""

    actions = frozenset(_ENABLED)
    # Its sellers can be renamed and deleted, not closed, and the shop API knows none: a person does it by hand.
    seller_ways: tuple[Way, ...] = ()

    def __init__(self, url: str, token: str, *, client: Client, lag_seconds: float = 900) -> None:
        self._url, self._token, self._client = url.rstrip("/"), token, client
        self.ways = (
            Way(name=_PRODUCT, weight=Weight.TRUTH),
            Way(name=_LIST, weight=Weight.COUNTS),
            Way(name=_SEARCH, weight=Weight.COUNTS, lag_seconds=lag_seconds),
        )

    def send(self, order: Order) -> Receipt:
        """One mutation for one product, which may be repeated."""
        if order.action not in self.actions:
            return Receipt(answer=Answer.REFUSED, says=f"{_NAME} cannot {order.action} a product, only disable it.")
        wanted = _ENABLED[order.action]
        reply = self._ask("admin-api", _UPDATE, {"input": {"id": number_of(order), "enabled": wanted}})
        if receipt := self._refusal(reply, order):
            return receipt
        product = _data(reply, "updateProduct")
        if not isinstance(product, dict) or product.get("enabled") is not wanted:
            says = f"{_NAME} answered {reply.status}, but does not say enabled = {wanted}: nothing was changed."
            return Receipt(answer=Answer.REFUSED, status=reply.status, says=says)
        state = "enabled again" if wanted else "disabled"
        return Receipt(answer=Answer.ACCEPTED, status=reply.status, says=f"{_NAME} says that it is {state}.")

    def probe(self) -> Receipt:
        """A query that needs the right to read the catalogue."""
        reply = self._ask("admin-api", _PROBE, {})
        refusal = self._refusal(reply, _NOTHING)
        return refusal or Receipt(answer=Answer.ACCEPTED, status=reply.status, says=f"{_NAME} is there.")

    def look(self, order: Order, way: Way) -> Seen:
        """The shop API without credentials: the product, the list of products, and search."""
        number = number_of(order)
        if way.name == _SEARCH and len(order.title.strip()) < _SHORTEST_TERM:
            return unseen((), "its title is too short to be searched for")
        if way.name == _SEARCH and not order.title.isascii():
            return self._search_in_languages(order, number)
        variables = {"term": order.title} if way.name == _SEARCH else {"id": number}
        return self._look("shop-api", way.name, variables, number)

    def _search_in_languages(self, order: Order, number: str) -> Seen:
        """A name that is not in Latin letters is looked for in the shop's own language, and in Chinese."""
        seen: list[Seen] = []
        for api in ("shop-api", *(f"shop-api?languageCode={code}" for code in _CHINESE)):
            seen.append(self._look(api, _SEARCH, {"term": order.title}, number))
            if seen[-1].shows is Shows.PRESENT:
                return seen[-1]
        captures = tuple(capture for one in seen for capture in one.captures)
        says = "no search finds that name, which it may not know in its language"
        return Seen(shows=Shows.UNKNOWN, says=says, captures=captures)

    def _look(self, api: str, name: str, variables: dict[str, Any], number: str) -> Seen:
        reply = self._ask(api, _QUERIES[name], variables, is_anonymous=True)
        body = reply.json if isinstance(reply.json, dict) else {}
        if reply.status != 200 or body.get("errors") or not isinstance(body.get("data"), dict):
            return unseen((reply,), f"the shop API could not be read: {reply.trouble or _said(reply) or reply.status}")
        shows, says = _judge(name, body["data"], number)
        return Seen(shows=shows, says=says, captures=captures_of((reply,)))

    def _refusal(self, reply: Reply, order: Order) -> Receipt | None:
        """What an answer means that is no success; errors come with status 200."""
        if receipt := receipt_of(reply, name=_NAME):
            return receipt
        if reply.status in {404, 410}:
            says = f"{_NAME} has no admin API at this address: mend its url in delist.toml."
            return Receipt(answer=Answer.REFUSED, status=reply.status, says=says)
        code = _code(reply)
        if code == "ENTITY_NOT_FOUND":
            return gone_or_unknown(reply, order, name=_NAME)
        if code in {"FORBIDDEN", "UNAUTHORIZED"}:
            says = f"{_NAME} does not accept our token: renew it, or give it the right to update products."
            return Receipt(answer=Answer.DENIED, status=reply.status, says=says)
        if code == "INTERNAL_SERVER_ERROR":
            return Receipt(
                answer=Answer.FAILED, status=reply.status, says=f"{_NAME} broke on this order: {_said(reply)}."
            )
        if code:
            says = f"{_NAME} will not do this order: {_said(reply)}."
            return Receipt(answer=Answer.REFUSED, status=reply.status, says=says)
        return None

    def _ask(self, api: str, query: str, variables: dict[str, Any], *, is_anonymous: bool = False) -> Reply:
        body = json.dumps({"query": query, "variables": variables}).encode()
        headers = {"Content-Type": "application/json"} | ({} if is_anonymous else self._credentials)
        return self._client.call("POST", f"{self._url}/{api}", headers=headers, body=body)

    @property
    def _credentials(self) -> dict[str, str]:
        if ":" in self._token:
            return {"vendure-api-key": self._token}
        return {"Authorization": f"Bearer {self._token}"}


def number_of(order: Order) -> str:
    """The product's id: the last part of the listing's id, which may be a path."""
    found = _NUMBER.search(order.listing_id)
    return str(found.group(1)) if found else order.listing_id


def _judge(name: str, data: dict[str, Any], number: str) -> tuple[Shows, str]:
    if name == _PRODUCT:
        return (Shows.PRESENT, "the shop gives it") if data.get("product") else (Shows.ABSENT, "the shop gives nothing")
    found = data.get("products" if name == _LIST else "search")
    items = found.get("items") if isinstance(found, dict) else None
    if not isinstance(found, dict) or not isinstance(items, list):
        return Shows.UNKNOWN, "the answer is no list"
    ids = {str(item.get("id", item.get("productId"))) for item in items if isinstance(item, dict)}
    if number in ids:
        return Shows.PRESENT, "it is in the list"
    total = found.get("totalItems")
    if isinstance(total, int) and total > len(items):
        return Shows.UNKNOWN, f"not among the first {len(items)} of {total}"
    return Shows.ABSENT, "it is not in the list"


def _data(reply: Reply, name: str) -> Any:
    body = reply.json
    data = body.get("data") if isinstance(body, dict) else None
    return data.get(name) if isinstance(data, dict) else None


def _error(reply: Reply) -> dict[str, Any]:
    body = reply.json
    errors = body.get("errors") if isinstance(body, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    return first if isinstance(first, dict) else {}


def _code(reply: Reply) -> str:
    error = _error(reply)
    extensions = error.get("extensions")
    return str(extensions.get("code", "ERROR")) if isinstance(extensions, dict) else "ERROR" if error else ""


def _said(reply: Reply) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in str(_error(reply).get("message", ""))[:200]).rstrip(
        "."
    )
