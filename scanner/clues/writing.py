"""Makes the file of a clue package: a ZIP with a report to read, data to process, evidence, events, and a manifest.

The manifest names every other file with size and SHA-256, the two who have signed, and the head of the history. Its own
SHA-256 goes on record when the file is made, so that the history vouches for all of it.
"""

from __future__ import annotations

import hashlib
import os
import re
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import msgspec
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from scanner.clues.checking import EVENTS, FORMAT, MANIFEST
from scanner.clues.contents import Contents, Exhibit
from scanner.clues.records import Attachment
from scanner.errors import StoreUnavailable

# Bytes of a piece of evidence as they were captured; nothing where they are gone or no longer what they were.
ReadEvidence = Callable[[Exhibit], bytes | None]
ReadAttachment = Callable[[Attachment], bytes | None]

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_README = """\
Clue package {number} / 线索材料 {number}

report.html     the report, to read or print                报告
data/           the same as data                            数据
evidence/       bytes as they were captured, by SHA-256     原始证据
attachments/    files from elsewhere                        附件
events.jsonl    what was done, in order, each with its hash 操作记录
manifest.json   every file with size and SHA-256            清单

To check it without us:  delist clue verify FILE, or compare `sha256sum` of each file with manifest.json.
SHA-256 of manifest.json is printed where the package was handed over, and stands in our history of events.
核验：运行 delist clue verify FILE，或用 sha256sum 逐一比对 manifest.json。
"""


class Listed(msgspec.Struct, frozen=True, kw_only=True):
    """A file as the manifest lists it."""

    path: str
    bytes: int
    sha256: str
    what: str


@contextmanager
def named_at_last(file: Path) -> Iterator[Path]:
    """Where to write meanwhile: it gets its name when the block ends well, and is gone when it does not.

    What an export that was killed has left beside ``file`` goes first: it holds personal data, and nobody knows of it.
    Raises ``StoreUnavailable`` as the disk does.
    """
    waiting = file.with_name(f"{file.name}.{os.getpid()}.signed")
    with _disk_named(file):
        for left in _left_behind(file):
            left.unlink(missing_ok=True)
    try:
        yield waiting
        with _disk_named(file):
            waiting.replace(file)
    finally:
        waiting.unlink(missing_ok=True)


@contextmanager
def _disk_named(file: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise StoreUnavailable("{file}: {why}", file=file, why=error.strerror or error) from error


def _left_behind(file: Path) -> list[Path]:
    """What was waiting for this name, or was being written, when somebody killed it."""
    ours = re.compile(rf"{re.escape(file.name)}\.[0-9]+\.signed(\.[0-9]+\.part)?")
    return [one for one in file.parent.iterdir() if ours.fullmatch(one.name)]


def write(file: Path, contents: Contents, *, evidence: ReadEvidence, attachment: ReadAttachment, at: datetime) -> str:
    """Write the package to ``file``, whole or not at all; the SHA-256 of its manifest.

    What is missing is listed as missing, not left out in silence. Raises ``StoreUnavailable`` as the disk does.
    """
    part = file.with_name(f"{file.name}.{os.getpid()}.part")
    try:
        with _disk_named(file):
            with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
                digest = _filled(_Archive(archive, at), contents, evidence, attachment, at)
            part.replace(file)
    finally:
        part.unlink(missing_ok=True)
    return digest


class _Archive:
    """A ZIP that remembers what was put into it."""

    def __init__(self, archive: zipfile.ZipFile, at: datetime) -> None:
        self._archive, self._moment = archive, at.astimezone(UTC).timetuple()[:6]
        self.listed: list[Listed] = []

    def put(self, path: str, body: bytes, what: str) -> str:
        """Write a file; its SHA-256."""
        digest = hashlib.sha256(body).hexdigest()
        info = zipfile.ZipInfo(path, self._moment)
        info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, 0o600 << 16
        self._archive.writestr(info, body)
        self.listed.append(Listed(path=path, bytes=len(body), sha256=digest, what=what))
        return digest


def _filled(
    archive: _Archive, contents: Contents, evidence: ReadEvidence, attachment: ReadAttachment, at: datetime
) -> str:
    missing: list[dict[str, object]] = []
    for one in contents.exhibits:
        body = evidence(one)
        if body is None:
            missing.append({"what": one.what, "case": one.case_id, "sha256": one.ref.sha256})
        elif (path := f"evidence/{one.ref.sha256}") not in {listed.path for listed in archive.listed}:
            archive.put(path, body, f"case {one.case_id}: {one.what}")
    for kept in contents.package.attachments:
        body = attachment(kept)
        if body is None:
            missing.append({"what": f"attached file {kept.name}", "sha256": kept.sha256})
        else:
            archive.put(f"attachments/{kept.sha256}", body, kept.name)
    for path, body, what in _told(contents):
        archive.put(path, body, what)
    report = _TEMPLATES.get_template("report.html").render(contents=contents, missing=missing, at=at)
    archive.put("report.html", report.encode(), "the report")
    archive.put("README.txt", _README.format(number=contents.package.id).encode(), "how to read and check it")
    return archive.put(MANIFEST, _manifest(contents, archive.listed, missing, at), "the manifest")


def _told(contents: Contents) -> Iterator[tuple[str, bytes, str]]:
    """The data files; events as the history keeps them, so that each can be checked by its hash."""
    yield "data/package.json", _json(contents.package), "the package"
    yield "data/seller.json", _json((contents.seller, contents.licences, contents.counts)), "the seller"
    for item in contents.items:
        bare = msgspec.structs.replace(item, events=())
        yield f"data/case-{item.case.id}.json", _json(bare), f"case {item.case.id}"
    lines = b"".join(msgspec.json.encode(event) + b"\n" for event in contents.events)
    yield EVENTS, lines, "events"


def _manifest(contents: Contents, listed: list[Listed], missing: list[dict[str, object]], at: datetime) -> bytes:
    package = contents.package
    return _json(
        {
            "format": FORMAT,
            "package": package.id,
            "made_at": at,
            "recipient": f"{package.recipient}: {package.unit}",
            "signed": [
                {"name": package.made_by, "role": package.made_role, "at": package.made_at},
                {"name": package.approved_by, "role": package.approved_role, "at": package.approved_at},
            ],
            "digest": package.digest,
            "history": {"head": contents.head, "events": len(contents.events)},
            "files": listed,
            "missing": missing,
        }
    )


def _json(value: object) -> bytes:
    """Readable, the same bytes for the same value."""
    return msgspec.json.format(msgspec.json.encode(value, order="deterministic"), indent=1)
