"""Looking again: what a look adds up to, what follows from it, and that accepted is never taken for verified."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from pathlib import Path

import pytest

from scanner import audit
from scanner.cli.evidence import keeper_of
from scanner.errors import StoreUnavailable
from scanner.model import CaseState, TakedownState
from scanner.moderation import cases
from scanner.orders import Capture, LookOutcome, LookState, Seen, Shows, Sight, Weight
from scanner.rulebook import Rulebook
from scanner.store import Store
from scanner.takedown import undoing
from scanner.takedown.sending import send_due
from scanner.takedown.sighting import judge, sight_of
from scanner.takedown.verify import LookReport, look_due
from tests.fakes import LI, NOON
from tests.outbox import PAGE, PUBLIC_API, SEARCH, Time, Told, channel, keep, kinds, listed, offers

pytestmark = pytest.mark.databases("sqlite", "postgresql")

P, A, U = Shows.PRESENT, Shows.ABSENT, Shows.UNKNOWN
ACCEPTED, VERIFIED = TakedownState.ACCEPTED, TakedownState.VERIFIED_REMOVED


def sight(way: str, shows: Shows, weight: Weight, *, is_lagging: bool = False) -> Sight:
    """What one way showed."""
    return Sight(way=way, weight=weight, shows=shows, says="", at=NOON, is_lagging=is_lagging)


@pytest.mark.parametrize(
    ("page", "search", "api", "before", "outcome"),
    [
        (A, A, None, ACCEPTED, LookOutcome.VERIFIED_REMOVED),
        (A, U, None, ACCEPTED, LookOutcome.VERIFIED_REMOVED),  # the truth was seen, and nothing else shows it
        (A, A, P, ACCEPTED, LookOutcome.VERIFIED_REMOVED),  # an API that shows what is hidden is not judged by
        (A, A, None, VERIFIED, LookOutcome.VERIFIED_REMOVED),
        (P, P, None, ACCEPTED, LookOutcome.STILL_LIVE),
        (P, U, None, ACCEPTED, LookOutcome.STILL_LIVE),
        (P, A, None, ACCEPTED, LookOutcome.PARTIALLY_LIVE),  # out of search only
        (A, P, None, ACCEPTED, LookOutcome.PARTIALLY_LIVE),
        (U, P, None, ACCEPTED, LookOutcome.PARTIALLY_LIVE),  # live somewhere for certain
        (U, A, None, ACCEPTED, LookOutcome.UNSEEN),  # a page that cannot be read proves nothing
        (U, U, A, ACCEPTED, LookOutcome.UNSEEN),
        (P, P, None, VERIFIED, LookOutcome.REAPPEARED),
        (A, P, None, VERIFIED, LookOutcome.REAPPEARED),
        (U, U, None, VERIFIED, LookOutcome.UNSEEN),
    ],
)
def test_what_several_ways_add_up_to(
    page: Shows, search: Shows, api: Shows | None, before: TakedownState, outcome: LookOutcome
) -> None:
    """The policy, row by row."""
    sights = [sight("page", page, Weight.TRUTH), sight("search", search, Weight.COUNTS)]
    sights += [sight("api", api, Weight.TOLD)] if api else []

    assert judge(sights, action="hide", before=before) is outcome


@pytest.mark.parametrize(
    ("page", "search", "outcome"),
    [
        (P, P, LookOutcome.VERIFIED_RESTORED),
        (P, U, LookOutcome.VERIFIED_RESTORED),
        (P, A, LookOutcome.PARTIALLY_LIVE),
        (A, A, LookOutcome.STILL_HIDDEN),
        (A, P, LookOutcome.PARTIALLY_LIVE),
        (U, P, LookOutcome.UNSEEN),
    ],
)
def test_an_inverse_is_judged_the_other_way_round(page: Shows, search: Shows, outcome: LookOutcome) -> None:
    """Restored is what everybody can see again."""
    sights = [sight("page", page, Weight.TRUTH), sight("search", search, Weight.COUNTS)]

    assert judge(sights, action="restore", before=ACCEPTED) is outcome


@pytest.mark.parametrize(
    ("action", "minutes", "shows", "is_lagging"),
    [
        ("hide", 14, P, True),
        ("hide", 16, P, False),
        ("hide", 14, A, False),  # only how it was before may be old
        ("restore", 14, A, True),
        ("restore", 14, P, False),
    ],
)
def test_only_a_list_may_lag_and_only_for_its_time(action: str, minutes: int, shows: Shows, is_lagging: bool) -> None:
    """Within its lag a list that shows how it was before is not held against the order; the truth never lags."""
    at = NOON + timedelta(minutes=minutes)
    seen = Seen(shows=shows, says="")

    assert sight_of(seen, SEARCH, action=action, accepted_at=NOON, at=at).is_lagging is is_lagging
    assert not sight_of(seen, PAGE, action=action, accepted_at=NOON, at=at).is_lagging
    assert not sight_of(seen, PUBLIC_API, action=action, accepted_at=NOON, at=at).is_lagging


@pytest.fixture
def time() -> Time:
    """Two minutes past noon: what was decided at noon is due."""
    return Time(NOON + timedelta(minutes=2))


@pytest.fixture
def one(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> Store:
    """A store with one case that is decided."""
    listed(store, small_rulebook, tmp_path, offers(1))
    return store


def send(store: Store, platform: Told, time: Time) -> None:
    """Send what is due."""
    send_due(store, channel(platform), clock=time, pause=time.pause)


def look(store: Store, platform: Told, time: Time, **later: float) -> LookReport:
    """Look, so much later."""
    time.move(**later)
    return look_due(store, channel(platform), keep=keep, clock=time, pause=time.pause)


def state(store: Store, number: int = -1) -> tuple[TakedownState, CaseState]:
    """Where the newest order and the case are."""
    file = cases.show(store, 1)
    return file.takedowns[number].state, file.row.case.state


def test_a_removal_is_proven_in_four_looks(one: Store, time: Time) -> None:
    """Verified at the first, closed at the last, each look with what was seen."""
    platform = Told()
    send(one, platform, time)
    assert look(one, platform, time, minutes=4).looks == 0
    assert state(one) == (ACCEPTED, CaseState.ACTIONED), "accepted is not verified"

    states = []
    for wait in ({"minutes": 2}, {"minutes": 56}, {"hours": 24}, {"days": 7}):
        look(one, platform, time, **wait)
        states.append(state(one)[1])
    assert states == [CaseState.VERIFIED, CaseState.VERIFIED, CaseState.VERIFIED, CaseState.CLOSED]
    looks = undoing.looks_at(one, 1)
    assert [one_look.outcome for one_look in looks] == [LookOutcome.VERIFIED_REMOVED] * 4
    assert all(len(one_look.sights) == 3 and one_look.sights[0].sha256 for one_look in looks)
    assert kinds(one)[-2:] == ["takedown.proven", "case.closed"]
    assert audit.verify(one).is_sound


def test_a_platform_that_lies_is_found_out_at_the_first_look(one: Store, time: Time) -> None:
    """It is ordered once more, under a new key; then a person takes over, told what was seen."""
    platform = Told(lies=True)
    send(one, platform, time)
    report = look(one, platform, time, minutes=5)
    assert report.outcomes == {LookOutcome.STILL_LIVE: 1}

    send(one, platform, time)
    assert [call.key for call in platform.calls] == ["decision-1-hide", "decision-1-hide-2"]
    look(one, platform, time, minutes=5)
    assert state(one) == (TakedownState.STILL_LIVE, CaseState.REOPENED)
    assert "ordered twice" in cases.show(one, 1).takedowns[0].last_error
    assert look(one, platform, time, days=8).looks == 0, "a person has it now"
    assert kinds(one).count("takedown.sent_again") == 1


def test_a_second_order_that_works_is_verified(one: Store, time: Time) -> None:
    """Who forgot the first order and obeys the second is as good as who obeyed at once."""
    platform = Told(lies=True)
    send(one, platform, time)
    look(one, platform, time, minutes=5)
    platform.lies = False
    send(one, platform, time)
    look(one, platform, time, minutes=5)

    assert state(one) == (VERIFIED, CaseState.VERIFIED)
    assert [one_look.state for one_look in undoing.looks_at(one, 1)].count(LookState.DROPPED) == 3


def test_removed_from_search_only_is_partially_live(one: Store, time: Time) -> None:
    """The page is still there: found at the first look, though search would say otherwise."""
    platform = Told()
    platform.hides_from = {"search"}
    send(one, platform, time)

    assert look(one, platform, time, minutes=5).outcomes == {LookOutcome.PARTIALLY_LIVE: 1}


def test_a_list_that_lags_is_given_its_time_and_no_more(one: Store, time: Time) -> None:
    """Five minutes after the order search may still show it; after fifteen it may not."""
    platform = Told()
    platform.hides_from = {"page"}
    send(one, platform, time)
    assert look(one, platform, time, minutes=5) == LookReport(outcomes={}, retried=1)
    assert state(one)[0] is ACCEPTED, "it is not proven before search has had its time"

    assert look(one, platform, time, minutes=10).outcomes == {LookOutcome.PARTIALLY_LIVE: 1}


def test_a_list_that_catches_up_in_its_time_is_proof(one: Store, time: Time) -> None:
    """The look is done again when the lag is over."""
    platform = Told()
    platform.hides_from = {"page"}
    send(one, platform, time)
    look(one, platform, time, minutes=5)
    platform.hidden["1"].add("search")

    assert look(one, platform, time, minutes=10).outcomes == {LookOutcome.VERIFIED_REMOVED: 1}


def test_what_comes_back_goes_to_a_person(one: Store, time: Time) -> None:
    """Not to the machine: somebody over there may have restored it on purpose."""
    platform = Told()
    send(one, platform, time)
    look(one, platform, time, minutes=5)
    platform.hidden["1"] = set()
    look(one, platform, time, hours=1)

    assert state(one) == (TakedownState.REAPPEARED, CaseState.REOPENED)
    assert len(platform.calls) == 1
    undoing.retry(one, 1, actor=LI, now=time.at)
    send(one, platform, time)
    look(one, platform, time, minutes=5)
    assert state(one) == (VERIFIED, CaseState.VERIFIED)


def test_what_cannot_be_seen_is_never_verified(one: Store, time: Time) -> None:
    """A page that asks whether we are human is tried five times at each look, and then a person must look."""
    platform = Told()
    platform.blind = {"page"}
    send(one, platform, time)
    for _ in range(60):
        look(one, platform, time, hours=4)

    assert state(one) == (ACCEPTED, CaseState.REOPENED)
    assert LookOutcome.UNSEEN in {one_look.outcome for one_look in undoing.looks_at(one, 1)}
    assert "nobody could look" in str(_last_reason(one))


def test_of_looks_that_were_missed_only_the_last_is_done(one: Store, time: Time) -> None:
    """A verifier that was off for two days looks once, and the others say that they were missed."""
    platform = Told()
    send(one, platform, time)

    assert look(one, platform, time, days=2).looks == 1
    states = [one_look.state for one_look in undoing.looks_at(one, 1)]
    assert states == [LookState.MISSED, LookState.MISSED, LookState.DONE, LookState.DUE]


def test_an_inverse_is_verified_too(one: Store, time: Time) -> None:
    """Restored is proven by a look, and no look at the order itself is left to call it a reappearance."""
    platform = Told()
    send(one, platform, time)
    look(one, platform, time, minutes=5)
    undoing.undo(one, 1, actor=LI, reason="appeal upheld", now=time.at)
    send(one, platform, time)

    assert look(one, platform, time, minutes=5).outcomes == {LookOutcome.VERIFIED_RESTORED: 1}
    assert look(one, platform, time, days=8).outcomes == {LookOutcome.VERIFIED_RESTORED: 1}
    assert state(one) == (TakedownState.VERIFIED_RESTORED, CaseState.REOPENED)
    assert state(one, 0)[0] is TakedownState.UNDONE


def test_an_inverse_without_effect_is_ordered_again(one: Store, time: Time) -> None:
    """And then a person sees it."""
    platform = Told()
    send(one, platform, time)
    undoing.undo(one, 1, actor=LI, reason="appeal upheld", now=time.at)
    platform.lies = True
    send(one, platform, time)
    assert look(one, platform, time, minutes=20).outcomes == {LookOutcome.STILL_HIDDEN: 1}
    send(one, platform, time)
    look(one, platform, time, minutes=20)

    assert [call.key for call in platform.calls[1:]] == ["decision-1-restore", "decision-1-restore-2"]
    assert state(one) == (TakedownState.STILL_HIDDEN, CaseState.REOPENED)


def test_an_undo_during_a_look_wins(one: Store, time: Time) -> None:
    """What was seen is on record, and changes nothing."""
    platform = Told()
    send(one, platform, time)
    plain = platform.look

    def meanwhile(order, way):  # type: ignore[no-untyped-def]  # as every adapter's
        if way is PAGE:
            undoing.undo(one, 1, actor=LI, reason="wrong", now=time.at)
        return plain(order, way)

    platform.look = meanwhile  # type: ignore[method-assign]  # somebody acts while we look
    look(one, platform, time, minutes=5)

    assert state(one, 0) == (TakedownState.UNDONE, CaseState.REOPENED)
    assert kinds(one)[-1] == "takedown.late_look"


def test_evidence_lies_where_the_history_says(one: Store, time: Time, tmp_path: Path) -> None:
    """The bytes in the WARC file have the hash that stands in the look and in the event."""
    from warcio.archiveiterator import ArchiveIterator

    platform = Told()
    send(one, platform, time)
    time.move(minutes=5)
    look_due(one, channel(platform), keep=keeper_of(tmp_path / "looks"), clock=time, pause=time.pause)

    sights = undoing.looks_at(one, 1)[0].sights
    for one_sight in sights:
        assert one_sight.evidence is not None
        with (tmp_path / "looks" / one_sight.evidence.file).open("rb") as file:
            file.seek(one_sight.evidence.offset)
            record = next(iter(ArchiveIterator(file)))
            body = record.content_stream().read()
        assert hashlib.sha256(body).hexdigest() == one_sight.sha256
        assert record.rec_headers.get_header("WARC-Target-URI") == one_sight.url
    with one.reading() as tx:
        told = next(event for event in tx.events_about("case:1") if event.kind == "takedown.looked")
    assert [line["sha256"] for line in told.data["sights"]] == [one_sight.sha256 for one_sight in sights]  # type: ignore[attr-defined]  # JSON


def test_a_full_disk_leaves_the_look_to_be_done(one: Store, time: Time, tmp_path: Path) -> None:
    """No evidence, no verdict: the look is done again."""
    blocked = tmp_path / "file"
    blocked.touch()
    platform = Told()
    send(one, platform, time)
    time.move(minutes=5)
    with pytest.raises(StoreUnavailable, match="file"):
        look_due(one, channel(platform), keep=keeper_of(blocked), clock=time, pause=time.pause)
    assert state(one)[0] is ACCEPTED

    assert look(one, platform, time, minutes=11).outcomes == {LookOutcome.VERIFIED_REMOVED: 1}


def test_a_capture_is_kept_as_it_came(tmp_path: Path) -> None:
    """One file for a look, an offset for each response."""
    captures = [Capture(url=f"http://shop/{n}", status=404, headers=(("A", "b"),), body=b"x" * n) for n in range(3)]
    kept = keeper_of(tmp_path)("takedown-1-look-1-1", captures, at=NOON)

    assert [ref.sha256 for ref in kept] == [hashlib.sha256(b"x" * n).hexdigest() for n in range(3)]
    assert len({ref.offset for ref in kept}) == 3


def _last_reason(store: Store) -> object:
    with store.reading() as tx:
        return next(event.data["reason"] for event in reversed(tx.events_about("case:1")) if "reason" in event.data)
