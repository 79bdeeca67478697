"""What a seller wrote, cut into pieces: which characters which finding rests on, hidden ones shown, handles masked.

Positions are those of the original text throughout. A field may be as long as its seller likes: of a long one its
beginning is shown and what stands around matches, never all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import groupby, pairwise

import msgspec

from scanner.console.masking import Masker
from scanner.listing_content import text_fields
from scanner.model import Finding, Listing, Span

# So many characters of a field are shown from its beginning, so many around a match further on, so many such places.
HEAD = 6_000
AROUND = 120
PLACES = 20
# Fields of this many kinds are shown at most; a listing has a handful.
MOST_FIELDS = 200
# An attribute's name is its label if it is shorter than this.
LABEL = 60
ATTRIBUTES = "attributes"


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Some characters. ``findings`` are the numbers (from 1) of the findings that rest on them."""

    text: str
    findings: tuple[int, ...] = ()
    title: str = ""
    starts: bool = False


class Field(msgspec.Struct, frozen=True, kw_only=True):
    """One field of a listing, in pieces. ``left_out`` characters of it are not shown."""

    name: str
    pieces: tuple[Piece, ...]
    left_out: int = 0
    matches: int = 0

    @property
    def runs(self) -> list[tuple[Piece, ...]]:
        """Pieces that stand together and are all matched, or all not: one link each, not one for every few letters."""
        return [tuple(run) for _, run in groupby(self.pieces, key=lambda piece: bool(piece.findings))]


def fields_of(listing: Listing, findings: Sequence[Finding], masker: Masker) -> tuple[Field, ...]:
    """All that the seller wrote, in the order in which a buyer reads it."""
    spans: dict[str, list[tuple[int, Span]]] = {}
    for number, finding in enumerate(findings, 1):
        for span in finding.spans:
            spans.setdefault(span.field, []).append((number, span))
    shown = list(text_fields(listing))[:MOST_FIELDS]
    return tuple(_field(name, masker.field(name, text), spans.get(name, ())) for name, text in shown)


def _field(name: str, text: str, spans: Sequence[tuple[int, Span]]) -> Field:
    kept = [(number, span) for number, span in spans if 0 <= span.start < span.end <= len(text)]
    pieces: list[Piece] = []
    label, begin = _labelled(name, text, kept)
    shown = 0
    for start, end in _windows(len(text), kept):
        if pieces:
            pieces.append(Piece(text=" … "))
        pieces.extend(cut(text, max(start, begin), end, kept))
        shown += end - start
    return Field(name=label, pieces=tuple(pieces), left_out=len(text) - shown, matches=len(kept))


def _labelled(name: str, text: str, spans: Sequence[tuple[int, Span]]) -> tuple[str, int]:
    """What a field goes by, and where what it says begins. An attribute goes by its own name, which its text need not
    repeat; but for one that is masked or matched, or too long for a label: that is shown as text."""
    kind, dot, own = name.partition(".")
    if kind != ATTRIBUTES or not dot:
        return name, 0
    is_plain = len(own) < LABEL and text.startswith(f"{own}: ") and all(span.start > len(own) + 1 for _, span in spans)
    return (name, len(own) + 2) if is_plain else (ATTRIBUTES, 0)


def _windows(length: int, spans: Sequence[tuple[int, Span]]) -> Iterator[tuple[int, int]]:
    """What of a long text is shown: its beginning, and around the first matches after that."""
    wanted = [(0, min(length, HEAD))]
    far = sorted((span.start, span.end) for _, span in spans if span.end > HEAD)[:PLACES]
    wanted += [(max(0, start - AROUND), min(length, end + AROUND)) for start, end in far]
    start, end = wanted[0]
    for more_start, more_end in wanted[1:]:
        if more_start > end:
            yield start, end
            start = more_start
        end = max(end, more_end)
    yield start, end


def cut(text: str, start: int, end: int, spans: Sequence[tuple[int, Span]]) -> Iterator[Piece]:
    """``text[start:end]`` cut wherever a match begins or ends."""
    cuts = {start, end}
    for _, span in spans:
        cuts |= {cut for cut in (span.start, span.end) if start < cut < end}
    for left, right in pairwise(sorted(cuts)):
        on = [(number, span) for number, span in spans if span.start <= left and right <= span.end]
        numbers = tuple(dict.fromkeys(number for number, _ in on))
        yield Piece(
            text=text[left:right],
            findings=numbers,
            title="; ".join(dict.fromkeys(span.reads for _, span in on if span.reads)),
            starts=any(span.start == left for _, span in on),
        )


def readings(finding: Finding) -> list[tuple[Span, ...]]:
    """A finding's spans, each reading of the same words once; what was read as it stands in one field goes together."""
    once = {(span.text, span.reads, span.view): span for span in finding.spans}.values()
    found: dict[tuple[str, ...], list[Span]] = {}
    for span in once:
        is_plain = not span.reads or span.reads == span.text
        key = (span.field, span.view) if is_plain else (span.field, span.view, span.text, span.reads)
        found.setdefault(key, []).append(span)
    return [tuple(spans) for spans in found.values()]


def titler(masker: Masker) -> Callable[[Sequence[Piece]], str]:
    """Says of a run of pieces how each was read, for whoever points at it; handles in it are masked."""

    def title(run: Sequence[Piece]) -> str:
        return masker.line("; ".join(dict.fromkeys(piece.title for piece in run if piece.title)))

    return title
