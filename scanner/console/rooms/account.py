"""A person's own account: language, time zone, colours, images, keys, password."""

from __future__ import annotations

from zoneinfo import available_timezones

import msgspec
from fastapi import APIRouter, Request
from starlette.responses import Response

from scanner.console.languages import NAMES
from scanner.console.office import InOffice
from scanner.console.pages import Flash, go, page
from scanner.console.visits import COOKIE, Form, Posted, Visitor, drop_cookie, local_path
from scanner.cronline import read_zone
from scanner.errors import InputError
from scanner.people import accounts, sessions
from scanner.people.records import Preferences, Theme

router = APIRouter(prefix="/account")


@router.get("")
def show(request: Request, visit: Visitor) -> Response:
    """What can be set, as it is."""
    zones = sorted(zone for zone in available_timezones() if "/" in zone and not zone.startswith(("Etc/", "posix/")))
    return page(request, "account.html", zones=["UTC", *zones], themes=list(Theme), wanted=visit.preferences)


@router.post("/preferences")
def prefer(office: InOffice, visit: Visitor, form: Posted) -> Response:
    """How this person wants the console."""
    accounts.set_preferences(office.store, visit.somebody.id, _preferences(form))
    return go("/account", Flash(text=visit.language.say("Saved.")))


@router.post("/language")
def speak(office: InOffice, visit: Visitor, form: Posted) -> Response:
    """Another language, from any page, and back to it."""
    code = form.text("language")
    wanted = msgspec.structs.replace(visit.preferences, language=code if code in NAMES else "")
    accounts.set_preferences(office.store, visit.somebody.id, wanted)
    return go(local_path(form.text("back")))


@router.post("/theme")
def colour(office: InOffice, visit: Visitor, form: Posted) -> Response:
    """Other colours, from any page, and back to it."""
    wanted = msgspec.structs.replace(visit.preferences, theme=_theme(form.text("theme")))
    accounts.set_preferences(office.store, visit.somebody.id, wanted)
    return go(local_path(form.text("back")))


@router.post("/password")
def change_password(request: Request, office: InOffice, visit: Visitor, form: Posted) -> Response:
    """Another password, for who knows the old one; all their sessions end, this one too."""
    person = visit.somebody
    if not sessions.confirm(office.store, person, form.get("old", "")):
        raise InputError("that is not your present password")
    if form.get("new", "") != form.get("again", ""):
        raise InputError("the two new passwords differ")
    accounts.set_password(office.store, person.name, form.get("new", ""), actor=person.actor, now=office.clock())
    response = go("/login", Flash(text=visit.language.say("Your password is changed. Log in with it.")))
    drop_cookie(request, response, COOKIE)
    return response


def _preferences(form: Form) -> Preferences:
    zone = form.text("time_zone")
    try:
        read_zone(zone or "UTC")
    except ValueError as error:
        raise InputError(str(error)) from None
    language = form.text("language")
    return Preferences(
        language=language if language in NAMES else "",
        time_zone=zone,
        theme=_theme(form.text("theme")),
        blurs_images="blurs_images" in form,
        greys_images="greys_images" in form,
        uses_keys="uses_keys" in form,
    )


def _theme(name: str) -> Theme:
    return Theme(name) if name in set(Theme) else Theme.AUTO
