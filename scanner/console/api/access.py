"""Who calls the API: a service with a token, good for its scopes and for what its role may."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import Depends, Header, Request
from fastapi.security import HTTPBearer
from starlette.responses import Response

from scanner.console.faults import problem
from scanner.console.office import InOffice, Office
from scanner.console.visits import NotLoggedIn
from scanner.errors import Forbidden
from scanner.people import requests, tokens
from scanner.people.records import Scope, Token

# Tells the description of the API how to log in; what it finds is looked at by ``caller``.
_BEARER = HTTPBearer(auto_error=False, description="A token made with `delist token add`.")

Problems = dict[int | str, dict[str, Any]]
PROBLEM: dict[str, Any] = {
    "description": "What went wrong, as application/problem+json",
    "content": {"application/problem+json": {"schema": {"type": "object"}}},
}
# What any route may answer; routes add their own.
PROBLEMS: Problems = dict.fromkeys((400, 401, 403, 404, 413, 422, 503), PROBLEM)


class NoToken(NotLoggedIn):
    """No token came with the request, or none that is good."""


def caller(request: Request, office: InOffice) -> Token:
    """The token that the request brings. Raises ``NoToken``; a person's session is no key to the API."""
    kind, _, secret = request.headers.get("authorization", "").partition(" ")
    found = tokens.bearer(office.store, secret.strip(), now=office.clock()) if kind.lower() == "bearer" else None
    if found is None:
        raise NoToken("this needs a token that is good now", hint="Send Authorization: Bearer delist_…")
    return found


Caller = Annotated[Token, Depends(caller)]


def scope(wanted: Scope) -> Callable[..., None]:
    """A dependency that lets in tokens with this scope. Raises ``Forbidden``."""

    def check(token: Caller, _: Annotated[object, Depends(_BEARER)] = None) -> None:
        if wanted not in token.scopes:
            raise Forbidden(f"the token {token.name} is not good for {wanted}", hint=f"It needs the scope {wanted}.")

    return check


async def body_of(request: Request) -> bytes:
    """The body as it was sent."""
    return await request.body()


Body = Annotated[bytes, Depends(body_of)]
IdempotencyKey = Annotated[
    str, Header(alias="Idempotency-Key", max_length=requests.LONGEST_KEY, description="The same key: the same answer.")
]


def once(
    request: Request, office: Office, token: Token, key: str, body: bytes, work: Callable[[requests.Keep], object]
) -> Response:
    """Answer with what ``work`` keeps, once for a key."""
    said = b"\0".join((request.method.encode(), request.url.path.encode(), body))
    status, answer = requests.once(office.store, token.id, key, said, work, now=office.clock())
    return Response(answer, status_code=status, media_type="application/json")


def precondition_failed(message: str, etag: str) -> Response:
    """The case is not what the caller has seen: 412 with what it is now."""
    response = problem(412, message, hint="Read it again, and decide on what it says now.")
    response.headers["ETag"] = etag
    return response
