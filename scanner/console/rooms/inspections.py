"""Inspections: what was covered, what was not, and whether that may be believed; asking for one, and for its end.

This process crawls nothing: what is asked for here is taken up by ``delist schedule`` (``scanner.inspection.asking``).
"""

from __future__ import annotations

from pathlib import Path as Folder
from typing import Annotated
from urllib.parse import urlencode

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from scanner.console.languages import marked as _
from scanner.console.office import InOffice
from scanner.console.pages import Flash, Place, go, page
from scanner.console.visits import Posted, Visitor, needs
from scanner.inspection import asking, past
from scanner.inspection.health import Check
from scanner.model import Event
from scanner.moderation.permissions import Deed

router = APIRouter(prefix="/inspections", dependencies=[Depends(needs(Deed.SEE))])
place = Place(name="inspections", path="/inspections", title=_("Inspections"), deeds=(Deed.SEE,))

PAGE = 40
# A bar for each of so many runs of a source, the oldest first.
TREND = 20
# So many files of captured pages are named.
FILES = 50
Number = Annotated[int, Path(ge=1, lt=2**53)]


class Captured(msgspec.Struct, frozen=True, kw_only=True):
    """The files into which an inspection wrote what it was sent: the first of them by name and size, and all together.

    ``size`` is in bytes.
    """

    files: tuple[tuple[str, int], ...] = ()
    number: int = 0
    size: int = 0


@router.get("")
def listed(
    request: Request,
    office: InOffice,
    source: Annotated[str, Query(max_length=100)] = "",
    before: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
) -> Response:
    """All runs, the newest first, with how much of what was discovered was read."""
    found = past.listed(office.store, source=source, limit=PAGE + 1, before=before)
    rows = found[:PAGE]
    asked = [("source", source)] if source else []
    older = f"/inspections?{urlencode([*asked, ('before', str(rows[-1].id))])}" if len(found) > PAGE else ""
    return page(
        request,
        "inspections.html",
        here="inspections",
        rows=rows,
        source=source,
        sources=[*office.settings.sources.values()],
        running={one.source: one for one in rows if one.state.value == "running"},
        asked=asking.waiting(office.store),
        now=office.clock(),
        older=older,
        first=f"/inspections?{urlencode(asked)}" if before else "",
    )


@router.post("", dependencies=[Depends(needs(Deed.INSPECT))])
def start(office: InOffice, visit: Visitor, form: Posted) -> Response:
    """Ask for an inspection of a source."""
    source = form.text("source", most=200)
    asking.start(
        office.store,
        source,
        kind=form.text("kind", most=40),
        sources=office.settings.sources,
        actor=visit.actor,
        now=office.clock(),
    )
    return go("/inspections", Flash(text=visit.language.say("Asked for: the scheduler begins it within seconds.")))


@router.post("/asked/{number}/withdraw", dependencies=[Depends(needs(Deed.INSPECT))])
def withdraw(office: InOffice, visit: Visitor, number: Number) -> Response:
    """Ask no more for one that has not begun."""
    asking.withdraw(office.store, number, actor=visit.actor, now=office.clock())
    return go("/inspections", Flash(text=visit.language.say("Taken back.")))


@router.post("/{number}/stop", dependencies=[Depends(needs(Deed.INSPECT))])
def stop(office: InOffice, visit: Visitor, form: Posted, number: Number) -> Response:
    """Ask for the end of one that is running."""
    reason = form.text("reason", most=300)
    asking.stop(office.store, number, reason=reason, actor=visit.actor, now=office.clock())
    return go(f"/inspections/{number}", Flash(text=visit.language.say("Asked to stop: it ends within seconds.")))


@router.get("/{number}")
def show(request: Request, office: InOffice, number: Number) -> Response:
    """One run: its ledger, its parts, what it flagged, what happened."""
    found = past.show(office.store, number)
    source = found.inspection.source
    trend = past.listed(office.store, source=source, limit=TREND, before=number + 1)[::-1]
    return page(
        request,
        "inspection.html",
        here="inspections",
        file=found,
        one=found.inspection,
        trend=trend,
        most=max((run.ledger.discovered for run in trend), default=0) or 1,
        checks=checks_of(found.history),
        captured=captured(office.settings.evidence / str(number)),
        stopping=asking.stopping(office.store, number),
    )


def checks_of(history: tuple[Event, ...]) -> tuple[Check, ...] | None:
    """The health checks that came out amiss, as the end of a run put them on record; none before its end."""
    ended = next((event for event in reversed(history) if event.kind == "inspection.ended"), None)
    return msgspec.convert(ended.data.get("checks", ()), tuple[Check, ...]) if ended else None


def captured(folder: Folder) -> Captured:
    """What lies in an inspection's folder of evidence; nothing where it captured nothing, or it was pruned."""
    files = sorted((one.name, one.stat().st_size) for one in folder.glob("*.warc*")) if folder.is_dir() else []
    return Captured(files=tuple(files[:FILES]), number=len(files), size=sum(size for _, size in files))
