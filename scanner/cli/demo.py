"""``delist demo``: the simulated marketplace."""

from __future__ import annotations

from typing import Annotated

import typer

from scanner.demo import run

app = typer.Typer(
    no_args_is_help=True, help="The simulated marketplace: it evades, edits, relists, throttles and lies."
)


@app.callback()
def demo() -> None:
    """The simulated marketplace: it evades, edits, relists, throttles and lies."""


@app.command(epilog="Example: delist demo serve --port 8800 --seed 7")
def serve(
    port: Annotated[int, typer.Option(help="Port on the loopback interface; 0: a free one.")] = 0,
    seed: Annotated[int, typer.Option(help="The same seed makes the same marketplace.")] = 1,
    listings: Annotated[int, typer.Option(min=1, max=1_000_000, help="How many listings it offers.")] = 600,
    seconds: Annotated[float, typer.Option(help="Stop after this time; 0: when interrupted.")] = 0,
    json: Annotated[bool, typer.Option("--json", help="Print address and token as one line of JSON.")] = False,
) -> None:
    """Serve the simulated marketplace on the loopback interface until interrupted."""
    run(port=port, seed=seed, listings=listings, seconds=seconds, as_json=json)
