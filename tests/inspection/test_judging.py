"""What intake makes of licences and exceptions: what counts, what it lowers, and when a listing is judged anew."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from scanner.inspection.judging import excepted, judged_as
from scanner.model import CaseState, Finding, Listing, Seller, Severity
from scanner.moderation import approvals, cases
from scanner.moderation.effects import EFFECTS
from scanner.outside import OnFile
from scanner.records import QueueFilter
from scanner.rulebook import Rulebook, load
from scanner.sellers import exceptions, licences
from scanner.sellers import files as sellers
from scanner.store import Store
from tests.fakes import MILD, NOON, Clock, Intake, fetched, offer, unchanged, write_rules
from tests.takedowns_done import POLICY, SPECIALIST

FILE = OnFile(seller_row=1, licences=("telecom_agent",), lapsed=("bank",), exceptions=(("phone_card.bulk", 7),))


@pytest.mark.parametrize(
    ("named", "expected"),
    [
        ((), ("telecom_agent",)),  # the listing names none: what is on file counts
        (("travel_sim_agent",), ("travel_sim_agent",)),  # it names one: that counts
        (("bank", "travel_sim_agent"), ("travel_sim_agent",)),  # what has lapsed does not, whatever it names
    ],
)
def test_which_licences_count(named: tuple[str, ...], expected: tuple[str, ...]) -> None:
    """And the listing that is stored stays as it was seen."""
    listing = Listing(platform="demo", listing_id="1", seller=Seller(id="s1", licences=named))

    assert judged_as(listing, FILE).seller.licences == expected
    assert judged_as(listing, None) is listing


REVOKED = OnFile(seller_row=1, licences=("bank",), lapsed=("telecom_agent",))
REPLACED = OnFile(seller_row=1, licences=("telecom_vas",), lapsed=("telecom_agent",))


@pytest.mark.parametrize(
    ("on_file", "named", "counts"),
    [
        (REVOKED, "telecom_agent", False),
        (REVOKED, "Telecom Agent", False),
        (REVOKED, "telecom agent permit", False),
        (REVOKED, "增值电信业务经营许可证", False),
        (REVOKED, "banking licence", True),
        (REVOKED, "网络游戏版号", True),
        (REPLACED, "增值电信业务经营许可证", True),
        (REPLACED, "telecom_agent", False),
        (REPLACED, "Telecom-Agent", False),
        (OnFile(seller_row=1, lapsed=("city_permit",)), "City permit", False),
    ],
)
def test_a_licence_that_is_over_does_not_count_in_other_words(on_file: OnFile, named: str, counts: bool) -> None:
    """What is revoked on file is not excused by how a platform words it, unless another on file is meant."""
    listing = Listing(platform="demo", listing_id="1", seller=Seller(id="s1", licences=(named,)))

    assert judged_as(listing, on_file).seller.licences == ((named,) if counts else ())


def test_an_exception_lowers_and_says_so() -> None:
    """The finding stays on record, is not queued, and is counted; findings of other rules are untouched."""
    found = tuple(
        Finding(rule=rule, category="c", severity=Severity.S2, score=1, title="t", reason="r", spans=())
        for rule in ("phone_card.bulk", "phone_card.other")
    )

    lowered, hits = excepted(found, FILE)

    assert ([one.queues for one in lowered], hits) == ([False, True], (7,))
    assert lowered[0].reason == "r; not queued: exception 7"
    assert excepted(found, None) == (found, ())


@pytest.fixture
def licensed(tmp_path: Path) -> Rulebook:
    """The small rulebook; an agent of a carrier may sell in bulk."""
    folder = write_rules(tmp_path / "licensed")
    file = folder / "phone_card.yaml"
    file.write_text(file.read_text(encoding="utf8").replace(
        "    when: (card and wholesale) within 30\n",
        "    when: (card and wholesale) within 30\n    unless: seller.licensed(telecom_agent)\n",
    ), encoding="utf8")  # fmt: skip
    return load(folder, cache=None)


def waiting(store: Store) -> int:
    """How many cases wait for a person."""
    return cases.queue(store, QueueFilter(states=(CaseState.OPEN,))).total


def license_seller(store: Store, **more: Any) -> int:
    """A licence for the shop of all test listings."""
    given: dict[str, Any] = {"name": "telecom_agent", "number": "A-1", "issuer": "MIIT", "expires_at": None}
    added = licences.add(
        store, platform="demo", seller="s1", valid_from=NOON, actor=SPECIALIST, now=NOON, **(given | more)
    )
    return added.id


@pytest.mark.parametrize("sighting", [unchanged("1"), fetched("1", MILD)])
def test_a_licence_that_expires_is_noticed_at_the_next_sighting(
    store: Store, intake: Intake, licensed: Rulebook, clock: Clock, sighting: Any
) -> None:
    """Though the listing has not changed, and the platform only says so."""
    license_seller(store, expires_at=NOON + timedelta(days=30))
    intake(fetched("1", MILD), rulebook=licensed)
    assert waiting(store) == 0

    clock.move(days=31)
    counts = intake(sighting, rulebook=licensed)
    assert (counts.judged, waiting(store)) == (1, 1)

    assert intake(sighting, rulebook=licensed).judged == 0


def test_a_licence_of_another_kind_changes_nothing(store: Store, intake: Intake, licensed: Rulebook) -> None:
    """Nor does one that is revoked before."""
    license_seller(store, name="bank")
    licences.revoke(store, license_seller(store), reason="withdrawn", actor=SPECIALIST, now=NOON)

    intake(fetched("1", MILD), rulebook=licensed)
    assert waiting(store) == 1


def test_an_exception_counts_its_hits_and_stops_when_it_is_over(store: Store, intake: Intake, clock: Clock) -> None:
    """Nothing is queued while it lasts, every hit is counted; afterwards the listing is judged anew."""
    intake(fetched("0"))
    (seller,) = sellers.find(store, "s1")
    exceptions.propose(
        store, rule="phone_card.bulk", seller_row=seller.id, owner="policy@shop.example", reason="a reseller",
        expires_at=NOON + timedelta(days=30), actor=SPECIALIST, now=NOON,
    )  # fmt: skip
    intake(fetched("1", MILD))
    assert waiting(store) == 1  # proposed is not in force
    (proposal,) = approvals.inbox(store)
    approvals.approve(store, proposal.id, actor=POLICY, now=NOON, effects=EFFECTS)

    intake(fetched("2", MILD), fetched("3", MILD), fetched("4", "免实名手机卡"))
    assert waiting(store) == 2  # another rule still queues
    (active,) = exceptions.listed(store)
    assert (active.hits, active.last_hit_at) == (2, NOON)

    clock.move(days=31)
    intake(unchanged("2"))
    assert waiting(store) == 3
    assert exceptions.listed(store)[0].hits == 2


def test_what_is_stored_is_what_was_seen(store: Store, intake: Intake, licensed: Rulebook) -> None:
    """A licence on file is no part of the listing: its content hash does not change with it."""
    intake(fetched("1", MILD), rulebook=licensed)
    license_seller(store)
    counts = intake(fetched("1", MILD), rulebook=licensed)

    assert (counts.same, counts.changed, counts.judged) == (1, 0, 1)
    with store.reading() as tx:
        assert tx.version(1, 1).listing == offer("1", MILD)
