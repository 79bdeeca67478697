"""Working on a case: taking it, keeping it, deciding it, passing it on, taking a decision back.

Every form carries the revision and the token that its page showed. What somebody else changed meanwhile is told on a
page of its own, with what was typed kept as a draft.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Path, Request
from starlette.responses import JSONResponse, Response

from scanner.console import filters
from scanner.console.casepage import RULINGS
from scanner.console.filters import Wanted
from scanner.console.languages import marked as _
from scanner.console.office import InOffice, Office
from scanner.console.pages import Flash, go, page
from scanner.console.refusals import told
from scanner.console.suggestions import choices, fitting_reason
from scanner.console.visits import Form, Posted, Visit, Visitor, needs
from scanner.errors import Conflict, InputError
from scanner.model import CaseState, Ruling
from scanner.moderation import cases, claims
from scanner.moderation.permissions import Deed

router = APIRouter(prefix="/cases", dependencies=[Depends(needs(Deed.TAKE, Deed.HIDE))])

CaseId = Annotated[int, Path(ge=1, le=2**62)]

# How long a case is put off, by the choice on the page.
HOLDS = {"4h": timedelta(hours=4), "1d": timedelta(days=1), "3d": timedelta(days=3), "7d": timedelta(days=7)}
_DONE = {
    Ruling.REMOVE: _("Case %(number)s: removed."),
    Ruling.KEEP: _("Case %(number)s: kept."),
    Ruling.RESTRICT: _("Case %(number)s: restricted."),
    Ruling.ESCALATE: _("Case %(number)s: escalated."),
    Ruling.HIDE: _("Case %(number)s: hidden until somebody decides it."),
}


@router.post("/next")
def take_next(request: Request, office: InOffice, visit: Visitor) -> Response:
    """Claim the most urgent case of the filter, and open it."""
    return _on(office, visit, filters.read(request.query_params))


@router.post("/{case_id}/claim")
def take(request: Request, office: InOffice, visit: Visitor, case_id: CaseId) -> Response:
    """Claim this one."""
    wanted = filters.read(request.query_params)
    claims.claim(office.store, case_id, policy=office.policy, actor=visit.actor, now=office.clock())
    return go(wanted.within(f"/cases/{case_id}"))


@router.post("/{case_id}/decide")
def decide(request: Request, office: InOffice, visit: Visitor, form: Posted, case_id: CaseId) -> Response:
    """Do what the pressed button says, and open the next case of the filter."""
    wanted, deed = filters.read(request.query_params), form.text("deed")
    try:
        flash = _done(office, visit, form, case_id, wanted)
    except Conflict as conflict:
        return _conflict(request, office, visit, form, case_id, conflict, wanted)
    if deed == Ruling.HIDE:
        return go(wanted.within(f"/cases/{case_id}"), flash)
    return _on(office, visit, wanted, flash)


@router.post("/{case_id}/undo")
def undo(request: Request, office: InOffice, visit: Visitor, case_id: CaseId) -> Response:
    """Take the newest decision back within its window, and open the case again, claimed."""
    wanted, now = filters.read(request.query_params), office.clock()
    cases.undo(office.store, case_id, actor=visit.actor, reason="pressed undo", now=now)
    with office.store.reading() as tx:
        case = tx.case(case_id)
    if case.state is not CaseState.CLAIMED and visit.may(Deed.TAKE):
        claims.claim(office.store, case_id, policy=office.policy, actor=visit.actor, now=now)
    flash = Flash(text=visit.language.say("The decision on case %(number)s is undone.", number=case_id))
    return go(wanted.within(f"/cases/{case_id}"), flash)


@router.post("/{case_id}/release")
def release(request: Request, office: InOffice, visit: Visitor, form: Posted, case_id: CaseId) -> Response:
    """Give it back to everybody."""
    claims.release(office.store, case_id, actor=visit.actor, now=office.clock(), token=form.number("token"))
    flash = Flash(text=visit.language.say("Case %(number)s is given back.", number=case_id))
    return go(filters.read(request.query_params).within("/queue"), flash)


@router.post("/{case_id}/heartbeat")
def heartbeat(office: InOffice, visit: Visitor, form: Posted, case_id: CaseId) -> Response:
    """A page that is open keeps its claim, and what was typed so far. Answers until when."""
    now, token = office.clock(), form.number("token")
    reason, note = form.text("reason"), form.text("note")
    if reason or note:
        claims.save_draft(
            office.store,
            case_id,
            actor=visit.actor,
            now=now,
            reason=reason,
            note=note,
            revision=form.number("revision"),
        )
    try:
        claim = claims.heartbeat(office.store, case_id, token=token, policy=office.policy, actor=visit.actor, now=now)
    except Conflict as conflict:
        return JSONResponse({"lost": told(conflict, visit.language)[0]}, status_code=409)
    return JSONResponse({"until": claim.until.timestamp()})


def _done(office: Office, visit: Visit, form: Form, case_id: int, wanted: Wanted) -> Flash:
    """Decide, put off or skip. Raises what the use cases raise."""
    deed = form.text("deed")
    now, token, say = office.clock(), form.number("token"), visit.language.say
    note = form.text("note")
    if deed == "hold":
        until = now + HOLDS.get(form.text("hold"), HOLDS["1d"])
        claims.hold(
            office.store,
            case_id,
            until=until,
            reason=note or "waits for more to be known",
            actor=visit.actor,
            now=now,
            token=token,
        )
        return Flash(text=say("Case %(number)s: on hold.", number=case_id))
    if deed == "skip":
        why = note or "left to somebody else"
        claims.skip(office.store, case_id, reason=why, policy=office.policy, actor=visit.actor, now=now, token=token)
        return Flash(text=say("Case %(number)s: skipped.", number=case_id))
    return _ruled(office, visit, form, case_id, wanted)


def _ruled(office: Office, visit: Visit, form: Form, case_id: int, wanted: Wanted) -> Flash:
    deed = form.text("deed")
    if deed not in {ruling for ruling, _key in RULINGS}:
        raise InputError("press one of the buttons, or its key")
    ruling, policy, now = Ruling(deed), office.policy, office.clock()
    with office.store.reading() as tx:
        case = tx.case(case_id)
    after = cases.decide(
        office.store,
        case_id,
        ruling,
        reason=fitting_reason(policy, ruling, form.text("reason"), choices(policy, case.categories)),
        note=form.text("note"),
        actor=visit.actor,
        revision=form.number("revision"),
        token=form.number("token"),
        now=now,
    )
    say = visit.language.say
    if after.state is CaseState.AWAITING_APPROVAL:
        return Flash(text=say("Case %(number)s: waits for a second person.", number=case_id))
    until = (now + policy.undo.window).timestamp()
    return Flash(text=say(_DONE[ruling], number=case_id), undo=wanted.within(f"/cases/{case_id}/undo"), until=until)


def _on(office: Office, visit: Visit, wanted: Wanted, flash: Flash | None = None) -> Response:
    """To the next case of the filter, claimed; to the queue where there is none."""
    now: datetime = office.clock()
    asked = filters.queue_filter(wanted, person=visit.actor.name, now=now) if wanted.asks else None
    claim = (
        claims.next_case(office.store, policy=office.policy, actor=visit.actor, now=now, wanted=asked)
        if visit.may(Deed.TAKE)
        else None
    )
    if claim is None:
        said = flash or Flash(text=visit.language.say("Nothing more waits for you here."))
        return go(wanted.within("/queue"), said)
    return go(wanted.within(f"/cases/{claim.case.id}"), flash)


def _conflict(
    request: Request, office: Office, visit: Visit, form: Form, case_id: int, conflict: Conflict, wanted: Wanted
) -> Response:
    """What changed meanwhile, beside what was typed, which is kept."""
    file = cases.show(office.store, case_id)
    since = [event for event in file.history if event.actor != visit.actor.name][-3:]
    return page(
        request,
        "conflict.html",
        status=409,
        here="queue",
        title=_("Somebody was faster"),
        message=told(conflict, visit.language)[0],
        hint="",
        incident="",
        case=file.row.case,
        since=since,
        note=form.text("note"),
        wanted=wanted,
    )
