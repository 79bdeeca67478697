"""Every view leads back to the original characters, whatever a text contains."""

from __future__ import annotations

import unicodedata

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanner.rulebook.readings import backwards, downwards, leet, masked, without_aliases
from scanner.text.joining import is_apart
from scanner.text.kinds import EDGE, Kind
from scanner.text.tables import load
from scanner.text.views import Batch, folded

pytestmark = pytest.mark.usefixtures("engine")

# Any code point at all, lone surrogates too; what sellers play with comes often. Bare radicals are joined with their
# neighbours: see test_joining.
ANY = st.integers(0, 0x10FFFF).map(chr).filter(lambda char: not is_apart(load().fold(char)))
TRICKY = st.sampled_from(
    [*"手机卡a1.，\n *$", "㎡", "½", "ﷺ", "⑳", "📱", "🐧", "\u200b", "\u202e", "\u0301", "\ud800", "\U000e0041"]
)
TEXTS = st.text(alphabet=st.one_of(TRICKY, ANY), max_size=40)
DOCUMENTS = st.lists(st.lists(st.tuples(st.just("f"), TEXTS), max_size=4).map(tuple), max_size=5)


def characters_of(batch: Batch, documents: list[tuple[tuple[str, str], ...]]) -> list[str]:
    """The original character of every slot, by the places the batch gives; an edge has none."""
    slots = np.arange(len(batch.codes))
    found = []
    for document, field, start, end in zip(*batch.places(slots, slots), strict=True):
        assert end == start + 1
        text = documents[document][field][1]
        found.append(text[start] if start < len(text) else "")
    return found


@settings(max_examples=60, deadline=None)
@given(DOCUMENTS)
def test_every_slot_names_its_original_character(documents: list[tuple[tuple[str, str], ...]]) -> None:
    """Slot by slot, the text that the table makes of the named character is what stands there."""
    batch = Batch(documents)
    tables = load()
    position, before = 0, ""
    originals = characters_of(batch, documents)
    for code, character in zip(batch.codes.tolist(), originals, strict=True):
        if character == "":
            assert code & EDGE == EDGE
            position = 0
            continue
        text = tables.fold_character(character)[1]
        position = position if before == character and 0 < position < len(text) else 0
        assert chr(code & EDGE) == (text[position] if text else "\0")
        position += 1
        before = character


@settings(max_examples=50, deadline=None)
@given(DOCUMENTS)
def test_slots_come_in_the_order_of_the_characters(documents: list[tuple[tuple[str, str], ...]]) -> None:
    """The way back never goes backwards and leaves no character out."""
    batch = Batch(documents)
    sources = batch.sources(np.arange(len(batch.codes)))
    assert np.all(np.diff(sources) >= 0)
    assert set(sources.tolist()) == set(range(len(batch.characters)))


def field_slots(batch: Batch, document: int) -> list[tuple[int, int]]:
    """The slots ``[first, end)`` of every field of a document, its edge left out."""
    edges = np.flatnonzero(batch.kinds == np.uint8(Kind.BARRIER)).tolist()
    fields = range(batch.fields_before[document], batch.fields_before[document + 1])
    return [(edges[field - 1] + 1 if field else 0, edges[field]) for field in fields]


@settings(max_examples=50, deadline=None)
@given(DOCUMENTS)
def test_the_folded_text_of_a_field_is_the_fold_of_its_characters(documents: list[tuple[tuple[str, str], ...]]) -> None:
    """Folding in a batch and folding one character at a time agree, field by field."""
    batch, tables = Batch(documents), load()
    for number, document in enumerate(documents):
        for (_, text), (first, end) in zip(document, field_slots(batch, number), strict=True):
            assert folded(batch, first, end).text == tables.fold(text)


@settings(max_examples=40, deadline=None)
@given(DOCUMENTS)
def test_the_other_readings_name_slots_of_the_batch(documents: list[tuple[tuple[str, str], ...]]) -> None:
    """No text breaks a reading, and each unit of it comes from a slot; edges separate the fields."""
    batch = Batch(documents)
    if not documents:
        return
    for reading in (f(batch) for f in (without_aliases, leet, masked, backwards, downwards)):
        if reading is not None:
            assert len(reading.units) == len(reading.slots)
            assert reading.units[-1] == EDGE
            assert np.all((reading.slots >= 0) & (reading.slots < len(batch.codes)))


@settings(max_examples=60, deadline=None)
@given(ANY)
def test_folding_twice_changes_nothing(character: str) -> None:
    """What a character becomes is its own fold, so terms may be written in any form."""
    tables = load()
    once = tables.compact(character)
    assert tables.compact(once) == once


def test_every_code_point_has_a_kind() -> None:
    """All 1,114,112 code points are in the table; marks and format characters vanish, separators separate."""
    codes = load().codes
    assert len(codes) == 0x110000
    for character, kind in [
        ("\u0301", Kind.DROPPED),
        ("\u200b", Kind.DROPPED),
        ("\ud800", Kind.SEPARATOR),
        (" ", Kind.SEPARATOR),
    ]:
        assert codes[ord(character)] >> 16 == kind
    dropped = np.flatnonzero(codes >> 16 == Kind.DROPPED)
    assert all(
        unicodedata.category(chr(code)) in {"Mn", "Me", "Cf", "Cc", "Lo", "Cn", "So"} for code in dropped.tolist()
    )


@pytest.mark.parametrize(
    ("text", "compact"),
    [
        ("ＧＯＩＰ", "goip"),
        ("電話卡", "电话卡"),
        ("價格 実名 囘收 賬號", "价格实名回收账号"),
        ("ЅІМ", "sim"),
        ("①②⑬ ❹ 4️⃣ 𝟺", "1213444"),
        ("㊙ ㈠ ⑴", "秘一1"),
        ("📱 🐴 ➕", "手机马加"),
        ("½ … ™ ®", "12tm"),
        ("0oO 1lI 一壹", "0oo1li一壹"),
        ("Café İstanbul ß", "cafeistanbulss"),
        ("가각 が", "가각が"),
        ("💠🧩", ""),
    ],
)
def test_what_the_compact_view_shows(text: str, compact: str) -> None:
    """Width, case, script, form and decoration vanish; digits and the letters that look like them stay apart."""
    assert load().compact(text) == compact


def test_the_shipped_table_is_small_and_its_version_is_stable() -> None:
    """The table loads to the same version each time; findings are stamped with it."""
    again = load.__wrapped__()
    assert again.version == load().version
    assert len(again.syllable_names) > 390


def test_an_empty_batch_is_fine() -> None:
    """No documents, documents without fields and empty fields make empty views."""
    assert len(Batch([]).compact) == 0
    batch = Batch([(), (("title", ""), ("description", ""))])
    assert field_slots(batch, 0) == []
    assert [end - first for first, end in field_slots(batch, 1)] == [0, 0]


def test_what_was_let_go_comes_back_the_same() -> None:
    """The places and the folded text stay; the other views are made again when asked for."""
    batch = Batch([(("title", "手 机 卡 ①"),), (("title", "免实名"),)])
    names = ("kept", "documents_of_kept", "compact", "syllables", "digits")
    before = [getattr(batch, name).tolist() for name in names]
    batch.let_go()
    assert vars(batch).keys().isdisjoint(names)
    assert [getattr(batch, name).tolist() for name in names] == before
