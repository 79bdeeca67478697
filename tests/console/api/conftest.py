"""Services that call the API of a console over a fresh store."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from scanner.model import Actor, Role
from scanner.people import tokens
from scanner.people.records import Scope
from scanner.store import Store
from tests.fakes import Clock

Call = Callable[..., TestClient]


@pytest.fixture
def service(app: FastAPI, store: Store, clock: Clock) -> Iterator[Call]:
    """A service with a token that is good for these scopes and has a role."""
    opened: list[TestClient] = []
    admin = Actor(name="root", role=Role.ADMINISTRATOR)

    def make(*scopes: Scope, role: Role = Role.SPECIALIST) -> TestClient:
        name = f"erp{len(opened)}"
        _, secret = tokens.add(store, name, scopes, role=role, actor=admin, now=clock())
        client = TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False)
        client.headers["Authorization"] = f"Bearer {secret}"
        opened.append(client)
        return client

    yield make
    for client in opened:
        client.close()
