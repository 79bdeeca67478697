"""Hostile listings and broken rule files by chance, for as long as asked (default: ten minutes). ``make fuzz``.

Of listings: ``scan`` never raises; a batch gives what each listing gives by itself; a span is the original's own
characters; nothing takes longer than its length allows. Of rule files (the shipped ones with bytes exchanged, doubled
and left out): loading gives a rulebook or a ``RulebookError`` with a place, and nothing else. Ends with 1 at the first
breach, with what is needed to see it again.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from benchmarks import listings, mutations
from scanner.errors import RulebookError
from scanner.model import Finding, Listing
from scanner.rulebook import Rulebook, load
from scanner.rulebook.rulebook import MANY
from scanner.rulebook.sight import without_surrogates
from scanner.rulebook.sources import find_sources
from scanner.scan import UNREADABLE, scan

# Seconds that a listing may take beside 20 microseconds a character.
SECONDS = 1.0
PER_CHARACTER = 20e-6
_PLANES = ((0, 0x80), (0x80, 0x3000), (0x4E00, 0xA000), (0xD800, 0xE000), (0xE000, 0x10000), (0x10000, 0x110000))
_SIGNS = "\u200b\u202e\u0336\ufe0f\u20e3\uffff\ufffc\x00\x1e\n\r\u2028*.-_ ，。①㎡🐎🇶"


class Breach(Exception):
    """Something that must never happen."""


def text(chance: random.Random, words: list[str]) -> str:
    """A few pieces: words of the trade, disguised or not, signs, anything at all, one thing very often."""
    makers: tuple[Callable[[], str], ...] = (
        lambda: chance.choice(words),
        lambda: chance.choice(list(mutations.TRICKS.values()))(chance.choice(words), chance),
        lambda: "".join(chance.choices(_SIGNS, k=chance.randint(1, 12))),
        lambda: "".join(chr(chance.randrange(*chance.choice(_PLANES))) for _ in range(chance.randint(1, 40))),
        lambda: chance.choice((chance.choice(words), chance.choice(_SIGNS))) * chance.choice((3, 70, 3_000)),
        lambda: str(chance.randrange(10 ** chance.randint(1, 14))) + chance.choice("元块折张个$/一"),
    )
    weights = (8, 8, 4, 3, 0.2, 4)
    return "".join(maker() for maker in chance.choices(makers, weights, k=chance.randint(0, 25)))


def listing(chance: random.Random, words: list[str], number: int) -> Listing:
    """Anything that a seller could write, in any field."""
    return Listing(
        platform="fuzz",
        listing_id=str(number),
        text=text(chance, words) if chance.random() < 0.3 else "",
        title=text(chance, words),
        description=text(chance, words),
        hidden_text=text(chance, words) if chance.random() < 0.1 else "",
        options=tuple(text(chance, words) for _ in range(chance.choice((0, 0, 2, 40)))),
        attributes={text(chance, words)[:20]: text(chance, words) for _ in range(chance.choice((0, 0, 3)))},
        questions=tuple(text(chance, words) for _ in range(chance.choice((0, 0, 1)))),
    )


def try_listings(chance: random.Random, rulebook: Rulebook, words: list[str], patience: float = 1) -> int:
    """One batch, with a first look or without, and each of its listings by itself; how many."""
    some = [listing(chance, words, number) for number in range(chance.choice((1, 3, 20, MANY + 20)))]
    some += listings.make(2, seed=chance.randrange(1 << 30))
    chance.shuffle(some)
    size = sum(_size(one) for one in some)
    before = time.process_time()
    together = scan(some, rulebook)
    if time.process_time() - before > patience * (SECONDS + PER_CHARACTER * size):
        raise Breach(f"{time.process_time() - before:.1f} s for {size:,} characters")
    for one, findings in zip(some, together, strict=True):
        alone = scan([one], rulebook)[0]
        if alone != findings:
            other = [finding for finding in (*alone, *findings) if finding not in alone or finding not in findings]
            raise Breach(f"other findings alone ({len(alone)}) than in a batch ({len(findings)}): {other!r} of {one!r}")
        for finding in findings:
            _look_at(one, finding)
    return len(some)


def _size(one: Listing) -> int:
    fields = (one.text, one.title, one.description, one.hidden_text, *one.options, *one.questions)
    return sum(map(len, (*fields, *one.attributes, *one.attributes.values())))


def _look_at(one: Listing, finding: Finding) -> None:
    if finding.rule == UNREADABLE and "Error" in finding.reason:
        raise Breach(f"{finding.reason}: {one!r}")
    for span in finding.spans:
        if span.field in {"title", "description", "text"}:
            own = without_surrogates(getattr(one, span.field)[span.start : span.end])
            if own != span.text:
                raise Breach(f"{span} is not what stands there: {one!r}")


def try_rules(chance: random.Random, folder: Path, sources: list[bytes]) -> None:
    """A rule file with something wrong in it."""
    data = bytearray(chance.choice(sources))
    for _ in range(chance.randint(1, 12)):
        at, size = chance.randrange(len(data)), chance.choice((1, 1, 3, 40))
        piece = bytes(chance.choices(b" \n\t:-{}[]'\"|>&*!#%@0aZ\xe5\x8d\xa1\xff\x00", k=size))
        data[at : at + size] = chance.choice((piece, b"", bytes(data[at : at + size]) * 2))
    (folder / "fuzzed.yaml").write_bytes(data)
    try:
        load(folder, cache=None)
    except RulebookError as error:
        if not str(error):
            raise Breach("a fault without words") from error


def main() -> int:
    """Run until the time is over."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--seed", type=int, default=int(time.time()))
    parser.add_argument("--patience", type=float, default=1, help="so much slower than usual, as under a sanitizer")
    arguments = parser.parse_args()
    rulebook = load()
    words = [entry.text for entry in mutations.live_terms(rulebook)]
    sources = [source.content for source in find_sources()]
    end, rounds, seen, files = time.monotonic() + 60 * arguments.minutes, 0, 0, 0
    with tempfile.TemporaryDirectory() as folder:
        while time.monotonic() < end:
            chance = random.Random(arguments.seed + rounds)
            try:
                seen += try_listings(chance, rulebook, words, arguments.patience)
                if rounds % 25 == 0:
                    try_rules(chance, Path(folder), sources)
                    files += 1
            except Exception as error:  # noqa: BLE001 - whatever it is, the seed leads back to it
                print(f"seed {arguments.seed + rounds}: {type(error).__name__}: {str(error)[:4_000]}")
                return 1
            rounds += 1
    print(f"{seen:,} listings and {files:,} broken rule files in {arguments.minutes:g} minutes: nothing broke")
    return 0


if __name__ == "__main__":
    sys.exit(main())
