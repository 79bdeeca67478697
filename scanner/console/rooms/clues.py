"""Clue packages for the authorities: prepared here, signed by a second person, handed over, answered.

Personal data is masked on these pages. The file is written on the machine that keeps it (``delist clue export``).
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Path, Query, Request
from starlette.responses import Response

from scanner.clues import packages
from scanner.clues.records import CLUE_MOVES, ClueState, Package, Recipient
from scanner.console.languages import marked as _
from scanner.console.masking import masked_line, masked_reading
from scanner.console.office import InOffice
from scanner.console.pages import Flash, Place, go, page
from scanner.console.visits import Form, Posted, Visitor, needs
from scanner.errors import InputError
from scanner.moderation.permissions import Deed

_READERS = (Deed.PROPOSE_CLUE, Deed.APPROVE_CLUE, Deed.READ_HISTORY)
router = APIRouter(prefix="/clues", dependencies=[Depends(needs(*_READERS))])
place = Place(name="clues", path="/clues", title=_("Clues"), deeds=(Deed.PROPOSE_CLUE, Deed.APPROVE_CLUE))

Number = Annotated[int, Path(ge=1, lt=2**53)]
Cases = Annotated[str, Query(max_length=500)]


@router.get("")
def listed(request: Request, office: InOffice) -> Response:
    """All packages, the newest first."""
    return page(request, "clues.html", here="clues", rows=packages.listed(office.store), masked=masked_line)


@router.get("/new", dependencies=[Depends(needs(Deed.PROPOSE_CLUE))])
def ask(request: Request, cases: Cases = "") -> Response:
    """An empty form, for these cases if an address names some."""
    return page(request, "new_clue.html", here="clues", cases=cases, recipients=list(Recipient))


@router.post("", dependencies=[Depends(needs(Deed.PROPOSE_CLUE))])
def prepare(office: InOffice, visit: Visitor, form: Posted) -> Response:
    """Propose a package; its evidence is under legal hold from now on."""
    made = packages.prepare(office.store, _draft(form), actor=visit.actor, now=office.clock())
    return go(f"/clues/{made.id}", Flash(text=visit.language.say("Proposed: a second person must sign it.")))


@router.get("/{number}")
def show(request: Request, office: InOffice, visit: Visitor, number: Number) -> Response:
    """One package with what it would hold, personal data masked."""
    found = packages.show(office.store, number)
    return page(
        request,
        "clue.html",
        here="clues",
        one=found.package,
        found=found,
        moves=_moves(found.package) if visit.may(Deed.APPROVE_CLUE) else frozenset(),
        masked=masked_line,
        masked_reading=masked_reading,
    )


@router.post("/{number}/handed", dependencies=[Depends(needs(Deed.APPROVE_CLUE))])
def hand_over(office: InOffice, visit: Visitor, number: Number, form: Posted) -> Response:
    """It was handed over, with a receipt."""
    packages.hand_over(office.store, number, receipt=form.text("receipt"), actor=visit.actor, now=office.clock())
    return go(f"/clues/{number}", Flash(text=visit.language.say("On record.")))


@router.post("/{number}/answer", dependencies=[Depends(needs(Deed.APPROVE_CLUE))])
def answer(office: InOffice, visit: Visitor, number: Number, form: Posted) -> Response:
    """What the authority has answered."""
    packages.answer(office.store, number, says=form.text("says"), actor=visit.actor, now=office.clock())
    return go(f"/clues/{number}", Flash(text=visit.language.say("On record.")))


@router.post("/{number}/drop", dependencies=[Depends(needs(Deed.APPROVE_CLUE))])
def drop(office: InOffice, visit: Visitor, number: Number, form: Posted) -> Response:
    """It is not handed over after all."""
    packages.drop(office.store, number, reason=form.text("reason"), actor=visit.actor, now=office.clock())
    return go(
        f"/clues/{number}", Flash(text=visit.language.say("It goes nowhere; the hold on its evidence has ended."))
    )


def _draft(form: Form) -> packages.Draft:
    numbers = form.text("cases", most=500).replace(",", " ").split()
    if not numbers or not all(one.isascii() and one.isdecimal() and len(one) < 16 for one in numbers):
        raise InputError("cases are given by their numbers, such as 3 7 12")
    level, recipient = form.text("level", most=1), form.text("recipient", most=40)
    return packages.Draft(
        cases=tuple(map(int, numbers)),
        recipient=Recipient(recipient) if recipient in set(Recipient) else Recipient.POLICE,
        unit=form.text("unit", most=300),
        officer=form.text("officer", most=300),
        legal_basis=form.text("legal_basis", most=500),
        reason=form.text("reason"),
        summary=form.text("summary"),
        is_quiet="quiet" in form,
        level=int(level) if level in {"1", "2"} else None,
    )


def _moves(package: Package) -> frozenset[str]:
    """What can be done about it here; a proposal is signed or refused among the approvals."""
    is_proposed = package.state is ClueState.PROPOSED
    return frozenset(move.value for move, row in CLUE_MOVES.items() if package.state in row and not is_proposed)
