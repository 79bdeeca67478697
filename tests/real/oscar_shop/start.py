"""Builds a django-oscar shop in a folder and serves it by gunicorn on a free loopback port, until its input ends.

``python tests/real/oscar_shop/start.py FOLDER [--products 300]``, by hand: stop it with Ctrl-D. It says where it is and
with which token in one line of JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main() -> None:
    """Build, serve, stop."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--products", type=int, default=300)
    given = parser.parse_args()
    with socket.create_server(("127.0.0.1", 0), backlog=128) as listening:
        listening.set_inheritable(True)
        host = f"127.0.0.1:{listening.getsockname()[1]}"
        given.folder.mkdir(parents=True, exist_ok=True)
        os.environ |= {
            "REAL_SHOP_FOLDER": str(given.folder.resolve()),
            "REAL_SHOP_URL": f"http://{host}",
            "DJANGO_SETTINGS_MODULE": "oscar_shop.settings",
            "PYTHONPATH": str(HERE.parent),
        }
        token = built(host, given.products)
        serve(host, listening.fileno(), token, given.products)


def built(host: str, products: int) -> str:
    """The shop's database; the token of who may take down."""
    sys.path.insert(0, str(HERE.parent))
    import django  # it reads the environment that was made just now

    django.setup()
    from oscar_shop.seed import fill  # models exist only after the set-up

    return fill(host, products)


def serve(host: str, descriptor: int, token: str, products: int) -> None:
    """gunicorn on the socket that is open already, so that nobody takes the port in between."""
    command = [sys.executable, "-m", "gunicorn", "--bind", f"fd://{descriptor}", "--workers", "2", "--threads", "4"]
    command += ["--no-control-socket", "--log-level", "warning", "oscar_shop.wsgi:application"]
    with subprocess.Popen(command, pass_fds=(descriptor,), stdin=subprocess.DEVNULL, start_new_session=True) as server:
        print(json.dumps({"url": f"http://{host}", "token": token, "products": products}), flush=True)
        try:
            sys.stdin.buffer.read()
        finally:
            server.terminate()


if __name__ == "__main__":
    main()
