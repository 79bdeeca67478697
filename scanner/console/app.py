"""The console wired together: rooms, guards, headers, and the real adapters behind the office."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from fastapi import Depends, FastAPI, Request
from starlette.responses import Response

from scanner.console import faults, rooms
from scanner.console.headers import SafeHeaders
from scanner.console.languages import Languages
from scanner.console.limits import BodyLimit
from scanner.console.office import Office, SavedPage, SavedPages
from scanner.console.rendering import Templates
from scanner.console.serving import few_threads
from scanner.console.static import StaticFiles
from scanner.console.tallies import Tallies
from scanner.console.visits import person_here, refuse_forged
from scanner.correspondence.letters import headed
from scanner.errors import InputError, NotFound
from scanner.model import EvidenceRef
from scanner.moderation import policy
from scanner.people.oidc import Provider
from scanner.people.settings import OidcSettings
from scanner.ports import Clock
from scanner.rulebook import Rulebook
from scanner.settings import Settings
from scanner.store import Store
from spiders.archive import record_at

_VERIFY = "`delist evidence verify` says what is missing."


def create_app(store: Store, rulebook: Rulebook, settings: Settings, clock: Clock | None = None) -> FastAPI:
    """The console over a store. It opens nothing and starts nothing by itself."""
    app = FastAPI(
        title="Delist",
        version="1",
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
        lifespan=few_threads,
    )
    app.state.office = office = furnish(store, rulebook, settings, clock)
    app.state.places = rooms.PLACES
    faults.install(app)
    _enter(app, office.files)
    app.add_middleware(BodyLimit)
    app.add_middleware(SafeHeaders, hosts=settings.console.hosts)
    return app


def furnish(store: Store, rulebook: Rulebook, settings: Settings, clock: Clock | None = None) -> Office:
    """What every room works with."""
    languages, files, templates = _furniture()
    return Office(
        store=store,
        rulebook=rulebook,
        settings=settings,
        policy=policy.load(settings.policies),
        letterhead=headed(rulebook, contact=settings.letters.contact, appeal_at=settings.letters.appeal_at),
        clock=clock or _now,
        pages=saved_pages(settings.evidence),
        templates=templates,
        languages=languages,
        files=files,
        tallies=Tallies(store, clock or _now),
        provider=provider_of(settings.console.oidc),
    )


def provider_of(settings: OidcSettings) -> Provider | None:
    """The login provider that the settings name, if they name one."""
    if not settings.issuer:
        return None
    # Keys and signatures take 8 MB that a house with local accounts does not need.
    from scanner.openid import OpenIdProvider

    return OpenIdProvider(settings)


@cache
def _furniture() -> tuple[Languages, StaticFiles, Templates]:
    """What is read from the package's own files, once for the whole process."""
    languages, files = Languages(), StaticFiles()
    return languages, files, Templates(languages, address=files.address)


def saved_pages(folder: Path) -> SavedPages:
    """Finds captured bytes under the evidence folder, and says whether they are what was captured."""

    def find(ref: EvidenceRef) -> SavedPage:
        file = (folder / ref.file).resolve()
        if not file.is_relative_to(folder.resolve()):
            raise NotFound("the captured page does not lie in the evidence folder", hint=_VERIFY)
        try:
            record = record_at(file, ref.offset)
        except InputError as error:
            raise NotFound("the captured page is not where it was, or damaged", hint=_VERIFY) from error
        return SavedPage(
            url=record.url,
            content_type=record.header("content-type"),
            content=record.content,
            is_sound=record.sha256 == ref.sha256,
        )

    return find


def _enter(app: FastAPI, files: StaticFiles) -> None:
    """All rooms, each behind the guard that is meant for it."""

    @app.get("/static/{name}", include_in_schema=False)
    async def static_file(request: Request, name: str) -> Response:
        return files.response(name, accepted=request.headers.get("accept-encoding", ""))

    for router in rooms.OPEN:
        app.include_router(router, dependencies=[Depends(refuse_forged)], include_in_schema=False)
    for router in rooms.ROOMS:
        guards = [Depends(person_here), Depends(refuse_forged)]
        app.include_router(router, dependencies=guards, include_in_schema=False)
    for router in rooms.SERVICES:
        app.include_router(router)


def _now() -> datetime:
    return datetime.now(UTC)
