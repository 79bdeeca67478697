"""Requests that want more than they may: paths out of folders, addresses elsewhere, fields that nobody sets."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from scanner.console.app import saved_pages
from scanner.correspondence import notices
from scanner.errors import NotFound
from scanner.model import Actor, EvidenceRef, Role
from scanner.moderation import claims
from scanner.outside import NoticeKind, Report
from scanner.people import tokens
from scanner.people.records import Scope
from scanner.store import Store
from tests.fakes import GRAVE, MILD, Clock, Intake, fetched
from tests.visitors import Visitor

Come = Callable[..., Visitor]
LI = Actor(name="li", role=Role.SPECIALIST)
ROOT = Actor(name="root", role=Role.ADMINISTRATOR)
SCRIPT = "<script>alert(1)</script>"
MARK = b"what nobody may read"
OUTSIDE = ("../secret", "..%2fsecret", "%2e%2e/secret", "..\\secret", "/etc/passwd", "....//secret", "secret%00.css")


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    """A file beside the folders that are served from."""
    (tmp_path / "evidence").mkdir()
    file = tmp_path / "secret"
    file.write_bytes(MARK)
    return file


@pytest.mark.parametrize("path", OUTSIDE)
def test_no_path_leads_out_of_a_folder(visitors: Come, come: Come, secret: Path, path: str) -> None:
    """Neither of the console's own files nor of figures, rules or exports."""
    li = come("li")
    for place in ("/static/", "/figures/", "/rules/", "/cases/1/page/", "/api/v1/exports/"):
        answer = li.client.get(f"{place}{path}", follow_redirects=False)
        assert answer.status_code in {401, 404, 422}, place
        assert MARK not in answer.content, place


@pytest.mark.parametrize("file", ["../secret", "a/../../secret", "/etc/passwd", "1/../../secret"])
def test_evidence_is_read_from_its_own_folder(secret: Path, file: str) -> None:
    """A reference in the database that leads elsewhere is no evidence; nor does a link in the folder lead out of it."""
    folder = secret.parent / "evidence"
    ref = EvidenceRef(file=file, offset=0, sha256=hashlib.sha256(MARK).hexdigest())
    with pytest.raises(NotFound, match="does not lie in the evidence folder"):
        saved_pages(folder)(ref)
    (folder / "link").symlink_to(secret)
    with pytest.raises(NotFound, match="does not lie in the evidence folder"):
        saved_pages(folder)(EvidenceRef(file="link", offset=0, sha256=ref.sha256))


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data/",
        "http://127.0.0.1:{port}/",
        "http://[::1]:{port}/",
        "file:///etc/passwd",
        "gopher://127.0.0.1:{port}/",
        "javascript:alert(1)",
        "//evil.example/x",
    ],
)
def test_an_address_in_a_notice_is_never_fetched(
    come: Come, store: Store, clock: Clock, listener: Any, url: str
) -> None:
    """It is text: nothing is asked of it, and no link leads to what is no web address."""
    given = url.format(port=listener.port)
    notices.receive(store, Report(kind=NoticeKind.USER, text=given, reporter="a", url=given), actor=LI, now=clock())
    shown = come("wang", Role.SPECIALIST).get("/notices/1").text
    assert listener.calls == 0
    for scheme in ("javascript:", "file:", "gopher:"):
        assert f'href="{scheme}' not in shown
        assert f'src="{scheme}' not in shown
    assert 'href="//' not in shown


def test_what_a_service_writes_is_shown_as_text(come: Come, app: FastAPI, store: Store, clock: Clock) -> None:
    """Markup in every field that the API takes does nothing on the page that shows it."""
    _, key = tokens.add(store, "erp", [Scope.NOTICES_WRITE], role=Role.SPECIALIST, actor=ROOT, now=clock())
    with TestClient(app, base_url="http://127.0.0.1", headers={"Authorization": f"Bearer {key}"}) as client:
        said = dict.fromkeys(("text", "reporter", "contact", "reference", "platform", "listing_id", "url"), SCRIPT)
        sent = client.post("/api/v1/notices", json={"kind": "user", **said})
        assert sent.status_code == 201, sent.text
    visitor = come("wang", Role.SPECIALIST)
    for path in ("/notices", "/notices/1"):
        assert SCRIPT not in visitor.get(path).text
    assert "&lt;script&gt;" in visitor.page


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/api/v1/check", {"title": "x", "verdict": "pass"}),
        ("/api/v1/check", {"title": "x", "seller": {"id": "s", "is_trusted": True}}),
        ("/api/v1/cases/1/decisions", {"ruling": "keep", "reason": "lawful_goods", "actor": "root"}),
        ("/api/v1/cases/1/decisions", {"ruling": "keep", "reason": "lawful_goods", "role": "administrator"}),
        ("/api/v1/notices", {"kind": "user", "text": "x", "reporter": "y", "state": "answered"}),
        ("/api/v1/notices", {"kind": "user", "text": "x", "reporter": "y", "key": "of another"}),
        ("/api/v1/cases/1/appeals", {"ground": "other", "statement": "x", "state": "upheld"}),
        ("/api/v1/inspections", {"source": "demo", "asked_by": "root"}),
    ],
)
def test_no_field_is_taken_that_is_not_named(
    app: FastAPI, store: Store, clock: Clock, path: str, body: dict[str, Any]
) -> None:
    """Mass assignment: a field too many is refused by name, not passed over."""
    _, key = tokens.add(store, "erp", list(Scope), role=Role.SPECIALIST, actor=ROOT, now=clock())
    with TestClient(app, base_url="http://127.0.0.1", headers={"Authorization": f"Bearer {key}"}) as client:
        answer = client.post(path, json=body, headers={"If-Match": '"1"'})
    assert (answer.status_code, "Extra inputs are not permitted" in answer.json()["detail"]) == (422, True)


def test_a_form_sets_nothing_that_it_does_not_ask(come: Come, store: Store) -> None:
    """Fields that a page does not have change no role, no name and no other person's account."""
    li = come("li")
    come("root", Role.ADMINISTRATOR)
    li.get("/account")
    more = {"role": "administrator", "is_disabled": "1", "name": "root", "person_id": "2", "id": "2"}
    li.post("/account/preferences", {"theme": "dark", "language": "en", "time_zone": "UTC", **more})
    with store.reading() as tx:
        people = {one.name: (one.role, one.preferences.theme) for one in tx.people()}
    assert people == {"li": (Role.REVIEWER, "dark"), "root": (Role.ADMINISTRATOR, "auto")}


def test_nobody_touches_what_is_anothers(come: Come, store: Store, intake: Intake, clock: Clock) -> None:
    """A claim, a draft and a saved view answer to their own person, whoever knows their numbers."""
    intake(fetched("1", GRAVE), fetched("2", MILD))
    li, wang = come("li"), come("wang")
    li.get("/queue")
    li.post("/queue/views?severity=S4", {"name": "grave"})
    li.post("/cases/1/claim")
    with store.reading() as tx:
        token = str(tx.case(1).token)
    for deed in ("release", "heartbeat", "decide"):
        wang.get("/queue")
        wang.post(f"/cases/1/{deed}", {"token": token, "revision": "1", "deed": "keep", "note": "mine now"})
    wang.get("/queue")
    wang.post("/queue/views/1/drop")
    with store.reading() as tx:
        case = tx.case(1)
        person = tx.person_named("li")
        assert person is not None
        assert (case.claimed_by, case.ruling) == ("li", None)
        assert [view.name for view in tx.views(person.id, "queue")] == ["grave"]
    assert "mine now" not in li.get("/cases/1").text
    assert claims.mine(store, actor=Actor(name="wang", role=Role.REVIEWER), now=clock()).claims == ()


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example", "localhost@evil.example", "evil.example:80", "", "127.0.0.1 x"]
)
def test_no_other_name_of_the_host_is_answered(app: FastAPI, host: str) -> None:
    """Nor is it put into any address that we give (host header injection)."""
    with TestClient(app, base_url="http://127.0.0.1") as client:
        answer = client.get("/login", headers={"Host": host, "X-Forwarded-Host": "evil.example"})
        assert answer.status_code == 421
        answer = client.get("/", headers={"X-Forwarded-Host": "evil.example"}, follow_redirects=False)
        assert answer.headers["location"] == "/login"
