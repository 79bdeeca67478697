"""How findings, near misses, proofs, remarks and changes look in a terminal, and as lines of JSON."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from rich.text import Text

from scanner.authoring.check import Remark, Weight
from scanner.authoring.diff import Change, Kind
from scanner.authoring.explain import Covered, NearMiss
from scanner.authoring.prove import Proof
from scanner.authoring.whereabouts import Standing
from scanner.cli.output import SEVERITY_STYLE, console, inert, marked
from scanner.listing_content import text_fields
from scanner.model import Finding, Listing
from scanner.rulebook.judge import how_written

WIDTH = 100
RULES_SHOWN = 6
_WEIGHT_STYLE = {Weight.FAULT: "bold red", Weight.WARNING: "yellow", Weight.NOTE: "dim"}
_KIND_STYLE = {
    Kind.NEWLY_FLAGGED: "bold red",
    Kind.NO_LONGER_FLAGGED: "bold green",
    Kind.CHANGED_SEVERITY: "yellow",
    Kind.CHANGED_RULES: "dim",
}


def show_finding(listing: Listing, finding: Finding) -> None:
    """The rule, its score, the marked text, how each word was read, and the reason."""
    style = SEVERITY_STYLE[finding.severity]
    state = "" if finding.queues else " (not live: queues nothing)"
    console.print(
        Text.assemble((f" {finding.severity} ", style), f" {finding.rule} {finding.score:.2f}{state}: ", finding.title)
    )
    texts = dict(text_fields(listing))
    for field in dict.fromkeys(span.field for span in finding.spans):
        spans = [span for span in finding.spans if span.field == field]
        console.print(Text("    ").append_text(marked(texts.get(field, ""), spans, limit=WIDTH)))
        for span in spans:
            console.print(Text(f"      {inert(span.text)} = {inert(span.reads)} [{span.view}]", style="dim"))
    console.print(Text(f"    {inert(finding.reason)}"))


def show_near_miss(miss: NearMiss) -> None:
    """What was there, and each part of the condition that failed."""
    found = ", ".join(dict.fromkeys(inert(mark.reads) + _written(how_written(mark)) for mark in miss.found[:6]))
    console.print(Text.assemble((" no  ", "dim"), f"{miss.rule} has ", (found, "bold"), ", but:"))
    for reason in miss.why_not:
        console.print(Text(f"      {inert(reason)}", style="dim"))


def show_covered(one: Covered) -> None:
    """A word that does not count, and why."""
    lists = ", ".join(one.lists[:3]) + (f" and {len(one.lists) - 3} more" if len(one.lists) > 3 else "")
    said = f" is there, but inside {inert(one.cover)} (except of {lists})"
    console.print(Text.assemble((" no  ", "dim"), (inert(one.word), "bold"), said))


def _written(how: str) -> str:
    return f" ({how})" if how else ""


def show_proof(proof: Proof) -> None:
    """One example: passed or not, and why."""
    mark = ("ok ", "green") if proof.passed else ("NO ", "bold red")
    kind = "hit " if proof.is_hit else "miss"
    console.print(Text.assemble(mark, f"{proof.file}:{proof.line} {proof.rule} {kind} ", (inert(proof.shown), "bold")))
    console.print(Text(f"      {inert(proof.why)}", style="dim"))


def show_remark(remark: Remark) -> None:
    """One line: where, how bad, what."""
    fault = remark.fault
    where = f"{fault.file}:{fault.line}:{fault.column}: "
    console.print(
        Text.assemble(where, (f"{remark.weight}: ", _WEIGHT_STYLE[remark.weight]), inert(fault.what)), soft_wrap=True
    )


def show_change(change: Change) -> None:
    """One listing that old and new rules see differently."""
    before = change.before.severity if change.before else "-"
    after = change.after.severity if change.after else "-"
    title = next((text for _, text in text_fields(change.listing)), "")
    way = ""
    if change.before and change.after and before != after:
        way = " (lighter)" if after < before else " (graver)"
    head = f" {change.listing.listing_id} {before} -> {after}{way} "
    console.print(Text.assemble((change.kind, _KIND_STYLE[change.kind]), head, (inert(title)[:WIDTH], "bold")))
    said = f"{', '.join(change.rules_after or change.rules_before)}: {inert(change.reason)}"
    console.print(Text(f"    {_came_and_went(change)}{said}", style="dim"))


def _came_and_went(change: Change) -> str:
    """The rules that find it now and did not, and the other way round; nothing where all are new, or gone."""
    if not (change.rules_before and change.rules_after):
        return ""
    signs = (("+", change.rules_after, change.rules_before), ("-", change.rules_before, change.rules_after))
    changed = [f"{sign} {rule}" for sign, some, others in signs for rule in some if rule not in others]
    return f"{', '.join(changed)}; now " if changed else ""


def show_standing(standing: Standing) -> None:
    """A word of a list, and who asks the list."""
    where = f"{standing.file}:{standing.line}: "
    kind = "except of " if standing.is_cover else ""
    console.print(
        Text.assemble(
            where, kind, (standing.list, "bold"), f" ({standing.strength}) has ", (inert(standing.word), "bold")
        ),
        soft_wrap=True,
    )
    asked = f"asked by {_few(standing.rules)}" if standing.rules else ""
    spared = f"lowers or silences {_few(standing.spared)}" if standing.spared else ""
    console.print(Text(f"      {'; '.join(filter(None, (asked, spared))) or 'no rule asks it'}", style="dim"))


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:RULES_SHOWN]) + (
        f" and {len(names) - RULES_SHOWN} more" if len(names) > RULES_SHOWN else ""
    )


def proof_row(proof: Proof) -> dict[str, object]:
    """One example as data."""
    return {
        "rule": proof.rule,
        "kind": "hit" if proof.is_hit else "miss",
        "passed": proof.passed,
        "file": proof.file,
        "line": proof.line,
        "text": proof.shown,
        "score": proof.finding.score if proof.finding else None,
        "why": proof.why,
    }


def change_row(change: Change) -> dict[str, object]:
    """One listing that old and new rules see differently, as data."""
    return {
        "kind": change.kind,
        "id": change.listing.listing_id,
        "before": change.before.severity if change.before else None,
        "after": change.after.severity if change.after else None,
        "rules_before": change.rules_before,
        "rules_after": change.rules_after,
        "reason": change.reason,
    }


def encoded(row: object) -> str:
    """A line of JSON."""
    return msgspec.json.encode(row).decode()
