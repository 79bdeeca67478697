"""What is kept of logins that were begun at a provider, and for how long."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

import pytest

from scanner.errors import LoginRefused
from scanner.model import Role
from scanner.people import oidc
from scanner.people.records import Failures, SignIn
from scanner.people.settings import OidcSettings
from scanner.store import Store
from tests.fakes import NOON

SETTINGS = OidcSettings(issuer="https://id.example", client_id="x", roles={"desk": Role.REVIEWER})


class Yes:
    """A provider that sends everybody to their state, and knows them when they come back."""

    def address(self, asked: SignIn, *, state: str, back: str) -> str:
        """The state alone."""
        return state

    def claims(self, asked: SignIn, *, code: str, back: str, now: datetime) -> Mapping[str, Any]:
        """Lin, at the desk."""
        return {"sub": "7", "preferred_username": "lin", "roles": ["desk"]}


def begun(store: Store, address: str, at: datetime = NOON) -> str:
    """The state of a login that somebody begins."""
    return oidc.begin(store, Yes(), browser="b", goal="/", back="", now=at, address=address)


def finished(store: Store, state: str, at: datetime = NOON) -> str:
    """Who comes back with it."""
    came = oidc.Back(state=state, code="c", browser="b", url="", address="another")
    return oidc.finish(store, Yes(), SETTINGS, came, now=at)[0].person.name


@pytest.mark.databases("sqlite", "postgresql")
def test_an_address_that_begins_and_begins_ends_its_own_oldest(store: Store) -> None:
    """Nobody is ever refused for it: the newest are good, and so is everybody at another address."""
    elsewhere, first, second = (begun(store, address) for address in ("192.0.2.1", "192.0.2.2", "192.0.2.2"))
    later = NOON + timedelta(seconds=1)
    newest = [begun(store, "192.0.2.2", later) for _ in range(oidc.MOST_OPEN)][-1]
    for state in (first, second):
        with pytest.raises(LoginRefused, match="not begun here"):
            finished(store, state, later)
    assert [finished(store, state, later) for state in (newest, elsewhere)] == ["lin", "lin"]


def test_old_failures_are_forgotten_where_nobody_types_a_password(store: Store) -> None:
    """Whoever begins at the provider drops what is too old to count; what is younger stays."""
    with store.transaction() as tx:
        for key, hours in (("address:old", 25), ("address:young", 23)):
            tx.keep_failures(key, Failures(count=3, last_at=NOON - timedelta(hours=hours), locked_until=None))
    begun(store, "192.0.2.1")
    with store.reading() as tx:
        assert [tx.failures(key).count for key in ("address:old", "address:young")] == [0, 3]


@pytest.mark.parametrize("state", ["", ".", "\0", "a.b.c", "%", "\ud800"])
def test_a_state_that_nobody_made_is_nobodys(store: Store, state: str) -> None:
    """Whatever it is made of."""
    begun(store, "192.0.2.1")
    with pytest.raises(LoginRefused):
        finished(store, state)
