"""Sources and inspections for other systems: what was covered, and when."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from scanner.console.api.access import PROBLEMS, scope
from scanner.console.api.shapes import InspectionGiven, Limit, SourceGiven, given, listed_as, next_page, plain
from scanner.console.office import InOffice
from scanner.inspection import past
from scanner.people.records import Scope
from scanner.records import Inspection

router = APIRouter(tags=["inspections"], dependencies=[Depends(scope(Scope.INSPECTIONS_READ))])
Number = Annotated[int, Path(ge=1, lt=2**53)]


@router.get("/sources", response_model=list[SourceGiven], responses=PROBLEMS)
def sources(office: InOffice) -> Response:
    """The sources that the settings name."""
    named = office.settings.sources.values()
    return listed_as([plain(one, SourceGiven, platform=one.platform_name) for one in named])


@router.get("/inspections", response_model=list[InspectionGiven], responses=PROBLEMS)
def listed(
    request: Request,
    office: InOffice,
    source: Annotated[str, Query(max_length=100)] = "",
    limit: Limit = 50,
    after: Annotated[int, Query(ge=0, lt=2**53)] = 0,
) -> Response:
    """Inspections, the newest first; the `Link` header leads to older ones."""
    found = past.listed(office.store, source=source, limit=limit, before=after or None)
    more = found[-1].id if len(found) == limit else 0
    return listed_as([_given(one) for one in found], headers=next_page(request, more))


@router.get("/inspections/{number}", response_model=InspectionGiven, responses=PROBLEMS)
def show(office: InOffice, number: Number) -> Response:
    """One inspection with its ledger."""
    return given(_given(past.show(office.store, number).inspection))


def _given(inspection: Inspection) -> InspectionGiven:
    ledger = inspection.ledger
    counted = msgspec.to_builtins(ledger)
    shown: InspectionGiven = plain(
        inspection, InspectionGiven, ledger=counted, balances=ledger.discovered == ledger.accounted
    )
    return shown
