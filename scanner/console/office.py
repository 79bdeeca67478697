"""What every room of the console works with: the store, the rulebook, the settings, the clock, the saved pages."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, cast

import msgspec
from fastapi import Depends
from starlette.requests import HTTPConnection

from scanner.console.languages import Languages
from scanner.console.rendering import Templates
from scanner.console.static import StaticFiles
from scanner.console.tallies import Tallies
from scanner.correspondence.letters import Letterhead
from scanner.model import EvidenceRef
from scanner.moderation.policy import Policy
from scanner.people.oidc import Provider
from scanner.ports import Clock
from scanner.rulebook import Rulebook
from scanner.settings import Settings
from scanner.store import Store


class SavedPage(msgspec.Struct, frozen=True, kw_only=True):
    """Captured bytes, decoded, with what the platform said they were. ``is_sound``: they are what was captured."""

    url: str
    content_type: str
    content: bytes
    is_sound: bool


# Finds captured bytes again. Raises ``NotFound`` where they are gone or damaged.
SavedPages = Callable[[EvidenceRef], SavedPage]


@dataclass(frozen=True, slots=True, kw_only=True)
class Office:
    """What every room works with; one for the whole process, safe to share between threads."""

    store: Store
    rulebook: Rulebook
    settings: Settings
    policy: Policy
    letterhead: Letterhead
    clock: Clock
    pages: SavedPages
    templates: Templates
    languages: Languages
    files: StaticFiles
    tallies: Tallies
    provider: Provider | None = None


def office_of(connection: HTTPConnection) -> Office:
    """The application's office."""
    return cast(Office, connection.app.state.office)


InOffice = Annotated[Office, Depends(office_of)]
