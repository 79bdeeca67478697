"""A working day at the console: by keyboard alone, with others at work, in two languages and two colours."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime
from statistics import median
from typing import Any

from playwright.sync_api import expect

from scanner.audit import SYSTEM
from scanner.correspondence import appeals, notices
from scanner.inspection import asking
from scanner.model import Actor, CaseState, Role, Ruling
from scanner.moderation import cases, claims
from scanner.outside import AppealGround, NoticeKind, Report
from scanner.takedown import undoing
from tests.browser_listings import PAYLOAD

Sit = Callable[..., Any]

# What twenty cases get, by their keys: a ruling with its usual reason, with a chosen one, with a note.
TWENTY = ["r", "2 r", "k", "t", "e", "h", "s", "r", "n r", "k"] * 2
ENTERED = re.compile(r"/cases/\d+")


def opened(desk: Any) -> int:
    """The number of the case on the page."""
    found = re.search(r"/cases/(\d+)", desk.page.url)
    assert found, desk.page.url
    return int(found[1])


def test_twenty_cases_by_keyboard_alone(sit: Sit) -> None:
    """No mouse: from the login on, a key decides, the next case is there, and the focus is on it."""
    desk = sit("wang")
    desk.press("o", until=ENTERED)
    waits, seen = [], []
    for keys in TWENTY:
        assert desk.focused().startswith("H1 Case"), desk.focused()
        seen.append(opened(desk))
        for key in keys.split()[:-1]:
            desk.press(key)
            if key == "n":
                desk.page.keyboard.type("seen twice, r k t are letters here")
                desk.press("Escape")
        desk.press(keys.split()[-1], until=ENTERED)
        took = "() => performance.getEntriesByType('navigation')[0].domContentLoadedEventEnd"
        waits.append(desk.page.evaluate(took))
    assert len(set(seen)) == 20
    with desk.site.store.reading() as tx:
        decisions = [decision for number in seen for decision in tx.decisions(number)]
    made = Counter(decision.ruling for decision in decisions)
    assert made[Ruling.REMOVE] == 8
    assert sum(made.values()) >= 10
    assert sum("letters here" in decision.note for decision in decisions) == 2
    desk.picture("case-next")
    (desk.site.figures / "decide-to-next.json").write_text(
        json.dumps({"median_ms": round(median(waits), 1), "most_ms": round(max(waits), 1)})
    )


def test_a_decision_is_undone_by_one_key(sit: Sit) -> None:
    """Within the window the case is open again as it was, in the same hands."""
    desk = sit("li")
    desk.press("o", until=ENTERED)
    number = opened(desk)
    desk.press("r", until=ENTERED)
    assert f"Case {number}: removed." in desk.page.inner_text(".flash")
    desk.picture("case-undo")
    desk.press("u", until=re.compile(rf"/cases/{number}$"))
    case = cases.show(desk.site.store, number).row.case
    assert (case.state, case.claimed_by) == (CaseState.CLAIMED, "li")


def test_a_lost_lease_keeps_what_was_typed(sit: Sit) -> None:
    """Somebody else takes the case after the lease: the page says so, and the note is there afterwards."""
    desk = sit("li")
    desk.press("o", until=ENTERED)
    number = opened(desk)
    desk.press("n")
    desk.page.keyboard.type("a long thought")
    desk.site.clock.move(minutes=11)
    zhao = Actor(name="zhao", role=Role.SPECIALIST)
    claims.claim(desk.site.store, number, actor=zhao, now=desk.site.clock())
    desk.page.keyboard.type("!")
    desk.page.wait_for_selector("#lost:not([hidden])")
    desk.picture("case-lost")
    desk.press("Escape")
    with desk.page.expect_navigation():
        desk.press("r")
    assert "Somebody was faster" in desk.page.inner_text("h1")
    assert "a long thought!" in desk.page.inner_text("blockquote")
    desk.picture("conflict")
    claims.release(desk.site.store, number, actor=zhao, now=desk.site.clock())
    desk.go(f"/cases/{number}")
    desk.press("c", until=re.compile(rf"/cases/{number}$"))
    assert desk.page.input_value("[name=note]") == "a long thought!"


def decisions_in(desk: Any) -> int:
    """How many decisions there are."""
    with desk.site.store.reading() as tx:
        return int(tx.decisions_since(datetime.min.replace(tzinfo=UTC)))


def test_what_is_typed_on_a_case_that_is_not_ones_own_goes_nowhere(sit: Sit) -> None:
    """Who has not taken it is told so, and what follows is no command: neither here nor on another case."""
    li, wang = sit("li"), sit("wang")
    wang.press("o", until=ENTERED)
    for number in (opened(wang), opened(wang) + 1):
        li.go(f"/cases/{number}")
        li.press("n")
        li.type_on("my own words, or what else\nremove it: r ")
        assert li.page.is_visible("dialog#not-mine")
        assert opened(li) == number
        li.press("Escape")
        assert li.focused().startswith("H1 Case")
    li.picture("case-free")
    assert decisions_in(li) == 0
    assert claims.mine(li.site.store, actor=Actor(name="li", role=Role.REVIEWER), now=li.site.clock()).claims == ()
    li.press("r")
    assert "Esc" in li.page.inner_text("dialog#not-mine")
    li.picture("case-refused")
    li.press("Escape")
    li.press("c", until=ENTERED)
    li.press("n")
    li.type_on("my own words")
    assert li.page.input_value("[name=note]") == "my own words"


def test_who_types_on_decides_nothing_on_the_next_page(sit: Sit) -> None:
    """Keys that follow a deciding one do not count until the hands are still; then they do."""
    desk = sit("li")
    desk.press("o", until=ENTERED)
    number = opened(desk)
    desk.press("r")
    desk.type_on("rrrrsxrhrkrrtrsrhrk1rrrrr", pause_ms=100)
    second = opened(desk)
    assert second != number
    assert decisions_in(desk) == 1
    desk.press("r", until=ENTERED)
    assert opened(desk) not in {number, second}
    assert decisions_in(desk) == 2


def test_one_press_too_many_takes_no_second_case(sit: Sit) -> None:
    """While the next case is on its way, its key asks for no other."""
    desk = sit("li")
    with desk.site.store.transaction():  # so the answer takes its time
        desk.press("o")
        desk.type_on("ooo", pause_ms=100)
    desk.page.wait_for_url(ENTERED)
    li = Actor(name="li", role=Role.REVIEWER)
    assert len(claims.mine(desk.site.store, actor=li, now=desk.site.clock()).claims) == 1


def test_who_stops_the_browser_on_its_way_goes_on_by_keyboard(sit: Sit) -> None:
    """Escape stops the loading of a page (here a script does it, as a browser without a window has no such key)."""
    desk = sit("li")
    desk.go("/cases/3")
    desk.page.evaluate("addEventListener('keydown', ({ key }) => key === 'Escape' && stop())")
    with desk.site.store.transaction():  # so the answer takes its time
        desk.press("c")
        desk.page.keyboard.press("Escape")
    desk.press("?")
    assert desk.page.locator("dialog[open]").count() == 1


def test_a_note_that_is_begun_too_soon_is_a_note(sit: Sit) -> None:
    """c and n in one go: the note has the focus when the page comes, and what follows is text."""
    desk = sit("li")
    desk.go("/cases/3")
    desk.press("c")
    desk.page.keyboard.press("n")
    desk.page.locator("textarea:focus").wait_for()
    desk.type_on("rkr")
    assert desk.page.input_value("[name=note]") == "rkr"
    assert decisions_in(desk) == 0


def test_typing_on_after_somebody_was_faster_takes_nothing(sit: Sit) -> None:
    """The page that says so has no button under the hands: a space or Enter presses nothing."""
    desk = sit("li")
    desk.press("o", until=ENTERED)
    number = opened(desk)
    zhao = Actor(name="zhao", role=Role.SPECIALIST)
    desk.site.clock.move(minutes=11)
    claims.claim(desk.site.store, number, actor=zhao, now=desk.site.clock())
    desk.press("r", until=re.compile("decide"))
    assert desk.focused().startswith("H1 Somebody was faster")
    desk.type_on(" or so\n r ")
    desk.page.wait_for_timeout(300)
    assert "Somebody was faster" in desk.page.inner_text("h1")
    assert decisions_in(desk) == 0


def test_two_people_do_not_get_the_same_case(sit: Sit) -> None:
    """Each is given another one; who opens a colleague's sees whose it is, and cannot decide it."""
    li, wang = sit("li"), sit("wang")
    li.press("o", until=ENTERED)
    wang.press("o", until=ENTERED)
    assert opened(li) != opened(wang)
    wang.go(f"/cases/{opened(li)}")
    assert "li has this case until" in wang.page.inner_text(".deciding")
    assert wang.page.query_selector("button[value=remove]") is None


def test_the_queue_by_keyboard(sit: Sit) -> None:
    """Down, up, open; search by /; the counts arrive."""
    desk = sit("li")
    expect(desk.page.locator('[data-count="all:"]')).not_to_be_empty()
    desk.picture("queue")
    for key in "jjk":
        desk.press(key)
    first = desk.page.evaluate("() => document.activeElement.getAttribute('href')")
    desk.press("x")
    assert desk.page.evaluate("() => document.querySelectorAll('input[name=case]:checked').length") == 1
    desk.press("j")
    desk.press("k")
    desk.press("Enter", until=re.compile(first))
    desk.press("q", until=re.compile("/queue"))
    desk.press("/")
    desk.page.keyboard.type("猫池")
    desk.press("Enter", until=re.compile("text="))
    assert desk.page.locator(".queue tbody tr").count() == 1


def test_heading_and_counts_agree_after_a_decision(sit: Sit) -> None:
    """What was decided a moment ago waits neither in the heading nor in the count beside it."""
    desk = sit("li")
    chip = desk.page.locator('[data-count="all:"]')
    expect(chip).not_to_be_empty()
    before = int(chip.inner_text())
    desk.press("o", until=ENTERED)
    desk.press("r", until=ENTERED)
    desk.press("q", until=re.compile("/queue"))
    expect(chip).to_have_text(str(before - 1))
    assert f"{before - 1} cases" in desk.page.inner_text("h1")


def test_the_keymap_opens_and_gives_the_focus_back(sit: Sit) -> None:
    """? shows all keys; Escape closes the map, and the focus is where it was opened."""
    desk = sit("li")
    desk.press("o", until=ENTERED)
    desk.press("?")
    assert desk.page.is_visible("dialog#keys")
    desk.picture("case-keys")
    desk.press("r")
    assert desk.page.is_visible("dialog#keys")
    desk.press("Escape")
    assert not desk.page.is_visible("dialog#keys")
    # A dialog tells that it was closed a moment after it is gone.
    expect(desk.page.locator("button:focus")).to_contain_text("Keys")


def test_every_control_is_reached_by_tab(sit: Sit) -> None:
    """From the top of a case's page, Tab comes to every control, and shows where it is."""
    desk = sit("li")
    desk.press("o", until=ENTERED)
    wanted = desk.page.evaluate(
        """() => [...document.querySelectorAll('a[href], button, input, select, textarea, summary, iframe')]
        .filter(node => !node.disabled && node.tabIndex >= 0 && node.type !== 'hidden' && node.checkVisibility())
        .filter((node, _, all) => node.type !== 'radio' || node === all.find(one => one.name === node.name))
        .length"""
    )
    desk.page.evaluate("() => { document.activeElement.blur(); window.reached = new Set(); }")
    for _ in range(wanted + 5):
        desk.press("Tab")
        desk.page.evaluate("() => window.reached.add(document.activeElement)")
    reached = desk.page.evaluate("() => [...window.reached].filter(node => node !== document.body).length")
    assert reached >= wanted


def test_language_and_colours(sit: Sit) -> None:
    """Chinese and dark by a press each, on every page from then on."""
    desk = sit("li")
    desk.click("text=简体中文")
    assert desk.page.inner_text("h1").startswith("队列")
    desk.picture("queue-zh")
    desk.press("o", until=ENTERED)
    desk.picture("case-zh")
    desk.click("[title='配色:跟随设备']")
    paper = desk.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert max(map(int, re.findall(r"\d+", paper)[:3])) < 60
    desk.picture("case-zh-dark", whole=True)
    desk.go("/queue")
    desk.picture("queue-zh-dark")


def test_a_tablet_has_everything(sit: Sit) -> None:
    """On 820 pixels nothing is cut off sideways."""
    desk = sit("li", viewport={"width": 820, "height": 1180})
    for name, path in (("queue-tablet", "/queue"), ("case-tablet", "")):
        if path:
            desk.go(path)
        else:
            desk.press("o", until=ENTERED)
        assert desk.page.evaluate("() => document.documentElement.scrollWidth <= window.innerWidth"), name
        desk.picture(name, whole=True)


def test_everything_works_without_scripts(sit: Sit) -> None:
    """Taking, choosing a reason, writing a note, deciding, undoing: by forms alone."""
    desk = sit(java_script_enabled=False)
    desk.log_in("li")
    desk.click("text=Take the next case")
    number = opened(desk)
    desk.page.check("input[name=reason] >> nth=1")
    desk.page.fill("[name=note]", "without scripts")
    desk.click("button[value=remove]")
    desk.click("button:has-text('Undo')")
    assert cases.show(desk.site.store, number).row.case.state is CaseState.CLAIMED
    desk.click("button[value=skip]")
    assert "skipped" in desk.page.inner_text(".flash")


def test_many_at_once_and_a_second_person(sit: Sit) -> None:
    """Selected by x, previewed, run, undone; and a ruling to keep S4 is approved by a colleague."""
    li = sit("li")
    li.go("/queue?severity=S3")
    for _ in range(3):
        li.press("j")
        li.press("x")
    li.picture("queue-selected")
    li.page.select_option("[name=ruling]", "remove:prohibited_goods")
    li.click("#bulkbar button")
    assert li.page.locator("text=is removed").count() == 3
    li.picture("bulk-preview")
    li.click("text=Decide 3 cases")
    li.page.wait_for_selector(".badge.b-finished")
    li.picture("bulk-done")
    wang, zhao = sit("wang"), sit("zhao")
    wang.go("/queue?severity=S4")
    wang.press("o", until=ENTERED)
    number = opened(wang)
    wang.press("k", until=re.compile("/cases|/queue"))
    zhao.go("/approvals")
    zhao.picture("approvals")
    zhao.click("text=Approve >> nth=-1")
    assert cases.show(zhao.site.store, number).row.case.state is CaseState.CLOSED


def test_an_appeal_is_heard_by_somebody_else(sit: Sit) -> None:
    """A removal, an objection, a decision by an officer who had no part in it: the listing is to come back."""
    li = sit("li")
    li.press("o", until=ENTERED)
    number = opened(li)
    li.press("r", until=re.compile("/cases|/queue"))
    store, now = li.site.store, li.site.clock()
    filed = appeals.file(
        store, number, ground=AppealGround.OTHER_GOODS, statement="These are trays, no cards.", actor=SYSTEM, now=now
    )
    chen = sit("chen")
    chen.go(f"/appeals/{filed.id}")
    chen.picture("appeal")
    assert "These are trays" in chen.page.inner_text("main")
    chen.page.check("input[name=reason]:below(:text('Decide, once')) >> nth=0")
    chen.click("form[action$=decide] button")
    assert appeals.show(store, filed.id).appeal.decided_by == "chen"


def test_hostile_listings_do_nothing(sit: Sit) -> None:
    """Nothing that a seller wrote runs, loads or leads elsewhere: queue, case, captured page; no request leaves."""
    desk = sit("wang")
    numbers = {row.case.listing_id: row.case.id for row in cases.queue(desk.site.store).rows}
    hidden, hostile = numbers["31"], numbers["32"]
    desk.go("/queue?text=evil.example")
    desk.go(f"/cases/{hidden}")
    desk.picture("case-hidden")
    desk.go(f"/cases/{hostile}")
    desk.press("p")
    frame = desk.page.frame_locator("iframe.saved")
    frame.locator("body").wait_for()
    desk.page.wait_for_timeout(400)
    desk.picture("case-hostile", whole=True)
    assert desk.page.evaluate("() => window.owned") is None
    assert frame.locator("script, iframe, form, link, base, img").count() == 0
    assert desk.page.url.endswith(f"/cases/{hostile}")
    desk.go(f"/cases/{hostile}/page/1")
    assert desk.page.evaluate("() => { try { return document.cookie } catch { return 'no origin' } }") == "no origin"


def test_hostile_words_do_nothing_wherever_they_come_from(sit: Sit) -> None:
    """Notices, names, reasons, notes, views, licences, exceptions, files, headers: shown, and nothing more."""
    desk = sit("wang", extra_http_headers={"User-Agent": PAYLOAD})
    store, now, wang = desk.site.store, desk.site.clock(), Actor(name="wang", role=Role.SPECIALIST)
    root = Actor(name="root", role=Role.ADMINISTRATOR)
    row = next(row for row in cases.queue(store).rows if row.case.listing_id == "32")
    report = Report(
        kind=NoticeKind.POLICE, text=PAYLOAD, reporter=PAYLOAD[:200], platform="demo", listing_id="32", url=PAYLOAD
    )
    notices.receive(store, report, actor=wang, now=now)
    case = cases.show(store, row.case.id).row.case
    reason = "no_real_name"
    cases.decide(
        store, case.id, Ruling.REMOVE, reason=reason, note=PAYLOAD, actor=wang, revision=case.revision, now=now
    )
    filed = appeals.file(store, case.id, ground=AppealGround.OTHER, statement=PAYLOAD, actor=SYSTEM, now=now)
    number = cases.show(store, case.id).takedowns[0].id
    undoing.cancel(store, number, actor=wang, reason=PAYLOAD[:300], now=now)
    asking.start(store, PAYLOAD, kind="full", sources=(PAYLOAD,), actor=root, now=now)
    with store.transaction() as tx:
        tx.keep_view(tx.person_named("wang").id, "queue", PAYLOAD[:60], "text=" + "%3Cscript%3E")
    folder = desk.site.evidence / "1"
    (folder / "<img src=x onerror=alert(7)>.warc.gz").write_bytes(b"")
    paths = (
        "/queue", "/queue?text=%3Cscript%3Ealert(1)%3C/script%3E&seller=%22onload=", f"/cases/{case.id}", "/notices",
        "/notices/1", f"/appeals/{filed.id}", "/appeals", f"/sellers/{case.seller_row}", "/sellers?name=%3Cimg",
        "/takedowns",
        f"/takedowns/{number}", "/inspections", "/inspections/1", "/rules/try", "/figures", "/approvals", "/bulk",
        "/rules/%3Cscript%3Ealert(1)%3C", "/figures/%3Csvg%20onload=alert(1)%3E.svg",
    )  # fmt: skip
    for path in paths:
        desk.go(path)
        assert desk.page.evaluate("() => window.owned") is None, path
        assert desk.page.locator("img[src*=evil], script:not([src]), [onerror], [onload]").count() == 0, path
    history = sit("root")
    history.go("/history")
    assert "alert(1)" in history.page.inner_text("main")
    assert history.page.evaluate("() => window.owned") is None
