"""Compile the kernels (``scanner/kernels``) while Delist is installed or its wheel is built.

They are no must: without a C compiler, or where it fails, one line says so and what is built is pure Python. As a
program, ``python hatch_build.py LIBRARY [FLAG ...]`` compiles them elsewhere, such as with a sanitizer.
"""

from __future__ import annotations

import os
import runpy
import shlex
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.tags import sys_tags

ROOT = Path(__file__).resolve().parent
KERNELS: dict[str, Any] = runpy.run_path(str(ROOT / "scanner/kernels/sources.py"))
LIBRARY: Path = KERNELS["LIBRARY"]
SECONDS = 300


def compile_kernels(target: Path, flags: Sequence[str] = ("-O3",)) -> str:
    """Compile into ``target``, which is never there half made; returns what kept it from being made, if anything.

    For every processor of the kind, not only this one: a wheel runs elsewhere.
    """
    made = ROOT / "build" / f"kernels.{os.getpid()}"
    stamp = f'-DDELIST_SOURCES="{KERNELS["digest"]()}"'
    compiler = shlex.split(os.environ.get("CC", "cc"))
    command = [
        *compiler,
        "-std=c99",
        "-fPIC",
        "-shared",
        # Sums and quotients come out as numpy's do.
        "-ffp-contract=off",
        *flags,
        stamp,
        *map(str, KERNELS["sources"]()),
        "-lm",
        "-o",
        str(made),
    ]
    try:
        made.parent.mkdir(exist_ok=True)
        done = subprocess.run(command, capture_output=True, text=True, timeout=SECONDS, check=False)  # noqa: S603
        if done.returncode:
            return (done.stderr.strip() or f"exit code {done.returncode}").splitlines()[0]
        shutil.move(made, target)
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    finally:
        made.unlink(missing_ok=True)
    return ""


class KernelHook(BuildHookInterface):  # type: ignore[type-arg]  # hatchling's own hooks leave it out too
    """Called by hatchling for wheels, editable ones too; a source distribution has the sources."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Compile, and name the platform if that worked."""
        if self.target_name != "wheel":
            return
        fault = compile_kernels(LIBRARY) if os.name == "posix" else "no compiler is looked for here"
        if fault:
            # A library that was made before stays: one of other sources is not used, and is in no wheel.
            self.app.display_warning(f"Delist's kernels are not compiled ({fault}): numpy does their work, more slowly")
            return
        build_data["pure_python"] = False
        build_data["tag"] = f"py3-none-{_platform()}"
        build_data["artifacts"].append(f"/{LIBRARY.relative_to(ROOT).as_posix()}")


def _platform() -> str:
    """The platform's name; the library needs of the system no more than C, and of Python nothing."""
    names = (tag.platform for tag in sys_tags())
    return next(name for name in names if not name.startswith(("manylinux", "musllinux")))


if __name__ == "__main__":
    sys.exit(compile_kernels(Path(sys.argv[1]), sys.argv[2:] or ("-O3",)) or 0)
