"""An example of a receiver of Delist's webhook, with nothing but the standard library. The contract: docs/webhook.md.

    DELIST_SECRET=… python docs/receiver.py 8080

It keeps keys in memory and prints what it would do. A real one keeps them in its database, in the transaction that
hides the listing, and changes ``hide`` and ``show`` below.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import sys
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

# A call whose timestamp is further off is refused: somebody may have recorded it.
REPLAY_SECONDS = 300
MOST_BYTES = 64 * 1024


class Receiver:
    """Carries out orders, each key once. ``hide`` and ``show`` give false for a listing that they do not know."""

    def __init__(
        self,
        secret: str,
        *,
        hide: Callable[[str], bool],
        show: Callable[[str], bool],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._secret, self._hide, self._show, self._now = secret.encode(), hide, show, now
        self._answers: dict[str, tuple[str, str, int, dict[str, str]]] = {}
        self._lock = threading.Lock()

    def take(self, timestamp: str, signature: str, body: bytes) -> tuple[int, dict[str, str]]:
        """What to answer: a status and an object."""
        expected = "v1=" + hmac.new(self._secret, timestamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected.encode(), signature.encode()):
            return 401, {"error": "the signature does not fit the body"}
        if not timestamp.isascii() or not timestamp.isdigit() or abs(self._now() - int(timestamp)) > REPLAY_SECONDS:
            return 401, {"error": "the timestamp is too far off"}
        message = json.loads(body)
        if message["action"] == "ping":
            return 200, {"state": "done"}
        return self._once(message["key"], message["action"], message["listing"]["listing_id"])

    def _once(self, key: str, action: str, listing_id: str) -> tuple[int, dict[str, str]]:
        """The same key again gets the same answer and has no second effect; for another order it is a mistake."""
        with self._lock:
            known = self._answers.get(key)
            if known is None:
                status, answer = self._carry_out(action, listing_id)
                self._answers[key] = (action, listing_id, status, answer)
                return status, answer
            if known[:2] != (action, listing_id):
                return 409, {"error": "this key has named another order"}
            return known[2:]

    def _carry_out(self, action: str, listing_id: str) -> tuple[int, dict[str, str]]:
        moves = {"hide": self._hide, "restore": self._show}
        if action not in moves:
            return 200, {"state": "refused", "message": f"we cannot {action} a listing"}
        return (200, {"state": "done"}) if moves[action](listing_id) else (404, {"error": "no such listing"})


class Handler(BaseHTTPRequestHandler):
    """HTTP around a ``Receiver``, which is the server's ``receiver``."""

    def do_POST(self) -> None:
        """Every call is a POST to one address."""
        size = int(self.headers.get("Content-Length", "0"))
        if size > MOST_BYTES:
            self.send_error(413)
            return
        given = (self.headers.get("Delist-Timestamp", ""), self.headers.get("Delist-Signature", ""))
        status, answer = self.server.receiver.take(*given, self.rfile.read(size))  # type: ignore[attr-defined]  # ours
        said = json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_: object) -> None:
        """Quiet."""


def main() -> None:
    """Serve on the loopback interface."""

    def would(what: str) -> Callable[[str], bool]:
        return lambda listing_id: bool(sys.stdout.write(f"would {what} listing {listing_id}\n"))

    receiver = Receiver(os.environ["DELIST_SECRET"], hide=would("hide"), show=would("show"))
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    server.receiver = receiver  # type: ignore[attr-defined]  # where the handler finds it
    server.serve_forever()


if __name__ == "__main__":
    main()
