"""The boards beside the queue: takedowns, inspections, people."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from scanner.console.plots import CHARTS
from scanner.inspection import asking
from scanner.model import Actor, Role, Ruling
from scanner.moderation import cases
from scanner.settings import Settings, Source
from scanner.store import Store
from scanner.takedown.telling import Adapter, PlatformSettings
from tests.fakes import GRAVE, Clock, Intake, begin, fetched
from tests.visitors import PASSWORD, Visitor

Come = Callable[..., Visitor]
LI = Actor(name="li", role=Role.SPECIALIST)


@pytest.fixture
def ordered(store: Store, intake: Intake, clock: Clock) -> int:
    """A removal that has been decided; its order's number."""
    intake(fetched("7", GRAVE))
    with store.reading() as tx:
        revision = tx.case(1).revision
    cases.decide(
        store, 1, Ruling.REMOVE, reason="prohibited_goods", actor=LI, revision=revision, now=clock(), note="Plain."
    )
    with store.reading() as tx:
        return tx.takedowns(1)[0].id


def test_an_order_is_read_and_cancelled_by_its_meaning(come: Come, ordered: int) -> None:
    """The board leads to the order, the order to what can be done, and what was done shows on both."""
    visitor = come("wang")
    board = visitor.get("/takedowns").text
    assert f'href="/takedowns/{ordered}"' in board
    assert "demo/7" in board
    assert f"<b>hide</b> <q>{GRAVE}</q>" in board
    assert f'action="/takedowns/{ordered}/cancel"' in board
    assert "nobody has said how it is told" in board
    assert "Cancel before it goes" in visitor.get(f"/takedowns/{ordered}").text
    answer = visitor.post(f"/takedowns/{ordered}/cancel", {"reason": "Wrong listing."})
    assert "the case waits for a person" in answer.text
    assert "cancelled" in visitor.get("/takedowns?state=cancelled").text
    assert "No orders here." in visitor.get("/takedowns?state=failed").text
    assert visitor.post(f"/takedowns/{ordered}/cancel", {"reason": "Again."}).status_code == 409


def test_it_is_said_when_nobody_sends(come: Come, ordered: int, settings: Settings, clock: Clock) -> None:
    """A platform that can be told, and an order that should have gone minutes ago: this console sends nothing."""
    settings.platforms["demo"] = PlatformSettings(adapter=Adapter.DEMO, url="http://127.0.0.1:1")
    visitor = come("wang")
    assert "Is the scheduler running?" not in visitor.get("/takedowns").text
    assert "when the time to undo is over" in visitor.get(f"/takedowns/{ordered}").text
    clock.move(minutes=10)
    assert "Is the scheduler running?" in visitor.get("/takedowns").text


def test_whoever_may_not_change_orders_is_not_offered_it(come: Come, ordered: int) -> None:
    """An auditor sees the order and no button, and is refused when they ask all the same."""
    auditor = come("zhao", Role.AUDITOR)
    assert "Cancel before it goes" not in auditor.get(f"/takedowns/{ordered}").text
    assert auditor.post(f"/takedowns/{ordered}/cancel", {"reason": "x"}).status_code == 403


def test_an_inspection_shows_its_ledger(come: Come, intake: Intake) -> None:
    """What was covered stands there, run by run and part by part."""
    intake(fetched("1", GRAVE))
    visitor = come("wang")
    assert 'href="/inspections/1"' in visitor.get("/inspections").text
    assert "Ledger" in visitor.get("/inspections/1").text
    assert visitor.get("/inspections/99").status_code == 404


def test_without_any_inspection_the_page_says_what_to_do(come: Come) -> None:
    """An empty list says how it fills."""
    assert "delist inspect --demo" in come("wang").get("/inspections").text


def test_accounts_are_made_changed_and_disabled(come: Come, visitors: Callable[..., Visitor]) -> None:
    """An administrator makes an account that can log in, changes its role, and ends it."""
    root = come("root", Role.ADMINISTRATOR)
    root.get("/people")
    root.post("/people", {"name": "chen", "role": "reviewer", "password": PASSWORD})
    assert visitors().log_in("chen").status_code == 200
    root.get("/people")
    assert "Saved." in root.post("/people/chen/role", {"role": "specialist"}).text
    assert root.post("/people/chen/role", {"role": "king"}).status_code == 422
    root.get("/people")
    root.post("/people/chen/disable")
    assert visitors().log_in("chen").status_code == 401


def test_a_token_is_shown_once(come: Come) -> None:
    """The secret stands on the page that made it, and on no other."""
    root = come("root", Role.ADMINISTRATOR)
    root.get("/people")
    made = root.post("/people/tokens", {"name": "erp", "role": "auditor", "scope": "check"}).text
    assert "<pre>delist_" in made
    assert "<pre>delist_" not in root.get("/people").text


def test_accounts_are_for_administrators(come: Come) -> None:
    """No other role sees the page, or reaches what stands behind it."""
    for role in set(Role) - {Role.SYSTEM, Role.ADMINISTRATOR}:
        visitor = come(f"a-{role.value}", role)
        assert visitor.get("/people").status_code == 403
        visitor.get("/account")
        form = {"name": "x1", "role": "administrator", "password": PASSWORD}
        assert visitor.post("/people", form).status_code == 403


def test_figures_are_shown_drawn_and_taken_away(come: Come, ordered: int) -> None:
    """Every chart is a picture without scripts, with its table behind it, which a spreadsheet takes as text."""
    visitor = come("wang")
    shown = visitor.get("/figures?days=7").text
    charts = re.findall(r'src="(/figures/\w+\.svg\?[^"]*)"', shown)
    assert len(charts) == len(CHARTS)
    for address in charts:
        answer = visitor.get(address.replace("&amp;", "&"))
        assert (answer.status_code, answer.headers["content-type"]) == (200, "image/svg+xml")
        assert "script" not in answer.text.lower()
    rules = visitor.get("/figures/rules.csv?days=7").text
    assert "phone_card.no_real_name,1,1,1,1.0" in rules
    precision = visitor.get("/figures/precision.csv?days=7").text.splitlines()[1]
    assert re.fullmatch(r"phone_card.no_real_name,100.0,20.7,100.0", precision), precision
    assert visitor.get("/figures/sla.csv?days=1").text.splitlines()[1].endswith(",1,0")
    assert visitor.get("/figures/backlog.csv?days=1").text.splitlines()[1].endswith(",0")
    assert visitor.get("/figures/nothing.svg").status_code == 404
    paper = visitor.get("/figures?days=7&paper=1").text
    assert 'loading="lazy"' not in paper
    assert "100%</b> in time" in paper


def test_figures_of_an_empty_store_are_empty(come: Come) -> None:
    """A first day shows noughts, not faults."""
    visitor = come("wang")
    assert "No rule has brought a case" in visitor.get("/figures").text
    assert all(visitor.get(f"/figures/{name}.svg").status_code == 200 for name in ("flow", "speed", "notices"))


def test_a_name_is_no_formula(come: Come, store: Store, intake: Intake, clock: Clock) -> None:
    """What somebody calls themselves does nothing in a spreadsheet."""
    intake(fetched("1", GRAVE))
    evil = Actor(name="=cmd|' /C calc'!A0", role=Role.SPECIALIST)
    cases.decide(store, 1, Ruling.REMOVE, reason="prohibited_goods", actor=evil, revision=1, now=clock())
    assert "'=cmd" in come("wang").get("/figures/reviewers.csv").text


def test_rules_are_shown_and_tried(come: Come) -> None:
    """Who looks at a rule sees what it looks for; a text tried shows what fired, and what nearly did."""
    visitor = come("zhou", Role.ANALYST)
    assert "phone_card.no_real_name" in visitor.get("/rules").text
    assert "Fires when" in visitor.get("/rules/phone_card.no_real_name").text
    assert visitor.get("/rules/phone_card.nothing").status_code == 404
    visitor.get("/rules/try")
    hit = visitor.post("/rules/try", {"title": GRAVE, "description": "<script>alert(1)</script>"}).text
    assert "It would be queued" in hit
    assert "<mark>" in hit
    assert "<script>alert" not in hit
    assert visitor.post("/rules/try", {"title": ""}).status_code == 422


def test_the_history_is_read_and_checked(come: Come, ordered: int) -> None:
    """An auditor finds what happened by who, what and about, and has the chain checked."""
    auditor = come("zhao", Role.AUDITOR)
    assert "case.decided" in auditor.get("/history").text
    assert "case.opened" not in auditor.get("/history?kind=case.decided").text.split("<tbody>")[1]
    assert "Nothing like that has happened." in auditor.get("/history?subject=case:99").text
    assert "none edited, missing or moved" in auditor.post("/history/verify").text
    assert come("wang").get("/history").status_code == 403


def test_an_inspection_is_asked_for_on_its_page(come: Come, store: Store, settings: Settings) -> None:
    """By a role that may, of a configured source, once; what waits is shown, and can be taken back."""
    settings.sources["shop"] = Source(name="shop", start=("http://127.0.0.1:1/",))
    root = come("root", Role.ADMINISTRATOR)
    assert "Inspect all" in root.get("/inspections").text
    answer = root.post("/inspections", {"source": "shop", "kind": "full"})
    assert "root has asked for an inspection of shop" in answer.text
    assert root.post("/inspections", {"source": "shop", "kind": "full"}).status_code == 409
    assert root.post("/inspections", {"source": "nowhere", "kind": "full"}).status_code == 422
    (asked,) = asking.waiting(store)
    root.get("/inspections")
    assert "has asked" not in root.post(f"/inspections/asked/{asked.id}/withdraw").text
    li = come("li")
    assert "Inspect all" not in li.get("/inspections").text
    assert li.post("/inspections", {"source": "shop", "kind": "full"}).status_code == 403


def test_a_running_inspection_is_asked_to_stop_on_its_page(come: Come, store: Store) -> None:
    """With a reason; then the page says who asked, and until it ends there is nothing more to press."""
    number = begin(store)
    root = come("root", Role.ADMINISTRATOR)
    assert "Stop it" in root.get(f"/inspections/{number}").text
    answer = root.post(f"/inspections/{number}/stop", {"reason": "<b>too fast"})
    assert "root has asked it to stop, &lt;b&gt;too fast" in answer.text
    assert "Stop it" not in answer.text


def test_what_was_captured_and_checked_is_said(come: Come, intake: Intake, settings: Settings) -> None:
    """The evidence's files by name and size; without any, why there may be none."""
    intake(fetched("1", GRAVE))
    visitor = come("wang")
    assert "No pages were captured" in visitor.get("/inspections/1").text
    folder = settings.evidence / "1"
    folder.mkdir(parents=True)
    (folder / "part-1.warc.gz").write_bytes(b"x" * 2048)
    shown = visitor.get("/inspections/1").text
    assert "part-1.warc.gz" in shown
    assert "2 KiB" in shown
