"""What the API takes and gives. What is not named here is refused on the way in, and not told on the way out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from urllib.parse import urlencode

from fastapi import Request
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, Strict, StrictBool, StrictInt, StringConstraints
from starlette.responses import Response

from scanner.model import Action, CaseState, Role, Ruling, SellerKind, Severity, View
from scanner.outside import AppealGround, AppealState, NoticeKind, NoticeOutcome, NoticeState

Name = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
Line = Annotated[str, StringConstraints(max_length=2_000, pattern=r"^[^\x00]*$")]
Text = Annotated[str, StringConstraints(max_length=200_000, pattern=r"^[^\x00]*$")]
# The same where something must be said.
SaidName = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=r"^[^\x00]*\S[^\x00]*$")]
SaidText = Annotated[str, StringConstraints(min_length=1, max_length=200_000, pattern=r"^[^\x00]*\S[^\x00]*$")]
Limit = Annotated[int, Field(ge=1, le=1_000)]


def _written(value: object) -> object:
    if isinstance(value, int | float):
        raise ValueError("a moment is written like 2026-03-01T12:00:00Z")  # noqa: TRY004 - pydantic takes this one
    return value


Moment = Annotated[datetime, BeforeValidator(_written)]


def _counted(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError("should be a number")  # noqa: TRY004 - pydantic takes this one
    return value


Amount = Annotated[Decimal, BeforeValidator(_counted), Field(ge=0, lt=Decimal("1e15"))]


class Taken(BaseModel):
    """What is taken: nothing beyond what is named."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class SellerTaken(Taken):
    """Who offers a listing."""

    id: Name = ""
    name: Name = ""
    kind: SellerKind = SellerKind.UNKNOWN
    licences: Annotated[list[Name], Field(max_length=100)] = []
    registered_at: Moment | None = None


class ListingTaken(Taken):
    """A listing that a platform wants looked at before it is published."""

    id: Name = "draft"
    platform: Name = "check"
    title: Line = ""
    description: Text = ""
    text: Text = ""
    options: Annotated[list[Line], Field(max_length=500)] = []
    attributes: Annotated[dict[Name, Line], Field(max_length=500)] = {}
    category_path: Annotated[list[Name], Field(max_length=50)] = []
    price: Amount | None = None
    currency: Annotated[str, StringConstraints(pattern=r"^([A-Z]{3})?$")] = ""
    quantity: Annotated[int, Strict(), Field(ge=0, lt=2**53)] | None = None
    brand: Name = ""
    seller: SellerTaken = SellerTaken()


class DecisionTaken(Taken):
    """A ruling with its reason code; ``token`` is that of a claim, if the caller has one."""

    ruling: Ruling
    reason: SaidName
    note: Line = ""
    token: StrictInt | None = None


class NoticeTaken(Taken):
    """A report about a listing."""

    kind: NoticeKind
    text: SaidText
    reporter: SaidName
    contact: Name = ""
    reference: Name = ""
    platform: Name = ""
    listing_id: Name = ""
    url: Line = ""
    category: Name = ""
    language: Literal["en", "zh"] = "en"
    secret: StrictBool = False


class AppealTaken(Taken):
    """A seller's objection to the decision on a case."""

    ground: AppealGround
    statement: SaidText
    documents: Annotated[list[Name], Field(max_length=50)] = []
    contact: Name = ""
    language: Literal["en", "zh"] = "en"


class InspectionTaken(Taken):
    """An inspection that is asked for."""

    source: SaidName
    kind: SaidName = "incremental"


class StopTaken(Taken):
    """Why an inspection should end."""

    reason: Annotated[str, StringConstraints(min_length=1, max_length=500, pattern=r"^[^\x00]*\S[^\x00]*$")]


class SpanGiven(BaseModel):
    """Characters of the original text, and what they were read as."""

    field: str
    start: int
    end: int
    text: str
    view: View
    reads: str


class FindingGiven(BaseModel):
    """A rule that found something, and where."""

    rule: str
    category: str
    severity: Severity
    score: float
    title: str
    reason: str
    clause: str
    spans: list[SpanGiven]


class CheckGiven(BaseModel):
    """What the rulebook makes of a listing. ``unknown``: it could not be read to the end, and a person must look."""

    verdict: Literal["pass", "queue", "unknown"]
    action: Action | None
    severity: Severity | None
    categories: list[str]
    reason: str
    findings: list[FindingGiven]
    rulebook: str


class CaseGiven(BaseModel):
    """A case. Its revision is its ETag."""

    id: int
    platform: str
    listing_id: str
    title: str
    url: str
    seller: str
    state: CaseState
    revision: int
    severity: Severity
    categories: list[str]
    rules: list[str]
    reason: str
    ruling: Ruling | None
    claimed_by: str
    opened_at: datetime
    due_at: datetime
    findings: list[FindingGiven]


class CasesGiven(BaseModel):
    """A page of the queue, most urgent first. ``after`` asks for the next one; empty: that was all.

    ``total`` is counted so far as that is quick; unless ``is_exact`` there are more.
    """

    items: list[CaseGiven]
    total: int
    is_exact: bool
    after: str


class DecisionGiven(BaseModel):
    """A ruling as it stands in the history of a case."""

    id: int
    case_id: int
    version: int
    ruling: Ruling
    reason: str
    note: str
    clause: str
    actor: str
    role: Role
    at: datetime


class NoticeGiven(BaseModel):
    """A notice as its sender and its handlers may see it. The receipt is the sender's key to it."""

    receipt: str
    kind: NoticeKind
    state: NoticeState
    outcome: NoticeOutcome | None
    case_id: int | None
    received_at: datetime
    act_by: datetime
    answer_by: datetime
    answered_at: datetime | None
    says: str


class NoticesGiven(BaseModel):
    """A page of notices, the one whose time runs out first at the top."""

    items: list[NoticeGiven]
    total: int
    after: str


class AppealGiven(BaseModel):
    """An appeal."""

    receipt: str
    case_id: int
    ground: AppealGround
    state: AppealState
    filed_at: datetime
    accept_by: datetime
    decide_by: datetime
    decided_at: datetime | None


class SourceGiven(BaseModel):
    """A source of listings as the settings name it."""

    name: str
    platform: str
    walker: str
    start: list[str]
    schedule: str


class InspectionGiven(BaseModel):
    """One run over a source, with its ledger: discovered = fetched + unchanged + gone + failed + skipped."""

    id: int
    source: str
    platform: str
    kind: str
    state: str
    started_at: datetime
    finished_at: datetime | None
    reasons: list[str]
    rulebook: str
    ledger: dict[str, Any]
    balances: bool


class AskedGiven(BaseModel):
    """What was asked of the scheduler; it does so within seconds. ``id`` is the number of what was asked for."""

    id: int
    source: str
    wish: str
    kind: str
    asked_by: str
    asked_at: datetime
    inspection_id: int | None


def given(shape: BaseModel, status: int = 200, headers: Mapping[str, str] | None = None) -> Response:
    """``shape`` as a response."""
    body = shape.model_dump_json().encode("utf8", "replace")
    return Response(body, status_code=status, media_type="application/json", headers=headers)


def as_json(shape: BaseModel) -> bytes:
    """A shape as it is answered, and kept under a key."""
    return shape.model_dump_json().encode("utf8", "replace")


def listed_as(shape: Sequence[BaseModel], headers: Mapping[str, str] | None = None) -> Response:
    """Several as a response."""
    body = b"[" + b",".join(one.model_dump_json().encode("utf8", "replace") for one in shape) + b"]"
    return Response(body, media_type="application/json", headers=headers)


def plain(record: object, shape: type[BaseModel], **more: Any) -> Any:
    """A record as ``shape`` tells it, with what the record does not say itself."""
    known = {name: getattr(record, name) for name in shape.model_fields if hasattr(record, name)}
    return shape.model_validate(known | more, from_attributes=True)


def next_page(request: Request, after: str | int) -> dict[str, str]:
    """The ``Link`` header that leads to the next page (RFC 8288); none after the last."""
    if not after:
        return {}
    query = urlencode([*((k, v) for k, v in request.query_params.multi_items() if k != "after"), ("after", str(after))])
    return {"Link": f'<{request.url.path}?{query}>; rel="next"'}
