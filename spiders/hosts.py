"""The hosts that a crawl may touch, and whether an address is on one of them."""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

_DEFAULT_PORTS = {"http": ":80", "https": ":443"}


class Hosts:
    """A source's own hosts, each with its port; a leading ``www.`` makes no difference."""

    def __init__(self, hosts: Iterable[str]) -> None:
        self.hosts = frozenset(_bare(host) for host in hosts)
        # How nearly every address begins: of them no more need be looked at.
        self._beginnings = tuple(f"{scheme}://{host}/" for scheme in _DEFAULT_PORTS for host in self.hosts)

    def allows(self, url: str) -> bool:
        """Whether ``url`` is on one of them, over HTTP, and carries no credentials."""
        if url.startswith(self._beginnings):
            return True
        try:
            parts = urlsplit(url)
        except ValueError:
            return False
        if parts.scheme not in _DEFAULT_PORTS or "@" in parts.netloc:
            return False
        return _bare(parts.netloc.lower().removesuffix(_DEFAULT_PORTS[parts.scheme])) in self.hosts


def _bare(host: str) -> str:
    return host.lower().removeprefix("www.")
