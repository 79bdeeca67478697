"""``delist rules``: what rule authors work with."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated

import msgspec
import typer
from rich.text import Text

from scanner.authoring.check import Weight, check
from scanner.authoring.diff import compare
from scanner.authoring.document import language_page, rules_page
from scanner.authoring.explain import covered, near_miss
from scanner.authoring.prove import prove
from scanner.authoring.schema import module_schema, shared_schema
from scanner.authoring.whereabouts import lists_with, whereabouts
from scanner.authoring.writing import add_rule, add_terms, export
from scanner.cli.output import SEVERITY_STYLE, console, error_console, write_line
from scanner.cli.rules_folders import TESTED, Folders, OwnFolder, folder_of, folders_of, own_folder, read_rules
from scanner.cli.rules_shown import (
    change_row,
    encoded,
    proof_row,
    show_change,
    show_covered,
    show_finding,
    show_near_miss,
    show_proof,
    show_remark,
    show_standing,
)
from scanner.errors import InputError
from scanner.model import Listing, Seller, SellerKind
from scanner.rulebook import Rulebook, Status, judge, load
from scanner.rulebook.cache import FOLDER
from scanner.rulebook.faults import did_you_mean
from scanner.rulebook.reader import read
from scanner.rulebook.sources import find_sources
from scanner.triage import triage
from spiders.feed import BadRow, read_listings

MISSES_SHOWN = 5
STANDINGS_SHOWN = 8

app = typer.Typer(
    help="Write rules, prove them, and see what they do.",
    no_args_is_help=True,
    rich_markup_mode="markdown",
    epilog="Exit codes: 0 fine; 1 a rule fails its proof or the check finds a fault; 2 something given must be mended.",
)

Json = Annotated[bool, typer.Option("--json", help="One line of JSON for each result.")]


@app.command("check")
def check_rules(
    context: typer.Context,
    rules: Folders = None,
    json: Json = False,
    notes: Annotated[bool, typer.Option("--notes", help="Notes too: unused lists, terms that no example has.")] = False,
) -> None:
    """Find everything that is wrong or doubtful in the rulebook.

    Schema and conditions; hits not found and misses found; ordinary goods that would be queued; terms inside ordinary
    words; expired rules; terms given twice; strengths that do not fit; rules that slow every listing down.

    Examples: `delist rules check`, `delist rules check --rules my-rules --notes`
    """
    folders = folders_of(context, rules)
    written = read_rules(folders)
    remarks = check(written, load(*folders, statuses=TESTED), today=datetime.now(UTC).date(), notes=notes)
    for remark in remarks:
        if json:
            write_line(encoded({"weight": remark.weight, **msgspec.structs.asdict(remark.fault)}))
        else:
            show_remark(remark)
    counts = Counter(remark.weight for remark in remarks)
    if not json:
        told = list(Weight) if notes else [Weight.FAULT, Weight.WARNING]
        said = ", ".join(_counted(counts[weight], weight) for weight in told)
        rule_count = sum(len(file.module.rules) for file in written if file.module)
        console.print(f"{_counted(rule_count, 'rule')} in {_counted(len(written), 'file')}: {said}")
    if counts[Weight.FAULT]:
        raise typer.Exit(1)


@app.command("test")
def prove_rules(
    context: typer.Context,
    only: Annotated[str, typer.Argument(help="A category or a rule; without it, all.")] = "",
    rules: Folders = None,
    json: Json = False,
) -> None:
    """Try the hits and misses of the rules: each hit must be found, each miss spared.

    Examples: `delist rules test`, `delist rules test phone_card`, `delist rules test phone_card.no_real_name`
    """
    folders = folders_of(context, rules)
    written = read_rules(folders)
    rulebook = load(*folders, statuses=TESTED)
    _known(only, rulebook)
    proofs = list(prove(written, rulebook, only=only))
    for proof in proofs:
        if json:
            write_line(encoded(proof_row(proof)))
        elif only.count(".") or not proof.passed:
            show_proof(proof)
    failed = sum(not proof.passed for proof in proofs)
    if not json:
        tried = f"{_counted(len({proof.rule for proof in proofs}), 'rule')}, {_counted(len(proofs), 'example')}"
        console.print(f"{tried}: {f'{failed} failed' if failed else 'all as they should be'}")
    if failed:
        raise typer.Exit(1)


@app.command("try")
def try_text(
    context: typer.Context,
    text: Annotated[str, typer.Argument(help="The text of a listing.")],
    rules: Folders = None,
    description: Annotated[str, typer.Option(help="Its description, where the text is the title.")] = "",
    price: Annotated[float | None, typer.Option(help="Price of one.")] = None,
    quantity: Annotated[int | None, typer.Option(help="Pieces on offer.")] = None,
    seller: Annotated[SellerKind, typer.Option(help="Kind of seller.")] = SellerKind.UNKNOWN,
    licence: Annotated[list[str] | None, typer.Option(help="A licence that the platform has verified.")] = None,
    category: Annotated[str, typer.Option(help="Where the platform files it.")] = "",
    only: Annotated[str, typer.Option("--rule", help="What this rule, or those of this category, make of it.")] = "",
    json: Json = False,
) -> None:
    """Show what fires on a text, in which view, and for near misses why not.

    Examples: `delist rules try "移动手机卡 免-实-名 加V"`,
    `delist rules try "流量卡 年卡" --seller shop --licence telecom_agent`,
    `delist rules try "手机卡一张" --rule phone_card.no_real_name`
    """
    listing = msgspec.convert(
        {
            "platform": "try",
            "listing_id": "1",
            "title": text,
            "description": description,
            "price": None if price is None else str(price),
            "quantity": quantity,
            "category_path": (category,) if category else (),
        },
        Listing,
        strict=False,
    )
    offered_by = Seller(kind=seller, licences=tuple(licence or ()))
    rulebook = load(*folders_of(context, rules), statuses=TESTED)
    _known(only, rulebook)
    _try(msgspec.structs.replace(listing, seller=offered_by), rulebook, only=only, json=json)


def _try(listing: Listing, rulebook: Rulebook, *, only: str, json: bool) -> None:
    sight = rulebook.sight(listing)
    asked = [rule for rule in rulebook.rules if only in {"", rule.id, rule.category}]
    judged = [(rule, judge(rule, sight)) for rule in asked]
    findings = tuple(finding for _, finding in judged if finding is not None)
    misses = [miss for rule, finding in judged if finding is None and (miss := near_miss(rule, sight)) is not None]
    hidden = covered(rulebook, sight, asked)
    verdict = triage(listing, findings)
    if json:
        write_line(encoded({"triage": verdict, "findings": findings, "near_misses": misses, "covered": hidden}))
        return
    for finding in sorted(findings, key=lambda finding: -finding.score):
        show_finding(listing, finding)
    # The nearest first: fewest parts that failed, most words that were there.
    for miss in sorted(misses, key=lambda miss: (len(miss.why_not), -len(miss.found)))[:MISSES_SHOWN]:
        show_near_miss(miss)
    for one in hidden[:MISSES_SHOWN]:
        show_covered(one)
    if only and not findings and not misses and not hidden:
        console.print(f"Nothing of what {only} looks for is there.")
    if verdict is None:
        console.print(
            Text("Not queued.", style="green"), "Nothing fires." if not findings else "No category reaches 0.5."
        )
    else:
        style = SEVERITY_STYLE[verdict.severity]
        console.print(
            Text.assemble("Queued: ", (f" {verdict.severity} ", style), f" {verdict.action}; {verdict.reason}")
        )


@app.command("new")
def new(
    context: typer.Context,
    rule: Annotated[str, typer.Argument(help="CATEGORY.NAME, such as phone_card.night_offers.")],
    rules: OwnFolder = None,
) -> None:
    """Add a filled skeleton of a rule to its category's file, or begin the file.

    The rule is a draft: `delist rules test` and `try` see it, scans do not, until its status is live.

    Example: `delist rules new phone_card.night_offers --rules my-rules`
    """
    folder = own_folder(context, rules)
    file, line = add_rule(folder, rule)
    console.print(f"{file}:{line}: {rule} is there as a draft. Change its words, then:")
    console.print(f"  delist rules test {rule} --rules {folder}", style="cyan")


@app.command("add")
def add(
    context: typer.Context,
    name: Annotated[str, typer.Argument(help="CATEGORY.LIST, such as phone_card.card, or FILE.LIST of a shared file.")],
    words: Annotated[list[str], typer.Argument(help="Words to add to the list.")],
    rules: OwnFolder = None,
    cover: Annotated[bool, typer.Option("--except", help="Add lawful cover words instead of terms.")] = False,
) -> None:
    """Add words to a term list, in place; everything else in the file stays as it is.

    Examples: `delist rules add phone_card.card 手机小卡 --rules my-rules`,
    `delist rules add phone_card.card 手机卡皮套 --except --rules my-rules`
    """
    folder = own_folder(context, rules)
    added = add_terms(folder, name, words, covers=cover)
    for word, known in added.known.items():
        console.print(Text(f"{word} is there already{f', as {known}: both read the same' if known != word else ''}"))
    if added.words:
        said = f"added {', '.join(added.words)} to {name}{' (except)' if cover else ''}"
        console.print(Text(f"{added.file}:{added.line}: {said}"))
    # Advice: what is wrong with other files is for `check` to say.
    written = () if cover or not added.words else read(find_sources(folder), FOLDER)[0]
    for word in added.words:
        if others := [own for own in lists_with(written, word) if own != name]:
            console.print(Text(f"{word} is also in {', '.join(others)}", style="yellow"))
        if len(word) == 1 and not cover:
            console.print(Text(f"{word} is one character, and stands in many an ordinary word: try it", style="yellow"))


@app.command("where")
def where(
    context: typer.Context,
    word: Annotated[str, typer.Argument(help="A word, or a text of several.")],
    rules: Folders = None,
    json: Json = False,
) -> None:
    """Show which lists have a word, or words inside it, and which rules ask these lists.

    Examples: `delist rules where 手机卡`, `delist rules where 云手机号 --rules my-rules`
    """
    folders = folders_of(context, rules)
    standings = whereabouts(read_rules(folders), load(*folders, statuses=TESTED), word)
    for standing in standings:
        if json:
            write_line(encoded(standing))
        elif standing.is_whole:
            show_standing(standing)
    if json:
        return
    parts = [standing for standing in standings if not standing.is_whole and not standing.is_cover]
    if not any(standing.is_whole for standing in standings):
        console.print(Text(f"No list has {word}." + (" Inside it stand:" if parts else "")))
    elif parts:
        console.print("Inside it stand:")
    for standing in parts[:STANDINGS_SHOWN]:
        show_standing(standing)
    if len(parts) > STANDINGS_SHOWN:
        console.print(f"… and {len(parts) - STANDINGS_SHOWN} more; --json shows all", style="dim")


@app.command("export")
def export_rules(folder: Annotated[Path, typer.Argument(help="Where to; must be empty or not there yet.")]) -> None:
    """Copy the shipped rulebook to a folder of your own, with the JSON Schema beside it for your editor.

    Example: `delist rules export my-rules`
    """
    schemas = {"module.schema.json": module_schema(), "shared.schema.json": shared_schema()}
    written = export(
        folder, {name: msgspec.json.format(msgspec.json.encode(schema)) for name, schema in schemas.items()}
    )
    console.print(
        f'{written} rule files are in {folder}. Use them with --rules {folder}, or rules = ["{folder}"] in delist.toml.'
    )


@app.command("diff")
def diff(
    old: Annotated[str, typer.Argument(help="Folder of the old rules, or `shipped`.")],
    new: Annotated[str, typer.Argument(help="Folder of the new rules, or `shipped`.")],
    file: Annotated[
        str, typer.Argument(help="Listings: .jsonl, .csv or .parquet, also .gz or .zst; - reads JSON lines.")
    ],
    json: Json = False,
) -> None:
    """Show what a change of rules does to a file of listings: newly flagged, no longer flagged, changed severity.

    Example: `delist rules diff shipped my-rules listings.jsonl`
    """
    before, after = (load(folder_of(name)) for name in (old, new))
    bad: list[BadRow] = []
    counts: Counter[str] = Counter()
    for change in compare(before, after, _listings(file, bad, counts)):
        counts[change.kind] += 1
        if json:
            write_line(encoded(change_row(change)))
        else:
            show_change(change)
    for row in bad:
        error_console.print(Text(f"{file}:{row.line}: {row.reason}", style="red"))
    if not json:
        said = ", ".join(f"{count} {kind}" for kind, count in counts.items() if kind != "listings")
        console.print(f"{counts['listings']} listings: {said or 'nothing changes'}")
        if quiet := _queuing_nothing(new):
            console.print(f"Not compared, because they queue nothing: {', '.join(quiet)}", style="yellow")
    if bad:
        raise typer.Exit(1)


@app.command("doc")
def doc(
    context: typer.Context,
    rules: Folders = None,
    catalogue: Annotated[
        bool, typer.Option("--catalogue", help="The rules there are, instead of the language.")
    ] = False,
) -> None:
    """Print the reference of the rule language, or with --catalogue of all rules, as Markdown.

    Examples: `delist rules doc > language.md`, `delist rules doc --catalogue`
    """
    page = rules_page(load(*folders_of(context, rules), statuses=TESTED)) if catalogue else language_page()
    write_line(page)


@app.command("schema")
def schema(
    shared: Annotated[bool, typer.Option("--shared", help="Of files in rules/shared/ instead of modules.")] = False,
) -> None:
    """Print the JSON Schema of rule files; editors complete and check with it.

    Example: `delist rules schema > module.schema.json`
    """
    described = shared_schema() if shared else module_schema()
    write_line(msgspec.json.format(msgspec.json.encode(described)).decode())


# -- what the commands share -----------------------------------------------------------------------------------------


def _queuing_nothing(folder: str) -> list[str]:
    """The rules of a folder that are no more than drafts, or in shadow, with their status."""
    rules = [rule for file in read_rules((folder_of(folder),)) if file.module for rule in file.module.rules]
    return [f"{rule.id} ({rule.status})" for rule in rules if rule.status in {Status.DRAFT, Status.SHADOW}]


def _known(only: str, rulebook: Rulebook) -> None:
    names = {name for rule in rulebook.rules for name in (rule.id, rule.category)}
    if only and only not in names:
        raise InputError(
            f'no category or rule "{only}"{did_you_mean(only, names)}', hint="delist rules doc --catalogue"
        )


def _counted(count: int, what: str) -> str:
    return f"{count} {what}{'s' * (count != 1)}"


def _listings(file: str, bad: list[BadRow], counts: Counter[str]) -> Iterable[Listing]:
    for row in read_listings(file, platform="file"):
        if isinstance(row, BadRow):
            bad.append(row)
        else:
            counts["listings"] += 1
            yield row
