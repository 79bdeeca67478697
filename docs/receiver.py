"""An example of a receiver of Delist's webhook, with nothing but the standard library. The contract: docs/webhook.md.

    DELIST_SECRET=… python docs/receiver.py 8080

It keeps keys in memory and prints what it would do. A real one keeps them in its database, in the transaction that
hides the listing, and changes what ``main`` gives it.
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
    """Carries out orders, each key once. ``hide`` and ``show`` give false for a listing that they do not know.

    So do ``close`` and ``reopen`` for a seller; without them such orders are refused, and people do them by hand.
    """

    def __init__(
        self,
        secret: str,
        *,
        hide: Callable[[str], bool],
        show: Callable[[str], bool],
        close: Callable[[str], bool] | None = None,
        reopen: Callable[[str], bool] | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._secret, self._now = secret.encode(), now
        self._moves = {"hide": hide, "restore": show, "close_account": close, "reopen_account": reopen}
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
        about = message["seller"]["seller_id"] if "seller" in message else message["listing"]["listing_id"]
        return self._once(message["key"], message["action"], about)

    def _once(self, key: str, action: str, about: str) -> tuple[int, dict[str, str]]:
        """The same key again gets the same answer and has no second effect; for another order it is a mistake."""
        with self._lock:
            known = self._answers.get(key)
            if known is None:
                status, answer = self._carry_out(action, about)
                self._answers[key] = (action, about, status, answer)
                return status, answer
            if known[:2] != (action, about):
                return 409, {"error": "this key has named another order"}
            return known[2:]

    def _carry_out(self, action: str, about: str) -> tuple[int, dict[str, str]]:
        move = self._moves.get(action)
        if move is None:
            return 200, {"state": "refused", "message": f"we cannot {action.replace('_', ' ')}"}
        return (200, {"state": "done"}) if move(about) else (404, {"error": "no such listing or seller"})


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
        return lambda about: bool(sys.stdout.write(f"would {what} {about}\n"))

    moves = {name: would(f"{name} the listing") for name in ("hide", "show")}
    moves |= {name: would(f"{name} the account of") for name in ("close", "reopen")}
    receiver = Receiver(os.environ["DELIST_SECRET"], **moves)
    server = ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    server.receiver = receiver  # type: ignore[attr-defined]  # where the handler finds it
    server.serve_forever()


if __name__ == "__main__":
    main()
