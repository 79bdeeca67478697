"""Exports for other systems: whole tables as JSON lines, page by page, to the end."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from scanner import audit
from scanner.console.api.access import PROBLEMS, Caller, Problems, scope
from scanner.console.api.shapes import next_page
from scanner.console.office import InOffice
from scanner.moderation.permissions import Deed, require
from scanner.people.records import Scope

router = APIRouter(prefix="/exports", tags=["exports"], dependencies=[Depends(scope(Scope.EXPORT))])


class Table(StrEnum):
    """What can be exported."""

    CASES = "cases"
    DECISIONS = "decisions"
    EVENTS = "events"
    INSPECTIONS = "inspections"
    LISTINGS = "listings"
    LOOKS = "looks"
    TAKEDOWNS = "takedowns"


_LINES: Problems = {
    200: {"content": {"application/x-ndjson": {"schema": {"type": "string"}}}, "description": "One row a line"}
}


@router.get("/{table}", responses=PROBLEMS | _LINES, response_class=Response)
def export(
    request: Request,
    office: InOffice,
    token: Caller,
    table: Table,
    limit: Annotated[int, Query(ge=1, le=10_000)] = 1_000,
    after: Annotated[int, Query(ge=0, lt=2**53)] = 0,
) -> Response:
    """Rows of a table in the order of their numbers; follow the `Link` header until there is none.

    For whoever may read the history. Where an export begins is an event.
    """
    require(token.actor, Deed.READ_HISTORY)
    if after == 0:
        with office.store.transaction() as tx:
            audit.append(tx, actor=token.actor, kind="export.begun", subject=f"export:{table}", at=office.clock())
    with office.store.reading() as tx:
        rows = list(tx.exported(table.value, after=after, limit=limit))
    last = rows[-1][0] if len(rows) == limit else 0
    body = b"".join(msgspec.json.encode(row, enc_hook=str) + b"\n" for _, row in rows)
    return Response(body, media_type="application/x-ndjson", headers=next_page(request, last))
