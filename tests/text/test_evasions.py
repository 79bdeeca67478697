"""The evasion catalogue against the engine: each trick is seen through, lawful texts with the same looks are spared."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from ruamel.yaml import YAML

from scanner.rulebook.lexicon import Cover, Entry, Lexicon
from scanner.text.views import Batch

TABLE: dict[str, Any] = YAML(typ="safe").load(Path(__file__).with_name("evasions.yaml"))
TECHNIQUES = [name for name in TABLE if name.startswith("E")]


@pytest.fixture(scope="module")
def lexicon() -> Lexicon:
    """All terms of the table with every disguise switched on, each in a list of its own."""
    entries = [Entry(i, term, sound=True, split=True, pinyin=True) for i, term in enumerate(TABLE["terms"])]
    everything = tuple(range(len(entries)))
    return Lexicon.build(entries, [Cover(everything, word) for word in TABLE["covers"]])


def document(text: str) -> tuple[tuple[str, str], ...]:
    """The fields of a row of the table."""
    if " ;; " not in text:
        return (("text", text),)
    return tuple((field, value) for field, _, value in (part.partition("=") for part in text.split(" ;; ")))


def rows(kind: str) -> list[Any]:
    """Every row of that kind, named by technique and text."""
    return [
        pytest.param(row, id=f"{technique} {row}") for technique in TECHNIQUES for row in TABLE[technique].get(kind, ())
    ]


@pytest.mark.parametrize("row", rows("found"))
def test_a_disguised_term_is_found(lexicon: Lexicon, row: str) -> None:
    """Whatever the trick, the term is found, and its span lies in the original text."""
    text, _, term = row.rpartition(" | ")
    fields = document(text)
    hits = lexicon.find([fields])
    found = {TABLE["terms"][entry] for entry in hits.entry.tolist()}
    assert term in found
    for field, start, end in zip(hits.field, hits.start, hits.end, strict=True):
        assert 0 <= start < end <= len(fields[field][1])


@pytest.mark.parametrize("row", rows("spared"))
def test_a_lawful_text_is_spared(lexicon: Lexicon, row: str) -> None:
    """A lawful text with the same looks has no hit."""
    hits = lexicon.find([document(row)])
    assert [TABLE["terms"][entry] for entry in hits.entry.tolist()] == []


@pytest.mark.parametrize("row", rows("digits"))
def test_a_disguised_number_reads_as_its_digits(row: str) -> None:
    """The digits view shows the number, and every digit names its original character."""
    text, _, number = row.rpartition(" | ")
    batch = Batch([(("text", text),)])
    digits = "".join(map(chr, batch.digits[:-1].tolist()))
    assert number in digits
    slots = batch.kept.astype(np.intp)
    assert len(batch.places(slots, slots).start) == len(digits) + 1


@pytest.mark.parametrize("row", TABLE["E12"]["spared"])
def test_a_lawful_text_has_no_long_number(row: str) -> None:
    """Numerals in ordinary words do not add up to a number of seven digits."""
    batch = Batch([(("text", row),)])
    digits = "".join(char if char.isdigit() and char.isascii() else " " for char in map(chr, batch.digits.tolist()))
    assert max(map(len, digits.split()), default=0) < 7


@pytest.mark.parametrize("technique", TECHNIQUES)
def test_each_technique_has_ten_of_each(technique: str) -> None:
    """The table proves each trick by at least ten variants and ten lawful texts."""
    table = TABLE[technique]
    assert len(table.get("found", table.get("digits", ()))) >= 10
    assert len(table["spared"]) >= 10
