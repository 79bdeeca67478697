"""A spool segment as batches of observations. A line that is none is kept with its number; the rest goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from scanner.inspection.records import Cursor
from scanner.listing_content import content_hash
from scanner.model import Fetched, Gone, Observation, Unchanged

# So many lines are one transaction.
BATCH = 256
# No listing is longer: a longer line is a fault, and must not be read into memory whole.
MOST_LINE_BYTES = 32 * 2**20
# Longer names of platforms and listings do not fit every database's indices.
MOST_ID_CHARACTERS = 512
# So much of a bad line is kept.
_BEGINNING = 200

# A listing: its platform and its id there.
Key = tuple[str, str]
NO_KEY: Key = ("", "")

_decoder = msgspec.json.Decoder(Observation)


class BadLine(msgspec.Struct, frozen=True, kw_only=True):
    """A line that is no observation; why: ``not_an_observation``, ``no_id``, ``too_long`` …"""

    line: int
    reason: str
    beginning: str


class Batch(msgspec.Struct, frozen=True, kw_only=True):
    """Some lines of a segment, no listing twice among them. ``offset`` and ``lines`` say where the next batch begins.

    ``hashes`` are the content hashes of the listings that were fetched.
    """

    observations: tuple[Observation, ...]
    hashes: dict[Key, str]
    bad: tuple[BadLine, ...]
    offset: int
    lines: int
    is_last: bool

    @property
    def keys(self) -> frozenset[Key]:
        """The listings that the batch speaks of."""
        return frozenset(key for one in self.observations if (key := key_of(one)) != NO_KEY)


def read_batch(file: BinaryIO, cursor: Cursor, *, most: int = BATCH) -> Batch:
    """The next lines of ``file`` from where ``cursor`` stands, at most ``most``.

    A batch ends early before a listing that it has already: within a batch every listing has one state.
    """
    file.seek(cursor.offset)
    observations: list[Observation] = []
    bad: list[BadLine] = []
    seen: set[Key] = set()
    offset, number, is_last = cursor.offset, cursor.lines, True
    for line, length in _lines(file):
        one = _read(line, number + 1)
        key = key_of(one)
        if number - cursor.lines >= most or key in seen:
            is_last = False
            break
        if isinstance(one, BadLine):
            bad.append(one)
        else:
            observations.append(one)
            seen.update({key} - {NO_KEY})
        offset, number = offset + length, number + 1
    return Batch(
        observations=tuple(observations),
        hashes={key_of(one): content_hash(one.listing) for one in observations if isinstance(one, Fetched)},
        bad=tuple(bad),
        offset=offset,
        lines=number,
        is_last=is_last,
    )


def key_of(observation: Observation | BadLine) -> Key:
    """The listing that an observation speaks of, or ``NO_KEY``: failures and omissions speak of none."""
    match observation:
        case Fetched(listing=listing):
            return listing.platform, listing.listing_id
        case Unchanged(platform=platform, listing_id=listing_id) | Gone(platform=platform, listing_id=listing_id):
            return platform, listing_id
        case _:
            return NO_KEY


def _lines(file: BinaryIO) -> Iterator[tuple[bytes, int]]:
    """Each line and how many bytes it takes in the file; of a line that is too long only the beginning."""
    while line := file.readline(MOST_LINE_BYTES):
        length = len(line)
        while len(line) == MOST_LINE_BYTES and not line.endswith(b"\n") and (rest := file.readline(MOST_LINE_BYTES)):
            length += len(rest)
            if rest.endswith(b"\n"):
                break
        yield line, length


def _read(line: bytes, number: int) -> Observation | BadLine:
    def bad(reason: str) -> BadLine:
        return BadLine(line=number, reason=reason, beginning=line[:_BEGINNING].decode("utf8", "replace"))

    if len(line) == MOST_LINE_BYTES:
        return bad("too_long")
    try:
        observation: Observation = _decoder.decode(line)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return bad("not_an_observation")
    key = key_of(observation)
    if isinstance(observation, Fetched | Unchanged | Gone) and not all(key):
        return bad("no_id")
    if any("\0" in part for part in key):
        return bad("no_id")  # it would be stored as another: no database keeps a NUL in text
    if max(map(len, key)) > MOST_ID_CHARACTERS:
        return bad("id_too_long")
    return observation
