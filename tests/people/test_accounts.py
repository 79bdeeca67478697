"""Accounts, sessions and tokens as use cases: who may change them, what is refused, what goes on record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from scanner.errors import Conflict, Forbidden, InputError, LoginRefused, NotFound
from scanner.model import Actor, Role
from scanner.people import accounts, passwords, sessions, tokens
from scanner.people.records import Preferences, Scope, Theme
from scanner.store import Store
from tests.fakes import Clock
from tests.visitors import PASSWORD

ROOT = Actor(name="ops@console", role=Role.ADMINISTRATOR)
LI = Actor(name="li", role=Role.REVIEWER)


@pytest.fixture
def hired(store: Store, clock: Clock) -> Store:
    """With an administrator and a reviewer."""
    accounts.add(store, "root", Role.ADMINISTRATOR, PASSWORD, actor=ROOT, now=clock())
    accounts.add(store, " Li ", Role.REVIEWER, PASSWORD, actor=ROOT, now=clock())
    return store


def test_every_change_is_an_event_and_ends_sessions(hired: Store, clock: Clock) -> None:
    """Added, another role, another password, disabled, enabled: on record, with how many sessions ended."""
    sessions.log_in(hired, "li", PASSWORD, now=clock())
    accounts.set_role(hired, "li", Role.SPECIALIST, actor=ROOT, now=clock())
    accounts.set_password(hired, "li", "several other words", actor=ROOT, now=clock())
    accounts.disable(hired, "li", actor=ROOT, now=clock())
    accounts.enable(hired, "li", actor=ROOT, now=clock())
    with hired.reading() as tx:
        told = [(event.kind, event.data.get("sessions_ended")) for event in tx.events_about("person:li")]
    assert told == [
        ("person.added", None),
        ("person.logged_in", None),
        ("person.role_changed", 1),
        ("person.password_changed", 0),
        ("person.disabled", 0),
        ("person.enabled", 0),
    ]


@pytest.mark.parametrize(
    ("does", "error"),
    [
        (lambda s, n: accounts.add(s, "wang", Role.REVIEWER, PASSWORD, actor=LI, now=n), Forbidden),
        (lambda s, n: accounts.add(s, "LI", Role.REVIEWER, PASSWORD, actor=ROOT, now=n), Conflict),
        (lambda s, n: accounts.add(s, "wang", Role.SYSTEM, PASSWORD, actor=ROOT, now=n), InputError),
        (lambda s, n: accounts.add(s, "delist", Role.REVIEWER, PASSWORD, actor=ROOT, now=n), InputError),
        (lambda s, n: accounts.add(s, "a\u202eb", Role.REVIEWER, PASSWORD, actor=ROOT, now=n), InputError),
        (lambda s, n: accounts.set_role(s, "li", Role.ADMINISTRATOR, actor=LI, now=n), Forbidden),
        (lambda s, n: accounts.set_role(s, "root", Role.REVIEWER, actor=ROOT, now=n), Conflict),
        (lambda s, n: accounts.disable(s, "root", actor=ROOT, now=n), Conflict),
        (lambda s, n: accounts.disable(s, "root", actor=Actor(name="root", role=Role.ADMINISTRATOR), now=n), Forbidden),
        (lambda s, n: accounts.set_password(s, "root", "several other words", actor=LI, now=n), Forbidden),
        (lambda s, n: accounts.set_role(s, "nobody-here", Role.REVIEWER, actor=ROOT, now=n), NotFound),
        (lambda s, n: tokens.add(s, "checkout", [Scope.CHECK], actor=LI, now=n), Forbidden),
        (lambda s, n: tokens.add(s, "checkout", [], actor=ROOT, now=n), InputError),
    ],
)
def test_what_is_not_allowed_changes_nothing(
    hired: Store, clock: Clock, does: Callable[..., object], error: type[Exception]
) -> None:
    """Others' accounts, taken and odd names, the last administrator, one's own role: refused in words."""
    before = accounts.people(hired)
    with pytest.raises(error):
        does(hired, clock())
    assert accounts.people(hired) == before


@pytest.mark.parametrize(
    ("password", "is_good"),
    [
        ("correct horse battery staple", True),
        ("四个词连成一个很长的密码", True),
        ("short", False),
        ("aaaaaaaaaaaaaaa", False),
        ("abcdefghijklmn", False),
        ("password1234", False),
        ("li.na.li.na.li", False),
        ("x" * 300, False),
    ],
)
def test_passwords_that_are_guessed_are_refused(password: str, is_good: bool) -> None:
    """Long is good; repeated, in rows, or made of the name is not."""
    if is_good:
        passwords.refuse_weak(password, name="li.na")
    else:
        with pytest.raises(InputError):
            passwords.refuse_weak(password, name="li.na")


def test_a_token_is_good_until_it_is_not(hired: Store, clock: Clock) -> None:
    """Its secret is kept as a hash, and is worth nothing once revoked or out of date; its name is free again then."""
    made, secret = tokens.add(hired, "checkout", [Scope.CHECK], days=30, actor=ROOT, now=clock())
    assert secret not in str(tokens.tokens(hired))
    known = tokens.bearer(hired, secret, now=clock())
    assert known is not None
    assert known.actor == Actor(name="service:checkout", role=Role.AUDITOR)
    assert tokens.bearer(hired, secret, now=clock() + timedelta(days=31)) is None
    assert tokens.bearer(hired, secret + "x", now=clock()) is None
    with pytest.raises(Conflict):
        tokens.add(hired, "checkout", [Scope.CHECK], actor=ROOT, now=clock())
    tokens.revoke(hired, made.id, actor=ROOT, now=clock())
    assert tokens.bearer(hired, secret, now=clock()) is None
    tokens.add(hired, "checkout", [Scope.CHECK], actor=ROOT, now=clock())


def test_preferences_are_kept(hired: Store) -> None:
    """What somebody wants of the console is there at the next login."""
    li = accounts.person(hired, "li")
    wanted = Preferences(language="zh_Hans", theme=Theme.DARK, uses_keys=False)
    accounts.set_preferences(hired, li.id, wanted)
    assert accounts.person(hired, "li").preferences == wanted


def test_an_unknown_name_is_refused_in_the_same_words(hired: Store, clock: Clock) -> None:
    """Nobody learns from a refused login which names there are."""
    said = []
    for name in ("li", "nobody-here", "\u202e"):
        with pytest.raises(LoginRefused) as refused:
            sessions.log_in(hired, name, "wrong wrong wrong", now=clock())
        said.append(str(refused.value))
    assert len(set(said)) == 1
