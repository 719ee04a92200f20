"""Files of executions: bytes in the blob store, passed on as signed references. What nodes see is `wingbeat.sdk.files`.

A file belongs to the execution that kept it, lies beside that execution's big values, and goes with them. Its reference
holds for every execution of the installation for as long: a sub-workflow can be given one.
"""

from __future__ import annotations

import hashlib
import hmac
from base64 import urlsafe_b64decode, urlsafe_b64encode
from contextlib import contextmanager
from dataclasses import dataclass
from secrets import token_hex
from typing import TYPE_CHECKING, NamedTuple, cast
from uuid import UUID

import orjson

from wingbeat.core.access import Permission
from wingbeat.core.errors import NotFound, PlatformError, StepError
from wingbeat.sdk.files import (
    MARK,
    OCTETS,
    FileFacts,
    KeptFile,
    clean_media_type,
    clean_name,
    invalid_reference,
    too_large,
)
from wingbeat.services.permissions import access
from wingbeat.storage.blobs import BLOB_MISSING, BlobsUnavailable
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, AsyncIterator, Iterator

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.storage.blobs import Blobs
    from wingbeat.storage.pool import Database

VERSION = 1
LONGEST_TOKEN = 4_000


class _Kept(NamedTuple):
    """What a token says: whose file it is, which one, and what it holds."""

    execution_id: UUID
    file: str
    facts: FileFacts

    @property
    def path(self) -> str:
        return path_of(self.execution_id, self.file)


class Download(NamedTuple):
    """A file on its way to whoever asked for it."""

    facts: FileFacts
    chunks: AsyncIterator[bytes]


def path_of(execution_id: UUID, file: str) -> str:
    """Where the blob store keeps a file."""
    return f"{execution_id}/files/{file}"


@dataclass(frozen=True)
class FileStore:
    """The files of all executions. `key` signs references; `most_bytes` is the most that one file may have."""

    blobs: Blobs
    key: bytes
    most_bytes: int

    def of(self, execution_id: UUID) -> ExecutionFiles:
        """The files as a step of this execution sees them; implements `wingbeat.sdk.files.Files`."""
        return ExecutionFiles(self, execution_id)

    def sign(self, execution_id: UUID, file: str, facts: FileFacts) -> JsonObject:
        """The reference of a file that is kept."""
        said = orjson.dumps([VERSION, file, facts.size, facts.sha256, facts.name, facts.media_type])
        head = f"{execution_id}.{_to_text(said)}"
        return {MARK: f"{head}.{_to_text(self._signature(head))}", **facts._asdict()}

    def read(self, reference: Json) -> _Kept:
        """What a reference says.

        Raises:
            StepError: `FILE_REFERENCE_INVALID`.
        """
        token = reference.get(MARK) if isinstance(reference, dict) else None
        if not isinstance(reference, dict) or not isinstance(token, str):
            raise invalid_reference(f"it is no object with the field '{MARK}'")
        kept = self.read_token(token)
        for field, expected in (("size", kept.facts.size), ("sha256", kept.facts.sha256)):
            if reference.get(field, expected) != expected:
                raise invalid_reference(f"its {field} is not what was signed")
        name, media_type = reference.get("name", kept.facts.name), reference.get("media_type", kept.facts.media_type)
        if not isinstance(name, str) or not isinstance(media_type, str):
            raise invalid_reference("its name and media_type must be text")
        facts = kept.facts._replace(name=clean_name(name), media_type=clean_media_type(media_type))
        return kept._replace(facts=facts)

    def read_token(self, token: str) -> _Kept:
        """What the token of a reference says.

        Raises:
            StepError: `FILE_REFERENCE_INVALID`.
        """
        head, _, signature = token.rpartition(".")
        if len(token) > LONGEST_TOKEN or not token.isascii() or not head:
            raise invalid_reference("it is malformed")
        if not hmac.compare_digest(_to_text(self._signature(head)), signature):
            raise invalid_reference("its signature is not of this installation, or it was altered")
        owner, _, said = head.partition(".")
        _, file, size, sha256, name, media_type = cast(
            "tuple[int, str, int, str, str, str]", orjson.loads(urlsafe_b64decode(said + "=" * (-len(said) % 4)))
        )
        return _Kept(UUID(owner), file, FileFacts(name, media_type, size, sha256))

    def _signature(self, head: str) -> bytes:
        return hmac.digest(self.key, head.encode(), "sha256")


@dataclass(frozen=True)
class ExecutionFiles:
    """The files as one execution sees them: it reads those of any, and keeps its own."""

    store: FileStore
    execution_id: UUID

    async def keep(self, data: bytes, *, name: str, media_type: str = OCTETS) -> JsonObject:
        """See `wingbeat.sdk.files.Files`."""

        async def whole() -> AsyncIterator[bytes]:
            yield data

        return await self.keep_stream(whole(), name=name, media_type=media_type)

    async def keep_stream(
        self, chunks: AsyncIterable[bytes], *, name: str, media_type: str = OCTETS, most_bytes: int | None = None
    ) -> JsonObject:
        """See `wingbeat.sdk.files.Files`."""
        most = self.store.most_bytes if most_bytes is None else min(most_bytes, self.store.most_bytes)
        digest = hashlib.sha256()
        size = 0

        async def measured() -> AsyncIterator[bytes]:
            nonlocal size
            async for chunk in chunks:
                size += len(chunk)
                if size > most:
                    raise too_large(None, most)
                digest.update(chunk)
                yield chunk

        file = token_hex(16)
        with _as_step_error(name):
            await self.store.blobs.put_stream(path_of(self.execution_id, file), measured())
        facts = FileFacts(clean_name(name), clean_media_type(media_type), size, digest.hexdigest())
        return self.store.sign(self.execution_id, file, facts)

    async def load(self, reference: Json, *, most_bytes: int) -> KeptFile:
        """See `wingbeat.sdk.files.Files`."""
        kept = self.store.read(reference)
        if kept.facts.size > most_bytes:
            raise too_large(kept.facts.size, most_bytes)
        with _as_step_error(kept.facts.name):
            data = await self.store.blobs.get(kept.path)
        if hashlib.sha256(data).hexdigest() != kept.facts.sha256:
            raise StepError(
                f"The file '{kept.facts.name}' is not what it was when it was kept.",
                code="FILE_DAMAGED",
                remedy="Somebody else wrote to the blob store (BLOB_URL); restore it, or run the workflow anew.",
            )
        return KeptFile(data, kept.facts.name, kept.facts.media_type)

    def look_at(self, reference: Json) -> FileFacts:
        """See `wingbeat.sdk.files.Files`."""
        return self.store.read(reference).facts

    async def stream(self, reference: Json) -> AsyncIterator[bytes]:
        """See `wingbeat.sdk.files.Files`."""
        kept = self.store.read(reference)
        with _as_step_error(kept.facts.name):
            async for chunk in self.store.blobs.get_stream(kept.path):
                yield chunk


@dataclass(frozen=True)
class FileDownloads:
    """Files as whoever may see the execution gets them."""

    database: Database
    store: FileStore

    async def open(self, principal: Principal, execution_id: UUID, token: str) -> Download:
        """A file that the execution keeps, by the `$file` of its reference.

        Raises:
            NotFound: `EXECUTION_NOT_FOUND`, or `FILE_NOT_FOUND` where the execution keeps no such file, or no more.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require_execution(connection, principal, execution_id, Permission.VIEW)
                owners = {execution_id, await load("executions").files_of(connection, execution_id=execution_id)}
        try:
            kept = self.store.read_token(token)
        except StepError as error:
            raise _not_found(execution_id) from error
        if kept.execution_id not in owners:
            raise _not_found(execution_id)
        chunks = self.store.blobs.get_stream(kept.path)
        try:
            first = await anext(chunks, b"")
        except PlatformError as error:
            if error.code != BLOB_MISSING:
                raise
            raise _not_found(execution_id) from error
        return Download(kept.facts, _after(first, chunks))


async def _after(first: bytes, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for chunk in chunks:
        yield chunk


def _not_found(execution_id: UUID) -> NotFound:
    return NotFound(
        f"The execution {execution_id} keeps no such file.",
        code="FILE_NOT_FOUND",
        remedy="Use the '$file' of a reference as it is; before its first dot stands the execution that keeps it.",
    )


@contextmanager
def _as_step_error(name: str) -> Iterator[None]:
    """Say of a blob what it means to a step."""
    try:
        yield
    except BlobsUnavailable as error:
        raise StepError(
            f"The file '{clean_name(name)}' cannot be reached: {error.message}",
            code="FILE_STORE_UNAVAILABLE",
            remedy=error.remedy,
            retryable=True,
        ) from error
    except PlatformError as error:
        if error.code != BLOB_MISSING:
            raise
        raise StepError(
            f"The file '{clean_name(name)}' is not kept any more.",
            code="FILE_GONE",
            remedy="A file goes with the execution that kept it, after RETENTION_DAYS; keep what must last elsewhere.",
        ) from error


def _to_text(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
