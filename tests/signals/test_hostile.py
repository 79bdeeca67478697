"""Whatever a listing contains, its signals are computed in bounded time and memory and raise nothing."""

from __future__ import annotations

import random
import time

import pytest

from scanner.model import Listing
from scanner.signals import NAMES, Signals, negated
from scanner.signals.reading import MOST_CHARACTERS, MOST_SIGNALS, Reading

# Seconds for all signals of one hostile listing. A tenth of it is usual; the rest is for a busy machine.
LIMIT = 3.0
PLANES = "".join(chr(code) for code in range(0, 0x110000, 257))

HOSTILE = {
    "ten megabytes of digits": "1" * 10_000_000,
    "ten megabytes of contacts": "加微信abc_123 " * 700_000,
    "phone bait": "1 3 8 - " * 20_000,
    "han digit bait": "一三八零" * 20_000,
    "handle bait": "微信" * 30_000,
    "mail bait": "a@a." * 20_000,
    "host bait": "a." * 40_000,
    "link bait": "http://" * 10_000,
    "punycode bait": "xn--" + "a" * 50_000 + ".com",
    "punycode overflow": "http://xn--99999999999999999999.com",
    "invisible flood": "手\u200b" * 40_000,
    "combining marks": "a" + "\u0301" * 100_000,
    "bidi flood": "\u202e" * 50_000,
    "cyrillic flood": "аa" * 30_000,
    "host of many labels": ("http://" + "a." * 90 + "com ") * 500,
    "surrogate in a host": "http://а\ud800.com",
    "morse bait": "- . " * 30_000,
    "base64 bait": "QUJD" * 25_000,
    "number bait": "9,999," * 20_000,
    "discount bait": "9折" * 30_000,
    "every plane": PLANES * 20,
    "lone surrogates": "\ud800\udfff" * 20_000,
    "field edges": "\uffff\x1e\x00\n" * 20_000,
    "expansions": "㎡½㋿ﷺ" * 20_000,
    "new lines": "\n" * 100_000,
    "upside down": "ǝʇʎ" * 20_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_text_is_bounded(name: str) -> None:
    """Floods and baits end within the limit, with no more signals than the stated most."""
    listing = Listing(
        platform="p",
        listing_id="1",
        title=HOSTILE[name][:200],
        description=HOSTILE[name],
        options=(HOSTILE[name][:5000],),
    )
    signals = Signals(listing)

    started = time.process_time()
    counts = [len(signals.found(each)) for each in NAMES]

    assert time.process_time() - started < LIMIT
    assert max(counts) <= MOST_SIGNALS


def test_the_end_of_a_long_text_is_read() -> None:
    """A handle behind a megabyte of filler is found, at its true offset."""
    text = "好" * 1_000_000 + "微信 abc_1988"
    found = Signals(fields=[("description", text)]).found("contact")

    assert [(signal.start, signal.text) for signal in found] == [(1_000_000, "微信 abc_1988")]


def test_what_is_read_is_bounded() -> None:
    """However many fields there are, no more than the stated number of characters is read, and the reading says so."""
    reading = Reading((f"options[{number}]", "字" * 50_000) for number in range(1_000))

    assert len(reading.raw) <= MOST_CHARACTERS + 1_000
    assert reading.is_cut


def test_a_negation_is_looked_for_nearby() -> None:
    """Text far before the term is not read."""
    text = "不卖" + "的" * 1_000_000 + "手机卡"

    assert not negated(text, len(text) - 3)


def test_random_text_raises_nothing() -> None:
    """Random code points of all planes give signals with exact spans, or none."""
    chance = random.Random(7)
    for _ in range(50):
        text = "".join(chr(chance.choice((chance.randrange(0x110000), chance.randrange(0x80)))) for _ in range(300))
        signals = Signals(fields=[("text", text)])
        for name in NAMES:
            assert all(text[signal.start : signal.end] == signal.text for signal in signals.found(name))
