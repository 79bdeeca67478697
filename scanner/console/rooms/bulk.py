"""One decision on many cases: seen beforehand, started, watched, undone; and clusters, decided after a sample."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, BackgroundTasks, Depends, Path, Query, Request
from starlette.responses import Response

from scanner.console.filters import Wanted
from scanner.console.languages import marked as _
from scanner.console.masking import masked_line
from scanner.console.office import InOffice, Office
from scanner.console.pages import Flash, Place, go, page
from scanner.console.queuelines import Line, line_of
from scanner.console.visits import Form, Posted, Visitor, needs
from scanner.errors import InputError
from scanner.model import Ruling
from scanner.moderation import bulk, clusters
from scanner.moderation.permissions import Deed
from scanner.moderation.records import BatchItem, BatchState, ItemState

router = APIRouter(prefix="/bulk", dependencies=[Depends(needs(Deed.BULK, Deed.APPROVE_BULK, Deed.READ_HISTORY))])
alike = APIRouter(prefix="/clusters", dependencies=[Depends(needs(Deed.BULK))])
place = Place(name="bulk", path="/bulk", title=_("Bulk"), deeds=(Deed.BULK, Deed.APPROVE_BULK, Deed.READ_HISTORY))

PAGE = 200
AT_WORK = frozenset({BatchState.RUNNING, BatchState.UNDOING})
Number = Annotated[int, Path(ge=1, lt=2**53)]


@router.get("")
def show_all(request: Request, office: InOffice, visit: Visitor) -> Response:
    """Bulk decisions, the newest first, and clusters that wait."""
    found = clusters.clusters(office.store) if visit.may(Deed.BULK) else ()
    with office.store.reading() as tx:
        titles = {one.id: masked_line(tx.queue_row(tx.case(one.first_case)).title) for one in found}
    batches = bulk.recent(office.store)
    return page(request, "bulk.html", here="bulk", batches=batches, clusters=found, titles=titles)


@router.post("", dependencies=[Depends(needs(Deed.BULK))])
def prepare(office: InOffice, visit: Visitor, form: Posted) -> Response:
    """Say of each selected case what would come of it. Nothing is decided yet."""
    numbers = [int(number) for value in form.every("case") if (number := value.partition(":")[0]).isdecimal()]
    ruling, reason = _chosen(form)
    made = bulk.preview(
        office.store,
        numbers,
        ruling,
        reason=reason,
        note=form.text("note"),
        policy=office.policy,
        actor=visit.actor,
        now=office.clock(),
    )
    return go(f"/bulk/{made.id}")


@router.get("/{number}")
def show(
    request: Request, office: InOffice, number: Number, after: Annotated[int, Query(ge=0, lt=2**53)] = 0
) -> Response:
    """A bulk decision, case by case: what would come of each, or what came of it."""
    batch = bulk.show(office.store, number)
    found = bulk.items(office.store, number, limit=PAGE + 1, after=after)
    drawn = bulk.items(office.store, number, is_sampled=True)
    return page(
        request,
        "batch.html",
        here="bulk",
        batch=batch,
        items=found[:PAGE],
        next=f"/bulk/{number}?after={found[PAGE - 1].case_id}" if len(found) > PAGE else "",
        drawn=[(item, line) for item, line in zip(drawn, _lines(office, drawn), strict=True)],
        wanted=Wanted(),
        now=office.clock(),
        is_at_work=batch.state in AT_WORK,
        reason=office.policy.reasons.get(batch.reason),
        states=list(ItemState),
    )


@router.post("/{number}/look/{case_id}")
def look(office: InOffice, visit: Visitor, form: Posted, number: Number, case_id: Number) -> Response:
    """Whether the decision is right for a case that was drawn."""
    agrees = form.text("agrees") == "yes"
    bulk.look(office.store, number, case_id, agrees=agrees, actor=visit.actor, now=office.clock())
    return go(f"/bulk/{number}")


@router.post("/{number}/start")
def start(office: InOffice, visit: Visitor, number: Number, background: BackgroundTasks) -> Response:
    """Let it run after the answer, or wait for a second person."""
    batch = bulk.start(office.store, number, policy=office.policy, actor=visit.actor, now=office.clock())
    if batch.state is BatchState.AWAITING_APPROVAL:
        return go(f"/bulk/{number}", Flash(text=visit.language.say("A second person must agree first.")))
    background.add_task(bulk.run, office.store, number, clock=office.clock, policy=office.policy)
    return go(f"/bulk/{number}")


@router.post("/{number}/halt")
def halt(office: InOffice, visit: Visitor, number: Number) -> Response:
    """Stop it; what it has decided stays decided, and can be undone."""
    bulk.halt(office.store, number, actor=visit.actor, now=office.clock())
    return go(f"/bulk/{number}")


@router.post("/{number}/undo", dependencies=[Depends(needs(Deed.BULK))])
def undo(office: InOffice, visit: Visitor, form: Posted, number: Number, background: BackgroundTasks) -> Response:
    """Take back all that it has decided, case by case."""
    bulk.undo(office.store, number, reason=form.text("reason"), actor=visit.actor, now=office.clock())
    background.add_task(bulk.run, office.store, number, clock=office.clock, policy=office.policy)
    return go(f"/bulk/{number}")


@alike.get("/{number}")
def show_cluster(request: Request, office: InOffice, number: Number) -> Response:
    """Cases on listings that are nearly the same, beside each other."""
    found = clusters.members(office.store, number)[:PAGE]
    with office.store.reading() as tx:
        lines = [line_of(tx.queue_row(tx.case(one.case_id))) for one in found]
    pairs = list(zip(found, lines, strict=True))
    return page(
        request,
        "cluster.html",
        here="bulk",
        number=number,
        pairs=pairs,
        reasons=offered(office),
        wanted=Wanted(),
        now=office.clock(),
    )


@alike.post("/{number}")
def decide_cluster(office: InOffice, visit: Visitor, form: Posted, number: Number) -> Response:
    """One decision for all of it that waits, after a look at those that are drawn."""
    ruling, reason = _chosen(form)
    made = clusters.prepare(
        office.store,
        number,
        ruling,
        reason=reason,
        note=form.text("note"),
        policy=office.policy,
        actor=visit.actor,
        now=office.clock(),
    )
    return go(f"/bulk/{made.id}")


def offered(office: Office) -> list[tuple[str, str, str, str]]:
    """Rulings with their reasons as one list: ``ruling:code``, ruling, English, Chinese."""
    return [
        (f"{ruling.value}:{reason.code}", ruling.value, reason.en, reason.zh)
        for ruling in (Ruling.REMOVE, Ruling.KEEP, Ruling.RESTRICT, Ruling.ESCALATE)
        for reason in office.policy.reasons_for(ruling)
    ]


def _chosen(form: Form) -> tuple[Ruling, str]:
    ruling, _colon, reason = form.text("ruling").partition(":")
    if ruling not in set(Ruling) or not reason:
        raise InputError("choose what to do with the cases, and why")
    return Ruling(ruling), reason


def _lines(office: Office, items: tuple[BatchItem, ...]) -> list[Line]:
    with office.store.reading() as tx:
        return [line_of(tx.queue_row(tx.case(item.case_id))) for item in items]
