"""Lighthouse on the console's main pages: ``make lighthouse``. Fails where a figure is below what is wanted.

``python -m tests.lighthouse PROGRAM URL COOKIE`` prints one line a page; whole reports go to ``build/lighthouse``.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

PAGES = {
    "login": "/login",
    "queue": "/queue",
    "review": "/cases/8",
    "figures": "/figures",
    "takedowns": "/takedowns",
}
CATEGORIES = ("performance", "accessibility", "best-practices")
WANTED = 95
FOLDER = Path("build/lighthouse")
CHROMIUM = (
    "--headless=new --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
)
# Findings of these weigh nothing, or are of another category.
_UNSCORED = frozenset({"informative", "notApplicable", "manual"})


def look(program: str, url: str, cookie: str, report: Path) -> dict[str, Any]:
    """Lighthouse's report on a page, as a desktop sees it."""
    command = [program, url, "--quiet", "--preset=desktop", "--output=json", f"--output-path={report}"]
    command += [f"--only-categories={','.join(CATEGORIES)}", f"--chrome-flags={CHROMIUM}"]
    command += [f"--extra-headers={json.dumps({'Cookie': cookie})}"] if cookie else []
    browser = os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("google-chrome") or ""
    subprocess.run(command, check=True, timeout=180, env=os.environ | {"CHROME_PATH": browser})
    found: dict[str, Any] = json.loads(report.read_text(encoding="utf8"))
    return found


def short_of(report: dict[str, Any]) -> list[str]:
    """What keeps a page from a hundred."""
    return [
        f"{audit['id']} {audit['score']:.2f} {audit.get('displayValue', '')}".rstrip()
        for audit in report["audits"].values()
        if audit["score"] is not None and audit["score"] < 1 and audit["scoreDisplayMode"] not in _UNSCORED
    ]


def main() -> int:
    """Print the table; 1 where something is below what is wanted."""
    program, url, cookie = sys.argv[1:4]
    FOLDER.mkdir(parents=True, exist_ok=True)
    low = False
    for name, path in PAGES.items():
        report = look(program, f"{url}{path}", "" if name == "login" else cookie, FOLDER / f"{name}.json")
        scores = [round(100 * report["categories"][category]["score"]) for category in CATEGORIES]
        low = low or min(scores) < WANTED
        told = "  ".join(f"{category} {score:3}" for category, score in zip(CATEGORIES, scores, strict=True))
        print(f"{name:10} {told}  {'; '.join(short_of(report))}", flush=True)  # noqa: T201 - what the command is for
    return int(low)


if __name__ == "__main__":
    sys.exit(main())
