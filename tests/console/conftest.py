"""The console over a fresh store, and people who use it."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from scanner.console.app import create_app, furnish
from scanner.model import Role
from scanner.rulebook import Rulebook
from scanner.settings import Settings
from scanner.store import Store
from tests.fakes import Clock
from tests.visitors import Visitor, password_hash


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Everything in a folder of its own."""
    return Settings(data=tmp_path)


@pytest.fixture(scope="session")
def wired() -> dict[str, FastAPI]:
    """The application, once it has been wired: building its routes takes longer than most tests."""
    return {}


@pytest.fixture
def app(wired: dict[str, FastAPI], store: Store, small_rulebook: Rulebook, settings: Settings, clock: Clock) -> FastAPI:
    """The console, with this test's store and clock in its office."""
    if not wired:
        wired["console"] = create_app(store, small_rulebook, settings, clock)
    wired["console"].state.office = furnish(store, small_rulebook, settings, clock)
    return wired["console"]


@pytest.fixture
def hire(store: Store, clock: Clock) -> Callable[[str, Role], None]:
    """Makes accounts."""

    def make(name: str, role: Role) -> None:
        with store.transaction() as tx:
            tx.add_person(name, role, password_hash(), at=clock())

    return make


@pytest.fixture
def visitors(app: FastAPI) -> Iterator[Callable[..., Visitor]]:
    """Opens browsers."""
    opened: list[TestClient] = []

    def visit(base: str = "http://127.0.0.1") -> Visitor:
        client = TestClient(app, base_url=base, raise_server_exceptions=False)
        opened.append(client)
        return Visitor(client)

    yield visit
    for client in opened:
        client.close()


@pytest.fixture
def come(hire: Callable[[str, Role], None], visitors: Callable[..., Visitor]) -> Callable[..., Visitor]:
    """Somebody with a role who has logged in."""

    def arrive(name: str, role: Role = Role.REVIEWER) -> Visitor:
        hire(name, role)
        visitor = visitors()
        visitor.log_in(name)
        return visitor

    return arrive


class Listener:
    """A port on this machine that nobody should call."""

    def __init__(self) -> None:
        self._socket = socket.create_server(("127.0.0.1", 0))
        self._socket.settimeout(0)
        self.port: int = self._socket.getsockname()[1]

    @property
    def calls(self) -> int:
        """How many have called."""
        try:
            self._socket.accept()[0].close()
        except BlockingIOError:
            return 0
        return 1

    def close(self) -> None:
        """Listen no more."""
        self._socket.close()


@pytest.fixture
def listener() -> Iterator[Listener]:
    """A port that says whether anybody has called."""
    listening = Listener()
    yield listening
    listening.close()
