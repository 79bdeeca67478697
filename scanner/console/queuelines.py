"""A case as a line of a list: its title with what matched in it, and the words elsewhere that matched."""

from __future__ import annotations

import msgspec

from scanner.console.highlight import Piece, cut
from scanner.console.masking import masked_line, masked_reading
from scanner.model import Finding, Span
from scanner.records import QueueRow
from scanner.triage import QUEUE_AT

_TITLE = 120
_ELSEWHERE = 3
_WORDS = 60


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """``rule`` weighs most, ``pieces`` are the title's, ``elsewhere`` (field, words, reading) of matches outside it."""

    row: QueueRow
    rule: str
    pieces: tuple[Piece, ...]
    elsewhere: tuple[tuple[str, str, str], ...]


def line_of(row: QueueRow) -> Line:
    """The line, its handles masked."""
    spans = [(number, span) for number, finding in enumerate(row.findings, 1) for span in finding.spans]
    title = masked_line(row.title[:2000])
    in_title = [(number, span) for number, span in spans if span.field == "title"]
    return Line(
        row=row,
        rule=_heaviest(row),
        pieces=tuple(cut(title, 0, min(len(title), _TITLE), in_title)),
        elsewhere=_elsewhere([span for _, span in spans if span.field != "title"]),
    )


def _heaviest(row: QueueRow) -> str:
    """The rule of the gravest finding that is enough by itself, of these the surest; where none is, of the surest."""
    found = [finding for finding in row.findings if finding.queues]
    if not found:
        return next(iter(row.case.rules), "")
    return max(found, key=_weight).rule


def _weight(finding: Finding) -> tuple[bool, str, float, str]:
    is_enough = finding.score >= QUEUE_AT
    return is_enough, finding.severity if is_enough else "", finding.score, finding.rule


def _elsewhere(spans: list[Span]) -> tuple[tuple[str, str, str], ...]:
    found = dict.fromkeys((span.field, span.text[:_WORDS], span.reads[:_WORDS]) for span in spans)
    few = list(found)[:_ELSEWHERE]
    return tuple((field, masked_line(text), masked_reading(reads)) for field, text, reads in few)
