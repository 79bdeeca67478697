"""People and services: who may use Delist, in which role, with which keys."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import Response

from scanner.console.languages import marked as _
from scanner.console.office import InOffice
from scanner.console.pages import Flash, Place, go, page
from scanner.console.visits import Form, Posted, Visitor, needs
from scanner.errors import InputError
from scanner.model import Role
from scanner.moderation.permissions import PERMISSIONS, Deed
from scanner.people import accounts, tokens
from scanner.people.records import Scope

router = APIRouter(prefix="/people", dependencies=[Depends(needs(Deed.MANAGE_PEOPLE))])
place = Place(name="people", path="/people", title=_("People"), deeds=(Deed.MANAGE_PEOPLE,))

ROLES = tuple(role for role in Role if role is not Role.SYSTEM)
Name = Annotated[str, Path(max_length=100)]
Number = Annotated[int, Path(ge=1, lt=2**53)]


@router.get("")
def listed(request: Request, office: InOffice) -> Response:
    """All accounts and tokens, and what each role may."""
    return _page(request, office)


@router.post("")
def add(office: InOffice, visit: Visitor, form: Posted) -> Response:
    """A new account, with a first password that its owner should change."""
    name = form.text("name", most=100)
    role = _role(form)
    accounts.add(office.store, name, role, form.get("password", ""), actor=visit.actor, now=office.clock())
    return go("/people", Flash(text=visit.language.say("%(name)s can log in now.", name=name)))


@router.post("/{name}/role")
def set_role(office: InOffice, visit: Visitor, name: Name, form: Posted) -> Response:
    """Another role; all sessions of that person end."""
    accounts.set_role(office.store, name, _role(form), actor=visit.actor, now=office.clock())
    return go("/people", Flash(text=visit.language.say("Saved. All their logins have ended.")))


@router.post("/{name}/disable")
def disable(office: InOffice, visit: Visitor, name: Name) -> Response:
    """Nobody logs in with the account any more."""
    accounts.disable(office.store, name, actor=visit.actor, now=office.clock())
    return go("/people", Flash(text=visit.language.say("%(name)s cannot log in any more.", name=name)))


@router.post("/{name}/enable")
def enable(office: InOffice, visit: Visitor, name: Name) -> Response:
    """The account is of use again."""
    accounts.enable(office.store, name, actor=visit.actor, now=office.clock())
    return go("/people", Flash(text=visit.language.say("%(name)s can log in now.", name=name)))


@router.post("/{name}/password")
def set_password(office: InOffice, visit: Visitor, name: Name, form: Posted) -> Response:
    """Another password for somebody who has lost theirs."""
    accounts.set_password(office.store, name, form.get("password", ""), actor=visit.actor, now=office.clock())
    return go("/people", Flash(text=visit.language.say("Saved. All their logins have ended.")))


@router.post("/tokens")
def add_token(request: Request, office: InOffice, visit: Visitor, form: Posted) -> Response:
    """A new token; its secret is on this page, and never again."""
    scopes = [Scope(one) for one in form.every("scope") if one in set(Scope)]
    token, secret = tokens.add(
        office.store, form.text("name", most=100), scopes, role=_role(form), actor=visit.actor, now=office.clock()
    )
    return _page(request, office, fresh=token.name, secret=secret)


@router.post("/tokens/{number}/revoke")
def revoke(office: InOffice, visit: Visitor, number: Number) -> Response:
    """It is good for nothing from now on."""
    tokens.revoke(office.store, number, actor=visit.actor, now=office.clock())
    return go("/people", Flash(text=visit.language.say("The token is good for nothing from now on.")))


def _page(request: Request, office: InOffice, *, fresh: str = "", secret: str = "") -> Response:
    return page(
        request,
        "people.html",
        here="people",
        people=accounts.people(office.store),
        tokens=tokens.tokens(office.store),
        roles=ROLES,
        scopes=list(Scope),
        permissions=PERMISSIONS,
        fresh=fresh,
        secret=secret,
    )


def _role(form: Form) -> Role:
    try:
        return Role(form.text("role", most=60))
    except ValueError:
        raise InputError("that is no role", hint=f"Roles: {', '.join(ROLES)}.") from None
