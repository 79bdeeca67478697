"""What goes wrong, in plain words: a page for people, problem+json (RFC 9457) for the HTTP API."""

from __future__ import annotations

import logging
import secrets
from http import HTTPStatus
from urllib.parse import quote

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.routing import iter_route_contexts
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import compile_path

from scanner.console.languages import marked as _
from scanner.console.pages import language_of, page
from scanner.console.refusals import told as words_of
from scanner.console.visits import SAFE_METHODS, NotLoggedIn
from scanner.errors import (
    Conflict,
    DelistError,
    Forbidden,
    IllegalMove,
    InputError,
    LoginRefused,
    NotFound,
    StoreUnavailable,
)

_log = logging.getLogger(__name__)

STATUS: dict[type[DelistError], HTTPStatus] = {
    NotLoggedIn: HTTPStatus.UNAUTHORIZED,
    LoginRefused: HTTPStatus.UNAUTHORIZED,
    Forbidden: HTTPStatus.FORBIDDEN,
    NotFound: HTTPStatus.NOT_FOUND,
    Conflict: HTTPStatus.CONFLICT,
    IllegalMove: HTTPStatus.CONFLICT,
    InputError: HTTPStatus.UNPROCESSABLE_ENTITY,
    StoreUnavailable: HTTPStatus.SERVICE_UNAVAILABLE,
}
_TITLES = {
    HTTPStatus.UNAUTHORIZED: _("Please log in"),
    HTTPStatus.FORBIDDEN: _("This is not for your role"),
    HTTPStatus.NOT_FOUND: _("There is no such page"),
    HTTPStatus.METHOD_NOT_ALLOWED: _("There is no such page"),
    HTTPStatus.CONFLICT: _("Somebody was faster"),
    HTTPStatus.UNPROCESSABLE_ENTITY: _("Something in this form is not right"),
    HTTPStatus.SERVICE_UNAVAILABLE: _("The database cannot be reached"),
}
_OTHERWISE = _("Something went wrong on our side")


def install(app: FastAPI) -> None:
    """Answer what rooms raise."""
    app.add_exception_handler(DelistError, _delist_error)
    app.add_exception_handler(HTTPException, _http_error)
    app.add_exception_handler(RequestValidationError, _bad_request)
    app.add_exception_handler(Exception, _surprise)


def status_of(error: DelistError) -> HTTPStatus:
    """The HTTP status that says best what happened."""
    found = next((STATUS[kind] for kind in type(error).__mro__ if kind in STATUS), None)
    return found or HTTPStatus.INTERNAL_SERVER_ERROR


def is_api(request: Request) -> bool:
    """Whether a program asks, which wants JSON."""
    return request.url.path.startswith("/api/")


def problem(status: int, detail: str = "", *, hint: str = "", **more: object) -> JSONResponse:
    """A problem detail."""
    told = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail}
    content = {name: value for name, value in (told | {"hint": hint} | more).items() if value != ""}
    headers = {"WWW-Authenticate": "Bearer"} if status == HTTPStatus.UNAUTHORIZED else {}
    return JSONResponse(content, status_code=status, media_type="application/problem+json", headers=headers)


def refusal(request: Request, status: int, message: str = "", hint: str = "", incident: str = "") -> Response:
    """The page, or the problem, that says what went wrong and what to do."""
    if is_api(request):
        more = {"incident": incident} if incident else {}
        return problem(status, message, hint=hint, **more)
    title = _TITLES.get(HTTPStatus(status), _OTHERWISE)
    return page(request, "fault.html", status=status, title=title, message=message, hint=hint, incident=incident)


async def _delist_error(request: Request, error: Exception) -> Response:
    told = error if isinstance(error, DelistError) else DelistError(str(error))
    if isinstance(told, NotLoggedIn) and request.method in SAFE_METHODS and not is_api(request):
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        return RedirectResponse(f"/login?next={quote(path, safe='')}" if path != "/" else "/login", status_code=303)
    status = status_of(told)
    if status is HTTPStatus.INTERNAL_SERVER_ERROR:
        return await _surprise(request, error)
    message, hint = (str(told), told.hint) if is_api(request) else words_of(told, language_of(request))
    return refusal(request, status, message, hint)


async def _http_error(request: Request, error: Exception) -> Response:
    status = error.status_code if isinstance(error, HTTPException) else 500
    answer = refusal(request, status)
    if status == HTTPStatus.METHOD_NOT_ALLOWED:
        answer.headers["Allow"] = ", ".join(_methods(request))
    return answer


def _methods(request: Request) -> list[str]:
    """Which methods there are at an address where this one is not (RFC 9110, 15.5.6), of all routes that lead there."""
    path, routes = request.url.path, iter_route_contexts(request.app.routes)
    here = (route for route in routes if route.path and compile_path(route.path)[0].match(path))
    return sorted({method for route in here for method in route.methods or ()})


async def _bad_request(request: Request, error: Exception) -> Response:
    """A number in an address that is none names nothing; elsewhere, what is wrong is said."""
    faults = error.errors() if isinstance(error, RequestValidationError) else []
    if any(fault["loc"][0] == "path" for fault in faults):
        return refusal(request, HTTPStatus.NOT_FOUND)
    words = "; ".join(f"{'.'.join(map(str, fault['loc'][1:]))}: {fault['msg']}" for fault in faults[:10])
    return refusal(request, HTTPStatus.UNPROCESSABLE_ENTITY, words[:500])


async def _surprise(request: Request, error: Exception) -> Response:
    """Nobody outside learns how; the number leads an operator to the log."""
    incident = secrets.token_hex(4)
    _log.error("incident %s at %s %s", incident, request.method, request.url.path, exc_info=error)
    return refusal(request, HTTPStatus.INTERNAL_SERVER_ERROR, incident=incident)
