"""What waits for a second person: decisions, bulk decisions, closures, exceptions; approved, refused, taken back."""

from __future__ import annotations

from typing import Annotated, cast

from fastapi import APIRouter, BackgroundTasks, Depends, Path, Request
from starlette.responses import Response

from scanner.console.languages import marked as _
from scanner.console.masking import masked_line
from scanner.console.office import InOffice, Office
from scanner.console.pages import Flash, Place, go, page
from scanner.console.visits import Posted, Visitor, needs
from scanner.moderation import approvals, bulk, four_eyes
from scanner.moderation.approvals import Effect, Settled
from scanner.moderation.effects import EFFECTS, effects_under
from scanner.moderation.permissions import Deed
from scanner.moderation.records import Approval, ApprovalKind
from scanner.records import QueueRow

router = APIRouter(prefix="/approvals", dependencies=[Depends(needs(Deed.SEE))])
place = Place(name="approvals", path="/approvals", title=_("Approvals"), deeds=(Deed.SEE,))

ALL_EFFECTS = {**EFFECTS, ApprovalKind.BULK: cast("Effect", bulk.settled)}
Number = Annotated[int, Path(ge=1, lt=2**53)]


@router.get("")
def inbox(request: Request, office: InOffice, visit: Visitor) -> Response:
    """Proposals that are open, those that expire first before others; first what this person may settle."""
    found = approvals.inbox(office.store)
    ranked = sorted(found, key=lambda one: not four_eyes.may_settle(one, visit.actor))
    return page(
        request,
        "approvals.html",
        here="approvals",
        rows=[(one, four_eyes.may_settle(one, visit.actor), one.asked_by == visit.actor.name) for one in ranked],
        cases=_cases(office, found),
        masked=masked_line,
    )


@router.post("/{number}/approve", dependencies=[Depends(needs(*four_eyes.APPROVES.values()))])
def approve(office: InOffice, visit: Visitor, form: Posted, number: Number, background: BackgroundTasks) -> Response:
    """Agree: what was proposed is done. A bulk decision runs after the answer."""
    settled = approvals.approve(
        office.store,
        number,
        policy=office.policy,
        actor=visit.actor,
        now=office.clock(),
        note=form.text("note"),
        effects={**ALL_EFFECTS, **effects_under(office.policy)},
    )
    if settled.approval.kind is ApprovalKind.BULK:
        batch = int(settled.approval.subject.partition(":")[2])
        background.add_task(bulk.run, office.store, batch, clock=office.clock, policy=office.policy)
    return _told(settled, visit.language.say("Approved: it is done now."))


@router.post("/{number}/refuse", dependencies=[Depends(needs(*four_eyes.APPROVES.values()))])
def refuse(office: InOffice, visit: Visitor, form: Posted, number: Number) -> Response:
    """Do not agree, and say why."""
    settled = approvals.refuse(
        office.store, number, actor=visit.actor, now=office.clock(), note=form.text("note"), effects=ALL_EFFECTS
    )
    return _told(settled, visit.language.say("Refused: somebody else looks at it."))


@router.post("/{number}/withdraw")
def withdraw(office: InOffice, visit: Visitor, form: Posted, number: Number) -> Response:
    """Take one's own proposal back."""
    settled = approvals.withdraw(
        office.store, number, actor=visit.actor, now=office.clock(), note=form.text("note"), effects=ALL_EFFECTS
    )
    return _told(settled, visit.language.say("Taken back."))


def _told(settled: Settled, words: str) -> Response:
    return go("/approvals", Flash(text=f"{words} ({settled.approval.id})"))


def _cases(office: Office, found: tuple[Approval, ...]) -> dict[int, QueueRow]:
    """The lines of the cases that proposals are about."""
    with office.store.reading() as tx:
        return {one.case_id: tx.queue_row(tx.case(one.case_id)) for one in found if one.case_id}
