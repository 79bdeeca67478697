"""Text that is encoded so that no word can be read."""

from __future__ import annotations

import pytest

from scanner.signals import Signals


@pytest.mark.parametrize(
    ("text", "reads"),
    [
        ("暗号 5o6l56CB 懂的", "接码"),
        ("5YWN5a6e5ZCN5omL5py65Y2h", "免实名手机卡"),
        ("UHJlLWFjdGl2YXRlZCBTSU0gY2FyZHMsIG5vIElE", "Pre-activated SIM cards, no ID"),
        ("... .. -- / -.-. .- .-. -..", "simcard"),
        ("ɯıs pǝʇɐʌıʇɔɐ", "activated"),
    ],
)
def test_an_encoded_piece_is_read(text: str, reads: str) -> None:
    """Base64 of Han characters or of words, Morse, and upside-down letters are found and read."""
    assert [signal.reads for signal in Signals(fields=[("title", text)]).found("encoded_text")] == [reads]


INNOCENT = [
    ("MacBookPro16", "a product"),
    ("RTX4090TUF", "a product"),
    ("Samsung970EVOPlus", "a product"),
    ("d41d8cd98f00b204e9800998ecf8427e", "a hash"),
    ("CERTIFICATION", "a word"),
    ("ABCDEFGH", "letters"),
    ("12345678", "digits"),
    ("/home/user/file", "a path"),
    ("- - - - - - -", "a line"),
    ("...... 好看", "dots"),
    ("— — — — —", "a line"),
    ("IPA [ˈmʌðə] ɹ", "phonetic script"),
    ("jɔmɔʃ", "a word in another alphabet"),
    ("iVBORw0KGgoAAAANSUhEUgAA", "bytes of a picture"),
]


@pytest.mark.parametrize(("text", "why"), INNOCENT)
def test_what_only_looks_encoded_is_spared(text: str, why: str) -> None:
    """Model names, hashes, lines of dashes and phonetic script hide nothing."""
    assert Signals(fields=[("title", text)]).found("encoded_text") == (), why
