"""``delist evidence`` and ``delist inspect --replay`` over a real crawl's WARC files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from scanner.demo import serve
from scanner.errors import InputError
from spiders.archive import decoded, record_at, records
from spiders.evidence import Evidence
from tests.fakes import NOON

Delist = Callable[..., Any]


@pytest.fixture
def inspected(delist: Delist, tmp_path: Path) -> Path:
    """A marketplace that was inspected; its WARC file."""
    with serve(seed=7, listings=40) as shop:
        (tmp_path / "delist.toml").write_text(
            f'[sources.market]\nstart = "{shop.url}/sitemaps/listings-1.xml"\npage = "demo"\nrate = 5000\n'
        )
        assert delist("inspect", "market").code == 0
    (file,) = tmp_path.glob("data/evidence/1/*.warc.gz")
    return file


def test_captured_pages_are_shown_checked_and_taken_out(delist: Delist, inspected: Path, tmp_path: Path) -> None:
    """The page of a case as it was; all are sound; and a single changed byte is found."""
    case = json.loads(delist("queue", "--json", "--limit", "1").out)["case"]
    shown = delist("evidence", "show", str(case["id"]))
    assert (shown.code, "as recorded" in shown.out) == (0, True)
    taken = delist("evidence", "extract", f"{case['id']}@1", "--to", "page.html")
    assert taken.code == 0
    assert "<html" in (tmp_path / "page.html").read_text()[:500]
    assert delist("page", "page.html", "--platform", "demo").code == 0
    assert "40 sound, 0 missing or changed" in delist("evidence", "verify").out

    damaged = bytearray(inspected.read_bytes())
    damaged[len(damaged) // 2] ^= 0xFF
    inspected.write_bytes(bytes(damaged))
    said = delist("evidence", "verify")
    assert (said.code, "missing or changed" in said.out) == (1, True)
    inspected.unlink()
    assert "0 sound, 40 missing" in delist("evidence", "verify").out


def test_a_replay_shows_what_todays_code_reads_differently(delist: Delist, inspected: Path, tmp_path: Path) -> None:
    """The same code reads the same; without the page function, fields differ, each with its method."""
    same = delist("inspect", "--replay", str(inspected))
    assert (same.code, "40 versions compared, 40 the same" in same.out) == (0, True)
    settings = tmp_path / "delist.toml"
    settings.write_text(settings.read_text().replace('page = "demo"\n', ""))
    other = delist("inspect", "market", "--replay", str(inspected))
    assert other.code == 1
    assert "(page →" in other.out
    assert "price: differs on" not in other.out or "seller: differs on" in other.out


def test_records_are_read_in_order_and_alone(inspected: Path) -> None:
    """Every record is found at its own offset, its bytes sound."""
    found = list(records(inspected))
    assert len(found) == 40
    assert all(record.is_sound and record.status == 200 for record in found)
    assert record_at(inspected, found[7].offset) == found[7]


@pytest.mark.parametrize("encoding", ["", "br"])
@pytest.mark.parametrize("length", [300, 40_000])
def test_every_changed_byte_of_a_record_is_found(tmp_path: Path, encoding: str, length: int) -> None:
    """Address, date, headers, body, what ends it: only the time and system of a gzip header say nothing of a page.

    A long record is read in parts; a body that came compressed is stored as it is (RFC 1952, 2.3: bytes 4 to 9).
    """
    body = "".join(f"{number:x}." for number in range(length)).encode()[:length]
    headers = [("Content-Encoding", encoding)] if encoding else []
    with Evidence(tmp_path, "part") as archive:
        ref = archive.keep("https://a.example/1", status=200, headers=headers, body=body, seen_at=NOON)
    file = tmp_path / ref.file
    kept = file.read_bytes()
    size, checked = len(kept) - ref.offset, 150
    ends = {*range(checked), *range(size - checked, size), *range(checked, size - checked, max(1, size // 300))}
    unnoticed = {at for at in sorted(ends) if _is_read_with(file, kept, ref.offset, at)}
    assert unnoticed <= set(range(4, 10))
    file.write_bytes(kept)
    assert record_at(file, ref.offset).body == body


def test_a_record_cut_short_or_without_an_address_is_told(tmp_path: Path) -> None:
    """What lies before the damage is read; the damage is an error that says what is wrong, not a shorter page."""
    with Evidence(tmp_path, "part") as archive:
        refs = [
            archive.keep(f"https://a.example/{number}", status=200, headers=[], body=b"page", seen_at=NOON)
            for number in range(2)
        ]
    file = tmp_path / refs[0].file
    file.write_bytes(file.read_bytes()[:-1])
    read = records(file)
    assert next(read).url == "https://a.example/0"
    with pytest.raises(InputError, match="cut short"):
        next(read)
    nameless = tmp_path / "nameless.warc"
    nameless.write_bytes(b"WARC/1.1\r\nWARC-Type: response\r\nContent-Length: 4\r\n\r\npage\r\n\r\n")
    with pytest.raises(InputError, match="lacks a header"):
        list(records(nameless))


def _is_read_with(file: Path, kept: bytes, offset: int, at: int) -> bool:
    """Whether a record is taken for sound with one byte of it changed."""
    changed = bytearray(kept)
    changed[offset + at] ^= 0xFF
    file.write_bytes(bytes(changed))
    try:
        return record_at(file, offset).is_sound
    except InputError:
        return False


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("evidence", "show", "abc"), "names no evidence"),
        (("evidence", "show", "9"), "9"),
        (("inspect", "--replay", "nowhere.warc.gz"), "no such file"),
    ],
)
def test_what_is_not_there_is_told(delist: Delist, arguments: tuple[str, ...], said: str) -> None:
    """A reference that leads nowhere is answered in words."""
    told = delist(*arguments)
    assert told.code != 0
    assert said in told.err


def test_encodings_are_undone_and_lies_left_alone() -> None:
    """What is not what its header says stays as it was sent."""
    assert decoded(b"plain", "") == b"plain"
    assert decoded(b"plain", "zstd") == b"plain"
    assert decoded(b"plain", "no-such") == b"plain"
