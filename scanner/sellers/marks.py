"""What a listing is recognised by: hashes of its text, title, handles and pictures. Pure; batches, like all matching.

Text is read in the compact view: width, case, script, separators and emoji make no difference. Of what it says eight
pieces (the five-character pieces with the smallest hashes, a bottom-k sketch after Broder 1997) are looked up, and
MinHash (``datasketch``) compares the few candidates that share some of them. Handles are hashed under a secret.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt

from scanner.listing_content import text_fields
from scanner.model import Listing
from scanner.outside import Mark
from scanner.pictures.alike import parts
from scanner.signals.contacts import contacts
from scanner.signals.reading import Reading
from scanner.text.views import Batch, folded

if TYPE_CHECKING:
    from datasketch import MinHash

Hashes = npt.NDArray[np.uint64]

# A piece of text, and how many of a listing's are looked up.
PIECE, LOOKED_UP = 5, 8
SKETCH = 128
# Among so many of the smallest there are enough different ones, unless a text repeats itself.
_FEW = 4 * LOOKED_UP
# Shorter texts and titles say too little to know a listing by; of longer ones only the beginning is read.
SHORTEST_TEXT, SHORTEST_TITLE, LONGEST_FIELD = 12, 6, 4_000
MOST_TITLE, MOST_IMAGES, MOST_HANDLES = 64, 12, 40

_SEED = 7
_FACTOR = np.uint64(0x9E3779B97F4A7C15)
# Odd factors for the characters of a piece.
_WEIGHTS = tuple(np.uint64(pow(0x9E3779B97F4A7C15, power, 2**64) | 1) for power in range(1, PIECE + 1))
# Linear: one class after the other, no choice.
_TOKEN = re.compile(r"[a-z0-9][a-z0-9_.\-]{4,30}")
# A messenger's name that is written together with the handle.
_PREFIXES = ("wechat", "weixin", "whatsapp", "telegram", "vx", "wx", "qq", "tg", "ws", "v", "q")
_INITIALS = frozenset(prefix[0] for prefix in _PREFIXES)
# A picture's file name counts if it names one picture and not a place in a page: long, and not a word.
_IMAGE = re.compile(r"(?=[^/]*[0-9])[0-9A-Za-z_\-]{16,}")


class Marks(msgspec.Struct, frozen=True, kw_only=True):
    """A listing's marks: ``keys`` are looked up, the others compared with those of a candidate."""

    keys: dict[int, Mark]
    title: frozenset[int]
    pieces: Hashes


def marks_of(listings: Sequence[Listing], secret: str) -> list[Marks]:
    """The marks of each listing, as a new listing is looked up."""
    if not listings:
        return []
    said = [_said(listing) for listing in listings]
    batch = Batch(said)
    return [
        _marks(listing, *units, pieces, tokens, secret)
        for listing, units, pieces, tokens in zip(listings, _units(batch), _pieces(batch), _tokens(batch), strict=True)
    ]


def contact_keys(listing: Listing, secret: str) -> dict[int, Mark]:
    """The handles of a removed listing, found as signals find them: more effort than every new listing is worth."""
    found = contacts(Reading(text_fields(listing)))
    names = {_plain(signal.reads.partition(":")[2]) for signal in found}
    return {_keyed(name, secret): Mark.CONTACT for name in sorted(names)[:MOST_HANDLES] if len(name) >= PIECE}


def look_keys(looks: Iterable[int]) -> dict[int, Mark]:
    """What pictures are looked up by: the parts of what they look like. ``alike`` compares what shares some."""
    return {_hashed("look", f"{number}:{part}".encode()): Mark.PICTURE for one in looks for number, part in parts(one)}


def sketch_of(pieces: Hashes) -> tuple[int, ...]:
    """The MinHash of a text's pieces."""
    return tuple(int(value) for value in _minhash(pieces).hashvalues)


def text_likeness(pieces: Hashes, sketch: Sequence[int]) -> float:
    """How like a text is to one of which only the sketch is kept: the estimated share of common pieces."""
    own = _minhash(pieces)
    other = type(own)(num_perm=SKETCH, seed=_SEED, scheme="affine32", hashvalues=np.array(sketch, np.uint32))
    return float(own.jaccard(other)) if len(pieces) else 0.0


def title_likeness(one: frozenset[int], other: frozenset[int]) -> float:
    """The share of common pairs of characters."""
    return len(one & other) / len(one | other) if one and other else 0.0


def _marks(
    listing: Listing,
    title: npt.NDArray[np.uint16],
    units: npt.NDArray[np.uint16],
    pieces: Hashes,
    tokens: Iterable[str],
    secret: str,
) -> Marks:
    keys: dict[int, Mark] = {}
    for value in _smallest(pieces).tolist():
        keys[_signed(value)] = Mark.PIECE
    for name in list(tokens)[:MOST_HANDLES]:
        keys[_keyed(name, secret)] = Mark.CONTACT
    for picture in filter(None, map(_picture, listing.images[:MOST_IMAGES])):
        keys[_hashed("image", picture.encode())] = Mark.IMAGE
    template = _template(units)
    if len(template) >= 2 * SHORTEST_TEXT:
        keys[_hashed("template", template.tobytes())] = Mark.TEMPLATE
    if len(title) >= SHORTEST_TITLE:
        keys[_hashed("title", title.tobytes())] = Mark.TITLE
    if len(units) >= SHORTEST_TEXT:
        keys[_hashed("text", units.tobytes())] = Mark.TEXT
    return Marks(keys=keys, title=_pairs(title), pieces=pieces)


def _said(listing: Listing) -> list[tuple[str, str]]:
    """What is offered, the title first, without who offers it."""
    skipped = ("seller.name", "brand", "questions", "title")
    fields = [(name, text[:LONGEST_FIELD]) for name, text in text_fields(listing) if not name.startswith(skipped)]
    return [("title", _title(listing)), *fields]


def _title(listing: Listing) -> str:
    return (listing.title or listing.text)[:200]


def _documents(batch: Batch) -> Iterator[tuple[int, int]]:
    """Where in the compact view each document begins and ends."""
    bounds = np.searchsorted(batch.kept, batch.document_slots)
    return zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True)


def _units(batch: Batch) -> Iterator[tuple[npt.NDArray[np.uint16], npt.NDArray[np.uint16]]]:
    """Title and whole text of each document in the compact view, without the edges of fields."""
    text = batch.compact
    edge = text == text[-1]
    for first, end in _documents(batch):
        inside = edge[first:end]
        whole = text[first:end]
        yield whole[: int(inside.argmax())], whole[~inside]


def _pieces(batch: Batch) -> list[Hashes]:
    """The hashes of each document's pieces; a piece does not reach over the edge of a field."""
    text = batch.compact.astype(np.uint64)
    if len(text) < PIECE:
        return [np.zeros(0, np.uint64)] * len(batch.documents)
    size = len(text) - PIECE + 1
    hashes = np.zeros(size, np.uint64)
    crosses = np.zeros(size, bool)
    edge = text[-1]
    for offset, weight in enumerate(_WEIGHTS):
        part = text[offset : offset + size]
        hashes += (part + np.uint64(1)) * weight
        crosses |= part == edge
    hashes ^= hashes >> np.uint64(29)
    hashes *= _FACTOR
    hashes ^= hashes >> np.uint64(32)
    return [_inside(hashes, crosses, first, end) for first, end in _documents(batch)]


def _inside(hashes: Hashes, crosses: npt.NDArray[np.bool_], first: int, end: int) -> Hashes:
    last = max(first, end - PIECE + 1)
    return hashes[first:last][~crosses[first:last]]


def _smallest(pieces: Hashes) -> Hashes:
    """The smallest hashes, each once. Only a few are put in order: that is most of what a new listing costs."""
    few = np.partition(pieces, _FEW)[:_FEW] if len(pieces) > _FEW else pieces
    return np.unique(few)[:LOOKED_UP]


def _template(units: npt.NDArray[np.uint16]) -> npt.NDArray[np.uint16]:
    """The text without ASCII letters and digits: numbers, prices and handles change, the rest of a form does not."""
    return units[units > np.uint16(ord("z"))]


def _pairs(units: npt.NDArray[np.uint16]) -> frozenset[int]:
    wide = units.astype(np.uint64)
    pairs = (wide[:-1] << np.uint64(16) | wide[1:]).tolist() if len(wide) > 1 else wide.tolist()
    return frozenset(sorted(set(pairs))[:MOST_TITLE])


def _tokens(batch: Batch) -> list[list[str]]:
    """What in each document may be a handle: runs of ASCII letters and digits, and runs of disguised digits."""
    found: list[list[str]] = [[] for _ in batch.documents]
    read = folded(batch, 0, len(batch.codes))
    starts, names = [], []
    for match in _TOKEN.finditer(read.text):
        starts.append(match.start())
        names.append(match.group())
    if names:
        slots = read.slots[starts]
        for number, name in zip(np.searchsorted(batch.document_slots, slots, side="right") - 1, names, strict=True):
            found[number].extend(_readings(name))
    for number, digits in _digit_runs(batch):
        found[number].append(digits)
    return [list(dict.fromkeys(names)) for names in found]


def _readings(token: str) -> Iterator[str]:
    """A token of folded text without what separates, and without a messenger's name before it."""
    plain = token.replace("_", "").replace("-", "").replace(".", "")
    yield plain
    for prefix in _PREFIXES if plain[:1] in _INITIALS else ():
        if plain.startswith(prefix) and len(plain) - len(prefix) >= PIECE:
            yield plain[len(prefix) :]


def _digit_runs(batch: Batch) -> Iterator[tuple[int, str]]:
    """Runs of five to thirteen digits in the view in which everything that reads as a digit is one."""
    units = batch.digits
    is_digit = (units >= np.uint16(ord("0"))) & (units <= np.uint16(ord("9")))
    steps = np.flatnonzero(np.diff(np.concatenate(([0], is_digit.view(np.int8), [0]))))
    first, end = steps[::2], steps[1::2]
    fitting = (end - first >= PIECE) & (end - first <= 13)
    slots = batch.kept[first[fitting]] if len(first) else first
    numbers = np.searchsorted(batch.document_slots, slots, side="right") - 1
    for number, start, stop in zip(numbers, first[fitting], end[fitting], strict=True):
        yield int(number), units[start:stop].astype(np.uint8).tobytes().decode("ascii")


def _plain(handle: str) -> str:
    return "".join(one for one in handle.casefold() if one.isalnum())


def _picture(address: str) -> str:
    """The file name of a picture if it can be one picture's only, else nothing."""
    name = address.partition("?")[0].rpartition("/")[2].partition(".")[0]
    return name if _IMAGE.fullmatch(name) else ""


def _minhash(pieces: Hashes) -> MinHash:
    # Imported where it is needed: it brings scipy, half a second that no command should wait for.
    from datasketch import MinHash

    sketch = MinHash(num_perm=SKETCH, seed=_SEED, scheme="affine32", hashfunc=int)
    sketch.update_batch(pieces & np.uint64(0xFFFFFFFF))
    return sketch


def _keyed(handle: str, secret: str) -> int:
    digest = hashlib.blake2b(b"contact:" + handle.encode(), digest_size=8, key=secret.encode()[:64]).digest()
    return int.from_bytes(digest, "big", signed=True)


def _hashed(kind: str, content: bytes) -> int:
    digest = hashlib.blake2b(kind.encode() + b":" + content, digest_size=8).digest()
    return int.from_bytes(digest, "big", signed=True)


def _signed(value: int) -> int:
    """An unsigned 64-bit number as databases keep one."""
    return value - 2**64 if value >= 2**63 else value
