"""Sources and inspections for other systems: what was covered, and when; begun and ended when they ask."""

from __future__ import annotations

from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from scanner.console.api.access import PROBLEM, PROBLEMS, Body, Caller, IdempotencyKey, Problems, once, scope
from scanner.console.api.shapes import (
    AskedGiven,
    InspectionGiven,
    InspectionTaken,
    Limit,
    SourceGiven,
    StopTaken,
    as_json,
    given,
    listed_as,
    next_page,
    plain,
)
from scanner.console.office import InOffice
from scanner.inspection import asking, past
from scanner.inspection.records import Asked, Inspection
from scanner.people.records import Scope
from scanner.people.requests import Keep

router = APIRouter(tags=["inspections"])
_READS = [Depends(scope(Scope.INSPECTIONS_READ))]
_RUNS = [Depends(scope(Scope.INSPECTIONS_RUN))]
_CHANGES: Problems = PROBLEMS | {409: PROBLEM}
Number = Annotated[int, Path(ge=1, lt=2**53)]


@router.get("/sources", response_model=list[SourceGiven], responses=PROBLEMS, dependencies=_READS)
def sources(office: InOffice) -> Response:
    """The sources that the settings name."""
    named = office.settings.sources.values()
    return listed_as([plain(one, SourceGiven, platform=one.platform_name) for one in named])


@router.get("/inspections", response_model=list[InspectionGiven], responses=PROBLEMS, dependencies=_READS)
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


@router.get("/inspections/{number}", response_model=InspectionGiven, responses=PROBLEMS, dependencies=_READS)
def show(office: InOffice, number: Number) -> Response:
    """One inspection with its ledger."""
    return given(_given(past.show(office.store, number).inspection))


@router.post("/inspections", status_code=202, response_model=AskedGiven, responses=_CHANGES, dependencies=_RUNS)
def start(
    request: Request, office: InOffice, token: Caller, wanted: InspectionTaken, body: Body, key: IdempotencyKey = ""
) -> Response:
    """Ask the scheduler to inspect a source; it begins within seconds, or after the one that is running."""

    def work(keep: Keep) -> object:
        return asking.start(
            office.store,
            wanted.source,
            kind=wanted.kind,
            sources=office.settings.sources,
            actor=token.actor,
            now=office.clock(),
            along=lambda tx, asked: keep(tx, 202, _asked(asked)),
        )

    return once(request, office, token, key, body, work)


@router.post(
    "/inspections/{number}/stop", status_code=202, response_model=AskedGiven, responses=_CHANGES, dependencies=_RUNS
)
def stop(
    request: Request,
    office: InOffice,
    token: Caller,
    number: Number,
    wanted: StopTaken,
    body: Body,
    key: IdempotencyKey = "",
) -> Response:
    """Ask for the end of an inspection that is running; what it has read so far stays."""

    def work(keep: Keep) -> object:
        return asking.stop(
            office.store,
            number,
            reason=wanted.reason,
            actor=token.actor,
            now=office.clock(),
            along=lambda tx, asked: keep(tx, 202, _asked(asked)),
        )

    return once(request, office, token, key, body, work)


def _asked(asked: Asked) -> bytes:
    shown: AskedGiven = plain(asked, AskedGiven)
    return as_json(shown)


def _given(inspection: Inspection) -> InspectionGiven:
    ledger = inspection.ledger
    counted = msgspec.to_builtins(ledger)
    shown: InspectionGiven = plain(
        inspection, InspectionGiven, ledger=counted, balances=ledger.discovered == ledger.accounted
    )
    return shown
