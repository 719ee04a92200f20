"""Files in folders and buckets, as a step sees them: `wingbeat.sdk.folders`, carried out by whoever has the place."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

from wingbeat.core.errors import StepError
from wingbeat.sdk.context import Upload
from wingbeat.sdk.files import too_large
from wingbeat.sdk.folders import exists
from wingbeat.storage.folders import LocalFolders, read_chunk

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from wingbeat.sdk.folders import Entry, Place
    from wingbeat.storage.folders import LocalFolder


class Buckets(Protocol):
    """The same in buckets, by the ids of connections: `wingbeat.egress.objects.StepBuckets`."""

    async def look(self, connection: str, path: str) -> Entry | None:
        """What is there, or None."""
        ...

    def stream(self, connection: str, path: str) -> AsyncIterator[bytes]:
        """The bytes of an object."""
        ...

    async def write(self, connection: str, path: str, content: Upload, *, replace: bool) -> Entry:
        """Write an object."""
        ...

    async def list(self, connection: str, path: str, *, pattern: str, recursive: bool, most: int) -> list[Entry]:
        """The objects below a prefix."""
        ...

    async def delete(self, connection: str, path: str) -> bool:
        """Delete an object."""
        ...

    async def copy(self, connection: str, path: str, to: str, *, replace: bool) -> Entry:
        """Copy an object."""
        ...


@dataclass(frozen=True)
class StepFolders:
    """Implements `wingbeat.sdk.folders.Folders` for one step; a file may have `most_bytes`."""

    local: LocalFolders
    buckets: Buckets
    most_bytes: int

    async def look(self, place: Place, path: str) -> Entry | None:
        """See `Folders`."""
        folder = self._local(place)
        if folder is None:
            return await self.buckets.look(place.connection, path)
        return await asyncio.to_thread(folder.look, path)

    async def stream(self, place: Place, path: str) -> AsyncIterator[bytes]:
        """See `Folders`."""
        folder = self._local(place)
        chunks = self.buckets.stream(place.connection, path) if folder is None else _read(folder, path)
        async for chunk in chunks:
            yield chunk

    async def write(self, place: Place, path: str, content: Upload, *, replace: bool) -> Entry:
        """See `Folders`."""
        if content.size > self.most_bytes:
            raise too_large(content.size, self.most_bytes)
        folder = self._local(place)
        if folder is None:
            return await self.buckets.write(place.connection, path, content, replace=replace)
        return await _write(folder, path, content.open(), replace=replace)

    async def append(self, place: Place, path: str, data: bytes) -> Entry:
        """See `Folders`."""
        folder = self._local(place)
        if folder is None:
            raise StepError(
                "Nothing can be added to the end of an object in a bucket.",
                code="APPEND_NOT_POSSIBLE",
                remedy="Write objects with names of their own, or read, change and write the whole.",
            )
        return await asyncio.to_thread(folder.append, path, data)

    async def list(self, place: Place, path: str, *, pattern: str, recursive: bool, most: int) -> list[Entry]:
        """See `Folders`."""
        folder = self._local(place)
        if folder is None:
            return await self.buckets.list(place.connection, path, pattern=pattern, recursive=recursive, most=most)
        return await asyncio.to_thread(folder.list, path, pattern=pattern, recursive=recursive, most=most)

    async def delete(self, place: Place, path: str) -> bool:
        """See `Folders`."""
        folder = self._local(place)
        if folder is None:
            return await self.buckets.delete(place.connection, path)
        return await asyncio.to_thread(folder.delete, path)

    async def copy(self, place: Place, path: str, to: str, *, replace: bool) -> Entry:
        """See `Folders`."""
        folder = self._local(place)
        if folder is None:
            return await self.buckets.copy(place.connection, path, to, replace=replace)
        if not replace and await asyncio.to_thread(folder.look, to) is not None:
            raise exists(to)
        return await _write(folder, to, _read(folder, path), replace=replace)

    async def move(self, place: Place, path: str, to: str, *, replace: bool) -> Entry:
        """See `Folders`."""
        folder = self._local(place)
        if folder is not None:
            return await asyncio.to_thread(folder.move, path, to, replace=replace)
        entry = await self.buckets.copy(place.connection, path, to, replace=replace)
        await self.buckets.delete(place.connection, path)
        return entry

    def _local(self, place: Place) -> LocalFolder | None:
        """The folder of this machine; None where the place is a bucket."""
        return None if place.connection else self.local.find(place.folder)


async def _read(folder: LocalFolder, path: str) -> AsyncIterator[bytes]:
    descriptor = await asyncio.to_thread(folder.open_file, path)
    try:
        while chunk := await asyncio.to_thread(read_chunk, descriptor):
            yield chunk
    finally:
        os.close(descriptor)


async def _write(folder: LocalFolder, path: str, chunks: AsyncIterator[bytes], *, replace: bool) -> Entry:
    draft = await asyncio.to_thread(folder.begin, path)
    try:
        async for chunk in chunks:
            await asyncio.to_thread(draft.write, chunk)
        return await asyncio.to_thread(draft.finish, replace=replace)
    finally:
        draft.close()
