"""The console in a real browser: the system's Chromium, driven over a server of its own for each test.

Pictures and figures go to ``build/browser`` (or to the folder named by ``DELIST_ARTEFACTS``), for people to look at.
Nothing leaves the machine: a request to any other host fails the test that made it, and so does a script's error.
"""

from __future__ import annotations

import os
import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from scanner.console.app import create_app
from scanner.model import Fetched, Role
from scanner.rulebook import Rulebook, load
from scanner.settings import Settings
from scanner.store import Store
from tests.browser_listings import LISTINGS, evidence_of
from tests.fakes import Intake
from tests.visitors import PASSWORD, password_hash

ROOT = Path(__file__).resolve().parents[2]
ARTEFACTS = Path(os.environ.get("DELIST_ARTEFACTS", ROOT / "build/browser"))
PROGRAMS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
PEOPLE = {
    "li": Role.REVIEWER,
    "wang": Role.SPECIALIST,
    "zhao": Role.SPECIALIST,
    "chen": Role.APPEALS_OFFICER,
    "root": Role.ADMINISTRATOR,
}


class RealClock:
    """The time as it is, until it is moved."""

    def __init__(self) -> None:
        self.ahead = timedelta(0)

    def __call__(self) -> datetime:
        return datetime.now(UTC) + self.ahead

    def move(self, **by: float) -> None:
        """Forward by so many seconds, minutes, hours …"""
        self.ahead += timedelta(**by)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The system's own browser. Who has none is told so, and tests of the console without one have run all the same."""
    program = os.environ.get("CHROMIUM") or next(filter(None, map(shutil.which, PROGRAMS)), None)
    if program is None:
        # A browser is the system's, not ours to install: the rest of the suite proves what it can without one.
        pytest.skip("NO CHROMIUM: the console was not tried in a browser. Debian: apt-get install chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=program, args=list(ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def shipped_rulebook() -> Rulebook:
    """The rules that come with Delist."""
    return load()


@pytest.fixture
def clock() -> RealClock:
    """Real, and movable."""
    return RealClock()


class Site:
    """The console as it is being served."""

    def __init__(self, url: str, store: Store, clock: RealClock, evidence: Path) -> None:
        self.url, self.store, self.clock, self.evidence = url, store, clock, evidence
        self.figures = ARTEFACTS
        ARTEFACTS.mkdir(parents=True, exist_ok=True)


@pytest.fixture
def site(store: Store, shipped_rulebook: Rulebook, clock: RealClock, tmp_path: Path) -> Iterator[Site]:
    """The console over a queue of some thirty cases, with people who work on it."""
    settings = Settings(data=tmp_path, time_zone="Asia/Shanghai")
    with store.transaction() as tx:
        for name, role in PEOPLE.items():
            tx.add_person(name, role, password_hash(), at=clock())
    intake = Intake(store, shipped_rulebook, tmp_path / "spool", clock)
    refs = evidence_of(settings.evidence / "1", LISTINGS)
    intake(*(Fetched(listing=one, evidence=refs[one.listing_id]) for one in LISTINGS))
    app = create_app(store, shipped_rulebook, settings, clock)
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(app, log_level="warning", ws="none", lifespan="off")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
    thread.start()
    yield Site(f"http://127.0.0.1:{listening.getsockname()[1]}", store, clock, settings.evidence)
    server.should_exit = True
    thread.join(timeout=10)
    listening.close()


class Desk:
    """A person at a browser. Scripts' errors, dialogs and requests to elsewhere are collected, and fail the test."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page, self.site = page, site
        self.faults: list[str] = []
        page.on("pageerror", lambda error: self.faults.append(f"script: {error}"))
        page.on("dialog", lambda dialog: (self.faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        page.on("console", self._listen)
        page.context.on("request", self._watch)

    def log_in(self, name: str) -> None:
        """By the keyboard alone."""
        self.page.goto(f"{self.site.url}/login")
        self.await_focus()
        self.page.keyboard.type(name)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(PASSWORD)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url("**/queue")

    def go(self, path: str) -> None:
        """To a page by its address."""
        self.page.goto(f"{self.site.url}{path}")

    def press(self, key: str, *, until: str | Callable[[str], bool] | None = None) -> None:
        """A key, once the page listens to keys; ``until`` is the page that it leads to."""
        self.page.locator(":root:not([data-asleep])").wait_for(state="attached")
        if until is None:
            self.page.keyboard.press(key)
            return
        with self.page.expect_navigation(url=until):
            self.page.keyboard.press(key)

    def type_on(self, text: str, *, pause_ms: float = 60) -> None:
        """Type on without looking, wherever it goes."""
        self.page.keyboard.type(text, delay=pause_ms)

    def click(self, what: str) -> None:
        """A control that leads to another page."""
        with self.page.expect_navigation():
            self.page.click(what)

    def await_focus(self) -> None:
        """A browser sets the focus that a page asks for when it draws, a moment after the page has loaded."""
        self.page.locator(":focus").wait_for(state="attached")

    def focused(self) -> str:
        """What has the focus: its tag and text."""
        self.await_focus()
        script = "() => document.activeElement.tagName + ' ' + document.activeElement.innerText.slice(0, 40)"
        found: str = self.page.evaluate(script)
        return found

    def picture(self, name: str, *, whole: bool = False) -> None:
        """Keep what is seen."""
        self.page.screenshot(path=ARTEFACTS / f"{name}.png", full_page=whole)

    def _listen(self, message: Any) -> None:
        if message.type == "error" and "status of 4" not in message.text:
            self.faults.append(f"console: {message.text}")

    def _watch(self, request: Any) -> None:
        if not request.url.startswith((f"{self.site.url}/", "data:", "about:")):
            self.faults.append(f"request to elsewhere: {request.url[:200]}")


@pytest.fixture
def sit(chromium: Browser, site: Site) -> Iterator[Callable[..., Desk]]:
    """Opens a browser for somebody."""
    contexts: list[BrowserContext] = []
    desks: list[Desk] = []

    def take_seat(name: str = "", **more: Any) -> Desk:
        context = chromium.new_context(viewport=more.pop("viewport", {"width": 1280, "height": 860}), **more)
        context.set_default_timeout(30_000)
        contexts.append(context)
        desk = Desk(context.new_page(), site)
        desks.append(desk)
        if name:
            desk.log_in(name)
        return desk

    yield take_seat
    for context in contexts:
        context.close()
    assert [fault for desk in desks for fault in desk.faults] == []
