"""The key of the service: what programs that act for the installation as a whole send as `X-API-Key`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from wingbeat.storage.keys import read_or_make
from wingbeat.storage.secret import Secret

if TYPE_CHECKING:
    from pathlib import Path

    from wingbeat.settings import Settings

KEY_FILE = "api.key"


def service_key_path(settings: Settings) -> Path | None:
    """The file that holds the key; None if API_KEY is set."""
    return settings.data_dir / KEY_FILE if settings.api_key is None else None


def open_service_key(settings: Settings) -> Secret:
    """API_KEY, else what is in the data directory, where the first process that asks makes one.

    Raises:
        BadSettings: the file cannot be made or read, or others than its owner may read it.
    """
    if settings.api_key is not None:
        return Secret(settings.api_key.get_secret_value())
    return Secret(
        read_or_make(settings.data_dir / KEY_FILE, if_empty="Remove it: the next start makes another.").decode()
    )
