"""Appeals for other systems: the platform hands in what its sellers object to."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from scanner.console.api.access import PROBLEM, PROBLEMS, Body, Caller, IdempotencyKey, Problems, once, scope
from scanner.console.api.shapes import AppealGiven, AppealTaken, Limit, as_json, given, listed_as, next_page, plain
from scanner.console.office import InOffice
from scanner.correspondence import appeals
from scanner.correspondence.appeal_terms import OPEN
from scanner.moderation.permissions import Deed, require
from scanner.outside import Appeal, AppealState
from scanner.people.records import Scope
from scanner.people.requests import Keep

router = APIRouter(tags=["appeals"])
Number = Annotated[int, Path(ge=1, lt=2**53)]
Receipt = Annotated[str, Path(max_length=60)]
_CHANGES: Problems = PROBLEMS | {409: PROBLEM}


@router.post(
    "/cases/{number}/appeals",
    status_code=201,
    response_model=AppealGiven,
    responses=_CHANGES,
    dependencies=[Depends(scope(Scope.APPEALS_WRITE))],
)
def file(
    request: Request,
    office: InOffice,
    token: Caller,
    number: Number,
    wanted: AppealTaken,
    body: Body,
    key: IdempotencyKey = "",
) -> Response:
    """File a seller's appeal against the decision that stands on a case."""

    def work(keep: Keep) -> object:
        return appeals.file(
            office.store,
            number,
            ground=wanted.ground,
            statement=wanted.statement,
            documents=wanted.documents,
            contact=wanted.contact,
            language=wanted.language,
            head=office.letterhead,
            actor=token.actor,
            now=office.clock(),
            along=lambda tx, filed: keep(tx, 201, as_json(_given(filed))),
        )

    return once(request, office, token, key, body, work)


@router.get(
    "/appeals",
    response_model=list[AppealGiven],
    responses=PROBLEMS,
    dependencies=[Depends(scope(Scope.APPEALS_READ))],
)
def listed(
    request: Request,
    office: InOffice,
    token: Caller,
    state: Annotated[list[AppealState], Query(max_length=10)] = [],  # noqa: B006 - FastAPI copies defaults
    limit: Limit = 50,
    after: Annotated[int, Query(ge=0, lt=2**53, description="so many are passed over")] = 0,
) -> Response:
    """A page of appeals, the one to be decided first at the top; without `state` those that are open."""
    require(token.actor, Deed.SEE)
    found = appeals.listed(office.store, tuple(state) or OPEN, limit=limit, after=after)
    more = after + limit if len(found) == limit else 0
    return listed_as([_given(one) for one in found], headers=next_page(request, more))


@router.get(
    "/appeals/{receipt}",
    response_model=AppealGiven,
    responses=PROBLEMS,
    dependencies=[Depends(scope(Scope.APPEALS_READ))],
)
def show(office: InOffice, receipt: Receipt) -> Response:
    """What became of an appeal, by its receipt."""
    return given(_given(appeals.show(office.store, receipt).appeal))


def _given(appeal: Appeal) -> AppealGiven:
    shown: AppealGiven = plain(appeal, AppealGiven)
    return shown
