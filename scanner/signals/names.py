"""The signals there are: what a condition may name, and what it says, for the reference page."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from scanner.likeness import CATEGORIES, FEWEST_WORDS, PASSAGE, PORTION
from scanner.signals.resemblance import RESEMBLES, SUSPICIOUS_PASSAGE


class Kind(StrEnum):
    """A flag is there or not; a number can be compared, and is unknown where the listing does not say it."""

    FLAG = "flag"
    NUMBER = "number"


class Name(msgspec.Struct, frozen=True):
    """What a signal is, in one line for each language."""

    kind: Kind
    en: str
    zh: str


NAMES: dict[str, Name] = {
    "contact": Name(
        Kind.FLAG,
        "A handle to reach the seller past the platform (WeChat, QQ, telephone, Telegram, e-mail), in disguise too",
        "平台外联系方式：微信、QQ、电话、Telegram、WhatsApp、邮箱，含变形写法",
    ),
    "diversion": Name(
        Kind.FLAG,
        "A phrase that leads the buyer to another chat, a profile or a picture for price or contact",
        "引导买家到站外、主页或图片中看价格、联系方式的话",
    ),
    "see_picture": Name(
        Kind.FLAG, "Points at a picture; common in ordinary listings too", "让人看图（普通商品也常见）"
    ),
    "link": Name(Kind.FLAG, "An address of a site, spelled-out dots too", "网址，含“点”等变形写法"),
    "short_link": Name(Kind.FLAG, "An address that hides where it leads", "短链接"),
    "lookalike_link": Name(Kind.FLAG, "An address that passes itself off as a known brand's", "仿冒知名品牌的网址"),
    "quantity": Name(Kind.NUMBER, "The largest number of pieces in the text", "文字中最大的数量"),
    "bulk": Name(
        Kind.FLAG, "Words of wholesale, recruiting of resellers, long-term supply", "批量、招代理、长期供货等用语"
    ),
    "unit_price": Name(Kind.NUMBER, "The lowest price of one piece that stands in the text", "文字中最低的单价"),
    "face_value": Name(Kind.NUMBER, "The largest face value of a card or top-up in the text", "文字中最大的面值"),
    "discount": Name(
        Kind.NUMBER,
        "The lowest ratio of price to face value: 0.9 is 9折; stated, or the price field against the face value",
        "最低折扣：0.9 即 9 折；文中写明的，或售价与面值之比",
    ),
    "price": Name(Kind.NUMBER, "The price field", "标价"),
    "odd_price": Name(
        Kind.FLAG, "A price that is a code or a filler: 13.14, 0.01, 9999", "暗号或占位价格：13.14、0.01、9999"
    ),
    "stock": Name(Kind.NUMBER, "The quantity field", "库存字段"),
    "hidden_text": Name(Kind.FLAG, "Text in the page that a buyer does not see", "页面中买家看不见的文字"),
    "tricks": Name(
        Kind.FLAG,
        "Zero-width characters, bidi controls, stacked marks or mixed scripts inside words",
        "词内夹零宽字符、方向控制符、叠加符号或混用文字",
    ),
    "encoded_text": Name(Kind.FLAG, "Base64, Morse or upside-down text", "Base64、摩尔斯电码或倒写文字"),
    "option_smuggling": Name(
        Kind.FLAG,
        "Contact, price or trade words in an option or attribute where a colour or size should be",
        "在颜色、尺码等选项里夹带联系方式、价格或交易用语",
    ),
    "reviewer_address": Name(Kind.FLAG, "Text addressed to a reviewer or an AI", "写给审核员或 AI 看的话"),
    "cover_claim": Name(
        Kind.FLAG,
        "A claim that all is well (for testing only, lawful source): neutral, never exculpates",
        "“仅供测试”“正规渠道”等自我声明：中性，不能作为开脱",
    ),
    "seller_age_days": Name(
        Kind.NUMBER,
        "Days from the seller's registration to the sighting, where both are known",
        "卖家注册至今的天数（已知时）",
    ),
    RESEMBLES: Name(
        Kind.NUMBER,
        f"How much the {PORTION} words in a row that read most like a prohibited offer do so, learnt from examples:"
        f" from 0 to 1 (88% is 0.88). Without a description, or of fewer than {FEWEST_WORDS} words, only what clearly"
        " reads like an offer has a chance; of all else it is unknown",
        f"最像违禁商品的连续 {PORTION} 个词有多像（由范例学得）：0 到 1，可写 88%；"
        f"没有描述或不足 {FEWEST_WORDS} 个词时，只有明显像违禁商品的才有数值，其余未知",
    ),
    SUSPICIOUS_PASSAGE: Name(
        Kind.NUMBER,
        f"The same of {PASSAGE} words in a row, wherever they begin: harmless words around them take nothing away"
        ", as they do above. Options or attributes will do without a description",
        f"同上，但只看任意位置的连续 {PASSAGE} 个词：前后的无害文字不会使其降低；没有描述而有选项或属性也可",
    ),
} | {
    f"{RESEMBLES}.{category}": Name(
        Kind.NUMBER,
        f"The same, where {category} is what the listing resembles most; else 0",
        f"同上，且最像 {category}；否则为 0",
    )
    for category in CATEGORIES
}
