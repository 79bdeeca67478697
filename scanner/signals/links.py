"""Links in a listing, by their text alone: nothing is ever fetched.

``link`` is any address; ``short_link`` one whose host hides where it leads; ``lookalike_link`` one that passes itself
off as a known brand's: the brand's name in somebody else's host, with look-alike letters or digits, in punycode, or
in front of an @.
"""

from __future__ import annotations

from scanner.signals.brands import BRANDS, SHORTENERS
from scanner.signals.patterns import ALNUM, Form, Pattern
from scanner.signals.reading import Reading
from scanner.signals.record import Signal
from scanner.signals.tricks import LOOK_ALIKES

TOP = (
    r"(?:com|cn|net|org|cc|top|xyz|vip|io|me|ru|info|biz|club|shop|site|online|store|app|dev|ltd|fun|live|icu|cyou|work"
    r"|link|click|pro|co|tv|gg|hk|tw|jp|kr|uk|de|fr|su|pw|tk|ml|ga|cf|gq|ws|to|ly|at|in|us|asia|mobi|wang|ren|ink|lol|bid)"
)
# What an address is made of: anything up to a space, a mark that ends a clause, or Han characters, which go on with the
# sentence unless they are the host itself.
_INNER = r"[^\s\x{ffff}\"'<>\\,;!。()【】「」\p{Han}]"
# Group 1 is the address; the first form's scheme stands before it.
_ADDRESS = Pattern(
    rf"(?:https?|hxxps?|ftp) ?: ?/{{1,2}} ?({_INNER}{{3}}{_INNER}*|[\p{{Han}}a-z0-9\-]+\.[a-z]{{2}}{_INNER}*)",
    Form(
        rf"((?:[a-z0-9][a-z0-9\-]*\.)+{TOP}(?:/[a-z0-9_\-.~%?&=#/+]*)?)",
        ALNUM + "@._/-",
        ALNUM + "@-",
    ),
    Form(
        rf"([a-z0-9\-]{{2}}[a-z0-9\-]* ?(?:\(\.\)|\[\.\]|\{{\.\}}|\(dot\)|\[dot\]| dot |点|丶|\(点\)) ?{TOP})",
        ALNUM,
        ALNUM,
    ),
    needs=(".", "://", "点", "丶", "(", "[", "{", " dot "),
)

_LEET = str.maketrans({"0": "o", "1": "l", "3": "e", "4": "a", "5": "s", "8": "b", "$": "s", **LOOK_ALIKES})
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


def short_links(found: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """Which of the links ``found`` are a shortener's."""
    return tuple(_renamed(signal, "short_link") for signal in found if _bare_host(signal.reads) in SHORTENERS)


def lookalike_links(found: tuple[Signal, ...]) -> tuple[Signal, ...]:
    """Which of the links ``found`` pass themselves off as a brand's; ``reads`` is the brand or what betrays them."""
    reasons = ((signal, imitates(signal.reads) or _homoglyphs(signal)) for signal in found)
    return tuple(_renamed(signal, "lookalike_link", reads=reason) for signal, reason in reasons if reason)


def _homoglyphs(signal: Signal) -> str:
    """The brand, or the host, that letters of another script spell in the original characters, or ""."""
    host = host_of(signal.text.lower().partition("://")[2] or signal.text.lower())
    if not any(mark in LOOK_ALIKES for mark in host):
        return ""
    labels = host.split(".")[:-1]
    if any(not label.isascii() and any("a" <= mark <= "z" for mark in label) for label in labels):
        return signal.reads
    return next(iter(_named(host.translate(_LEET))), "")


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
    named = _named(host)
    return next((brand for brand in named if not _is_under(host, BRANDS[brand])), "")


def _is_under(host: str, domains: tuple[str, ...]) -> bool:
    return any(host == domain or host.endswith("." + domain) for domain in domains)


def _named(host: str) -> list[str]:
    """The brands that labels of ``host`` spell, as they are and as the eye takes them: paypa1, app1e, rnicrosoft."""
    labels = host.rpartition(".")[0]
    wide = labels.replace("rn", "m").replace("vv", "w")
    readings = " ".join((labels, labels.translate(_LEET), labels.replace("1", "i").translate(_LEET), wide))
    parts = frozenset(readings.replace(".", " ").replace("-", " ").replace("_", " ").split(" "))
    return [brand for brand in BRANDS if brand in parts or (len(brand) >= 6 and brand in readings)]


def _decoded(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label[4:].encode("ascii").decode("punycode")
    except (UnicodeError, ValueError):
        return label
