"""The marketplace behind the pages: what it sells, and what orders and time do to it."""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta

import pytest

from scanner.demo import Conduct, Marketplace, OfferKind, Removal, ShopClock
from scanner.demo.clock import OPENING
from scanner.demo.disguise import Tactic
from scanner.demo.stock import FREQUENT
from scanner.errors import NotFound

CATEGORIES = {
    "phone_card", "iot_card", "recharge_card", "gift_card", "game_goods", "account_trade", "payment_instrument",
    "verification_service", "telecom_equipment", "identity_data", "fraud_recruitment", "phishing",
}  # fmt: skip


@pytest.fixture(scope="module")
def usual() -> Marketplace:
    """The marketplace in its usual size; nobody changes it."""
    return Marketplace(seed=7)


@pytest.fixture
def market() -> Marketplace:
    """A small marketplace of the test's own."""
    return Marketplace(seed=3, listings=60)


def test_the_seed_decides_everything() -> None:
    """Two marketplaces of one seed are alike in every field, those of two seeds are not."""
    one, same, other = Marketplace(seed=5), Marketplace(seed=5), Marketplace(seed=6)
    assert one.catalogue() == same.catalogue()
    assert (one.truth, one.sellers()) == (same.truth, same.sellers())
    assert one.catalogue() != other.catalogue()


def test_prohibited_goods_are_a_labelled_minority_and_half_evasive(usual: Marketplace) -> None:
    """15 to 20 % are prohibited, of all twelve categories, half evasive by every tactic; nothing else has a label."""
    prohibited = [truth for truth in usual.truth.values() if truth.kind is OfferKind.PROHIBITED]
    assert 0.15 <= len(prohibited) / len(usual.truth) <= 0.20
    assert {truth.labels[0] for truth in prohibited} == CATEGORIES
    assert sum(1 for truth in prohibited if truth.tactic) * 2 == len(prohibited)
    assert {truth.tactic for truth in prohibited} == set(Tactic)
    assert not [truth for truth in usual.truth.values() if truth.labels and truth.kind is not OfferKind.PROHIBITED]


@pytest.mark.parametrize("seed", [1, 2, 7])
def test_the_first_rule_modules_have_enough_to_find(seed: int) -> None:
    """Each of the four categories whose modules exist first has at least twelve violations, plain and evasive."""
    truths = Marketplace(seed=seed).truth.values()
    counts = Counter(label for truth in truths for label in truth.labels)
    evasive = Counter(label for truth in truths for label in truth.labels if truth.tactic)
    assert all(counts[category] >= 12 and 5 <= evasive[category] <= 8 for category in FREQUENT)


def test_every_category_has_lookalikes(usual: Marketplace) -> None:
    """Lawful look-alikes of each category are for sale beside the real thing."""
    found = {truth.about for truth in usual.truth.values() if truth.kind is OfferKind.LOOKALIKE}
    assert found == CATEGORIES


def test_licensed_offers_come_from_the_licensed(usual: Marketplace) -> None:
    """Lawful cards are sold by sellers who hold a licence beyond the business licence, and carry no label."""
    for listing_id, truth in usual.truth.items():
        if truth.kind is OfferKind.LICENSED:
            seller = usual.seller(usual.listing(listing_id).seller_id)
            assert len(seller.licences) > 1
            assert truth.labels == ()


def test_sellers_are_of_every_kind_and_both_languages(usual: Marketplace) -> None:
    """About 120 sellers: persons, shops and brand stores, and listings in Chinese and English."""
    assert len(usual.sellers()) == 120
    assert {seller.kind.value for seller in usual.sellers()} == {"person", "shop", "brand_store"}
    assert len({seller.name for seller in usual.sellers()}) == 120
    assert {listing.lang for listing in usual.catalogue()} == {"zh", "en"}


def test_listings_differ(usual: Marketplace) -> None:
    """Templates and slots make listings that are not each other's copies."""
    descriptions = Counter(listing.description for listing in usual.catalogue())
    titles = Counter(listing.title for listing in usual.catalogue())
    assert descriptions.most_common(1)[0][1] == 1
    assert len(titles) > 0.8 * len(usual.catalogue())


def test_options_differ(usual: Marketplace) -> None:
    """No listing offers one choice twice."""
    for listing in usual.catalogue():
        assert all(len(set(values)) == len(values) for values in listing.options.values())


def test_nothing_is_left_of_the_notation(usual: Marketplace) -> None:
    """No slot and no mark of a tell reaches a page."""
    for listing in usual.catalogue():
        said = repr((listing.title, listing.description, listing.options, listing.attributes, listing.questions))
        assert not set("«»") & set(said)
        assert "{" not in listing.title + listing.description


def test_a_large_marketplace_is_there_quickly() -> None:
    """Three thousand listings take well under the time of a test."""
    start = time.perf_counter()
    assert len(Marketplace(seed=1, listings=3000).catalogue()) == 3000
    assert time.perf_counter() - start < 5


@pytest.mark.parametrize(
    ("conduct", "listed", "shown", "effects"),
    [
        (Conduct.HONEST, False, False, 1),
        (Conduct.LIE, True, True, 0),
        (Conduct.SEARCH_ONLY, False, True, 1),
        (Conduct.DETAIL_ONLY, True, False, 1),
        (Conduct.SEARCH_LAGS, True, False, 1),
    ],
)
def test_hiding_follows_the_conduct(
    market: Marketplace, conduct: Conduct, listed: bool, shown: bool, effects: int
) -> None:
    """An order to hide takes effect where the listing's conduct says, and only real changes are logged."""
    target = market.catalogue()[0].id
    market.behave(target, conduct=conduct)
    market.hide(target)
    assert (market.standing(target).listed, market.standing(target).shown) == (listed, shown)
    assert (target in {item.id for item in market.catalogue()}) is listed
    assert len(market.effects) == effects


def test_a_lagging_search_catches_up(market: Marketplace) -> None:
    """A listing that left its page at once leaves lists ten minutes of the shop's clock later."""
    target = market.catalogue()[0].id
    market.behave(target, conduct=Conduct.SEARCH_LAGS)
    market.hide(target)
    market.clock.advance(minutes=9)
    assert market.standing(target).listed
    market.clock.advance(minutes=1)
    assert not market.standing(target).listed


def test_restoring_undoes_hiding(market: Marketplace) -> None:
    """Hide and restore leave the catalogue as it was; doing either twice has one effect."""
    before, target = market.catalogue(), market.catalogue()[0].id
    market.hide(target)
    market.hide(target)
    market.restore(target)
    market.restore(target)
    assert market.catalogue() == before
    assert [effect.action for effect in market.effects] == ["hide", "restore"]


def test_closing_a_shop_hides_all_it_offers(market: Marketplace) -> None:
    """A closed shop has nothing on show; reopened, what was hidden for itself stays hidden."""
    seller = Counter(item.seller_id for item in market.catalogue()).most_common(1)[0][0]
    first, *rest = market.by_seller(seller)
    market.hide(first.id)
    market.close_seller(seller)
    assert market.by_seller(seller) == []
    assert not any(market.standing(item.id).shown for item in rest)
    market.reopen_seller(seller)
    assert market.by_seller(seller) == rest


def test_a_planned_edit_happens_when_its_minutes_are_over(market: Marketplace) -> None:
    """Nothing before, a new version and a new date after."""
    item = market.catalogue()[0]
    market.plan(30, lambda: market.edit(item.id, title="换了标题"))
    market.clock.advance(minutes=29)
    assert market.listing(item.id) == item
    market.clock.advance(minutes=1)
    edited = market.listing(item.id)
    assert (edited.title, edited.version, edited.modified_at) == ("换了标题", 2, OPENING + timedelta(minutes=30))


def test_relisting_keeps_goods_and_truth(market: Marketplace) -> None:
    """Under another id, or another seller, the goods, their pictures and what is true of them are the same."""
    item = market.catalogue()[0]
    again = market.relist(item.id)
    other = market.relist(item.id, seller_id=market.other_seller(item.seller_id))
    assert len({item.id, again.id, other.id}) == 3
    assert (again.title, again.art, again.seller_id) == (item.title, item.art, item.seller_id)
    assert other.seller_id != item.seller_id
    assert market.truth[other.id].labels == market.truth[item.id].labels
    assert market.truth[other.id].relisted_from == item.id


def test_relisting_can_wait_for_the_hiding(market: Marketplace) -> None:
    """A seller who returns five minutes after a takedown does so once."""
    item = market.catalogue()[0]
    market.plan_after_hiding(item.id, 5, lambda: market.relist(item.id))
    market.clock.advance(days=1)
    assert len(market.catalogue()) == 60
    market.hide(item.id)
    assert len(market.catalogue()) == 59
    market.clock.advance(minutes=5)
    assert len(market.catalogue()) == 60
    market.restore(item.id)
    market.hide(item.id)
    market.clock.advance(minutes=5)
    assert len(market.catalogue()) == 60


def test_search_wants_every_word(market: Marketplace) -> None:
    """Titles, option names and brands are searched; a hidden listing is not found; nothing finds nothing."""
    item = market.edit(market.catalogue()[0].id, title="罕见 Zebra 商品", options={"款式": ("条纹",)})
    for query in ("zebra", "罕见 zebra", "条纹"):
        assert [found.id for found in market.search(query)] == [item.id]
    assert market.search("zebra 不存在") == market.search("") == []
    market.hide(item.id)
    assert market.search("zebra") == []


def test_categories_add_up(market: Marketplace) -> None:
    """Every listing is on the pages of its category and of those above it."""
    tops = [slug for slug, shelf in market.shelves.items() if not shelf.parent]
    assert sum(len(market.on_shelf(slug)) for slug in tops) == len(market.catalogue())
    item = market.catalogue()[0]
    assert all(item in market.on_shelf(shelf.slug) for shelf in market.path(item.shelf))


def test_unknown_ids_are_named(market: Marketplace) -> None:
    """An id that never was is told from one that is hidden."""
    with pytest.raises(NotFound, match="no listing 99"):
        market.hide("99")
    with pytest.raises(NotFound, match="no seller s0"):
        market.close_seller("s0")


def test_the_clock_runs_forwards_only() -> None:
    """It stands still until moved, and refuses to go back or to a moment without a time zone."""
    clock = ShopClock()
    assert clock.now() == clock.now() == OPENING
    assert clock.move_to(OPENING + timedelta(hours=2)) == clock.now()
    with pytest.raises(ValueError, match="forwards only"):
        clock.advance(minutes=-1)
    with pytest.raises(ValueError, match="no time zone"):
        clock.move_to((OPENING + timedelta(days=1)).replace(tzinfo=None))


def test_removal_looks_can_be_chosen(market: Marketplace) -> None:
    """How a gone listing looks is settled apart from how the order is carried out."""
    target = market.catalogue()[0].id
    market.behave(target, removal=Removal.BANNER)
    market.behave(target, conduct=Conduct.SEARCH_ONLY)
    assert market.standing(target).removal is Removal.BANNER
    assert market.standing(target).conduct is Conduct.SEARCH_ONLY
