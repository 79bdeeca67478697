"""``delist takedown`` and ``delist case trace`` as a person runs them, against the simulated marketplace."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import msgspec
import pytest
from sqlalchemy import update

from scanner.demo import Conduct, Shop, serve
from scanner.model import Listing
from scanner.moderation import cases
from scanner.rulebook import Rulebook
from scanner.store import Store
from scanner.store.tables import takedowns
from tests.fakes import GRAVE, write_rules
from tests.outbox import listed, remove


class Delist(Protocol):
    """Runs a command; says its exit code and what it printed."""

    def __call__(self, *arguments: str): ...


SETTINGS = """
rules = ["rules"]

[sources.demo]
start = "{url}/sitemap.xml"
page = "demo"
rate = 1000
concurrency = 16

[platforms.demo]
adapter = "demo"
url = "{url}"
token_variable = "SHOP_TOKEN"
rate = 1000
looks = ["1s", "2s"]
lag_seconds = 0
"""


@pytest.fixture
def shop() -> Iterator[Shop]:
    """A small marketplace."""
    with serve(seed=7, listings=60) as served:
        yield served


@pytest.fixture
def configured(shop: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with settings for the marketplace."""
    monkeypatch.setenv("SHOP_TOKEN", shop.token)
    (tmp_path / "delist.toml").write_text(SETTINGS.format(url=shop.url), encoding="utf8")
    return tmp_path


@pytest.fixture
def decided(delist: Delist, shop: Shop, configured: Path, small_rulebook: Rulebook) -> str:
    """The id of the listing of case 1, which was decided to be removed."""
    item = shop.market.catalogue()[0]
    (configured / "data").mkdir()
    with opened(configured) as store:
        found = Listing(platform="demo", listing_id=item.id, title=item.title)
        listed(store, small_rulebook, configured / "spool", [found])
    return item.id


def opened(folder: Path) -> Store:
    """The store that the commands use."""
    return Store.open(f"sqlite:///{folder / 'data' / 'delist.db'}")


@pytest.mark.timeout(240)
def test_from_the_bytes_of_a_page_to_a_verified_removal(delist: Delist, configured: Path, shop: Shop) -> None:
    """Crawl, decide, send, look twice, and follow it all, with every piece of evidence found again by its hash."""
    write_rules(configured / "rules")
    shop.market.edit(shop.market.catalogue()[0].id, title=GRAVE)
    crawled = delist("inspect", "demo")
    assert crawled.code == 0, crawled.err
    with opened(configured) as store:
        decided = cases.show(store, 1).row.case.listing_id
        remove(store, 1)
    assert delist("takedown", "send").code == 0
    assert not shop.market.standing(decided).shown
    said = delist("takedown", "send", "--for", "4")
    assert said.code == 0, said.out

    trace = delist("case", "trace", "1")
    assert trace.code == 0, trace.out
    steps = ("page seen", "case.opened", "case.decided", "takedown.sending", "takedown.accepted", "verified_removed")
    for step in (*steps, "takedown.proven", "case.closed", "the page as it was found"):
        assert step in trace.out, step
    assert "MISSING" not in trace.out
    found = json.loads(delist("case", "trace", "1", "--json").out)
    assert len(found["exhibits"]) == 1 + 2 * 3
    assert {look["outcome"] for look in found["looks"]} == {"verified_removed"}

    for file in (configured / "data" / "evidence" / "looks").iterdir():
        file.unlink()
    missing = delist("case", "trace", "1")
    assert (missing.code, missing.out.count("MISSING OR CHANGED")) == (1, 6)


def test_a_lie_is_found_out(delist: Delist, decided: str, shop: Shop) -> None:
    """It is told once more, and then a person; the exit code says that something is wrong."""
    shop.market.behave(decided, conduct=Conduct.LIE)
    assert delist("takedown", "send").code == 0
    time.sleep(1.1)
    looked = delist("takedown", "verify")
    assert (looked.code, "1 still live" in looked.out) == (1, True)

    assert delist("takedown", "send").code == 0
    time.sleep(1.1)
    assert delist("takedown", "verify").code == 1
    board = delist("takedown", "board", "--state", "still_live")
    assert "ordered twice" in board.out
    assert json.loads(delist("queue", "--state", "reopened", "--json").out)["case"]["id"] == 1


def test_people_cancel_undo_and_retry(delist: Delist, decided: str, shop: Shop, configured: Path) -> None:
    """Before it goes it is cancelled; afterwards it is reversed on the platform; what fails is sent after all."""
    assert "cancelled" in delist("takedown", "cancel", "1", "--reason", "not this one").out
    assert delist("takedown", "send").out.strip() == "Nothing was due."
    with opened(configured) as store:
        remove(store, 1)
    delist("takedown", "send")
    assert not shop.market.standing(decided).shown

    undone = delist("takedown", "undo", "2", "--reason", "appeal upheld")
    assert (undone.code, "takedown send" in undone.out) == (0, True)
    assert delist("takedown", "send").code == 0
    assert shop.market.standing(decided).shown

    for again in (("retry", "2"), ("cancel", "2", "--reason", "x"), ("undo", "2", "--reason", "x"), ("retry", "99")):
        said = delist("takedown", *again)
        assert said.code == 2, again
        assert "Traceback" not in said.err


def test_what_the_platform_cannot_be_told_is_done_by_hand_and_confirmed(
    delist: Delist, decided: str, shop: Shop, configured: Path
) -> None:
    """Two people close the account of a seller whom the marketplace does not know any more by this number."""
    write_rules(configured / "rules")
    assert delist("takedown", "send").code == 0
    assert delist("letter", "send").code == 0
    assert "step 4 (Account closed)" in delist("seller", "penalties").out
    assert delist("seller", "penalize", "1", "--actor", "wang").code == 0
    assert delist("takedown", "board", "--state", "planned").out.count("close account") == 0
    approved = delist("approval", "approve", "1", "--actor", "sun", "--role", "compliance")
    assert approved.code == 0, approved.err
    with opened(configured) as store, store.transaction() as tx:
        order = tx.takedown(2)
        unknown = msgspec.structs.replace(order, due_at=order.planned_at)
        assert tx.save_takedown(unknown, order)
        tx._connection.execute(update(takedowns).where(takedowns.c.id == 2).values(listing_id="seller:name:Shop"))

    sent = delist("takedown", "send")
    assert (sent.code, "1 must be done by hand" in sent.out) == (1, True)
    board = delist("takedown", "board", "--state", "by_hand").out
    assert "Nobody knows under which number demo has the seller. Somebody must close the account of" in board
    done = delist("takedown", "done", "2", "--note", "closed in the dashboard", "--actor", "wang")
    assert (done.code, "is done by hand" in done.out) == (0, True), done.err
    assert "closed in the dashboard" in delist("case", "trace", "1").out
    assert delist("takedown", "done", "2", "--note", "again", "--actor", "wang").code == 2


def test_a_wrong_token_is_told_in_words(
    delist: Delist, decided: str, shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The order fails with the reason on the board, and goes once the token is mended."""
    monkeypatch.setenv("SHOP_TOKEN", "wrong")
    said = delist("takedown", "send")
    assert said.code == 1
    assert "does not accept our token" in delist("takedown", "board").out

    monkeypatch.setenv("SHOP_TOKEN", shop.token)
    assert delist("takedown", "retry", "1").code == 0
    assert delist("takedown", "send").code == 0


@pytest.mark.parametrize(
    ("settings", "hint"),
    [
        ("", "no platform is configured"),
        ('[platforms.x]\nadapter = "demo"\nurl = "http://127.0.0.1:9"\n', "token_variable is not set"),
        ('[platforms.x]\nadapter = "demo"\nurl = "127.0.0.1:9"\n', "is no URL"),
        ('[platforms.x]\nadapter = "fax"\nurl = "http://127.0.0.1:9"\n', "adapter"),
        ('[platforms.x]\nadapter = "demo"\nurl = "http://x"\nlooks = ["soon"]\n', "write it like 5m, 1h, 24h or 7d"),
        ('[platforms.x]\nadapter = "demo"\nurl = "http://x"\nloks = ["5m"]\n', 'did you mean "looks"?'),
    ],
)
def test_what_is_wrong_in_the_settings_is_said(delist: Delist, tmp_path: Path, settings: str, hint: str) -> None:
    """Where and how, with exit code 2."""
    (tmp_path / "delist.toml").write_text(settings, encoding="utf8")
    said = delist("takedown", "send")

    assert said.code == 2
    assert hint in said.err.replace("\n", " ")


def test_an_empty_board_says_so(delist: Delist) -> None:
    """Nothing is no error."""
    assert "no such orders" in delist("takedown", "board").out
    assert delist("takedown", "board", "--json").out == ""
