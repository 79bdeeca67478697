"""Cases for other systems: read the queue, read a case, decide it as one has seen it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Header, Path, Query, Request
from starlette.responses import Response

from scanner.console.api.access import (
    PROBLEM,
    PROBLEMS,
    Body,
    Caller,
    IdempotencyKey,
    Problems,
    once,
    precondition_failed,
    scope,
)
from scanner.console.api.check import finding_given
from scanner.console.api.shapes import (
    CaseGiven,
    CasesGiven,
    DecisionGiven,
    DecisionTaken,
    Limit,
    as_json,
    given,
    listed_as,
    next_page,
    plain,
)
from scanner.console.faults import problem
from scanner.console.office import InOffice, Office
from scanner.errors import Conflict
from scanner.model import CaseState, Severity
from scanner.moderation import cases
from scanner.moderation.permissions import Deed, require
from scanner.people.records import Scope
from scanner.people.requests import Keep
from scanner.records import QueueFilter, QueueRow

router = APIRouter(prefix="/cases", tags=["cases"])
Number = Annotated[int, Path(ge=1, lt=2**53)]
Words = Annotated[str, Query(max_length=200)]
_CHANGES: Problems = PROBLEMS | dict.fromkeys((409, 412, 428), PROBLEM)
_ONE: Problems = {
    200: {"headers": {"ETag": {"schema": {"type": "string"}}}},
    304: {"description": "It is as you know it"},
}


@router.get("", response_model=CasesGiven, responses=PROBLEMS, dependencies=[Depends(scope(Scope.CASES_READ))])
def queue(
    request: Request,
    office: InOffice,
    token: Caller,
    state: Annotated[list[CaseState], Query(max_length=20)] = [],  # noqa: B006 - FastAPI copies defaults
    category: Words = "",
    severity: Severity | None = None,
    rule: Words = "",
    seller: Words = "",
    source: Words = "",
    text: Words = "",
    limit: Limit = 50,
    after: Words = "",
) -> Response:
    """A page of the queue, most urgent first; without `state` those that wait for a person."""
    require(token.actor, Deed.SEE)
    wanted = QueueFilter(
        states=tuple(state), category=category, severity=severity, rule=rule, seller=seller, source=source, text=text
    )
    found = cases.queue(office.store, wanted, limit=limit, after=after)
    items = [_given(row) for row in found.rows]
    page = CasesGiven(items=items, total=found.total, is_exact=found.is_exact, after=found.after)
    return given(page, headers=next_page(request, found.after))


@router.get(
    "/{number}",
    response_model=CaseGiven,
    responses=PROBLEMS | _ONE,
    dependencies=[Depends(scope(Scope.CASES_READ))],
)
def show(
    office: InOffice, token: Caller, number: Number, if_none_match: Annotated[str, Header(max_length=200)] = ""
) -> Response:
    """One case, with its revision as ETag."""
    require(token.actor, Deed.SEE)
    row = cases.show(office.store, number).row
    etag = etag_of(row.case.revision)
    if etag in {tag.strip().removeprefix("W/") for tag in if_none_match.split(",")}:
        return Response(status_code=304, headers={"ETag": etag})
    return given(_given(row), headers={"ETag": etag})


@router.get(
    "/{number}/decisions",
    response_model=list[DecisionGiven],
    responses=PROBLEMS,
    dependencies=[Depends(scope(Scope.CASES_READ))],
)
def decisions(office: InOffice, token: Caller, number: Number) -> Response:
    """What was ruled on a case, oldest first; those of all cases are an export."""
    require(token.actor, Deed.SEE)
    return listed_as([plain(one, DecisionGiven) for one in cases.show(office.store, number).decisions])


@router.post(
    "/{number}/decisions",
    status_code=201,
    response_model=CaseGiven,
    responses=_CHANGES,
    dependencies=[Depends(scope(Scope.CASES_DECIDE))],
)
def decide(
    request: Request,
    office: InOffice,
    token: Caller,
    number: Number,
    wanted: DecisionTaken,
    body: Body,
    if_match: Annotated[str, Header(max_length=200, description="The case's ETag, as you have read it.")] = "",
    key: IdempotencyKey = "",
) -> Response:
    """Rule on a case as you have read it. Where policy asks for a second person, the case waits for one."""
    revision = revision_of(if_match)
    if revision is None:
        return problem(428, "say which revision you decide on", hint="Send the case's ETag as If-Match.")

    def work(keep: Keep) -> object:
        return cases.decide(
            office.store,
            number,
            wanted.ruling,
            reason=wanted.reason,
            note=wanted.note,
            policy=office.policy,
            actor=token.actor,
            revision=revision,
            token=wanted.token,
            now=office.clock(),
            along=lambda tx, case: keep(tx, 201, as_json(_given(tx.queue_row(case)))),
        )

    try:
        return once(request, office, token, key, body, work)
    except Conflict as conflict:
        return _conflict(office, number, revision, conflict)


def etag_of(revision: int) -> str:
    """A case's revision as an entity tag."""
    return f'"{revision}"'


def revision_of(tag: str) -> int | None:
    """The revision in an entity tag; none in what is no tag of ours."""
    number = tag.strip().strip('"')
    return int(number) if number.isascii() and number.isdecimal() and len(number) < 16 else None


def _conflict(office: Office, number: int, revision: int, conflict: Conflict) -> Response:
    now = cases.show(office.store, number).row.case.revision
    if now != revision:
        return precondition_failed(str(conflict), etag_of(now))
    raise conflict


def _given(row: QueueRow) -> CaseGiven:
    shown = {"title": row.title, "url": row.url, "seller": row.seller.name or row.seller.id}
    found = [finding_given(finding) for finding in row.findings]
    case: CaseGiven = plain(row.case, CaseGiven, findings=found, **shown)
    return case
