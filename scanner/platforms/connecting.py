"""Connections that give up in time: a server that sends its headers byte by byte gets no longer than a silent one.

A socket's timeout is for each of its reads. Who sends one byte before it has run out, or one ``100 Continue`` after
another, would keep us for years; so the headers of an answer have one deadline together.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.response import HTTPResponse


class PatientHTTP(HTTPConnection):
    """Waits for the headers of an answer as long as for a single read, and no longer."""

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 itself declares it
        """The answer with its headers. Raises ``TimeoutError``."""
        with _cut_off(self):
            return super().getresponse()


class PatientHTTPS(HTTPSConnection):
    """The same over TLS."""

    def getresponse(self) -> HTTPResponse:  # type: ignore[override]  # as urllib3 itself declares it
        """The answer with its headers. Raises ``TimeoutError``."""
        with _cut_off(self):
            return super().getresponse()


class _PatientHTTPPool(HTTPConnectionPool):
    ConnectionCls = PatientHTTP


class _PatientHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = PatientHTTPS


class PatientPool(urllib3.PoolManager):
    """Makes such connections."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.pool_classes_by_scheme = {"http": _PatientHTTPPool, "https": _PatientHTTPSPool}


@contextlib.contextmanager
def _cut_off(connection: HTTPConnection) -> Iterator[None]:
    """End the connection when its timeout is over. Headers that end with the connection look whole, and are not."""
    over = threading.Event()
    timer = threading.Timer(connection.timeout or 0, _end, (connection.sock, over))
    timer.daemon = True
    if connection.timeout is not None and connection.sock is not None:
        timer.start()
    try:
        yield
    except Exception as error:
        if over.is_set():
            raise TimeoutError("timed out") from error
        raise
    finally:
        timer.cancel()
    if over.is_set():
        raise TimeoutError("timed out")


def _end(opened: socket.socket, over: threading.Event) -> None:
    over.set()
    with contextlib.suppress(OSError):
        # Not TLS's own way, which would change what the thread that reads stands on.
        socket.socket.shutdown(opened, socket.SHUT_RDWR)
