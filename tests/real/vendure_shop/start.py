"""Installs Vendure by npm into a cache, once for each lock file, and serves a new shop on a free loopback port.

``python tests/real/vendure_shop/start.py FOLDER [--products 150]``, by hand: stop it with Ctrl-D. It says where
it is, and with which token, in one line of JSON. Its packages take 165 MB and two minutes: no repository wants them.
"""

from __future__ import annotations

import argparse
import dataclasses
import hashlib
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import platformdirs

HERE = Path(__file__).resolve().parent
HEADERS = Path("/usr/include/node")


def main() -> None:
    """Install, build, serve, stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--products", type=int, default=150)
    given = parser.parse_args()
    node = tool("node")
    packages = installed()
    given.folder.mkdir(parents=True, exist_ok=True)
    sys.path.insert(0, str(HERE.parent))
    from goods import goods  # it lies beside this folder, which is on no path

    file = given.folder / "goods.json"
    file.write_text(json.dumps([dataclasses.asdict(good) | {"sku": good.sku} for good in goods(given.products)]))
    command = [node, str(HERE / "shop.js"), str(file.resolve()), str(free_port())]
    environment = {**os.environ, "REAL_SHOP_PACKAGES": str(packages)}
    # The shop has our own input: it ends when that does.
    raise SystemExit(subprocess.run(command, cwd=given.folder, env=environment, check=False).returncode)


def tool(name: str) -> str:
    """Where a program is; ends loudly where it is not."""
    found = shutil.which(name)
    if found is None:
        raise SystemExit(f"{name} is needed to run Vendure, and is not installed (Debian: apt-get install nodejs npm)")
    return found


def installed() -> Path:
    """The folder with the packages of the lock file, installed if that was not done before."""
    lock = (HERE / "package-lock.json").read_bytes()
    folder = Path(platformdirs.user_cache_dir("delist")) / f"vendure-{hashlib.sha256(lock).hexdigest()[:16]}"
    if (folder / ".ready").exists():
        return folder
    folder.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    environment = dict(os.environ)
    if HEADERS.is_dir():
        # The database's driver is compiled; without this its headers would be looked for in the network.
        environment["npm_config_nodedir"] = str(HEADERS.parent.parent)
    print("installing Vendure: two minutes, once", file=sys.stderr, flush=True)
    command = [tool("npm"), "ci", "--no-audit", "--no-fund", "--loglevel=error"]
    subprocess.run(command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=True)
    (folder / ".ready").touch()
    return folder


def free_port() -> int:
    """A port that nobody listens on right now."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


if __name__ == "__main__":
    main()
