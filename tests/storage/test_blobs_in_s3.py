"""Big values and files in a bucket, against a server that speaks the protocol of S3."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from uuid import UUID, uuid4

import httpx
import pytest
from moto.server import ThreadedMotoServer

from wingbeat.core.errors import PlatformError
from wingbeat.storage.blobs import PART_BYTES, Blobs

LAST_ID = UUID(int=(1 << 128) - 1)


@pytest.fixture
def blobs(monkeypatch: pytest.MonkeyPatch) -> Iterator[Blobs]:
    """A store in a bucket, below a prefix."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    address = f"http://127.0.0.1:{port}"
    httpx.put(f"{address}/bucket").raise_for_status()
    for name, value in (
        ("AWS_ENDPOINT", address),
        ("AWS_ALLOW_HTTP", "true"),
        ("AWS_ACCESS_KEY_ID", "id"),
        ("AWS_SECRET_ACCESS_KEY", "key"),
        ("AWS_REGION", "us-east-1"),
    ):
        monkeypatch.setenv(name, value)
    yield Blobs("s3://bucket/prefix")
    server.stop()


async def parts(count: int, error: Exception | None = None) -> AsyncIterator[bytes]:
    """So many parts, and then the error."""
    for _ in range(count):
        yield b"x" * 1_000_000
    if error is not None:
        raise error


@pytest.mark.parametrize("count", [0, 1, 2 * PART_BYTES // 1_000_000 + 1])
async def test_what_comes_in_parts_comes_back_whole(blobs: Blobs, count: int) -> None:
    """Nothing, little, and more than one part of an upload; it is its owner's, and goes with it."""
    owner = uuid4()
    path = f"{owner}/files/a"
    await blobs.put_stream(path, parts(count))
    assert count * 1_000_000 == sum([len(chunk) async for chunk in blobs.get_stream(path)])
    assert [owner] == await blobs.list_owners(LAST_ID)
    await blobs.drop([owner])
    with pytest.raises(PlatformError) as caught:
        await blobs.get(path)
    assert "BLOB_MISSING" == caught.value.code


@pytest.mark.parametrize("count", [1, 2 * PART_BYTES // 1_000_000 + 1])
async def test_what_breaks_off_is_not_there(blobs: Blobs, count: int) -> None:
    """However much of it has come."""
    with pytest.raises(ValueError, match="source"):
        await blobs.put_stream("a/files/b", parts(count, ValueError("source")))
    with pytest.raises(PlatformError):
        await blobs.get("a/files/b")
