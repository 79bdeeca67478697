"""A console with something in it, served while a tool looks at it from outside: schemathesis, wapiti, Lighthouse.

``python -m tests.served COMMAND ARGUMENT …`` starts it, puts its address, a token and a person's session where the
arguments say ``{url}``, ``{token}`` and ``{cookie}``, runs the command, and ends with its exit code.
"""

from __future__ import annotations

import socket
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import uvicorn

from scanner.console.app import create_app
from scanner.console.serving import configured
from scanner.console.visits import COOKIE
from scanner.correspondence import notices
from scanner.model import Actor, Fetched, Role, Ruling
from scanner.moderation import cases
from scanner.outside import NoticeKind, Report
from scanner.people import tokens
from scanner.people.records import Scope, Session
from scanner.people.sessions import digest_of
from scanner.rulebook import load
from scanner.settings import Settings
from scanner.store import Store
from tests.browser_listings import LISTINGS, evidence_of
from tests.fakes import Intake
from tests.visitors import password_hash

LI = Actor(name="li", role=Role.SPECIALIST)
ROOT = Actor(name="root", role=Role.ADMINISTRATOR)
SECRET = "a session for a tool that looks from outside"


@contextmanager
def served() -> Iterator[dict[str, str]]:
    """What the arguments may name: ``url``, ``token``, ``cookie``."""
    with tempfile.TemporaryDirectory(prefix="delist-served-") as name:
        folder = Path(name)
        settings = Settings(data=folder)
        rulebook = load()
        with Store.open(settings.store_url) as store:
            given = _furnished(store, folder)
            refs = evidence_of(settings.evidence / "1", LISTINGS)
            found = (Fetched(listing=one, evidence=refs[one.listing_id]) for one in LISTINGS)
            Intake(store, rulebook, folder / "spool", lambda: datetime.now(UTC))(*found)
            _worked_on(store)
            app = create_app(store, rulebook, settings)
            with socket.create_server(("127.0.0.1", 0)) as listening:
                server = uvicorn.Server(configured(app))
                thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]}, daemon=True)
                thread.start()
                yield given | {"url": f"http://127.0.0.1:{listening.getsockname()[1]}"}
                server.should_exit = True
                thread.join(timeout=10)


def _furnished(store: Store, folder: Path) -> dict[str, str]:
    """People, a session of one of them, and a token that is good for everything."""
    now = datetime.now(UTC)
    with store.transaction() as tx:
        for name, role in (("li", Role.SPECIALIST), ("root", Role.ADMINISTRATOR), ("zhao", Role.AUDITOR)):
            tx.add_person(name, role, password_hash(), at=now)
        person = tx.person_named("li")
        assert person is not None
        opened = Session(
            digest=digest_of(SECRET), person_id=person.id, opened_at=now, seen_at=now, until=now + timedelta(hours=8)
        )
        tx.add_session(opened)
    _, secret = tokens.add(store, "tool", list(Scope), role=Role.COMPLIANCE, actor=ROOT, now=now)
    return {"token": secret, "cookie": f"{COOKIE}={SECRET}", "folder": str(folder)}


def _worked_on(store: Store) -> None:
    """Some decisions, and a notice."""
    now = datetime.now(UTC)
    for number in range(1, 6):
        cases.decide(store, number, Ruling.REMOVE, reason="prohibited_goods", actor=LI, revision=1, now=now)
    report = Report(kind=NoticeKind.USER, text="Look at this.", reporter="a@b.example", platform="demo", listing_id="7")
    notices.receive(store, report, actor=LI, now=now)


def main() -> int:
    """Run the command; its exit code."""
    with served() as given:
        command = [_filled(one, given) for one in sys.argv[1:]]
        return subprocess.run(command, check=False).returncode


def _filled(argument: str, given: dict[str, str]) -> str:
    for name, value in given.items():
        argument = argument.replace(f"{{{name}}}", value)
    return argument


if __name__ == "__main__":
    sys.exit(main())
