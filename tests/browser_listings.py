"""What the queue holds that browsers are tried on: plain, evasive, hidden, hostile; with captured pages."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from html import escape
from pathlib import Path
from typing import Any

from scanner.model import EvidenceRef, Listing, Seller, SellerKind
from spiders.evidence import Evidence

SEEN = datetime(2026, 3, 1, 12, tzinfo=UTC)
SHOP = Seller(id="s1", name="华兴通讯配件店", kind=SellerKind.SHOP, licences=("business_licence",))
PERSON = Seller(id="s2", name="小林闲置", kind=SellerKind.PERSON, registered_at=datetime(2026, 2, 20, tzinfo=UTC))
# Tries to run, to load and to lead elsewhere wherever it is put.
PAYLOAD = (
    "<script>window.owned=1;alert(1)</script><img src=//evil.example/x onerror=alert(2)>"
    "\"><svg onload=alert(3)><a href='javascript:alert(4)'>x</a>{{7*7}}${7*7}"
)

TITLES = (
    "免实名手机卡 现货秒发 语音流量全开",
    "手-机-咔 免实名 大量现货",
    "物联网卡 收码专用 无需实名 500张起批",
    "扌机卡 不用实名 全国通用",
    "代收验证码 接码平台 对接API",
    "出售微信号 实名老号 包首登",
    "银行卡四件套 对公账户 全套出售",
    "猫池 16口 GOIP 网关设备 远程插卡",
    "个人信息 数据料子 一手货源",
    "刷单兼职 日结 垫付返佣",
    "回收京东E卡 卡密秒结 高价回收礼品卡",
    "话费慢充 7折代充 72小时到账",
    "低价游戏币 大量收点券 银行卡结算",
    "钓鱼网站源码 仿站搭建 后台实时",
    "SIM cards pre-registered, no ID needed, bulk",
    "WhatsApp accounts aged, SMS verified, bulk sale",
    "免实名电话卡 长期出售 加微信详谈",
    "无需实名流量卡 现货 可开收据",
    "接码服务 各大平台验证码代收",
    "出租手机卡 按天算 提供实名资料",
    "收购银行卡 高价 当天结",
    "群控系统 云手机 批量养号",
    "跑分平台 招码商 日结佣金",
    "虚拟手机号 代收短信 免实名",
)


def offer(number: int, title: str, **more: Any) -> Listing:
    """One listing of the platform ``demo``."""
    plain: dict[str, Any] = {
        "url": f"http://127.0.0.1/item/{number}",
        "description": "支持七天无理由退换。\n下单前请联系客服, 手机 13812345678, 微信 huaxing_889。",
        "options": ("10张", "50张", "100张"),
        "attributes": {"运营商": "联通", "流量": "100G"},
        "category_path": ("手机数码", "手机通讯", "流量与物联网"),
        "price": Decimal(number) + Decimal("9.90"),
        "currency": "CNY",
        "quantity": 10 * number,
        "seller": SHOP if number % 3 else PERSON,
        "seen_at": SEEN,
    }
    return Listing(platform="demo", listing_id=str(number), title=title, **(plain | more))


LISTINGS: tuple[Listing, ...] = (
    *(offer(number, title) for number, title in enumerate(TITLES, 1)),
    offer(31, "电话\u200b卡 免\u200b实\u202e名", hidden_text="免实名手机卡 接码专用", description="隐藏文字测试"),
    offer(
        32,
        f"免实名手机卡 {PAYLOAD}",
        description=PAYLOAD * 3,
        options=(PAYLOAD,),
        attributes={PAYLOAD: PAYLOAD},
        category_path=(PAYLOAD,),
        questions=(PAYLOAD,),
        url="javascript:alert(5)",
        images=("//evil.example/a.png", PAYLOAD),
        hidden_text=PAYLOAD,
        brand=PAYLOAD,
        currency="<b>X",
        seller=Seller(id=PAYLOAD, name=PAYLOAD, licences=(PAYLOAD,)),
    ),
)


def evidence_of(folder: Path, listings: Iterable[Listing]) -> dict[str, EvidenceRef]:
    """Captured pages of the listings, by listing id; that of the hostile one does all it can."""
    headers = [("Content-Type", "text/html; charset=utf-8")]
    with Evidence(folder, "browser") as file:
        return {
            one.listing_id: file.keep(
                f"http://127.0.0.1/item/{one.listing_id}",
                status=200,
                headers=headers,
                body=_page(one).encode(),
                seen_at=SEEN,
            )
            for one in listings
        }


def _page(listing: Listing) -> str:
    hostile = PAYLOAD in listing.title
    head = '<base href="//evil.example/"><meta http-equiv="refresh" content="0;url=//evil.example/">' if hostile else ""
    body = (
        f"{PAYLOAD}<link rel=stylesheet href=//evil.example/x.css><iframe src=//evil.example></iframe>"
        "<style>@import url(//evil.example/y.css); body{background:url(//evil.example/z.png)}</style>"
        "<form action=//evil.example><input name=q autofocus onfocus=alert(6)></form>"
        if hostile
        else f"<h1>{escape(listing.title)}</h1><p>{escape(listing.description)}</p><b>{listing.price} CNY</b>"
    )
    return f"<!doctype html><html><head>{head}<title>{escape(listing.title)}</title></head><body>{body}</body></html>"
