"""Reads exported listings: JSON lines, CSV or Parquet, plain, ``.gz`` or ``.zst``, from a file or standard input.

One row at a time, whatever the size of the file. A row that cannot be a listing is a ``BadRow`` and reading goes on; a
file that cannot be read at all, or ends in the middle of its compression, raises ``FeedError`` and says where.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
import sys
import zlib
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, cast

import msgspec

from scanner.errors import FeedError
from scanner.model import Listing
from spiders.rows import BadValue, Row, listing_of

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

try:
    from pyarrow import ArrowException, parquet
except ImportError:  # An extra: delist[parquet].
    parquet, ArrowException = None, ValueError

FORMATS = ("jsonl", "csv", "parquet")
MOST_LINE_BYTES = 8 * 2**20
STDIN = "-"
_ALIASES = {"ndjson": "jsonl", "jsonlines": "jsonl", "jl": "jsonl", "tsv": "csv", "pq": "parquet"}
_COMPRESSIONS = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd"}
_CHUNK = 2**20
# How compressed data says that it is none, or not whole.
BROKEN = (EOFError, gzip.BadGzipFile, zlib.error, zstd.ZstdError)


class BadRow(msgspec.Struct, frozen=True, kw_only=True):
    """A row that is no listing: its line (in Parquet: its row), counted from 1, and why."""

    line: int
    reason: str


def read_listings(path: str | Path, *, platform: str, format: str | None = None) -> Iterator[Listing | BadRow]:  # noqa: A002  # called so by the option
    """Yield what the rows of ``path`` hold, in their order; ``-`` is standard input, JSON lines unless ``format`` says.

    Raises ``FeedError`` when the file cannot be opened, is of no known format, or breaks off.
    """
    kind = format_of(path, format)
    place = "standard input" if str(path) == STDIN else str(path)
    number = 0
    with ExitStack() as stack:
        try:
            stream = opened(path, stack)
            for number, row in _READERS[kind](stream, stack):
                yield row if isinstance(row, BadRow) else _listing(number, row, platform)
        except BROKEN as error:
            where = f"after row {number}" if number else "before its first row"
            raise FeedError(
                f"{place}: compressed data breaks off {where}: {error}", hint="Is the copy whole?"
            ) from error
        except ArrowException as error:
            raise FeedError(f"{place}: not readable as Parquet after row {number}: {error}") from error
        except OSError as error:
            raise FeedError(
                f"{place}: {error.strerror or error}", hint="Does it exist, and may you read it?"
            ) from error


def format_of(path: str | Path, format: str | None = None) -> str:  # noqa: A002  # called so by the option
    """``jsonl``, ``csv`` or ``parquet``, as given or as the name says. Raises ``FeedError`` for anything else."""
    if format is None and str(path) == STDIN:
        return "jsonl"
    name = Path(path)
    if name.suffix.lower() in _COMPRESSIONS:
        name = name.with_suffix("")
    found = (format or name.suffix.removeprefix(".")).lower()
    found = _ALIASES.get(found, found)
    if found not in FORMATS:
        hint = "Name the format: jsonl, csv or parquet (a file may also end in .gz or .zst)."
        raise FeedError(f"{path}: no known format{f' {found!r}' if found else ''}", hint=hint)
    return found


def _listing(number: int, row: Row, platform: str) -> Listing | BadRow:
    try:
        return listing_of(row, platform=platform)
    except BadValue as error:
        return BadRow(line=number, reason=str(error))
    except Exception as error:  # noqa: BLE001  # a row that we fail on is reported, and the next one read
        return BadRow(line=number, reason=f"cannot be read: {type(error).__name__}: {error}")


def opened(path: str | Path, stack: ExitStack) -> IO[bytes]:
    """The bytes of ``path`` with compression undone, told by content rather than by name. Raises ``OSError``."""
    stream: Any = sys.stdin.buffer
    if str(path) != STDIN:
        stream = stack.enter_context(Path(path).open("rb"))  # noqa: SIM115  # the stack is its context
    if not hasattr(stream, "peek"):
        stream = io.BufferedReader(stream)
    magic = stream.peek(4)[:4]
    if magic.startswith(b"\x1f\x8b"):
        stream = stack.enter_context(gzip.GzipFile(fileobj=stream))
    elif magic == b"\x28\xb5\x2f\xfd":
        stream = stack.enter_context(zstd.ZstdFile(stream))
    return cast(IO[bytes], stream)


def _lines(stream: IO[bytes]) -> Iterator[tuple[int, bytes | BadRow]]:
    """Each line with its number; of one that is too long only that it was."""
    number = 0
    while line := stream.readline(MOST_LINE_BYTES):
        number += 1
        if len(line) == MOST_LINE_BYTES and not line.endswith(b"\n"):
            while (rest := stream.readline(_CHUNK)) and not rest.endswith(b"\n"):
                pass
            yield number, BadRow(line=number, reason=f"longer than {MOST_LINE_BYTES // 2**20} MiB")
        else:
            yield number, line


def _json_rows(stream: IO[bytes], _: ExitStack) -> Iterator[tuple[int, Row | BadRow]]:
    for number, line in _lines(stream):
        if isinstance(line, BadRow):
            yield number, line
        elif line.strip(b" \t\r\n\xef\xbb\xbf"):
            yield number, _json_row(number, line)


def _json_row(number: int, line: bytes) -> Row | BadRow:
    try:
        row = msgspec.json.decode(line)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        return _odd_json_row(number, line)
    return row if isinstance(row, dict) else BadRow(line=number, reason="not a JSON object")


def _odd_json_row(number: int, line: bytes) -> Row | BadRow:
    """What a strict reader refuses and still means something: a byte order mark, control characters, half a pair."""
    try:
        text = line.decode("utf-8-sig")
        row = json.loads(text, strict=False)
        whole = json.dumps(row, ensure_ascii=False).encode("utf-8", "replace")
        row = json.loads(whole)
    except UnicodeDecodeError as error:
        return BadRow(line=number, reason=f"not UTF-8 (byte {error.start})")
    except json.JSONDecodeError as error:
        return BadRow(line=number, reason=f"not valid JSON: {error.msg} (column {error.colno})")
    except ValueError as error:
        return BadRow(line=number, reason=f"not valid JSON: {error}")
    except RecursionError:
        return BadRow(line=number, reason="nested too deeply")
    return row if isinstance(row, dict) else BadRow(line=number, reason="not a JSON object")


def _csv_rows(stream: IO[bytes], _: ExitStack) -> Iterator[tuple[int, Row | BadRow]]:
    csv.field_size_limit(MOST_LINE_BYTES)
    head = cast(io.BufferedReader, stream).peek(_CHUNK) if hasattr(stream, "peek") else b""
    text = io.TextIOWrapper(stream, encoding=_encoding(head), errors="replace", newline="")
    first = head.split(b"\n", 1)[0]
    delimiter = max((",", ";", "\t"), key=lambda sign: first.count(sign.encode()))
    reader = csv.reader(text, delimiter=delimiter)
    header: list[str] = []
    while True:
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield reader.line_num, BadRow(line=reader.line_num, reason=f"not valid CSV: {error}")
            continue
        if cells is None:
            return
        if not header:
            header = [name.strip().lower() for name in cells]
        elif cells:
            yield reader.line_num, _csv_row(reader.line_num, header, cells)


def _csv_row(number: int, header: list[str], cells: list[str]) -> Row | BadRow:
    if len(cells) != len(header):
        return BadRow(line=number, reason=f"{len(cells)} columns where the header has {len(header)}")
    return dict(zip(header, cells, strict=True))


def _encoding(head: bytes) -> str:
    """UTF-8, with or without mark; else GB 18030, as spreadsheets in China write it."""
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return "gb18030"
    return "utf-8-sig"


def _parquet_rows(stream: IO[bytes], stack: ExitStack) -> Iterator[tuple[int, Row | BadRow]]:
    if parquet is None:
        raise FeedError("reading Parquet needs pyarrow", hint="pip install 'delist[parquet]'")
    file = parquet.ParquetFile(_seekable(stream, stack))
    number = 0
    for batch in file.iter_batches(batch_size=1024):
        for row in batch.to_pylist():
            number += 1
            yield number, cast(dict[str, Any], row)


def _seekable(stream: IO[bytes], stack: ExitStack) -> IO[bytes]:
    """Parquet is read from its end: what cannot be sought goes through a temporary file."""
    if isinstance(stream, io.BufferedReader) and stream.seekable():
        return stream
    copy = cast(IO[bytes], stack.enter_context(TemporaryFile()))  # noqa: SIM115  # the stack is its context
    while chunk := stream.read(_CHUNK):
        copy.write(chunk)
    copy.seek(0)
    return copy


_READERS = {"jsonl": _json_rows, "csv": _csv_rows, "parquet": _parquet_rows}
