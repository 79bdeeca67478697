"""Notices: what users, police and authorities report, with the clock of each, and the answer that they get."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from scanner.console.languages import marked as _
from scanner.console.office import InOffice
from scanner.console.pages import Flash, Place, go, page
from scanner.console.visits import Posted, Visitor, needs
from scanner.correspondence import notices
from scanner.errors import InputError
from scanner.moderation.permissions import Deed
from scanner.outside import NoticeFilter, NoticeKind, NoticeOutcome, NoticeState, Report

router = APIRouter(prefix="/notices", dependencies=[Depends(needs(Deed.SEE))])
place = Place(name="notices", path="/notices", title=_("Notices"), deeds=(Deed.SEE,))

PAGE = 50
Number = Annotated[int, Path(ge=1, lt=2**53)]


@router.get("")
def inbox(
    request: Request,
    office: InOffice,
    state: Annotated[list[NoticeState], Query(max_length=10)] = [],  # noqa: B006 - FastAPI copies defaults
    kind: Annotated[list[NoticeKind], Query(max_length=10)] = [],  # noqa: B006
    after: Annotated[str, Query(max_length=100)] = "",
) -> Response:
    """Those that wait for an answer, the one whose time runs out first at the top."""
    found = notices.listed(office.store, NoticeFilter(states=tuple(state), kinds=tuple(kind)), limit=PAGE, after=after)
    asked = [*(("state", one.value) for one in state), *(("kind", one.value) for one in kind)]
    return page(
        request,
        "notices.html",
        here="notices",
        found=found,
        states=list(NoticeState),
        kinds=list(NoticeKind),
        wanted={"state": state, "kind": kind},
        now=office.clock(),
        next=f"/notices?{urlencode([*asked, ('after', found.after)])}" if found.after else "",
        first=f"/notices?{urlencode(asked)}" if after else "",
    )


@router.get("/new", dependencies=[Depends(needs(Deed.ANSWER_NOTICE))])
def blank(request: Request) -> Response:
    """A form for a report that came by telephone, letter or fax."""
    return page(request, "new_notice.html", here="notices", kinds=list(NoticeKind))


@router.post("/new", dependencies=[Depends(needs(Deed.ANSWER_NOTICE))])
def receive(office: InOffice, visit: Visitor, form: Posted) -> Response:
    """Take in a report; it gets its receipt."""
    kind = form.text("kind", most=40)
    if kind not in set(NoticeKind):
        raise InputError("say who sends it")
    names = ("reporter", "contact", "reference", "platform", "listing_id", "url")
    report = Report(
        kind=NoticeKind(kind),
        text=form.text("text", most=20_000),
        secret=form.get("secret", "") != "",
        language="zh" if visit.language.code.startswith("zh") else "en",
        **{name: form.text(name, most=2_000) for name in names},
    )
    notice = notices.receive(office.store, report, head=office.letterhead, actor=visit.actor, now=office.clock())
    return go(f"/notices/{notice.id}", Flash(text=visit.language.say("Receipt %(number)s", number=notice.receipt)))


@router.get("/{number}")
def show(request: Request, office: InOffice, number: Number) -> Response:
    """One notice: what was reported, what is known of the reporter, the letters, what happened."""
    return page(
        request,
        "notice.html",
        here="notices",
        file=notices.show(office.store, number),
        outcomes=list(NoticeOutcome),
        now=office.clock(),
    )


@router.post("/{number}/admit", dependencies=[Depends(needs(Deed.ANSWER_NOTICE))])
def admit(office: InOffice, visit: Visitor, number: Number) -> Response:
    """It has been looked at, and goes to a case like any other."""
    notices.admit(office.store, number, head=office.letterhead, actor=visit.actor, now=office.clock())
    return go(f"/notices/{number}", Flash(text=visit.language.say("It goes on like any other.")))


@router.post("/{number}/locate", dependencies=[Depends(needs(Deed.ANSWER_NOTICE))])
def locate(office: InOffice, visit: Visitor, number: Number, form: Posted) -> Response:
    """This is the listing that is meant."""
    notices.locate(
        office.store,
        number,
        form.text("platform", most=200),
        form.text("listing_id", most=500),
        head=office.letterhead,
        actor=visit.actor,
        now=office.clock(),
    )
    return go(f"/notices/{number}", Flash(text=visit.language.say("It has been brought to a case.")))


@router.post("/{number}/answer", dependencies=[Depends(needs(Deed.ANSWER_NOTICE))])
def answer(office: InOffice, visit: Visitor, number: Number, form: Posted) -> Response:
    """Answer the sender by hand."""
    outcome = form.text("outcome", most=40)
    if outcome not in set(NoticeOutcome):
        raise InputError("say what the notice came to")
    says = form.text("says", most=4_000)
    notices.answer(
        office.store,
        number,
        NoticeOutcome(outcome),
        head=office.letterhead,
        actor=visit.actor,
        now=office.clock(),
        says=says,
    )
    return go(f"/notices/{number}", Flash(text=visit.language.say("Answered.")))
