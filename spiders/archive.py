"""Reads WARC files back: one record at its offset, or all of them; digests checked, bodies decoded, sizes bounded."""

from __future__ import annotations

import hashlib
import sys
import zlib
from collections.abc import Iterator
from datetime import datetime
from io import BytesIO
from pathlib import Path
from typing import Any

import msgspec
from warcio.archiveiterator import ArchiveIterator
from warcio.bufferedreaders import BufferedReader
from warcio.exceptions import ArchiveLoadFailed

from scanner.errors import InputError
from spiders.pages import Page

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

WARC_SUFFIXES = (".warc", ".warc.gz")
MOST_BYTES = 64 * 2**20
_DIGEST = "sha256:"
_GZIP = b"\x1f\x8b"
_PART = 2**16


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """A response as it was archived. ``body`` is as sent, ``declared`` the SHA-256 that the file gives for it."""

    offset: int
    url: str
    seen_at: datetime | None
    ip: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    declared: str

    @property
    def sha256(self) -> str:
        """The SHA-256 of the body as it is now."""
        return hashlib.sha256(self.body).hexdigest()

    @property
    def is_sound(self) -> bool:
        """Whether the body is what the file says that it was; nobody knows where it gives no SHA-256."""
        return not self.declared or self.declared == self.sha256

    def header(self, name: str) -> str:
        """The first header of that name; empty: none."""
        return next((value for key, value in self.headers if key.lower() == name), "")

    @property
    def content(self) -> bytes:
        """The body with its content encoding undone, cut at 64 MiB; as sent where it is not what its header says."""
        return decoded(self.body, self.header("content-encoding").lower().strip())

    def page(self, *, listing_id: str = "") -> Page:
        """The page that a page function reads."""
        return Page(
            body=self.content,
            url=self.url,
            asked=self.url,
            status=self.status,
            content_type=self.header("content-type"),
            seen_at=self.seen_at,
            listing_id=listing_id,
        )


def record_at(file: Path, offset: int) -> Record:
    """The response that begins at ``offset``. Raises ``InputError`` where there is none."""
    found = next(_records(file, offset), None)
    if found is None:
        raise InputError(f"{file}: no response at {offset}")
    return found


def records(file: Path) -> Iterator[Record]:
    """All responses in a file, in order. Raises ``InputError`` for a file that is none, or is damaged."""
    return _records(file, 0)


def _records(file: Path, offset: int) -> Iterator[Record]:
    try:
        with file.open("rb") as stream:
            stream.seek(offset)
            archive = ArchiveIterator(stream)
            _require_whole(file, offset)
            for record in archive:
                read = _read(record) if record.rec_type == "response" and record.http_headers is not None else None
                # Where a record begins, and the next, is told only once it has been read to its end.
                offset = archive.get_record_offset()
                if read is not None:
                    yield msgspec.structs.replace(read, offset=offset)
                _require_whole(file, offset + archive.get_record_length())
    except OSError as error:
        raise InputError(f"{file}: {error.strerror or error}") from error
    except AttributeError as error:
        # So the library answers a record without an address.
        raise InputError(f"{file}: not a WARC file, or a damaged one: a record lacks a header") from error
    except (ArchiveLoadFailed, EOFError, ValueError, zlib.error) as error:
        # The library quotes what it met, which may be any bytes.
        why = str(error).partition(", first line:")[0]
        raise InputError(f"{file}: not a WARC file, or a damaged one: {why}") from error


def _require_whole(file: Path, offset: int) -> None:
    """Nothing where the gzip member at ``offset`` ends with the checksum of what it holds, or where none begins.

    The library goes on after a checksum that does not fit, once some of the member has been read: what the record's
    own digest does not cover (its address, its date, the headers) would be taken for what was captured. Raises
    ``zlib.error``, ``EOFError``.
    """
    with file.open("rb") as stream:
        stream.seek(offset)
        if stream.peek(len(_GZIP))[: len(_GZIP)] != _GZIP:
            return
        member = zlib.decompressobj(16 + zlib.MAX_WBITS)
        while not member.eof:
            part = member.unconsumed_tail or stream.read(_PART)
            if not part:
                raise EOFError("a compressed record is cut short")
            member.decompress(part, _PART)


def _read(record: Any) -> Record:
    given, sent = record.rec_headers, record.http_headers
    declared = given.get_header("WARC-Payload-Digest") or ""
    status = sent.get_statuscode()
    return Record(
        offset=0,
        url=given.get_header("WARC-Target-URI") or "",
        seen_at=_moment(given.get_header("WARC-Date") or ""),
        ip=given.get_header("WARC-IP-Address") or "",
        status=int(status) if status.isdigit() else 0,
        headers=tuple((str(name), str(value)) for name, value in sent.headers),
        body=_all_of(record.raw_stream),
        declared=declared.removeprefix(_DIGEST) if declared.startswith(_DIGEST) else "",
    )


def decoded(body: bytes, encoding: str) -> bytes:
    """``body`` with one content encoding (RFC 9110, 8.4) undone, at most 64 MiB of it."""
    if encoding == "zstd":
        try:
            return zstd.ZstdDecompressor().decompress(body, MOST_BYTES)
        except zstd.ZstdError:
            return body
    kind = {"x-gzip": "gzip"}.get(encoding, encoding)
    if kind not in BufferedReader.get_supported_decompressors():
        return body
    return _all_of(BufferedReader(BytesIO(body), decomp_type=kind))


def _all_of(stream: Any) -> bytes:
    """What a stream still holds, at most 64 MiB of it; one read gives what one block gives."""
    parts, size = [], 0
    while size < MOST_BYTES and (part := stream.read(MOST_BYTES - size)):
        parts.append(part)
        size += len(part)
    return b"".join(parts)


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
