"""Builds the character table that the package ships: ``python -m scanner.text.build_tables`` (extra ``tables``).

Every step of normalisation that looks at one character alone is composed here, once, so that at run time one look-up
per character is all there is, and a folded text maps back to the original by construction: NFKC and case folding,
removal of invisible characters and combining marks, traditional, Japanese and variant Han forms to simplified,
look-alikes of Latin letters, enclosed letters, keycaps, and emoji that are read aloud. The output depends on the
versions of Unicode (in Python), OpenCC and pypinyin; its hash is the ``normaliser`` version that findings carry.
"""

from __future__ import annotations

import io
import sys
import unicodedata
import zipfile
from pathlib import Path
from typing import Literal

import numpy as np
import opencc
from pypinyin import Style, lazy_pinyin

from scanner.text.curated import CONFUSABLES, EMOJI, ENCLOSED, HAN_VARIANTS, MASKS, NOT_LETTERS
from scanner.text.kinds import EDGE, EXPANDS, LAST_STORED, Kind

COMMAS = set(",，、;；､﹐﹑﹔،؛︐︑")
ENDS = set("。！？!?｡．…⋯‼⁇⁈⁉؟।﹒﹖﹗︒")
LINES = set("\n\r\x0b\x0c\x85\u2028\u2029")
HANGUL = range(0xAC00, 0xD7A4)
KANA = range(0x3040, 0x3100)
HAN = (range(0x3400, 0x4DC0), range(0x4E00, 0xA000))
# One unit for every character outside the basic plane that folds to nothing inside it: a letter that no term has.
OTHER_LETTER = "\ufffd"


class Folder:
    """Folds one character at a time."""

    def __init__(self) -> None:
        """Prepare the look-ups; conversions of Han characters are OpenCC's, character by character."""
        self.converters = (opencc.OpenCC("jp2t"), opencc.OpenCC("t2s"))
        self.variants = {variant: form for form, variants in HAN_VARIANTS.items() for variant in variants}
        self.letters = {char: letter for letter, chars in CONFUSABLES for char in chars if char not in NOT_LETTERS}
        self.enclosed = {chr(first + i): char for first, chars in ENCLOSED for i, char in enumerate(chars)}
        self.emoji = {char: text for text, chars in EMOJI.items() for char in chars}

    def fold(self, char: str) -> tuple[Kind, str]:
        """What kind ``char`` is and the text it becomes; empty for what is dropped."""
        if char in LINES:
            return Kind.LINE, "\n"
        if char in self.emoji:
            return Kind.ALIAS, self.emoji[char]
        category = unicodedata.category(char)
        if char == "\t" or category == "Zs":
            return Kind.SEPARATOR, " "
        if category in {"Cc", "Cf", "Mn", "Me"} or char in "\u115f\u1160\u3164\uffa0\u2800":
            return Kind.DROPPED, ""
        if category in {"Cs", "Cn", "Co"}:
            return Kind.SEPARATOR, "\ufffc"
        return self._visible(char)

    def _visible(self, char: str) -> tuple[Kind, str]:
        """Fold a character that a reader sees."""
        if char in COMMAS:
            return Kind.COMMA, ","
        if char in ENDS:
            return Kind.END, {"！": "!", "？": "?", "…": ".", "⋯": ".", "．": "."}.get(char, char)
        text = self._letters(char)
        kept = "".join(c for c in text if self._is_kept(c))
        if not kept:
            kind = Kind.MASK if char in MASKS else Kind.SEPARATOR
            return kind, text if len(text) == 1 and ord(text) < EDGE else " "
        if text != kept and (text.startswith("(") or unicodedata.category(char).startswith("S")):
            text = kept
        return Kind.KEPT, text

    def _letters(self, char: str) -> str:
        """Fold a letter, digit or sign to what it is taken for; may be several characters."""
        if char in self.enclosed:
            return self.enclosed[char]
        if char in self.letters:
            return self.letters[char]
        if unicodedata.category(char) == "No" and unicodedata.digit(char, None) is not None:
            return str(unicodedata.digit(char))
        form: Literal["NFKC", "NFKD"] = "NFKC" if ord(char) in HANGUL or ord(char) in KANA else "NFKD"
        text = unicodedata.normalize("NFKC", unicodedata.normalize(form, char).casefold())
        text = "".join(self.letters.get(c, c) for c in unicodedata.normalize(form, text))
        text = "".join(c for c in text if unicodedata.category(c) not in {"Mn", "Me", "Cf"})
        return "".join(self._han(c) for c in text)

    def _han(self, char: str) -> str:
        if not any(ord(char) in block for block in HAN):
            other = OTHER_LETTER if unicodedata.category(char)[0] in "LN" else " "
            return char if ord(char) < EDGE else other
        simple = self.variants.get(char) or self._simplified(char)
        simple = self.variants.get(simple, simple)
        return simple if len(simple) == 1 and ord(simple) < 0xFFFF else char

    def _simplified(self, char: str) -> str:
        for converter in self.converters:
            char = converter.convert(char)
        return char

    def _is_kept(self, char: str) -> bool:
        return unicodedata.category(char)[0] in "LN" or char in {OTHER_LETTER, "\u3007"} or "\u2e80" <= char <= "\u2fdf"


def build() -> dict[str, np.ndarray]:
    """The arrays of the table, in the form that ``tables.load`` reads."""
    folder = Folder()
    units = np.zeros(LAST_STORED, np.uint16)
    kinds = np.zeros(LAST_STORED, np.uint8)
    expansions: dict[str, int] = {}
    for code in range(LAST_STORED):
        kind, text = folder.fold(chr(code))
        kinds[code] = kind
        if len(text) <= 1:
            units[code] = ord(text) if text else 0
        else:
            units[code] = expansions.setdefault(text, len(expansions))
            kinds[code] |= EXPANDS
    return {"units": units, "kinds": kinds, **_expansions(list(expansions)), **_syllables()}


def _expansions(texts: list[str]) -> dict[str, np.ndarray]:
    """Texts of several units, flat, with where each begins."""
    starts = np.cumsum([0, *map(len, texts)]).astype(np.uint32)
    return {
        "expansion_units": np.array([ord(c) for text in texts for c in text], np.uint16),
        "expansion_starts": starts,
    }


def _syllables() -> dict[str, np.ndarray]:
    """The toneless syllable of every Han character, as a number, and the syllables' spellings in that order."""
    readings: dict[int, str] = {}
    for block in HAN:
        for code in block:
            reading = lazy_pinyin(chr(code), style=Style.NORMAL, v_to_u=False)[0]
            if reading.isascii() and reading.isalpha():
                readings[code] = reading
    names = sorted(set(readings.values()))
    number = {name: i + 1 for i, name in enumerate(names)}
    syllables = np.zeros(0xA000 - 0x3400, np.uint16)
    for code, reading in readings.items():
        syllables[code - 0x3400] = number[reading]
    return {"syllables": syllables, "syllable_names": np.array(names)}


def write(path: Path, arrays: dict[str, np.ndarray]) -> None:
    """Write an .npz that is the same bytes for the same arrays: fixed times, fixed order."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for name in sorted(arrays):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, arrays[name], allow_pickle=False)
            archive.writestr(
                zipfile.ZipInfo(f"{name}.npy", (1980, 1, 1, 0, 0, 0)), buffer.getvalue(), zipfile.ZIP_DEFLATED
            )


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "characters.npz"
    write(target, build())
