"""Accounts: made, given a role, a password, disabled. Only an administrator does so, and every change is an event.

Whoever loses a role, a password or the account loses all sessions with it.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import datetime

import msgspec

from scanner import audit
from scanner.errors import Conflict, Forbidden, InputError, NotFound
from scanner.model import Actor, Role
from scanner.moderation.permissions import Deed, require
from scanner.people import passwords
from scanner.people.ports import PeopleRows, PeopleStore
from scanner.people.records import Person, Preferences

# What events call those who are no person.
RESERVED = frozenset({"delist", "system", "provider", "anybody", "nobody"})

_NAME = re.compile(r"[^\W_][\w.@-]{1,62}")


def people(store: PeopleStore) -> tuple[Person, ...]:
    """All accounts by name."""
    with store.reading() as tx:
        return tx.people()


def person(store: PeopleStore, name: str) -> Person:
    """The account of that name. Raises ``NotFound``."""
    with store.reading() as tx:
        return _named(tx, name)


def add(store: PeopleStore, name: str, role: Role, password: str, *, actor: Actor, now: datetime) -> Person:
    """A new account. Raises ``InputError`` for a bad name, role or password, ``Conflict`` if the name is taken."""
    require(actor, Deed.MANAGE_PEOPLE)
    name = login_name(name)
    _refuse_no_role(role)
    passwords.refuse_weak(password, name=name)
    password_hash = passwords.hashed(password)
    with store.transaction(durable=True) as tx:
        added = tx.add_person(name, role, password_hash, at=now)
        if added is None:
            raise Conflict("there is somebody named {name} already", hint="Choose another name.", name=name)
        audit.append(tx, actor=actor, kind="person.added", subject=f"person:{name}", at=now, role=role)
        return added


def set_role(store: PeopleStore, name: str, role: Role, *, actor: Actor, now: datetime) -> Person:
    """Another role. Nobody changes their own, and one administrator must remain."""
    require(actor, Deed.MANAGE_PEOPLE)
    _refuse_no_role(role)
    with store.transaction(durable=True) as tx:
        before = _another(tx, name, actor)
        if before.role is Role.ADMINISTRATOR and role is not Role.ADMINISTRATOR:
            _refuse_last(tx, before)
        after = msgspec.structs.replace(before, role=role)
        return _changed(tx, after, "person.role_changed", actor=actor, now=now, was=before.role, role=role)


def disable(store: PeopleStore, name: str, *, actor: Actor, now: datetime) -> Person:
    """Nobody logs in with the account any more. What the person did stays on record under the name."""
    require(actor, Deed.MANAGE_PEOPLE)
    with store.transaction(durable=True) as tx:
        before = _another(tx, name, actor)
        _refuse_last(tx, before)
        return _changed(tx, msgspec.structs.replace(before, is_disabled=True), "person.disabled", actor=actor, now=now)


def enable(store: PeopleStore, name: str, *, actor: Actor, now: datetime) -> Person:
    """The account is of use again, with the password it had."""
    require(actor, Deed.MANAGE_PEOPLE)
    with store.transaction(durable=True) as tx:
        after = msgspec.structs.replace(_another(tx, name, actor), is_disabled=False)
        return _changed(tx, after, "person.enabled", actor=actor, now=now)


def set_password(store: PeopleStore, name: str, password: str, *, actor: Actor, now: datetime) -> None:
    """Another password for somebody: an administrator sets anybody's, everybody their own. All sessions end."""
    if actor.name != login_name(name):
        require(actor, Deed.MANAGE_PEOPLE)
    passwords.refuse_weak(password, name=name)
    password_hash = passwords.hashed(password)
    with store.transaction(durable=True) as tx:
        found = _named(tx, name)
        tx.set_password_hash(found.id, password_hash)
        _changed(tx, found, "person.password_changed", actor=actor, now=now)


def set_preferences(store: PeopleStore, person_id: int, preferences: Preferences) -> None:
    """How somebody wants the console: their own business, so no event."""
    with store.transaction() as tx:
        tx.keep_preferences(person_id, preferences)


def login_name(name: str) -> str:
    """A name as it is kept: composed, in small letters. Raises ``InputError`` for what cannot be one."""
    plain = unicodedata.normalize("NFKC", name[:200]).strip().casefold()
    if not _NAME.fullmatch(plain) or plain in RESERVED:
        raise InputError(
            f"{name[:80]!r} cannot be a name",
            hint="2 to 63 letters and digits, with . @ _ - between them; not the name of a part of Delist.",
        )
    return plain


def _named(tx: PeopleRows, name: str) -> Person:
    found = tx.person_named(login_name(name))
    if found is None:
        raise NotFound("there is nobody named {name!r}", hint="`delist person list` names everybody.", name=name[:80])
    return found


def _another(tx: PeopleRows, name: str, actor: Actor) -> Person:
    found = _named(tx, name)
    if found.name == actor.name:
        raise Forbidden("nobody does this to their own account", hint="Ask another administrator.")
    return found


def _changed(tx: PeopleRows, after: Person, kind: str, *, actor: Actor, now: datetime, **data: object) -> Person:
    tx.save_person(after)
    ended = tx.end_sessions(after.id)
    subject = f"person:{after.name}"
    audit.append(tx, actor=actor, kind=kind, subject=subject, at=now, sessions_ended=ended, **data)
    return after


def _refuse_no_role(role: Role) -> None:
    if role is Role.SYSTEM:
        raise InputError("system is Delist itself, not a person's role")


def _refuse_last(tx: PeopleRows, leaving: Person) -> None:
    others = [one for one in tx.people() if one.role is Role.ADMINISTRATOR and not one.is_disabled]
    if [one.id for one in others] == [leaving.id]:
        raise Conflict("{name} is the last administrator", hint="Make somebody else one first.", name=leaving.name)
