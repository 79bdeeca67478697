"""Logging in and out, and whose session a browser's secret is.

The secret is made anew at every login (so a session cannot be planted beforehand), is known to the browser only, and
its SHA-256 is kept. A session ends by logging out, by not being used, and at the latest after its longest time.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec

from scanner import audit
from scanner.errors import InputError, LoginRefused
from scanner.people import passwords
from scanner.people.accounts import login_name
from scanner.people.ports import PeopleRows, PeopleStore
from scanner.people.records import Failures, Person, Session

IDLE = timedelta(minutes=60)
LONGEST = timedelta(hours=12)
# A session's last use is written at most this often: a heartbeat a second is not a write a second.
_TOUCH = timedelta(minutes=1)

# So many failures in a row lock a name for a minute, each further one for twice as long, up to an hour.
NAME_FAILURES = 5
# So many from one address, whatever the names, lock the address: many share an address, so it is more.
ADDRESS_FAILURES = 30
_FIRST_LOCK = timedelta(minutes=1)
_LONGEST_LOCK = timedelta(hours=1)
# Failures count as "in a row" for this long.
FORGOTTEN = timedelta(hours=24)


class Opened(msgspec.Struct, frozen=True, kw_only=True):
    """A new session: the secret for the browser, and who it is."""

    secret: str
    person: Person
    until: datetime


def log_in(
    store: PeopleStore,
    name: str,
    password: str,
    *,
    now: datetime,
    address: str = "",
    agent: str = "",
    longest: timedelta = LONGEST,
) -> Opened:
    """Open a session for whoever knows the password.

    1. A name or an address that has failed too often is refused unseen, for a time, whether the name exists or not.
    2. An unknown name, a wrong password and a disabled account are refused in the same words and after the same time.
    3. Success forgets the name's failures, and ends nothing else: people work in two browsers.
    """
    keys = _keys(name, address)
    _refuse_locked(store, keys.values(), now)
    with store.reading() as tx:
        found = tx.person_named(keys["name"].removeprefix("name:"))
        password_hash = tx.password_hash(found.id) if found else None
    if not passwords.matches(password_hash, password) or found is None or found.is_disabled:
        _note_failure(store, keys, now)
        raise LoginRefused("name or password is wrong")
    renewed = passwords.hashed(password) if password_hash and passwords.is_outdated(password_hash) else ""
    with store.transaction(durable=True) as tx:
        tx.keep_failures(keys["name"], Failures())
        if renewed:
            tx.set_password_hash(found.id, renewed)
        return opened(tx, found, now=now, address=address, agent=agent, longest=longest)


def opened(
    tx: PeopleRows, person: Person, *, now: datetime, address: str, agent: str, longest: timedelta = LONGEST
) -> Opened:
    """A new session for somebody who has proved who they are, under a new secret."""
    secret = secrets.token_urlsafe(32)
    session = Session(
        digest=digest_of(secret),
        person_id=person.id,
        opened_at=now,
        seen_at=now,
        until=now + longest,
        address=address[:64],
        agent=agent[:200],
    )
    tx.drop_sessions(ended_before=now)
    tx.add_session(session)
    subject = f"person:{person.name}"
    audit.append(tx, actor=person.actor, kind="person.logged_in", subject=subject, at=now, address=session.address)
    return Opened(secret=secret, person=person, until=session.until)


def visitor(store: PeopleStore, secret: str, *, now: datetime, idle: timedelta = IDLE) -> tuple[Session, Person] | None:
    """Whose session it is; ``None`` if it is nobody's, has run out, or its person was disabled."""
    digest = digest_of(secret)
    with store.reading() as tx:
        found = tx.session(digest)
    if found is None:
        return None
    session, person = found
    if person.is_disabled or now >= session.until or now - session.seen_at >= idle:
        return None
    if now - session.seen_at >= _TOUCH:
        with store.transaction() as tx:
            tx.touch_session(digest, at=now)
    return session, person


def log_out(store: PeopleStore, secret: str, *, now: datetime) -> None:
    """End a session; one that is nobody's needs no ending."""
    digest = digest_of(secret)
    with store.transaction() as tx:
        found = tx.session(digest)
        if found is not None:
            tx.end_session(digest)
            person = found[1]
            subject = f"person:{person.name}"
            audit.append(tx, actor=person.actor, kind="person.logged_out", subject=subject, at=now)


def confirm(store: PeopleStore, person: Person, password: str) -> bool:
    """Whether it is really they: before they change their own password."""
    with store.reading() as tx:
        password_hash = tx.password_hash(person.id)
    return passwords.matches(password_hash, password)


def digest_of(secret: str) -> str:
    """What is kept of a secret of 256 random bits: a plain SHA-256 is enough, there is nothing to guess."""
    return hashlib.sha256(secret.encode("utf8", "replace")).hexdigest()


def _keys(name: str, address: str) -> dict[str, str]:
    try:
        plain = login_name(name)
    except InputError:
        plain = "?"
    return {"name": f"name:{plain}", "address": f"address:{address[:64]}"}


def _refuse_locked(store: PeopleStore, keys: Iterable[str], now: datetime) -> None:
    """Raise ``LoginRefused`` while one of these names or addresses is locked."""
    with store.reading() as tx:
        locks = [tx.failures(key).locked_until for key in keys]
    until = max((lock for lock in locks if lock), default=now)
    if until > now:
        minutes = -(-(until - now) // timedelta(minutes=1))
        raise LoginRefused("too many attempts", hint="Try again in {minutes} min.", wait=until - now, minutes=minutes)


def _note_failure(store: PeopleStore, keys: dict[str, str], now: datetime) -> None:
    with store.transaction() as tx:
        tx.drop_failures(before=now - FORGOTTEN)
        _count(tx, keys["name"], NAME_FAILURES, now)
        _count(tx, keys["address"], ADDRESS_FAILURES, now)


def _count(tx: PeopleRows, key: str, most: int, now: datetime) -> None:
    """One more failure in a row; from ``most`` on they lock."""
    before = tx.failures(key)
    number = before.count + 1 if before.last_at and now - before.last_at < FORGOTTEN else 1
    over = number - most
    lock = min(_FIRST_LOCK * 2 ** min(over, 10), _LONGEST_LOCK) if over >= 0 else None
    tx.keep_failures(key, Failures(count=number, last_at=now, locked_until=now + lock if lock else None))
    if over == 0:
        audit.append(tx, actor=audit.SYSTEM, kind="login.locked", subject=key, at=now, failures=number)
