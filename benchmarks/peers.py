"""What a user would pick instead, each doing the nearest to our task that it can: terms and patterns over folded text.

All get the plain terms and cover words of the rulebook (no homophones, no split characters, no Latin pinyin) and the
same patterns; none of them has spans in the original text. Each is a function from texts to the number of hits, or
``None`` where its package is not installed (extra ``bench``).
"""

from __future__ import annotations

import importlib
import re
from collections.abc import Callable, Sequence
from typing import Any

from scanner.rulebook.lexicon import Entry, Pattern
from scanner.text.tables import load

Scan = Callable[[Sequence[str]], int]


def _fold_table() -> dict[int, str]:
    """The character table as ``str.translate`` wants it, separators dropped."""
    tables = load()
    return {code: folded for code in range(0x30000) if (folded := tables.compact(chr(code))) != chr(code)}


def _patterns(patterns: Sequence[Pattern]) -> list[re.Pattern[str]]:
    found = []
    for pattern in patterns:
        try:
            found.append(re.compile(pattern.re, re.IGNORECASE | re.ASCII))
        except re.error:
            continue
    return found


def re_per_term(terms: Sequence[str], patterns: Sequence[Pattern]) -> Scan:
    """A loop of ``re.search``, one for each term, on the raw text."""
    compiled = [re.compile(re.escape(term), re.IGNORECASE) for term in terms] + _patterns(patterns)
    return lambda texts: sum(1 for text in texts for one in compiled if one.search(text))


def pyahocorasick(terms: Sequence[str], patterns: Sequence[Pattern]) -> Scan:
    """``str.translate``, an Aho-Corasick automaton, and a loop of ``re.search``."""
    automaton = importlib.import_module("ahocorasick").Automaton()
    for number, term in enumerate(terms):
        automaton.add_word(term, number)
    automaton.make_automaton()
    table, compiled = _fold_table(), _patterns(patterns)

    def scan(texts: Sequence[str]) -> int:
        count = 0
        for text in texts:
            folded = text.translate(table)
            count += sum(1 for _ in automaton.iter(folded)) + sum(1 for one in compiled if one.search(text))
        return count

    return scan


def ahocorasick_rs(terms: Sequence[str], patterns: Sequence[Pattern]) -> Scan:
    """The same with the Rust automaton."""
    automaton = importlib.import_module("ahocorasick_rs").AhoCorasick(terms)
    table, compiled = _fold_table(), _patterns(patterns)

    def scan(texts: Sequence[str]) -> int:
        count = 0
        for text in texts:
            found = automaton.find_matches_as_indexes(text.translate(table), overlapping=True)
            count += len(found) + sum(1 for one in compiled if one.search(text))
        return count

    return scan


def yara_x(terms: Sequence[str], _: Sequence[Pattern]) -> Scan:
    """YARA rules of text strings on UTF-8; patterns with non-ASCII classes are beyond it."""
    module = importlib.import_module("yara_x")
    strings = "\n".join(
        f"rule t{i} {{ strings: $a = {{ {term.encode().hex(' ')} }} condition: $a }}" for i, term in enumerate(terms)
    )
    rules = module.compile(strings)
    table = _fold_table()

    def scan(texts: Sequence[str]) -> int:
        return sum(len(rules.scan(text.translate(table).encode()).matching_rules) for text in texts)

    return scan


def hyperscan(terms: Sequence[str], _: Sequence[Pattern]) -> Scan:
    """The bare scan of Hyperscan, nothing folded, nothing mapped back: the limit."""
    module = importlib.import_module("hyperscan")
    database = module.Database()
    expressions = [re.escape(term).encode() for term in terms]
    flags = module.HS_FLAG_UTF8 | module.HS_FLAG_CASELESS
    database.compile(expressions=expressions, ids=list(range(len(expressions))), flags=[flags] * len(expressions))
    found = [0]

    def seen(*_event: Any) -> None:
        found[0] += 1

    def scan(texts: Sequence[str]) -> int:
        for text in texts:
            database.scan(text.encode(), match_event_handler=seen)
        return found[0]

    return scan


PEERS: dict[str, tuple[Callable[[Sequence[str], Sequence[Pattern]], Scan], int]] = {
    "re.search per rule": (re_per_term, 40),
    "str.translate + pyahocorasick + re": (pyahocorasick, 1_000),
    "str.translate + ahocorasick-rs + re": (ahocorasick_rs, 1_000),
    "str.translate + yara-x, terms only": (yara_x, 300),
    "bare hyperscan, terms only": (hyperscan, 4_000),
}


def terms_of(entries: Sequence[Entry]) -> list[str]:
    """The distinct compact forms of all terms of two characters and more."""
    tables = load()
    return sorted({term for entry in entries if len(term := tables.compact(entry.text)) > 1})
