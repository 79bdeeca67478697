"""What every command is given: settings, and from them the real store and rulebook."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from scanner.rulebook import Rulebook, load
from scanner.settings import Settings, read_settings
from scanner.store import Store


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """The options before the command."""

    config: Path | None = None
    data: Path | None = None


def settings_of(context: typer.Context) -> Settings:
    """Settings as the options before the command say. Raises ``SettingsError``."""
    given = context.find_object(Given) or Given()
    over: dict[str, Any] = {} if given.data is None else {"data": given.data}
    return read_settings(given.config, **over)


def rulebook_of(settings: Settings) -> Rulebook:
    """The configured rulebook, or the shipped one. Raises ``RulebookError`` with every fault."""
    return load(*settings.rules)


def store_of(settings: Settings) -> Store:
    """The configured store, its folder made and its tables up to date. Raises ``StoreError``."""
    if not settings.store.url:
        settings.data.mkdir(parents=True, exist_ok=True)
    return Store.open(settings.store_url)
