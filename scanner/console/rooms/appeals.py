"""Appeals: what sellers object to, with the original beside it, decided once by somebody who had no part in it."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from scanner.console.highlight import fields_of, titler
from scanner.console.languages import marked as _
from scanner.console.masking import Masker
from scanner.console.office import InOffice
from scanner.console.pages import Flash, Place, go, page
from scanner.console.visits import Posted, Visitor, needs
from scanner.correspondence import appeals
from scanner.correspondence.appeal_terms import REASONS
from scanner.errors import InputError
from scanner.moderation.permissions import Deed
from scanner.outside import AppealReason, AppealState

router = APIRouter(prefix="/appeals", dependencies=[Depends(needs(Deed.SEE))])
place = Place(name="appeals", path="/appeals", title=_("Appeals"), deeds=(Deed.SEE,))

PAGE = 50
OPEN = (AppealState.FILED, AppealState.ACCEPTED, AppealState.AWAITING_SECOND)
Number = Annotated[int, Path(ge=1, lt=2**53)]


@router.get("")
def inbox(
    request: Request,
    office: InOffice,
    state: Annotated[list[AppealState], Query(max_length=10)] = [],  # noqa: B006 - FastAPI copies defaults
    after: Annotated[int, Query(ge=0, lt=2**31)] = 0,
) -> Response:
    """Those that are not decided, the one to be decided first at the top."""
    rows = appeals.listed(office.store, tuple(state) or OPEN, limit=PAGE + 1, after=after)
    states = "&".join(f"state={one.value}" for one in state)
    return page(
        request,
        "appeals.html",
        here="appeals",
        rows=rows[:PAGE],
        states=list(AppealState),
        chosen=state,
        figures=appeals.figures(office.store),
        now=office.clock(),
        next=f"/appeals?{states}&after={after + PAGE}" if len(rows) > PAGE else "",
        first=f"/appeals?{states}" if after else "",
    )


@router.get("/{number}")
def show(request: Request, office: InOffice, visit: Visitor, number: Number) -> Response:
    """One appeal: what the seller says, what was decided by whom, and what was found then."""
    file = appeals.show(office.store, number)
    masker = Masker(file.version.listing)
    language = "zh-Hans" if visit.language.code.startswith("zh") else "en"
    return page(
        request,
        "appeal.html",
        here="appeals",
        file=file,
        fields=fields_of(file.version.listing, file.findings, masker),
        masker=masker,
        run_title=titler(masker),
        reasons=[(reason, lifts, texts[language]) for reason, (lifts, texts) in REASONS.items()],
        is_partial=visit.actor.name in file.may_not_decide,
        may_hear=visit.may(Deed.HEAR_APPEAL),
        open_states=OPEN,
    )


@router.post("/{number}/accept", dependencies=[Depends(needs(Deed.HEAR_APPEAL))])
def accept(office: InOffice, visit: Visitor, number: Number) -> Response:
    """It can be heard, and will be decided."""
    appeals.accept(office.store, number, actor=visit.actor, now=office.clock())
    return go(f"/appeals/{number}", Flash(text=visit.language.say("Accepted: decide it in time.")))


@router.post("/{number}/decide", dependencies=[Depends(needs(Deed.HEAR_APPEAL))])
def decide(office: InOffice, visit: Visitor, number: Number, form: Posted) -> Response:
    """Decide it, once. What is lifted goes back by the same path at once."""
    reason = form.text("reason", most=60)
    if reason not in set(AppealReason):
        raise InputError("an appeal is decided for a reason")
    note = form.text("note", most=2_000)
    appeals.decide(
        office.store,
        number,
        AppealReason(reason),
        head=office.letterhead,
        actor=visit.actor,
        now=office.clock(),
        note=note,
    )
    return go(f"/appeals/{number}", Flash(text=visit.language.say("Decided. The seller is written to.")))
