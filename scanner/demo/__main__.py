"""``python -m scanner.demo``: serve a simulated marketplace."""

from __future__ import annotations

import argparse
import sys

from scanner.demo.server import run
from scanner.errors import DelistError


def main() -> int:
    """Serve as the arguments say; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m scanner.demo", description="Serve a simulated marketplace.")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--listings", type=int, default=600)
    parser.add_argument("--token", default="", help="bearer token of the administration; made up where none is given")
    parser.add_argument("--seconds", type=float, default=0, help="end by itself after so many seconds; 0: never")
    parser.add_argument("--json", action="store_true", dest="as_json", help="say where in one line of JSON")
    try:
        run(**vars(parser.parse_args()))
    except DelistError as error:
        sys.stderr.write(f"{error}\n{error.hint}\n")
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
