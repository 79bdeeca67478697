"""Pages out of recordings: WARC files, and HAR files (HTTP Archive 1.2) as browsers' developer tools save them."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import msgspec

from scanner.errors import InputError
from spiders.archive import WARC_SUFFIXES, records
from spiders.pages import Page

HAR_SUFFIX = ".har"
SUFFIXES = (*WARC_SUFFIXES, HAR_SUFFIX)
# A recording is read whole where it is one document.
MOST_BYTES = 512 * 2**20
_READABLE = frozenset({200, 404, 410})


class _Content(msgspec.Struct):
    text: str = ""
    encoding: str = ""
    mime: str = msgspec.field(default="", name="mimeType")


class _Request(msgspec.Struct):
    url: str


class _Response(msgspec.Struct):
    status: int
    content: _Content


class _Entry(msgspec.Struct):
    request: _Request
    response: _Response
    started: str = msgspec.field(default="", name="startedDateTime")


class _Log(msgspec.Struct):
    entries: list[_Entry]


class _Har(msgspec.Struct):
    log: _Log


def is_recording(path: Path) -> bool:
    """Whether a file goes by its name for a recording."""
    return path.name.lower().endswith(SUFFIXES)


def pages(path: Path) -> Iterator[Page]:
    """The pages in a recording, in order; pictures, scripts and the like are passed over. Raises ``InputError``."""
    found = _har(path) if path.name.lower().endswith(HAR_SUFFIX) else (record.page() for record in records(path))
    return (page for page in found if page.status in _READABLE and _is_html(page))


def _is_html(page: Page) -> bool:
    kind = page.content_type.partition(";")[0].strip().lower()
    return not kind or "html" in kind


def _har(path: Path) -> Iterator[Page]:
    try:
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path}: larger than {MOST_BYTES // 2**20} MiB")
        har = msgspec.json.decode(path.read_bytes(), type=_Har)
    except OSError as error:
        raise InputError(f"{path}: {error.strerror or error}") from error
    except msgspec.MsgspecError as error:
        raise InputError(f"{path}: not a HAR file: {error}", hint="Save it from the browser's network tab.") from error
    for entry in har.log.entries:
        content = entry.response.content
        yield Page(
            body=_body(content),
            url=entry.request.url,
            status=entry.response.status,
            content_type=content.mime.partition(";")[0],
            seen_at=_moment(entry.started),
        )


def _body(content: _Content) -> bytes:
    if content.encoding != "base64":
        return content.text.encode("utf-8", "replace")
    try:
        return base64.b64decode(content.text)
    except (binascii.Error, ValueError):
        return b""


def _moment(text: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
