"""The HTTP API: what other systems may ask, and what they are refused."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable

import msgspec
import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient

from scanner.model import Role
from scanner.people.records import Scope
from scanner.settings import Source
from scanner.store import Store
from tests.fakes import GRAVE, MILD, PLAIN, Clock, Intake, fetched

Service = Callable[..., TestClient]
DECIDED = {"ruling": "remove", "reason": "prohibited_goods"}


def test_a_draft_is_checked_to_the_character(service: Service) -> None:
    """A prohibited offer would be queued, with the words that say so; an honest one would not; nothing is kept."""
    client = service(Scope.CHECK)
    found = client.post("/api/v1/check", json={"title": GRAVE, "price": "12.50"}).json()
    assert (found["verdict"], found["severity"], found["categories"]) == ("queue", "S4", ["phone_card"])
    spans = [span for finding in found["findings"] for span in finding["spans"]]
    assert spans
    assert all(GRAVE[span["start"] : span["end"]] == span["text"] for span in spans)
    assert client.post("/api/v1/check", json={"title": PLAIN}).json()["verdict"] == "pass"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 422),
        (b'{"title": 7}', 422),
        (b'{"title": "x", "is_admin": true}', 422),
        (b'{"price": -1}', 422),
        (b'{"price": 1e400}', 422),
        (b'{"seller": {"kind": "king"}}', 422),
        (b'{"seller": {"registered_at": 0}}', 422),
        (b'{"quantity": false}', 422),
        (b'{"price": true}', 422),
        (b'{"title": "' + b"x" * 3_000 + b'"}', 422),
        (b'{"text": "' + b"x" * 2_200_000 + b'"}', 413),
        (b'{"title": "\\ud800"}', 422),
        (b'{"title": "\\u0000"}', 422),
    ],
    ids=[
        "broken",
        "type",
        "unknown field",
        "negative",
        "infinite",
        "enum",
        "moment",
        "truth for a count",
        "truth for an amount",
        "long",
        "huge",
        "surrogate",
        "nul",
    ],
)
def test_a_bad_draft_is_refused_in_words(service: Service, body: bytes, status: int) -> None:
    """What cannot be a listing is a problem that says where, and never a pass."""
    answer = service(Scope.CHECK).post("/api/v1/check", content=body, headers={"Content-Type": "application/json"})
    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")
    assert answer.json()["detail"]


@pytest.mark.parametrize("authorization", ["", "Bearer", "Bearer delist_wrong", "Basic eDp5", "Bearer \xff"])
def test_without_a_token_nothing_is_told(app: FastAPI, authorization: str) -> None:
    """Every route of the API asks for a token, and says so."""
    with TestClient(app, base_url="http://127.0.0.1") as client:
        for path, verbs in client.get("/api/v1/openapi.json").json()["paths"].items():
            for verb in verbs:
                headers = {"Authorization": authorization.encode("latin-1")} if authorization else {}
                address = path.format(number=1, table="cases", receipt="N-1")
                answer = client.request(verb, address, headers=headers)
                assert (answer.status_code, answer.headers.get("www-authenticate")) == (401, "Bearer"), path


# Which scope opens which route: a route without a line here fails the test below.
SCOPES = {
    "POST /check": Scope.CHECK,
    "GET /cases": Scope.CASES_READ,
    "GET /cases/{number}": Scope.CASES_READ,
    "GET /cases/{number}/decisions": Scope.CASES_READ,
    "POST /cases/{number}/decisions": Scope.CASES_DECIDE,
    "POST /cases/{number}/appeals": Scope.APPEALS_WRITE,
    "GET /appeals": Scope.APPEALS_READ,
    "GET /appeals/{receipt}": Scope.APPEALS_READ,
    "GET /notices": Scope.NOTICES_READ,
    "GET /notices/{receipt}": Scope.NOTICES_READ,
    "POST /notices": Scope.NOTICES_WRITE,
    "GET /sources": Scope.INSPECTIONS_READ,
    "GET /inspections": Scope.INSPECTIONS_READ,
    "GET /inspections/{number}": Scope.INSPECTIONS_READ,
    "POST /inspections": Scope.INSPECTIONS_RUN,
    "POST /inspections/{number}/stop": Scope.INSPECTIONS_RUN,
    "GET /exports/{table}": Scope.EXPORT,
}


@pytest.mark.parametrize("scope", list(Scope))
def test_a_token_is_good_for_its_scopes_alone(service: Service, scope: Scope) -> None:
    """Of all routes, a token opens those of its own scope; nothing breaks, whatever is asked."""
    client = service(scope, role=Role.COMPLIANCE)
    described = client.get("/api/v1/openapi.json").json()["paths"]
    routes = {f"{verb.upper()} {path.removeprefix('/api/v1')}" for path, verbs in described.items() for verb in verbs}
    assert routes == set(SCOPES)
    for route, wanted in SCOPES.items():
        verb, _, path = route.partition(" ")
        answer = client.request(verb, f"/api/v1{path.format(number=1, table='cases', receipt='N-1')}")
        assert (answer.status_code == 403) is (wanted is not scope), route
        assert answer.status_code < 500, route


def test_a_case_is_decided_as_it_was_read(service: Service, intake: Intake) -> None:
    """The revision that was read must be the one that is decided on, and a repetition does nothing again."""
    intake(fetched("1", GRAVE))
    client = service(Scope.CASES_READ, Scope.CASES_DECIDE)
    case = client.get("/api/v1/cases").json()["items"][0]
    path = f"/api/v1/cases/{case['id']}"
    read = client.get(path)
    assert client.get(path, headers={"If-None-Match": read.headers["etag"]}).status_code == 304
    assert client.post(f"{path}/decisions", json=DECIDED).status_code == 428
    send = {"If-Match": read.headers["etag"], "Idempotency-Key": "order-7"}
    first = client.post(f"{path}/decisions", json=DECIDED, headers=send)
    again = client.post(f"{path}/decisions", json=DECIDED, headers=send)
    assert (first.status_code, first.json()["ruling"]) == (201, "remove")
    assert (again.status_code, again.content) == (201, first.content)
    stale = client.post(f"{path}/decisions", json=DECIDED, headers={"If-Match": read.headers["etag"]})
    assert (stale.status_code, stale.headers["etag"]) == (412, client.get(path).headers["etag"])
    other = client.post(f"{path}/decisions", json=DECIDED | {"ruling": "keep"}, headers=send)
    assert other.status_code == 422
    assert [(one["ruling"], one["reason"]) for one in client.get(f"{path}/decisions").json()] == [
        ("remove", "prohibited_goods")
    ]


def test_a_role_binds_its_token(service: Service, intake: Intake) -> None:
    """An auditor's token decides nothing, whatever its scopes; nor does it without a good reason code."""
    intake(fetched("1", GRAVE))
    auditor = service(Scope.CASES_READ, Scope.CASES_DECIDE, role=Role.AUDITOR)
    assert auditor.post("/api/v1/cases/1/decisions", json=DECIDED, headers={"If-Match": '"1"'}).status_code == 403
    specialist = service(Scope.CASES_DECIDE)
    answer = specialist.post(
        "/api/v1/cases/1/decisions", json=DECIDED | {"reason": "because"}, headers={"If-Match": '"1"'}
    )
    assert (answer.status_code, "reason" in answer.json()["detail"]) == (422, True)


def test_the_queue_is_read_to_its_end(service: Service, intake: Intake) -> None:
    """Pages follow one another by their links, none twice, none left out."""
    intake(*(fetched(str(number), GRAVE if number % 2 else MILD) for number in range(1, 8)))
    client = service(Scope.CASES_READ)
    path, seen = "/api/v1/cases?limit=2&category=phone_card", []
    while path:
        page = client.get(path)
        seen += [item["listing_id"] for item in page.json()["items"]]
        path = page.links["next"]["url"] if "next" in page.links else ""
    assert sorted(seen) == sorted(map(str, range(1, 8)))
    assert len(client.get("/api/v1/cases?severity=S4").json()["items"]) == 4


def test_a_notice_gets_one_receipt(service: Service, intake: Intake) -> None:
    """Handed in twice under a key it is one notice, and its sender can ask what became of it."""
    intake(fetched("1", GRAVE))
    client = service(Scope.NOTICES_WRITE, Scope.NOTICES_READ)
    report = {
        "kind": "police",
        "text": "Sold to a victim.",
        "reporter": "unit 5",
        "platform": "demo",
        "listing_id": "1",
    }
    sent = [client.post("/api/v1/notices", json=report, headers={"Idempotency-Key": "n1"}) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [201, 201]
    assert len({answer.json()["receipt"] for answer in sent}) == 1
    status = client.get(sent[0].headers["location"]).json()
    assert (status["state"], status["case_id"]) == ("open", 1)
    assert client.get("/api/v1/notices/N-unknown").status_code == 404
    assert client.get("/api/v1/notices?kind=police").json()["total"] == 1


def test_a_seller_appeals_through_the_platform(service: Service, intake: Intake, clock: Clock) -> None:
    """An appeal is filed once, whoever repeats the request, and its receipt says what became of it."""
    intake(fetched("1", GRAVE))
    client = service(Scope.CASES_DECIDE, Scope.APPEALS_WRITE, Scope.APPEALS_READ)
    client.post("/api/v1/cases/1/decisions", json=DECIDED, headers={"If-Match": '"1"'})
    clock.move(hours=1)
    said = {"ground": "other_goods", "statement": "It is a tray."}
    sent = [client.post("/api/v1/cases/1/appeals", json=said, headers={"Idempotency-Key": "a1"}) for _ in range(2)]
    assert [answer.status_code for answer in sent] == [201, 201]
    assert sent[0].content == sent[1].content
    assert client.get(f"/api/v1/appeals/{sent[0].json()['receipt']}").json()["state"] == "filed"
    assert client.post("/api/v1/cases/1/appeals", json=said).status_code == 409
    assert client.get("/api/v1/appeals/A-unknown").status_code == 404
    first = client.get("/api/v1/appeals?limit=1")
    assert [one["receipt"] for one in first.json()] == [sent[0].json()["receipt"]]
    assert client.get(first.links["next"]["url"]).json() == []


def test_an_export_leaves_nothing_out(service: Service, store: Store, intake: Intake) -> None:
    """Page by page every row comes once, and that somebody took them is on record."""
    intake(*(fetched(str(number), GRAVE) for number in range(1, 6)))
    client = service(Scope.EXPORT, role=Role.AUDITOR)
    for table in ("cases", "listings", "inspections", "events", "decisions", "takedowns", "looks"):
        path, rows = f"/api/v1/exports/{table}?limit=2", []
        while path:
            page = client.get(path)
            rows += [json.loads(line) for line in page.text.splitlines()]
            path = page.links["next"]["url"] if "next" in page.links else ""
        numbers = [row.get("id", row.get("sequence")) for row in rows]
        assert numbers == sorted(set(numbers))
        assert len(rows) == (5 if table in {"cases", "listings"} else len(rows))
    with store.reading() as tx:
        kinds = [event.kind for event in tx.all_events()]
    assert kinds.count("export.begun") == 7
    reviewer = service(Scope.EXPORT, role=Role.REVIEWER)
    assert reviewer.get("/api/v1/exports/cases").status_code == 403


def test_inspections_tell_their_ledger(service: Service, intake: Intake) -> None:
    """What was covered can be asked for, one by one and as a list."""
    intake(fetched("1", GRAVE))
    client = service(Scope.INSPECTIONS_READ)
    listed = client.get("/api/v1/inspections").json()
    one = client.get(f"/api/v1/inspections/{listed[0]['id']}").json()
    assert (one, one["source"], one["balances"]) == (listed[0], "demo", True)
    assert client.get("/api/v1/inspections/99").status_code == 404


def test_inspections_are_asked_for_and_ended(service: Service, app: FastAPI, store: Store, intake: Intake) -> None:
    """Once for a key, by whose role may, on a source that there is; what runs is asked to end with a reason."""
    named = Source(name="demo", walker="sitemap", start=("http://127.0.0.1/sitemap.xml",))
    office = app.state.office
    app.state.office = dataclasses.replace(
        office, settings=office.settings.model_copy(update={"sources": {"demo": named}})
    )
    intake(fetched("1", GRAVE))
    client = service(Scope.INSPECTIONS_RUN, role=Role.COMPLIANCE)
    asked, send = {"source": "demo", "kind": "full"}, {"Idempotency-Key": "i1"}
    sent = [client.post("/api/v1/inspections", json=asked, headers=send) for _ in range(2)]
    assert [(answer.status_code, answer.json()["wish"]) for answer in sent] == [(202, "start")] * 2
    assert client.post("/api/v1/inspections", json=asked).status_code == 409
    assert client.post("/api/v1/inspections", json={"source": "elsewhere"}).status_code == 422
    assert client.post("/api/v1/inspections/1/stop", json={"reason": " "}).status_code == 422
    stopped = client.post("/api/v1/inspections/1/stop", json={"reason": "wrong hour"})
    assert (stopped.status_code, stopped.json()["inspection_id"]) == (202, 1)
    reviewer = service(Scope.INSPECTIONS_RUN, role=Role.REVIEWER)
    assert reviewer.post("/api/v1/inspections", json=asked).status_code == 403
    with store.reading() as tx:
        assert len(tx.asked_starts()) == 1


def test_another_method_is_told_which_there_are(service: Service) -> None:
    """405 with the methods that would do (RFC 9110), as a problem."""
    client = service(Scope.CASES_READ)
    assert client.delete("/api/v1/cases/1").headers["allow"] == "GET"
    answer = client.delete("/api/v1/cases/1/decisions")
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, POST")
    assert answer.headers["content-type"] == "application/problem+json"


def test_a_secret_never_comes_back(service: Service, app: FastAPI) -> None:
    """No answer holds the token, or how it is kept."""
    client = service(*Scope, role=Role.COMPLIANCE)
    secret = client.headers["Authorization"].split()[1]
    for path in ("/api/v1/cases", "/api/v1/sources", "/api/v1/exports/events", "/api/v1/openapi.json"):
        answer = client.get(path)
        assert secret not in answer.text
    assert msgspec.json.decode(client.get("/api/v1/openapi.json").content)["info"]["title"] == "Delist"
