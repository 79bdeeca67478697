"""Links in a listing, by their text alone: nothing is ever fetched.

``link`` is any address; ``short_link`` one whose host hides where it leads; ``lookalike_link`` one that passes itself
off as a known brand's: the brand's name in somebody else's host, with look-alike letters or digits, in punycode, or
in front of an @.
"""

from __future__ import annotations

import re2

from scanner.signals.patterns import ALNUM, Form, Pattern
from scanner.signals.reading import Reading
from scanner.signals.record import Signal
from scanner.signals.tricks import LOOK_ALIKES

_TOP = (
    r"(?:com|cn|net|org|cc|top|xyz|vip|io|me|ru|info|biz|club|shop|site|online|store|app|dev|ltd|fun|live|icu|cyou|work"
    r"|link|click|pro|co|tv|gg|hk|tw|jp|kr|uk|de|fr|su|pw|tk|ml|ga|cf|gq|ws|to|ly|at|in|us|asia|mobi|wang|ren|ink|lol|bid)"
)
# Group 1 is the address; the first form's scheme stands before it.
_ADDRESS = Pattern(
    r"(?:https?|hxxps?|ftp) ?: ?/{1,2} ?([^\s\x1e\"'<>，。；！？、）)】」]{3,200})",
    Form(
        rf"((?:[a-z0-9][a-z0-9\-]{{0,40}}\.){{1,4}}{_TOP}(?:/[a-z0-9_\-.~%?&=#/+]{{0,100}})?)",
        ALNUM + "@._/-",
        ALNUM + "@-",
    ),
    Form(rf"([a-z0-9\-]{{2,40}} ?(?:\(\.\)|\[\.\]|\{{\.\}}|\(dot\)|\[dot\]| dot |点|丶|\(点\)) ?{_TOP})", ALNUM, ALNUM),
    needs="./点丶([{d",
)

# Hosts that forward to anywhere. A platform's own short links (m.tb.cn, 3.cn) lead back to it and are none.
SHORTENERS = frozenset(
    [
        "t.cn",
        "url.cn",
        "dwz.cn",
        "suo.im",
        "suo.nz",
        "mrw.so",
        "u.nu",
        "is.gd",
        "v.gd",
        "bit.ly",
        "bitly.com",
        "cutt.ly",
        "tinyurl.com",
        "goo.gl",
        "t.co",
        "ow.ly",
        "rb.gy",
        "rebrand.ly",
        "shorturl.at",
        "s.id",
        "adf.ly",
        "bl.ink",
        "tiny.cc",
        "soo.gd",
        "t.ly",
        "lnkd.in",
        "dlvr.it",
        "buff.ly",
        "985.so",
        "sohu.gg",
        "0x3.me",
        "qrco.de",
        "reurl.cc",
        "lihi.cc",
        "lihi1.com",
        "lurl.cc",
        "pse.is",
        "ppt.cc",
        "psee.io",
        "vo.la",
        "url.kr",
        "han.gl",
        "clck.ru",
        "vk.cc",
        "goo.su",
        "1url.cz",
        "6du.in",
        "6ll.cc",
        "w.url.cn",
        "urlc.cn",
        "urlshare.cn",
        "dwz.mk",
        "dwz.date",
        "shorten.asia",
        "gg.gg",
        "linktr.ee",
        "lnk.bio",
        "bio.link",
    ]
)

# Brands that phishing pages imitate, and the domains that are their own. A name of six letters or more counts
# anywhere in a label, a shorter one only as a whole part of it.
BRANDS: dict[str, tuple[str, ...]] = {
    "taobao": ("taobao.com", "taobao.org", "taobao.net"), "alipay": ("alipay.com", "alipay.hk", "alipayplus.com"),
    "tmall": ("tmall.com", "tmall.hk"), "alibaba": ("alibaba.com", "alibaba-inc.com", "alibabagroup.com"),
    "aliyun": ("aliyun.com", "aliyuncs.com"), "weixin": ("weixin.com", "weixin.qq.com"),
    "wechat": ("wechat.com",), "tencent": ("tencent.com", "tencentcloud.com", "tencent-cloud.com"),
    "douyin": ("douyin.com",), "xiaohongshu": ("xiaohongshu.com",), "pinduoduo": ("pinduoduo.com",),
    "jingdong": ("jingdong.com",), "meituan": ("meituan.com",), "unionpay": ("unionpay.com", "unionpayintl.com"),
    "icbc": ("icbc.com.cn",), "paypal": ("paypal.com", "paypal.me", "paypalobjects.com"),
    "apple": ("apple.com", "apple.com.cn", "apple.news"), "icloud": ("icloud.com", "icloud.com.cn"),
    "google": ("google.com", "google.cn", "google.com.hk", "google.co.uk", "google.co.jp", "google.de"),
    "amazon": ("amazon.com", "amazon.cn", "amazon.co.uk", "amazon.co.jp", "amazon.de", "amazonaws.com", "amazon.fr"),
    "microsoft": ("microsoft.com", "microsoftonline.com"), "telegram": ("telegram.org", "telegram.me", "telegram.dog"),
    "whatsapp": ("whatsapp.com", "whatsapp.net"), "steamcommunity": ("steamcommunity.com",),
    "steampowered": ("steampowered.com",), "netflix": ("netflix.com",), "facebook": ("facebook.com",),
    "instagram": ("instagram.com",), "binance": ("binance.com", "binance.us"), "coinbase": ("coinbase.com",),
    "metamask": ("metamask.io",), "walmart": ("walmart.com", "walmart.ca"), "chase": ("chase.com",),
    "wellsfargo": ("wellsfargo.com",), "santander": ("santander.com", "santander.co.uk"), "hsbc": ("hsbc.com", "hsbc.com.hk"),
    "royalmail": ("royalmail.com",), "usps": ("usps.com",), "fedex": ("fedex.com",), "dhl": ("dhl.com", "dhl.de"),
    "roblox": ("roblox.com",), "discord": ("discord.com", "discord.gg", "discordapp.com"),
}  # fmt: skip

_LEET = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "8": "b", "$": "s", **LOOK_ALIKES})
_PARTS = re2.compile(r"[\-_]")
# Names that end like a host and are none.
_NO_HOSTS = frozenset(("asp.net", "vb.net", "ado.net", "node.io", "no.in", "u.s.in", "vs.me", "e.g.to", "b.in", "d.co"))


def links(reading: Reading) -> tuple[Signal, ...]:
    """Every address; ``reads`` is its host."""
    found = []
    for match in reading.matches(_ADDRESS):
        host = host_of(_plain(match.groups[0]) if match.form == 2 else match.groups[0])
        if host not in _NO_HOSTS:
            found.append(reading.signal("link", match.start, match.end, reads=host))
    return tuple(found)


def _plain(text: str) -> str:
    for spelled in ("(dot)", "[dot]", " dot ", "(.)", "[.]", "{.}", "【点】", "(点)", "点", "丶"):
        text = text.replace(spelled, ".")
    return text.replace(" ", "")


def host_of(address: str) -> str:
    """The host in an address without its scheme, lower case, without port; what stands before an @ is kept."""
    for mark in "/?#":
        address = address.partition(mark)[0]
    user, at, host = address.rpartition("@")
    return user + at + host.partition(":")[0].strip(".")


def short_links(reading: Reading) -> tuple[Signal, ...]:
    """Addresses of link shorteners."""
    return tuple(_renamed(signal, "short_link") for signal in links(reading) if _bare_host(signal.reads) in SHORTENERS)


def lookalike_links(reading: Reading) -> tuple[Signal, ...]:
    """Addresses that pass themselves off as a brand's; ``reads`` is the brand or what betrays them."""
    found = []
    for signal in links(reading):
        if reason := imitates(signal.reads):
            found.append(_renamed(signal, "lookalike_link", reads=reason))
    return tuple(found)


def _bare_host(host: str) -> str:
    host = host.rpartition("@")[2]
    return host.removeprefix("www.")


def _renamed(signal: Signal, name: str, reads: str = "") -> Signal:
    return Signal(
        name=name, value=True, field=signal.field, start=signal.start, end=signal.end, text=signal.text,
        reads=reads or signal.reads,
    )  # fmt: skip


def imitates(host: str) -> str:
    """The brand that ``host`` passes itself off as, or "".

    - Something that looks like a host stands before an @.
    - After decoding punycode, a label mixes Latin letters with look-alikes of another script.
    - A brand's name, digits and look-alikes read as letters, is in a host that is not under the brand's own domains.
    """
    user, at, host = host.rpartition("@")
    if at and "." in user:
        return user
    host = ".".join(_decoded(label) for label in host.split("."))
    if any(mark in LOOK_ALIKES for mark in host) and any("a" <= mark <= "z" for mark in host.rpartition(".")[0]):
        return host.translate(_LEET)
    for brand, own in BRANDS.items():
        if _names(host, brand) and not any(host == domain or host.endswith("." + domain) for domain in own):
            return brand
    return ""


def _names(host: str, brand: str) -> bool:
    for label in host.split(".")[:-1]:
        for reading in (
            label,
            label.translate(_LEET),
            label.replace("1", "i").translate(_LEET),
            label.replace("rn", "m").replace("vv", "w"),
        ):
            if len(brand) >= 6 and brand in reading:
                return True
            if brand in _PARTS.split(reading):
                return True
    return False


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label
