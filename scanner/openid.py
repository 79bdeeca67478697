"""An OpenID Connect provider as it is reached: discovery, keys, the exchange of a code, and every check of an ID token.

Requests have a deadline, a limit on what is read, and follow no redirect. Only public-key signatures are taken: an
algorithm that a token names is never a reason to believe it (RFC 8725).
"""

from __future__ import annotations

import base64
import hashlib
import os
import threading
import time
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import quote, urlencode

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet
from joserfc.jwt import JWTClaimsRegistry

from scanner.errors import LoginRefused
from scanner.people.records import SignIn
from scanner.people.settings import OidcSettings, is_private
from scanner.platforms.http import Client

ALGORITHMS = ("RS256", "PS256", "ES256", "ES384")
# Clocks of two machines differ by so much.
_LEEWAY = 60
_SECONDS, _MOST_BYTES = 10.0, 2**20
# Anybody can follow the link to the provider: while it does not answer, one asks it, the others wait for so long only,
# and nobody asks again for a while. Else a few strangers would take all threads of the console.
_PATIENCE, _PAUSE = 1.0, 5.0
_AWAY = "the login provider cannot be reached, or does not say what it should"


class OpenIdProvider:
    """One provider, asked for its document and keys when they are needed; safe to share between threads."""

    def __init__(self, settings: OidcSettings, *, client: Client | None = None) -> None:
        self._settings = settings
        self._client = client or Client(seconds=_SECONDS, most_bytes=_MOST_BYTES)
        self._asking, self._discovering = threading.Lock(), threading.Lock()
        self._asked_at = self._again_at = 0.0
        self._document: Mapping[str, Any] = {}
        self._keys: KeySet | None = None

    def address(self, asked: SignIn, *, state: str, back: str) -> str:
        """Where the browser is sent. Raises ``LoginRefused`` where the provider does not answer."""
        digest = hashlib.sha256(asked.verifier.encode()).digest()
        wanted = {
            "response_type": "code",
            "client_id": self._settings.client_id,
            "redirect_uri": back,
            "scope": " ".join(self._settings.scopes),
            "state": state,
            "nonce": asked.nonce,
            "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
            "code_challenge_method": "S256",
        }
        endpoint = self._endpoint("authorization_endpoint")
        return f"{endpoint}{'&' if '?' in endpoint else '?'}{urlencode(wanted)}"

    def claims(self, asked: SignIn, *, code: str, back: str, now: datetime) -> Mapping[str, Any]:
        """What the provider says for a code, its signature and every claim looked at. Raises ``LoginRefused``."""
        token = self._exchanged(code, asked.verifier, back)
        try:
            claims: dict[str, Any] = self._decoded(token)
            self._required(asked.nonce, now).validate(claims)
        except (JoseError, ValueError, TypeError) as error:
            raise LoginRefused(f"the login provider's answer is not good: {type(error).__name__}") from error
        # A token for several is good for the one that it was made for (OIDC Core 3.1.3.7, 4 and 5).
        if claims.get("azp", self._settings.client_id) != self._settings.client_id:
            raise LoginRefused("the login provider's answer is not good: it is for another client")
        return claims

    def _required(self, nonce: str, now: datetime) -> JWTClaimsRegistry:
        return JWTClaimsRegistry(
            now=int(now.timestamp()),
            leeway=_LEEWAY,
            iss={"essential": True, "value": self._settings.issuer},
            aud={"essential": True, "value": self._settings.client_id},
            sub={"essential": True},
            exp={"essential": True},
            iat={"essential": True},
            nonce={"essential": True, "value": nonce},
        )

    def _exchanged(self, code: str, verifier: str, back: str) -> str:
        """The ID token for a code."""
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": back, "code_verifier": verifier}
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        secret = os.environ.get(self._settings.secret_variable, "") if self._settings.secret_variable else ""
        if secret:
            pair = f"{quote(self._settings.client_id, safe='')}:{quote(secret, safe='')}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form["client_id"] = self._settings.client_id
        reply = self._client.call(
            "POST", self._endpoint("token_endpoint"), headers=headers, body=urlencode(form).encode()
        )
        said = reply.json if reply.status == 200 else None
        token = said.get("id_token") if isinstance(said, dict) else None
        if not isinstance(token, str):
            raise LoginRefused("the login provider did not take the code", hint="Begin again.")
        return token

    def _decoded(self, token: str) -> dict[str, Any]:
        """The claims, signed by a key of the provider's; keys are fetched anew once, for it may have changed them."""
        with self._asking:
            is_fresh = self._keys is None
            keys = self._keys = self._keys or self._fetched_keys()
        try:
            return jwt.decode(token, keys, algorithms=ALGORITHMS).claims
        except (JoseError, ValueError):
            if is_fresh:
                raise
        with self._asking:
            keys = self._keys = self._fetched_keys()
        return jwt.decode(token, keys, algorithms=ALGORITHMS).claims

    def _fetched_keys(self) -> KeySet:
        found = self._json(self._endpoint("jwks_uri"))
        try:
            return KeySet.import_key_set({"keys": found["keys"]})
        except (JoseError, KeyError, TypeError, ValueError) as error:
            raise LoginRefused(_AWAY) from error

    def _endpoint(self, name: str) -> str:
        """An address of the provider's, out of its document, which must be its own (OIDC Discovery 4.3)."""
        address = (self._document or self._discovered()).get(name)
        if not isinstance(address, str) or not is_private(address):
            raise LoginRefused(_AWAY)
        return address

    def _discovered(self) -> Mapping[str, Any]:
        """The provider's document. Raises ``LoginRefused``, at once where it has just not answered."""
        if not self._discovering.acquire(timeout=max(0.0, self._asked_at + _PATIENCE - time.monotonic())):
            raise LoginRefused(_AWAY)
        try:
            if not self._document and time.monotonic() >= self._again_at:
                self._document = self._asked()
        finally:
            self._discovering.release()
        if not self._document:
            raise LoginRefused(_AWAY)
        return self._document

    def _asked(self) -> Mapping[str, Any]:
        """What the provider says of itself; nothing where that is of another issuer."""
        issuer, self._asked_at = self._settings.issuer, time.monotonic()
        try:
            found = self._json(f"{issuer.rstrip('/')}/.well-known/openid-configuration")
        finally:
            self._again_at = time.monotonic() + _PAUSE
        return found if found.get("issuer") == issuer else {}

    def _json(self, url: str) -> Mapping[str, Any]:
        reply = self._client.call("GET", url, headers={"Accept": "application/json"})
        found = reply.json if reply.status == 200 else None
        if not isinstance(found, dict):
            raise LoginRefused(_AWAY)
        return found
