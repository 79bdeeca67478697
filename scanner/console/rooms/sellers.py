"""Sellers: who they are, what they offered and what came of it, what is on file of them, which step comes next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from scanner.console.languages import marked as _
from scanner.console.office import InOffice
from scanner.console.pages import Flash, Place, go, page
from scanner.console.visits import Form, Posted, Visitor, needs
from scanner.errors import InputError
from scanner.moderation.permissions import Deed
from scanner.outside import Modifier
from scanner.sellers import exceptions, licences, penalties
from scanner.sellers import files as sellers
from scanner.sellers.ladder import LADDER

router = APIRouter(prefix="/sellers", dependencies=[Depends(needs(Deed.SEE))])
place = Place(name="sellers", path="/sellers", title=_("Sellers"), deeds=(Deed.SEE,))

Number = Annotated[int, Path(ge=1, lt=2**53)]
Words = Annotated[str, Query(max_length=300)]


@router.get("")
def find(request: Request, office: InOffice, name: Words = "", platform: Words = "") -> Response:
    """Look a seller up; below, the steps that are proposed and wait for a person."""
    found = sellers.find(office.store, name, platform=platform) if name.strip() else ()
    waiting = penalties.inbox(office.store)
    return page(
        request,
        "sellers.html",
        here="sellers",
        found=found,
        name=name,
        platform=platform,
        waiting=waiting,
        ladder=LADDER,
    )


@router.get("/{number}")
def show(request: Request, office: InOffice, number: Number) -> Response:
    """Everything on file of one seller."""
    now = office.clock()
    return page(
        request,
        "seller.html",
        here="sellers",
        file=sellers.show(office.store, number, now=now),
        ladder=LADDER,
        modifiers=list(Modifier),
        now=now,
        rules=[rule.id for rule in office.rulebook.rules],
    )


@router.post("/{number}/licences", dependencies=[Depends(needs(Deed.RECORD_LICENCE))])
def add_licence(office: InOffice, visit: Visitor, number: Number, form: Posted) -> Response:
    """Put a licence on file that this person has checked."""
    seller = sellers.show(office.store, number, now=office.clock()).seller
    licences.add(
        office.store,
        platform=seller.platform,
        seller=seller.shown,
        name=form.text("name", most=100),
        number=form.text("number", most=200),
        issuer=form.text("issuer", most=200),
        valid_from=_day(form, "valid_from"),
        expires_at=_day(form, "expires_at") if form.text("expires_at", most=10) else None,
        note=form.text("note", most=500),
        actor=visit.actor,
        now=office.clock(),
    )
    return go(f"/sellers/{number}", Flash(text=visit.language.say("On file. Rules count on it from now on.")))


@router.post("/{number}/exceptions", dependencies=[Depends(needs(Deed.PROPOSE_EXCEPTION))])
def propose_exception(office: InOffice, visit: Visitor, number: Number, form: Posted) -> Response:
    """Propose that a rule spares this seller; a second person must agree."""
    days = form.number("days")
    exceptions.propose(
        office.store,
        rule=form.text("rule", most=100),
        seller_row=number,
        owner=form.text("owner", most=100) or visit.actor.name,
        reason=form.text("reason", most=500),
        expires_at=office.clock() + timedelta(days=min(days, 10_000)),
        actor=visit.actor,
        now=office.clock(),
    )
    return go(f"/sellers/{number}", Flash(text=visit.language.say("Proposed: a second person must agree.")))


@router.post("/{number}/penalties/{penalty}/accept", dependencies=[Depends(needs(Deed.PROPOSE_CLOSURE))])
def accept_penalty(office: InOffice, visit: Visitor, number: Number, penalty: Number, form: Posted) -> Response:
    """Take the step that is proposed; closing an account needs a second person."""
    modifiers = [Modifier(one) for one in form.every("modifier") if one in set(Modifier)]
    note = form.text("note", most=500)
    penalties.accept(
        office.store,
        penalty,
        head=office.letterhead,
        actor=visit.actor,
        now=office.clock(),
        modifiers=modifiers,
        note=note,
        policy=office.policy,
    )
    return go(f"/sellers/{number}", Flash(text=visit.language.say("On file.")))


@router.post("/{number}/penalties/{penalty}/refuse", dependencies=[Depends(needs(Deed.PROPOSE_CLOSURE))])
def refuse_penalty(office: InOffice, visit: Visitor, number: Number, penalty: Number, form: Posted) -> Response:
    """Do not take the step, and say why."""
    reason = form.text("reason", most=500)
    penalties.refuse(office.store, penalty, reason=reason, actor=visit.actor, now=office.clock())
    return go(f"/sellers/{number}", Flash(text=visit.language.say("Not taken; the reason is on record.")))


def _day(form: Form, name: str) -> datetime:
    try:
        return datetime.strptime(form.text(name, most=10), "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise InputError("{name} should be a day like 2026-03-01", name=name.replace("_", " ")) from None
