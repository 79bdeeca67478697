"""Inert copies of pictures, made by ``decoder`` in a process of its own, which may die of what it reads.

A picture on which the process dies or takes too long although it was its first is told as one that cannot be decoded;
a new process goes on with the rest. So no picture is lost to the time that those before it took.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator, Sequence
from io import BytesIO
from pathlib import Path

import msgspec

from scanner.pictures.decoder import block, blocks
from scanner.pictures.fetching import Copy

PROGRAM = Path(__file__).with_name("decoder.py")
SECONDS = 30.0
_DIED = "it cannot be decoded within the limits"


def decode(originals: Sequence[bytes], *, program: Path = PROGRAM, seconds: float = SECONDS) -> tuple[Copy, ...]:
    """An inert copy of each, or why there is none, in the same order; a process of ``program`` has ``seconds``."""
    copies: list[Copy] = []
    while len(copies) < len(originals):
        answered = list(_answers(originals[len(copies) :], program, seconds))
        copies += answered or [Copy(why=_DIED)]
    return tuple(copies)


def _answers(originals: Sequence[bytes], program: Path, seconds: float) -> Iterator[Copy]:
    """The answers of one process, until it has died of one of them."""
    # Without our environment and out of reach of the folder we were started in.
    with subprocess.Popen(  # noqa: S603 -- our own program
        [sys.executable, "-I", str(program)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env={},
    ) as process:
        try:
            written, _ = process.communicate(b"".join(map(block, originals)), timeout=seconds)
        except subprocess.TimeoutExpired:
            process.kill()
            written, _ = process.communicate()
    parts = list(blocks(BytesIO(written)))
    for facts, copy in zip(parts[::2], parts[1::2], strict=False):
        try:
            known = msgspec.json.decode(facts, type=Copy)
        except msgspec.DecodeError:
            return  # whatever it was made to say, it is not asked any further
        yield msgspec.structs.replace(known, webp=copy)
