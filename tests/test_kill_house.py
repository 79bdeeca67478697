"""The drill: ``kill -9`` of intake, console, sender and verifier at random moments, all of them at work on one store.

The marketplace is real over HTTP, breaks after the effect from time to time, and remembers keys as a platform must.
Moderators decide over HTTP, each decision under a key, at ``delist serve`` as it is typed; whoever gets no answer asks
again under the same key. In the end each listing is stored, each case is decided once, each order has had its effect
once and is verified, and the history is whole. ``make drill`` kills two hundred times, on both databases.
"""

from __future__ import annotations

import json
import logging
import os
import random
import socket
import threading
import time
from collections import Counter
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import select
from warcio.archiveiterator import ArchiveIterator

from scanner import audit
from scanner.demo import Fault, FaultKind, Place, Shop, serve
from scanner.model import Actor, CaseState, Fetched, Listing, Role, Seller, TakedownState
from scanner.people import tokens
from scanner.people.records import Scope
from scanner.platforms.http import Client, Reply
from scanner.store import Store
from scanner.store.tables import cases, decisions, listings, takedowns
from scanner.takedown import undoing
from tests.drills import Running, Work, at_work
from tests.fakes import begin, write_rules, write_segment
from tests.house_drill import send_and_look, serve_console, take_in_what_comes
from tests.outbox import fetched_as

log = logging.getLogger("drill")

IS_LONG = "DRILL_KILLS" in os.environ
KILLS = int(os.environ.get("DRILL_KILLS", "3"))
MODERATORS = 4
# New listings between one kill and the next.
BATCH = 2 if IS_LONG else 4
# A moderator waits no longer for anything; in the long drill others may be at work on the machine for an hour.
PATIENCE = 1800.0 if IS_LONG else 120.0


class Moderator(threading.Thread):
    """Decides what is open over HTTP until ``is_over`` says that nothing more comes; remembers what was answered."""

    def __init__(self, number: int, url: str, secret: str, is_over: threading.Event) -> None:
        super().__init__(daemon=True)
        self._url, self._headers = url, {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        self._is_over, self._client, self._number = is_over, Client(seconds=20), number
        self._chance = random.Random(number)
        self.told: Counter[str] = Counter()
        self.acknowledged: list[int] = []
        self.answers = 0

    def run(self) -> None:
        """Take any open case and remove it, again and again."""
        while True:
            is_over = self._is_over.is_set()
            found = self._ask("GET", "/api/v1/cases?state=open&limit=20")
            if found.json["items"]:
                self._decide(self._chance.choice(found.json["items"]))
            elif is_over:
                return
            else:
                time.sleep(0.02)

    def _decide(self, case: dict[str, int]) -> None:
        """Under a key. Whoever is told that the key is in work asks what became of the case; its worker may be dead."""
        for attempt in range(100):
            key = f"{self._number}-{case['id']}-{attempt}"
            reply = self._ask("POST", f"/api/v1/cases/{case['id']}/decisions", key=key, revision=case["revision"])
            self.told[str(reply.status)] += 1
            if reply.status == 201:
                self.acknowledged.append(case["id"])
            if reply.status != 409 or self._ask("GET", f"/api/v1/cases/{case['id']}").json["state"] != "open":
                assert reply.status in {201, 409, 412}, reply
                return
            time.sleep(0.05)

    def _ask(self, method: str, path: str, *, key: str = "", revision: int = 0) -> Reply:
        """The answer to a request, however often the console dies over it."""
        body = json.dumps({"ruling": "remove", "reason": "prohibited_goods"}).encode() if key else None
        headers = self._headers | ({"Idempotency-Key": key, "If-Match": f'"{revision}"'} if key else {})
        over = time.monotonic() + PATIENCE
        while time.monotonic() < over:
            reply = self._client.call(method, self._url + path, headers=headers, body=body)
            assert b"locked" not in reply.body, reply
            if reply.status not in {0, 503}:
                self.answers += 1
                return reply
            self.told["no answer"] += 1
            time.sleep(0.05)
        raise AssertionError(f"no answer to {method} {path} within {PATIENCE:.0f} s")


class House:
    """The processes by name, each begun again when it was killed."""

    def __init__(self, works: dict[str, tuple[Work, tuple[object, ...]]]) -> None:
        self._works = works
        self._stacks: dict[str, ExitStack] = {}
        self.running: dict[str, Running] = {}
        self.hits: Counter[str] = Counter()

    def __enter__(self) -> House:
        for name in self._works:
            self._begin(name)
        return self

    def __exit__(self, *_: object) -> None:
        for stack in self._stacks.values():
            stack.close()

    def kill(self, name: str) -> None:
        """``kill -9``, and begin it again."""
        self.hits[name] += self.running[name].is_alive
        self._stacks[name].close()
        self._begin(name)

    def _begin(self, name: str) -> None:
        work, arguments = self._works[name]
        self._stacks[name] = stack = ExitStack()
        self.running[name] = stack.enter_context(at_work(work, *arguments))


def wares(shop: Shop) -> list[Listing]:
    """The shop's first listings, as a crawl would have read them."""
    found = shop.market.catalogue()[: BATCH * KILLS]
    return [
        Listing(platform="demo", listing_id=one.id, title=one.title, seller=Seller(id=one.seller_id)) for one in found
    ]


def lines_of(offers: list[Listing], number: int) -> list[Fetched]:
    """A segment: new listings, and one from an earlier segment that has not changed."""
    again = [offers[number]] if number else []
    return [fetched_as(one) for one in (*offers[BATCH * number : BATCH * (number + 1)], *again)]


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def wait_for_answers(moderators: list[Moderator]) -> None:
    """Until the console has begun to answer: else it would be killed while it starts, and never at work."""
    over, wanted = time.monotonic() + PATIENCE, sum(one.answers for one in moderators) + MODERATORS
    while sum(one.answers for one in moderators) < wanted:
        assert time.monotonic() < over, "the console answers nobody"
        time.sleep(0.01)


def wait_for_end(moderators: list[Moderator]) -> None:
    """Until all have gone home, as long as any of them gets on with it."""
    over, heard = time.monotonic() + PATIENCE, 0
    while any(one.is_alive() for one in moderators):
        answers = sum(one.answers for one in moderators)
        if answers > heard:
            over, heard = time.monotonic() + PATIENCE, answers
        assert time.monotonic() < over, "the console answers nobody"
        time.sleep(0.05)


def hire(store: Store, url: str, is_over: threading.Event) -> list[Moderator]:
    """Moderators with tokens."""
    root, now = Actor(name="root", role=Role.ADMINISTRATOR), datetime.now(UTC)
    scopes = (Scope.CASES_READ, Scope.CASES_DECIDE)
    given = [
        tokens.add(store, f"desk{number}", scopes, role=Role.SPECIALIST, actor=root, now=now)[1]
        for number in range(MODERATORS)
    ]
    return [Moderator(number, url, secret, is_over) for number, secret in enumerate(given)]


@pytest.mark.databases("sqlite", "postgresql") if IS_LONG else pytest.mark.databases("sqlite")
@pytest.mark.timeout(120 + 30 * KILLS)
def test_a_house_under_fire_loses_nothing_and_repeats_nothing(store: Store, store_url: str, tmp_path: Path) -> None:
    """Every listing, decision and order once, each effect once by key, each look with its bytes, the history whole."""
    rules, spool, looks = write_rules(tmp_path / "rules"), tmp_path / "spool", tmp_path / "looks"
    (tmp_path / "delist.toml").write_text(f'rules = ["{rules}"]\n[store]\nurl = "{store_url}"\n', encoding="utf8")
    all_came, all_decided, port, chance = tmp_path / "came", tmp_path / "decided", free_port(), random.Random(29)
    is_over = threading.Event()
    begin(store)
    with serve(seed=5, listings=BATCH * KILLS + 10) as shop:
        shop.faults.add(Fault(kind=FaultKind.ERROR_AFTER_EFFECT, place=Place.ADMIN, every=11))
        sending = (store_url, looks, (shop.url, shop.token), time.time(), all_decided)
        works: dict[str, tuple[Work, tuple[object, ...]]] = {
            "console": (serve_console, (tmp_path, port)),
            "intake": (take_in_what_comes, (store_url, spool, rules, all_came)),
            "sender": (send_and_look, sending),
        }
        offers, moderators = wares(shop), hire(store, f"http://127.0.0.1:{port}", is_over)
        with House(works) as house:
            for moderator in moderators:
                moderator.start()
            for number in range(KILLS):
                write_segment(spool, *lines_of(offers, number), name=f"part-{number:07d}.jsonl")
                name = ("console", "intake", "sender")[number % 3]
                if name == "console":
                    wait_for_answers(moderators)
                time.sleep(chance.uniform(0.02, 0.6))
                house.kill(name)
            all_came.touch()
            assert house.running["intake"].outcome() == "done"
            is_over.set()
            wait_for_end(moderators)
            shop.faults.clear()
            all_decided.touch()
            assert house.running["sender"].outcome() == "done"
        effects = [effect.key for effect in shop.market.effects if effect.action == "hide"]

    check(store, offers, effects, looks)
    known = [case for moderator in moderators for case in moderator.acknowledged]
    assert len(known) == len(set(known)), "a decision was taken twice"
    told: Counter[str] = sum((moderator.told for moderator in moderators), Counter())
    log.info("killed at work: %s; console: %s; %d effects", dict(house.hits), dict(told), len(effects))
    assert house.hits.total() >= KILLS // 2, "the kills came too late to prove anything"


def check(store: Store, offers: list[Listing], effects: list[str], looks: Path) -> None:
    """What must be true in the end."""
    count = len(offers)
    with store.reading() as tx:
        connection = tx._connection
        stored = Counter(connection.scalars(select(listings.c.listing_id)).all())
        states = Counter(connection.scalars(select(cases.c.state)).all())
        ruled = Counter(connection.scalars(select(decisions.c.case_id)).all())
        ordered = Counter(connection.scalars(select(takedowns.c.case_id)).all())
    assert stored == dict.fromkeys([one.listing_id for one in offers], 1)
    assert (ruled, ordered) == (dict.fromkeys(ruled, 1), dict.fromkeys(ruled, 1))
    assert (len(ruled), states) == (count, {CaseState.CLOSED: count})
    orders = undoing.board(store, limit=10 * count).takedowns
    assert {order.state for order in orders} == {TakedownState.VERIFIED_REMOVED}
    assert sorted(effects) == sorted(order.key for order in orders)
    assert all(is_kept(store, order.id, looks) for order in orders)
    assert audit.verify(store).is_sound


def is_kept(store: Store, takedown: int, folder: Path) -> bool:
    """Whether every sight of the order's looks has its bytes."""
    for look in undoing.looks_at(store, takedown):
        for sight in look.sights:
            assert sight.evidence is not None
            with (folder / sight.evidence.file).open("rb") as file:
                file.seek(sight.evidence.offset)
                next(iter(ArchiveIterator(file)))
    return True
