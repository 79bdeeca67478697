"""Product pictures: small PNGs drawn from a number, the same bytes every time, without an imaging library."""

from __future__ import annotations

import struct
import zlib
from functools import lru_cache
from random import Random

_CELLS = 8
_CELL = 20


def _chunk(kind: bytes, data: bytes) -> bytes:
    """One PNG chunk: length, kind, data, CRC (PNG specification, 5.3)."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


@lru_cache(maxsize=256)
def picture(art: int, view: int = 1) -> bytes:
    """A PNG of 160 x 160 pixels with a pattern that is mirrored left to right, in colours of its own.

    ``art`` is the goods, ``view`` which of its pictures: a relisted offer shows the very same bytes.
    """
    draw = Random(art * 16 + view)
    palette = bytes(draw.randrange(256) for _ in range(4 * 3))
    rows = bytearray()
    for _ in range(_CELLS):
        half = bytes(draw.randrange(4) for _ in range(_CELLS // 2))
        line = b"".join(bytes([colour]) * _CELL for colour in half + half[::-1])
        rows += (b"\x00" + line) * _CELL
    side = _CELLS * _CELL
    header = struct.pack(">IIBBBBB", side, side, 8, 3, 0, 0, 0)
    body = _chunk(b"IHDR", header) + _chunk(b"PLTE", palette) + _chunk(b"IDAT", zlib.compress(bytes(rows), 6))
    return b"\x89PNG\r\n\x1a\n" + body + _chunk(b"IEND", b"")
