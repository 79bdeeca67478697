"""Decodes pictures that strangers made, in a process of its own; run as a program by ``decoding``.

Reads ``length, bytes`` again and again from standard input, and answers each on standard output with ``length, JSON,
length, bytes``: an inert copy, or why there is none. It imports nothing of Delist, has little memory and time, no
environment, and ends when its input does. Whatever a decoder does wrong here happens here.
"""

from __future__ import annotations

import json
import math
import resource
import struct
import sys
import warnings
from collections.abc import Iterator
from io import BytesIO
from typing import BinaryIO

MOST_MEMORY = 1 << 30
MOST_SECONDS = 20
# A shop's picture has a few million pixels; what has more is read by nobody.
MOST_PIXELS = 40_000_000
MOST_SIDE = 16_384
# What people get to see.
LONGEST = 1_600
QUALITY = 80
FORMATS = ("JPEG", "PNG", "WEBP", "GIF", "BMP", "AVIF")

# The perceptual hash: the lowest frequencies of a grey copy of this size. Less contrast shows nothing to know it by.
SMALL, LOW = 32, 8
LEAST_CONTRAST = 4.0

_LENGTH = struct.Struct(">I")


def limit() -> None:
    """From now on this process has only so much memory and time, and writes no file."""
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),
    ):
        try:
            resource.setrlimit(what, (most, most))
        except (OSError, ValueError):
            continue  # macOS has no limit on memory; the limits on pixels and time hold there as well


def inert(data: bytes) -> tuple[dict[str, object], bytes]:
    """The first picture in ``data`` as a WebP of ours, upright and without metadata, and what is known of it."""
    from PIL import Image, ImageOps  # after the limits are set

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with warnings.catch_warnings(), Image.open(BytesIO(data), formats=FORMATS) as opened:
        warnings.simplefilter("error")
        if max(opened.size) > MOST_SIDE or opened.width * opened.height > MOST_PIXELS:
            return {"why": f"it has {opened.width} x {opened.height} pixels"}, b""
        kind = Image.MIME.get(opened.format or "", "")
        opened.draft("RGB", (LONGEST, LONGEST))
        upright = ImageOps.exif_transpose(opened).convert("RGBA")
    upright.thumbnail((LONGEST, LONGEST))
    flat = Image.new("RGB", upright.size, "white")
    flat.paste(upright, mask=upright.getchannel("A"))
    written = BytesIO()
    flat.save(written, "WEBP", quality=QUALITY, method=2)
    grey = flat.convert("L").resize((SMALL, SMALL), Image.Resampling.LANCZOS)
    facts = {"media_type": kind, "width": flat.width, "height": flat.height, "look": look(list(grey.tobytes()))}
    return facts, written.getvalue()


def look(grey: list[int]) -> int | None:
    """The perceptual hash of ``SMALL`` by ``SMALL`` grey values, as a signed number; none where they hardly differ."""
    mean = sum(grey) / len(grey)
    if math.sqrt(sum((value - mean) ** 2 for value in grey) / len(grey)) < LEAST_CONTRAST:
        return None
    rows = [grey[start : start + SMALL] for start in range(0, len(grey), SMALL)]
    across = [[sum(map(float.__mul__, wave, map(float, row))) for wave in _WAVES] for row in rows]
    low = [sum(wave[y] * across[y][column] for y in range(SMALL)) for wave in _WAVES for column in range(LOW)]
    middle = sorted(low)[len(low) // 2]
    bits = sum(1 << place for place, value in enumerate(low) if value > middle)
    return bits - (1 << 64) if bits >= 1 << 63 else bits


# The first cosines of the DCT-II.
_WAVES = [[math.cos(math.pi * (2 * x + 1) * u / (2 * SMALL)) for x in range(SMALL)] for u in range(LOW)]


def blocks(stream: BinaryIO) -> Iterator[bytes]:
    """What comes whole with its length before it, until the stream ends."""
    while len(head := stream.read(_LENGTH.size)) == _LENGTH.size:
        (length,) = _LENGTH.unpack(head)
        if len(data := stream.read(length)) < length:
            return
        yield data


def block(data: bytes) -> bytes:
    """``data`` with its length before it."""
    return _LENGTH.pack(len(data)) + data


def main() -> None:
    """Answer each picture; what cannot be decoded is told and stops nothing."""
    limit()
    for data in blocks(sys.stdin.buffer):
        try:
            facts, copy = inert(data)
        except Exception as error:  # noqa: BLE001 -- decoders raise anything on what strangers made; each is told
            facts, copy = {"why": f"it cannot be decoded ({type(error).__name__})"}, b""
        sys.stdout.buffer.write(block(json.dumps(facts).encode()) + block(copy))
        sys.stdout.buffer.flush()


if __name__ == "__main__":
    main()
