"""Reads a JSON API's answers by the source's JMESPath expressions. Knows neither Scrapy nor the network."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any, cast
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError

from scanner.errors import SettingsError
from scanner.model import Listing
from scanner.settings import ApiMapping, Source
from spiders.pages import fragment
from spiders.rows import BadValue, listing_of


def api_headers(source: Source) -> dict[str, str]:
    """Accept JSON; the token comes from the environment, never from a file. Raises ``SettingsError`` if it is unset."""
    headers = {"Accept": "application/json"}
    variable = source.api.token_variable
    if variable:
        token = os.environ.get(variable)
        if not token:
            raise SettingsError(
                f"{source.name}: {variable} is not set", hint=f"export {variable}=… with the API's token."
            )
        headers["Authorization"] = f"Bearer {token}"
    return headers


class Answer(msgspec.Struct, frozen=True):
    """One page of an API: its items as they came, how many there are in all, and where the next page is."""

    items: tuple[Any, ...]
    total: int | None
    next: str


def check(source: Source) -> None:
    """Raise ``SettingsError`` for an expression that is not JMESPath, and for a token that is not there."""
    mapping = source.api
    api_headers(source)
    for expression in (mapping.items, mapping.total, mapping.next, *mapping.fields.values()):
        if expression:
            _expression(expression)


def answer_of(body: bytes, mapping: ApiMapping) -> Answer:
    """Read a response. Raises ``BadValue`` if it is not JSON or its items are no list."""
    try:
        data = msgspec.json.decode(body)
    except (msgspec.DecodeError, RecursionError) as error:
        raise BadValue(f"not JSON: {error}") from error
    items = _search(mapping.items, data) if mapping.items else data
    if items is None and mapping.items == ApiMapping().items and isinstance(data, list):
        items = data
    if not isinstance(items, list):
        raise BadValue(f'"{mapping.items}" is no list in the answer')
    total = _search(mapping.total, data)
    following = _search(mapping.next, data)
    return Answer(tuple(items), total if isinstance(total, int) else None, str(following) if following else "")


def listing_in(item: Any, mapping: ApiMapping, *, platform: str) -> Listing:
    """The listing in one item. Raises ``BadValue`` as a feed's row does.

    A description with markup in it is read as a buyer would see it.
    """
    if not isinstance(item, dict):
        raise BadValue("an item is no object")
    row = {field: _search(path, item) for field, path in mapping.fields.items()} if mapping.fields else item
    listing = listing_of(row, platform=platform)
    changes: dict[str, Any] = {"provenance": dict.fromkeys(_found(listing), "api")}
    if "<" in listing.description and ">" in listing.description:
        text = fragment.read(listing.description)
        hidden = "\n".join(part for part in (listing.hidden_text, text.hidden) if part)
        changes |= {"description": text.visible, "hidden_text": hidden}
    return msgspec.structs.replace(listing, **changes)


def page_url(start: str, mapping: ApiMapping, page: int) -> str:
    """The address of page ``page`` of the API that starts at ``start``."""
    size = {mapping.size_parameter: str(mapping.page_size)} if mapping.size_parameter else {}
    return with_parameters(start, {mapping.page_parameter: str(page), **size})


def next_url(current: str, mapping: ApiMapping, following: str) -> str:
    """The address that the answer names as next, be it an address or a cursor."""
    if "://" in following or following.startswith(("/", "?")):
        return urljoin(current, following)
    return with_parameters(current, {mapping.page_parameter: following})


def with_parameters(url: str, parameters: dict[str, str]) -> str:
    """``url`` with query parameters set."""
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **parameters}
    return urlunsplit(parts._replace(query=urlencode(query)))


def _found(listing: Listing) -> list[str]:
    empty = Listing(platform="", listing_id="")
    names = (
        "title",
        "description",
        "price",
        "currency",
        "availability",
        "brand",
        "sku",
        "seller",
        "attributes",
        "options",
    )
    return [name for name in names if getattr(listing, name) != getattr(empty, name)]


def _search(expression: str, data: Any) -> Any:
    if not expression:
        return None
    try:
        return _expression(expression)(data)
    except JMESPathError as error:
        raise BadValue(f"{expression}: {error}") from error


@lru_cache(maxsize=256)
def _expression(text: str) -> Callable[[Any], Any]:
    try:
        return cast(Callable[[Any], Any], jmespath.compile(text).search)
    except JMESPathError as error:
        raise SettingsError(f"not a JMESPath expression: {text!r}", hint=str(error).splitlines()[0]) from error
