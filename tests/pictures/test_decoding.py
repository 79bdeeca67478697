"""Copies of pictures are inert, whatever the originals are; a picture that kills its decoder harms nobody else."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageEnhance

from scanner.pictures.alike import NEAR, distance
from scanner.pictures.decoder import LONGEST
from scanner.pictures.decoding import PROGRAM, decode
from tests.posters import poster, written


def bomb(width: int, height: int) -> bytes:
    """A few hundred bytes that unpack to a very large PNG."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(10**6))) + chunk(b"IEND", b"")
    )


def exif_with_a_place() -> Image.Exif:
    """What a telephone writes into a picture: turned by a quarter, and where it was taken."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Phone of Li"
    exif.get_ifd(0x8825)[1] = "N"
    return exif


def test_what_strangers_made_becomes_inert_or_is_refused_one_by_one() -> None:
    """Formats are read, bombs and markup are not, and each answer stands where its picture stood."""
    given = {
        "photo": written(poster(), exif=exif_with_a_place(), comment=b"<script>alert(1)</script>"),
        "bomb": bomb(30_000, 30_000),
        "svg": b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        "page": b"<html><script>alert(1)</script>",
        "cut": written(poster())[:900],
        "empty": b"",
        "eps": b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n",
        "moving": written(poster(), "GIF", save_all=True, append_images=[poster(2)]),
        "clear": written(poster().convert("RGBA"), "PNG"),
        "wide": written(Image.new("L", (20_000, 30), 7), "PNG"),
        "huge": written(Image.new("L", (4000, 30), 7), "PNG"),
    }
    found = dict(zip(given, decode(list(given.values())), strict=True))

    assert [name for name, copy in found.items() if not copy.why] == ["photo", "moving", "clear", "huge"]
    assert found["bomb"].why == "it cannot be decoded (DecompressionBombError)"
    assert found["wide"].why == "it has 20000 x 30 pixels"
    photo = found["photo"]
    assert (photo.media_type, photo.width, photo.height) == ("image/jpeg", 240, 320)  # upright
    assert b"script" not in photo.webp
    assert b"Phone" not in photo.webp
    with Image.open(BytesIO(photo.webp)) as copy:
        assert (copy.format, dict(copy.getexif()), copy.info.get("icc_profile")) == ("WEBP", {}, None)
    assert found["huge"].width == LONGEST
    assert found["huge"].look is None  # nothing to see on it


def test_a_decoder_that_dies_or_hangs_takes_one_picture_with_it(tmp_path: Path) -> None:
    """The rest is decoded by a new process."""
    program = tmp_path / "decoder.py"
    fatal = 'data == b"die" and os.abort(), data == b"hang" and time.sleep(60)'
    text = PROGRAM.read_text(encoding="utf8").replace(
        "            facts, copy = inert(data)", f"            {fatal}; facts, copy = inert(data)"
    )
    program.write_text(text.replace("import json\n", "import json\nimport os\nimport time\n"), encoding="utf8")

    given = [written(poster()), b"die", written(poster(2)), b"hang", written(poster(3))]
    found = decode(given, program=program, seconds=4.0)

    died = "it cannot be decoded within the limits"
    assert [copy.why for copy in found] == ["", died, "", died, ""]


def test_no_picture_is_lost_to_the_time_that_others_took(tmp_path: Path) -> None:
    """A process that is at its limit after two pictures decodes five all the same; what it stammers is not believed."""
    program = tmp_path / "decoder.py"
    text = PROGRAM.read_text(encoding="utf8").replace("for data in blocks(sys.stdin.buffer):", "for data in two():")
    two = """
def two():
    yield from itertools.islice(blocks(sys.stdin.buffer), 2)
    sys.stdout.buffer.write(block(b"no JSON") + block(b"x") + _LENGTH.pack(9) + b"cut")
    sys.stdout.buffer.flush()
    os.abort()


def main() -> None:"""
    text = text.replace("def main() -> None:", two.strip()).replace("import json\n", "import itertools, json, os\n")
    program.write_text(text, encoding="utf8")

    found = decode([written(poster(number)) for number in range(5)], program=program)

    assert [bool(copy.webp) for copy in found] == [True] * 5


CHANGES: dict[str, Callable[[Image.Image], bytes]] = {
    "poor quality": lambda one: written(one, quality=15),
    "half the size": lambda one: written(one.resize((160, 120))),
    "brighter": lambda one: written(ImageEnhance.Brightness(one).enhance(1.2)),
    "a mark": lambda one: written(marked(one)),
    "another format": lambda one: written(one, "WEBP", quality=60),
}


def marked(one: Image.Image) -> Image.Image:
    """With a small mark in a corner."""
    copy = one.copy()
    copy.paste((40, 40, 40), (260, 210, 310, 230))
    return copy


def test_a_picture_is_known_again_after_small_changes_and_others_are_not_taken_for_it() -> None:
    """Ten pictures, each in five disguises, against all ten."""
    posters = [poster(seed) for seed in range(10)]
    copies = decode([written(one) for one in posters] + [change(one) for one in posters for change in CHANGES.values()])
    looks = [copy.look for copy in copies]
    assert None not in looks
    plain = [look for look in looks if look is not None]
    originals, disguised = plain[:10], [plain[10 + 5 * seed : 15 + 5 * seed] for seed in range(10)]

    known = sum(distance(originals[seed], look) <= NEAR for seed in range(10) for look in disguised[seed])
    mistaken = sum(
        distance(originals[seed], look) <= NEAR for seed in range(10) for other in range(10) if other != seed
        for look in disguised[other]
    )  # fmt: skip
    assert (known >= 48, mistaken) == (True, 0)
