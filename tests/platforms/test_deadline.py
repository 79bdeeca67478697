"""A server that sends little and often keeps nobody longer than one that sends nothing."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from scanner.platforms.http import Client

DEADLINE = 0.3
LONG = 8.0


@contextmanager
def dripping(first: bytes, again: bytes) -> Iterator[str]:
    """The address of a server that answers one request with ``first``, and then with ``again`` over and over."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def answer() -> None:
            opened, _ = listening.accept()
            with opened:
                opened.recv(65_536)
                try:
                    opened.sendall(first)
                    over = time.monotonic() + LONG
                    while time.monotonic() < over:
                        opened.sendall(again)
                        time.sleep(DEADLINE / 10)
                except OSError:
                    return

        thread = threading.Thread(target=answer)
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}/"
        thread.join()


@pytest.mark.parametrize(
    ("first", "again"),
    [
        (b"HTTP/1.1 200 OK\r\nX-Long: ", b"a"),
        (b"HTTP/1.1 200 OK\r\n", b"X-More: a\r\n"),
        (b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", b"a"),
    ],
)
def test_who_drips_is_given_up_like_who_is_silent(first: bytes, again: bytes) -> None:
    """In headers, in one of them, in what comes before them and in the body; headers cut off are no answer."""
    began = time.monotonic()
    with dripping(first, again) as url:
        reply = Client(seconds=DEADLINE).call("GET", url)
    assert (reply.status, bool(reply.trouble)) == (0, True)
    assert time.monotonic() - began < LONG / 2
