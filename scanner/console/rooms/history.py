"""The history: who did what when, in the order in which it happened, and whether anybody has tampered with it."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from scanner import audit
from scanner.console.languages import marked as _
from scanner.console.office import InOffice
from scanner.console.pages import Place, page
from scanner.console.visits import needs
from scanner.moderation.permissions import Deed
from scanner.records import EventFilter

router = APIRouter(prefix="/history", dependencies=[Depends(needs(Deed.READ_HISTORY))])
place = Place(name="history", path="/history", title=_("History"), deeds=(Deed.READ_HISTORY,))

PAGE = 100
Words = Annotated[str, Query(max_length=200)]


@router.get("")
def listed(
    request: Request,
    office: InOffice,
    subject: Words = "",
    actor: Words = "",
    kind: Words = "",
    before: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
) -> Response:
    """Events, the newest first."""
    wanted = EventFilter(subject=subject, actor=actor, kind=kind)
    with office.store.reading() as tx:
        found = tx.events_page(wanted, before=before or 0, limit=PAGE + 1)
    rows = found[:PAGE]
    asked = [(name, value) for name, value in (("subject", subject), ("actor", actor), ("kind", kind)) if value]
    is_more = len(found) > PAGE
    return page(
        request,
        "history.html",
        here="history",
        rows=rows,
        wanted={"subject": subject, "actor": actor, "kind": kind},
        older=f"/history?{urlencode([*asked, ('before', str(rows[-1].sequence))])}" if is_more else "",
        first=f"/history?{urlencode(asked)}" if before else "",
        verdict=None,
    )


@router.post("/verify")
def verify(request: Request, office: InOffice) -> Response:
    """Read the whole history and say whether an event was edited, is missing or was moved."""
    verdict = audit.verify(office.store)
    wanted = {"subject": "", "actor": "", "kind": ""}
    return page(
        request, "history.html", here="history", rows=(), wanted=wanted, older="", first="/history", verdict=verdict
    )
