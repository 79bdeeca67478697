"""axe-core on every page, in both colours and both languages: no violation of WCAG 2.2 A and AA."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from axe_playwright_python.sync_playwright import Axe

from scanner.moderation import cases

Sit = Callable[..., Any]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"]}


def faults(desk: Any) -> list[str]:
    """What axe finds on the page at hand."""
    found = Axe().run(desk.page, options=OPTIONS).response["violations"]
    return [
        f"{desk.page.url}: {one['id']}: {node['target']} {node['failureSummary'][:200]}"
        for one in found
        for node in one["nodes"][:3]
    ]


def test_no_page_keeps_anybody_out(sit: Sit) -> None:
    """For every page of the navigation, a case, the login, the account, and a fault; light and dark, both languages."""
    found = []
    stranger = sit()
    stranger.go("/login")
    found += faults(stranger)
    for name, colours in (("wang", "light"), ("root", "dark")):
        desk = sit(name, color_scheme=colours)
        paths = desk.page.eval_on_selector_all(".top nav a", "links => links.map(link => link.getAttribute('href'))")
        case = cases.queue(desk.site.store, limit=1).rows[0].case.id
        for path in dict.fromkeys([*paths, "/queue?severity=S1", f"/cases/{case}", "/account", "/nowhere"]):
            desk.go(path)
            found += faults(desk)
        if name == "wang":
            desk.go("/queue")
            desk.press("o", until="**/cases/*")
            found += faults(desk)
            desk.click("text=简体中文")
            found += faults(desk)
    assert not found, "\n".join(found)
