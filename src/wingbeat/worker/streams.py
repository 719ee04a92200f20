"""Durable streams: lists too long for memory, in the blob store chunk by chunk, behind a reference nobody can forge."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING, Any, NamedTuple, cast

from wingbeat.core.errors import StepError
from wingbeat.storage.encoding import decode_json, encode_json

if TYPE_CHECKING:
    from uuid import UUID

    from wingbeat.core.events import StepKey
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.storage.blobs import Blobs


class StoredChunk(NamedTuple):
    """A part of a stream and the path of its blob."""

    path: str
    values: list[Json]


class Streams:
    """Writes and reads streams. A stream belongs to the execution that made it, and goes when that one's blobs go."""

    def __init__(self, blobs: Blobs, key: bytes) -> None:
        self._blobs = blobs
        self._key = key

    async def write(self, execution_id: UUID, loop: StepKey, chunk: int, values: list[Json]) -> None:
        """Store a chunk of what a loop came to. The name is always the same, so that writing it again replaces it.

        Raises:
            PlatformError: the store does not take it.
        """
        await self._blobs.put(execution_id, f"{_name_of(loop)}-{chunk}", encode_json(values))

    def refer(self, execution_id: UUID, loop: StepKey, output: JsonObject) -> JsonObject:
        """The reference to the stream of a loop, of which `output` counts chunks and values."""
        told = cast("dict[str, Any]", output)
        name, chunks, count = f"{execution_id}/{_name_of(loop)}", told["stream"]["chunks"], told["count"]
        signature = self._sign(name, chunks, count)
        return {"stream": {"id": name, "chunks": chunks, "signature": signature}, "count": count}

    async def read(self, reference: JsonObject, chunk: int) -> StoredChunk:
        """A chunk of the stream that a reference names.

        Raises:
            StepError: `STREAM_INVALID`: no stream has this reference.
            PlatformError: the chunk is missing, or the store cannot be reached.
        """
        told = cast("dict[str, Any]", reference)
        stream = told["stream"]
        name, signature = stream.get("id"), stream.get("signature")
        expected = self._sign(str(name), stream["chunks"], told["count"])
        if not isinstance(signature, str) or not hmac.compare_digest(signature.encode(), expected.encode()):
            raise StepError(
                "The reference to a stream is not one that this installation has given.",
                code="STREAM_INVALID",
                remedy="Pass on the `done` output of a loop with `collect: blob` as it is.",
            )
        path = f"{name}-{chunk}.json"
        return StoredChunk(path, cast("list[Json]", decode_json(await self._blobs.get(path))))

    def _sign(self, name: str, chunks: int, count: int) -> str:
        return hmac.new(self._key, encode_json([name, chunks, count]), hashlib.sha256).hexdigest()


def _name_of(loop: StepKey) -> str:
    digest = hashlib.blake2b(f"{loop.node_id}\0{loop.scope}".encode(), digest_size=12).hexdigest()
    return f"stream-{digest}"
