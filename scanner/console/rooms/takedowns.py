"""The takedown board: what platforms were told, whether it is gone, and what a person can do about an order."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from scanner.console.languages import marked as _
from scanner.console.office import InOffice, Office
from scanner.console.pages import Flash, Place, go, page
from scanner.console.queuelines import Line, line_of
from scanner.console.visits import Posted, Visitor, needs
from scanner.model import TakedownState
from scanner.moderation.permissions import Deed
from scanner.records import Takedown
from scanner.takedown import undoing
from scanner.takedown.accounts import done_by_hand
from scanner.workflow import TAKEDOWN_MOVES, TakedownMove

router = APIRouter(prefix="/takedowns", dependencies=[Depends(needs(Deed.SEE))])
place = Place(name="takedowns", path="/takedowns", title=_("Takedowns"), deeds=(Deed.SEE,))

PAGE = 50
# So long after they are due, orders have gone if anybody sends them.
_SOON = timedelta(minutes=2)
Number = Annotated[int, Path(ge=1, lt=2**53)]

# The board's columns of counts: what a person wants to see first stands first.
GROUPS: tuple[tuple[str, tuple[TakedownState, ...]], ...] = (
    (_("To be looked into"), (TakedownState.BY_HAND, TakedownState.FAILED, TakedownState.HELD, TakedownState.STILL_LIVE,
                              TakedownState.PARTIALLY_LIVE, TakedownState.REAPPEARED, TakedownState.STILL_HIDDEN)),
    (_("Under way"), (TakedownState.PLANNED, TakedownState.SENT, TakedownState.ACCEPTED)),
    (_("Proven"), (TakedownState.VERIFIED_REMOVED, TakedownState.VERIFIED_RESTORED)),
    (_("Taken back"), (TakedownState.CANCELLED, TakedownState.UNDONE)),
)  # fmt: skip


@router.get("")
def board(
    request: Request,
    office: InOffice,
    visit: Visitor,
    state: Annotated[list[TakedownState], Query(max_length=20)] = [],  # noqa: B006 - FastAPI copies defaults
    platform: Annotated[str, Query(max_length=200)] = "",
    before: Annotated[int | None, Query(ge=1, lt=2**53)] = None,
) -> Response:
    """The orders, the newest first, how many there are of each kind, and how each platform stands."""
    found = undoing.board(office.store, tuple(state), platform=platform, limit=PAGE + 1, before=before)
    shown = found.takedowns[:PAGE]
    asked = [*(("state", one.value) for one in state), *([("platform", platform)] if platform else [])]
    is_more = len(found.takedowns) > PAGE
    return page(
        request,
        "takedowns.html",
        here="takedowns",
        board=found,
        rows=shown,
        groups=[(title, states, {one: _sum(found, one) for one in states}) for title, states in GROUPS],
        chosen=state,
        platform=platform,
        lines=_lines(office, shown),
        moves={one.id: _moves(one.state) for one in shown},
        may_change=visit.may(Deed.CHANGE_ORDER),
        untold=_untold(office, found),
        is_nobody_sending=_is_nobody_sending(office, found),
        older=f"/takedowns?{urlencode([*asked, ('before', str(shown[-1].id))])}" if is_more else "",
        first=f"/takedowns?{urlencode(asked)}" if before else "",
    )


@router.get("/{number}")
def looks(request: Request, office: InOffice, number: Number) -> Response:
    """One order: every look at it, with what was seen in each way."""
    with office.store.reading() as tx:
        order = tx.takedown(number)
        decision = next((one for one in tx.decisions(order.case_id) if one.id == order.decision_id), None)
    return page(
        request,
        "takedown.html",
        here="takedowns",
        order=order,
        line=_lines(office, (order,)).get(order.case_id),
        decision=decision,
        reason=office.policy.reasons.get(decision.reason) if decision else None,
        is_told=order.platform in office.settings.platforms,
        now=office.clock(),
        looks=undoing.looks_at(office.store, number),
        moves=_moves(order.state),
    )


@router.post("/{number}/retry", dependencies=[Depends(needs(Deed.CHANGE_ORDER))])
def retry(office: InOffice, visit: Visitor, number: Number) -> Response:
    """Send it after all, or once more."""
    undoing.retry(office.store, number, actor=visit.actor, now=office.clock())
    return go(f"/takedowns/{number}", Flash(text=visit.language.say("It is sent again.")))


@router.post("/{number}/done", dependencies=[Depends(needs(Deed.PROPOSE_CLOSURE))])
def done(office: InOffice, visit: Visitor, number: Number, form: Posted) -> Response:
    """Somebody has done on the platform, by hand, what it could not be told."""
    with office.store.reading() as tx:
        told = office.settings.platforms.get(tx.takedown(number).platform)
    note, looks = form.text("note", most=500), told.look_after if told else ()
    done_by_hand(office.store, number, actor=visit.actor, note=note, now=office.clock(), looks=looks)
    return go(f"/takedowns/{number}", Flash(text=visit.language.say("On record as done by hand.")))


@router.post("/{number}/cancel", dependencies=[Depends(needs(Deed.CHANGE_ORDER))])
def cancel(office: InOffice, visit: Visitor, number: Number, form: Posted) -> Response:
    """Take it back before it goes."""
    undoing.cancel(office.store, number, actor=visit.actor, reason=form.text("reason"), now=office.clock())
    return go(f"/takedowns/{number}", Flash(text=visit.language.say("It does not go; the case waits for a person.")))


@router.post("/{number}/undo", dependencies=[Depends(needs(Deed.CHANGE_ORDER))])
def undo(office: InOffice, visit: Visitor, number: Number, form: Posted) -> Response:
    """Have the platform take it back."""
    undoing.undo(office.store, number, actor=visit.actor, reason=form.text("reason"), now=office.clock())
    return go(f"/takedowns/{number}", Flash(text=visit.language.say("It is taken back, and looked at like an order.")))


def _lines(office: Office, orders: Sequence[Takedown]) -> dict[int, Line]:
    """What the orders are about: their cases as lines of the queue, by the case's number."""
    with office.store.reading() as tx:
        return {number: line_of(row) for number, row in tx.queue_rows({one.case_id for one in orders}).items()}


def _untold(office: Office, found: undoing.Board) -> list[str]:
    """Platforms that orders wait for, and that nobody has said how to tell."""
    told = office.settings.platforms
    return sorted(name for name, counts in found.counts.items() if name not in told and counts.get("planned"))


def _is_nobody_sending(office: Office, found: undoing.Board) -> bool:
    """Whether orders on this page should have gone some time ago, to platforms that could be told and are there."""
    away = {one.name for one in found.standings if one.away_since}
    late = office.clock() - _SOON
    return any(
        one.state is TakedownState.PLANNED and one.due_at < late and one.platform in office.settings.platforms
        for one in found.takedowns
        if one.platform not in away
    )


def _sum(found: undoing.Board, state: TakedownState) -> int:
    return sum(counts.get(state.value, 0) for counts in found.counts.values())


def _moves(state: TakedownState) -> frozenset[str]:
    """What a person can do about an order in that state."""
    wanted = {
        "retry": (TakedownMove.RETRY, TakedownMove.RELEASE),
        "cancel": (TakedownMove.CANCEL,),
        "undo": (TakedownMove.UNDO,),
        "done": (TakedownMove.CONFIRM,),
    }
    able = {name for name, moves in wanted.items() if any(state in TAKEDOWN_MOVES[move] for move in moves)}
    return frozenset(able - {"undo"} if "cancel" in able else able)
