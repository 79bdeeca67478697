"""Logging in and out."""

from __future__ import annotations

import dataclasses
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from scanner.console.languages import marked as _
from scanner.console.office import InOffice
from scanner.console.pages import page
from scanner.console.visits import (
    COOKIE,
    VISIT_COOKIE,
    AnyVisitor,
    Posted,
    drop_cookie,
    local_path,
    new_secret,
    set_cookie,
)
from scanner.errors import LoginRefused
from scanner.people import accounts, sessions

router = APIRouter()

# What a refused login says (``scanner.people.sessions``), for the catalogues.
REFUSALS = (_("name or password is wrong"), _("too many attempts"))


@router.get("/login")
def ask(
    request: Request,
    office: InOffice,
    visit: AnyVisitor,
    goal: Annotated[str, Query(alias="next", max_length=2000)] = "/",
) -> Response:
    """The login form; whoever is logged in goes on."""
    if visit.person is not None:
        return RedirectResponse(local_path(goal), status_code=303)
    return _form(request, visit, is_empty=not accounts.people(office.store), goal=local_path(goal))


@router.post("/login")
def log_in(request: Request, office: InOffice, visit: AnyVisitor, form: Posted) -> Response:
    """Open a session under a new secret, whatever cookie came with the form."""
    name, goal = form.text("name", most=200), local_path(form.text("next"))
    try:
        opened = sessions.log_in(
            office.store,
            name,
            form.get("password", ""),
            now=office.clock(),
            address=visit.address,
            agent=request.headers.get("user-agent", ""),
            longest=office.settings.console.longest,
        )
    except LoginRefused as error:
        return _form(request, visit, status=429 if error.wait else 401, error=error, name=name, goal=goal)
    response = RedirectResponse(goal, status_code=303)
    set_cookie(request, response, COOKIE, opened.secret)
    drop_cookie(request, response, VISIT_COOKIE)
    return response


@router.post("/logout")
def log_out(request: Request, office: InOffice, visit: AnyVisitor) -> Response:
    """End the session here and in the store."""
    if visit.person is not None:
        sessions.log_out(office.store, visit.secret, now=office.clock())
    response = RedirectResponse("/login", status_code=303)
    drop_cookie(request, response, COOKIE)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _form(
    request: Request,
    visit: AnyVisitor,
    *,
    status: int = 200,
    error: LoginRefused | None = None,
    name: str = "",
    is_empty: bool = False,
    goal: str = "/",
) -> Response:
    """The page, with a secret of its own for the form's token where there is none yet."""
    fresh = "" if visit.secret else new_secret()
    if fresh:
        request.state.visit = visit = dataclasses.replace(visit, secret=fresh)
    response = page(request, "login.html", status=status, error=error, name=name, goal=goal, is_empty=is_empty)
    if fresh:
        set_cookie(request, response, VISIT_COOKIE, fresh)
    if error is not None and error.wait:
        response.headers["Retry-After"] = str(int(error.wait.total_seconds()) + 1)
    return response
