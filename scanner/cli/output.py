"""How things look in a terminal. What a listing contains is printed as inert text, its control characters shown."""

from __future__ import annotations

import sys
import unicodedata
from collections.abc import Iterable

from rich.console import Console
from rich.text import Text

from scanner.errors import DelistError
from scanner.model import Severity, Span

console = Console(highlight=False, soft_wrap=False)
error_console = Console(stderr=True, highlight=False, soft_wrap=True)

MARK_STYLE = "bold black on yellow"
SEVERITY_STYLE = {
    Severity.S1: "dim",
    Severity.S2: "yellow",
    Severity.S3: "bright_red",
    Severity.S4: "bold white on red",
}


def complain(error: DelistError) -> None:
    """Say what is wrong and what to do, on standard error."""
    error_console.print(Text.assemble(("delist: ", "bold red"), str(error)))
    if error.hint:
        error_console.print(Text(f"  {error.hint}", style="cyan"))


def write_line(line: str) -> None:
    """One line of machine-readable output, free of styling and wrapping."""
    sys.stdout.write(line + "\n")


def inert(text: str, *, keep_lines: bool = False) -> str:
    """``text`` with whatever could move the cursor, hide or reorder characters replaced one for one.

    One for one, so that spans keep pointing at the same characters. A line feed is a blank unless ``keep_lines``.
    """
    return "".join("\n" if keep_lines and character == "\n" else _visible(character) for character in text)


def _visible(character: str) -> str:
    if character in "\r\n\t":
        return " "
    return "·" if unicodedata.category(character) in {"Cc", "Cf", "Cs", "Zl", "Zp", "Co", "Cn"} else character


def marked(text: str, spans: Iterable[Span], *, limit: int = 0, keep_lines: bool = False) -> Text:
    """``text`` made inert, the spans' characters marked; cut to ``limit`` characters near the first mark (0: whole)."""
    spans = sorted(spans, key=lambda span: span.start)
    line = Text(inert(text, keep_lines=keep_lines))
    for span in spans:
        line.stylize(MARK_STYLE, span.start, span.end)
    if not limit or len(line) <= limit:
        return line
    first = spans[0].start if spans else 0
    begin = max(0, min(first - limit // 3, len(line) - limit))
    cut = line[begin : begin + limit]
    return Text.assemble("…" if begin else "", cut, "…" if begin + limit < len(line) else "")
