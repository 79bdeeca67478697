"""Serving: where, how long, and what happens at the end."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest

from scanner.demo import Fault, FaultKind, serve
from scanner.errors import PortInUse

COMMAND = [sys.executable, "-m", "scanner.demo", "--listings", "30", "--json"]


def test_a_taken_port_is_named() -> None:
    """An error for people that says which port and what to do, with the exit code for what the caller must mend."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortInUse, match=str(port)) as caught, serve(port=port, listings=20):
            pass
    assert caught.value.hint
    assert caught.value.exit_code == 2


def test_the_shop_closes_with_its_block() -> None:
    """Its thread ends, its port is free again, and a stalled answer does not hold it up."""
    before = threading.active_count()
    with serve(listings=20) as shop:
        port = urlsplit(shop.url).port or 0
        shop.faults.add(Fault(kind=FaultKind.STALL))
        waiting = socket.create_connection(("127.0.0.1", port))
        waiting.sendall(b"GET / HTTP/1.1\r\nHost: shop\r\n\r\n")
        time.sleep(0.1)
        start = time.monotonic()
    waiting.close()
    assert threading.active_count() == before
    with serve(port=port, listings=20):
        assert time.monotonic() - start < 3


def test_two_runs_are_alike_to_the_byte(visit: Any) -> None:
    """Bodies and headers of one seed are the same on one port, dates included."""
    seen, port = list[Any](), 0
    for _ in range(2):
        with serve(port=port, seed=9, listings=40) as shop:
            port = urlsplit(shop.url).port or 0
            paths = ["/", "/sitemap.xml", "/api/listings", "/feed.jsonl", f"/item/{shop.market.catalogue()[0].id}.html"]
            seen.append([visit(shop, path) for path in paths])
    assert seen[0] == seen[1]


def test_many_readers_at_once(visit: Any) -> None:
    """Four threads read pages while another hides and restores; every answer is a whole one."""
    statuses: list[int] = []
    with serve(listings=60) as shop:
        ids = [item.id for item in shop.market.catalogue()]

        def read() -> None:
            statuses.extend(visit(shop, f"/item/{number}.html").status for number in ids)

        readers = [threading.Thread(target=read) for _ in range(4)]
        for reader in readers:
            reader.start()
        for number in ids:
            shop.market.hide(number)
            shop.market.restore(number)
        for reader in readers:
            reader.join()
    assert len(statuses) == 4 * 60
    assert set(statuses) <= {200, 410}


def test_the_command_says_where_and_ends_by_itself() -> None:
    """One line of JSON with address, token and counts, then exit code 0 after the seconds asked for."""
    done = subprocess.run([*COMMAND, "--seconds", "0.2", "--token", "t"], capture_output=True, timeout=30, check=True)
    line = json.loads(done.stdout)
    assert (line["token"], line["listings"]) == ("t", 30)
    assert done.stderr == b""


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_the_command_ends_on_a_signal(number: signal.Signals) -> None:
    """It serves until then, and leaves with exit code 0 and no traceback."""
    with subprocess.Popen(COMMAND, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None
        url = json.loads(process.stdout.readline())["url"]
        with urlopen(f"{url}/robots.txt", timeout=10) as reply:  # noqa: S310 - our own server
            assert reply.status == 200
        process.send_signal(number)
        _, errors = process.communicate(timeout=15)
    assert (process.returncode, errors) == (0, b"")


def test_the_command_explains_a_taken_port() -> None:
    """Exit code 2 and two lines: what, and what to do."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        done = subprocess.run([*COMMAND, "--port", port], capture_output=True, timeout=30, check=False, text=True)
    assert done.returncode == 2
    assert port in done.stderr
    assert "Traceback" not in done.stderr


def test_templates_and_goods_travel_with_the_package() -> None:
    """What the shop reads at run time lies inside its package, where a wheel takes it along."""
    home = Path(sys.modules["scanner.demo"].__file__ or "").parent
    assert (home / "templates" / "shop.html").is_file()
    assert len(list((home / "goods").glob("*.toml"))) >= 15
