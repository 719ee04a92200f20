"""The installation's keys: one master, from SECRET_KEY or from a file in the data directory, and one for each purpose.

Nothing uses the master itself. A purpose's key is derived from it (HKDF, RFC 5869), so that what one part signs or
encrypts means nothing to another.
"""

from __future__ import annotations

import os
import secrets
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Self

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from wingbeat.core.errors import BadSettings
from wingbeat.storage.secret import HIDDEN, Secret

if TYPE_CHECKING:
    from wingbeat.settings import Settings

KEY_FILE = "secret.key"
KEY_BYTES = 32
# What a key is recognised by, shown in rows and messages: derived, and so of no use for finding the key.
NAME_BYTES = 6
OTHERS_MAY = 0o077
RESTORE = "Restore it from a backup; without it, stored credentials are lost."


class MasterKey:
    """One master key. `name` tells it from others and may be shown."""

    __slots__ = ("_material", "name")

    def __init__(self, material: bytes) -> None:
        self._material = material
        self.name = self.derive("name", NAME_BYTES).hex()

    def derive(self, purpose: str, size: int = KEY_BYTES) -> bytes:
        """The key for one purpose; the same each time, and for no two purposes the same."""
        return HKDF(SHA256(), size, salt=b"wingbeat", info=purpose.encode()).derive(self._material)

    def __repr__(self) -> str:
        return f"MasterKey({self.name}, {HIDDEN})"


def open_signing_key(settings: Settings) -> Secret:
    """What tokens of another issuer are signed with: JWT_SECRET_KEY, else SECRET_KEY itself, as their issuers have it.

    Raises:
        BadSettings: see `Keys.open`.
    """
    given = settings.jwt_secret_key or settings.secret_key
    if given is not None:
        return Secret(given.get_secret_value())
    return Secret(read_or_make(settings.data_dir / KEY_FILE).decode())


class Keys:
    """The key in use, and those before it, which still decrypt until `wingbeat keys rotate` has run."""

    def __init__(self, current: MasterKey, *earlier: MasterKey) -> None:
        self.current = current
        self._known = {key.name: key for key in (*earlier, current)}

    @classmethod
    def open(cls, settings: Settings) -> Self:
        """Take the key from SECRET_KEY, else from the data directory, where the first process that asks makes one.

        With SECRET_KEY, a key in the data directory is one from before.

        Raises:
            BadSettings: the file cannot be made or read, or others than its owner may read it.
        """
        path = settings.data_dir / KEY_FILE
        given = (settings.secret_key, settings.secret_key_previous)
        current, *earlier = (MasterKey(key.get_secret_value().encode()) if key is not None else None for key in given)
        if current is None:
            current = MasterKey(read_or_make(path))
        elif path.exists():
            earlier.append(MasterKey(read_or_make(path)))
        return cls(current, *(key for key in earlier if key is not None))

    def derive(self, purpose: str) -> bytes:
        """32 bytes for one purpose, as `files.signature`."""
        return self.current.derive(purpose)

    def named(self, name: str) -> MasterKey | None:
        """The key with that name, if it is here."""
        return self._known.get(name)


def read_or_make(path: Path, if_empty: str = RESTORE) -> bytes:
    """The key in the file; a new one if there is none. Of several processes that make one, one wins for all.

    `if_empty` says what to do about a file that holds none. It is text, as SECRET_KEY is:
    `SECRET_KEY=$(cat secret.key)` elsewhere is the same key.

    Raises:
        BadSettings: see `Keys.open`.
    """
    try:
        if not path.exists():
            make(path)
        if path.stat().st_mode & OTHERS_MAY:
            raise bad_key(path, "others than its owner may read it", f"Run `chmod 600 {path}`.")
        material = path.read_bytes().strip()
    except OSError as error:
        raise bad_key(
            path, error.strerror or str(error), "Let WINGBEAT_DATA_DIR name a directory that this user may write to."
        ) from error
    if len(material) < KEY_BYTES:
        raise bad_key(path, "it holds no key", if_empty)
    return material


def make(path: Path) -> None:
    """Write a new key beside the path, and give it the name unless there is one: it is there whole or not at all."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, draft = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # for its owner only
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(secrets.token_urlsafe(48).encode() + b"\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        return
    finally:
        Path(draft).unlink(missing_ok=True)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def bad_key(path: Path, why: str, fix: str) -> BadSettings:
    """What to say when the file with the key cannot be used."""
    return BadSettings(f"The key of this installation in {path} cannot be used: {why}.", code="KEY_FILE", remedy=fix)
