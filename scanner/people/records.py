"""What is kept of the people who use Delist. A person's password never travels in any of these."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from scanner.model import Actor, Role


class Theme(StrEnum):
    """Which colours the console wears; ``auto`` is what the person's device asks for."""

    AUTO = "auto"
    LIGHT = "light"
    DARK = "dark"


class Preferences(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """How a person wants the console. Empty language or time zone: the browser's, and that of the settings."""

    language: str = ""
    time_zone: str = ""
    theme: Theme = Theme.AUTO
    blurs_images: bool = True
    greys_images: bool = False
    uses_keys: bool = True


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """An account. ``name`` is what they log in with, and who they are in every event."""

    id: int
    name: str
    role: Role
    created_at: datetime
    is_disabled: bool = False
    last_login_at: datetime | None = None
    preferences: Preferences = Preferences()

    @property
    def actor(self) -> Actor:
        """Who acts when this person does something."""
        return Actor(name=self.name, role=self.role)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A person's visit in one browser. ``digest`` is SHA-256 of the secret that only the browser keeps."""

    digest: str
    person_id: int
    opened_at: datetime
    seen_at: datetime
    until: datetime
    address: str = ""
    agent: str = ""


class SignIn(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who was sent to the login provider. ``browser`` is SHA-256 of what only their browser keeps, ``nonce``
    must be in the provider's answer, ``verifier`` goes with the code (PKCE), ``goal`` is where they wanted to go."""

    browser: str
    nonce: str
    verifier: str
    goal: str
    begun_at: datetime


class Scope(StrEnum):
    """What a service's token is good for; everything else is refused, whatever its role."""

    CHECK = "check"
    CASES_READ = "cases:read"
    CASES_DECIDE = "cases:decide"
    NOTICES_READ = "notices:read"
    NOTICES_WRITE = "notices:write"
    APPEALS_READ = "appeals:read"
    APPEALS_WRITE = "appeals:write"
    INSPECTIONS_READ = "inspections:read"
    INSPECTIONS_RUN = "inspections:run"
    EXPORT = "export"


class Token(msgspec.Struct, frozen=True, kw_only=True):
    """A service's key to the HTTP API; of its secret only the SHA-256 is kept (``digest``)."""

    id: int
    name: str
    role: Role
    scopes: tuple[Scope, ...]
    digest: str
    created_at: datetime
    created_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    @property
    def actor(self) -> Actor:
        """Who acts when this token is used."""
        return Actor(name=f"service:{self.name}", role=self.role)


class Failures(msgspec.Struct, frozen=True, kw_only=True):
    """How often in a row logging in failed, for a name or from an address, and until when it is refused."""

    count: int = 0
    last_at: datetime | None = None
    locked_until: datetime | None = None


class SavedView(msgspec.Struct, frozen=True, kw_only=True):
    """A filter of a list that a person keeps under a name; ``query`` is the part of its address after the ``?``."""

    id: int
    person_id: int
    room: str
    name: str
    query: str
