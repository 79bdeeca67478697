"""Writes WARC/1.1 (ISO 28500:2017): listing responses as the server sent them, with SHA-256 payload digests.

One file for each attempt at a partition, ``<partition>-<attempt>.warc.gz``, one gzip member for each record, so that a
record can be read at its offset alone. Bodies keep the encoding they came in.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterable
from datetime import UTC, datetime
from io import BytesIO
from pathlib import Path
from types import TracebackType
from typing import BinaryIO, Self

from isal import isal_zlib
from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

from scanner.model import EvidenceRef

WARC_SUFFIX = ".warc.gz"


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
        lines = StatusAndHeaders(f"{status} {_phrase(status)}", sent, protocol="HTTP/1.1")
        extra = {
            "WARC-Date": f"{seen_at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z",
            "WARC-Payload-Digest": f"sha256:{digest}",
            "WARC-Block-Digest": f"sha256:{_block_digest(lines, body)}",
        }
        if ip:
            extra["WARC-IP-Address"] = ip
        out = BytesIO()
        writer = WARCWriter(out, gzip=False, warc_version="WARC/1.1")
        record = writer.create_warc_record(
            url, "response", payload=BytesIO(body), http_headers=lines, warc_headers_dict=extra, length=len(body)
        )
        writer.write_record(record)
        encoded = any(name.lower() == "content-encoding" for name, _ in sent)
        offset = self._append(_member(out.getvalue(), level=0 if encoded else 1))
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
        file = self._file = self.path.open("wb")
        out = BytesIO()
        writer = WARCWriter(out, gzip=False, warc_version="WARC/1.1")
        info = {"software": self._software, "format": "WARC File Format 1.1"}
        writer.write_record(writer.create_warcinfo_record(self.path.name, info))
        self._offset = file.write(_member(out.getvalue(), level=1))
        return file


def _member(data: bytes, *, level: int) -> bytes:
    """One gzip member: ISA-L's level 1 costs a ninth of zlib's default and loses a tenth."""
    packer = isal_zlib.compressobj(level, isal_zlib.DEFLATED, 16 + isal_zlib.MAX_WBITS)
    return bytes(packer.compress(data) + packer.flush())


def _block_digest(headers: StatusAndHeaders, body: bytes) -> str:
    digest = hashlib.sha256(headers.to_bytes())
    digest.update(body)
    return digest.hexdigest()


def _phrase(status: int) -> str:
    return {200: "OK", 404: "Not Found", 410: "Gone"}.get(status, "Status")
