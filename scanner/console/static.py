"""The console's own files, in memory, under names that change with their content, so that browsers keep them."""

from __future__ import annotations

import gzip
import hashlib
from pathlib import Path

from starlette.responses import Response

FOLDER = Path(__file__).parent / "static"
_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".png": "image/png",
}
_FOR_EVER = "public, max-age=31536000, immutable"


class StaticFiles:
    """Every file of a folder, each under ``name.HASH.suffix``. What is not in it at the start is not there at all."""

    def __init__(self, folder: Path = FOLDER) -> None:
        files = [file for file in sorted(folder.iterdir()) if file.suffix in _TYPES]
        self._names = {file.name: _hashed_name(file) for file in files}
        self._files = {_hashed_name(file): (file.read_bytes(), _TYPES[file.suffix]) for file in files}
        # Pages are sent as they are: packed, their length would tell of the token beside what was asked (BREACH).
        self._packed = {name: gzip.compress(content, mtime=0) for name, (content, _type) in self._files.items()}

    def address(self, name: str) -> str:
        """Where a file is found. An unknown name is a slip in a template: ``KeyError``."""
        return f"/static/{self._names[name]}"

    def response(self, hashed_name: str, *, accepted: str = "") -> Response:
        """The file of that address, packed for who accepts gzip, or 404."""
        if hashed_name not in self._files:
            return Response(status_code=404)
        content, type_ = self._files[hashed_name]
        headers = {"Cache-Control": _FOR_EVER, "Vary": "Accept-Encoding"}
        if "gzip" in accepted.replace("gzip;q=0", ""):
            content, headers["Content-Encoding"] = self._packed[hashed_name], "gzip"
        return Response(content, media_type=type_, headers=headers)


def _hashed_name(file: Path) -> str:
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    return f"{file.stem}.{digest}{file.suffix}"
