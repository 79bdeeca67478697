"""``delist scan``: the rulebook over a file."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

FLAGGED = {"id": "bad", "title": "移动手机卡 免实名 10张起批", "description": "插卡即用"}
ORDINARY = {"id": "good", "title": "手机卡针 取卡针 通用顶针", "price": 3.5, "currency": "CNY"}


def write_rows(path: Path, rows: list[object]) -> str:
    """Rows as JSON lines; a string goes in as it is."""
    lines = [row if isinstance(row, str) else json.dumps(row, ensure_ascii=False) for row in rows]
    path.write_text("\n".join(lines) + "\n", encoding="utf8")
    return str(path)


def test_json_has_one_line_for_each_listing_that_would_be_queued(delist, tmp_path):
    """Only what would be queued is printed, with offsets that cut the matched text out of the named field."""
    said = delist("scan", write_rows(tmp_path / "rows.jsonl", [FLAGGED, ORDINARY]), "--json")
    assert said.code == 0
    (row,) = [json.loads(line) for line in said.out.splitlines()]
    assert row["id"] == "bad"
    assert row["categories"] == ["phone_card"]
    assert row["severity"] == "S4"
    assert row["reason"].startswith("phone_card ")
    for span in row["findings"]:
        assert FLAGGED[span["field"]][span["start"] : span["end"]] == span["text"]


def test_three_bad_rows_of_ten_thousand(delist, tmp_path):
    """Bad rows are listed with line number and reason, all others are scanned, and the exit code says so."""
    rows: list[object] = [{"id": str(number), "title": "实木餐桌"} for number in range(10_000)]
    rows[10] = "{"
    rows[500] = {"title": "no id"}
    rows[9_998] = {"id": "x", "title": ["not", "text"], "price": "dear"}
    said = delist("scan", write_rows(tmp_path / "rows.jsonl", rows))
    assert said.code == 1
    assert "3 row(s) could not be read, 9997 were scanned" in said.err
    for line in (11, 501, 9_999):
        assert f"line {line}: " in said.err


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("missing.jsonl", None, "missing.jsonl"),
        ("truncated.jsonl.gz", b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03K", "truncated.jsonl.gz"),
        ("listings.doc", b"what is this", "listings.doc"),
        ("broken.parquet", b"PAR1 and no more", "broken.parquet"),
    ],
)
def test_an_unreadable_file_is_refused(delist, tmp_path, name, content, says):
    """What cannot be read at all ends with exit code 2 and says which file."""
    if content is not None:
        (tmp_path / name).write_bytes(content)
    said = delist("scan", str(tmp_path / name))
    assert said.code == 2
    assert says in said.err
    assert "Traceback" not in said.err


def test_a_lone_surrogate_is_printed_and_not_a_crash(delist, tmp_path):
    """Text that has no UTF-8 form is scanned and printed all the same."""
    row = '{"id": "s", "title": "\\ud83d 手机卡 免实名 10张起批"}'
    said = delist("scan", write_rows(tmp_path / "rows.jsonl", [row]), "--json")
    assert said.code in {0, 1}
    assert "Traceback" not in said.err
