"""Licences of sellers: checked by a person, valid for a time, verified anew every six months, revoked at once.

What is valid is what rules ask for by ``seller.licensed(name)``, where the platform's own listing names none; what has
lapsed no longer counts, even if the listing still names it. Intake looks it up for every listing that it judges, so an
expiry is noticed when the listing is next seen, unchanged or not.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import msgspec

from scanner import audit
from scanner.errors import Conflict, InputError
from scanner.model import Actor
from scanner.moderation.permissions import Deed, require
from scanner.outside import Licence
from scanner.sellers.seller_ports import SellerStore

# 网络交易监督管理办法 (2021), art. 24: identity and licences are verified anew every six months.
CHECKED_EVERY = timedelta(days=183)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,47}")
_LONGEST = 300


def add(
    store: SellerStore,
    *,
    platform: str,
    seller: str,
    name: str,
    number: str,
    issuer: str,
    valid_from: datetime,
    expires_at: datetime | None,
    actor: Actor,
    now: datetime,
    note: str = "",
) -> Licence:
    """Put a licence on file that ``actor`` has checked. ``seller`` is the platform's number of them.

    A licence of the same name and number that is not revoked is renewed. Raises ``InputError``, ``Forbidden``.
    """
    require(actor, Deed.RECORD_LICENCE)
    _refuse_wrong(name, number, issuer, valid_from, expires_at)
    with store.transaction(durable=True) as tx:
        row = tx.keep_seller(platform, f"id:{seller}", at=now)
        same = (one for one in tx.licences_of(row.id) if (one.name, one.number) == (name, number))
        known = next((one for one in same if one.revoked_at is None), None)
        fresh = Licence(
            id=known.id if known else 0,
            seller_row=row.id,
            name=name,
            number=number.strip(),
            issuer=issuer.strip(),
            valid_from=valid_from,
            expires_at=expires_at,
            checked_at=now,
            checked_by=actor.name,
            check_by=now + CHECKED_EVERY,
            note=note.strip()[:_LONGEST],
        )
        if known:
            tx.save_licence(fresh)
        else:
            fresh = tx.add_licence(fresh)
        facts = {"licence": fresh.id, "name": name, "number": number, "issuer": issuer, "expires_at": expires_at}
        kind = "licence.renewed" if known else "licence.added"
        audit.append(tx, actor=actor, kind=kind, subject=f"seller:{row.id}", at=now, **facts)
        return fresh


def revoke(store: SellerStore, licence_id: int, *, reason: str, actor: Actor, now: datetime) -> Licence:
    """A licence counts no longer, from now on. Raises ``Conflict`` if it is revoked, ``NotFound``."""
    require(actor, Deed.RECORD_LICENCE)
    if not reason.strip():
        raise InputError("to revoke a licence needs a reason")
    with store.transaction(durable=True) as tx:
        licence = tx.licence(licence_id)
        if licence.revoked_at is not None:
            raise Conflict(
                "licence {licence} was revoked by {revoked_by}", licence=licence_id, revoked_by=licence.revoked_by
            )
        revoked = msgspec.structs.replace(
            licence, revoked_at=now, revoked_by=actor.name, note=reason.strip()[:_LONGEST]
        )
        tx.save_licence(revoked)
        facts = {"licence": licence.id, "name": licence.name, "number": licence.number, "reason": reason}
        audit.append(tx, actor=actor, kind="licence.revoked", subject=f"seller:{licence.seller_row}", at=now, **facts)
        return revoked


def to_check(
    store: SellerStore, *, now: datetime, ahead: timedelta = timedelta(0), limit: int = 100
) -> tuple[Licence, ...]:
    """Licences that are to be verified anew by then, the longest due first."""
    with store.reading() as tx:
        return tx.licences_to_check(before=now + ahead, limit=limit)


def _refuse_wrong(name: str, number: str, issuer: str, valid_from: datetime, expires_at: datetime | None) -> None:
    if not _NAME.fullmatch(name):
        hint = "As rules ask for it, such as telecom_agent."
        raise InputError("{name!r} is no name of a licence", hint=hint, name=name[:60])
    if not number.strip() or not issuer.strip() or len(number) > _LONGEST or len(issuer) > _LONGEST:
        raise InputError("a licence needs its number and who issued it")
    if expires_at is not None and expires_at <= valid_from:
        raise InputError("a licence ends after it begins", hint="Look at --from and --until.")
