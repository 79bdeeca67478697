"""A page as a response: a room's template with what all pages need, in the visitor's language and time zone."""

from __future__ import annotations

from datetime import UTC
from typing import Any
from urllib.parse import quote, unquote

import msgspec
from fastapi import Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from scanner.console.explaining import field_label, finding_told, reason_said, rule_of, title_of, urgency_told
from scanner.console.languages import NAMES, Language
from scanner.console.office import Office, office_of
from scanner.console.rendering import Reader
from scanner.console.troubles import trouble_told
from scanner.console.visits import Visit, local_path
from scanner.moderation.permissions import Deed

FLASH_COOKIE = "delist_flash"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the navigation: which room, under which name, for whom. ``deeds``: any of these; none: everybody."""

    name: str
    path: str
    title: str
    deeds: tuple[Deed, ...] = ()


class Flash(msgspec.Struct, frozen=True, kw_only=True):
    """What the page before did, told once on the next one. ``undo`` is where a form takes it back, until ``until``."""

    text: str
    kind: str = "done"
    undo: str = ""
    until: float = 0.0


def page(request: Request, template: str, *, status: int = 200, here: str = "", **context: Any) -> HTMLResponse:
    """Render ``template`` for the visitor. ``here`` is the name of the room that the navigation marks."""
    office = office_of(request)
    visit: Visit | None = getattr(request.state, "visit", None)
    language = language_of(request)
    flash = _read_flash(request)
    body = office.templates.render(
        template, language, _context(request, office, visit, language, flash, here) | context
    )
    response = HTMLResponse(body, status_code=status)
    if flash is not None:
        response.delete_cookie(FLASH_COOKIE, path="/")
    return response


def go(path: str, flash: Flash | None = None) -> Response:
    """Send the browser to another page of ours after a form (303), with what to tell there."""
    response = RedirectResponse(path, status_code=303)
    if flash is not None:
        value = quote(msgspec.json.encode(flash).decode(), safe="")
        response.set_cookie(FLASH_COOKIE, value, max_age=60, httponly=True, samesite="lax", path="/")
    return response


def _context(
    request: Request, office: Office, visit: Visit | None, language: Language, flash: Flash | None, here: str
) -> dict[str, Any]:
    reader = Reader(language, visit.zone if visit else UTC, office.clock())
    return {
        "visit": visit,
        "reader": reader,
        "word": reader.word,
        "moment": reader.moment,
        "ago": reader.ago,
        "money": reader.money,
        "number": reader.number,
        "why": lambda finding: finding_told(finding.reason, rule_of(office, finding.rule), language),
        "why_urgent": lambda case: urgency_told(case.reason, language, reader.word),
        "reason_said": lambda code: reason_said(office.policy, code, language),
        "label": lambda name: field_label(name, language),
        "trouble": lambda said: trouble_told(said, language),
        "rule_title": lambda rule: title_of(office, rule, language),
        "language": language,
        "languages": NAMES,
        "flash": flash,
        "here": here,
        "places": [place for place in request.app.state.places if visit and _is_open(place, visit)],
        "csrf": Markup('<input type="hidden" name="csrf" value="{}">').format(visit.csrf if visit else ""),
        "path": request.url.path + (f"?{request.url.query}" if request.url.query else ""),
        "Deed": Deed,
    }


def _is_open(place: Place, visit: Visit) -> bool:
    return visit.person is not None and (not place.deeds or any(visit.may(deed) for deed in place.deeds))


def language_of(request: Request) -> Language:
    """The visitor's language; of a stranger that of their browser."""
    visit: Visit | None = getattr(request.state, "visit", None)
    if visit is not None:
        return visit.language
    return office_of(request).languages.choose("", request.headers.get("accept-language", ""))


def _read_flash(request: Request) -> Flash | None:
    """What a page of ours left; a cookie that somebody else wrote is text like any other, and escaped like it."""
    value = request.cookies.get(FLASH_COOKIE, "")
    try:
        flash = msgspec.json.decode(unquote(value), type=Flash) if value else None
    except msgspec.DecodeError:
        return None
    return msgspec.structs.replace(flash, undo=local_path(flash.undo, "")) if flash else None
