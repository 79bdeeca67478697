"""Writes WARC/1.1 (ISO 28500:2017): listing responses as the server sent them, with SHA-256 payload digests.

One file for each attempt at a partition, ``<partition>-<attempt>.warc.gz``, one gzip member for each record, so that a
record can be read at its offset alone. Bodies keep the encoding they came in.
"""

from __future__ import annotations

import hashlib
import os
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self
from urllib.parse import quote

from isal import isal_zlib

from scanner.model import EvidenceRef

WARC_SUFFIX = ".warc.gz"
# So much is gathered before it is written: what a sync does not wait for need not be a call to the system each.
BUFFER = 2**18
_END = b"\r\n\r\n"
_KEPT = "%/:?#[]@!$&'()*+,;=~"


class Evidence:
    """A WARC file being written. Raises ``OSError`` as the disk does."""

    def __init__(self, folder: Path, partition: str, *, attempt: int = 1, software: str = "Delist") -> None:
        self.path = folder / f"{partition}-{attempt}{WARC_SUFFIX}"
        self._software = software
        self._file: BinaryIO | None = None
        self._offset = 0

    def keep(
        self, url: str, *, status: int, headers: Iterable[tuple[str, str]], body: bytes, seen_at: datetime, ip: str = ""
    ) -> EvidenceRef:
        """Write one response record and say where it lies. ``body`` is what the server sent, compressed if it was."""
        digest = hashlib.sha256(body).hexdigest()
        sent = list(headers)
        http = _http_head(status, sent)
        head = _record_head(
            "response",
            ("WARC-Target-URI", _plain(url)),
            ("WARC-Date", f"{seen_at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"),
            ("WARC-Payload-Digest", f"sha256:{digest}"),
            *((("WARC-IP-Address", ip),) if ip else ()),
            ("Content-Type", "application/http; msgtype=response"),
            ("Content-Length", str(len(http) + len(body))),
        )
        encoded = any(name.lower() == "content-encoding" for name, _ in sent)
        offset = self._append(_member(b"".join((head, http, body, _END)), level=0 if encoded else 1))
        return EvidenceRef(file=self.path.name, offset=offset, sha256=digest)

    def sync(self) -> None:
        """Make what was written durable."""
        if self._file is not None:
            self._file.flush()
            os.fsync(self._file.fileno())

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self.sync()
            self._file.close()
            self._file = None

    def _append(self, member: bytes) -> int:
        file = self._file or self._open()
        offset = self._offset
        file.write(member)
        self._offset += len(member)
        return offset

    def _open(self) -> BinaryIO:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        file = self._file = self.path.open("wb", buffering=BUFFER)
        info = f"software: {self._software}\r\nformat: WARC File Format 1.1\r\n".encode()
        head = _record_head(
            "warcinfo",
            ("WARC-Filename", self.path.name),
            ("WARC-Date", f"{datetime.now(UTC).replace(tzinfo=None).isoformat(timespec='seconds')}Z"),
            ("Content-Type", "application/warc-fields"),
            ("Content-Length", str(len(info))),
        )
        self._offset = file.write(_member(b"".join((head, info, _END)), level=1))
        return file


def _record_head(kind: str, *fields: tuple[str, str]) -> bytes:
    """The header of a record, made here: it is a few lines, and a library takes four times as long to write them."""
    first = ("WARC/1.1", f"WARC-Type: {kind}", f"WARC-Record-ID: <urn:uuid:{uuid.uuid4()}>")
    return "\r\n".join((*first, *(f"{name}: {value}" for name, value in fields), "", "")).encode()


def _http_head(status: int, headers: Iterable[tuple[str, str]]) -> bytes:
    """Status line and header fields as they came; what would end a line in them is taken out."""
    lines = (f"{_one_line(name)}: {_one_line(value)}" for name, value in headers)
    text = "\r\n".join((f"HTTP/1.1 {status} {_phrase(status)}", *lines, "", ""))
    return text.encode("utf-8", "surrogateescape")


def _one_line(text: str) -> str:
    return text.replace("\r", " ").replace("\n", " ")


def _plain(url: str) -> str:
    """An address as a header may hold it: nothing but printable ASCII, the rest escaped (RFC 3986)."""
    return url if url.isascii() and url.isprintable() and " " not in url else quote(url, safe=_KEPT)


def _member(data: bytes, *, level: int) -> bytes:
    """One gzip member: ISA-L's level 1 costs a ninth of zlib's default and loses a tenth."""
    packer = isal_zlib.compressobj(level, isal_zlib.DEFLATED, 16 + isal_zlib.MAX_WBITS)
    return bytes(packer.compress(data) + packer.flush())


def _phrase(status: int) -> str:
    return {200: "OK", 404: "Not Found", 410: "Gone"}.get(status, "Status")
