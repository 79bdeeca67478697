"""Sellers: the ladder, the counters that laws give, licences, exceptions, penalties; people decide on every step."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from scanner import audit
from scanner.correspondence import letters
from scanner.correspondence.wording import LANGUAGES
from scanner.errors import Conflict, Forbidden, IllegalMove, InputError
from scanner.model import CaseState, Listing, Ruling, Seller, Severity
from scanner.moderation import approvals
from scanner.moderation.effects import EFFECTS
from scanner.outside import ExceptionState, LetterKind, Modifier, Offer, Penalty, PenaltyState
from scanner.rulebook import Rulebook
from scanner.sellers import exceptions, licences, penalties
from scanner.sellers import files as sellers
from scanner.sellers.counters import COUNTERS, count, pieces
from scanner.sellers.ladder import LADDER, Offence, points, propose, until
from scanner.store import Store
from tests.fakes import GRAVE, MILD, NOON, Intake, fetched, offer
from tests.outbox import remove
from tests.takedowns_done import COMPLIANCE, POLICY, REVIEWER, SPECIALIST, followed, sent

LATER = NOON + timedelta(hours=1)


def penalty(severity: Severity, *, days: int = 10, state: PenaltyState = PenaltyState.ACCEPTED, **more: Any) -> Penalty:
    """An earlier penalty, so many days ago."""
    at = NOON - timedelta(days=days)
    plain: dict[str, Any] = {
        "id": 1, "seller_row": 1, "case_id": 1, "decision_id": 1, "level": 1, "points": 2, "category": "phone_card",
        "why": "", "modifiers": (), "proposed_at": at, "counts_until": at + timedelta(days=365),
    }  # fmt: skip
    return Penalty(severity=severity, state=state, **(plain | more))


def offence(severity: Severity = Severity.S2, *categories: str, **more: Any) -> Offence:
    """What was decided at noon."""
    return Offence(severity=severity, categories=categories or ("phone_card",), at=NOON, **more)


S1, S2, S3, S4 = Severity


@pytest.mark.parametrize(
    ("decided", "earlier", "modifiers", "level"),
    [
        (offence(S1), [], [], 0),
        (offence(S2), [], [], 1),
        (offence(S2), [penalty(S2, days=89)], [], 2),
        (offence(S2), [penalty(S2, days=91)], [], 1),  # too long ago to be a repeat
        (offence(S2), [penalty(S2, state=PenaltyState.VOIDED)], [], 1),  # lifted on appeal: as if it had not been
        (offence(S2), [penalty(S2, state=PenaltyState.REFUSED)], [], 1),
        (offence(S3), [], [], 2),
        (offence(S3), [penalty(S3, days=364)], [], 3),
        (offence(S3), [penalty(S2)], [], 2),  # S3 for the first time
        (offence(S2, cards_and_accounts=3), [], [], 3),
        (offence(S2, cards_and_accounts=2), [], [], 1),
        (offence(S2, cards=20), [], [], 4),
        (offence(S2, "identity_data"), [], [], 4),
        (offence(S4), [], [], 4),
        (offence(S4), [], [Modifier.LICENSED_MISTAKE], 3),
        (offence(S1), [], [Modifier.LICENSED_MISTAKE], 0),  # never below the first step
        (offence(S4), [], [Modifier.NETWORK], 4),  # never above the last
        (offence(S3), [], [Modifier.NETWORK], 3),
        (offence(S4), [], [Modifier.HACKED], 0),
        (offence(S4), [], [Modifier.MINOR, Modifier.NETWORK], 0),
        (offence(S4, was_lawful=True), [penalty(S4)], [Modifier.NETWORK], 0),  # lawful when it was posted
    ],
)
def test_the_ladder(decided: Offence, earlier: list[Penalty], modifiers: list[Modifier], level: int) -> None:
    """As the table of the domain brief says, and nothing for what was lawful when it was posted."""
    assert propose(decided, earlier, modifiers).step.level == level


def test_points_expire_after_a_year_and_only_accepted_ones_count() -> None:
    """A proposal weighs nothing, and time heals."""
    given = [penalty(S2, days=364), penalty(S3, days=366, points=6), penalty(S3, state=PenaltyState.PROPOSED, points=6)]

    assert points(given, at=NOON) == 2
    assert until(LADDER[4], NOON) is None
    assert until(LADDER[2], NOON) == NOON + timedelta(days=30)
    assert all(set(step.measure) == set(step.restore) == set(LANGUAGES) for step in LADDER)


def offered(category: str, said: str, *, ruling: Ruling | None = Ruling.REMOVE, days: int = 1, **more: Any) -> Offer:
    """An offer in a case that was opened so many days ago."""
    listing = Listing(platform="demo", listing_id="1", title=said, **more)
    at = NOON - timedelta(days=days)
    return Offer(case_id=1, listing_row=1, categories=(category,), severity=S3, ruling=ruling, at=at, listing=listing)


@pytest.mark.parametrize(
    ("offers", "counter", "confirmed", "suspected", "reached"),
    [
        ([offered("phone_card", "手机卡 2张")], "cards_and_accounts", 2, 0, []),
        ([offered("phone_card", "手机卡 2张"), offered("account_trade", "微信号")], "cards_and_accounts", 3, 0, [3]),
        ([offered("phone_card", "手机卡 20张")], "cards", 20, 0, [20]),
        ([offered("phone_card", "手机卡", quantity=19)], "cards", 19, 0, []),
        ([offered("phone_card", "手机卡 20张", ruling=None)], "cards", 0, 20, []),  # nobody has confirmed it
        ([offered("phone_card", "手机卡 20张", ruling=Ruling.KEEP)], "cards", 0, 0, []),  # a person found it lawful
        ([offered("phone_card", "手机卡 20张", days=366)], "cards", 0, 0, []),  # out of the window
        ([offered("identity_data", "数据 500条")], "personal_information", 500, 0, [50, 500]),
        ([offered("identity_data", "数据 5000条")], "personal_information", 5000, 0, [50, 500, 5000]),
        ([offered("game_goods", "金币")] * 100, "postings", 100, 0, [100]),
        ([offered("payment_instrument", "四件套")] * 3, "occasions", 3, 0, [3]),
    ],
)
def test_counters_count_as_the_law_does(
    offers: list[Offer], counter: str, confirmed: int, suspected: int, reached: list[int]
) -> None:
    """What people confirmed reaches a threshold; what is suspected stands beside it."""
    (found,) = [one for one in count(offers, at=NOON) if one.counter.name == counter]

    assert (found.confirmed, found.suspected) == (confirmed, suspected)
    assert [one.at_least for one in found.reached] == reached


def test_every_threshold_names_its_law() -> None:
    """A number without a source is nobody's."""
    assert all(threshold.law for counter in COUNTERS for threshold in counter.thresholds)
    assert pieces(offer(title="手机卡 999999999999张")) <= 10_000_000


@pytest.fixture
def judged(store: Store, intake: Intake) -> Store:
    """A grave listing of one seller and a mild one of another, removed, with all that follows."""
    intake(fetched("1", GRAVE), fetched("2", MILD, seller=Seller(id="s2", name="Shop Two")))
    remove(store, 1)
    remove(store, 2)
    sent(store)
    followed(store)
    return store


def test_a_sellers_file_holds_all_that_is_known(judged: Store) -> None:
    """Listings, cases, decisions, orders, counters, the step that is proposed."""
    (found,) = sellers.find(judged, "s1", platform="demo")
    file = sellers.show(judged, found.id, now=LATER)

    assert (file.seller.name, file.listings, file.live, file.flagged) == ("Shop One", 1, 1, 1)
    assert file.cases == {CaseState.ACTIONED: 1}
    assert (len(file.decisions), len(file.takedowns), len(file.offers)) == (1, 1, 1)
    assert [(one.level, one.state) for one in file.penalties] == [(4, PenaltyState.PROPOSED)]
    assert file.points == 0
    assert [event.kind for event in file.history] == ["penalty.proposed"]


def test_a_number_that_a_law_names_is_on_record_once(store: Store, intake: Intake) -> None:
    """Twenty cards in one listing are three and twenty: each with its law; the next removal says nothing anew."""
    intake(fetched("1", f"{GRAVE} 20张"), fetched("2", f"{GRAVE} 5张"))
    for case_id in (1, 2):
        remove(store, case_id)
        sent(store)
        followed(store)

    history = sellers.show(store, 1, now=LATER).history
    reached = [event.data for event in history if event.kind == "seller.threshold_reached"]
    assert [(one["counter"], one["at_least"], one["clue"]) for one in reached] == [
        ("cards_and_accounts", 3, 1),
        ("cards", 20, 2),
    ]
    assert all(one["law"] for one in reached)


def test_closing_an_account_needs_two_people(judged: Store) -> None:
    """One accepts, another one approves; only then points count and the seller is told."""
    mine, other = penalties.inbox(judged)
    assert (mine.level, other.level) == (4, 1)
    with pytest.raises(Forbidden):
        penalties.accept(judged, mine.id, actor=REVIEWER, now=LATER)

    waiting = penalties.accept(judged, mine.id, actor=SPECIALIST, now=LATER)
    assert waiting.state is PenaltyState.AWAITING_APPROVAL
    assert not [one for one in letters.listed(judged) if one.kind is LetterKind.PENALTY]

    (proposal,) = approvals.inbox(judged)
    approvals.approve(judged, proposal.id, actor=COMPLIANCE, now=LATER, effects=EFFECTS)

    file = sellers.show(judged, mine.seller_row, now=LATER)
    assert (file.points, file.penalties[0].accepted_by, file.penalties[0].decided_by) == (48, "wang", "sun")
    (letter,) = [one for one in letters.listed(judged) if one.kind is LetterKind.PENALTY]
    assert (letter.to, letter.language) == ("seller:demo/s1", "zh-Hans")
    assert audit.verify(judged).is_sound


def test_a_modifier_computes_the_step_anew(judged: Store) -> None:
    """A licensed seller's mistake is a suspension and no closure: one person is enough."""
    mine, other = penalties.inbox(judged)
    accepted = penalties.accept(judged, mine.id, actor=SPECIALIST, now=LATER, modifiers=[Modifier.LICENSED_MISTAKE])
    refused = penalties.refuse(judged, other.id, reason="first mistake", actor=SPECIALIST, now=LATER)

    assert (accepted.state, accepted.level, accepted.until) == (PenaltyState.ACCEPTED, 3, LATER + timedelta(days=90))
    assert (refused.state, refused.note) == (PenaltyState.REFUSED, "first mistake")
    with pytest.raises(IllegalMove):
        penalties.refuse(judged, other.id, reason="again", actor=SPECIALIST, now=LATER)


def test_what_was_lawful_when_it_was_posted_is_not_penalised(
    store: Store, intake: Intake, second_edition: Rulebook
) -> None:
    """Found only by a later edition of the rules: the listing may go, the seller is told why, and no more."""
    intake(fetched("1", "代收验证码"))
    intake(fetched("1", "代收验证码"), rulebook=second_edition)
    remove(store, 1)
    sent(store)
    followed(store)

    (proposed,) = penalties.inbox(store)
    assert (proposed.level, proposed.points) == (0, 0)
    assert "in force" in proposed.why
    again = penalties.accept(store, proposed.id, actor=SPECIALIST, now=LATER, modifiers=[Modifier.NETWORK])
    assert again.level == 0


def test_an_exception_needs_a_second_person_an_owner_and_an_end(store: Store, intake: Intake) -> None:
    """Proposed by one, in force when another agrees, ended by anybody who may propose; one of a kind at a time."""
    intake(fetched("1"))
    given: dict[str, Any] = {
        "rule": "phone_card.bulk", "seller_row": 1, "owner": "policy@shop.example", "reason": "tested by us",
        "actor": SPECIALIST, "now": NOON,
    }  # fmt: skip
    with pytest.raises(InputError, match="365 days"):
        exceptions.propose(store, **given, expires_at=NOON + timedelta(days=366))
    proposed = exceptions.propose(store, **given, expires_at=NOON + timedelta(days=30))
    with pytest.raises(Conflict):
        exceptions.propose(store, **given, expires_at=NOON + timedelta(days=30))

    (proposal,) = approvals.inbox(store)
    approvals.approve(store, proposal.id, actor=POLICY, now=LATER, effects=EFFECTS)
    (active,) = exceptions.listed(store, seller_row=1)

    assert (proposed.state, active.state, active.decided_by) == (
        ExceptionState.PROPOSED, ExceptionState.IN_FORCE, "zhou",
    )  # fmt: skip
    ended = exceptions.end(store, active.id, reason="over", actor=SPECIALIST, now=LATER)
    assert ended.state is ExceptionState.ENDED


def test_a_refused_exception_is_never_in_force(store: Store, intake: Intake) -> None:
    """Nor is one that its proposer would approve."""
    intake(fetched("1"))
    exceptions.propose(
        store, rule="phone_card.bulk", seller_row=1, owner="o", reason="r", expires_at=NOON + timedelta(days=9),
        actor=POLICY, now=NOON,
    )  # fmt: skip
    (proposal,) = approvals.inbox(store)
    with pytest.raises(Forbidden, match="yourself"):
        approvals.approve(store, proposal.id, actor=POLICY, now=LATER, effects=EFFECTS)
    approvals.refuse(store, proposal.id, actor=COMPLIANCE, note="no", now=LATER, effects=EFFECTS)

    assert exceptions.listed(store) == ()
    assert [one.state for one in exceptions.listed(store, ())] == [ExceptionState.REFUSED]


def test_licences_are_checked_renewed_and_revoked(store: Store) -> None:
    """Also for a seller whom no inspection has seen; every six months somebody looks again."""
    given: dict[str, Any] = {
        "platform": "demo", "seller": "s9", "name": "telecom_agent", "number": "A-1", "issuer": "MIIT",
        "valid_from": NOON, "actor": SPECIALIST,
    }  # fmt: skip
    first = licences.add(store, **given, expires_at=None, now=NOON)
    again = licences.add(store, **given, expires_at=NOON + timedelta(days=400), now=LATER)
    assert (again.id, again.is_valid(LATER), again.is_valid(NOON + timedelta(days=400))) == (first.id, True, False)
    assert licences.to_check(store, now=NOON + timedelta(days=182)) == ()
    assert [one.id for one in licences.to_check(store, now=NOON + timedelta(days=184))] == [first.id]

    revoked = licences.revoke(store, first.id, reason="withdrawn", actor=SPECIALIST, now=LATER)
    assert not revoked.is_valid(LATER)
    with pytest.raises(Conflict):
        licences.revoke(store, first.id, reason="withdrawn", actor=SPECIALIST, now=LATER)
    with pytest.raises(InputError, match="no name of a licence"):
        licences.add(store, **(given | {"name": "Any Licence"}), expires_at=None, now=NOON)
    (seller,) = sellers.find(store, "s9")
    kinds = [event.kind for event in sellers.show(store, seller.id, now=LATER).history]
    assert kinds == ["licence.added", "licence.renewed", "licence.revoked"]
