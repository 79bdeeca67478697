"""The queue: filtered by its address, searched, kept as views, worked on from the top; and what one has in hand."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import JSONResponse, Response

from scanner.console import filters
from scanner.console.filters import Wanted
from scanner.console.languages import marked as _
from scanner.console.office import InOffice, Office
from scanner.console.pages import Flash, Place, go, page
from scanner.console.queuelines import line_of
from scanner.console.rooms.bulk import offered
from scanner.console.visits import Posted, Visit, Visitor, needs
from scanner.errors import InputError
from scanner.moderation import cases, claims
from scanner.moderation.permissions import Deed
from scanner.people.records import SavedView
from scanner.records import QueuePage

ROOM = "queue"
PAGE_SIZE = 50

router = APIRouter(prefix="/queue", dependencies=[Depends(needs(Deed.SEE))])
place = Place(name=ROOM, path="/queue", title=_("Queue"), deeds=(Deed.SEE,))
place_of_mine = Place(name="mine", path="/queue/mine", title=_("In hand"), deeds=(Deed.TAKE,))


@router.get("")
def show(
    request: Request, office: InOffice, visit: Visitor, after: Annotated[str, Query(max_length=100)] = ""
) -> Response:
    """A page of the queue, most urgent first."""
    wanted, now = filters.read(request.query_params), office.clock()
    asked = filters.queue_filter(wanted, person=visit.actor.name, now=now)
    found = cases.queue(office.store, asked, limit=PAGE_SIZE, after=after)
    return page(
        request,
        "queue.html",
        here=ROOM,
        wanted=wanted,
        found=found,
        lines=_lines(found),
        after=after,
        now=now,
        views=_views(office, visit),
        choices=_choices(office, visit),
        reasons=offered(office),
    )


@router.get("/mine")
def mine(request: Request, office: InOffice, visit: Visitor) -> Response:
    """Claims, cases that were given to this person, drafts."""
    hand = claims.mine(office.store, actor=visit.actor, now=office.clock())
    claimed, given = tuple(map(line_of, hand.claims)), tuple(map(line_of, hand.given))
    return page(
        request, "mine.html", here="mine", claims=claimed, given=given, drafts=hand.drafts, wanted=Wanted(),
        now=office.clock(),
    )  # fmt: skip


@router.get("/counts")
def counts(office: InOffice) -> Response:
    """How many cases wait, by severity and category; in a large queue a few seconds old."""
    return JSONResponse(office.tallies.waiting())


@router.post("/views")
def keep_view(request: Request, office: InOffice, visit: Visitor, form: Posted) -> Response:
    """Keep this filter under a name."""
    wanted, name = filters.read(request.query_params), form.text("name", most=60)
    if not name or not wanted.asks:
        raise InputError("a view needs a name, and something that it filters")
    with office.store.transaction() as tx:
        tx.keep_view(visit.somebody.id, ROOM, name, wanted.query)
    return go(wanted.within("/queue"), Flash(text=visit.language.say("Saved.")))


@router.post("/views/{view_id}/drop")
def drop_view(request: Request, office: InOffice, visit: Visitor, view_id: Annotated[int, Path(ge=1)]) -> Response:
    """Forget a view of one's own."""
    with office.store.transaction() as tx:
        tx.drop_view(visit.somebody.id, view_id)
    return go(filters.read(request.query_params).within("/queue"))


def _lines(found: QueuePage) -> tuple[object, ...]:
    return tuple(line_of(row) for row in found.rows)


def _views(office: Office, visit: Visit) -> tuple[SavedView, ...]:
    with office.store.reading() as tx:
        return tx.views(visit.somebody.id, ROOM)


def _choices(office: Office, visit: Visit) -> dict[str, list[tuple[str, str]]]:
    """What the filter's lists offer, in the visitor's words."""
    is_chinese = visit.language.code == "zh_Hans"
    modules = [(one.category, one.name.zh if is_chinese else one.name.en) for one in office.rulebook.modules]
    return {
        "category": [*modules, ("unreadable", visit.language.say("unreadable"))],
        "rule": [(rule.id, rule.title.zh if is_chinese else rule.title.en) for rule in office.rulebook.rules],
        "source": [(name, name) for name in office.settings.sources],
    }
