"""axe-core on every page for every role, in both colours and both languages: no violation of WCAG 2.2 A and AA."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from lxml import html

from scanner.audit import SYSTEM
from scanner.correspondence import appeals, notices
from scanner.model import Actor, Role, Ruling
from scanner.moderation import bulk, cases
from scanner.outside import AppealGround, NoticeKind, Report
from scanner.people import sessions
from tests.takedowns_done import followed

Sit = Callable[..., Any]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], "preload": False}
WANG = Actor(name="wang", role=Role.SPECIALIST)
# Pages that nobody's navigation leads to directly; a role that a page is not for sees why.
DEEPER = (
    "/account", "/appeals/1", "/bulk/1", "/cases/{waiting}", "/cases/{decided}", "/clusters/1", "/inspections/1",
    "/notices/1", "/notices/new", "/queue/mine", "/rules/compare", "/rules/phone_card.no_real_name", "/rules/try",
    "/sellers/1", "/takedowns/1", "/people", "/history", "/nowhere",
)  # fmt: skip
# A person's own pages, in a tongue and colours of their own.
LOOKS = ({"color_scheme": "light"}, {"color_scheme": "dark"}, {"color_scheme": "light", "locale": "zh-CN"})


def faults(desk: Any) -> list[str]:
    """What axe finds on the page at hand."""
    found = Axe().run(desk.page, options=OPTIONS).response["violations"]
    return [
        f"{desk.page.url}: {one['id']}: {node['target']} {node['failureSummary'][:200]}"
        for one in found
        for node in one["nodes"][:3]
    ]


def come_in(desk: Any, role: Role) -> None:
    """Somebody of that role, with a session, and without the time that a password takes."""
    site, name = desk.site, f"a-{role.value}"
    with site.store.transaction() as tx:
        tx.add_person(name, role, "", at=site.clock())
        opened = sessions.opened(tx, tx.person_named(name), now=site.clock(), address="", agent="")
    desk.page.context.add_cookies([{"name": "delist_session", "value": opened.secret, "url": site.url}])


def prepare(desk: Any) -> dict[str, int]:
    """Something on every page: a removal, an appeal, notices, a bulk decision; the numbers of two cases."""
    store, now = desk.site.store, desk.site.clock()
    rows = cases.queue(store, limit=30).rows
    decided = rows[0].case
    cases.decide(
        store, decided.id, Ruling.REMOVE, reason="no_real_name", actor=WANG, revision=decided.revision, now=now
    )
    said = "These are trays, no cards."
    appeals.file(store, decided.id, ground=AppealGround.OTHER_GOODS, statement=said, actor=SYSTEM, now=now)
    text, there = "Sold without registration.", rows[1].case.listing_id
    report = Report(kind=NoticeKind.USER, text=text, reporter="somebody", platform="demo", listing_id=there)
    notices.receive(store, report, actor=SYSTEM, now=now)
    bulk.preview(store, [row.case.id for row in rows[2:5]], Ruling.REMOVE, reason="no_real_name", actor=WANG, now=now)
    followed(store, at=now)
    return {"waiting": rows[8].case.id, "decided": decided.id}


def paths_of(desk: Any, numbers: dict[str, int]) -> list[str]:
    """Every page that this person may come to."""
    tree = html.fromstring(desk.page.context.request.get(f"{desk.site.url}/queue").text())
    places = [str(link.get("href")) for link in tree.cssselect(".top nav a")]
    return list(dict.fromkeys([*places, *(path.format(**numbers) for path in DEEPER)]))


def make_of(desk: Any, path: str) -> set[str]:
    """What a page is made of, without its words: its kinds of elements, by tag, class and attributes."""
    tree = html.fromstring(desk.page.context.request.get(f"{desk.site.url}{path}").text())
    return {f"{one.tag} {one.get('class')} {sorted(one.attrib)}" for one in tree.iter() if isinstance(one.tag, str)}


@pytest.mark.timeout(400)
def test_no_page_keeps_anybody_out(sit: Sit) -> None:
    """Every page as each of the ten roles sees it, one third in the dark, one third in Chinese; the login."""
    stranger = sit()
    stranger.go("/login")
    found = faults(stranger)
    numbers = prepare(stranger)
    tried: dict[str, set[str]] = {}
    looked = 0
    for place, role in enumerate(role for role in Role if role is not Role.SYSTEM):
        desk = sit(**LOOKS[place % len(LOOKS)])
        come_in(desk, role)
        for path in paths_of(desk, numbers):
            looked += 1
            make = make_of(desk, path)
            # A page with nothing on it that axe has not seen on this page as somebody else has nothing new to say.
            if not make <= tried.get(path, set()):
                tried[path] = tried.get(path, set()) | make
                desk.go(path)
                found += faults(desk)
        desk.page.context.close()
    assert not found, "\n".join(found)
    assert looked > 250


def test_a_case_at_work_keeps_nobody_out(sit: Sit) -> None:
    """Claimed, with all its forms open; in Chinese too."""
    wang = sit("wang", color_scheme="light")
    wang.press("o", until="**/cases/*")
    wang.page.evaluate("() => document.querySelectorAll('details').forEach(one => one.open = true)")
    found = faults(wang)
    wang.click("text=简体中文")
    assert not [*found, *faults(wang)]
