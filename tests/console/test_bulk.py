"""Deciding many cases, by forms alone: preview, run, result, undo; a second person; clusters."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scanner.model import CaseState, Role
from scanner.moderation import approvals, cases, clusters
from scanner.store import Store
from tests.fakes import GRAVE, MILD, Clock, Intake, fetched
from tests.visitors import Visitor

Come = Callable[..., Visitor]


def states(store: Store, *numbers: int) -> set[CaseState]:
    """In which states cases are."""
    return {cases.show(store, number).row.case.state for number in numbers}


def test_many_cases_are_decided_after_a_preview(intake: Intake, come: Come, store: Store) -> None:
    """Selected in the queue, seen case by case, run, reported case by case, and undone as a whole."""
    intake(fetched("1", GRAVE), fetched("2", MILD), fetched("3", MILD + " 新"))
    li = come("li")
    li.get("/queue")
    li.post("/bulk", {"case": ["1:1", "2:1", "x"], "ruling": "remove:prohibited_goods", "note": "all of a kind"})
    assert li.page.count("is removed") == 2
    assert states(store, 1, 2) == {CaseState.OPEN}

    li.post("/bulk/1/start")
    li.get("/bulk/1")
    assert "finished" in li.page
    assert states(store, 1, 2) == {CaseState.DECIDED}
    assert states(store, 3) == {CaseState.OPEN}

    li.post("/bulk/1/undo", {"reason": "a slip"})
    assert states(store, 1, 2) == {CaseState.OPEN}


def test_more_than_twenty_wait_for_somebody_else(intake: Intake, come: Come, store: Store) -> None:
    """The maker cannot approve it, a specialist can; it runs then."""
    intake(*(fetched(str(number), f"{MILD} {number}") for number in range(1, 23)))
    li, wang = come("li"), come("wang", Role.SPECIALIST)
    li.get("/queue")
    li.post("/bulk", {"case": [f"{number}:1" for number in range(1, 23)], "ruling": "remove:unlicensed_sale"})
    li.post("/bulk/1/start")
    assert states(store, 1, 22) == {CaseState.OPEN}
    number = approvals.inbox(store)[0].id
    assert li.post(f"/approvals/{number}/approve").status_code == 403
    wang.get("/approvals")
    assert "decides 22 cases at once" in wang.page
    wang.post(f"/approvals/{number}/approve")
    assert states(store, 1, 22) == {CaseState.DECIDED}


@pytest.mark.parametrize(("does", "state"), [("approve", CaseState.CLOSED), ("refuse", CaseState.ESCALATED)])
def test_a_second_person_settles_a_decision(
    intake: Intake, come: Come, store: Store, does: str, state: CaseState
) -> None:
    """Keeping what is grave: the other specialist agrees, or does not and says why."""
    intake(fetched("1", GRAVE))
    wang, zhao = come("wang", Role.SPECIALIST), come("zhao", Role.SPECIALIST)
    wang.post("/cases/1/claim")
    revision = cases.show(store, 1).row.case.revision
    wang.post("/cases/1/decide", {"deed": "keep", "revision": revision, "token": 1})
    wang.get("/approvals")
    assert "Take it back" in wang.page
    zhao.get("/approvals")
    zhao.post(f"/approvals/{approvals.inbox(store)[0].id}/{does}", {"note": "looked twice"})
    assert states(store, 1) == {state}


def test_a_cluster_is_decided_after_a_sample(intake: Intake, come: Come, store: Store, clock: Clock) -> None:
    """Nothing starts before the members that were drawn have been looked at."""
    intake(*(fetched(str(number), "免实名手机卡 现货 批发 顺丰包邮 当天发货") for number in range(1, 6)))
    clusters.refresh(store, now=clock())
    li = come("li")
    li.get("/bulk")
    assert "/clusters/1" in li.page
    li.get("/clusters/1")
    li.post("/clusters/1", {"ruling": "remove:no_real_name"})
    assert li.post("/bulk/1/start").status_code == 409
    li.get("/bulk/1")
    drawn = [int(part.split('"')[0]) for part in li.page.split("/bulk/1/look/")[1:]]
    for number in drawn:
        li.post(f"/bulk/1/look/{number}", {"agrees": "yes"})
    li.post("/bulk/1/start")
    assert states(store, 1, 2, 3, 4, 5) == {CaseState.DECIDED}
