"""Characters taken apart are joined where a text shows that they are, and nowhere else."""

from __future__ import annotations

import time

import numpy as np
import pytest

from scanner.text import joining
from scanner.text.components import BARE, NEIGHBOURS, WAYS
from scanner.text.tables import load
from scanner.text.views import Batch

pytestmark = pytest.mark.usefixtures("engine")


def read(*texts: str) -> str:
    """The compact view of one document, a bar at the end of each field."""
    return "".join(map(chr, Batch([[("text", text) for text in texts]]).compact)).replace("\uffff", "|")


@pytest.mark.parametrize(
    ("text", "joined"),
    [
        ("钅艮彳亍卡 四亻牛", "银行卡四件|"),
        ("亻 言 用 卡", "信用卡|"),
        ("扌·妾 石/马", "接码|"),
        ("扌机卡", "手机卡|"),
        ("扌  妾", "手妾|"),
        ("扌，妾", "手妾|"),
        ("尸巾刂单", "刷单|"),
        ("女生 门口 讠舌", "女生门口话|"),
        ("手木几 石马 月却", "手木几石马月却|"),
    ],
)
def test_components_become_the_character(text: str, joined: str) -> None:
    """Two or three components with at most one separator between them are one character; ordinary neighbours stay."""
    assert read(text) == joined


def test_a_document_is_joined_as_a_whole_and_alone() -> None:
    """A bare radical in one field speaks for the others of its listing, never for other listings."""
    assert read("手木几卡", "亻尔好") == "手机卡|你好|"
    batch = Batch([[("text", "手木几")], [("text", "亻尔")], [("text", "石马")]])
    assert "".join(map(chr, batch.compact)) == "手木几\uffff你\uffff石马\uffff"


def test_a_place_reaches_over_all_components() -> None:
    """What is found names the characters that the seller wrote, to the last component."""
    batch = Batch([[("text", "出 钅艮彳亍 快")]])
    first, last = (batch.kept[at : at + 1].astype(np.intp) for at in (1, 2))
    place = batch.places(first, last)
    assert (place.start.tolist(), place.end.tolist()) == ([2], [6])


def test_every_component_is_in_its_folded_form_known() -> None:
    """No way is empty, none is the character itself, and what is bare stays bare when it is folded."""
    tables = load()
    assert all(tables.compact(radical) == radical for radical in BARE)
    assert all(way and way != char and tables.compact(way) for char, ways in WAYS.items() for way in ways)
    assert not any(joining.is_apart(pair) for pair in NEIGHBOURS.split())


def test_a_flood_of_components_takes_linear_time() -> None:
    """Three hundred thousand characters of radicals are read in two seconds at most."""
    begun = time.process_time()
    Batch([[("text", "扌亻讠口女子 " * 40_000)]])
    assert time.process_time() - begun < 2


def test_a_whole_reading_keeps_every_place() -> None:
    """One character for those that were taken apart, what nobody sees behind it; other documents as they are."""
    documents = [(("title", "木桌"),), (("title", "出钅艮彳亍卡"), ("description", "㎡ 扌丁字"))]
    batch = Batch(documents)
    assert batch.whole_documents[0] == documents[0]
    whole = dict(batch.whole_documents[1])
    assert whole == {"title": "出银\u00ad行\u00ad卡", "description": "㎡ 打\u00ad字"}
    assert [len(text) for text in whole.values()] == [len(text) for _, text in documents[1]]
    assert Batch(documents[:1]).whole_documents == documents[:1]
