"""How the console's process begins."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

BEGINS = """
import os, sys
from pathlib import Path
from scanner.console.serving import apart
from scanner.errors import RulebookError

def work():
    Path(sys.argv[1]).write_text(str(os.getpid()))
    raise RulebookError(("what is wrong is told by whoever needs it",))

apart(work)
print(os.getpid())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere libraries do not bear to be forked, and nothing is done")
def test_what_takes_memory_for_a_moment_is_done_apart(tmp_path: Path) -> None:
    """In another process, which is over by then; its faults are told by whoever does the work again."""
    file = tmp_path / "done"
    begun = subprocess.run([sys.executable, "-c", BEGINS, file], capture_output=True, text=True, check=True)

    assert begun.stderr == ""
    assert file.read_text() != begun.stdout.strip()
    assert not Path(f"/proc/{file.read_text()}").exists()
