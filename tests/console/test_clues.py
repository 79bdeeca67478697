"""Clue packages on their pages: prepared, signed by a second person, handed over, answered."""

from __future__ import annotations

from collections.abc import Callable

from scanner.clues import packages
from scanner.clues.records import ClueState
from scanner.model import Role, Ruling, Seller
from scanner.moderation import approvals
from scanner.store import Store
from tests.fakes import GRAVE, Clock, Intake, fetched, ruled
from tests.visitors import Visitor

Come = Callable[..., Visitor]
FORM = {
    "cases": "1",
    "recipient": "police",
    "unit": "City police",
    "officer": "Qian, 13812345678",
    "legal_basis": "Anti-Telecom and Online Fraud Law, art. 26",
    "summary": "<b>Sells</b> phone cards; wechat abc_778899",
    "reason": "Twenty cards.",
}


def test_a_package_is_prepared_signed_and_answered(come: Come, intake: Intake, store: Store, clock: Clock) -> None:
    """A specialist prepares it, a liaison signs; what is missing is said, and personal data is masked."""
    intake(fetched("1", GRAVE))
    ruled(store, 1, Ruling.REMOVE, now=clock())
    wang, lia = come("wei", Role.SPECIALIST), come("lia", Role.LIAISON)
    wang.get("/clues/new?cases=1")
    made = wang.post("/clues", FORM).text
    assert "a second person must sign it" in made
    assert "&lt;b&gt;Sells" in made
    assert "13812345678" not in made
    assert "Missing:" in made
    (approval,) = approvals.inbox(store)
    assert approval.subject == "clue:1"
    lia.get("/approvals")
    lia.post(f"/approvals/{approval.id}/approve")
    shown = lia.get("/clues/1").text
    assert "delist clue export 1" in shown
    assert "Do not hand it over" in shown
    assert "Do not hand it over" not in wang.get("/clues/1").text
    assert lia.post("/clues/1/handed", {"receipt": "No. 7"}).status_code == 409
    lia.get("/clues/1")
    lia.post("/clues/1/drop", {"reason": "Settled otherwise."})
    assert packages.listed(store)[0].state is ClueState.DROPPED


def test_whoever_sees_proposals_does_not_see_whose_they_are(
    come: Come, intake: Intake, store: Store, clock: Clock
) -> None:
    """What cases have in common, and why a package is sent, may be a contact: masked among the approvals too."""
    for number in ("1", "2"):
        intake(fetched(number, f"{GRAVE} 加微信 kapian_8866", seller=Seller(id=number, name=number)))
        ruled(store, int(number), Ruling.REMOVE, now=clock())
    wang = come("wei", Role.SPECIALIST)
    wang.get("/clues/new")
    wang.post("/clues", FORM | {"cases": "1 2", "reason": "Both say 13812345678."})
    (approval,) = approvals.inbox(store)
    assert approval.proposal.fields["about"] == "contact:wechat:kapian_8866"
    seen = come("aud", Role.AUDITOR).get("/approvals").text
    assert "City police" in seen
    assert "kapian_8866" not in seen
    assert "13812345678" not in seen


def test_a_form_that_is_not_whole_is_refused(come: Come) -> None:
    """Cases that are no numbers, and a package without words."""
    wang = come("wei", Role.SPECIALIST)
    wang.get("/clues/new")
    assert wang.post("/clues", FORM | {"cases": "one"}).status_code == 422
    assert wang.post("/clues", FORM | {"summary": " "}).status_code == 422
