"""Values too big for a row, in a store of objects: a folder by default, S3 by URL. Who refers to them is unknown."""

from __future__ import annotations

from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote, urlsplit
from uuid import UUID

import obstore
from obstore.exceptions import BaseError, NotFoundError
from obstore.store import LocalStore, from_url

from wingbeat.core.errors import BadSettings, PlatformError

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterator, Sequence

    from obstore.store import ObjectStore

BLOB_MISSING = "BLOB_MISSING"
# The smallest part that S3 takes.
PART_BYTES = 5 * 1024 * 1024
STREAM_BYTES = 256 * 1024


class BlobsUnavailable(PlatformError):
    """The blob store cannot be reached or does not let us in; what is in it may well be there."""

    default_code = "BLOBS_UNAVAILABLE"


class Blobs:
    """Blobs by path, which begins with the id of the execution that they belong to and go with."""

    def __init__(self, url: str) -> None:
        """`url` is `file:///FOLDER`, which is made if it is missing, or `s3://BUCKET/PREFIX`."""
        parts = urlsplit(url)
        if parts.scheme == "file":
            self._store: ObjectStore = _open_folder(Path(unquote(parts.path)))
        else:
            self._store = from_url(url)

    async def put(self, execution_id: UUID, name: str, data: bytes) -> str:
        """Store `data` and return its path. The same path again replaces it."""
        path = f"{execution_id}/{name}.json"
        try:
            await obstore.put_async(self._store, path, data)
        except (BaseError, OSError) as error:
            raise PlatformError(
                f"A value of {len(data)} bytes could not be stored as the blob {path}: {error}.",
                code="BLOB_NOT_STORED",
                remedy="Check the free space and the rights of the blob store (BLOB_URL).",
            ) from error
        return path

    async def get(self, path: str) -> bytes:
        """The bytes at `path`."""
        with _unreadable(path):
            return bytes(await (await obstore.get_async(self._store, path)).bytes_async())

    async def put_stream(self, path: str, chunks: AsyncIterable[bytes]) -> None:
        """Store what comes in parts at `path`; nothing is there when a part fails. Holds two parts of 5 MiB at most.

        Where the store is S3, an upload that breaks off leaves its parts to the bucket's rule for incomplete uploads.
        """
        writer = obstore.open_writer_async(self._store, path, buffer_size=PART_BYTES, max_concurrency=1)
        async for chunk in chunks:
            with _not_stored(path):
                await writer.write(chunk)
        with _not_stored(path):
            await writer.close()

    async def get_stream(self, path: str) -> AsyncIterator[bytes]:
        """The bytes at `path`, in parts."""
        with _unreadable(path):
            async for chunk in (await obstore.get_async(self._store, path)).stream(STREAM_BYTES):
                yield bytes(chunk)

    async def list_owners(self, before: UUID) -> list[UUID]:
        """The executions below `before` that have blobs, in order. Goes through the whole store."""
        owners: set[UUID] = set()
        try:
            async for page in obstore.list(self._store):
                names = {entry["path"].partition("/")[0] for entry in page}
                owners.update(owner for owner in map(_as_execution_id, names) if owner is not None and owner < before)
        except (BaseError, OSError) as error:
            raise BlobsUnavailable(
                f"The blobs cannot be listed: {error}.", remedy="Check the blob store (BLOB_URL) and the way to it."
            ) from error
        return sorted(owners)

    async def drop(self, execution_ids: Sequence[UUID]) -> None:
        """Delete all blobs of these executions."""
        try:
            for execution_id in execution_ids:
                async for page in obstore.list(self._store, f"{execution_id}/"):
                    paths = [entry["path"] for entry in page]
                    if paths:
                        await obstore.delete_async(self._store, paths)
        except (BaseError, OSError) as error:
            raise BlobsUnavailable(
                f"Blobs cannot be deleted: {error}.", remedy="Check the blob store (BLOB_URL) and the rights in it."
            ) from error


@contextmanager
def _not_stored(path: str) -> Iterator[None]:
    """Say in our words that a part of a blob could not be stored."""
    try:
        yield
    except (BaseError, OSError) as error:
        raise BlobsUnavailable(
            f"The blob {path} could not be stored: {error}.",
            code="BLOB_NOT_STORED",
            remedy="Check the free space and the rights of the blob store (BLOB_URL).",
        ) from error


@contextmanager
def _unreadable(path: str) -> Iterator[None]:
    """Say in our words that a blob is missing, or cannot be read now."""
    try:
        yield
    except (NotFoundError, FileNotFoundError) as error:
        raise PlatformError(
            f"The blob {path} is missing.",
            code=BLOB_MISSING,
            remedy="Check BLOB_URL: every process needs the same blob store, and nobody else may delete from it.",
        ) from error
    except (BaseError, OSError) as error:
        raise BlobsUnavailable(
            f"The blob {path} cannot be read: {error}.", remedy="Check the blob store (BLOB_URL) and the way to it."
        ) from error


def _as_execution_id(name: str) -> UUID | None:
    try:
        return UUID(name)
    except ValueError:
        return None


def _open_folder(folder: Path) -> LocalStore:
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise BadSettings(
            f"The folder {folder} for big values cannot be used: {error.strerror}.",
            code="BLOB_FOLDER_UNUSABLE",
            remedy="Set BLOB_URL to a folder that this user may write to, or unset it.",
        ) from error
    return LocalStore(folder)
