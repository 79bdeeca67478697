"""``delist inspect --replay``: yesterday's pages read with today's code, and what comes out differently."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import msgspec
from rich.text import Text

from scanner.cli.output import console, inert
from scanner.errors import InputError, PageError
from scanner.inspection.changes import Change, around, changes
from scanner.model import Gone, Listing
from scanner.records import Version
from scanner.settings import Settings, Source
from scanner.store import Store
from spiders.archive import Record, records
from spiders.pages import NotAListing, known_refinements, read_page

MOST_SHOWN = 50


class Replayed(msgspec.Struct, frozen=True, kw_only=True):
    """What a replay came to: records read, versions compared, fields that differ and on how many listings."""

    read: int
    compared: int
    same: int
    fields: dict[str, int]

    @property
    def is_same(self) -> bool:
        """Whether today's code reads the pages as they were read then."""
        return self.same == self.compared


def replay(file: Path, source: Source | None, *, store: Store, settings: Settings) -> Replayed:
    """Read every page of a WARC file again and print how it differs from the version that was stored of it.

    Raises ``InputError`` for a file that cannot be read, or of which the store knows nothing.
    """
    if not file.is_file():
        raise InputError(f"{file}: there is no such file", hint="Evidence lies in the data folder.")
    then = _versions(file, store, settings)
    if not then:
        raise InputError(f"{file}: nothing in the store was read from it", hint="Evidence lies in the data folder.")
    fields: Counter[str] = Counter()
    read = compared = same = 0
    for record in records(file):
        read += 1
        if (version := then.get(record.offset)) is None:
            continue
        compared += 1
        differing = _differences(
            record, version, _source_of(version, source, settings), is_shown=compared - same <= MOST_SHOWN
        )
        fields.update(differing)
        same += not differing
    return Replayed(read=read, compared=compared, same=same, fields=dict(fields.most_common()))


def _differences(record: Record, version: Version, source: Source | None, *, is_shown: bool) -> list[str]:
    now = _read(record, version.listing, source)
    if isinstance(now, str):
        if is_shown:
            console.print(Text(f"{inert(version.listing.listing_id)}: {inert(now)}", style="red"))
        return ["(no listing)"]
    found = changes(version.listing, now)
    if found and is_shown:
        console.print(Text(inert(f"{version.listing.listing_id}  {version.listing.title}"), style="bold"))
        print_changes(found)
    return [change.field for change in found]


def print_changes(found: Sequence[Change]) -> None:
    """The fields that differ, what found each before and after, and its text where it differs."""
    for change in found:
        old, new = around(change)
        console.print(Text(f"  {change.field} ({change.method_before or '—'} → {change.method_after or '—'})"))
        console.print(Text(f"    - {inert(old)}", style="red"))
        console.print(Text(f"    + {inert(new)}", style="green"))


def _read(record: Record, then: Listing, source: Source | None) -> Listing | str:
    """The listing that the page shows today, or why there is none."""
    own = then.platform if then.platform in known_refinements() else ""
    refine = source.page if source else own
    try:
        found = read_page(record.page(listing_id=then.listing_id), platform=then.platform, refine=refine)
    except PageError as error:
        return str(error)
    if isinstance(found, Gone | NotAListing):
        return f"{'gone' if isinstance(found, Gone) else 'no listing'}: {found.why}"
    return found


def _versions(file: Path, store: Store, settings: Settings) -> dict[int, Version]:
    """What was read from the file: offset -> version."""
    try:
        name = file.resolve().relative_to(settings.evidence.resolve()).as_posix()
    except ValueError:
        name = f"{file.parent.name}/{file.name}"
    with store.reading() as tx:
        rows = [(row, number, ref.offset) for row, number, ref in tx.evidence_refs() if ref.file == name]
        return {offset: tx.version(row, number) for row, number, offset in rows}


def _source_of(version: Version, source: Source | None, settings: Settings) -> Source | None:
    """The source that was named, else one of the listing's platform."""
    platform = version.listing.platform
    of_platform = (one for one in settings.sources.values() if one.platform_name == platform)
    return source or next(of_platform, None)
