"""What the real shops of these tests sell: a few hundred goods of our own, always the same, some of them prohibited.

Ordinary goods have names near those of prohibited ones (trays and pins for SIM cards, card readers, mobile phones), so
that a shop of nothing but hammers proves nothing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Good:
    """One product: its number counts up from 1."""

    number: int
    title: str
    description: str
    category: str
    price: str
    is_prohibited: bool = False

    @property
    def sku(self) -> str:
        """An article number, as shops write them."""
        return f"RS-{self.number:05d}"


# Offers that the shipped rulebook must find whatever else it learns, and whatever shelf they stand on: cards without
# registration, verification codes, devices of telecom fraud, bank cards.
_PROHIBITED = (
    ("手机卡 免实名 10张起批", "免实名手机卡，不用实名，插卡即用，量大从优，加微信 kapifa8866 详谈。"),
    ("代接验证码 手机号接码平台", "专业接码，代收短信验证码，各类APP注册，长期接单，加V详谈。"),
    ("GOIP设备 多卡宝 猫池 32口", "GOIP 32口语音网关，远程拨号，配套猫池群发设备，包教包会。"),
    ("电话卡 不用实名 大量批发", "不用实名的电话卡，插卡即用，大量批发，加微信 kapifa8866 详谈。"),
    ("银行卡四件套 出售", "银行卡四件套，手机卡、U盾、身份证照片齐全，长期收售。"),
    ("物联网卡 免实名 不限速流量卡", "免实名物联网卡，可上网可通话，不限速，批发价，不查实名。"),
)
_ORDINARY = (
    ("SIM card tray and pin set", "Steel pins and spare trays that open the card slot of a phone."),
    ("手机卡针 取卡针 通用", "不锈钢取卡针，适用于各品牌手机，十枚装。"),
    ("USB card reader", "Reads SD and microSD cards. No driver needed."),
    ("不锈钢保温杯 500ml", "双层真空，保温十二小时，食品级不锈钢。"),
    ("Desk lamp with dimmer", "Warm white light, steel arm, cable of two metres."),
    ("折叠锤子 家用", "碳钢锤头，木柄，适合家庭修理。"),
    ("Garden hose, 20 m", "Reinforced hose with two couplings."),
    ("棉质T恤 圆领", "纯棉面料，宽松版型，多色可选。"),
    ("Kettle, cast iron", "One litre, with lid and strainer."),
    ("手机壳 防摔 透明", "软边硬底，四角气囊防摔，支持无线充电。"),
)
_CATEGORIES = ("Home > Kitchen", "Home > Garden", "Phones > Parts", "Clothing")


def goods(count: int) -> tuple[Good, ...]:
    """``count`` products; every fiftieth is prohibited."""
    return tuple(_good(number) for number in range(1, count + 1))


def _good(number: int) -> Good:
    is_prohibited = number % 50 == 7
    pool = _PROHIBITED if is_prohibited else _ORDINARY
    turn = number // 50 if is_prohibited else number
    title, description = pool[turn % len(pool)]
    return Good(
        number=number,
        title=title if is_prohibited else f"{title} {number}",
        description=f"<p>{description}</p>",
        category=_CATEGORIES[number % len(_CATEGORIES)],
        price=f"{5 + number % 90}.{number % 100:02d}",
        is_prohibited=is_prohibited,
    )
