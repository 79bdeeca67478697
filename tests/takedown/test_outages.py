"""What breaks under us while orders are sent: the disk is full, the database restarts, evidence is removed."""

from __future__ import annotations

import os
import resource
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from scanner import audit
from scanner.cli.evidence import is_kept, keeper_of
from scanner.errors import StoreUnavailable
from scanner.model import EvidenceRef, TakedownState
from scanner.orders import Capture, Order, Receipt
from scanner.rulebook import Rulebook
from scanner.store import Store
from scanner.takedown import undoing
from scanner.takedown.sending import send_due
from scanner.takedown.verify import look_due
from tests import postgres
from tests.fakes import NOON, limit_disk
from tests.outbox import Time, Told, channel, kinds, listed, offers


@pytest.fixture
def time() -> Time:
    """Two minutes past noon: what was decided at noon is due."""
    return Time(NOON + timedelta(minutes=2))


class Breaking(Told):
    """A platform that does as it is told; then something breaks here, before its answer is written, or while it is."""

    def __init__(self, time: Time, *, before: Callable[[], object] = int, during: Callable[[], object] = int) -> None:
        super().__init__()
        self.time, self.before, self.during = time, [before], [during]

    def send(self, order: Order) -> Receipt:
        """As every adapter."""
        receipt = super().send(order)
        while self.before:
            self.before.pop()()
        return receipt

    def now(self) -> datetime:
        """The clock; the transaction that writes the answer asks it first of all."""
        while self.calls and self.during:
            self.during.pop()()
        return self.time()


def send(store: Store, platform: Told, time: Time, **later: float) -> None:
    """So much later."""
    time.move(**later)
    clock = platform.now if isinstance(platform, Breaking) else time
    send_due(store, channel(platform), clock=clock, pause=time.pause)


def check(store: Store, platform: Told, count: int) -> None:
    """Everything has gone, under its key, and has had its effect once."""
    orders = undoing.board(store).takedowns
    assert {order.state for order in orders} == {TakedownState.ACCEPTED}
    assert sorted(key for key, _, _ in platform.effects) == [f"decision-{one}-hide" for one in range(1, count + 1)]
    assert audit.verify(store).is_sound


def test_a_full_disk_stops_sending_and_loses_nothing(
    store: Store, small_rulebook: Rulebook, tmp_path: Path, time: Time
) -> None:
    """The answer to an order cannot be written: it is said, the order is held, and goes again under its key."""
    listed(store, small_rulebook, tmp_path, offers(3))
    platform = Breaking(time, before=lambda: limit_disk(store, pages=0))
    with pytest.raises(StoreUnavailable, match="full"):
        send(store, platform, time)
    limit_disk(store, pages=1_000_000)
    send(store, platform, time, minutes=3)

    check(store, platform, 3)


def test_evidence_that_cannot_be_written_leaves_the_look_to_be_done(
    store: Store, small_rulebook: Rulebook, tmp_path: Path, time: Time
) -> None:
    """No verdict without its bytes: a disk on which no file may grow is said; there is a look when there is room."""
    listed(store, small_rulebook, tmp_path / "spool", offers(1))
    platform, looks = Told(), tmp_path / "looks"
    send(store, platform, time)
    keep = keeper_of(looks)

    def keep_on_full_disk(name: str, captures: Sequence[Capture], *, at: datetime) -> tuple[EvidenceRef, ...]:
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, hard))
        try:
            return keep(name, captures, at=at)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    time.move(minutes=5)
    with pytest.raises(StoreUnavailable, match="looks") as full:
        look_due(store, channel(platform), keep=keep_on_full_disk, clock=time, pause=time.pause)
    assert "Free some space" in full.value.hint
    assert undoing.board(store).takedowns[0].state is TakedownState.ACCEPTED

    time.move(minutes=11)
    look_due(store, channel(platform), keep=keep, clock=time, pause=time.pause)
    assert undoing.board(store).takedowns[0].state is TakedownState.VERIFIED_REMOVED


def test_evidence_that_somebody_removes_changes_no_state_and_is_missed(
    store: Store, small_rulebook: Rulebook, tmp_path: Path, time: Time
) -> None:
    """Its hash stays on record, looks go on in a folder made anew, and what is gone is told from what is there."""
    listed(store, small_rulebook, tmp_path / "spool", offers(1))
    platform, folder = Told(), tmp_path / "evidence" / "looks"
    send(store, platform, time)
    for wait, is_removed in ((5, True), (60, False)):
        time.move(minutes=wait)
        look_due(store, channel(platform), keep=keeper_of(folder), clock=time, pause=time.pause)
        for file in folder.iterdir() if is_removed else ():
            file.unlink()
        if is_removed:
            folder.rmdir()

    first, second = undoing.looks_at(store, 1)[:2]
    kept = [[is_kept(tmp_path / "evidence", sight.evidence) for sight in look.sights] for look in (first, second)]
    assert kept == [[False] * 3, [True] * 3]
    assert all(sight.sha256 for sight in first.sights)
    assert undoing.board(store).takedowns[0].state is TakedownState.VERIFIED_REMOVED
    assert kinds(store).count("takedown.looked") == 2


def break_off(url: str) -> None:
    """All connections but our own and the oldest, which empties the database for the next test."""
    here = "FROM pg_stat_activity WHERE datname = current_database()"
    with Store.open(url) as store, store.reading() as tx:
        later = f"SELECT pg_terminate_backend(pid) {here} AND backend_start > (SELECT min(backend_start) {here})"
        tx._connection.exec_driver_sql(f"{later} AND pid <> pg_backend_pid()")


def goes_on_after(breaks: Callable[[], object], store: Store, rulebook: Rulebook, folder: Path, time: Time) -> None:
    """Who sends is told what to do; the next run goes on, under the same key."""
    listed(store, rulebook, folder, offers(3))
    platform = Breaking(time, during=breaks)
    with pytest.raises(StoreUnavailable) as broken:
        send(store, platform, time)
    assert broken.value.hint
    send(store, platform, time, minutes=3)
    check(store, platform, 3)
    assert [call.key for call in platform.calls].count("decision-1-hide") == 2


@pytest.mark.databases("postgresql")
def test_connections_that_break_in_the_middle_of_an_order_lose_nothing(
    store: Store, store_url: str, small_rulebook: Rulebook, tmp_path: Path, time: Time
) -> None:
    """While the platform's answer is written down."""
    goes_on_after(lambda: break_off(store_url), store, small_rulebook, tmp_path, time)


@pytest.mark.skipif("DRILL_RESTARTS" not in os.environ, reason="a server of its own; make drill: DRILL_RESTARTS=1")
@pytest.mark.databases("postgresql")
def test_a_restart_of_the_database_in_the_middle_of_an_order_loses_nothing(
    database: str, small_rulebook: Rulebook, tmp_path: Path, time: Time
) -> None:
    """The same, with a server that really crashes and comes back."""
    server = postgres.Server(postgres.new_folder())
    server.launch(**postgres.LASTING)
    with Store.open(server.url("postgres")) as store:
        goes_on_after(server.restart, store, small_rulebook, tmp_path, time)
