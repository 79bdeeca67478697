"""Logging in and out."""

from __future__ import annotations

import dataclasses
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Query, Request
from starlette.responses import RedirectResponse, Response

from scanner.console.languages import marked as _
from scanner.console.office import InOffice, Office, office_of
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
from scanner.errors import InputError, LoginRefused, NotFound
from scanner.people import accounts, oidc, sessions

router = APIRouter()

# What a refused login says (``scanner.people.sessions``, ``scanner.people.oidc``), for the catalogues.
REFUSALS = (
    _("name or password is wrong"),
    _("too many attempts"),
    _("this login was not begun here, or long ago"),
    _("none of your groups may use Delist"),
    _("a local account has your name"),
    _("the login provider did not take the code"),
    _("the login provider cannot be reached, or does not say what it should"),
)


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
    return _let_in(request, opened, goal)


@router.get("/login/provider")
def begin(
    request: Request,
    office: InOffice,
    visit: AnyVisitor,
    goal: Annotated[str, Query(alias="next", max_length=2000)] = "/",
) -> Response:
    """To the login provider, if the settings name one; it sends the browser back to ``come_back``.

    Only a person who follows our own link begins anything: another site's link leads to the login page, and so does
    what is no page, such as another site's picture with this address.
    """
    provider, browser = _provider(office), visit.secret or new_secret()
    if not _is_followed_here(request):
        return RedirectResponse(f"/login?{urlencode({'next': local_path(goal)})}", status_code=303)
    try:
        there = oidc.begin(
            office.store,
            provider,
            browser=browser,
            goal=local_path(goal),
            back=_back(request),
            now=office.clock(),
            address=visit.address,
        )
    except LoginRefused as error:
        return _form(request, visit, status=503, error=error, goal=local_path(goal))
    response = RedirectResponse(there, status_code=303)
    if visit.person is None:
        set_cookie(request, response, VISIT_COOKIE, browser)
    return response


@router.get("/login/return")
def come_back(
    request: Request,
    office: InOffice,
    visit: AnyVisitor,
    state: Annotated[str, Query(max_length=200)] = "",
    code: Annotated[str, Query(max_length=2000)] = "",
) -> Response:
    """From the login provider, with its word for who this is; or without, where it would not give it."""
    provider, settings = _provider(office), office.settings.console
    came = oidc.Back(
        state=state,
        code=code,
        browser=visit.secret,
        url=_back(request),
        address=visit.address,
        agent=request.headers.get("user-agent", ""),
    )
    try:
        opened, goal = oidc.finish(
            office.store, provider, settings.oidc, came, now=office.clock(), longest=settings.longest_by_provider
        )
    except (LoginRefused, InputError) as error:
        refused = error if isinstance(error, LoginRefused) else LoginRefused(str(error), hint=error.hint)
        return _form(request, visit, status=401, error=refused)
    return _let_in(request, opened, local_path(goal))


@router.post("/logout")
def log_out(request: Request, office: InOffice, visit: AnyVisitor) -> Response:
    """End the session here and in the store."""
    if visit.person is not None:
        sessions.log_out(office.store, visit.secret, now=office.clock())
    response = RedirectResponse("/login", status_code=303)
    drop_cookie(request, response, COOKIE)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


def _let_in(request: Request, opened: sessions.Opened, goal: str) -> Response:
    response = RedirectResponse(goal, status_code=303)
    set_cookie(request, response, COOKIE, opened.secret)
    drop_cookie(request, response, VISIT_COOKIE)
    return response


def _provider(office: Office) -> oidc.Provider:
    if office.provider is None:
        raise NotFound("no login provider is set up here", hint="See console.oidc in the settings.")
    return office.provider


def _is_followed_here(request: Request) -> bool:
    """Whether a browser says that somebody opened the address, from a page of ours or by hand (Fetch Metadata)."""
    is_ours = request.headers.get("sec-fetch-site", "none") in {"same-origin", "none"}
    return is_ours and request.headers.get("sec-fetch-dest", "document") == "document"


def _back(request: Request) -> str:
    """Where the provider sends the browser: its Host header has been looked at before (``SafeHeaders``)."""
    return str(request.url.replace(path="/login/return", query=""))


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
    oidc_settings = office_of(request).settings.console.oidc
    response = page(
        request, "login.html", status=status, error=error, name=name, goal=goal, is_empty=is_empty, oidc=oidc_settings
    )
    if fresh:
        set_cookie(request, response, VISIT_COOKIE, fresh)
    if error is not None and error.wait:
        response.headers["Retry-After"] = str(int(error.wait.total_seconds()) + 1)
    return response
