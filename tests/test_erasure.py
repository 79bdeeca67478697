"""Deleting what is old: planned, approved by two people as they saw it, done in steps, certified; holds stay."""

from __future__ import annotations

import os
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from scanner import audit, erasure, retention
from scanner.correspondence import appeals, notices
from scanner.errors import Conflict, Forbidden, IllegalMove, NotFound
from scanner.model import Actor, EvidenceRef, Fetched, Role, Ruling
from scanner.moderation import cases
from scanner.outside import (
    AppealGround,
    AppealReason,
    LetterState,
    NoticeKind,
    PlanState,
    RecordKind,
    Report,
    RetentionPlan,
)
from scanner.pictures import fetching
from scanner.rulebook import Rulebook
from scanner.store import Store
from tests.fakes import LI, NOON, Clock, Intake, fetched, gone, offer
from tests.outbox import listed, offers
from tests.takedowns_done import COMPLIANCE, OFFICER, POLICY, REVIEWER, followed, sent

OTHER = Actor(name="he", role=Role.COMPLIANCE)
MUCH_LATER = NOON + timedelta(days=7 * 365)


@pytest.fixture
def old(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> Store:
    """Two removed listings, one reported and appealed in vain, so closed; years ago."""
    listed(store, small_rulebook, tmp_path, offers(2))
    report = Report(
        kind=NoticeKind.USER, text="cards", reporter="anna", contact="a@x.example", platform="demo", listing_id="1"
    )
    notices.receive(store, report, actor=LI, now=NOON)
    sent(store)
    followed(store)
    appeals.file(store, 1, ground=AppealGround.OTHER, statement="please", actor=LI, now=NOON)
    appeals.decide(store, 1, AppealReason.STANDS_AS_FOUND, actor=OFFICER, now=NOON)
    with store.transaction() as tx:  # letters have gone out
        for letter in tx.letters(limit=100):
            tx.save_letter(replace(letter, state=LetterState.SENT), letter)
    return store


def planned(store: Store, folder: Path, now: datetime = MUCH_LATER) -> RetentionPlan:
    """What is to be deleted."""
    return erasure.plan(store, folder, actor=POLICY, now=now)


def approved(store: Store, folder: Path, now: datetime = MUCH_LATER) -> RetentionPlan:
    """The same, approved by two."""
    made = planned(store, folder, now)
    erasure.approve(store, made.id, digest=made.digest[:8], actor=COMPLIANCE, now=now)
    return erasure.approve(store, made.id, digest=made.digest, actor=OTHER, now=now)


def run(store: Store, folder: Path, now: datetime = MUCH_LATER) -> erasure.Certificate | None:
    """Carry it out."""
    return erasure.run(store, folder, actor=audit.SYSTEM, clock=lambda: now)


def counts(plan: RetentionPlan) -> dict[RecordKind, int]:
    """How many of each kind, where there are any."""
    return {item.kind: item.count for item in plan.items if item.count}


@pytest.mark.databases("sqlite", "postgresql")
def test_a_plan_that_two_have_approved_is_carried_out_and_certified(old: Store, tmp_path: Path) -> None:
    """The closed case goes with all that hangs on it; the open one stays; the history verifies as before."""
    plan = approved(old, tmp_path)
    assert counts(plan)[RecordKind.CASES] == 1

    certificate = run(old, tmp_path)

    assert certificate is not None
    assert certificate.deleted == {kind.value: number for kind, number in counts(plan).items()}
    with pytest.raises(NotFound):
        cases.show(old, 1)
    assert cases.show(old, 2).row.case.id == 2
    verdict = audit.verify(old)
    assert verdict.is_sound
    with old.reading() as tx:
        events = tx.events_about(f"retention:{plan.id}")
        assert tx.events_about("case:1")  # what happened stays on record
    assert [event.kind for event in events][-1] == "retention.certificate"
    (gone_case,) = [event for event in events if event.data.get("record_kind") == "cases"]
    assert gone_case.data["records"][0][0] == 1  # type: ignore[index]  # a list of pairs
    assert len(gone_case.data["records"][0][1]) == 64  # type: ignore[index]
    assert gone_case.data["rows"]["appeals"] == 1  # type: ignore[index]
    assert run(old, tmp_path) is None
    assert fetching.note(old, each=1, sources=["demo"], now=MUCH_LATER) == 0  # whoever follows the history goes on


def test_a_dry_run_deletes_nothing(old: Store, tmp_path: Path) -> None:
    """A plan only counts; without approval nothing is carried out; a newer plan replaces it."""
    first = planned(old, tmp_path)
    assert run(old, tmp_path) is None
    assert cases.show(old, 1).row.case.id == 1

    second = planned(old, tmp_path)
    assert erasure.latest(old) == second
    with pytest.raises(IllegalMove, match="dropped"):
        erasure.approve(old, first.id, digest=first.digest, actor=COMPLIANCE, now=MUCH_LATER)


def test_two_different_people_approve_what_they_saw(old: Store, tmp_path: Path) -> None:
    """Not one twice, not anybody, not another plan."""
    plan = planned(old, tmp_path)
    with pytest.raises(Forbidden):
        erasure.approve(old, plan.id, digest=plan.digest, actor=REVIEWER, now=NOON)
    with pytest.raises(Conflict, match="not the one you saw"):
        erasure.approve(old, plan.id, digest="0" * 64, actor=COMPLIANCE, now=NOON)
    once = erasure.approve(old, plan.id, digest=plan.digest, actor=COMPLIANCE, now=NOON)
    again = Actor(name="Sun ", role=Role.COMPLIANCE)
    with pytest.raises(Forbidden, match="has approved"):
        erasure.approve(old, plan.id, digest=plan.digest, actor=again, now=NOON)
    assert once.state is PlanState.PLANNED


def test_a_legal_hold_stays_also_when_it_comes_late(old: Store, tmp_path: Path) -> None:
    """What is held is counted apart; a hold after the approval is kept; one released after it stops the plan."""
    retention.hold(old, 1, reason="police", actor=LI, at=NOON)
    held = planned(old, tmp_path)
    item = next(one for one in held.items if one.kind is RecordKind.CASES)
    assert (item.count, item.held) == (0, 1)

    erasure.approve(old, held.id, digest=held.digest, actor=COMPLIANCE, now=NOON)
    erasure.approve(old, held.id, digest=held.digest, actor=OTHER, now=NOON)
    retention.release(old, 1, reason="closed", actor=LI, at=NOON)
    with pytest.raises(Conflict, match="were approved"):
        run(old, tmp_path)
    assert cases.show(old, 1).row.case.id == 1

    erasure.drop(old, held.id, reason="a hold was released", actor=COMPLIANCE, now=NOON)
    approved(old, tmp_path)
    retention.hold(old, 1, reason="police again", actor=LI, at=NOON)
    run(old, tmp_path)
    assert cases.show(old, 1).row.case.id == 1


def test_what_is_young_stays(old: Store, tmp_path: Path) -> None:
    """Five years for cases and what belongs to them, less for nothing that a case needs."""
    assert counts(planned(old, tmp_path, NOON + timedelta(days=4 * 365))) == {RecordKind.FINGERPRINTS: 2}


def test_listings_and_their_sellers_go_three_years_after_they_are_gone(
    store: Store, intake: Intake, clock: Clock, tmp_path: Path
) -> None:
    """A listing without a case, all its versions and findings, and then the seller of whom nothing is left."""
    intake(fetched("1"))
    intake(fetched("1", "不锈钢水壶 二升"))
    intake(gone("1"))
    later = NOON + timedelta(days=1100)

    plan = approved(store, tmp_path, later)
    assert counts(plan) == {RecordKind.LISTINGS: 1}
    run(store, tmp_path, later)
    assert counts(planned(store, tmp_path, later)) == {RecordKind.SELLERS: 1}
    with store.reading() as tx:
        assert tx.known_listings([("demo", "1")]) == {}


def test_evidence_without_a_case_goes_after_three_years_with_one_after_five(
    store: Store, intake: Intake, tmp_path: Path
) -> None:
    """The file of a closed case is kept as long as the case; each file that goes is on record first."""
    folder = tmp_path / "evidence"
    for name in ("with", "without"):
        file = folder / "1" / f"{name}.warc.gz"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(name.encode())
        os.utime(file, (NOON.timestamp(), NOON.timestamp()))
    refs = {"with": ("1", "手机卡 批发"), "without": ("2", "不锈钢水壶")}
    intake(*(
        Fetched(listing=offer(number, title), evidence=EvidenceRef(file=f"{name}.warc.gz", offset=0, sha256="0"))
        for name, (number, title) in refs.items()
    ))  # fmt: skip
    revision = cases.show(store, 1).row.case.revision
    cases.decide(store, 1, Ruling.KEEP, reason="lawful_goods", actor=LI, revision=revision, now=NOON)

    later = NOON + timedelta(days=1200)
    plan = approved(store, folder, later)
    evidence = next(one for one in plan.items if one.kind is RecordKind.EVIDENCE)
    assert (evidence.count, evidence.held, evidence.size) == (1, 1, 7)
    run(store, folder, later)
    assert [file.name for file in folder.rglob("*.warc.gz")] == ["with.warc.gz"]
    with store.reading() as tx:
        assert [event.kind for event in tx.events_about("evidence:1/without.warc.gz")] == [retention.REMOVED]

    late = NOON + timedelta(days=1900)
    approved(store, folder, late)
    run(store, folder, late)
    assert list(folder.rglob("*.warc.gz")) == []


def test_every_kind_has_its_time_and_its_basis() -> None:
    """Nothing is deleted without a reason, and no kind is forgotten."""
    assert {keep.kind for keep in erasure.KEEP} == set(RecordKind)
    assert all(keep.basis and keep.since for keep in erasure.KEEP)
