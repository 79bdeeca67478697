"""Asks for pictures on the web: of declared hosts only, over redirects too, with bounds on time and bytes.

A listing's pictures are addresses that a seller wrote. So a request goes only to the source's own hosts and to those
that the settings declare; a redirect is judged like an address. Where a pattern (``*.cdn.example``) lets a host in, it
must also be on the public internet, and the connection goes to the very address that was looked at.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import time
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urljoin, urlsplit

import urllib3
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool

from scanner.pictures.fetching import Got
from scanner.pictures.records import PictureState
from scanner.platforms.connecting import PatientHTTP, PatientHTTPS
from scanner.platforms.http import Client, Reply

MOST_REDIRECTS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LATER = frozenset({0, 408, 425, 429, 500, 502, 503, 504})
_DEFAULT_PORTS = {"http": ":80", "https": ":443"}
# Of what a host and its port are written; of anything else two readers of an address may think different things.
_PLAIN = re.compile(r"[\w.-]+(?::[0-9]+)?|\[[0-9a-f:.]+\](?::[0-9]+)?", re.IGNORECASE)
_ACCEPTED = "image/webp,image/png,image/jpeg,image/gif,image/avif;q=0.9"


class PictureHosts:
    """Where the pictures of a source may lie: hosts as they are, each with its port, and patterns ``*.cdn.example``."""

    def __init__(self, hosts: Iterable[str]) -> None:
        named = {host.strip().lower() for host in hosts}
        self._exact = frozenset(host for host in named if not host.startswith("*."))
        self._endings = tuple(host[1:] for host in named if host.startswith("*."))

    def names(self, url: str) -> bool:
        """Whether an address is on a host that is named as it is, over HTTP and without credentials."""
        return _host_of(url) in self._exact

    def admits(self, url: str) -> bool:
        """Whether a pattern lets it in, on the port that its scheme has anyhow."""
        host = _host_of(url)
        return bool(self._endings) and ":" not in host and host.endswith(self._endings)


class PictureWeb:
    """Asks for pictures, ``rate`` a second at most, of each source where its hosts say. Not for several threads."""

    def __init__(
        self,
        hosts: Callable[[str], PictureHosts],
        *,
        rate: float = 5.0,
        seconds: float = 20.0,
        most_bytes: int = 8 * 2**20,
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        self._hosts, self._gap, self._pause = hosts, 1 / rate, pause
        self._next_at = 0.0
        self._named = Client(seconds=seconds, most_bytes=most_bytes)
        self._public = Client(seconds=seconds, most_bytes=most_bytes, pool=PublicPool(retries=False))

    def get(self, source: str, url: str) -> Got:
        """What came of asking. Never raises for what comes or does not."""
        hosts = self._hosts(source)
        for _ in range(MOST_REDIRECTS + 1):
            if why := _why_not(hosts, url):
                return _refused(why)
            self._wait()
            client = self._named if hosts.names(url) else self._public
            reply = client.call("GET", url, headers={"Accept": _ACCEPTED})
            if reply.status not in _REDIRECTS:
                return _judged(reply)
            url = _onward(url, reply)
        return _refused("it leads on and on")

    def _wait(self) -> None:
        now = time.monotonic()
        if now < self._next_at:
            self._pause(self._next_at - now)
        self._next_at = max(now, self._next_at) + self._gap


def _why_not(hosts: PictureHosts, url: str) -> str:
    """Why an address is not asked for anything; empty: it may be."""
    host = _host_of(url)
    if hosts.names(url):
        return ""
    if not hosts.admits(url):
        return f"its host is not one of this source's image_hosts: {host[:100] or url[:100]}"
    try:
        public_address(host, 443 if url.startswith("https") else 80)
    except NotPublic as error:
        return f"its host cannot be asked: {error}"
    except OSError:
        return ""  # not known at present: asking says so, and is done again later
    return ""


def _judged(reply: Reply) -> Got:
    if reply.status == 200:
        return Got(capture=reply.capture)
    if "is larger than" in reply.trouble:
        return _refused(reply.trouble)
    why = reply.trouble or f"it answered {reply.status}"
    return Got(why=why, end=PictureState.DUE if reply.status in _LATER else PictureState.FAILED)


def _refused(why: str) -> Got:
    return Got(why=why, end=PictureState.REFUSED)


def _onward(url: str, reply: Reply) -> str:
    try:
        return urljoin(url, reply.header("location"))
    except ValueError:
        return ""


def _host_of(url: str) -> str:
    """Host and port of an address over HTTP, without the port that its scheme has anyhow; else nothing."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    if parts.scheme not in _DEFAULT_PORTS or not _PLAIN.fullmatch(parts.netloc):
        return ""
    return parts.netloc.lower().removesuffix(_DEFAULT_PORTS[parts.scheme])


class NotPublic(OSError):
    """A name that leads into somebody's own network."""


def public_address(host: str, port: int) -> str:
    """An address of ``host``. Raises ``NotPublic`` if any of them is not public, ``OSError`` if there is none."""
    found = [entry[4][0] for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)]
    for address in found:
        if not ipaddress.ip_address(str(address).partition("%")[0]).is_global:
            raise NotPublic(f"{host} is not on the public internet")
    return str(found[0])


class _ToPublic:
    """Connects to the address that was looked at: asked again, a hostile name could give another one."""

    def _new_conn(self: Any) -> socket.socket:
        name = self._dns_host
        try:
            self._dns_host = public_address(name, self.port)
            opened: socket.socket = super()._new_conn()  # type: ignore[misc]  # of the connection that it is mixed into
        except OSError as error:
            raise urllib3.exceptions.NewConnectionError(self, str(error)) from error
        finally:
            self._dns_host = name
        return opened


class _PublicHTTP(_ToPublic, PatientHTTP):
    pass


class _PublicHTTPS(_ToPublic, PatientHTTPS):
    pass


class _PublicHTTPPool(HTTPConnectionPool):
    ConnectionCls = _PublicHTTP


class _PublicHTTPSPool(HTTPSConnectionPool):
    ConnectionCls = _PublicHTTPS


class PublicPool(urllib3.PoolManager):
    """Makes connections to public addresses only."""

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.pool_classes_by_scheme = {"http": _PublicHTTPPool, "https": _PublicHTTPSPool}
