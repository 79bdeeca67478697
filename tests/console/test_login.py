"""Logging in and what guards it: sessions, tokens of forms, lock-out, headers, names of the host."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from scanner.model import Actor, Role
from scanner.people import accounts
from scanner.store import Store
from tests.fakes import Clock
from tests.visitors import PASSWORD, Visitor

Come = Callable[..., Visitor]
ROOT = Actor(name="root", role=Role.ADMINISTRATOR)


def test_a_stranger_is_sent_to_the_login_and_back(hire: Come, visitors: Come) -> None:
    """Who is not logged in comes back to where they wanted to go."""
    hire("li", Role.REVIEWER)
    stranger = visitors()
    stranger.get("/account")
    assert 'name="next" value="/account"' in stranger.page

    arrived = stranger.post("/login", {"name": "Li", "password": PASSWORD, "next": "/account"})
    assert (arrived.status_code, arrived.url.path) == (200, "/account")


@pytest.mark.parametrize("goal", ["//evil.example", "https://evil.example", "/\\evil.example", "/\tx", "javascript:1"])
def test_a_login_leads_nowhere_else(hire: Come, visitors: Come, goal: str) -> None:
    """What comes with a link to the login does not lead off the site."""
    hire("li", Role.REVIEWER)
    visitor = visitors()
    visitor.get("/login", params={"next": goal})
    answer = visitor.post("/login", {"name": "li", "password": PASSWORD, "next": goal}, follow_redirects=False)
    assert answer.headers["location"] == "/"


def test_a_session_is_new_at_every_login(hire: Come, visitors: Come) -> None:
    """A cookie planted before the login is worth nothing after it."""
    hire("li", Role.REVIEWER)
    visitor = visitors()
    visitor.client.cookies.set("delist_session", "planted")
    visitor.log_in("li")
    secrets = [cookie.value for cookie in visitor.client.cookies.jar if cookie.name == "delist_session"]
    assert "planted" not in secrets[-1:]
    planted = visitors()
    planted.client.cookies.set("delist_session", "planted")
    assert planted.get("/account", follow_redirects=False).status_code == 303


def test_a_session_ends_unused_and_after_its_longest_time(come: Come, clock: Clock) -> None:
    """An hour without use ends it, twelve hours end it in any case."""
    li, wang = come("li"), come("wang")
    clock.move(minutes=61)
    assert li.get("/account", follow_redirects=False).status_code == 303
    wang.log_in("wang")
    for _ in range(13):
        clock.move(minutes=55)
        last = wang.get("/account", follow_redirects=False).status_code
    assert last == 200
    clock.move(minutes=20)
    assert wang.get("/account", follow_redirects=False).status_code == 303


def test_logging_out_ends_the_session_in_the_store(come: Come) -> None:
    """A copy of the cookie is worth nothing afterwards."""
    li = come("li")
    kept = li.client.cookies["delist_session"]
    li.get("/account")
    li.post("/logout")
    li.client.cookies.set("delist_session", kept)
    assert li.get("/account", follow_redirects=False).status_code == 303


def test_a_lost_role_or_account_ends_its_sessions(come: Come, store: Store, clock: Clock) -> None:
    """Nobody works on with permissions that they have lost."""
    li, wang = come("li"), come("wang")
    accounts.set_role(store, "li", Role.AUDITOR, actor=ROOT, now=clock())
    accounts.disable(store, "wang", actor=ROOT, now=clock())
    assert li.get("/account", follow_redirects=False).status_code == 303
    assert wang.get("/account", follow_redirects=False).status_code == 303
    assert "wrong" in wang.log_in("wang").text


def test_a_name_is_locked_after_five_failures(hire: Come, visitors: Come, clock: Clock, store: Store) -> None:
    """Also one that does not exist, in the same words; the lock grows, ends by itself, and is on record."""
    hire("li", Role.REVIEWER)
    answers = []
    for name in ("li", "nobody-here"):
        visitor = visitors()
        answers.append([visitor.log_in(name, "wrong wrong wrong").status_code for _ in range(6)])
    assert answers == [[401] * 5 + [429]] * 2

    assert visitors().log_in("li").status_code == 429
    clock.move(minutes=2)
    assert visitors().log_in("li").status_code == 200
    with store.reading() as tx:
        assert [event.kind for event in tx.events_about("name:li")] == ["login.locked"]


def test_a_form_without_its_token_changes_nothing(come: Come) -> None:
    """A token of another session, or none, is refused; so is a form that another site sent."""
    li, wang = come("li"), come("wang")
    wang.get("/account")
    form = {"theme": "dark", "back": "/"}
    li.page = wang.page
    assert li.post("/account/theme", form).status_code == 403
    li.page = ""
    assert li.post("/account/theme", form).status_code == 403
    li.get("/account")
    assert li.post("/account/theme", form, headers={"Origin": "http://evil.example"}).status_code == 403
    assert li.post("/account/theme", form, headers={"Sec-Fetch-Site": "cross-site"}).status_code == 403
    assert 'data-theme="auto"' in li.get("/account").text
    li.post("/account/theme", form)
    assert 'data-theme="dark"' in li.get("/account").text


def test_the_cookie_is_for_this_host_and_no_script(hire: Come, visitors: Come, settings: object) -> None:
    """HttpOnly and SameSite everywhere; over https also Secure, under the prefix that binds it to the host."""
    hire("li", Role.REVIEWER)
    visitor = visitors()
    visitor.get("/login")
    cookie = visitor.post("/login", {"name": "li", "password": PASSWORD}, follow_redirects=False).headers.get_list(
        "set-cookie"
    )[0]
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Secure" not in cookie

    safe = visitors("https://127.0.0.1")
    safe.get("/login")
    answer = safe.post("/login", {"name": "li", "password": PASSWORD}, follow_redirects=False)
    cookie = answer.headers.get_list("set-cookie")[0]
    assert cookie.startswith("__Host-delist_session=")
    assert "Secure" in cookie
    safe.get("/account")
    saved = safe.post("/account/preferences", {"time_zone": "UTC"}, follow_redirects=False)
    cookies = saved.headers.get_list("set-cookie")
    assert [(cookie.partition("=")[0], "; Secure" in cookie) for cookie in cookies] == [("delist_flash", True)]


def test_every_answer_has_the_headers(come: Come) -> None:
    """Pages, faults and files: no inline script or style, no framing, no sniffing, nothing kept by caches."""
    li = come("li")
    for path in ("/account", "/nowhere", "/login"):
        headers = li.get(path, follow_redirects=False).headers
        assert "default-src 'none'; script-src 'self'" in headers["content-security-policy"]
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"


def test_another_name_of_the_host_is_not_answered(visitors: Come) -> None:
    """A page elsewhere that has its name point here gets nothing (DNS rebinding)."""
    assert visitors("http://evil.example").get("/login").status_code == 421


def test_languages_and_colours_are_a_persons_own(come: Come) -> None:
    """Chosen by the person, before the login by the browser."""
    li = come("li")
    assert '<html lang="en"' in li.get("/account").text
    li.post("/account/language", {"language": "zh_Hans", "back": "/account"})
    assert '<html lang="zh-Hans"' in li.page
    assert "退出" in li.page
    chinese = come("wang").get("/account", headers={"Accept-Language": "zh-CN,zh;q=0.9,en;q=0.8"})
    assert '<html lang="zh-Hans"' in chinese.text


def test_a_password_is_changed_by_who_knows_it(come: Come) -> None:
    """A weak or mistyped one is refused in words; afterwards only the new one opens."""
    li = come("li")
    li.get("/account")
    new = "another good long phrase"
    assert li.post("/account/password", {"old": "x", "new": new, "again": new}).status_code == 422
    li.get("/account")
    assert "guessed" in li.post("/account/password", {"old": PASSWORD, "new": "a" * 12, "again": "a" * 12}).text
    li.get("/account")
    li.post("/account/password", {"old": PASSWORD, "new": new, "again": new})
    assert li.log_in("li").status_code == 401
    assert li.log_in("li", new).status_code == 200
