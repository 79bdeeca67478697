"""axe-core on every page, in both colours and both languages: no violation of WCAG 2.2 A and AA."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe

from scanner.moderation import cases

Sit = Callable[..., Any]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
OPTIONS = {"runOnly": {"type": "tag", "values": TAGS}, "resultTypes": ["violations"], "preload": False}


def faults(desk: Any) -> list[str]:
    """What axe finds on the page at hand."""
    found = Axe().run(desk.page, options=OPTIONS).response["violations"]
    return [
        f"{desk.page.url}: {one['id']}: {node['target']} {node['failureSummary'][:200]}"
        for one in found
        for node in one["nodes"][:3]
    ]


@pytest.mark.timeout(400)
def test_no_page_keeps_anybody_out(sit: Sit) -> None:
    """Every page of the navigation, login, account, a case at work, a fault; some of them dark, one Chinese."""
    stranger = sit()
    stranger.go("/login")
    found = faults(stranger)

    wang = sit("wang", color_scheme="light")
    paths = wang.page.eval_on_selector_all(".top nav a", "links => links.map(link => link.getAttribute('href'))")
    for path in paths:
        wang.go(path)
        found += faults(wang)
    wang.go("/queue")
    wang.press("o", until="**/cases/*")
    wang.click("text=简体中文")
    found += faults(wang)

    root = sit("root", color_scheme="dark")
    case = cases.queue(root.site.store, limit=1).rows[0].case.id
    for path in ("/queue?severity=S4", f"/cases/{case}", "/people", "/history", "/account", "/nowhere"):
        root.go(path)
        found += faults(root)
    assert not found, "\n".join(found)
