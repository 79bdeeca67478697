"""Every live term through the evasions of the catalogue: is it still found, and are lawful titles spared?

``make mutations``. Each H or M term of a live rule is disguised by each trick (E01 styled letters, E02 invisible
characters, E03 separators, E04 variant characters, E05 homophones, E08 characters taken apart, E10 emoji, E11
look-alike letters and digits) and looked for between ordinary words; found means that its list has a hit there.
Homophones and split characters count for the terms whose list asks for them. The same tricks are then played on whole
lawful titles.

The tricks draw on the tables that the matcher reads too, chosen at random by seed: a disguise that is in no table is
never tried here. Read the figures as "what is known works everywhere", not as recall in the wild.
"""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from collections.abc import Callable, Iterator
from functools import cache

from benchmarks import listings
from scanner.authoring.material import ordinary_words
from scanner.model import Listing
from scanner.rulebook import Rulebook, load
from scanner.rulebook.lexicon import Entry
from scanner.rulebook.logic import lists_of
from scanner.rulebook.model import Strength
from scanner.scan import scan
from scanner.text import components, curated, joining, tables
from scanner.triage import triage

Trick = Callable[[str, random.Random], str]

MISSED_SHOWN = 6
_INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad\u0336\u034f\ufe0e\u2063"
_SEPARATORS = " .-/~·*_|、\u3000"
_STYLES = (0xFF21 - 0x41, 0x24B6 - 0x41, 0x1D400 - 0x41, 0x1D5D4 - 0x41, 0x1F130 - 0x41)


def styled(text: str, chance: random.Random) -> str:
    """E01: letters full-width, circled, bold, boxed; other characters in small brackets."""
    style = chance.choice(_STYLES)
    return "".join(
        chr(ord(char.upper()) + style)
        if char.isascii() and char.isalpha()
        else f"﹙{char}﹚"
        if char > "\u3000"
        else char
        for char in text
    )


def invisible(text: str, chance: random.Random) -> str:
    """E02: one character that nobody sees between all others."""
    return chance.choice(_INVISIBLE).join(text)


def separated(text: str, chance: random.Random) -> str:
    """E03: one or two separators between all characters."""
    return (chance.choice(_SEPARATORS) * chance.choice((1, 1, 2))).join(text)


def varied(text: str, chance: random.Random) -> str:
    """E04: traditional, Japanese and variant forms."""
    return "".join(chance.choice(_variants().get(char, char)) for char in text)


def sounded(text: str, chance: random.Random) -> str:
    """E05: one Han character by another of the same sound."""
    known = [i for i, char in enumerate(text) if _homophones().get(tables.load().reading(char))]
    if not known:
        return text
    at = chance.choice(known)
    return text[:at] + chance.choice(_homophones()[tables.load().reading(text[at])]) + text[at + 1 :]


def split(text: str, chance: random.Random) -> str:
    """E08: one character taken apart."""
    known = [i for i, char in enumerate(text) if char in components.WAYS]
    if not known:
        return text
    at = chance.choice(known)
    return text[:at] + chance.choice(components.WAYS[text[at]]) + text[at + 1 :]


def all_split(text: str, chance: random.Random) -> str:
    """E08: every character taken apart that can be, one of them with a bare radical; here and there a space between."""
    ways = [chance.choice(components.WAYS.get(char, (char,))) for char in text]
    parts = [chance.choice(("", " ")).join(way) for way in ways]
    return "".join(parts) if joining.is_apart("".join(parts)) else text


def pictured(text: str, chance: random.Random) -> str:
    """E10: a word by the emoji that is read as it."""
    known = [word for word in curated.EMOJI if word in text]
    word = chance.choice(known) if known else ""
    return text.replace(word, chance.choice(curated.EMOJI[word]), 1) if word else text


def lookalike(text: str, chance: random.Random) -> str:
    """E11: two Latin letters by Cyrillic or Greek ones, or one inner letter by a digit."""
    known = [i for i, char in enumerate(text) if char.isascii() and char.isalpha()]
    chars = list(text)
    if chance.random() < 0.3 and len(known) >= 4:
        inner = [i for i in known[1:-1] if text[i].lower() in curated.LEET and i + 1 in known and i - 1 in known]
        for at in inner[:1]:
            chars[at] = curated.LEET[text[at].lower()][0]
        return "".join(chars)
    for at in chance.sample(known, min(2, len(known))):
        options = [char for char in _lookalikes().get(text[at].lower(), "") if char not in curated.NOT_LETTERS]
        chars[at] = chance.choice(options or [text[at]])
    return "".join(chars)


TRICKS: dict[str, Trick] = {
    "E01 styled letters": styled,
    "E02 invisible characters": invisible,
    "E03 separators": separated,
    "E04 variant characters": varied,
    "E05 homophones": sounded,
    "E08 split characters": split,
    "E08 all characters split": all_split,
    "E10 emoji": pictured,
    "E11 look-alikes": lookalike,
}


@cache
def _lookalikes() -> dict[str, str]:
    return dict(curated.CONFUSABLES)


@cache
def _variants() -> dict[str, str]:
    """The characters of the basic plane that fold to each simplified one."""
    table = tables.load()
    found: dict[str, str] = defaultdict(str)
    for code in (*range(0x4E00, 0xA000), *range(0xF900, 0xFB00)):
        form = table.fold_character(chr(code))[1]
        if form != chr(code):
            found[form] += chr(code)
    return dict(found)


@cache
def _homophones() -> dict[str, str]:
    """Characters by syllable, of those that the benchmark's own texts and the curated tables use."""
    words = "".join((*components.WAYS, *curated.SHAPES, *curated.HAN_VARIANTS, *ordinary_words()))
    found: dict[str, str] = defaultdict(str)
    for char in sorted(set(words)):
        if "\u4e00" <= char < "\ua000":
            found[tables.load().reading(char)] += char
    return dict(found)


def live_terms(rulebook: Rulebook) -> list[Entry]:
    """The terms of strength H and M that a rule which queues needs or may use."""
    live = set[int]().union(*(lists_of(rule.when, negated=False) for rule in rulebook.rules if rule.status.queues))
    strong = {facts.number for facts in rulebook.lists if facts.strength is not Strength.L}
    entries = rulebook._lexicon.content.entries  # noqa: SLF001 - the terms as they were compiled
    return [entry for entry in entries if entry.list in live & strong]


def disguised(entries: list[Entry], name: str, chance: random.Random) -> Iterator[tuple[Entry, str]]:
    """The terms that a trick changes, with what becomes of them."""
    for entry in entries:
        if (name.startswith("E05") and not _by_sound(entry)) or (name == "E08 split characters" and not entry.split):
            continue
        if name[:3] in {"E02", "E03"} and len(entry.text) < 2:
            continue
        text = TRICKS[name](entry.text, chance)
        if text != entry.text:
            yield entry, text


def _by_sound(entry: Entry) -> bool:
    return entry.sound and sum("\u3400" <= char < "\ua000" for char in entry.text) >= 3


def measure(rulebook: Rulebook, *, seed: int, titles: int) -> None:
    """Print the table."""
    entries = live_terms(rulebook)
    lawful = [one.title for one in listings.titles(titles, seed=seed)] + list(ordinary_words())
    print(f"{len(entries):,} live H and M terms, {len(lawful):,} lawful titles, seed {seed}\n")
    print("| trick                    |  terms |  found | titles | queued | missed, for example")
    print("|--------------------------|-------:|-------:|-------:|-------:|---")
    for name, trick in TRICKS.items():
        chance = random.Random(seed)
        rows = list(disguised(entries, name, chance))
        documents = [(("title", f"商品 {text} 详情"),) for _, text in rows]
        present = [
            flag
            for start in range(0, len(rows), 2_000)
            for hits in [rulebook._lexicon.find(documents[start : start + 2_000])]  # noqa: SLF001
            for flag, (entry, _) in zip(hits.present, rows[start : start + 2_000], strict=True)
            for flag in [bool(flag[entry.list])]
        ]
        missed = [f"{entry.text}→{text}" for (entry, text), found in zip(rows, present, strict=True) if not found]
        queued = _queued(rulebook, [trick(title, chance) for title in lawful])
        share = sum(present) / len(rows) if rows else 1.0
        some = "  ".join(chance.sample(missed, min(MISSED_SHOWN, len(missed))))
        counts = f"{len(rows):>6,} | {share:>6.1%} | {len(lawful):>6,} | {queued / len(lawful):>6.2%}"
        print(f"| {name:<24} | {counts} | {some}", flush=True)


def _queued(rulebook: Rulebook, titles: list[str]) -> int:
    made = [Listing(platform="bench", listing_id=str(n), title=title) for n, title in enumerate(titles)]
    return sum(triage(one, found) is not None for one, found in zip(made, scan(made, rulebook), strict=True))


def main() -> None:
    """Read the options."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--titles", type=int, default=3_000)
    arguments = parser.parse_args()
    measure(load(), seed=arguments.seed, titles=arguments.titles)


if __name__ == "__main__":
    main()
