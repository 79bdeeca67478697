"""Who acts on the command line, in which role, and by which policy of the house."""

from __future__ import annotations

import getpass
from typing import Annotated

import typer

from scanner.model import Actor, Role
from scanner.moderation.policy import Policy, load
from scanner.settings import Settings

Who = Annotated[str, typer.Option("--actor", help="Who does it.", envvar="DELIST_ACTOR")]
As = Annotated[Role, typer.Option(help="In which role.")]
Why = Annotated[str, typer.Option("--reason", help="Why, for the record.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one object a line.")]


def actor_of(name: str, role: Role) -> Actor:
    """Who acts: as given, else whoever is logged in at the machine."""
    return Actor(name=name or getpass.getuser(), role=role)


def policy_of(settings: Settings) -> Policy:
    """The platform's own policy, or the shipped one. Raises ``SettingsError``."""
    return load(settings.policies)
