"""Answers and bodies that are never in memory as a whole, against a real server that may be hostile."""

from __future__ import annotations

import asyncio
import hashlib
import tracemalloc
import zlib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest
from tests.egress.test_http import Answer, Server, client, redirect, serving, with_body

from wingbeat.core.errors import StepError
from wingbeat.egress.http import Egress
from wingbeat.sdk import Upload
from wingbeat.services.executions.files import ExecutionFiles, FileStore
from wingbeat.storage.blobs import Blobs

MEGABYTE = 1_000_000
CHUNK = b"0123456789" * 6_000


@pytest.fixture
def files(tmp_path: Path) -> ExecutionFiles:
    """The files of an execution; one may have 50 MB."""
    return FileStore(Blobs((tmp_path / "blobs").as_uri()), b"key", 50 * MEGABYTE).of(uuid4())


async def download(egress: Egress, files: ExecutionFiles, server: Server, seconds: float = 30.0) -> dict[str, object]:
    """Keep what the server answers."""
    url = f"http://127.0.0.1:{server.port}/"
    async with egress.stream("GET", url, timeout_seconds=seconds) as answer:
        return dict(await files.keep_stream(answer.chunks, name="a", media_type="text/plain"))


async def failure(answer: Answer, files: ExecutionFiles, seconds: float = 30.0) -> StepError:
    """The error that a download ends in."""
    async with serving(answer) as server, client() as egress:
        with pytest.raises(StepError) as caught:
            await download(egress, files, server, seconds)
    return caught.value


def sending(count: int, *, packed: bool = False) -> Answer:
    """An answer of so many chunks, which the server does not hold either."""

    async def send(_server: Server, writer: asyncio.StreamWriter) -> None:
        encoding = b"Content-Encoding: gzip\r\n" if packed else b""
        writer.write(b"HTTP/1.1 200 OK\r\n" + encoding + b"Connection: close\r\n\r\n")
        packer = zlib.compressobj(wbits=31)
        for _ in range(count):
            writer.write(packer.compress(CHUNK) if packed else CHUNK)
            await writer.drain()
        writer.write(packer.flush() if packed else b"")
        await writer.drain()

    return send


@pytest.mark.parametrize("packed", [False, True], ids=["plain", "packed"])
async def test_a_large_answer_passes_through_little_memory(files: ExecutionFiles, packed: bool) -> None:
    """30 MB end up in the blob store, and never a third of them in memory."""
    count = 30 * MEGABYTE // len(CHUNK)
    async with serving(sending(count, packed=packed)) as server, client() as egress:
        tracemalloc.start()
        try:
            kept = await download(egress, files, server)
            _, peak = tracemalloc.get_traced_memory()
        finally:
            tracemalloc.stop()
    assert (30 * MEGABYTE, hashlib.sha256(CHUNK * count).hexdigest()) == (kept["size"], kept["sha256"])
    assert peak < 10 * MEGABYTE


@pytest.mark.parametrize("packed", [False, True], ids=["endless", "bomb"])
async def test_what_is_too_large_is_cut_off(files: ExecutionFiles, packed: bool) -> None:
    """A body without end, and one that unpacks to far more than it is."""
    error = await failure(sending(10_000, packed=packed), files)
    assert "FILE_TOO_LARGE" == error.code


async def drips(_server: Server, writer: asyncio.StreamWriter) -> None:
    """One byte after another, for ever."""
    writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    while True:
        writer.write(b"x")
        await writer.drain()
        await asyncio.sleep(0.01)


async def says_nothing(_server: Server, _writer: asyncio.StreamWriter) -> None:
    """Takes the request, and that is all."""
    await asyncio.Event().wait()


@pytest.mark.parametrize("answer", [drips, says_nothing], ids=["drips", "silent"])
async def test_the_time_holds_for_all_parts(files: ExecutionFiles, answer: Answer) -> None:
    """However often something comes."""
    error = await failure(answer, files, 0.2)
    assert ("EGRESS_TIMEOUT", True) == (error.code, error.retryable)


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\nshort", "EGRESS_CONNECTION_FAILED"),
        (with_body(zlib.compress(b"x" * 1000)[:-8], "Content-Encoding: deflate"), "EGRESS_RESPONSE_INVALID"),
        (with_body(b"\x1f\x8b\x08nonsense", "Content-Encoding: gzip"), "EGRESS_RESPONSE_INVALID"),
        (redirect("/"), "EGRESS_TOO_MANY_REDIRECTS"),
    ],
    ids=["short", "cut", "nonsense", "circle"],
)
async def test_broken_answers_leave_no_file(files: ExecutionFiles, answer: bytes, code: str, tmp_path: Path) -> None:
    """A server that lies about its length has not sent the file."""

    async def closing(_server: Server, writer: asyncio.StreamWriter) -> None:
        writer.write(answer)
        await writer.drain()

    error = await failure(answer if code == "EGRESS_TOO_MANY_REDIRECTS" else closing, files)
    assert code == error.code
    assert [] == stored(tmp_path)


def stored(folder: Path) -> list[Path]:
    """The files below a folder."""
    return [path for path in folder.rglob("*") if path.is_file()]


async def test_more_than_announced_is_not_read(files: ExecutionFiles) -> None:
    """What a server sends beyond the length that it said belongs to nothing."""
    async with serving(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok and more") as server, client() as egress:
        assert 2 == (await download(egress, files, server))["size"]


async def test_what_follows_a_packed_body_does_not_gather(files: ExecutionFiles) -> None:
    """It is passed over, however much it is."""

    async def send(_server: Server, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nConnection: close\r\n\r\n")
        packer = zlib.compressobj(wbits=31)
        writer.write(packer.compress(b"ok") + packer.flush())
        for _ in range(200):
            writer.write(CHUNK)
            await writer.drain()

    async with serving(send) as server, client() as egress:
        assert 2 == (await download(egress, files, server))["size"]


async def test_a_body_is_sent_in_parts(files: ExecutionFiles) -> None:
    """It has its length, and goes out again after a redirect that keeps it."""
    reference = await files.keep_stream(parts(CHUNK, CHUNK), name="a")
    upload = Upload(2 * len(CHUNK), lambda: files.stream(reference))
    answers = (redirect("/there", 307), b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")
    async with serving(*answers) as server, client() as egress:
        await egress.send("PUT", f"http://127.0.0.1:{server.port}/", content=upload)
    assert [CHUNK * 2] * 2 == server.bodies
    assert str(2 * len(CHUNK)) == server.header("content-length")


async def test_a_body_that_breaks_off_is_an_error_of_its_source(files: ExecutionFiles) -> None:
    """The file is gone, and that is what the step says."""
    reference = await files.keep(b"x", name="a")
    await files.store.blobs.drop([files.execution_id])
    async with serving(b"") as server, client() as egress:
        upload = Upload(1, lambda: files.stream(reference))
        with pytest.raises(StepError) as caught:
            await egress.send("PUT", f"http://127.0.0.1:{server.port}/", content=upload)
    assert "FILE_GONE" == caught.value.code


async def test_a_connection_is_used_again_after_a_redirect() -> None:
    """The short body of a redirect is read, so that nothing need be opened anew."""
    moved = b"HTTP/1.1 302 Go\r\nLocation: /there\r\nContent-Length: 4\r\n\r\nmove"
    async with serving(moved, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok") as server, client() as egress:
        await egress.send("GET", f"http://127.0.0.1:{server.port}/")
    assert (1, 2) == (server.connections, len(server.heads))


async def parts(*chunks: bytes) -> AsyncIterator[bytes]:
    """The chunks one by one."""
    for chunk in chunks:
        yield chunk
