"""Who may go where: every route of the application, every role, walked against a table that is written by hand.

The table names roles, not permissions, so that a slip in ``scanner.moderation.permissions`` shows here too. A route
that the table does not know fails the first test.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from datetime import UTC, timedelta

import httpx2
import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts

from scanner.console.languages import Languages
from scanner.console.visits import COOKIE, Visit
from scanner.model import Role
from scanner.people.records import Preferences, Session
from scanner.people.sessions import digest_of
from scanner.store import Store
from tests.fakes import GRAVE, Clock, Intake, fetched

Hire = Callable[[str, Role], None]
Roles = frozenset[Role]

EVERYBODY: Roles = frozenset(Role) - {Role.SYSTEM}
DESK: Roles = frozenset({Role.REVIEWER, Role.SPECIALIST, Role.APPEALS_OFFICER})
# Whoever may hide at once sees the forms of the desk; what else they may not, the use cases refuse.
HIDERS: Roles = DESK | {Role.LIAISON, Role.COMPLIANCE}
CORRESPONDENTS: Roles = frozenset({Role.REVIEWER, Role.SPECIALIST, Role.LIAISON})
READERS: Roles = frozenset({Role.QUALITY, Role.POLICY_OWNER, Role.COMPLIANCE, Role.AUDITOR, Role.ADMINISTRATOR})
BULK: Roles = frozenset({Role.REVIEWER, Role.SPECIALIST})
LICENSERS: Roles = frozenset({Role.SPECIALIST, Role.POLICY_OWNER, Role.COMPLIANCE})
PROPOSERS: Roles = frozenset({Role.SPECIALIST, Role.ANALYST, Role.POLICY_OWNER})
CLOSERS: Roles = frozenset({Role.SPECIALIST, Role.COMPLIANCE})
SECONDS: Roles = frozenset(
    {Role.SPECIALIST, Role.APPEALS_OFFICER, Role.POLICY_OWNER, Role.LIAISON, Role.COMPLIANCE},
)
UNMASKERS: Roles = frozenset({Role.SPECIALIST, Role.APPEALS_OFFICER, Role.LIAISON, Role.COMPLIANCE})
INSPECTORS: Roles = frozenset({Role.ANALYST, Role.POLICY_OWNER, Role.COMPLIANCE, Role.ADMINISTRATOR})
CLUE_MAKERS: Roles = frozenset({Role.SPECIALIST, Role.LIAISON})
CLUE_SIGNERS: Roles = frozenset({Role.LIAISON, Role.COMPLIANCE})
CLUES: Roles = CLUE_MAKERS | CLUE_SIGNERS
ADMINISTRATOR: Roles = frozenset({Role.ADMINISTRATOR})
OFFICER: Roles = frozenset({Role.APPEALS_OFFICER})

# What needs no login: reached by anybody, with nothing behind it that is anybody's.
OPEN = frozenset(
    {
        "GET /static/{name}",
        "GET /login",
        "POST /login",
        "GET /login/provider",
        "GET /login/return",
        "POST /logout",
        "GET /api/v1/openapi.json",
    }
)

ACCESS: dict[str, Roles] = {
    "GET /": EVERYBODY,
    "GET /account": EVERYBODY,
    "POST /account/language": EVERYBODY,
    "POST /account/password": EVERYBODY,
    "POST /account/preferences": EVERYBODY,
    "POST /account/theme": EVERYBODY,
    "GET /appeals": EVERYBODY,
    "GET /appeals/{number}": EVERYBODY,
    "POST /appeals/{number}/accept": OFFICER,
    "POST /appeals/{number}/decide": OFFICER,
    "GET /approvals": EVERYBODY,
    "POST /approvals/{number}/approve": SECONDS,
    "POST /approvals/{number}/refuse": SECONDS,
    "POST /approvals/{number}/withdraw": EVERYBODY,
    "GET /bulk": BULK | READERS | OFFICER,
    "POST /bulk": BULK,
    "GET /bulk/{number}": BULK | READERS | OFFICER,
    "POST /bulk/{number}/halt": BULK,
    "POST /bulk/{number}/look/{case_id}": BULK,
    "POST /bulk/{number}/start": BULK,
    "POST /bulk/{number}/undo": BULK,
    "POST /cases/next": HIDERS,
    "GET /clues": CLUES | READERS,
    "POST /clues": CLUE_MAKERS,
    "GET /clues/new": CLUE_MAKERS,
    "GET /clues/{number}": CLUES | READERS,
    "POST /clues/{number}/answer": CLUE_SIGNERS,
    "POST /clues/{number}/drop": CLUE_SIGNERS,
    "POST /clues/{number}/handed": CLUE_SIGNERS,
    "GET /cases/{case_id}": EVERYBODY,
    "POST /cases/{case_id}/claim": DESK,
    "POST /cases/{case_id}/decide": HIDERS,
    "POST /cases/{case_id}/heartbeat": HIDERS,
    "GET /cases/{case_id}/image/{picture_id}": EVERYBODY,
    "GET /cases/{case_id}/page/{number}": EVERYBODY,
    "GET /cases/{case_id}/picture/{sequence}": EVERYBODY,
    "POST /cases/{case_id}/release": HIDERS,
    "POST /cases/{case_id}/undo": DESK,
    "POST /cases/{case_id}/unmask": UNMASKERS,
    "GET /clusters/{number}": BULK,
    "POST /clusters/{number}": BULK,
    "GET /figures": EVERYBODY,
    "GET /figures/{name}.csv": EVERYBODY,
    "GET /figures/{name}.svg": EVERYBODY,
    "GET /history": READERS,
    "POST /history/verify": READERS,
    "GET /inspections": EVERYBODY,
    "POST /inspections": INSPECTORS,
    "POST /inspections/asked/{number}/withdraw": INSPECTORS,
    "GET /inspections/{number}": EVERYBODY,
    "POST /inspections/{number}/stop": INSPECTORS,
    "GET /notices": EVERYBODY,
    "GET /notices/new": CORRESPONDENTS,
    "POST /notices/new": CORRESPONDENTS,
    "GET /notices/{number}": EVERYBODY,
    "POST /notices/{number}/admit": CORRESPONDENTS,
    "POST /notices/{number}/answer": CORRESPONDENTS,
    "POST /notices/{number}/locate": CORRESPONDENTS,
    "GET /people": ADMINISTRATOR,
    "POST /people": ADMINISTRATOR,
    "POST /people/tokens": ADMINISTRATOR,
    "POST /people/tokens/{number}/revoke": ADMINISTRATOR,
    "POST /people/{name}/disable": ADMINISTRATOR,
    "POST /people/{name}/enable": ADMINISTRATOR,
    "POST /people/{name}/password": ADMINISTRATOR,
    "POST /people/{name}/role": ADMINISTRATOR,
    "GET /queue": EVERYBODY,
    "GET /queue/counts": EVERYBODY,
    "GET /queue/mine": EVERYBODY,
    "POST /queue/views": EVERYBODY,
    "POST /queue/views/{view_id}/drop": EVERYBODY,
    "GET /rules": EVERYBODY,
    "GET /rules/compare": INSPECTORS | frozenset({Role.AUDITOR, Role.QUALITY}),
    "GET /rules/try": EVERYBODY,
    "POST /rules/try": EVERYBODY,
    "GET /rules/{name}": EVERYBODY,
    "GET /sellers": EVERYBODY,
    "GET /sellers/{number}": EVERYBODY,
    "POST /sellers/{number}/exceptions": PROPOSERS,
    "POST /sellers/{number}/licences": LICENSERS,
    "POST /sellers/{number}/penalties/{penalty}/accept": CLOSERS,
    "POST /sellers/{number}/penalties/{penalty}/refuse": CLOSERS,
    "GET /takedowns": EVERYBODY,
    "GET /takedowns/{number}": EVERYBODY,
    "POST /takedowns/{number}/cancel": DESK,
    "POST /takedowns/{number}/done": frozenset({Role.SPECIALIST, Role.COMPLIANCE}),
    "POST /takedowns/{number}/retry": DESK,
    "POST /takedowns/{number}/undo": DESK,
}


def routes_of(app: FastAPI) -> set[str]:
    """Every way in that is for people, as ``METHOD /path``; HEAD is GET without its body."""
    return {
        f"{method} {route.path}"
        for route in iter_route_contexts(app.routes)
        for method in getattr(route, "methods", None) or ("?",)
        if method != "HEAD" and (not route.path.startswith("/api/") or route.path.endswith("openapi.json"))
    }


def address_of(route: str) -> tuple[str, str]:
    """The method and an address of it: number 1 of everything, the chart ``flow`` and the like for names."""
    method, _, path = route.partition(" ")
    return method, re.sub(r"\{[^}]*\}", "1", path.replace("{name}", "flow"))


def visit_as(store: Store, name: str, clock: Clock) -> Visit:
    """Somebody's session, planted in the store as a login leaves it."""
    secret = f"session of {name}"
    with store.transaction() as tx:
        person = tx.person_named(name)
        assert person is not None
        until = clock() + timedelta(hours=1)
        opened = Session(digest=digest_of(secret), person_id=person.id, opened_at=clock(), seen_at=clock(), until=until)
        tx.add_session(opened)
    return Visit(person=person, secret=secret, address="", language=Languages()["en"], zone=UTC)


def knock(app: FastAPI, visit: Visit | None, routes: Iterable[str], *, csrf: bool = True) -> dict[str, int]:
    """The status that each route answers, without following where it leads."""

    async def walk() -> dict[str, int]:
        cookies = {COOKIE: visit.secret} if visit else {}
        transport = httpx2.ASGITransport(app=app, raise_app_exceptions=False)
        form = {"csrf": visit.csrf} if visit and csrf else {}
        found = {}
        async with httpx2.AsyncClient(transport=transport, base_url="http://127.0.0.1", cookies=cookies) as client:
            for route in routes:
                method, path = address_of(route)
                body = {"data": form} if method == "POST" else {}
                found[route] = int((await client.request(method, path, **body)).status_code)
        return found

    return asyncio.run(walk())


def test_every_route_is_in_the_table(app: FastAPI) -> None:
    """A new way in must say whose it is."""
    assert routes_of(app) == set(ACCESS) | OPEN


@pytest.mark.parametrize("role", sorted(EVERYBODY))
def test_a_role_gets_in_where_it_may_and_nowhere_else(
    app: FastAPI, hire: Hire, store: Store, clock: Clock, intake: Intake, role: Role
) -> None:
    """403 exactly where the table does not name the role; nothing breaks anywhere."""
    intake(fetched("1", GRAVE))
    hire("somebody", role)
    found = knock(app, visit_as(store, "somebody", clock), ACCESS)
    assert {route for route, status in found.items() if status == 403} == {
        route for route, roles in ACCESS.items() if role not in roles
    }
    assert {route for route, status in found.items() if status >= 500} == set()


def test_nobody_gets_in_without_a_login(app: FastAPI, intake: Intake) -> None:
    """A stranger is sent to the login by what reads, and refused by what changes."""
    intake(fetched("1", GRAVE))
    found = knock(app, None, ACCESS)
    assert {route for route, status in found.items() if status != (303 if route.startswith("GET") else 401)} == set()


def test_no_form_does_anything_without_its_token(app: FastAPI, hire: Hire, store: Store, clock: Clock) -> None:
    """Every route that changes something, of those that the roles below may use, refuses a form that is not ours."""
    unsafe = {route for route in ACCESS if not route.startswith("GET")} | {"POST /login", "POST /logout"}
    for role in (Role.SPECIALIST, Role.APPEALS_OFFICER, Role.LIAISON, Role.ADMINISTRATOR):
        hire(role.value, role)
        mine = [route for route in unsafe if role in ACCESS.get(route, EVERYBODY)]
        found = knock(app, visit_as(store, role.value, clock), mine, csrf=False)
        assert {route for route, status in found.items() if status != 403} == set()
        unsafe -= set(mine)
    assert unsafe == set()


def test_what_only_reads_changes_nothing(app: FastAPI, hire: Hire, store: Store, clock: Clock, intake: Intake) -> None:
    """No GET writes an event: a link, an image or a prefetch does nothing in anybody's name; in Chinese as well."""
    intake(fetched("1", GRAVE))
    hire("root", Role.ADMINISTRATOR)
    visit = visit_as(store, "root", clock)
    with store.transaction() as tx:
        before = len(list(tx.all_events()))
        tx.keep_preferences(visit.somebody.id, Preferences(language="zh_Hans"))
    found = knock(app, visit, [route for route in ACCESS if route.startswith("GET")])
    assert {route for route, status in found.items() if status >= 500} == set()
    with store.reading() as tx:
        assert len(list(tx.all_events())) == before
