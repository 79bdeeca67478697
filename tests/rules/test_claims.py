"""What a seller writes beside an offer (a warning, a denial, papers, other goods) takes it not out of the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from scanner.model import Listing, Seller
from scanner.rulebook import Rulebook, load
from scanner.scan import scan
from scanner.triage import triage

# One plain offer for each category; each is found by a rule that scores STRONG or more before anything is added.
OFFERS = {
    "account_trade": ("微信老号批发", "半年号实名号都有，直登包换，加微信 qx77821"),
    "fraud_recruitment": ("刷单兼职 日结", "招刷手，一单一结，手机就行，加微信 qx77821"),
    "game_goods": ("棋牌银商 上下分", "全天在线，秒上秒下，加微信 qx77821"),
    "gift_card": ("高价回收购物卡", "京东卡沃尔玛卡，卡密秒结，不问来源，加微信 qx77821"),
    "identity_data": ("身份证正反面 四要素", "一手料，按条卖，当天更新，加微信 qx77821"),
    "iot_card": ("物联卡 免实名", "插上就能上网，流量卡批发，加微信 qx77821"),
    "payment_instrument": ("银行卡四件套", "带U盾手机卡，支持验卡，加微信 qx77821"),
    "phishing": ("钓鱼网站源码", "仿银行页面，后台收鱼，包搭建，加微信 qx77821"),
    "phone_card": ("手机卡 免实名", "已实名的卡，插上就用，十张起，加微信 qx77821"),
    "recharge_card": ("话费慢充 八折", "72小时内到账，全国三网，量大可谈，加微信 qx77821"),
    "telecom_equipment": ("猫池 64口", "GOIP网关，批量收发短信，远程换卡，加微信 qx77821"),
    "verification_service": ("接码平台 按条", "微信验证码代收，不限国家，加微信 qx77821"),
}
STRONG = 0.75
CLAIMS = (
    "提个醒，别信。",
    "已报警。",
    "谨防上当，提醒大家",
    "实名面签 无折扣",
    "regulator, proof of address",
    "走您自己账户，不上号。",
    "求助",
    "请教：",
    "Warning: psa",
    "严禁转卖，需签合同",
)
# Innocent words that cost nothing to write; beside an offer that is told in some words they are not believed.
GOODS = (
    "送教材一本",
    "保护套 贴纸 钥匙扣",
    "正版图书，出版社发货",
    "模型摆件，手工制作",
    "全新未拆封，七天无理由",
    "我们是正规公司，可开发票，签合同",
    "纯棉材质，尺寸齐全",
    "随单附赠手机保护套一个，颜色随机",
    "中学物理教材，配套习题答案，出版社正版",
    "课程学习资料，老师推荐",
    "儿童绘本，适合三到六岁亲子阅读",
    "宠物用品，猫抓板和牵引绳",
    "Hardback book, a few pages with pencil notes",
)
MORE = "。要几个说一声，今天付了今天就发，用不了包换，量大再便宜，长期有货，谁用都行，不用本人到场。"
PLACES: dict[str, Callable[[Listing, str], Listing]] = {
    "title": lambda it, said: msgspec.structs.replace(it, title=f"{said} {it.title}"),
    "description": lambda it, said: msgspec.structs.replace(it, description=f"{it.description} {said}"),
    "questions": lambda it, said: msgspec.structs.replace(it, questions=(said,)),
    "attributes": lambda it, said: msgspec.structs.replace(it, attributes={"备注": said}),
    "brand": lambda it, said: msgspec.structs.replace(it, brand=said),
    "hidden_text": lambda it, said: msgspec.structs.replace(it, hidden_text=said),
}


@pytest.fixture(scope="module")
def shipped() -> Rulebook:
    """The rules as shipped."""
    return load()


def _offer(category: str, contact: bool) -> Listing:
    title, description = OFFERS[category]
    said = description if contact else description.replace("，加微信 qx77821", "")
    return Listing(platform="t", listing_id=category, title=title, description=said)


def _best(listings: list[Listing], rulebook: Rulebook) -> list[float]:
    return [max((it.score for it in found if it.queues), default=0.0) for found in scan(listings, rulebook)]


@pytest.mark.parametrize("contact", [True, False])
def test_the_offers_are_strong(shipped: Rulebook, contact: bool) -> None:
    """Otherwise the test below would say nothing."""
    offers = [_offer(category, contact) for category in OFFERS]
    weak = {it.listing_id: best for it, best in zip(offers, _best(offers, shipped), strict=True) if best < STRONG}
    assert weak == {}


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("contact", [True, False])
def test_no_claim_takes_one_out_of_the_queue(shipped: Rulebook, place: str, contact: bool) -> None:
    """Ceiling 0: each offer with each claim stays queued, wherever the claim stands."""
    cases = [(category, said) for category in OFFERS for said in CLAIMS]
    best = _best([PLACES[place](_offer(category, contact), said) for category, said in cases], shipped)
    assert [case for case, score in zip(cases, best, strict=True) if score < 0.5] == []


# A title that complains or asks, and a refusal to deal in the description: both are needed for the guard of posts.
POSTS = (("求助", "谢绝中介。"), ("避雷", "不转让。"), ("吐槽", "别图便宜。"), ("PSA", "not selling fakes."))


@pytest.mark.parametrize("contact", [True, False])
def test_no_post_takes_one_out_of_the_queue(shipped: Rulebook, contact: bool) -> None:
    """Ceiling 0: an offer dressed as a post that asks or warns stays queued."""
    cases = [(category, title, said) for category in OFFERS for title, said in POSTS]
    posts = [PLACES["title"](PLACES["description"](_offer(it, contact), said), title) for it, title, said in cases]
    assert [case for case, score in zip(cases, _best(posts, shipped), strict=True) if score < 0.5] == []


LAWFUL = "四件套，纯棉面料，床单被套枕套齐全，洗过一次，没有破洞，颜色很正，尺寸一米八，同城可以自提，邮费另算。"
ELSEWHERE: dict[str, Callable[[str], dict[str, Any]]] = {
    "questions": lambda said: {"questions": (said,)},
    "brand": lambda said: {"brand": said},
    "seller.name": lambda said: {"seller": Seller(name=said)},
    "options": lambda said: {"options": (said,)},
}


@pytest.mark.parametrize("place", ELSEWHERE)
def test_harmless_goods_hide_no_offer_beside_them(shipped: Rulebook, place: str) -> None:
    """Ceiling 0: a passage is looked for wherever rules of words look."""
    offers = ("手机卡 免实名 一百张起 微信abc12345", "银行卡四件套 带U盾手机卡 支持验卡 飞机 qx77821")
    listings = [
        Listing(platform="t", listing_id="1", title="纯棉四件套", description=LAWFUL, **ELSEWHERE[place](said))
        for said in offers
    ]
    assert min(_best(listings, shipped)) >= 0.5


@pytest.mark.parametrize("place", ["title", "description"])
def test_no_other_goods_take_one_out_of_the_queue(shipped: Rulebook, place: str) -> None:
    """Ceiling 0: the same of the words of lawful goods, where the offer is told in a few sentences."""
    told = {category: _offer(category, contact=False) for category in OFFERS}
    told = {key: msgspec.structs.replace(it, description=it.description + MORE) for key, it in told.items()}
    cases = [(category, said) for category in OFFERS for said in GOODS]
    best = _best([PLACES[place](told[category], said) for category, said in cases], shipped)
    assert [case for case, score in zip(cases, best, strict=True) if score < 0.5] == []


def test_no_other_goods_hide_what_options_tell(shipped: Rulebook) -> None:
    """The offer in its options and no description. What is told in two short lines may be lost: at most one in ten."""
    told = [_offer(category, contact=False) for category in OFFERS]
    bare = [msgspec.structs.replace(it, description="", options=(it.description + MORE,)) for it in told]
    cases = [PLACES["title"](it, said) for it in bare for said in GOODS]
    lost = sum(score < 0.5 for score in _best(cases, shipped))
    assert lost <= len(cases) // 10


@pytest.mark.parametrize("word", ["教材", "保护套", "出版社", "说明书"])
@pytest.mark.parametrize(
    "title",
    [
        "手机卡免实名 随时发货 可邮寄全国",
        "代收短信验证码 全网平台 一条一块",
        "游戏点卡 低价代充 七折 秒到账",
    ],
)
def test_a_word_of_other_goods_behind_a_bare_title_hides_nothing(shipped: Rulebook, title: str, word: str) -> None:
    """What the title itself reads like is asked, too: there is no description to tell."""
    listing = Listing(platform="t", listing_id="1", title=f"{title} {word}")
    assert triage(listing, scan([listing], shipped)[0]) is not None


@pytest.mark.parametrize("gift", ["送贴纸", "赠贴纸", "送取卡针", "送卡套", "赠钥匙扣"])
@pytest.mark.parametrize("title", ["手机号 免实名 月租8元", "出移动手机号码 免实名", "手机卡 免实名 一手"])
def test_what_is_given_with_a_card_is_not_what_is_sold(shipped: Rulebook, title: str, gift: str) -> None:
    """A free sticker makes no stationer of who sells numbers; who sells stickers is one."""
    offer, lawful = (
        Listing(platform="t", listing_id="1", title=text) for text in (f"{title} {gift}", f"手机号码贴纸 挪车 {gift}")
    )
    assert triage(offer, scan([offer], shipped)[0]) is not None
    assert triage(lawful, scan([lawful], shipped)[0]) is None


@pytest.mark.parametrize(
    ("text", "is_offer"),
    [
        ("代开企业支付宝 法人不到场", True),
        ("诚招卡农 日结500 只需一张卡", True),
        ("u盾+卡+身份证 全套 一手", True),
        ("出接码号 月租三元", True),
        ("阿里云短信验证码接口 开发文档 教程", False),
        ("空号检测仪 通信维护工具 一台200元", False),
        ("短信猫 开发板 学习", False),
    ],
)
def test_what_policy_staff_found(shipped: Rulebook, text: str, is_offer: bool) -> None:
    """Titles that somebody who knows the trade wrote to try the rules."""
    listing = Listing(platform="t", listing_id="1", title=text)
    assert (triage(listing, scan([listing], shipped)[0]) is not None) is is_offer
