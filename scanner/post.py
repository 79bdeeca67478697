"""Handing letters over: as files in a folder for whatever mails them, or to a web address, signed.

Both keep the promise of ``scanner.correspondence.letters.Post``: a letter handed over again under its key reaches
nobody twice. A file has the key's name, so it is written once; a receiver is told the key and the rest is its part.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from scanner.orders import Answer, Receipt
from scanner.outside import Letter
from scanner.platforms.http import Client, receipt_of
from scanner.platforms.webhook import signature

_NAME = "The receiver of letters"
# A key is a name of ours; still nothing of it leads out of the folder.
_HARMLESS = frozenset("abcdefghijklmnopqrstuvwxyz0123456789-_.")


def message(letter: Letter) -> dict[str, object]:
    """A letter as it is handed over; who takes it delivers ``seller:PLATFORM/NUMBER`` by the platform's own ways."""
    return {
        "key": letter.key,
        "kind": letter.kind,
        "to": letter.to,
        "language": letter.language,
        "subject": letter.subject,
        "body": letter.body,
        "written_at": letter.written_at,
        "case": letter.case_id,
        "notice": letter.notice_id,
    }


class Maildrop:
    """Writes each letter as a JSON file into a folder; whoever mails it removes the file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def deliver(self, letter: Letter) -> Receipt:
        """The file appears whole or not at all."""
        file = self._folder / f"{_file_name(letter.key)}.json"
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(f".{os.getpid()}.part")
            part.write_bytes(msgspec.json.format(msgspec.json.encode(message(letter))))
            part.replace(file)
        except OSError as error:
            return Receipt(answer=Answer.AWAY, says=f"{file}: {error.strerror}.")
        return Receipt(answer=Answer.ACCEPTED, says=f"written to {file.name}")


class PostOffice:
    """Sends each letter to ``url`` as signed JSON, with its key as ``Idempotency-Key``."""

    def __init__(
        self,
        url: str,
        secret: str,
        *,
        client: Client,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._url, self._secret, self._client, self._clock = url, secret, client, clock

    def deliver(self, letter: Letter) -> Receipt:
        """One signed POST, as the webhook of takedowns makes them."""
        body = msgspec.json.encode(message(letter), order="deterministic")
        timestamp = str(int(self._clock().timestamp()))
        headers = {
            "Content-Type": "application/json",
            "Idempotency-Key": letter.key,
            "Delist-Timestamp": timestamp,
            "Delist-Signature": signature(self._secret, timestamp, body),
        }
        reply = self._client.call("POST", self._url, headers=headers, body=body)
        if receipt := receipt_of(reply, name=_NAME):
            return receipt
        if reply.status in {404, 410}:
            says = f"{_NAME} is not there: mend letters.url in delist.toml."
            return Receipt(answer=Answer.REFUSED, status=reply.status, says=says)
        return Receipt(answer=Answer.ACCEPTED, status=reply.status, says=f"{_NAME} has taken it.")


def _file_name(key: str) -> str:
    plain = "".join(one if one in _HARMLESS else "-" for one in key.lower())[:100].lstrip(".")
    return plain if plain == key else f"{plain}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
