"""The settings of who gets in: under which names the console is reached, how long a login lasts, who else vouches."""

from __future__ import annotations

from datetime import timedelta
from ipaddress import ip_address
from typing import Annotated, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, model_validator

from scanner.model import Role

Claim = Annotated[str, Field(min_length=1, max_length=200)]


class OidcSettings(BaseModel):
    """Logging in by an OpenID Connect provider, beside local accounts. Off unless ``issuer`` is set."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    issuer: str = Field("", description="the provider's address, as its discovery document says it; empty: off")
    client_id: str = Field("", description="under which name the provider knows the console")
    secret_variable: str = Field("", description="environment variable that holds the client's secret, if it has one")
    title: str = Field("Single sign-on", description="what the link on the login page says")
    scopes: tuple[str, ...] = Field(("openid", "profile"), description="what the provider is asked to tell")
    name_claim: Claim = Field("preferred_username", description="the claim that is a person's name here")
    role_claim: Claim = Field("roles", description="the claim that lists a person's groups; a dot leads into a table")
    session_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(
        60, description="a login by the provider ends after this: it is asked again who somebody is"
    )
    roles: dict[str, Role] = Field(
        default_factory=dict, description="group = role; the first group in this order that a person has counts"
    )

    @model_validator(mode="after")
    def _whole(self) -> Self:
        """Raise ``ValueError`` for what could not work, or would let anybody in between listen."""
        if not self.issuer:
            return self
        if not is_private(self.issuer):
            raise ValueError(f'issuer "{self.issuer}" should begin with https://')
        if not self.client_id or not self.roles:
            raise ValueError("an issuer needs a client_id, and roles for its groups")
        if Role.SYSTEM in self.roles.values():
            raise ValueError("system is Delist itself, not a person's role")
        if "openid" not in self.scopes:
            raise ValueError('scopes need "openid"')
        return self


class ConsoleSettings(BaseModel):
    """Who reaches the console, and for how long a login lasts."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    hosts: tuple[str, ...] = Field((), description="names under which the console is reached, beside localhost")
    idle_minutes: Annotated[int, Field(ge=1, le=1440)] = Field(60, description="a login unused for so long has ended")
    session_hours: Annotated[int, Field(ge=1, le=168)] = Field(12, description="a login ends after this in any case")

    oidc: OidcSettings = OidcSettings()

    @property
    def idle(self) -> timedelta:
        """How long a session may be unused."""
        return timedelta(minutes=self.idle_minutes)

    @property
    def longest(self) -> timedelta:
        """How long a session may last."""
        return timedelta(hours=self.session_hours)

    @property
    def longest_by_provider(self) -> timedelta:
        """How long one may last that a provider has vouched for, which is not heard again meanwhile."""
        return min(self.longest, timedelta(minutes=self.oidc.session_minutes))


def is_private(url: str) -> bool:
    """Whether nobody can listen in between: https, or this machine itself."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    try:
        return parts.scheme == "http" and ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False
