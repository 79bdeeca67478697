"""How the databases answer what is asked of notices, appeals, letters and sellers: by an index, whatever is asked."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.clues.records import ClueState
from scanner.moderation.records import ApprovalState
from scanner.outside import (
    AppealState,
    ExceptionState,
    LetterState,
    NoticeFilter,
    NoticeKind,
    NoticeState,
    PenaltyState,
    RecordKind,
)
from scanner.rulebook import Rulebook
from scanner.store import Store
from tests.fakes import NOON
from tests.outbox import listed, offers
from tests.plans import statements, whole_tables
from tests.takedowns_done import followed, sent

pytestmark = pytest.mark.databases("sqlite", "postgresql")

Ask = Callable[[Any], object]

ASKED: dict[str, Ask] = {
    "notice by receipt": lambda tx: _found(tx.notice_by_receipt, "N-1"),
    "notice by key": lambda tx: tx.notice_by_key("k"),
    "open notices": lambda tx: tx.notices(NoticeFilter(), limit=50),
    "notices of a case": lambda tx: tx.notices(NoticeFilter(case_id=1), limit=50),
    "overdue police notices": lambda tx: tx.notices(
        NoticeFilter(states=(NoticeState.OPEN,), kinds=(NoticeKind.POLICE,), overdue_at=NOON), limit=50
    ),
    "next notices": lambda tx: tx.notices(NoticeFilter(), limit=50, after="2026-03-01T12:00:00+00:00~7"),
    "notices on a listing": lambda tx: tx.open_notices_on(1),
    "sought notices": lambda tx: tx.unlocated_notices(limit=10),
    "a reporter's rate": lambda tx: tx.reported("user:anna", since=NOON, seller_row=1),
    "reporters of a seller": lambda tx: tx.reporters_of(1, since=NOON),
    "a reporter's record": lambda tx: tx.outcomes_of("user:anna"),
    "appeal by receipt": lambda tx: _found(tx.appeal_by_receipt, "A-1"),
    "open appeals": lambda tx: tx.appeals_in((AppealState.FILED,), case_id=None, limit=50, after=0),
    "appeals of a case": lambda tx: tx.appeals_in((), case_id=1, limit=50, after=0),
    "open appeal of a case": lambda tx: tx.open_appeal_of(1),
    "findings ever": lambda tx: tx.findings_ever(1, 1),
    "first findings": lambda tx: tx.first_findings(1, 1),
    "due letters": lambda tx: tx.due_letters(at=NOON, limit=1),
    "letters of a case": lambda tx: tx.letters(case_id=1, limit=50),
    "held letters": lambda tx: tx.letters(states=(LetterState.HELD,), limit=50),
    "sellers named": lambda tx: tx.sellers_named("s1"),
    "a seller's cases": lambda tx: tx.case_counts(1),
    "a seller's listings": lambda tx: tx.listing_counts(1),
    "a seller's decisions": lambda tx: tx.decisions_on_seller(1, limit=50),
    "a seller's orders": lambda tx: tx.takedowns_of_seller(1, limit=50),
    "a seller's offers": lambda tx: tx.offers_of_seller(1, since=NOON, limit=50),
    "a seller's licences": lambda tx: tx.licences_of(1),
    "licences to check": lambda tx: tx.licences_to_check(before=NOON, limit=50),
    "exceptions in force": lambda tx: tx.exceptions_in((ExceptionState.IN_FORCE,)),
    "sellers on file": lambda tx: tx.sellers_on_file([("demo", "id:s1"), ("demo", "id:s2")], at=NOON),
    "listings on file": lambda tx: tx.listings_on_file([1, 2], at=NOON),
    "a seller's penalties": lambda tx: tx.penalties_in((), seller_row=1),
    "proposed penalties": lambda tx: tx.penalties_in((PenaltyState.PROPOSED,)),
    "penalty of a decision": lambda tx: tx.penalty_of(1),
    "fingerprint of a decision": lambda tx: tx.fingerprint_of(1),
    "is watching": lambda tx: tx.is_watching(at=NOON),
    "whose marks": lambda tx: tx.marked([1, 2, 3]),
    "fingerprints": lambda tx: tx.fingerprints([1, 2], at=NOON),
    "live fingerprint of a listing": lambda tx: tx.live_fingerprint_of(1, at=NOON),
    "pictures of a version": lambda tx: tx.pictures_of(1, 1),
    "pictures that are due": lambda tx: tx.take_pictures(at=NOON, until=NOON, limit=60),
    "what pictures look like": lambda tx: tx.looks_of([1, 2, 3]),
    "a clue package": lambda tx: _found(tx.package, 1),
    "a seller's clue packages": lambda tx: tx.packages_of(1),
    "signed clue packages": lambda tx: tx.packages((ClueState.APPROVED,), limit=50),
    "a person by name": lambda tx: tx.person_named("li"),
    "whose session": lambda tx: tx.session("digest"),
    "failed logins": lambda tx: tx.failures("name:li"),
    "whose token": lambda tx: tx.token_by_digest("digest"),
    "a person's views": lambda tx: tx.views(1, "queue"),
    "whom a provider names": lambda tx: tx.person_of("https://id.example", "7"),
    "an answer under a key": lambda tx: tx.answer_of(1, "key"),
    "what a person holds": lambda tx: tx.held_by("li", at=NOON),
    "a person's drafts": lambda tx: tx.claim_drafts_of("li", limit=50),
    "who skipped a case": lambda tx: tx.skips_of(1),
    "proposals about a case": lambda tx: tx.approvals_about("case:1"),
    "proposals that wait": lambda tx: tx.approvals(ApprovalState.ASKED, limit=50),
    "old clue packages": lambda tx: tx.erasable(RecordKind.CLUES, before=NOON, after=0, limit=50),
    "what follows": lambda tx: tx.events_after(0, until=2_000, kinds=("case.decided", "takedown.accepted")),
}


def _found(ask: Callable[[Any], object], name: object) -> None:
    with pytest.raises(Exception, match="there is no"):
        ask(name)


@pytest.fixture
def filled(store: Store, small_rulebook: Rulebook, tmp_path: Path) -> Store:
    """Three removals with all that follows."""
    listed(store, small_rulebook, tmp_path, offers(3))
    sent(store)
    followed(store)
    return store


def test_no_table_is_read_from_end_to_end(filled: Store) -> None:
    """Every step searches by an index or key."""
    whole: dict[str, list[str]] = {}
    with filled.transaction() as tx:
        for name, ask in ASKED.items():
            with statements(filled) as run:
                ask(tx)
            assert run, name
            if steps := [step for each in run for step in whole_tables(tx, *each)]:
                whole[name] = steps

    assert whole == {}
