"""Contact handles in a listing: how a buyer is to reach the seller past the platform.

What counts, in this order:

- a handle behind the name of a messenger, the name in disguise too (薇❤ V信 扣扣 企鹅 飞机 绿泡泡);
- an e-mail address, also with (at), [at] or 艾特 for the sign;
- a Telegram or WhatsApp link, and ``@handle``;
- a telephone number: Chinese mobile numbers also in disguised digits, international ones behind a plus sign, any
  other behind a word such as 电话 or call.

A handle ends where its sentence does: of the full stops, hyphens and underscores behind it none is part of it.

What does not: the messenger's name alone (that is at most a diversion), a service hotline (400-, 800-, 95xxx, 10086),
a number behind 型号, 货号, 订单 and their like, an EAN, a price, a date, a list of sizes.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice

import re2

from scanner.signals.links import TOP
from scanner.signals.numerals import digits
from scanner.signals.patterns import ALNUM, Form, Pattern
from scanner.signals.phones import PATTERNS as NUMBERS
from scanner.signals.phones import phones
from scanner.signals.reading import MOST_SIGNALS, Reading
from scanner.signals.record import Signal

NAME = "contact"

# The messengers' names in use, in Latin letters and in Han characters (emoji read aloud: 🐧 is qq, ❤ is 心).
_LATIN = {
    "wechat": r"v信|v[❤心]|vx|wx|we ?chat|wei ?xin|v",
    "qq": r"q[ .\-*_]?q|q",
    "telegram": r"t ?g|te[l1]e(?:gr[a4]ms?)?|potato",
    "whatsapp": r"what'?s ?app|wa|ws",
    "other": r"line|signal|wickr|session|skype|discord|kik|snap(?:chat)?|zalo|viber|kakao ?talk|threema",
}
_HAN = {
    "wechat": r"[微薇威维徽溦][ .\-*_]?[信芯心❤�xv]|[加+][v微薇威徽]信?|[微薇]|绿泡泡|绿色软件|卫星",
    "qq": r"扣[ .\-*_]?扣|企[ .\-*_]?鹅|球球|秋秋|丘丘|蔻蔻|抠抠|口口|扣",
    "telegram": r"电报|纸?飞机|小飞机|土豆",
    "other": r"蝙蝠|密聊",
}
# Between the messenger's name and the handle.
_BETWEEN = (
    r"((?: ?(?:官方|客服|商务|账号|号码?|群|联系|方式|同号|搜索?|加|id|no|是|为|me|us|at|on))*"
    r"[ :=_\-–—.,~心❤�/|+]{0,3}@? ?)"
)
_HANDLE = r"([a-z0-9][-_.a-z0-9]{4}[-_.a-z0-9]*)"
_DIGIT = r"[ .\-_*~·•]{0,2}[0-9零〇○一二三四五六七八九壹贰叁肆伍陆柒捌玖幺oli]"
_HIDDEN = rf"([1-9一二三四五六七八九壹贰叁肆伍陆柒捌玖幺](?:{_DIGIT}){{4}}(?:{_DIGIT})*)"
# Groups: the name, what stands between, the handle in digits, the handle in letters.
_NAMED = Pattern(
    Form(rf"({'|'.join(_LATIN.values())}){_BETWEEN}(?:{_HIDDEN}|{_HANDLE})", ALNUM),
    Form(rf"({'|'.join(_HAN.values())}){_BETWEEN}(?:{_HIDDEN}|{_HANDLE})", "参增添更叠"),
)
_MAIL = Pattern(
    Form(
        r"[a-z0-9][a-z0-9._%+\-]* ?(?:@|\(at\)|\[at\]|\{at\}|艾特)"
        r" ?[a-z0-9][a-z0-9\-]*(?: ?(?:\.|\(dot\)|\[dot\]|点| dot ) ?[a-z0-9\-]{2}[a-z0-9\-]*)+",
        ALNUM,
    ),
    Form(r"[a-z0-9][a-z0-9._\-]* at [a-z0-9\-]+ dot [a-z]+", ALNUM),
    needs=("@", "[", "{", "艾", "(at", " at "),
)
_AT = Pattern(Form(r"@[a-z][a-z0-9_]{4}[a-z0-9_]*", ALNUM + "._%-", "_"), needs="@")
# What may stand behind a handle and is no part of it.
_TRAILING = ".-_"
# Behind an address: a full stop with a space, and the next sentence. Before the stop stands no space, as in a disguise.
_NEXT_SENTENCE = re2.compile(r"[^ ]\. ")
# An address written with spaces has no more parts: where a text goes on like one, this bounds the work.
_MOST_SENTENCES = 8
# Behind ``@name``: the rest of a host, "@mail.com" being half an address; a full stop alone ends a sentence.
_HOST_GOES_ON = re2.compile(r"\.+[a-z0-9_\-]")
# The number first: 12345678扣
_REVERSED = Pattern(Form(r"([1-9]\d{5,10}) ?(?:扣扣?|企鹅|卫星|q)", ALNUM + ".", ALNUM + "币"), needs="扣企卫q")
_CHAT_LINK = Pattern(
    r"(?:t\.me|telegram\.(?:me|dog)|wa\.me|api\.whatsapp\.com|line\.me|discord\.gg|u\.wechat\.com|qm\.qq\.com"
    r"|signal\.me)"
    r"/[a-z0-9_+?=&/#%.\-]{3}[a-z0-9_+?=&/#%.\-]*",
    needs="/",
)

# Where none of them matches there is no handle.
PATTERNS = (_NAMED, _MAIL, _AT, _REVERSED, _CHAT_LINK, *NUMBERS)

_ENDS = re2.compile(rf"\.{TOP}$")
_KINDS = tuple(
    (kind, re2.compile(f"{names}")) for table in (_LATIN, _HAN) for kind, names in table.items() if kind != "other"
)
# Names that are ordinary words or parts of words as well.
_SHORT = frozenset(["v", "q", "wa", "ws", "tele", "line", "signal", "session", "snap", "tg", "tg", "kik", "potato"])

# Words that follow a messenger's name in ordinary talk and in offers of accounts: no handles.
_WORDS = frozenset((
    "about", "account", "accounts", "address", "after", "aged", "amplifier", "android", "art", "before", "black",
    "boost", "booster", "bot", "bots", "bundle", "business", "cable", "cards", "channel", "channels", "charm",
    "chat", "chrome", "color", "colour", "contact", "dance", "display", "drawing", "dress", "email", "figure",
    "first", "followers", "friday", "friends", "games", "generator", "gift", "green", "group", "groups", "handle",
    "input", "iphone", "jacket", "level", "light", "login", "lte", "members", "message", "messages", "messenger",
    "meter", "mini", "monday", "nitro", "number", "numbers", "only", "output", "pack", "penguin", "phone", "photo",
    "photos", "pinned", "please", "plush", "premium", "price", "processing", "proof", "quality", "ready", "repeater",
    "score", "scores", "screen", "server", "servers", "service", "session", "sessions", "shape", "shirt", "stars",
    "sticker", "stickers", "stock", "stories", "story", "strong", "support", "token", "tokens", "trader", "trading",
    "username", "usernames", "verified", "video", "videos", "white", "wifi", "work",
))  # fmt: skip


def contacts(reading: Reading) -> tuple[Signal, ...]:
    """Every handle in the listing, each span once, in reading order; ``reads`` is ``kind:handle``."""
    found = [*_named(reading), *_reversed(reading), *_addresses(reading), *phones(reading, NAME)]
    found.sort(key=lambda signal: (signal.field, signal.start, -signal.end))
    kept: list[Signal] = []
    for signal in found:
        if kept and kept[-1].field == signal.field and signal.start < kept[-1].end:
            continue
        kept.append(signal)
    return tuple(kept[:MOST_SIGNALS])


def _named(reading: Reading) -> list[Signal]:
    found = []
    for match in reading.matches(_NAMED):
        name, between, hidden, plain = match.groups
        kind = _kind(name)
        handle = digits(hidden) if hidden else plain
        after = reading.text[match.end : match.end + 1]
        if _is_handle(kind, name, between, handle, disguised=bool(hidden), after=after):
            found.append(_signal(reading, kind, handle, match.start, match.end))
    return found


def _kind(name: str) -> str:
    for kind, pattern in _KINDS:
        if pattern.fullmatch(name):
            return kind
    return name


def _is_handle(kind: str, name: str, between: str, handle: str, *, disguised: bool, after: str) -> bool:
    """Whether what follows a messenger's name is a handle.

    - Digits alone: 5 to 11 for QQ (never behind a bare "q" without a colon), 6 to 13 for the others.
    - Letters need a digit or an underscore among them, or a colon, an equals sign or @ before them.
    - Behind a one-letter or two-letter name (v, q, wa) letters need a colon or a telling word.
    - Never a word that ordinary talk has there, a size or a unit.
    """
    told = any(mark in between for mark in ":=@") or any(word in between for word in ("号", "id", "搜", "加"))
    if disguised:
        least = 5 if kind == "qq" else 6
        return (
            least <= len(handle) <= 13
            and (name not in _SHORT or told or len(handle) >= 8)
            and not (after.isascii() and after.isalnum())
        )
    handle = handle.rstrip(_TRAILING)
    if handle in _WORDS or handle.split("-")[0] in _WORDS or len(handle) < 5:
        return False
    if kind == "qq" and not handle.isdigit():
        return handle.endswith(("@qq.com",))
    mixed = any(mark.isdigit() or mark == "_" for mark in handle) and handle[0].isalpha()
    if name in _SHORT:
        return told and (mixed or after != " ")
    return mixed or (told and after not in {" ", "'"})


def _reversed(reading: Reading) -> Iterator[Signal]:
    for match in reading.matches(_REVERSED):
        kind = "wechat" if "卫星" in reading.text[match.start : match.end] else "qq"
        yield reading.signal(NAME, match.start, match.end, reads=f"{kind}:{match.groups[0]}")


def _addresses(reading: Reading) -> Iterator[Signal]:
    for match in reading.matches(_MAIL):
        for text in _sentences(reading.text[match.start : match.end]):
            if _is_mail(address := _mail(text)):
                yield _signal(reading, "mail", address, match.start, match.start + len(text))
                break
    for match in reading.matches(_AT):
        if not _HOST_GOES_ON.match(reading.text[match.end : match.end + 4]):
            yield _signal(reading, "at", reading.text[match.start + 1 : match.end], match.start, match.end)
    for match in reading.matches(_CHAT_LINK):
        yield _signal(reading, "link", reading.text[match.start : match.end], match.start, match.end)


def _signal(reading: Reading, kind: str, handle: str, start: int, end: int) -> Signal:
    """The handle in ``text[start:end]``, which ends as it does, without what trails behind it."""
    read = handle.rstrip(_TRAILING)
    return reading.signal(NAME, start, end - len(handle) + len(read), reads=f"{kind}:{read}")


def _sentences(text: str) -> Iterator[str]:
    """``text`` up to the end of its first sentence, of its second, and so on for some, and all of it."""
    for stop in islice(_NEXT_SENTENCE.finditer(text), _MOST_SENTENCES):
        yield text[: stop.start() + 1]
    yield text.rstrip("-")


def _mail(text: str) -> str:
    for spelled, plain in ((" at ", "@"), (" dot ", "."), ("艾特", "@"), ("点", ".")):
        text = text.replace(spelled, plain)
    for bracketed, plain in (("at", "@"), ("dot", ".")):
        for left, right in ("()", "[]", "{}"):
            text = text.replace(left + bracketed + right, plain)
    return text.replace(" ", "")


def _is_mail(address: str) -> bool:
    """An address ends in a top-level domain: "em@il. Limits" is none."""
    return address.count("@") == 1 and bool(_ENDS.search(address.split("@")[1]))
