"""The rooms for what comes from outside: notices, appeals, sellers."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scanner.correspondence import appeals, notices
from scanner.model import Actor, Role, Ruling
from scanner.moderation import cases
from scanner.outside import AppealGround, NoticeKind, Report
from scanner.store import Store
from tests.fakes import GRAVE, Clock, Intake, fetched
from tests.visitors import Visitor

Come = Callable[..., Visitor]
LI = Actor(name="li", role=Role.SPECIALIST)
BAIT = "<img src=x onerror=alert(1)>"


@pytest.fixture
def removed(store: Store, intake: Intake, clock: Clock) -> int:
    """A case of which the listing has been removed."""
    intake(fetched("7", GRAVE))
    cases.decide(store, 1, Ruling.REMOVE, reason="prohibited_goods", actor=LI, revision=1, now=clock())
    return 1


def test_a_notice_is_taken_in_and_answered_by_hand(come: Come, intake: Intake) -> None:
    """What came by telephone gets its receipt, its case and its answer, and nothing in it does anything."""
    intake(fetched("7", GRAVE))
    visitor = come("wang")
    assert "No notice waits." in visitor.get("/notices").text
    visitor.get("/notices/new")
    form = {"kind": "police", "reporter": "unit 5", "text": BAIT, "platform": "demo", "listing_id": "7", "secret": "on"}
    shown = visitor.post("/notices/new", form).text
    assert BAIT not in shown
    assert 'href="/cases/1"' in shown
    assert "do not tip off" in visitor.get("/notices?kind=police").text
    visitor.get("/notices/1")
    assert "answered" in visitor.post("/notices/1/answer", {"outcome": "dismissed", "says": "Not ours."}).text
    assert visitor.post("/notices/1/answer", {"outcome": "dismissed"}).status_code == 409
    assert visitor.post("/notices/1/answer", {"outcome": "burnt"}).status_code == 422


def test_whoever_may_not_answer_notices_only_reads_them(come: Come, store: Store, clock: Clock) -> None:
    """An auditor sees notices, and is refused the rest."""
    report = Report(kind=NoticeKind.USER, text="Look.", reporter="a@b.example", url="http://shop.test/1")
    notices.receive(store, report, actor=LI, now=clock())
    auditor = come("zhao", Role.AUDITOR)
    assert "Answer by hand" not in auditor.get("/notices/1").text
    assert auditor.post("/notices/1/answer", {"outcome": "kept"}).status_code == 403
    assert auditor.get("/notices/new").status_code == 403


def test_an_appeal_is_decided_by_somebody_else(come: Come, store: Store, clock: Clock, removed: int) -> None:
    """The officer sees what was found then, decides once, and who took the decision cannot."""
    clock.move(hours=1)
    appeals.file(store, removed, ground=AppealGround.OTHER_GOODS, statement=BAIT, actor=LI, now=clock())
    officer = come("qian", Role.APPEALS_OFFICER)
    shown = officer.get("/appeals").text
    assert 'href="/appeals/1"' in shown
    assert BAIT not in shown
    page = officer.get("/appeals/1").text
    assert "<mark>" in page
    assert "Cannot decide this appeal" in page
    assert officer.post("/appeals/1/decide", {"reason": "because"}).status_code == 422
    officer.get("/appeals/1")
    assert "decision stands" in officer.post("/appeals/1/decide", {"reason": "stands_as_found"}).text
    assert officer.post("/appeals/1/decide", {"reason": "lawful_goods"}).status_code == 409
    reviewer = come("wang")
    assert "Decide, once" not in reviewer.get("/appeals/1").text
    assert reviewer.post("/appeals/1/decide", {"reason": "lawful_goods"}).status_code == 403


def test_a_seller_is_found_with_all_that_is_on_file(come: Come, removed: int) -> None:
    """From a name to cases, licences and exceptions, which are put on file from the page."""
    visitor = come("sun", Role.SPECIALIST)
    assert "No seller has that" in visitor.get("/sellers?name=nobody").text
    assert 'href="/sellers/1"' in visitor.get("/sellers?name=s1").text
    assert "Shop One" in visitor.get("/sellers/1").text
    licence = {"name": "telecom_agent", "number": "T-1", "issuer": "MIIT", "valid_from": "2026-01-01"}
    assert "telecom_agent" in visitor.post("/sellers/1/licences", licence).text
    assert visitor.post("/sellers/1/licences", licence | {"valid_from": "soon"}).status_code == 422
    visitor.get("/sellers/1")
    wanted = {"rule": "phone_card.no_real_name", "owner": "sun", "reason": "Carrier's agent.", "days": "30"}
    assert "a second person must agree" in visitor.post("/sellers/1/exceptions", wanted).text
    assert visitor.get("/sellers/99").status_code == 404
