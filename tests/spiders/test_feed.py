"""Feeds are read row by row: bad rows are told by line, and a broken file says where it breaks."""

from __future__ import annotations

import gzip
import io
import json
import sys
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from scanner.errors import FeedError
from scanner.model import Availability, Listing, SellerKind
from spiders import feed
from spiders.feed import BadRow, format_of, read_listings

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

ROWS: list[dict[str, Any]] = [
    {
        "id": 7,
        "title": "旧相机",
        "description": "胶片机",
        "price": "1,280.50",
        "currency": "CNY",
        "quantity": "3",
        "category_path": ["数码", "相机"],
        "seller": {"id": "s1", "name": "老王", "kind": "person", "licences": ["a", "b"]},
        "attributes": {"成色": "九成"},
        "options": ["机身", "套机"],
        "availability": "in stock",
        "unknown": {"is": "ignored"},
    },
    {"id": "8", "text": "只有一段话"},
]


def as_csv() -> bytes:
    """The rows as a spreadsheet would have them."""
    header = "id,title,description,price,currency,quantity,category_path,seller.id,seller.name,seller.kind,"
    header += "seller.licences,attributes,options,availability,text\n"
    first = '7,旧相机,胶片机,"1,280.50",CNY,3,数码 > 相机,s1,老王,person,"[""a"",""b""]","{""成色"": ""九成""}",'
    first += '"[""机身"", ""套机""]",in stock,\n'
    return (header + first + "8,,,,,,,,,,,,,,只有一段话\n").encode()


def as_parquet() -> bytes:
    """The rows in columns."""
    out = io.BytesIO()
    rows = [
        {**ROWS[0], "text": "", "attributes": [{"name": "成色", "value": "九成"}]},
        {"id": "8", "text": "只有一段话"},
    ]
    rows[0] = {name: str(value) if name == "id" else value for name, value in rows[0].items()}
    parquet.write_table(pa.Table.from_pylist(rows), out)
    return out.getvalue()


FORMATS: dict[str, Callable[[], bytes]] = {
    "jsonl": lambda: "\n".join(json.dumps(row, ensure_ascii=False) for row in ROWS).encode(),
    "csv": as_csv,
    "parquet": as_parquet,
}
PACKINGS: dict[str, Callable[[bytes], bytes]] = {"": bytes, ".gz": gzip.compress, ".zst": zstd.compress}


@pytest.mark.parametrize("packing", PACKINGS)
@pytest.mark.parametrize("kind", FORMATS)
def test_every_format_gives_the_same_listings(kind: str, packing: str, tmp_path: Path) -> None:
    """JSON lines, CSV and Parquet, plain or compressed, hold the same two listings."""
    file = tmp_path / f"rows.{kind}{packing}"
    file.write_bytes(PACKINGS[packing](FORMATS[kind]()))
    first, second = read_listings(file, platform="bazaar")
    assert isinstance(first, Listing)
    assert (first.platform, first.listing_id, first.title) == ("bazaar", "7", "旧相机")
    assert (first.price, first.currency, first.quantity) == (Decimal("1280.50"), "CNY", 3)
    assert (first.category_path, first.options) == (("数码", "相机"), ("机身", "套机"))
    assert (first.seller.id, first.seller.name, first.seller.kind) == ("s1", "老王", SellerKind.PERSON)
    assert (first.seller.licences, first.attributes) == (("a", "b"), {"成色": "九成"})
    assert first.availability is Availability.IN_STOCK
    assert second == Listing(platform="bazaar", listing_id="8", text="只有一段话")


@pytest.mark.parametrize(
    ("row", "says"),
    [
        ('{"id": 1, "title": "a"', "not valid JSON"),
        ('["id", 1]', "not a JSON object"),
        ('{"title": "no id"}', "no id"),
        ('{"id": "", "title": "empty id"}', "no id"),
        ('{"id": 1}', "nothing to read"),
        ('{"id": 1, "price": 3}', "nothing to read"),
        ('{"id": 1, "title": ["a"]}', "title is not text but list"),
        ('{"id": {"a": 1}, "title": "a"}', "id is not text but dict"),
        ('{"id": 1, "title": "' + "x" * 9_000_000 + '"}', "longer than 8 MiB"),
        ("[" * 100_000, "nested too deeply"),
        ("\udcff".encode("utf8", "surrogateescape").decode("latin-1"), "not"),
    ],
)
def test_a_bad_row_is_told_and_the_next_is_read(row: str, says: str, tmp_path: Path) -> None:
    """The line number is the file's, and nothing else is lost."""
    file = tmp_path / "rows.jsonl"
    good = '{"id": 1, "title": "good"}'
    file.write_text(f"{good}\n\n{row}\n{good}\n", encoding="utf8")
    first, bad, last = read_listings(file, platform="p")
    assert isinstance(bad, BadRow)
    assert bad.line == 3
    assert says in bad.reason
    assert isinstance(first, Listing)
    assert isinstance(last, Listing)


@pytest.mark.parametrize(
    ("row", "field", "value"),
    [
        ('{"id": 1, "title": "a", "price": "面议"}', "price", None),
        ('{"id": 1, "title": "a", "price": -3}', "price", None),
        ('{"id": 1, "title": "a", "price": 12.5}', "price", Decimal("12.5")),
        ('{"id": 1, "title": "a", "price": "€ 1.299,00"}', "price", Decimal("1299.00")),
        ('{"id": 1, "title": "a", "currency": "￥"}', "currency", "CNY"),
        ('{"id": 1, "title": "a", "quantity": "many"}', "quantity", None),
        ('{"id": 1, "title": "a\\ud83d"}', "title", "a?"),
        ('{"id": 1.0, "title": 7}', "title", "7"),
        ('\ufeff{"id": 1, "title": "marked"}', "title", "marked"),
        ('{"id": 1, "title": "a", "seller": "a name"}', "seller", None),
        ('{"id": 1, "title": "a", "seller": {"kind": "emperor"}}', "seller", None),
        ('{"id": 1, "title": "a", "modified_at": "0001-01-01T00:00:00+14:00"}', "modified_at", None),
    ],
)
def test_an_odd_value_costs_a_field_at_most(row: str, field: str, value: object, tmp_path: Path) -> None:
    """What cannot be read is left out, and the listing is still looked at."""
    file = tmp_path / "rows.jsonl"
    file.write_text(row, encoding="utf8")
    (listing,) = read_listings(file, platform="p")
    assert isinstance(listing, Listing)
    if value is not None or field in {"price", "quantity", "modified_at"}:
        assert getattr(listing, field) == value


def test_csv_of_a_spreadsheet_in_china(tmp_path: Path) -> None:
    """GB 18030, semicolons, a row too short: two listings and one bad row."""
    file = tmp_path / "rows.csv"
    file.write_bytes("id;title\n1;旧书\n2\n3;新书\n".encode("gb18030"))
    found = list(read_listings(file, platform="p"))
    assert [one.title for one in found if isinstance(one, Listing)] == ["旧书", "新书"]
    assert [one for one in found if isinstance(one, BadRow)] == [
        BadRow(line=3, reason="1 columns where the header has 2")
    ]


@pytest.mark.parametrize("packing", [".gz", ".zst"])
def test_a_file_that_breaks_off_says_where(packing: str, tmp_path: Path) -> None:
    """The rows before the break are read, then comes the error."""
    rows = "\n".join(json.dumps({"id": number, "title": f"{number:x}" * 50}) for number in range(20_000))
    file = tmp_path / f"rows.jsonl{packing}"
    packed = PACKINGS[packing](rows.encode())
    file.write_bytes(packed[: len(packed) // 2])
    with pytest.raises(FeedError, match=r"breaks off after row [1-9]\d+"):
        list(read_listings(file, platform="p"))


@pytest.mark.parametrize(
    ("name", "body", "says"),
    [
        ("missing.jsonl", None, "No such file"),
        ("rows.xls", b"x", "no known format"),
        ("rows", b"x", "no known format"),
        ("rows.parquet", b"PAR1 but not really", "not readable as Parquet"),
    ],
)
def test_a_file_that_cannot_be_read_says_why(name: str, body: bytes | None, says: str, tmp_path: Path) -> None:
    """What, where and what to do."""
    file = tmp_path / name
    if body is not None:
        file.write_bytes(body)
    with pytest.raises(FeedError, match=says) as caught:
        list(read_listings(file, platform="p"))
    assert name in str(caught.value)


def test_parquet_without_pyarrow_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The extra is named."""
    monkeypatch.setattr(feed, "parquet", None)
    (tmp_path / "rows.parquet").write_bytes(b"PAR1")
    with pytest.raises(FeedError) as caught:
        list(read_listings(tmp_path / "rows.parquet", platform="p"))
    assert "delist[parquet]" in caught.value.hint


@pytest.mark.parametrize(
    ("path", "given", "kind"),
    [
        ("-", None, "jsonl"),
        ("-", "csv", "csv"),
        ("a.NDJSON.gz", None, "jsonl"),
        ("a.tsv", None, "csv"),
        ("a.txt", "jsonl", "jsonl"),
    ],
)
def test_the_format_is_given_or_told_by_the_name(path: str, given: str | None, kind: str) -> None:
    """Standard input is JSON lines unless something else is said."""
    assert format_of(path, given) == kind
