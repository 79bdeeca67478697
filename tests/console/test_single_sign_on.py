"""Logging in by an OpenID Connect provider: a real one, on this machine, that also answers wrongly."""

from __future__ import annotations

import base64
import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import httpx2
import msgspec
import pytest
from fastapi import FastAPI
from pydantic import ValidationError

from scanner.console.app import furnish
from scanner.model import Role
from scanner.people.settings import ConsoleSettings, OidcSettings
from scanner.rulebook import Rulebook
from scanner.settings import Settings
from scanner.store import Store
from tests.fakes import Clock
from tests.login_provider import CLIENT, SECRET, LoginProvider, running
from tests.visitors import Visitor

Visitors = Callable[..., Visitor]
ROLES = {"heads": Role.SPECIALIST, "desk": Role.REVIEWER}


@pytest.fixture
def provider(clock: Clock) -> Iterator[LoginProvider]:
    """A provider whose clock is ours."""
    with running() as found:
        found.now = lambda: clock().timestamp()
        yield found


@pytest.fixture
def app(
    app: FastAPI, provider: LoginProvider, store: Store, small_rulebook: Rulebook, settings: Settings, clock: Clock
) -> FastAPI:
    """The console, with that provider in its settings."""
    oidc = OidcSettings(
        issuer=provider.url, client_id=CLIENT, secret_variable="OIDC_SECRET", role_claim="groups", roles=ROLES
    )
    console = ConsoleSettings(oidc=oidc)
    app.state.office = furnish(store, small_rulebook, settings.model_copy(update={"console": console}), clock)
    return app


def sent(visitor: Visitor, goal: str = "/account") -> str:
    """Where the login page's link leads."""
    visitor.get("/login", params={"next": goal})
    assert "Single sign-on" in visitor.page
    answer = visitor.get("/login/provider", params={"next": goal}, follow_redirects=False)
    assert answer.status_code == 303
    return answer.headers["location"]


def come_back(visitor: Visitor, provider: LoginProvider) -> httpx2.Response:
    """Log in there, and return."""
    return visitor.get(provider.authorised(sent(visitor)))


def test_whom_the_provider_names_is_let_in(
    visitors: Visitors, provider: LoginProvider, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To where they wanted to go, in the role of their group; the code goes with PKCE and the secret."""
    monkeypatch.setenv("OIDC_SECRET", SECRET)
    visitor = visitors()
    arrived = come_back(visitor, provider)
    assert (arrived.status_code, arrived.url.path) == (200, "/account")
    assert base64.b64decode(provider.asked[0]["authorization"].split()[1]) == f"{CLIENT}:a%20secret%20of%20two".encode()
    with store.reading() as tx:
        person = tx.person_named("lin")
        assert person is not None
        assert (person.role, tx.password_hash(person.id)) == (Role.REVIEWER, "")
        assert [event.kind for event in tx.events_about("person:lin")] == ["person.added", "person.logged_in"]
    for password in ("", "nobody's password", "x"):
        assert visitors().log_in("lin", password).status_code in {401, 422}


def test_a_role_follows_the_groups(visitors: Visitors, provider: LoginProvider, store: Store) -> None:
    """The first of the settings' groups counts at each login; another role ends the other sessions."""
    first, second = visitors(), visitors()
    come_back(first, provider)
    provider.person |= {"groups": ["desk", "heads", "others"], "preferred_username": "Lin Renamed"}
    come_back(second, provider)
    with store.reading() as tx:
        assert [(one.name, one.role) for one in tx.people()] == [("lin", Role.SPECIALIST)]
    assert first.get("/account", follow_redirects=False).status_code == 303
    assert second.get("/account").status_code == 200
    provider.person |= {"groups": ["others"]}
    assert "none of your groups" in come_back(visitors(), provider).text


def test_a_disabled_account_stays_shut(visitors: Visitors, provider: LoginProvider, store: Store) -> None:
    """Whatever the provider says; and a local account's name is not taken over."""
    come_back(visitors(), provider)
    with store.transaction() as tx:
        person = tx.person_named("lin")
        assert person is not None
        tx.save_person(msgspec.structs.replace(person, is_disabled=True))
        tx.add_person("root", Role.ADMINISTRATOR, "", at=person.created_at)
    assert come_back(visitors(), provider).status_code == 401
    provider.person |= {"sub": "7", "preferred_username": "ROOT"}
    assert "a local account has your name" in come_back(visitors(), provider).text


@pytest.mark.parametrize(
    "wrong",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": ["another", "third"]},
        {"aud": [CLIENT, "another"], "azp": "another"},
        {"nonce": "of another login"},
        {"nonce": None},
        {"exp": 1},
        {"exp": None},
        {"iat": 99_999_999_999},
        {"sub": None},
        {"sub": ""},
        {"preferred_username": None},
        {"preferred_username": "delist"},
        {"groups": None},
        {"groups": {"desk": True}},
    ],
    ids=str,
)
def test_a_wrong_claim_lets_nobody_in(
    visitors: Visitors, provider: LoginProvider, store: Store, wrong: dict[str, Any]
) -> None:
    """Issuer, audience, nonce, times and names are each looked at."""
    provider.wrong = wrong
    assert come_back(visitors(), provider).status_code == 401
    with store.reading() as tx:
        assert tx.people() == ()


@pytest.mark.parametrize("made", ["signed_by_another", "signed_by_nobody", "signed_by_the_public"])
def test_a_wrong_signature_lets_nobody_in(visitors: Visitors, provider: LoginProvider, made: str) -> None:
    """Only the provider's own public keys count, whatever algorithm a token names."""
    come_back(visitors(), provider)
    provider.sign = getattr(provider, made)
    assert come_back(visitors(), provider).status_code == 401


def test_the_provider_may_change_its_keys(visitors: Visitors, provider: LoginProvider) -> None:
    """Keys are fetched anew when a signature is of none that is known."""
    come_back(visitors(), provider)
    provider.key = type(provider.key).generate_key("P-256", parameters={"kid": "two"})
    assert come_back(visitors(), provider).url.path == "/account"


def test_a_return_is_good_once_here_and_soon(visitors: Visitors, provider: LoginProvider, clock: Clock) -> None:
    """Not a second time, not in another browser, not after ten minutes, not without having been begun."""
    visitor, victim = visitors(), visitors()
    back = provider.authorised(sent(visitor))
    victim.get("/login")
    assert victim.get(back).status_code == 401
    assert visitor.get(back).status_code == 401
    again = provider.authorised(sent(visitor))
    assert visitor.get(again).url.path == "/account"
    visitor.post("/logout")
    assert visitor.get(again).status_code == 401
    late = provider.authorised(sent(visitor))
    clock.move(minutes=11)
    assert visitor.get(late).status_code == 401
    for query in ("", "?state=x&code=y", "?error=access_denied&state=x"):
        assert visitor.get(f"/login/return{query}").status_code == 401


def test_a_return_leads_nowhere_else(visitors: Visitors, provider: LoginProvider) -> None:
    """What came with the link to the login does not lead off the site afterwards."""
    visitor = visitors()
    answer = visitor.get(provider.authorised(sent(visitor, "//evil.example")), follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/")


@pytest.mark.parametrize(
    "document",
    [
        {"issuer": "https://evil.example"},
        {"token_endpoint": "http://192.0.2.1/token"},
        {"token_endpoint": "file:///etc/passwd"},
        {"jwks_uri": None},
        {"jwks_uri": "http://localhost.evil.example/keys"},
        {"authorization_endpoint": "javascript:alert(1)"},
    ],
    ids=str,
)
def test_a_wrong_document_leads_nowhere(visitors: Visitors, provider: LoginProvider, document: dict[str, Any]) -> None:
    """A provider's addresses are https or this machine's, and its name is the one in the settings."""
    provider.document = document
    visitor = visitors()
    begun = visitor.get("/login/provider", follow_redirects=False)
    if begun.status_code == 303:
        begun = visitor.get(provider.authorised(begun.headers["location"]), follow_redirects=False)
    assert begun.status_code in {401, 503}


def test_without_a_provider_there_is_no_such_login(app: FastAPI, visitors: Visitors) -> None:
    """Off unless it is set up; local accounts work either way."""
    app.state.office = dataclasses.replace(app.state.office, settings=Settings(), provider=None)
    visitor = visitors()
    visitor.get("/login")
    assert "Single sign-on" not in visitor.page
    assert visitor.get("/login/provider").status_code == 404
    assert visitor.get("/login/return?state=x&code=y").status_code == 404


@pytest.mark.parametrize(
    "given",
    [
        {"issuer": "http://id.example"},
        {"issuer": "ftp://127.0.0.1"},
        {"client_id": ""},
        {"roles": {}},
        {"roles": {"all": "system"}},
        {"roles": {"all": "king"}},
        {"scopes": ["profile"]},
    ],
    ids=str,
)
def test_settings_that_cannot_work_are_refused(given: dict[str, Any]) -> None:
    """In words, when they are read."""
    whole: dict[str, Any] = {"issuer": "https://id.example", "client_id": "x", "roles": {"all": "reviewer"}}
    assert OidcSettings(**whole).roles == {"all": Role.REVIEWER}
    with pytest.raises(ValidationError):
        OidcSettings(**(whole | given))


def test_a_login_by_the_provider_ends_within_the_hour(
    visitors: Visitors, provider: LoginProvider, clock: Clock
) -> None:
    """However busy it is: then the provider is asked again, and whose group is gone stays outside, everywhere."""
    one, other = visitors(), visitors()
    come_back(one, provider)
    clock.move(minutes=50)
    assert one.get("/account").url.path == "/account"
    come_back(other, provider)
    clock.move(minutes=11)
    assert one.get("/account").url.path == "/login"
    assert other.get("/account").url.path == "/account"
    provider.person |= {"groups": ["others"]}
    assert "none of your groups" in come_back(one, provider).text
    assert other.get("/account").url.path == "/login"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site", "sec-fetch-dest": "document"},
        {"sec-fetch-site": "same-site", "sec-fetch-dest": "document"},
        {"sec-fetch-site": "same-origin", "sec-fetch-dest": "image"},
        {"sec-fetch-site": "cross-site", "sec-fetch-dest": "image"},
    ],
    ids=str,
)
def test_another_site_begins_nothing(visitors: Visitors, provider: LoginProvider, headers: dict[str, str]) -> None:
    """Its links and pictures get as far as the login page; a person's own click begins, and gets in."""
    visitor = visitors()
    path = "/login/provider?next=/queue"
    answer = visitor.get(path, headers=headers, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/login?next=%2Fqueue")
    ours = {"sec-fetch-site": "same-origin", "sec-fetch-dest": "document"}
    answer = visitor.get(path, headers=ours, follow_redirects=False)
    assert answer.headers["location"].startswith(provider.url)
    assert come_back(visitor, provider).url.path == "/account"
