"""A case as a line of a list: its title with what matched in it, and the words elsewhere that matched."""

from __future__ import annotations

import msgspec

from scanner.console.highlight import Piece, cut
from scanner.console.masking import masked_line, masked_reading
from scanner.model import Span
from scanner.records import QueueRow
from scanner.triage import naming

_TITLE = 120
_ELSEWHERE = 3
_WORDS = 60


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """``rule`` names it, ``pieces`` are the title's, ``elsewhere`` (field, words, reading) of matches outside it."""

    row: QueueRow
    rule: str
    pieces: tuple[Piece, ...]
    elsewhere: tuple[tuple[str, str, str], ...]


def line_of(row: QueueRow) -> Line:
    """The line, its handles masked."""
    spans = [(number, span) for number, finding in enumerate(row.findings, 1) for span in finding.spans]
    title, named_by = masked_line(row.title[:2000]), naming(row.findings)
    in_title = [(number, span) for number, span in spans if span.field == "title"]
    return Line(
        row=row,
        rule=named_by.rule if named_by else next(iter(row.case.rules), ""),
        pieces=tuple(cut(title, 0, min(len(title), _TITLE), in_title)),
        elsewhere=_elsewhere([span for _, span in spans if span.field != "title"]),
    )


def _elsewhere(spans: list[Span]) -> tuple[tuple[str, str, str], ...]:
    found = dict.fromkeys((span.field, span.text[:_WORDS], span.reads[:_WORDS]) for span in spans)
    few = list(found)[:_ELSEWHERE]
    return tuple((field, masked_line(text), masked_reading(reads)) for field, text, reads in few)
