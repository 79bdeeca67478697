"""The contract: what every adapter must do before a real HTTP server, however that behaves."""

from __future__ import annotations

import msgspec
import pytest

from scanner.model import TakedownState
from scanner.orders import AGAINST_SELLERS, Answer, LookOutcome, Receipt, Shows, Sight, Weight, ways_of
from scanner.platforms import adapter_of
from scanner.takedown.sighting import judge, sight_of
from scanner.takedown.telling import Adapter, PlatformSettings
from tests.fakes import NOON


def sights(bench, order) -> list[Sight]:
    """What all ways show, long after the order."""
    return [
        sight_of(
            bench.platform.look(order, way), way, action=order.action, accepted_at=NOON.replace(year=2020), at=NOON
        )
        for way in ways_of(bench.platform, order.action)
    ]


def judged(bench, order) -> LookOutcome:
    """What a look comes to."""
    return judge(sights(bench, order), action=order.action, before=TakedownState.ACCEPTED)


def is_a_sentence(receipt: Receipt) -> bool:
    """Something that a moderator can read: words, an end, and no credentials."""
    return receipt.says[0].isupper() and receipt.says.endswith(".") and "t" * 20 not in receipt.says


def test_what_is_hidden_is_seen_to_be_gone(bench) -> None:
    """Accepted, really done, one effect; and the looks say so without our credentials."""
    order = bench.order()
    assert judged(bench, order) is LookOutcome.STILL_LIVE

    receipt = bench.platform.send(order)
    bench.settle()
    assert receipt.is_done
    assert is_a_sentence(receipt)
    assert (bench.is_public(order.listing_id), bench.effects()) == (False, 1)
    assert judged(bench, order) is LookOutcome.VERIFIED_REMOVED


def test_undo_is_as_it_was(bench) -> None:
    """The inverse goes the same way and is seen the same way; other listings were never touched."""
    bench.platform.send(bench.order())
    bench.settle()
    inverse = bench.order("restore")
    assert judged(bench, inverse) is LookOutcome.STILL_HIDDEN

    assert bench.platform.send(inverse).is_done
    bench.settle()
    assert judged(bench, inverse) is LookOutcome.VERIFIED_RESTORED
    assert all(bench.is_public(listing_id) for listing_id in bench.listings)


def test_a_repetition_under_the_same_key_has_no_second_effect(bench) -> None:
    """Three times told, once done, each time success."""
    assert all(bench.platform.send(bench.order()).is_done for _ in range(3))
    assert bench.effects() == 1


def test_an_answer_that_is_lost_does_no_harm(bench) -> None:
    """The effect was there, the answer was not: told again, it is success and still one effect."""
    bench.fail("order", "drop_after_effect")
    lost = bench.platform.send(bench.order())
    assert lost.answer in {Answer.AWAY, Answer.FAILED}
    assert bench.platform.send(bench.order()).is_done
    assert bench.effects() == 1


def test_what_is_not_there_is_gone_already_and_cannot_come_back(bench) -> None:
    """For a removal that is success; for an inverse a person must know."""
    gone = bench.platform.send(bench.order(listing_id="99999", key="a"))
    back = bench.platform.send(bench.order("restore", listing_id="99999", key="b"))

    assert (gone.answer, back.answer) == (Answer.ALREADY, Answer.REFUSED)
    assert is_a_sentence(gone)
    assert is_a_sentence(back)


def test_a_wrong_token_is_denied_with_what_to_do(bench) -> None:
    """Orders and probes alike, and nothing is changed."""
    platform = bench.with_token("wrong" * 8)
    for receipt in (platform.send(bench.order()), platform.probe()):
        assert receipt.answer is Answer.DENIED
        assert is_a_sentence(receipt)
        assert "token" in receipt.says
    assert bench.effects() == 0


@pytest.mark.parametrize(
    ("how", "answer"),
    [
        ("429", Answer.THROTTLED),
        ("500", Answer.FAILED),
        ("503", Answer.AWAY),
        ("403", Answer.DENIED),
        ("422", Answer.REFUSED),
        ("drop", Answer.AWAY),
        ("stall", Answer.AWAY),
        ("huge", Answer.AWAY),
        ("redirect", Answer.REFUSED),
    ],
)
def test_each_failure_is_told_for_what_it_is(bench, how: str, answer: Answer) -> None:
    """No exception, no effect, the right answer, and a sentence."""
    bench.fail("order", how)
    receipt = bench.platform.send(bench.order())

    assert receipt.answer is answer, receipt
    assert is_a_sentence(receipt)
    assert receipt.retry_after == (7 if how == "429" else None)
    assert bench.effects() == 0


def test_nonsense_is_not_success(bench) -> None:
    """200 with a body that is no answer; only a webhook's receiver may leave the body out."""
    bench.fail("order", "garbage")
    receipt = bench.platform.send(bench.order())

    assert receipt.is_done is (bench.adapter is Adapter.WEBHOOK)


@pytest.mark.parametrize("how", ["500", "503", "drop", "stall", "huge", "captcha"])
def test_a_look_that_fails_proves_nothing(bench, how: str) -> None:
    """The truth could not be seen: unknown, never absent, also for what is really gone."""
    bench.platform.send(bench.order())
    bench.fail("look", how)
    seen = bench.platform.look(bench.order(), bench.platform.ways[0])

    assert seen.shows is Shows.UNKNOWN, seen.says


def test_looks_are_anonymous(bench) -> None:
    """No credentials and no cookies: what staff sees is not what buyers see."""
    order = bench.order()
    bench.platform.send(order)
    before = len(bench.asked())
    sights(bench, order)

    for asked in bench.asked()[before:]:
        assert not {"authorization", "cookie", "vendure-api-key", "delist-signature"} & asked.headers.keys()


def test_every_look_leaves_evidence(bench) -> None:
    """What was judged by is there to be kept: address, status and bytes."""
    order = bench.order()
    for way in bench.platform.ways:
        seen = bench.platform.look(order, way)
        assert seen.captures, way.name
        assert seen.captures[-1].body
        assert seen.captures[-1].url.startswith("http://127.0.0.1:")


def test_the_truth_comes_first_and_ways_have_names(bench) -> None:
    """One truth, no two ways of one name."""
    ways = bench.platform.ways
    assert [way.weight for way in ways].count(Weight.TRUTH) == 1
    assert ways[0].weight is Weight.TRUTH
    assert len({way.name for way in ways}) == len(ways) > 1


def test_a_probe_tells_whether_the_platform_is_there(bench) -> None:
    """Harmless, and honest about an outage."""
    assert bench.platform.probe().is_done
    bench.fail("order", "503")
    assert bench.platform.probe().answer is Answer.AWAY
    assert bench.effects() == 0


def test_nobody_at_the_address_is_away(bench) -> None:
    """No server, no exception, for orders, probes and looks."""
    settings = PlatformSettings(adapter=bench.adapter, url="http://127.0.0.1:9", page_url="http://127.0.0.1:9/{id}")
    platform = adapter_of(settings, "token")

    assert platform.send(bench.order()).answer is Answer.AWAY
    assert platform.probe().answer is Answer.AWAY
    assert platform.look(bench.order(), platform.ways[0]).shows is Shows.UNKNOWN


def test_what_a_platform_cannot_do_it_says(bench) -> None:
    """An action that it has no way for is refused in words, without a call that does something else."""
    receipt = bench.platform.send(bench.order("restrict"))

    assert receipt.answer is Answer.REFUSED
    assert is_a_sentence(receipt)
    assert "restrict" in receipt.says
    assert bench.effects() == 0
    assert {"hide", "restore"} <= bench.platform.actions


@pytest.mark.parametrize("action", AGAINST_SELLERS)
def test_an_account_is_closed_and_opened_again_or_it_is_said_that_it_cannot_be(bench, action: str) -> None:
    """One effect each way under one key, seen from outside where the seller has a page; never a call that does else."""
    close, reopen = bench.order(action, key="c"), bench.order(AGAINST_SELLERS[action], key="r")
    if not {action, AGAINST_SELLERS[action]} <= bench.platform.actions or action == "restrict_seller":
        receipts = [bench.platform.send(one) for one in (close, reopen)]
        assert {one.answer for one in receipts} == {Answer.REFUSED}
        assert all(is_a_sentence(one) for one in receipts)
        assert bench.effects() == 0
        return
    assert judged(bench, close) is LookOutcome.STILL_LIVE
    assert [bench.platform.send(close).is_done for _ in range(2)] == [True, True]
    assert (judged(bench, close), bench.effects()) == (LookOutcome.VERIFIED_REMOVED, 1)
    assert judged(bench, reopen) is LookOutcome.STILL_HIDDEN
    assert bench.platform.send(reopen).is_done
    assert (judged(bench, reopen), bench.effects()) == (LookOutcome.VERIFIED_RESTORED, 2)


def test_hostile_names_stay_names(bench) -> None:
    """An id or title from the platform cannot lead an order to another address."""
    for hostile in ("../../admin", "1/../2", "1?x=1", "1#", "%2e%2e", "\r\nX: y", "9" * 500, "ü", ""):
        order = bench.order(listing_id=hostile or " ")
        receipt = bench.platform.send(order)
        assert receipt.answer in {Answer.ALREADY, Answer.REFUSED}, (hostile, receipt)
        bench.platform.look(order, bench.platform.ways[0])
        seller, key = hostile or " ", f"close-{len(hostile)}"
        against = msgspec.structs.replace(order, action="close_account", key=key, seller_id=seller)
        receipt = bench.platform.send(against)
        assert receipt.answer in {Answer.ALREADY, Answer.REFUSED}, (hostile, receipt)
    assert bench.effects() == 0
