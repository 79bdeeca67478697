"""Reads a JSON API's answers by the source's JMESPath expressions. Knows neither Scrapy nor the network."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from functools import lru_cache, partial
from typing import Any, cast
from urllib.parse import parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

import jmespath
import msgspec
from jmespath.exceptions import JMESPathError

from scanner.api_mapping import ApiMapping
from scanner.errors import SettingsError
from scanner.model import Listing
from scanner.sources import Source
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
        if source.api.token_header:
            headers[source.api.token_header] = token
        else:
            headers["Authorization"] = f"Bearer {token}"
    if source.api.method == "POST":
        headers["Content-Type"] = "application/json"
    return headers


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a walk through an API is: the page's number from 1, the listings before it, and the cursor if it has one.

    ``address``: the answer before gave the page's own address.
    """

    page: int = 1
    offset: int = 0
    cursor: str = ""
    address: str = ""


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request to an API. ``name`` tells it from all others of the walk, also where all go to one address."""

    url: str
    body: bytes = b""
    name: str


def call_of(start: str, mapping: ApiMapping, place: Place) -> Call:
    """The request for a page of the API that starts at ``start``."""
    values: dict[str, Any] = {
        "{page}": place.page,
        "{offset}": place.offset,
        "{size}": mapping.page_size,
        "{cursor}": place.cursor or None,
    }
    url = place.address or _address(start, mapping, place, values)
    if mapping.method == "GET":
        return Call(url=url, name=url)
    body = msgspec.json.encode(_put(mapping.body, values))
    return Call(url=url, body=body, name=f"{url}#{place.cursor or place.page}")


def _address(start: str, mapping: ApiMapping, place: Place, values: Mapping[str, Any]) -> str:
    """``start`` with the place in it: where its template says, else as query parameters; a body says it itself."""
    if any(name in start for name in values):
        for name, value in values.items():
            start = start.replace(name, quote("" if value is None else str(value), safe=""))
        return start
    if mapping.body:
        return start
    if place.cursor:
        return with_parameters(start, {mapping.page_parameter: place.cursor, **_size(mapping)})
    if mapping.next:
        # An answer will say where the next page is; the first has neither number nor cursor.
        return with_parameters(start, _size(mapping))
    if mapping.offset_parameter:
        return with_parameters(start, {mapping.offset_parameter: str(place.offset), **_size(mapping)})
    return with_parameters(start, {mapping.page_parameter: str(place.page), **_size(mapping)})


def _size(mapping: ApiMapping) -> dict[str, str]:
    return {mapping.size_parameter: str(mapping.page_size)} if mapping.size_parameter else {}


def _put(template: Any, values: Mapping[str, Any]) -> Any:
    """``template`` with the values in their places; only a whole text is one, for queries are full of braces."""
    if isinstance(template, str):
        return values.get(template, template)
    if isinstance(template, dict):
        return {name: _put(part, values) for name, part in template.items()}
    return [_put(part, values) for part in template] if isinstance(template, list) else template


# Identifiers as the grammar has them, one inside the other (https://jmespath.org/specification.html).
_PATH = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*$", re.ASCII)
_EMPTY = Listing(platform="", listing_id="")
_USUAL_ITEMS = ApiMapping().items


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
    if items is None and mapping.items == _USUAL_ITEMS and isinstance(data, list):
        items = data
    if not isinstance(items, list):
        raise BadValue(f'"{mapping.items}" is no list in the answer{_complaint(data)}')
    total = _search(mapping.total, data)
    following = _search(mapping.next, data)
    return Answer(tuple(items), total if isinstance(total, int) else None, str(following) if following else "")


def _complaint(data: Any) -> str:
    """What an answer that is none says of itself: GraphQL reports errors with status 200."""
    errors = data.get("errors") if isinstance(data, dict) else None
    first = errors[0] if isinstance(errors, list) and errors else None
    return f": {str(first.get('message'))[:200]}" if isinstance(first, dict) else ""


def listing_in(item: Any, mapping: ApiMapping, *, platform: str) -> Listing:
    """The listing in one item. Raises ``BadValue`` as a feed's row does.

    A description with markup in it is read as a buyer would see it.
    """
    if not isinstance(item, dict):
        raise BadValue("an item is no object")
    row = {field: _search(path, item) for field, path in mapping.fields.items()} if mapping.fields else item
    listing = listing_of(row, platform=platform)
    changes: dict[str, Any] = {"provenance": dict.fromkeys(_found(listing), "api")}
    if mapping.price_divisor != 1 and listing.price is not None:
        changes["price"] = listing.price / mapping.price_divisor
    if "<" in listing.description and ">" in listing.description:
        text = fragment.read(listing.description)
        hidden = "\n".join(part for part in (listing.hidden_text, text.hidden) if part)
        changes |= {"description": text.visible, "hidden_text": hidden}
    return msgspec.structs.replace(listing, **changes)


def place_after(place: Place, answer: Answer, current: str) -> Place:
    """Where the walk is after ``answer``; what it names as next is an address or a cursor."""
    following = answer.next
    after = msgspec.structs.replace(place, page=place.page + 1, offset=place.offset + len(answer.items))
    if "://" in following or following.startswith(("/", "?")):
        return msgspec.structs.replace(after, address=urljoin(current, following))
    return msgspec.structs.replace(after, cursor=following, address="")


def with_parameters(url: str, parameters: dict[str, str]) -> str:
    """``url`` with query parameters set."""
    parts = urlsplit(url)
    query = {**dict(parse_qsl(parts.query, keep_blank_values=True)), **parameters}
    return urlunsplit(parts._replace(query=urlencode(query)))


def _found(listing: Listing) -> list[str]:
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
    return [name for name in names if getattr(listing, name) != getattr(_EMPTY, name)]


def _search(expression: str, data: Any) -> Any:
    if not expression:
        return None
    try:
        return _expression(expression)(data)
    except JMESPathError as error:
        raise BadValue(f"{expression}: {error}") from error


def _walk(names: tuple[str, ...], value: Any) -> Any:
    for name in names:
        value = value.get(name) if isinstance(value, dict) else None
    return value


@lru_cache(maxsize=256)
def _expression(text: str) -> Callable[[Any], Any]:
    """What finds ``text`` in a value; a mere path, as most are, is walked here in a twentieth of the library's time."""
    if _PATH.match(text):
        return partial(_walk, tuple(text.split(".")))
    try:
        return cast(Callable[[Any], Any], jmespath.compile(text).search)
    except JMESPathError as error:
        raise SettingsError(f"not a JMESPath expression: {text!r}", hint=str(error).splitlines()[0]) from error
