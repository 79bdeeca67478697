"""How many are offered or wanted, in the text, and the price of one."""

from __future__ import annotations

from scanner.signals.numerals import NUMBER, PLAIN, number
from scanner.signals.patterns import ALNUM, DIGITS, LETTERS, Form, Match, Pattern
from scanner.signals.reading import Reading
from scanner.signals.record import Signal

_MEASURE = (
    r"(?:个?(?:账|小|老|白|新)号|[万千w]粉|张|个|套|枚|条|份|件|台|组|盒|包"
    r"|本|部|把|支|单|户|人份|片|颗|双|对|箱|袋|瓶|pcs)"
)
_PIECES = (
    r"(?:pcs?|pieces?|units?|cards?|sims?|accounts?|accs?|codes?|numbers?|lines?|records?|logs?|packs?|sets?"
    r"|sheets?|items?|leads?|ids|e?mails?|keys?|devices?)\b"
)
# A number does not begin inside a word, a longer number, a price, an ordinal or a range.
_FREE = ALNUM + ".:¥$€£第/-+*"
# What follows 个 and its like decides: 个月, 个小时, 件套, 条码, 单位, 包邮 measure and name other things.
_OTHERWISE = LETTERS + "月小工点星礼钟字季世百码套邮位来"

# Group 1 of each is the number. The first is the usual way; the others are asked only where one of their words is.
_MEASURED = Pattern(
    Form(rf"({NUMBER})(?:多|来|余|\+)? ?{_MEASURE}(?:起(?:批|订|发|拿|卖|售|出|购|做))?", _FREE, _OTHERWISE),
)
_OTHERS = Pattern(
    Form(rf"({NUMBER})(?:多|来|余|\+)? ?只", _FREE, _OTHERWISE + "要收需卖能有是剩出限为"),
    Form(rf"({PLAIN} ?k?)\+? ?(?:[a-z\-]{{3,12}} )?{_PIECES}", _FREE),
    Form(r"[x×✕✖](\d{2,6})", ALNUM + ".,*×)/-", ALNUM + ".*×)-㎡米厘毫个装节芯"),
    Form(r"(\d{2,6})[x×✕✖](?:$|[,.!;)|]| (?:pcs|pieces|in stock|available))", ALNUM + ".*×/-"),
    Form(rf"({NUMBER})(?:起(?:批|订|发|拿|卖|售|出|购|做)|打包|一批)", _FREE),
    Form(
        rf"(?:库存|现货|数量|一共|总共|共计|不低于|不少于|至少|起订量?|起批量?|起拍)[:是有约 ]{{0,2}}({NUMBER})",
        after=DIGITS + LETTERS + ".元块折%年月岁天:-分小",
    ),
    Form(
        rf"(?:\bmoq|\bminimum(?: order)?|\blots? of|\bpacks? of|\bqty|\bquantity|\bstock)[ :]{{1,2}}({PLAIN} ?k?)",
        after=ALNUM + "%:/-",
    ),
    needs=(
        "只", "x", "×", "✕", "✖", "起", "打包", "一批", "库存", "现货", "数量", "共", "不低于", "不少于",
        "至少", "moq", "pc", "piece", "unit", "card", "sim", "acc", "code", "number", "line", "record",
        "log", "pack", "set", "sheet", "item", "lead", "ids", "mail", "key", "device", "minimum", "lot",
        "qty", "quantity", "stock",
    ),
)  # fmt: skip

_BULK = Pattern(
    r"批(?:量|发)|量大(?:从优|价优|优惠|可谈|优先|好谈)|大量(?:现货|供|出|收|批|有货|回收|求|要)"
    r"|长期(?:收|供|出|有货|稳定|合作|大量|招)|打包(?:价|出|走|卖|带走)|一手(?:货源|渠道|团队|批|资源)|起批|起订|起拿|源头货源|货源(?:一手|稳定|充足|直供)"
    r"|招(?:代理|下级|商)|\b(?:bulk|wholesale|resellers?|by the (?:box|lot|hundred|thousand)|large (?:quantit(?:y|ies)"
    r"|orders?)|moq|unlimited stock)\b"
)

_MONEY = r"(?:元|块钱?|¥|rmb|圆|刀|美元|美金|毛钱?|角|分钱?|u(?:sdt)?)"
_SMALL = {"毛": 0.1, "角": 0.1, "分": 0.01}
_HAN_PRICE = r"[一二两三四五六七八九十百]{1,4}"
_ONE = r"(?:张|个|条|只|枚|套|份|件|单|票|粉|号|码|次|组|户|位|人|台|赞)"
_EACH = (
    r"(?: ?(?:each|apiece|a piece|ea|per (?:piece|card|sim|account|code|unit|number|line|pc|record|sms))"
    r"|/ ?(?:pc|piece|card|sim|account|code|number|record|sms|ea))\b"
)

# Group 1 is the number, group 2 the coin (empty where it is the listing's).
_UNIT_PRICES = Pattern(
    Form(rf"(?:¥ ?)?({PLAIN}|{_HAN_PRICE}) ?({_MONEY}) ?[/每一]{_ONE}", ALNUM + ".,第*", "月小性"),
    Form(rf"({PLAIN})() ?[/每一]{_ONE}", _FREE, "月小性"),
    Form(rf"[每一1单]{_ONE}(?:只要|只需|才|卖|收|价|是|=)?({PLAIN}|{_HAN_PRICE}) ?({_MONEY})", DIGITS, "钟之享"),
    Form(rf"[$€£¥] ?({PLAIN})(){_EACH}"),
    Form(rf"({PLAIN})() ?(?:usd|eur|gbp|dollars?|bucks|cents|c)?{_EACH}", _FREE),
    needs=("/", "每", "一", "1", "单", "ea", "piece", "per "),
)


def quantities(reading: Reading) -> tuple[Signal, ...]:
    """Numbers of pieces from two up. Ordinals, months, prices and sizes are none."""
    found = []
    for match in (*reading.matches(_MEASURED), *reading.matches(_OTHERS)):
        start, digits = _own_digits(reading, match)
        count = number(digits)
        if count is not None and count.is_integer() and 2 <= count <= 1e9 and not _is_version(digits):
            found.append(reading.signal("quantity", start, match.end, value=count))
    return tuple(found)


def _is_version(digits: str) -> bool:
    """USB 3.0 card readers are not three; 1.2万 are twelve thousand."""
    return "." in digits and digits.rstrip()[-1:].isdigit()


def _own_digits(reading: Reading, match: Match) -> tuple[int, str]:
    """The number without what stands before a full-width comma, which ends a clause: 24，100张 are a hundred."""
    digits = match.groups[0]
    first, last = reading.original(match.start, match.end)
    if "," in digits and not reading.raw[first:last].count(","):
        digits = digits.rpartition(",")[2]
        return match.start + reading.text[match.start : match.end].index(digits), digits
    return match.start, digits


def bulk(reading: Reading) -> tuple[Signal, ...]:
    """Words of wholesale, with or without a number."""
    return reading.signals("bulk", _BULK)


def unit_prices(reading: Reading) -> tuple[Signal, ...]:
    """Prices of one piece that stand in the text, in the text's own currency: 0.3元/条 is 0.3, 五毛一个 is 0.5."""
    found = []
    for match in reading.matches(_UNIT_PRICES):
        digits, coin = match.groups
        price = number(digits)
        if price is not None:
            value = round(price * _SMALL.get(coin[:1], 1), 4)
            found.append(reading.signal("unit_price", match.start, match.end, value=value))
    return tuple(found)
