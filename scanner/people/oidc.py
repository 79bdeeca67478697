"""Logging in by an OpenID Connect provider: the authorization code flow with PKCE (RFC 6749, RFC 7636, OIDC Core 3.1).

What is begun is remembered here until it comes back, once, in the same browser, within ten minutes. The provider says
who somebody is (issuer and subject, which never change hands) and in which groups; the settings say which role that is.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any, Protocol

import msgspec

from scanner import audit
from scanner.errors import LoginRefused
from scanner.model import Actor, Role
from scanner.people import sessions
from scanner.people.accounts import login_name
from scanner.people.ports import PeopleRows
from scanner.people.records import Person, SignIn
from scanner.people.sessions import LONGEST, Opened, digest_of
from scanner.people.settings import OidcSettings

# So long may somebody take at the provider.
AT_MOST = timedelta(minutes=10)
# So many of one address may be there at once, a whole office behind one; whoever begins one more ends the oldest.
MOST_OPEN = 100
_PLACE = 16
# Who changes accounts when a provider says so.
PROVIDER = Actor(name="provider", role=Role.SYSTEM)


class Provider(Protocol):
    """The provider, as it is reached."""

    def address(self, asked: SignIn, *, state: str, back: str) -> str:
        """Where the browser is sent. Raises ``LoginRefused`` where the provider does not answer."""

    def claims(self, asked: SignIn, *, code: str, back: str, now: datetime) -> Mapping[str, Any]:
        """What the provider says for a code, its signature and every claim looked at. Raises ``LoginRefused``."""


class SignInRows(PeopleRows, Protocol):
    """What is kept of logging in by a provider."""

    def add_sign_in(self, state: str, asked: SignIn) -> None:
        """Somebody has been sent to the provider; ``state`` is a digest."""

    def take_sign_in(self, state: str) -> SignIn | None:
        """It has come back: given once, then forgotten."""

    def drop_sign_ins(self, *, before: datetime) -> None:
        """Those who never came back."""

    def keep_newest_sign_ins(self, place: str, most: int) -> None:
        """Of those whose ``state`` begins with ``place``, only the newest stay."""

    def person_of(self, issuer: str, subject: str) -> Person | None:
        """Whose account it is."""

    def identify(self, issuer: str, subject: str, person_id: int) -> None:
        """It is that person's from now on."""


class SignInStore(Protocol):
    """A store that keeps it."""

    def reading(self) -> AbstractContextManager[SignInRows]:
        """One consistent view."""

    def transaction(self, *, durable: bool = False) -> AbstractContextManager[SignInRows]:
        """All or nothing."""


class Back(msgspec.Struct, frozen=True, kw_only=True):
    """What the browser brings back from the provider, and where from: its own secret, its address, its name."""

    state: str
    code: str
    browser: str
    url: str
    address: str = ""
    agent: str = ""


def begin(
    store: SignInStore, provider: Provider, *, browser: str, goal: str, back: str, now: datetime, address: str = ""
) -> str:
    """Where to send a browser, whose own secret is ``browser``. ``back`` is where the provider sends it afterwards.

    What is begun is kept, so of one ``address`` only the newest hundred are. It is never locked: anybody's page could
    make a browser begin, and lock out the office that shares its address.
    """
    state = f"{digest_of(address)[:_PLACE]}.{secrets.token_urlsafe(32)}"
    asked = SignIn(
        browser=digest_of(browser),
        nonce=secrets.token_urlsafe(32),
        verifier=secrets.token_urlsafe(48),
        goal=goal,
        begun_at=now,
    )
    there = provider.address(asked, state=state, back=back)
    with store.transaction() as tx:
        tx.drop_sign_ins(before=now - AT_MOST)
        # Where nobody types a password, nothing else forgets failures that are too old to count.
        tx.drop_failures(before=now - sessions.FORGOTTEN)
        tx.add_sign_in(_kept_as(state), asked)
        tx.keep_newest_sign_ins(_kept_as(state)[:_PLACE], MOST_OPEN)
    return there


def finish(
    store: SignInStore,
    provider: Provider,
    settings: OidcSettings,
    came: Back,
    *,
    now: datetime,
    longest: timedelta = LONGEST,
) -> tuple[Opened, str]:
    """Open a session for whom the provider names, and say where they wanted to go. Raises ``LoginRefused``.

    1. What was begun is taken once: a second time, in another browser or too late, it is worth nothing.
    2. The provider must answer for the code, and for this very beginning.
    3. A person without a group that the settings know has no role, and does not get in.
    4. Who comes for the first time gets an account, unless a local one has the name: nobody takes over a name.
    5. Another role than last time is written down, and ends the other sessions; so does to have none any more. A
       disabled account stays shut.
    """
    with store.transaction() as tx:
        asked = tx.take_sign_in(_kept_as(came.state))
    if asked is None or asked.browser != digest_of(came.browser) or now - asked.begun_at > AT_MOST:
        raise LoginRefused("this login was not begun here, or long ago", hint="Begin again.")
    claims = provider.claims(asked, code=came.code, back=came.url, now=now)
    role = _role(settings, claims)
    if role is None:
        _shut_out(store, settings.issuer, str(claims["sub"]), now)
        raise LoginRefused("none of your groups may use Delist", hint="Ask an administrator.")
    with store.transaction(durable=True) as tx:
        person = tx.person_of(settings.issuer, str(claims["sub"]))
        if person is None:
            name = login_name(str(claims.get(settings.name_claim, "")))
            person = _arrived(tx, settings.issuer, str(claims["sub"]), name, role, now)
        if person.is_disabled:
            raise LoginRefused("name or password is wrong")
        if person.role is not role:
            person = _moved(tx, person, role, now)
        return sessions.opened(tx, person, now=now, address=came.address, agent=came.agent, longest=longest), asked.goal


def groups_of(claims: Mapping[str, Any], path: str) -> frozenset[str]:
    """The groups that a claim lists, or the one that it is; a dot leads into a table (``realm_access.roles``)."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for part in path.split("."):
            found = found.get(part) if isinstance(found, Mapping) else None
    values = found if isinstance(found, list) else [found]
    return frozenset(value for value in values if isinstance(value, str))


def _role(settings: OidcSettings, claims: Mapping[str, Any]) -> Role | None:
    groups = groups_of(claims, settings.role_claim)
    return next((role for group, role in settings.roles.items() if group in groups), None)


def _shut_out(store: SignInStore, issuer: str, subject: str, now: datetime) -> None:
    """End the sessions of somebody who is in none of the groups any more; whoever comes back in has the role then."""
    with store.transaction(durable=True) as tx:
        person = tx.person_of(issuer, subject)
        if person is not None:
            tx.end_sessions(person.id)
            audit.append(tx, actor=PROVIDER, kind="person.shut_out", subject=f"person:{person.name}", at=now)


def _kept_as(state: str) -> str:
    """What is kept of a state: the place that it names, then all of it, both as digests. It may come back elsewhere."""
    return digest_of(state.partition(".")[0])[:_PLACE] + digest_of(state)


def _arrived(tx: SignInRows, issuer: str, subject: str, name: str, role: Role, now: datetime) -> Person:
    # No password is the hash of nothing: this account opens by its provider alone.
    person = tx.add_person(name, role, "", at=now)
    if person is None:
        raise LoginRefused("a local account has your name", hint="Ask an administrator.")
    tx.identify(issuer, subject, person.id)
    audit.append(tx, actor=PROVIDER, kind="person.added", subject=f"person:{name}", at=now, role=role, issuer=issuer)
    return person


def _moved(tx: SignInRows, person: Person, role: Role, now: datetime) -> Person:
    tx.save_person(msgspec.structs.replace(person, role=role))
    tx.end_sessions(person.id)
    said = {"was": person.role, "role": role}
    audit.append(tx, actor=PROVIDER, kind="person.role_changed", subject=f"person:{person.name}", at=now, **said)
    return msgspec.structs.replace(person, role=role)
