"""What a child tells its parent: one JSON message a line, on the child's standard output and nowhere else."""

from __future__ import annotations

import os
import sys
from typing import BinaryIO

import msgspec

from spiders.job import CrawlResult, Partition, Probe, Progress


class Going(msgspec.Struct, frozen=True, tag="progress"):
    """How far the crawl is."""

    progress: Progress


class Ended(msgspec.Struct, frozen=True, tag="result"):
    """How the crawl ended: the child's last word."""

    result: CrawlResult


class Planned(msgspec.Struct, frozen=True, tag="plan"):
    """The partitions that a source falls into."""

    partitions: tuple[Partition, ...]


class Probed(msgspec.Struct, frozen=True, tag="probe"):
    """What a look at an unknown site found."""

    probe: Probe


class Refused(msgspec.Struct, frozen=True, tag="refused"):
    """The child could not begin, for a reason that a person must act on."""

    kind: str
    message: str
    hint: str = ""


Message = Going | Ended | Planned | Probed | Refused


class Voice:
    """The child's end of the wire. Everything else that this process prints goes to standard error instead."""

    def __init__(self) -> None:
        sys.stdout.flush()
        self._out: BinaryIO = os.fdopen(os.dup(1), "wb", buffering=0)
        os.dup2(2, 1)

    def say(self, message: Message) -> None:
        """Send one message; a parent that has gone is not an error here."""
        try:
            self._out.write(msgspec.json.encode(message) + b"\n")
        except (BrokenPipeError, ValueError):
            return


def heard(line: bytes) -> Message | None:
    """The message in ``line``, or none if it is not one."""
    try:
        return msgspec.json.decode(line, type=Message)  # type: ignore[no-any-return]  # a union has no type of its own
    except msgspec.MsgspecError:
        return None
