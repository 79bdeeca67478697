"""What seeing a listing again does to its case, through intake and a person's decisions."""

from __future__ import annotations

from datetime import datetime

import pytest

from scanner.model import CaseState, Ruling, Severity
from scanner.moderation import cases
from scanner.records import Case
from scanner.rulebook import Rulebook
from scanner.store import Store
from tests.fakes import GRAVE, MILD, NOON, PLAIN, Intake, fetched, gone, kinds, only_case, ruled, unchanged

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def test_an_edit_does_not_make_a_case_less_urgent(store: Store, intake: Intake) -> None:
    """What was on offer first still counts when the seller tones the listing down."""
    intake(fetched("1", GRAVE))
    intake(fetched("1", MILD))

    case = only_case(store)

    assert (case.version, case.severity, case.revision) == (2, Severity.S4, 2)
    assert set(case.rules) == {"phone_card.no_real_name", "phone_card.bulk"}
    assert kinds(store) == ["case.opened", "case.updated"]


def test_an_edit_can_make_a_case_more_urgent(store: Store, intake: Intake) -> None:
    """A case rises, and is due sooner."""
    intake(fetched("1", MILD))
    due: datetime = only_case(store).due_at
    intake(fetched("1", GRAVE))

    assert only_case(store).severity is Severity.S4
    assert only_case(store).due_at < due


def test_a_listing_cleaned_while_it_waits_keeps_its_case(store: Store, intake: Intake) -> None:
    """The person hears of it and decides; the version that was found stays under review."""
    intake(fetched("1", GRAVE))
    intake(fetched("1", PLAIN))

    file = cases.show(store, 1)

    assert (file.row.case.state, file.version.number, file.latest and file.latest.number) == (CaseState.OPEN, 1, 2)
    assert kinds(store) == ["case.opened", "case.no_longer_flagged"]


def decide(store: Store, ruling: Ruling) -> Case:
    """A person rules on the only case."""
    return ruled(store, only_case(store).id, ruling)


def test_a_kept_listing_comes_back_only_when_it_changed(store: Store, intake: Intake, second_edition: Rulebook) -> None:
    """Neither seeing it again nor another rulebook reopens it; other content that is found does, in the same case."""
    intake(fetched("1", GRAVE))
    decide(store, Ruling.KEEP)
    intake(fetched("1", GRAVE))
    intake(fetched("1", GRAVE), rulebook=second_edition)
    assert only_case(store).state is CaseState.CLOSED

    counts = intake(fetched("1", GRAVE + " 大量"), rulebook=second_edition)

    assert (counts.reopened, only_case(store).state) == (1, CaseState.REOPENED)
    assert kinds(store) == ["case.opened", "case.decided", "case.reopened"]


def test_a_listing_that_returns_to_what_was_kept_stays_kept(store: Store, intake: Intake) -> None:
    """A person has ruled on just this content."""
    intake(fetched("1", GRAVE))
    decide(store, Ruling.KEEP)
    intake(fetched("1", PLAIN))

    assert intake(fetched("1", GRAVE)).reopened == 0


def test_a_listing_under_removal_opens_no_second_case(store: Store, intake: Intake) -> None:
    """The order is under way; what is seen meanwhile is noted on the case if it is news."""
    intake(fetched("1", GRAVE))
    decide(store, Ruling.REMOVE)
    intake(fetched("1", GRAVE))
    assert kinds(store) == ["case.opened", "case.decided"]

    counts = intake(fetched("1", GRAVE + " 大量"))

    assert (counts.opened, only_case(store).state) == (0, CaseState.DECIDED)
    assert kinds(store) == ["case.opened", "case.decided", "case.seen_again"]


def test_gone_and_back_is_on_the_case(store: Store, intake: Intake) -> None:
    """Whoever works on the case sees when the listing disappeared and came back; saying it twice is one event."""
    intake(fetched("1", GRAVE))
    intake(gone("1"))
    intake(gone("1"))
    assert cases.show(store, 1).row.gone_at == NOON

    intake(unchanged("1"))

    assert cases.show(store, 1).row.gone_at is None
    assert kinds(store) == ["case.opened", "listing.gone", "listing.back"]
