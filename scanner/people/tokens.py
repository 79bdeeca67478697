"""Keys of services to the HTTP API: shown once, kept as a hash, with scopes, a role and an end."""

from __future__ import annotations

import secrets
from collections.abc import Collection
from datetime import datetime, timedelta

import msgspec

from scanner import audit
from scanner.errors import Conflict, InputError
from scanner.model import Actor, Role
from scanner.moderation.permissions import Deed, require
from scanner.people.accounts import login_name
from scanner.people.ports import PeopleStore
from scanner.people.records import Scope, Token
from scanner.people.sessions import digest_of

# So that a secret that has got into a log or a commit is recognised by scanners, and by people.
PREFIX = "delist_"
_TOUCH = timedelta(minutes=1)


def add(
    store: PeopleStore,
    name: str,
    scopes: Collection[Scope],
    *,
    role: Role = Role.AUDITOR,
    days: int | None = 365,
    actor: Actor,
    now: datetime,
) -> tuple[Token, str]:
    """A new token and its secret, which is told this once. It may do what its scopes **and** its role allow."""
    require(actor, Deed.MANAGE_PEOPLE)
    if not scopes or role is Role.SYSTEM:
        raise InputError(
            "a token needs a scope, and a role other than system", hint="Scopes: {scopes}.", scopes=", ".join(Scope)
        )
    secret = PREFIX + secrets.token_urlsafe(32)
    made = Token(
        id=0,
        name=login_name(name),
        role=role,
        scopes=tuple(sorted(set(scopes))),
        digest=digest_of(secret),
        created_at=now,
        created_by=actor.name,
        expires_at=now + timedelta(days=days) if days else None,
    )
    with store.transaction(durable=True) as tx:
        added = tx.add_token(made)
        if added is None:
            raise Conflict(
                "there is a token named {name} already", hint="Revoke it first, or choose a name.", name=made.name
            )
        said = {"scopes": added.scopes, "role": added.role, "expires_at": added.expires_at}
        audit.append(tx, actor=actor, kind="token.added", subject=f"token:{added.id}", at=now, name=added.name, **said)
        return added, secret


def tokens(store: PeopleStore) -> tuple[Token, ...]:
    """All tokens by name, the revoked ones too."""
    with store.reading() as tx:
        return tx.tokens()


def revoke(store: PeopleStore, token_id: int, *, actor: Actor, now: datetime) -> Token:
    """It is good for nothing from now on. Raises ``NotFound``."""
    require(actor, Deed.MANAGE_PEOPLE)
    with store.transaction(durable=True) as tx:
        found = tx.token(token_id)
        if found.revoked_at is not None:
            return found
        revoked = msgspec.structs.replace(found, revoked_at=now)
        tx.save_token(revoked)
        audit.append(tx, actor=actor, kind="token.revoked", subject=f"token:{token_id}", at=now, name=found.name)
        return revoked


def bearer(store: PeopleStore, secret: str, *, now: datetime) -> Token | None:
    """The token with that secret, if it is good now."""
    if not secret.startswith(PREFIX):
        return None
    with store.reading() as tx:
        found = tx.token_by_digest(digest_of(secret))
    if found is None or found.revoked_at is not None or (found.expires_at is not None and found.expires_at <= now):
        return None
    if found.used_at is None or now - found.used_at >= _TOUCH:
        with store.transaction() as tx:
            tx.save_token(msgspec.structs.replace(found, used_at=now))
    return found
