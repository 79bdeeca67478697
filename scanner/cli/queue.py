"""``delist queue``, ``show`` and ``decide``: the moderators' work on the command line, by the use cases."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from operator import itemgetter
from typing import Annotated
from zoneinfo import ZoneInfo

import msgspec
import typer
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from scanner.cli.acting import As, Who, actor_of, policy_of
from scanner.cli.context import settings_of
from scanner.cli.database import store_of
from scanner.cli.output import SEVERITY_STYLE, console, inert, marked, write_line
from scanner.errors import InputError
from scanner.inspection.changes import around, changes
from scanner.listing_content import text_fields
from scanner.model import CaseState, Event, Finding, Listing, Role, Ruling, Severity, Span
from scanner.moderation import cases
from scanner.moderation.policy import Policy
from scanner.moderation.priority import explained
from scanner.records import CaseFile, QueueFilter, QueueRow
from scanner.triage import naming
from scanner.workflow import ORDER_OF, WAITING

MOST_OTHERS = 5


def queue(
    context: typer.Context,
    state: Annotated[
        list[CaseState] | None, typer.Option(help="Only these states; else what waits for a person.")
    ] = None,
    category: Annotated[str, typer.Option(help="Only this category, such as phone_card.")] = "",
    severity: Annotated[Severity | None, typer.Option(help="Only this severity.")] = None,
    rule: Annotated[str, typer.Option(help="Only cases with a finding of this rule.")] = "",
    seller: Annotated[str, typer.Option(help="Only this seller's id.")] = "",
    source: Annotated[str, typer.Option(help="Only this source.")] = "",
    text: Annotated[str, typer.Option(help="Only cases whose title, id or seller contains this.")] = "",
    limit: Annotated[int, typer.Option(min=1, max=1000, help="How many.")] = 20,
    after: Annotated[str, typer.Option(help="The next page: what the last one printed.")] = "",
    json: Annotated[bool, typer.Option("--json", help="One line of JSON for each case.")] = False,
) -> None:
    """Show the queue, most urgent first.

    Examples: `delist queue --severity S4`, `delist queue --category phone_card --json`
    """
    settings = settings_of(context)
    wanted = QueueFilter(
        states=tuple(state or ()),
        category=category,
        severity=severity,
        rule=rule,
        seller=seller,
        source=source,
        text=text,
    )
    page = cases.queue(store_of(settings), wanted, limit=limit, after=after)
    if json:
        for row in page.rows:
            write_line(msgspec.json.encode(row).decode())
        return
    if not page.rows:
        console.print("Nothing in the queue matches." if wanted != QueueFilter() else "The queue is empty.")
        return
    console.print(queue_table(page.rows, title=f"{len(page.rows)} of {page.counted} cases"))
    if page.after:
        console.print(f"More: delist queue … --after {page.after}", style="dim", markup=False)


def show(
    context: typer.Context,
    case: Annotated[int, typer.Argument(min=1, help="Number of the case.")],
    json: Annotated[bool, typer.Option("--json", help="Everything as one line of JSON.")] = False,
) -> None:
    """Show everything that a person needs to decide a case.

    Example: `delist show 12`
    """
    settings = settings_of(context)
    file = cases.show(store_of(settings), case)
    if json:
        write_line(msgspec.json.encode(file).decode())
    else:
        print_case(file, ZoneInfo(settings.time_zone))


def decide(
    context: typer.Context,
    case: Annotated[int | None, typer.Argument(min=1, help="Number of the case.")] = None,
    ruling: Annotated[Ruling | None, typer.Argument(help="What you rule.")] = None,
    reason: Annotated[str, typer.Option(help="Reason code, such as prohibited_goods or lawful_goods.")] = "",
    note: Annotated[str, typer.Option(help="What another person should know.")] = "",
    revision: Annotated[int | None, typer.Option(help="Revision that you saw; refused if it has changed.")] = None,
    token: Annotated[int | None, typer.Option(help="Your claim's token; refused if it has passed on.")] = None,
    actor: Who = "",
    role: As = Role.REVIEWER,
    reasons: Annotated[bool, typer.Option("--reasons", help="List the reason codes, and decide nothing.")] = False,
) -> None:
    """Rule on a case: decision, takedown order and event are written together, or not at all.

    Where policy asks for a second person, the case waits for one: delist approval list. Within the undo window,
    delist undo takes a decision back.

    Examples: `delist decide 12 remove --reason prohibited_goods`, `delist decide --reasons`
    """
    settings = settings_of(context)
    policy = policy_of(settings)
    if reasons:
        print_reasons(policy, ruling)
        return
    if case is None or ruling is None or not reason:
        raise InputError(
            "a decision needs a case, a ruling and a reason: delist decide 12 remove --reason CODE",
            hint="The codes: delist decide --reasons",
        )
    store = store_of(settings)
    seen = revision if revision is not None else cases.show(store, case).row.case.revision
    decided = cases.decide(
        store,
        case,
        ruling,
        reason=reason,
        note=note,
        actor=actor_of(actor, role),
        revision=seen,
        token=token,
        now=datetime.now(UTC),
        policy=policy,
    )
    console.print(f"Case {case}: {ruling}, now {decided.state.replace('_', ' ')}.")
    if decided.state is CaseState.AWAITING_APPROVAL:
        console.print("A second person must agree before anything happens: delist approval list", style="yellow")
    elif ruling in ORDER_OF:
        console.print("The order to the platform is written; it is sent after the undo window.", style="dim")


def print_reasons(policy: Policy, ruling: Ruling | None) -> None:
    """The reason codes that a person can give, by ruling or for one."""
    for one in [ruling] if ruling else list(Ruling):
        console.print(Text(f"to {one.value}", style="bold"))
        for reason in policy.reasons_for(one):
            console.print(Text(f"  {reason.code:<22} {reason.en} · {reason.zh}"), soft_wrap=True)


def queue_table(rows: tuple[QueueRow, ...], *, title: str) -> Table:
    """The queue as a table: the matched words marked in the original title, or in the field where they stand.

    Names of categories and rules are never broken, however narrow the terminal.
    """
    filed = [_filed(row) for row in rows]
    table = Table(title=title, title_justify="left", header_style="bold", expand=True)
    table.add_column("case", justify="right", no_wrap=True)
    table.add_column("sev", no_wrap=True)
    table.add_column("listing", ratio=1, overflow="fold")
    table.add_column("category · rule", width=_widest(filed), overflow="fold")
    table.add_column("price", justify="right", no_wrap=True)
    for row, words in zip(rows, filed, strict=True):
        case = row.case
        table.add_row(
            str(case.id),
            Text(case.severity, style=SEVERITY_STYLE[case.severity]),
            _headline(row),
            words,
            money(row.price, row.currency),
        )
    return table


def money(amount: Decimal | None, currency: str) -> str:
    """An amount with its currency, or a dash."""
    return "—" if amount is None else f"{amount.normalize():f} {currency}".strip()


def _filed(row: QueueRow) -> Text:
    """The categories, below each the rule of it that weighs most, and how many more of it found something."""
    lines = Text()
    for category in row.case.categories:
        own = [finding for finding in row.findings if finding.queues and finding.category == category]
        more = len({finding.rule for finding in own}) - 1
        lines.append(f"{category}\n")
        if (named_by := naming(own)) is not None:
            rule = named_by.rule.partition(".")[2]
            lines.append(f" {rule} +{more}\n" if more else f" {rule}\n", style="dim")
    lines.rstrip()
    return lines


def _widest(texts: Iterable[Text]) -> int:
    """The length of the longest word."""
    return max((len(word) for text in texts for word in text.plain.split("\n") if word), default=1)


def _headline(row: QueueRow) -> Text:
    """The title with its marks; the words elsewhere that matched follow on a line for each field, and the seller."""
    spans = [span for finding in row.findings for span in finding.spans]
    line = marked(row.title, (span for span in spans if span.field == "title"), limit=70)
    elsewhere = list(dict.fromkeys((span.field, span.text) for span in spans if span.field != "title"))[:3]
    for field, found in groupby(sorted(elsewhere, key=itemgetter(0)), key=itemgetter(0)):
        line.append(f"\n{field}:", style="dim")
        for _, text in found:
            line.append(" ").append(Text(inert(text)[:60], style="black on yellow"))
    if seller := row.seller.name or row.seller.id:
        line.append("\nseller: ", style="dim").append(inert(seller))
    return line


def print_case(file: CaseFile, zone: ZoneInfo) -> None:
    """Everything that a person needs to decide a case; of one that waits for nobody, without when and how."""
    case, listing = file.row.case, file.version.listing
    heading = Text.assemble(
        (f" {case.severity} ", SEVERITY_STYLE[case.severity]),
        f" Case {case.id} · {case.state} · revision {case.revision}",
    )
    console.rule(heading, align="left")
    _print_facts(file, zone)
    console.rule("What the seller wrote", align="left", style="dim")
    _print_listing(listing, file.flagged_for)
    if file.previous:
        _print_changes(f"What changed with version {file.version.number}", file.previous.listing, listing)
    if file.latest:
        _print_changes(f"What has changed since (version {file.latest.number})", listing, file.latest.listing)
    console.rule("Why it was flagged", align="left", style="dim")
    if not file.findings:
        console.print("The rules in force find nothing in it." + (" Found before:" if file.found_before else ""))
    for finding in file.flagged_for:
        _print_finding(finding)
    if file.others:
        console.rule("This seller's other cases", align="left", style="dim")
        for other in file.others[:MOST_OTHERS]:
            console.print(f"  {other.case.id}: ", Text(inert(other.title)[:70]), f" ({other.case.state})")
    console.rule("History", align="left", style="dim")
    for event in file.history:
        _print_event(event, zone)
    if case.state in WAITING:
        console.print(f"Decide: delist decide {case.id} remove|keep|restrict|hide|escalate --reason CODE", style="cyan")


def _print_facts(file: CaseFile, zone: ZoneInfo) -> None:
    case, listing, seller = file.row.case, file.version.listing, file.version.listing.seller
    licences = ", ".join(seller.licences) or "no licence on file"
    facts = [
        ("listing", f"{case.platform} / {case.listing_id}  {listing.url}"),
        ("seller", f"{seller.name} ({seller.id or 'no id'}), {seller.kind}, {licences}"),
        ("price", f"{money(listing.price, listing.currency)}, quantity {listing.quantity or 'not stated'}"),
        ("category path", " › ".join(listing.category_path) or "—"),
        ("priority", explained(case, datetime.now(UTC)) if case.state in WAITING else ""),
        ("because", case.reason),
        ("proposed", f"{case.action}; due {moment(case.due_at, zone)}" if case.state in WAITING else f"{case.action}"),
        ("version", f"{file.version.number}, seen {moment(file.version.seen_at, zone)}{_newer(file)}"),
    ]
    if file.version.evidence:
        facts.append(("evidence", f"{file.version.evidence.file}, SHA-256 {file.version.evidence.sha256[:16]}…"))
    if file.row.gone_at:
        facts.append(("gone", f"the platform no longer shows it since {moment(file.row.gone_at, zone)}"))
    grid = Table.grid(padding=(0, 2))
    for name, value in filter(all, facts):
        grid.add_row(Text(name, style="dim"), Text(inert(value)))
    console.print(grid)


def _newer(file: CaseFile) -> str:
    return f"; the listing has changed since (version {file.latest.number})" if file.latest else ""


def _print_listing(listing: Listing, findings: tuple[Finding, ...]) -> None:
    for field, text in text_fields(listing):
        label = f"{field} (hidden from the buyer)" if field == "hidden_text" else field
        spans = [span for finding in findings for span in finding.spans if span.field == field]
        console.print(Text(inert(label), style="dim"))
        console.print(Padding(marked(text, spans, limit=2000, keep_lines=True), (0, 0, 0, 2)))


def _print_changes(title: str, before: Listing, after: Listing) -> None:
    """The fields that differ, each with its text before and after, cut to where they differ."""
    console.rule(title, align="left", style="dim")
    for change in changes(before, after):
        old, new = around(change)
        console.print(Text(change.field, style="dim"))
        console.print(Text(f"  - {inert(old)}", style="red"))
        console.print(Text(f"  + {inert(new)}", style="green"))


def _print_finding(finding: Finding) -> None:
    console.print(
        Text.assemble(
            (finding.severity, SEVERITY_STYLE[finding.severity]), f" {finding.rule} ", (finding.title, "bold")
        )
    )
    console.print(Text(inert(f"  score {finding.score:.2f}: {finding.reason}")))
    for span in finding.spans:
        console.print(Text(inert(f"  {_reading(span)}"), style="yellow"))
    if finding.clause:
        console.print(Text(f"  {finding.clause}", style="dim"))


def _reading(span: Span) -> str:
    reads = f" → {span.reads}" if span.reads and span.reads != span.text else ""
    return f"{span.text}{reads}  ({span.field} {span.start}–{span.end}, view {span.view})"


def _print_event(event: Event, zone: ZoneInfo) -> None:
    about = ", ".join(
        f"{key} {value}" for key, value in event.data.items() if value and not isinstance(value, (dict, list))
    )
    console.print(Text(inert(f"  {moment(event.at, zone)}  {event.actor} ({event.role})  {event.kind}  {about}")))


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A moment as people in ``zone`` write it."""
    return at.astimezone(zone).strftime("%Y-%m-%d %H:%M %Z")
