"""Inspections: what was covered, what was not, and whether that may be believed."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from scanner.console.languages import marked as _
from scanner.console.office import InOffice
from scanner.console.pages import Place, page
from scanner.console.visits import needs
from scanner.inspection import past
from scanner.moderation.permissions import Deed

router = APIRouter(prefix="/inspections", dependencies=[Depends(needs(Deed.SEE))])
place = Place(name="inspections", path="/inspections", title=_("Inspections"), deeds=(Deed.SEE,))

PAGE = 40
# A bar for each of so many runs of a source, the oldest first.
TREND = 20
Number = Annotated[int, Path(ge=1, lt=2**53)]


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
        older=older,
        first=f"/inspections?{urlencode(asked)}" if before else "",
    )


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
    )
