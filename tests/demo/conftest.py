"""A shop for reading, a shop for changing, and a client that follows nothing and forgives nothing."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol
from urllib.parse import urlsplit

import pytest

from scanner.demo import Shop, serve


@dataclass(frozen=True)
class Reply:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        """The body as UTF-8."""
        return self.body.decode("utf8")

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


class Visit(Protocol):
    """Asks a shop for an address, with a method, headers and a JSON body."""

    def __call__(
        self, shop: Shop, path: str, *, method: str = "GET", headers: dict[str, str] | None = None, body: Any = None
    ) -> Reply:
        """One request on a connection of its own; redirects are not followed."""
        ...


def _visit(
    shop: Shop, path: str, *, method: str = "GET", headers: dict[str, str] | None = None, body: Any = None
) -> Reply:
    connection = http.client.HTTPConnection(urlsplit(shop.url).netloc, timeout=20)
    sent = None if body is None else json.dumps(body)
    try:
        connection.request(method, path.removeprefix(shop.url), body=sent, headers=headers or {})
        response = connection.getresponse()
        return Reply(response.status, dict(response.headers.items()), response.read())
    finally:
        connection.close()


@pytest.fixture(scope="session")
def visit() -> Visit:
    """The client."""
    return _visit


@pytest.fixture(scope="session")
def admin(visit: Visit) -> Visit:
    """The client with the token of the administration."""

    def call(
        shop: Shop, path: str, *, method: str = "GET", headers: dict[str, str] | None = None, body: Any = None
    ) -> Reply:
        token = {"Authorization": f"Bearer {shop.token}"}
        return visit(shop, f"/admin{path}", method=method, headers=token | (headers or {}), body=body)

    return call


@pytest.fixture(scope="session")
def full_shop() -> Iterator[Shop]:
    """The shop in its usual size, for reading only."""
    with serve(seed=7) as shop:
        yield shop


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A small shop of the test's own."""
    with serve(seed=3, listings=60, token="secret") as shop:
        yield shop
