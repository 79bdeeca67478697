"""Notices for other systems: hand one in, ask what became of it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from scanner.console.api.access import PROBLEM, PROBLEMS, Caller, IdempotencyKey, Problems, scope
from scanner.console.api.shapes import Limit, NoticeGiven, NoticesGiven, NoticeTaken, given, next_page, plain
from scanner.console.office import InOffice
from scanner.correspondence import notices
from scanner.moderation.permissions import Deed, require
from scanner.outside import Notice, NoticeFilter, NoticeKind, NoticeState, Report
from scanner.people.records import Scope

router = APIRouter(prefix="/notices", tags=["notices"])
Receipt = Annotated[str, Path(max_length=60)]
_CHANGES: Problems = PROBLEMS | {409: PROBLEM}


@router.post(
    "",
    status_code=201,
    response_model=NoticeGiven,
    responses=_CHANGES,
    dependencies=[Depends(scope(Scope.NOTICES_WRITE))],
)
def receive(office: InOffice, token: Caller, wanted: NoticeTaken, key: IdempotencyKey = "") -> Response:
    """Hand in a report. The receipt asks for its state later; the same key gives the same receipt."""
    report = Report(**wanted.model_dump(), key=f"{token.id}:{key}" if key else "")
    notice = notices.receive(office.store, report, head=office.letterhead, actor=token.actor, now=office.clock())
    return given(_given(notice), 201, {"Location": f"/api/v1/notices/{notice.receipt}"})


@router.get(
    "/{receipt}",
    response_model=NoticeGiven,
    responses=PROBLEMS,
    dependencies=[Depends(scope(Scope.NOTICES_READ))],
)
def status(office: InOffice, receipt: Receipt) -> Response:
    """What became of a notice, by its receipt."""
    return given(_given(notices.status(office.store, receipt)))


@router.get("", response_model=NoticesGiven, responses=PROBLEMS, dependencies=[Depends(scope(Scope.NOTICES_READ))])
def listed(
    request: Request,
    office: InOffice,
    token: Caller,
    state: Annotated[list[NoticeState], Query(max_length=10)] = [],  # noqa: B006 - FastAPI copies defaults
    kind: Annotated[list[NoticeKind], Query(max_length=10)] = [],  # noqa: B006
    limit: Limit = 50,
    after: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """A page of notices, the most pressing first; without `state` those that are not answered."""
    require(token.actor, Deed.SEE)
    wanted = NoticeFilter(states=tuple(state), kinds=tuple(kind))
    found = notices.listed(office.store, wanted, limit=limit, after=after)
    page = NoticesGiven(items=[_given(notice) for notice in found.rows], total=found.total, after=found.after)
    return given(page, headers=next_page(request, found.after))


def _given(notice: Notice) -> NoticeGiven:
    shown: NoticeGiven = plain(notice, NoticeGiven, kind=notice.report.kind)
    return shown
