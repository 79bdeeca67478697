"""Options and attributes that say what is sold, where a colour or a size should be."""

from __future__ import annotations

import pytest

from scanner.model import Listing
from scanner.signals import Signals


def smuggles(attributes: dict[str, str], options: tuple[str, ...] = ()) -> bool:
    """Whether a listing with these attributes and options smuggles."""
    listing = Listing(platform="p", listing_id="1", title="摆件", attributes=attributes, options=options)
    return Signals(listing).value("option_smuggling") is True


FOUND: list[tuple[dict[str, str], tuple[str, ...]]] = [
    ({"颜色": "黑卡1张"}, ()),
    ({"颜色分类": "绿色三年款 蓝色千粉款"}, ()),
    ({"尺码": "A=移动 B=联通"}, ()),
    ({"套餐": "套餐二=带短信"}, ()),
    ({"品牌": "免实名"}, ()),
    ({"型号": "9折72小时到"}, ()),
    ({"規格": "100充92"}, ()),
    ({"产地": "加V看"}, ()),
    ({"备注": "微信 abc_1988"}, ()),
    ({"Color": "aged + 2FA"}, ()),
    ({"材质": "0.3元/条"}, ()),
    ({}, ("颜色: 包首登",)),
    ({}, ("满月老号",)),
    ({}, ("红色", "500面值")),
    ({}, ("S", "M", "扣扣12345678")),
]


@pytest.mark.parametrize(("attributes", "options"), FOUND)
def test_smuggling_is_found(attributes: dict[str, str], options: tuple[str, ...]) -> None:
    """Trade words, prices and contacts under a colour, a size or nothing are smuggled in."""
    assert smuggles(attributes, options)


INNOCENT: list[tuple[dict[str, str], tuple[str, ...], str]] = [
    ({"颜色": "米白", "尺码": "XL"}, (), "a colour and a size"),
    ({"面值": "100元"}, (), "a face value stands where it belongs"),
    ({"折扣": "9折"}, (), "a discount stands where it belongs"),
    ({"规格": "贴纸50张/包"}, (), "sheets in a pack"),
    ({"规格": "100张一盒"}, (), "sheets in a box"),
    ({"颜色": "三折叠屏"}, (), "a folding screen"),
    ({"型号": "快充头20W"}, (), "a charger"),
    ({"规格": "纯棉四件套"}, (), "bed linen"),
    ({"套餐": "官方标配"}, (), "a bundle"),
    ({"运营商": "中国移动"}, (), "a carrier's own field"),
    ({"颜色": "移动电源白色"}, (), "a power bank"),
    ({"型号": "A2407"}, (), "a model"),
    ({"尺寸": "60*90cm"}, (), "a size"),
    ({"保修": "一年"}, (), "a warranty"),
    ({"size": "M / L / XL"}, (), "sizes"),
    ({}, ("红色", "蓝色", "L码"), "colours and sizes"),
    ({}, ("128G", "256G"), "sizes of memory"),
    ({}, ("单只装", "两只装"), "packs"),
]


@pytest.mark.parametrize(("attributes", "options", "why"), INNOCENT)
def test_an_ordinary_option_is_spared(attributes: dict[str, str], options: tuple[str, ...], why: str) -> None:
    """Colours, sizes, packs and values in fields of their own smuggle nothing."""
    assert not smuggles(attributes, options), why


def test_the_title_is_no_option() -> None:
    """The same words in the title are terms for rules, not smuggling."""
    listing = Listing(platform="p", listing_id="1", title="黑卡1张", description="加V", attributes={"颜色": "红"})

    assert Signals(listing).value("option_smuggling") is False
