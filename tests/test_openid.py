"""A login provider that does not answer keeps one of those who knock waiting, not all."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from scanner.errors import LoginRefused
from scanner.model import Role
from scanner.openid import OpenIdProvider
from scanner.people.records import SignIn
from scanner.people.settings import OidcSettings
from scanner.platforms.http import Client
from tests.fakes import NOON


def test_a_silent_provider_takes_no_threads_away() -> None:
    """Of thirty who are sent there at once it is asked for one; the others, and who comes next, are told soon."""
    with socket.create_server(("127.0.0.1", 0), backlog=50) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        settings = OidcSettings(issuer=url, client_id="x", roles={"all": Role.REVIEWER})
        provider = OpenIdProvider(settings, client=Client(seconds=0.5))
        asked = SignIn(browser="", nonce="n", verifier="v", goal="/", begun_at=NOON)

        def knock(_: int) -> None:
            with pytest.raises(LoginRefused):
                provider.address(asked, state="s", back=url)

        began = time.monotonic()
        with ThreadPoolExecutor(10) as doors:
            list(doors.map(knock, range(30)))
        assert time.monotonic() - began < 3.0
        silent.settimeout(0.05)
        silent.accept()[0].close()
        with pytest.raises(TimeoutError):
            silent.accept()
