"""Option and attribute smuggling: what is sold or how to buy it, written where a colour or a size should be."""

from __future__ import annotations

from scanner.signals.patterns import Form, Pattern
from scanner.signals.reading import MOST_SIGNALS, Reading, is_option
from scanner.signals.record import Signal

# The names of options and attributes that describe a shape: nothing below belongs into them.
_SHAPES = (
    "颜色", "尺码", "尺寸", "款式", "型号", "材质", "品牌", "规格", "套餐", "风格", "花色", "分类", "版本",
    "口味", "大小", "产地", "售后", "color", "colour", "size", "style", "model", "brand", "material",
    "variant", "type", "option",
)  # fmt: skip
_TRADE = Pattern(
    r"免?实名|接码|收码|短信|语音卡|验证码|黑卡|白号|老号|小号(?:批|出)|首登|包(?:售后|换绑|首登|过|登录)|死号|卡密|密语|人脸",
    r"带(?:语音|短信|流水|实名|粉|圈|u盾|ck|token)|[千万]粉|(?:[一二三四五六七八九十\d]+年|满月|半年)(?:款|老?号|的)",
    r"四件套|八件套|对公|换绑|日结|包月|起批|走u|u结|担保|同号",
    Form(r"[=:,/ ;|](?:移动|联通|电信|广电)(?:卡|号)?", after="电硬支设端办厕"),
    r"\d{1,6} ?张|\d{2,5} ?(?:面值|充值)|\d+ ?充 ?\d+|(?:\d{1,2}|[一二三四五六七八九]{1,2}) ?折",
    r"\d{1,3} ?小时(?:到|内)|秒(?:到|充)|慢充|快充话费",
    r"\b(?:aged|verified|kyc|fullz|otp|no id|pva|per code|codes?|logins?|2fa|escrow)\b",
)
# A shape's option in which a trade word is quite at home.
_AT_HOME = Pattern(
    r"(?:纸|贴纸|照片|卡片|相纸|面膜|湿巾|抽纸|碟|唱片|膏药|砂纸|膜|名片|贺卡|扑克) ?\d+ ?张",
    r"\d+ ?张(?:/|一)?(?:包|装|盒|套|片|入|抽|纸|膜|贴|床|椅|桌|凳)",
    r"四件套(?:床|被|餐|刀|寝|床单|纯棉)|(?:床品?|被套|餐具|刀具|纯棉|寝具) ?[四八]件套",
    r"[一二三四五六七八九\d]+ ?折(?:叠|页|扇)",
    r"快充(?:头|线|版)|人脸识别|短信提醒",
)
# Signals that belong into no option; discounts and unit prices only into none that names a shape.
_ANYWHERE = frozenset(("contact", "diversion", "link"))
LENDING = (*sorted(_ANYWHERE), "discount", "unit_price")


def smuggled(reading: Reading, others: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """What options and attributes say that is none of theirs.

    - A contact handle, a diversion or a link in any of them (``others``: the listing's signals of those names).
    - A discount or a price per piece, or a word of the trade, in one that names a shape or nothing at all.
    """
    found = [_renamed(signal) for signal in others if is_option(signal.field) and _is_out_of_place(reading, signal)]
    spared = [(match.start, match.end) for match in reading.option_matches(_AT_HOME)]
    for match in reading.option_matches(_TRADE, most=10 * MOST_SIGNALS):
        field = reading.field_at(match.start)
        if not is_option(field) or not _is_shape(reading, field):
            continue
        if not any(first < match.end and match.start < last for first, last in spared):
            found.append(reading.signal("option_smuggling", match.start, match.end))
    return tuple(found[:MOST_SIGNALS])


def _is_out_of_place(reading: Reading, signal: Signal) -> bool:
    return signal.name in _ANYWHERE or _is_shape(reading, signal.field)


def _renamed(signal: Signal) -> Signal:
    return Signal(
        name="option_smuggling", value=True, field=signal.field, start=signal.start, end=signal.end, text=signal.text,
        reads=signal.reads or signal.name,
    )  # fmt: skip


def _is_shape(reading: Reading, field: str) -> bool:
    """Whether the option names a shape (颜色: ...) or has no name of its own."""
    key = reading.key_of(field)
    return not key or any(shape in key for shape in _SHAPES)
