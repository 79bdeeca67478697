"""Bytes to text, for pages whose declared charset may be wrong, missing or unknown.

The policy, first that applies:

1. A byte order mark says what it is.
2. Bytes that are UTF-8 throughout are UTF-8, whatever the page claims: other charsets do not come out as valid UTF-8
   by chance, except in very short texts, where a claim that fits wins.
3. The HTTP header's charset, then the page's own, if every byte fits; Windows-1252, which fits anything, after others.
4. UTF-8 or a claimed charset with a few bad bytes (one in five hundred at most), which become U+FFFD.
5. What a detector makes of a sample; failing that Windows-1252, which never fails.

Charset labels are read as browsers do (WHATWG Encoding): ``gb2312`` means GB 18030, ``latin-1`` means Windows-1252.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator

import re2
from charset_normalizer import from_bytes

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_WIDE = tuple(mark for mark, codec in _MARKS if codec != "utf-8-sig")
_MEANT = {
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "iso8859-1": "cp1252",
    "ascii": "cp1252",
    "iso8859-9": "cp1254",
    "tis-620": "cp874",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
}
# What takes nearly any byte proves nothing by taking it.
_ANYTHING = frozenset({"cp1252"})
_CLAIM = re2.compile(r"""(?i)charset\s*=\s*["']?\s*([a-z0-9_:.-]{2,40})""")
_XML_CLAIM = re2.compile(r"""(?i)<\?xml[^>]{0,100}encoding\s*=\s*["']([a-z0-9_:.-]{2,40})""")
_HEAD = 8192
_SAMPLE = 65_536
_SHORT = 24


def decode(body: bytes, content_type: str = "") -> str:
    """The text of ``body``; never fails, and never takes more than a few passes over it."""
    for mark, codec in _MARKS:
        if body.startswith(mark):
            return body.decode(codec, "replace")
    strict = _strictly(body, "utf-8")
    if strict is not None and not _is_short(body, strict):
        return strict
    claims = sorted(dict.fromkeys(_claims(body, content_type)), key=_ANYTHING.__contains__)
    if strict is not None and claims[:1] in ([], ["utf-8"]):
        return strict
    for codec in claims:
        if (text := _strictly(body, codec)) is not None:
            return text
    for codec in ("utf-8", *claims):
        text = body.decode(codec, "replace")
        if text.count("\ufffd") * 500 <= max(len(text), 500):
            return text
    return _detected(body)


def is_wide(body: bytes) -> bool:
    """Whether ASCII does not stand in ``body`` as it is: UTF-16 and UTF-32, which pages must mark."""
    return body.startswith(_WIDE)


def _claims(body: bytes, content_type: str) -> Iterator[str]:
    head = body[:_HEAD].decode("latin-1")
    for pattern, text in ((_CLAIM, content_type), (_XML_CLAIM, head), (_CLAIM, head)):
        if found := pattern.search(text):
            yield from _codec(found.group(1))


def _codec(label: str) -> Iterator[str]:
    try:
        name = codecs.lookup(label).name
        b"a".decode(name)
    except (LookupError, UnicodeError):
        return
    # A page in UTF-16 without a mark cannot have said so in ASCII: browsers read such a claim as UTF-8.
    yield "utf-8" if name.startswith(("utf-16", "utf-32", "utf-7")) else _MEANT.get(name, name)


def _strictly(body: bytes, codec: str) -> str | None:
    try:
        return body.decode(codec)
    except UnicodeDecodeError:
        return None


def _is_short(body: bytes, text: str) -> bool:
    """Whether so few bytes are beyond ASCII that valid UTF-8 may be chance."""
    if not 0 < len(body) - len(text) < _SHORT:
        # None is, or the bytes that UTF-8 takes beyond the first of a character are enough already.
        return False
    beyond = len(body) - len(body.translate(None, bytes(range(128, 256))))
    return 0 < beyond < _SHORT


def _detected(body: bytes) -> str:
    best = from_bytes(body[:_SAMPLE]).best()
    return body.decode(best.encoding if best else "cp1252", "replace")
