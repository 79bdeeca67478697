"""Who is asking: the session behind a request, what their role allows, and whether a form came from our own page.

Declared at a room's routes, never inside them: ``Visitor`` for the person, ``needs(deed)`` for the permission. The
guard that all rooms for people stand behind checks every request that changes something for its CSRF token.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, tzinfo
from typing import Annotated
from urllib.parse import parse_qsl, urlsplit

from fastapi import Depends, Request
from starlette.responses import Response

from scanner.console.languages import Language
from scanner.console.office import InOffice, Office
from scanner.cronline import read_zone
from scanner.errors import DelistError, Forbidden, InputError
from scanner.model import Actor
from scanner.moderation.permissions import Deed, may, require
from scanner.people import sessions
from scanner.people.records import Person, Preferences

COOKIE = "delist_session"
# Before anybody has logged in: only so that the login form has a CSRF token.
VISIT_COOKIE = "delist_visit"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
MOST_BYTES = 256 * 1024
MOST_FIELDS = 2000


class NotLoggedIn(DelistError):
    """Nobody is logged in."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Visit:
    """One request's visitor. ``person`` is nobody on the pages before the login."""

    person: Person | None
    secret: str
    address: str
    language: Language
    zone: tzinfo

    @property
    def csrf(self) -> str:
        """What a form must bring back: bound to the session, useless without its cookie."""
        return hmac.new(self.secret.encode(), b"form", hashlib.sha256).hexdigest()

    @property
    def preferences(self) -> Preferences:
        """How the visitor wants the console."""
        return self.person.preferences if self.person else Preferences()

    @property
    def actor(self) -> Actor:
        """Who acts. Raises ``NotLoggedIn`` where nobody is."""
        return self.somebody.actor

    @property
    def somebody(self) -> Person:
        """The person. Raises ``NotLoggedIn`` where nobody is."""
        if self.person is None:
            raise NotLoggedIn("nobody is logged in")
        return self.person

    def may(self, deed: Deed | str) -> bool:
        """Whether the visitor's role allows it."""
        return self.person is not None and may(self.person.actor, Deed(deed))


class Form(Mapping[str, str]):
    """The fields of a form, each with its last value; ``every`` gives all values of one."""

    def __init__(self, pairs: Sequence[tuple[str, str]] = ()) -> None:
        self._pairs = tuple(pairs)
        self._last = dict(self._pairs)

    def __getitem__(self, name: str) -> str:
        return self._last[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._last)

    def __len__(self) -> int:
        return len(self._last)

    def every(self, name: str) -> tuple[str, ...]:
        """All values of a field."""
        return tuple(value for key, value in self._pairs if key == name)

    def text(self, name: str, *, most: int = 4000) -> str:
        """A field's text without blanks around it; empty where it was not sent. Raises ``InputError`` if too long."""
        value = self.get(name, "").strip()
        if len(value) > most:
            raise InputError("{name} is longer than {most} characters", name=name, most=most)
        return value

    def number(self, name: str) -> int:
        """A field's whole number. Raises ``InputError``."""
        value = self.get(name, "")
        if not (value.isascii() and value.isdecimal() and len(value) < 19):
            raise InputError("{name} should be a whole number", name=name)
        return int(value)


def visit_of(request: Request, office: InOffice) -> Visit:
    """Whose request it is, logged in or not."""
    secret = request.cookies.get(cookie_name(request, COOKIE), "")
    console = office.settings.console
    found = sessions.visitor(office.store, secret, now=office.clock(), idle=console.idle) if secret else None
    person = found[1] if found else None
    preferences = person.preferences if person else Preferences()
    visit = Visit(
        person=person,
        secret=secret if person else request.cookies.get(cookie_name(request, VISIT_COOKIE), ""),
        address=request.client.host if request.client else "",
        language=office.languages.choose(
            preferences.language or request.query_params.get("language", ""),
            request.headers.get("accept-language", ""),
        ),
        zone=_zone(preferences, office),
    )
    request.state.visit = visit
    return visit


AnyVisitor = Annotated[Visit, Depends(visit_of)]


def person_here(visit: AnyVisitor) -> Visit:
    """A visit by somebody who is logged in. Raises ``NotLoggedIn``."""
    if visit.person is None:
        raise NotLoggedIn("nobody is logged in")
    return visit


Visitor = Annotated[Visit, Depends(person_here)]


async def form_of(request: Request) -> Form:
    """The form that was sent. Raises ``InputError`` for one that is too large or no form."""
    if not hasattr(request.state, "form"):
        request.state.form = await _read_form(request)
    form: Form = request.state.form
    return form


Posted = Annotated[Form, Depends(form_of)]


async def refuse_forged(request: Request, visit: AnyVisitor) -> None:
    """Raise ``Forbidden`` for a change that did not come from one of our own pages.

    1. What only reads needs no proof.
    2. A browser that names another origin, or another site, is refused (Fetch Metadata).
    3. The token of the visitor's own session must come back with the form.
    """
    if request.method in SAFE_METHODS:
        return
    origin = request.headers.get("origin", "")
    if origin and (origin == "null" or urlsplit(origin).netloc != request.headers.get("host", "")):
        raise Forbidden("this form came from another site")
    if request.headers.get("sec-fetch-site", "same-origin") not in {"same-origin", "none"}:
        raise Forbidden("this form came from another site")
    sent = (await form_of(request)).get("csrf", "")
    if not visit.secret or not hmac.compare_digest(sent.encode(), visit.csrf.encode()):
        raise Forbidden("this form is out of date", hint="Go back, reload the page, and send it again.")


def needs(*deeds: Deed) -> Callable[..., None]:
    """A dependency that lets in who may do one of ``deeds``. Raises ``Forbidden`` naming the roles that may."""

    def check(visit: Visitor) -> None:
        if not any(visit.may(deed) for deed in deeds):
            require(visit.actor, deeds[0])

    return check


def cookie_name(request: Request, name: str) -> str:
    """A cookie's name: over https with the prefix that binds it to this host and to https (RFC 6265bis)."""
    return f"__Host-{name}" if request.url.scheme == "https" else name


def set_cookie(request: Request, response: Response, name: str, value: str) -> None:
    """A cookie that no script reads, no other site sends, and that ends with the browser's session."""
    is_secure = request.url.scheme == "https"
    response.set_cookie(cookie_name(request, name), value, httponly=True, samesite="lax", secure=is_secure, path="/")


def drop_cookie(request: Request, response: Response, name: str) -> None:
    """Have the browser forget a cookie."""
    response.delete_cookie(cookie_name(request, name), path="/", secure=request.url.scheme == "https")


def new_secret() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def local_path(path: str, otherwise: str = "/") -> str:
    """``path`` if it stays on this site, else ``otherwise``: what comes with a link may lead anywhere."""
    is_local = path.startswith("/") and not path.startswith(("//", "/\\"))
    is_plain = path.isprintable() and "\\" not in path and len(path) <= 2000
    return path if is_local and is_plain else otherwise


async def _read_form(request: Request) -> Form:
    type_ = request.headers.get("content-type", "").partition(";")[0].strip()
    if type_ not in {"", "application/x-www-form-urlencoded"}:
        raise InputError("a form is sent as application/x-www-form-urlencoded, not as {kind}", kind=type_[:80])
    body = bytearray()
    async for part in request.stream():
        body += part
        if len(body) > MOST_BYTES:
            raise InputError("a form is at most {most} bytes", most=MOST_BYTES)
    try:
        text = body.decode("utf8")
        return Form(parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS, errors="replace"))
    except (UnicodeDecodeError, ValueError) as error:
        raise InputError("the form cannot be read: {why}", why=error) from None


def _zone(preferences: Preferences, office: Office) -> tzinfo:
    """The person's time zone; one that this machine does not know any more is the general one."""
    try:
        return read_zone(preferences.time_zone or office.settings.time_zone)
    except ValueError:
        return UTC
