"""Characters that hide words from machines, and scripts that need the same characters."""

from __future__ import annotations

import pytest

from scanner.signals import Signals

FOUND = [
    ("手\u200b机卡", "手\u200b机", "U+200B"),
    ("接\u200c码", "接\u200c码", "U+200C"),
    ("免\u2060实名", "免\u2060实", "U+2060"),
    ("卡\ufeff密", "卡\ufeff密", "U+FEFF"),
    ("SI\u200dM", "I\u200dM", "U+200D"),
    ("猫\u00ad池", "猫\u00ad池", "U+00AD"),
    ("猫\u034f池", "猫\u034f池", "U+034F"),
    ("猫\u3164池", "猫\u3164池", "U+3164"),
    ("\u202e码接", "\u202e码", "U+202E"),
    ("U\ufe0eSDT", "U\ufe0eS", "U+FE0E"),
    ("卡\u0336密", "卡\u0336密", "U+0336"),
    ("卡\u0301密", "卡\u0301密", "U+0301"),
    ("a\u0301\u0302\u0303\u0304bc", "a\u0301\u0302\u0303\u0304b", "U+0301"),
    ("8\u20dd8", "8\u20dd8", "U+20DD"),
    ("ЅIМ card", "ЅIМ", "sim"),
    ("Теlegram", "Теlegram", "telegram"),
    ("GΟIP", "GΟIP", "goip"),
    ("кaбель", "кaбель", "kaбeль"),
    ("手\U000e0041机", "手\U000e0041机", "U+E0041"),
]


@pytest.mark.parametrize(("text", "span", "reads"), FOUND)
def test_a_trick_is_found(text: str, span: str, reads: str) -> None:
    """Invisible characters and mixed scripts inside a word are shown with the characters around them."""
    found = Signals(fields=[("title", text)]).found("tricks")

    assert [(signal.text, signal.reads) for signal in found] == [(span, reads)]


INNOCENT = [
    ("می\u200cخواهم", "Persian needs the non-joiner"),
    ("क्\u200dष", "Devanagari needs the joiner"),
    ("ක්\u200dය", "Sinhala needs the joiner"),
    ("ภาษา\u200bไทย", "Thai marks line breaks with it"),
    ("ភាសា\u200bខ្មែរ", "Khmer marks line breaks with it"),
    ("👩\u200d👧 母女装", "an emoji sequence"),
    ("👩🏽\u200d💻 贴纸", "an emoji sequence with a skin tone"),
    ("❤\ufe0f 喜欢", "an emoji's presentation"),
    ("1\ufe0f\u20e3 第一", "a keycap"),
    ("🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f 旗", "a flag"),
    ("\ufeff标题", "a byte-order mark"),
    ("café résumé", "accents"),
    ("cafe\u0301", "an accent on its own"),
    ("Tiếng Việt", "accents on accents"),
    ("Tie\u0302\u0301ng Vie\u0323\u0302t", "two marks on a letter"),
    ("hyphen\u00adation", "a hyphenation point in a Latin word"),
    ("\u200f שלום \u200f", "direction marks around Hebrew"),
    ("عربي \u202bSIM\u202c", "an embedding in Arabic"),
    ("end \u200b of", "between spaces it hides nothing"),
    ("50 μm 滤网", "a unit"),
    ("10kΩ 电阻", "a unit"),
    ("α-硫辛酸", "a name"),
    ("β版", "a name"),
    ("PPARα 抗体", "a name"),
    ("USBкабель", "a brand before a Russian word"),
    ("Wi-Fi роутер", "two words"),
    ("葛\U000e0100城", "an ideographic variant"),
    ("ﷺ عربي", "a ligature"),
    ("한국어 제목", "Korean"),
    ("が゛き", "a voicing mark"),
    ("ＳＩＭ卡", "full-width is folded, not a trick"),
]


@pytest.mark.parametrize(("text", "why"), INNOCENT)
def test_a_script_that_needs_it_is_spared(text: str, why: str) -> None:
    """Joiners, marks and directions where a script or an emoji needs them are no tricks."""
    assert Signals(fields=[("title", text)]).found("tricks") == (), why
