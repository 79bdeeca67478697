"""A small OpenID Connect provider on this machine, which can be told to answer wrongly."""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

CLIENT, SECRET = "delist", "a secret of two"


class LoginProvider:
    """Issues codes for whoever is sent to it, and ID tokens for codes."""

    def __init__(self) -> None:
        self.url = ""
        self.key = ECKey.generate_key("P-256", parameters={"kid": "one"})
        self.person: dict[str, Any] = {"sub": "248289", "preferred_username": "Lin", "groups": ["desk"]}
        # What it says otherwise than it should: claims laid over the right ones, and how the token is made.
        self.wrong: dict[str, Any] = {}
        self.sign: Callable[[dict[str, Any]], str] = self._signed
        self.document: dict[str, Any] = {}
        self.now = time.time
        self.asked: list[dict[str, str]] = []
        self._codes: dict[str, dict[str, str]] = {}

    def authorised(self, address: str) -> str:
        """What a browser is sent back to after the person has logged in there."""
        asked = dict(parse_qsl(urlsplit(address).query))
        assert (asked["client_id"], asked["response_type"]) == (CLIENT, "code")
        code = f"code-{len(self._codes)}"
        self._codes[code] = asked
        return f"{asked['redirect_uri']}?state={asked['state']}&code={code}"

    def token(self, form: dict[str, str]) -> tuple[int, dict[str, Any]]:
        """An ID token for a code that is used once, with the verifier that it was asked with (RFC 7636)."""
        self.asked.append(form)
        asked = self._codes.pop(form.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or asked["code_challenge"] != challenge.rstrip(b"=").decode():
            return 400, {"error": "invalid_grant"}
        if asked["redirect_uri"] != form["redirect_uri"]:
            return 400, {"error": "invalid_grant"}
        now = int(self.now())
        right = {"iss": self.url, "aud": CLIENT, "exp": now + 300, "iat": now, "nonce": asked["nonce"]}
        claims = {key: value for key, value in {**right, **self.person, **self.wrong}.items() if value is not None}
        return 200, {"id_token": self.sign(claims), "token_type": "Bearer", "access_token": "x"}

    def get(self, path: str) -> tuple[int, dict[str, Any]]:
        """The document and the keys."""
        if path == "/.well-known/openid-configuration":
            return 200, {
                "issuer": self.url,
                "authorization_endpoint": f"{self.url}/authorize",
                "token_endpoint": f"{self.url}/token",
                "jwks_uri": f"{self.url}/keys",
            } | self.document
        return (200, {"keys": [self.key.as_dict(private=False)]}) if path == "/keys" else (404, {})

    def _signed(self, claims: dict[str, Any]) -> str:
        return jwt.encode({"alg": "ES256", "kid": self.key.kid}, claims, self.key, algorithms=["ES256"])

    def signed_by_another(self, claims: dict[str, Any]) -> str:
        """By a key that is not among the provider's."""
        other = ECKey.generate_key("P-256", parameters={"kid": "one"})
        return jwt.encode({"alg": "ES256", "kid": "one"}, claims, other, algorithms=["ES256"])

    def signed_by_nobody(self, claims: dict[str, Any]) -> str:
        """With the algorithm ``none``."""
        parts = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=") for part in ({"alg": "none"}, claims)]
        return b".".join([*parts, b""]).decode()

    def signed_by_the_public(self, claims: dict[str, Any]) -> str:
        """With the public key as if it were a shared secret."""
        public = OctKey.import_key(json.dumps(self.key.as_dict(private=False)).encode())
        return jwt.encode({"alg": "HS256", "kid": "one"}, claims, public, algorithms=["HS256"])


@contextmanager
def running() -> Iterator[LoginProvider]:
    """A provider that listens on a port of its own."""
    provider = LoginProvider()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(*provider.get(urlsplit(self.path).path))

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            form = {key: values[0] for key, values in parse_qs(body).items()}
            form["authorization"] = self.headers.get("Authorization", "")
            self._answer(*provider.token(form))

        def _answer(self, status: int, said: dict[str, Any]) -> None:
            body = json.dumps(said).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the name that it has in http.server
            """Nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        provider.url = f"http://127.0.0.1:{server.server_port}"
        thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
        thread.start()
        yield provider
        server.shutdown()
        thread.join()
