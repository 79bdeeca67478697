"""Cases on listings that are nearly the same: who belongs together, who does not, and one decision for all of them."""

from __future__ import annotations

import pytest

from scanner.errors import NotFound
from scanner.model import CaseState, Ruling, Seller
from scanner.moderation import bulk, cases, clusters
from scanner.moderation.records import BatchState, ItemState
from scanner.store import Store
from tests.fakes import GRAVE, LI, MILD, NOON, Clock, Intake, fetched, ruled

BOTH = pytest.mark.databases("sqlite", "postgresql")

TEMPLATE = (
    "免实名手机卡 现货 全国通用 当天发货 支持批量 售后无忧 量大从优 长期稳定 欢迎老客户回购 详情看主图 不懂的勿扰 "
    "本店所有商品均为现货 下单后请留言 大量采购可以优惠 {} 诚信经营 祝您生活愉快 谢谢光临本店"
)
OTHER = "免实名手机卡 出一张自己用剩的卡 因为换了号码 卡还在有效期里 可以当面交易 只在本市 非诚勿扰 价格可以商量一点点"
COMMON = TEMPLATE.format("") + " 加微信 {} 联系 "
HALF = COMMON + "我们还有另外一些货品 请到店里慢慢看 有问题随时问 周末也有人值班 节假日照常发货 请放心购买"
FRIEND = COMMON + "这是朋友转让的一批东西 数量不多 卖完就没有了 想要的赶紧下单 不议价 不退不换 看清楚再拍下"


def together(store: Store) -> list[list[int]]:
    """The clusters by their members."""
    clusters.refresh(store, now=NOON)
    found = clusters.clusters(store)
    return sorted([member.case_id for member in clusters.members(store, one.id)] for one in found)


def sold_by(number: int) -> Seller:
    """Another seller for each number."""
    return Seller(id=f"s{number}", name=f"Shop {number}")


@BOTH
def test_the_same_form_filled_in_differently_is_one_cluster(store: Store, intake: Intake) -> None:
    """From different sellers, with other numbers, wide letters and emoji; another text of the same kind is not."""
    texts = [TEMPLATE.format("A1"), TEMPLATE.format("库存充足"), TEMPLATE.format("Ａ１ 🔥"), OTHER]
    intake(*(fetched(str(n), "offer", description=text, seller=sold_by(n)) for n, text in enumerate(texts)))

    assert together(store) == [[1, 2, 3]]
    (member,) = [one for one in clusters.members(store, 1) if one.case_id == 2]
    assert 0.8 <= member.similarity < 1
    assert cases.show(store, 2).history[-1].kind == "case.clustered"


def test_half_the_text_is_enough_with_the_same_seller_or_contact(store: Store, intake: Intake) -> None:
    """And not enough without."""
    intake(
        fetched("1", "offer", description=HALF.format("wxqiang8899"), seller=sold_by(1)),
        fetched("2", "offer", description=FRIEND.format("wxqiang8899"), seller=sold_by(2)),
        fetched("3", "offer", description=FRIEND.format("wxlaowang7766"), seller=sold_by(3)),
    )
    assert together(store) == [[1, 2]]
    shares = {member.case_id: member.shares for member in clusters.members(store, 1)}
    assert shares[2] == ("the same contact",)


def test_short_titles_of_one_seller_that_differ_in_a_number_are_one_cluster(store: Store, intake: Intake) -> None:
    """Another seller's title of the same few words is not enough."""
    titles = ["免实名手机卡 10张起批", "免实名手机卡 20张起批", "免实名手机卡 35张起批"]
    intake(*(fetched(str(n), title, seller=sold_by(n // 2)) for n, title in enumerate(titles)))

    assert together(store) == [[1, 2]]
    assert clusters.members(store, 1)[1].shares == ("the same seller",)


@BOTH
def test_comparing_again_changes_nothing_until_something_is_new(store: Store, intake: Intake) -> None:
    """What was compared is not compared again; a new listing, or a changed one, is."""
    intake(fetched("1", TEMPLATE.format(1)), fetched("2", TEMPLATE.format(2)))
    assert clusters.refresh(store, now=NOON) == clusters.Grouped(compared=2, joined=1)
    assert clusters.refresh(store, now=NOON) == clusters.Grouped(compared=0, joined=0)

    intake(fetched("3", TEMPLATE.format(3)), fetched("2", TEMPLATE.format(22)))
    assert clusters.refresh(store, now=NOON) == clusters.Grouped(compared=2, joined=2)
    assert together(store) == [[1, 2, 3]]


@BOTH
def test_another_category_is_another_matter(store: Store, intake: Intake) -> None:
    """A case that has been decided still leads its cluster; what waits is counted."""
    intake(*(fetched(str(number), TEMPLATE.format(number)) for number in range(4)))
    clusters.refresh(store, now=NOON)
    ruled(store, 1, Ruling.REMOVE)

    found = clusters.cluster_of(store, 3)
    assert found is not None
    assert (found.first_case, found.size, found.waiting) == (1, 4, 3)
    assert clusters.clusters(store, category="gift_card") == ()
    assert clusters.cluster_of(store, 99) is None


def test_one_decision_for_all_members_once_some_were_looked_at(store: Store, intake: Intake) -> None:
    """Each member has its own outcome, order and event; one that somebody has taken meanwhile says so."""
    intake(*(fetched(str(number), TEMPLATE.format(number)) for number in range(12)), fetched("x", MILD))
    clusters.refresh(store, now=NOON)
    batch = clusters.prepare(store, 1, Ruling.REMOVE, reason="no_real_name", actor=LI, now=NOON)
    for item in bulk.items(store, batch.id, is_sampled=True):
        bulk.look(store, batch.id, item.case_id, agrees=True, actor=LI, now=NOON)
    ruled(store, 7, Ruling.RESTRICT)
    bulk.start(store, batch.id, actor=LI, now=NOON)
    done = bulk.run(store, batch.id, clock=Clock())

    assert (done.state, done.cluster_id) == (BatchState.FINISHED, 1)
    assert done.counts == {ItemState.DONE: 11, ItemState.REFUSED: 1}
    assert cases.show(store, 13).row.case.state is CaseState.OPEN
    with pytest.raises(NotFound, match="no case of cluster 1 waits"):
        clusters.prepare(store, 1, Ruling.REMOVE, reason="no_real_name", actor=LI, now=NOON)
    with pytest.raises(NotFound, match="no cluster 9"):
        clusters.members(store, 9)


def test_a_short_text_says_too_little(store: Store, intake: Intake) -> None:
    """A few words that many use make no cluster of strangers."""
    intake(*(fetched(str(number), GRAVE + chr(0x4E00 + 97 * number), seller=sold_by(number)) for number in range(3)))
    assert all(len(members) <= 3 for members in together(store))
