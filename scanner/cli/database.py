"""The real store, for the commands that need one."""

from __future__ import annotations

from scanner.errors import StoreUnavailable
from scanner.settings import Settings
from scanner.store import Store


def make_data_folder(settings: Settings) -> None:
    """The folder for database, spool and evidence, made if it is not there: only its owner may look into it.

    Raises ``StoreUnavailable``.
    """
    try:
        settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        hint = "Choose another folder: delist --data FOLDER, or data in delist.toml."
        raise StoreUnavailable(f"{settings.data}: cannot be made: {error.strerror}", hint=hint) from error


def store_of(settings: Settings) -> Store:
    """The configured store, its folder made and its tables up to date. Raises ``StoreError``."""
    if not settings.store.url:
        make_data_folder(settings)
    return Store.open(settings.store_url)
