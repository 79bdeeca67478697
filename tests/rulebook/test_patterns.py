"""Patterns: what is refused, what is folded, and that no match can do without an atom."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from scanner.rulebook.patterns import atoms, fault_of, in_folded_alphabet, needs
from scanner.text.tables import load

# Each with some atoms that every match must contain one of, or none.
PATTERNS = {
    r"手[ ._*]{0,3}机[ ._*]{0,3}卡": {"手机卡"},
    r"\d+(元|块)/(条|个)": {"0元条", "5块个"},
    r"(免|不用)(实名|登记)": {"免实名", "不用登记"},
    r"[8-9]\.?5折": {"85折", "95折"},
    r"话费.{0,5}(充|折)": {"话费"},
    r"\d+(\.\d+)?\s*(元|块)?\s*一张": {"0一张", "9元一张"},
    r"(一张|每张)\s*\d+|\d+\s*(元|u)?\s*一张": {"一张3", "每张0", "0u一张"},
    r"(出|收)[^。]{0,4}(微信|抖音)号?": {"微信", "抖音"},
    r"(\d{2,4}元)?收(卡|码){2}": {"收卡码", "收码码"},
    r"(ab|c+)d?(ef)+": {"abef", "cdef"},
    r"1[3-9]\d{9}": {"1300"},
    r"(收|出)\s*": set(),
    r"\d+元": {"0元"},
    r"[^x]{1,5}": set(),
    r"(吗|呢)?$|买": set(),
}


@pytest.mark.parametrize("pattern", PATTERNS)
def test_the_atoms_of_a_pattern(pattern: str) -> None:
    """Separators vanish, alternatives multiply out, and what repeats still touches what follows."""
    found = atoms(in_folded_alphabet(pattern, load()), load())
    assert found >= PATTERNS[pattern]
    assert bool(found) == bool(PATTERNS[pattern])


@pytest.mark.parametrize("pattern", [pattern for pattern, some in PATTERNS.items() if some])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_match_contains_an_atom(pattern: str, data: st.DataObject) -> None:
    """Any text that the pattern matches, once compacted, has one of the atoms in it."""
    tables = load()
    text = data.draw(
        st.from_regex(
            pattern,
            fullmatch=True,
            alphabet="手机卡元块条个免不用实名登记折话费充一张每出收微信抖音号码abcdefu0123456789. _*/",
        )
    )
    assert any(atom in tables.compact(text) for atom in atoms(pattern, tables))


NEEDS: dict[str, list[list[set[str]]]] = {
    r"(看|查)[^。]{0,6}(他|对方)[^。]{0,10}(聊天|微信)": [[{"他", "对方"}, {"聊天", "微信"}]],
    r"话费.*(慢|充值)|监听": [[{"话费"}, {"慢", "充值"}], [{"监听"}]],
    r"(\d+元)?.{0,3}靓号": [[{"靓号"}]],
    r"^\s*[\p{Han}a-z]{2,8}(账号|号码)\s*$": [[{"账号", "号码"}]],
    r"监听|\d+": [[{"监听"}], []],
    r"(?P<open": [[]],
}


@pytest.mark.parametrize("pattern", NEEDS)
def test_what_a_match_needs(pattern: str) -> None:
    """Of every alternative all clauses, of every clause one literal; what cannot be read needs nothing."""
    found = [{*clauses} for clauses in needs(pattern, load())]
    wanted = [{frozenset(clause) for clause in clauses} for clauses in NEEDS[pattern]]
    assert found == wanted


@pytest.mark.parametrize("pattern", [pattern for pattern in NEEDS if "open" not in pattern and "Han" not in pattern])
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_match_has_what_it_needs(pattern: str, data: st.DataObject) -> None:
    """No text that the pattern matches is ruled out."""
    text = data.draw(st.from_regex(pattern, fullmatch=True, alphabet="看查他对方聊天微信话费慢充值监听元靓号0123 ，x"))
    compact = load().compact(text)
    assert any(all(any(atom in compact for atom in clause) for clause in clauses) for clauses in needs(pattern, load()))


def test_letters_are_folded_and_escapes_are_kept() -> None:
    """The pattern is written in the alphabet of the folded text."""
    assert in_folded_alphabet(r"SIM\S電\D\p{Han}(?P<N>Ａ)\x41", load()) == r"sim\S电\D\p{Han}(?P<N>a)\x41"


@pytest.mark.parametrize("pattern", [r"\d+元", r"(?i)usdt", r"\p{Han}{2}卡", r"(手|电话)卡"])
def test_patterns_that_are_good(pattern: str) -> None:
    """What RE2 reads and what matches something."""
    assert fault_of(pattern) == ""
