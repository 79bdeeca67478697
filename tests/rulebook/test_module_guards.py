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
