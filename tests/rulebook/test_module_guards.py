"""Guards of a module are guards of each of its rules."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from scanner.errors import RulebookError
from scanner.model import Listing, Seller
from scanner.rulebook import Rulebook, load
from scanner.scan import scan

GUARDS = "guards:\n  - {when: seller.licensed(any), lower: 0.5, because: a permit is verified}\n"


@pytest.mark.parametrize(
    ("licences", "scores"), [((), [0.9, 0.9]), (("营业执照",), [0.9, 0.9]), (("MVNO permit",), [0.45, 0.45])]
)
def test_they_lower_every_rule(
    book: Callable[..., Rulebook],
    make_rule: Callable[..., str],
    head: str,
    licences: tuple[str, ...],
    scores: list[float],
) -> None:
    """What holds for the seller is said once and lowers all."""
    rulebook = book(make_rule("card"), make_rule("card or free", name="two"), head=head + GUARDS)
    seller = Seller(id="s", name="Shop", licences=licences)
    listing = Listing(platform="t", listing_id="1", title="手机卡", seller=seller)
    assert [round(finding.score, 4) for finding in next(iter(scan([listing], rulebook)))] == scores


def test_a_fault_in_one_is_told_once(write: Callable[..., Path], make_rule: Callable[..., str], head: str) -> None:
    """However many rules there are, the guard stands in one place."""
    broken = GUARDS.replace("seller.licensed(any)", "crad")
    folder = write(goods=f"{head}{broken}rules:\n{make_rule('card')}{make_rule('free', name='two')}")
    with pytest.raises(RulebookError) as caught:
        load(folder, cache=None)
    assert len(caught.value.faults) == 1
    assert 'unknown name "crad"' in caught.value.faults[0]


def test_a_guard_may_be_for_weak_rules_alone(
    book: Callable[..., Rulebook], make_rule: Callable[..., str], head: str
) -> None:
    """``below`` leaves alone what scores that much or more."""
    weak = make_rule("card", name="weak").replace("    when:", "    score: 0.6\n    when:")
    guards = GUARDS.replace("lower: 0.5", "lower: 0.5, below: 0.65")
    rulebook = book(weak, make_rule("card", name="sure"), head=head + guards)
    seller = Seller(id="s", name="Shop", licences=("MVNO permit",))
    listing = Listing(platform="t", listing_id="1", title="手机卡", seller=seller)
    found = {finding.rule: finding.score for finding in scan([listing], rulebook)[0]}
    assert found == {"goods.weak": 0.3, "goods.sure": 0.9}


OFFER = "别人名字开好的，插上就能打电话收短信，不用跑营业厅，一张一百六，停了包换，要几张说，量大再谈。"
LAWFUL = "木架结实，三层可调，角上有点磨损，自提的话可以再少二十，周末都在家，搬家前想清掉，配螺丝和扳手。"


CARD = "手机卡，"
TOLD = OFFER[:25] + CARD + OFFER[25:]


@pytest.mark.usefixtures("engine")
@pytest.mark.parametrize(("key", "description", "score"), [
    # What stands around the rule's own word decides, wherever that is.
    ("", CARD + LAWFUL, 0.45), ("", TOLD, 0.9), ("", LAWFUL + TOLD + LAWFUL, 0.9),
    ("", CARD + LAWFUL * 3 + OFFER, 0.45), ("around: 0.0001, ", CARD + LAWFUL, 0.9),
    ("around: 1, ", TOLD, 0.45),
    # However often it stands harmlessly before: more often than a finding shows it.
    ("", (CARD + LAWFUL) * 14 + TOLD, 0.9), ("", (CARD + LAWFUL) * 14, 0.45),
    # Where too little is said to read like anything they are believed, as is what nobody can write.
    ("", "手机卡", 0.45), ("always: true, ", TOLD, 0.45),
])  # fmt: skip
def test_innocent_words_beside_an_offer_are_not_believed(
    book: Callable[..., Rulebook], make_rule: Callable[..., str], key: str, description: str, score: float
) -> None:
    """A seller can write them."""
    guard = f"    guards:\n      - {{when: note, lower: 0.5, {key}because: collected}}\n"
    rulebook = book(make_rule("card", more=guard))
    listing = Listing(platform="t", listing_id="1", title="收藏", description=description)
    assert [finding.score for finding in scan([listing], rulebook)[0]] == [score]


def test_a_guard_may_be_for_milder_rules_alone(
    book: Callable[..., Rulebook], make_rule: Callable[..., str], head: str
) -> None:
    """``up_to`` leaves alone what is graver."""
    grave = make_rule("card", name="grave").replace("    when:", "    severity: S4\n    when:")
    mild = make_rule("card", name="mild").replace("    when:", "    severity: S3\n    when:")
    rulebook = book(grave, mild, head=head + GUARDS.replace("lower: 0.5", "lower: 0.5, up_to: S3"))
    seller = Seller(id="s", name="Shop", licences=("MVNO permit",))
    listing = Listing(platform="t", listing_id="1", title="手机卡", seller=seller)
    assert {finding.rule: finding.score for finding in scan([listing], rulebook)[0]} == {
        "goods.grave": 0.9,
        "goods.mild": 0.45,
    }


@pytest.mark.parametrize(("other", "scores"), [("", [0.9]), ("免实名", [0.45, 0.9])])
def test_to_another_module_a_suspicious_listing_is_left_where_that_finds_it(
    book: Callable[..., Rulebook], make_rule: Callable[..., str], other: str, scores: list[float]
) -> None:
    """One word of other goods hides no offer; where they are found, nothing is filed twice."""
    guard = "    guards:\n      - {when: note, lower: 0.5, elsewhere: true, because: other goods}\n"
    rulebook = book(make_rule("card", more=guard), make_rule("free", name="two"))
    listing = Listing(platform="t", listing_id="1", title=f"收藏 {other}", description=TOLD)
    assert [finding.score for finding in scan([listing], rulebook)[0]] == scores
