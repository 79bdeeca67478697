"""People who use the console without a browser: they follow links and fill in forms."""

from __future__ import annotations

import re
from functools import cache
from typing import Any

import httpx2
from fastapi.testclient import TestClient

from scanner.people import passwords

PASSWORD = "correct horse battery staple"


@cache
def password_hash() -> str:
    """Its hash, made once: hashing is slow on purpose."""
    return passwords.hashed(PASSWORD)


class Visitor:
    """Somebody with a browser that runs no scripts."""

    def __init__(self, client: TestClient) -> None:
        self.client = client
        self.page = ""

    def get(self, path: str, **more: Any) -> httpx2.Response:
        """Open a page."""
        return self._seen(self.client.get(path, **more))

    def post(self, path: str, form: dict[str, Any] | None = None, **more: Any) -> httpx2.Response:
        """Send a form of the page at hand, with its token."""
        token = re.search(r'name="csrf" value="([0-9a-f]*)"', self.page)
        return self._seen(self.client.post(path, data={"csrf": token[1] if token else ""} | (form or {}), **more))

    def log_in(self, name: str, password: str = PASSWORD, *, goal: str = "/account") -> httpx2.Response:
        """By the form."""
        self.get("/login")
        return self.post("/login", {"name": name, "password": password, "next": goal})

    def _seen(self, response: httpx2.Response) -> httpx2.Response:
        if "text/html" in response.headers.get("content-type", ""):
            self.page = response.text
        return response
