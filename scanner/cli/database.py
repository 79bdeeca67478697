"""The real store, for the commands that need one."""

from __future__ import annotations

from scanner.settings import Settings
from scanner.store import Store


def store_of(settings: Settings) -> Store:
    """The configured store, its folder made and its tables up to date. Raises ``StoreError``."""
    if not settings.store.url:
        settings.data.mkdir(parents=True, exist_ok=True)
    return Store.open(settings.store_url)
