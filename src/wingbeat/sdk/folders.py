"""Folders that workflows may use: those that the operator names in FILE_ROOTS, and buckets behind connections.

A path is relative, with `/` between its parts. Parts that would lead elsewhere, or that look like others, are refused
here, before anything is asked for.
"""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Final, Literal, NamedTuple, Protocol, TypeAlias, cast

from wingbeat.core.errors import StepError
from wingbeat.sdk.tool import Tool

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.sdk.context import Upload

LONGEST_PATH = 1_000
LONGEST_PART = 255
MOST_PARTS = 32
# Control and format characters (among them those that turn the direction of writing), halves of characters, and
# those without a meaning.
REFUSED_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Cn", "Zl", "Zp"})
EntryKind: TypeAlias = Literal["file", "folder"]


class Place(NamedTuple):
    """Where a path begins: a folder of FILE_ROOTS by its name, or a connection to a bucket by its id."""

    folder: str = ""
    connection: str = ""


class Entry(NamedTuple):
    """A file or folder: `path` is relative to its place, `size` in bytes, `modified` a time of ISO 8601."""

    path: str
    kind: EntryKind
    size: int
    modified: str

    def to_json(self) -> JsonObject:
        """As nodes give it."""
        return {"path": self.path, "kind": self.kind, "size": self.size, "modified": self.modified}


class Folders(Protocol):
    """Files in folders. Every method raises `StepError`.

    `FOLDER_UNKNOWN`: the operator names no such folder. `PATH_REFUSED`: the path leads elsewhere, or to what is no
    ordinary file. `FILE_NOT_FOUND`, `FILE_EXISTS`, `FOLDER_NOT_EMPTY`, `FILE_ACCESS_DENIED`, `FOLDER_FULL`,
    `FILE_IO_FAILED`; and what connections raise.
    """

    async def look(self, place: Place, path: str) -> Entry | None:
        """What is there, or None."""
        ...

    def stream(self, place: Place, path: str) -> AsyncIterator[bytes]:
        """The bytes of a file, in parts."""
        ...

    async def write(self, place: Place, path: str, content: Upload, *, replace: bool) -> Entry:
        """Write a file: it is there as a whole or not at all. Folders on the way are made."""
        ...

    async def append(self, place: Place, path: str, data: bytes) -> Entry:
        """Add to the end of a file, which is made if there is none; not possible in a bucket."""
        ...

    async def list(self, place: Place, path: str, *, pattern: str, recursive: bool, most: int) -> list[Entry]:
        """What is in a folder, by path; `pattern` is for the last part. More than `most` are refused."""
        ...

    async def delete(self, place: Place, path: str) -> bool:
        """Delete a file or an empty folder; False if there was none."""
        ...

    async def copy(self, place: Place, path: str, to: str, *, replace: bool) -> Entry:
        """Copy a file within its place."""
        ...

    async def move(self, place: Place, path: str, to: str, *, replace: bool) -> Entry:
        """Move a file within its place."""
        ...


def parts_of(path: str, *, root: bool = False) -> tuple[str, ...]:
    """The parts of a path; with `root`, an empty one is the place itself.

    Raises:
        StepError: `PATH_REFUSED`.
    """
    if not path and root:
        return ()
    parts = tuple(path.removesuffix("/").split("/"))
    if len(path) > LONGEST_PATH or len(parts) > MOST_PARTS:
        raise refused(path, f"it is longer than {LONGEST_PATH} characters or {MOST_PARTS} parts")
    for part in parts:
        _check_part(path, part)
    return parts


def _check_part(path: str, part: str) -> None:
    if not part:
        raise refused(path, "a path is relative, and none of its parts is empty")
    # What is written with other characters, and looks like these, is meant like these.
    plain = unicodedata.normalize("NFKC", part)
    if plain.strip() in {"", ".", ".."} or "/" in plain or "\\" in plain:
        raise refused(path, "it may not lead outside, and has no part with a slash in it")
    if any(unicodedata.category(character) in REFUSED_CATEGORIES for character in part):
        raise refused(path, "it holds a character that cannot be seen")
    if len(part.encode()) > LONGEST_PART:
        raise refused(path, f"a part of it is longer than {LONGEST_PART} bytes")


def refused(path: str, why: str) -> StepError:
    """The refusal of a path."""
    shown = path[:120].encode("ascii", "backslashreplace").decode()
    return StepError(
        f"The path '{shown}' may not be used: {why}.",
        code="PATH_REFUSED",
        remedy="Give a relative path of plain names, for example orders/2026/may.csv.",
    )


def not_found(path: str) -> StepError:
    """There is no such file."""
    return StepError(
        f"There is no file '{path}'.",
        code="FILE_NOT_FOUND",
        remedy="List the folder to see what there is; names differ by upper and lower case.",
    )


def exists(path: str) -> StepError:
    """There is one already, and it was not to be replaced."""
    return StepError(
        f"There is something at '{path}' already.",
        code="FILE_EXISTS",
        remedy="Choose another name, or let it be replaced (if_exists: replace).",
    )


def too_many(most: int) -> StepError:
    """The refusal of a list that is longer than asked for."""
    return StepError(
        f"The folder holds more than {most} entries that fit.",
        code="FOLDER_TOO_LARGE",
        remedy="Raise 'max_entries', narrow the pattern, or list a folder further down.",
    )


class ExampleFolders:
    """Stands in for folders in examples: the world holds the texts of files by `<folder or connection>/<path>`."""

    def __init__(self, world: Json) -> None:
        given = world if isinstance(world, dict) else {}
        self.files = {path: cast("str", text).encode() for path, text in given.items()}

    async def look(self, place: Place, path: str) -> Entry | None:
        """What the world holds."""
        key = self._key(place, path)
        if key in self.files:
            return self._entry(place, key)
        is_folder = any(name.startswith(f"{key}/") for name in self.files)
        return Entry(path, "folder", 0, _moment()) if is_folder else None

    async def stream(self, place: Place, path: str) -> AsyncIterator[bytes]:
        """What the world holds."""
        yield self._read(place, path)

    async def write(self, place: Place, path: str, content: Upload, *, replace: bool) -> Entry:
        """Into the world."""
        key = self._key(place, path)
        if key in self.files and not replace:
            raise exists(path)
        self.files[key] = b"".join([chunk async for chunk in content.open()])
        return self._entry(place, key)

    async def append(self, place: Place, path: str, data: bytes) -> Entry:
        """Into the world."""
        key = self._key(place, path)
        self.files[key] = self.files.get(key, b"") + data
        return self._entry(place, key)

    async def list(self, place: Place, path: str, *, pattern: str, recursive: bool, most: int) -> list[Entry]:
        """The files of the world; no folders."""
        key = self._key(place, path)
        found = [name for name in sorted(self.files) if name.startswith(f"{key}/")]
        fitting = [
            name
            for name in found
            if fnmatchcase(name.rpartition("/")[2], pattern) and (recursive or "/" not in name[len(key) + 1 :])
        ]
        if len(fitting) > most:
            raise too_many(most)
        return [self._entry(place, name) for name in fitting]

    async def delete(self, place: Place, path: str) -> bool:
        """Out of the world."""
        return self.files.pop(self._key(place, path), None) is not None

    async def copy(self, place: Place, path: str, to: str, *, replace: bool) -> Entry:
        """Within the world."""
        target = self._key(place, to)
        if target in self.files and not replace:
            raise exists(to)
        self.files[target] = self._read(place, path)
        return self._entry(place, target)

    async def move(self, place: Place, path: str, to: str, *, replace: bool) -> Entry:
        """Within the world."""
        entry = await self.copy(place, path, to, replace=replace)
        await self.delete(place, path)
        return entry

    def _read(self, place: Place, path: str) -> bytes:
        key = self._key(place, path)
        if key not in self.files:
            raise not_found(path)
        return self.files[key]

    @staticmethod
    def _key(place: Place, path: str) -> str:
        return "/".join((place.folder or place.connection, *parts_of(path, root=True)))

    def _entry(self, place: Place, key: str) -> Entry:
        beginning = len(place.folder or place.connection) + 1
        return Entry(key[beginning:], "file", len(self.files[key]), _moment())


def _moment() -> str:
    return datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC).isoformat()


FOLDERS: Final[Tool[Folders]] = Tool("folders", ExampleFolders)
