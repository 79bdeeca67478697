"""``delist serve``, ``person`` and ``token`` as they are typed."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest

from tests.fakes import write_rules

Delist = Callable[..., Any]


def _environment() -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DELIST_")}
    return kept | {"PYTHONPATH": str(Path(__file__).resolve().parents[2])}


def test_the_console_is_served_and_says_how_to_begin(tmp_path: Path) -> None:
    """The first start names the command for the first administrator; after that the login is there; Ctrl+C ends it."""
    rules = write_rules(tmp_path / "rules")
    (tmp_path / "delist.toml").write_text(f'rules = ["{rules}"]\n', encoding="utf8")
    command = [sys.executable, "-m", "scanner.cli", "serve", "--port", "0"]
    serving = subprocess.Popen(command, cwd=tmp_path, env=_environment(), stdout=subprocess.PIPE, text=True)
    try:
        assert serving.stdout is not None
        lines = [serving.stdout.readline() for _ in range(4)]
        address = re.search(r"http://\S+/", lines[0])
        assert address
        assert "delist schedule" in lines[1]
        assert "Nobody has an account yet" in lines[2]
        assert "delist person add NAME --role administrator" in lines[3]
        with urllib.request.urlopen(f"{address[0]}login", timeout=30) as page:  # noqa: S310 - our own address
            assert b"delist person add NAME --role administrator" in page.read()
        serving.send_signal(signal.SIGINT)
        serving.wait(timeout=30)
    finally:
        serving.kill()
        serving.communicate()


def test_accounts_and_tokens_from_the_terminal(delist: Delist, monkeypatch: pytest.MonkeyPatch) -> None:
    """Made with a password from a pipe, listed without it; a weak one and a host for others are refused with code 2."""
    monkeypatch.setattr(sys, "stdin", StringIO("several words in a row\nshort\n"))
    assert "can log in" in delist("person", "add", "ann", "--role", "administrator").out
    weak = delist("person", "add", "bob", "--role", "reviewer")
    assert (weak.code, "12 to 256 characters" in weak.err) == (2, True)
    secret = delist("token", "add", "checkout", "--scope", "check").out.strip()
    assert secret.startswith("delist_")
    assert secret not in delist("token", "list").out
    open_to_all = delist("serve", "--host", "0.0.0.0", "--port", "0")  # noqa: S104 - to be refused
    assert (open_to_all.code, "console" in open_to_all.err) == (2, True)
