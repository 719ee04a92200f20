"""Buckets, against a server that speaks the protocol of S3."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from typing import Any, cast
from uuid import uuid4

import httpx
import pytest
from moto.server import ThreadedMotoServer
from tests.egress.test_http import client, serving
from tests.rig.connections import KEYS, put_connection
from tests.rig.web import Asked, Reply, web

from wingbeat.core.errors import StepError
from wingbeat.core.json_value import JsonObject
from wingbeat.egress.addresses import Addresses
from wingbeat.egress.http import Egress
from wingbeat.egress.kinds import S3Config
from wingbeat.egress.objects import EXCERPT, StepBuckets, try_bucket
from wingbeat.egress.vault import Opened, Trial, Vault
from wingbeat.sdk import Upload
from wingbeat.storage.pool import Database
from wingbeat.storage.secret import Secret

BUCKET = "things"


class OpenVault:
    """A vault with one connection that is open already."""

    def __init__(self, endpoint: str | None, prefix: str = "", bucket: str = BUCKET) -> None:
        config = S3Config(bucket=bucket, endpoint_url=endpoint, prefix=prefix)
        secrets = {"access_key_id": Secret("AK"), "secret_access_key": Secret("SK")}
        self.opened = Opened(uuid4(), "store", "s3", config, secrets, ())

    @asynccontextmanager
    async def use(self, *_asked: object, **_more: object) -> AsyncIterator[Opened]:
        """The connection."""
        yield self.opened


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """The server's address; it has the bucket."""
    server = ThreadedMotoServer(port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    address = f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}"  # noqa: S104 - what it says
    httpx.put(f"{address}/{BUCKET}").raise_for_status()
    yield address
    server.stop()


@asynccontextmanager
async def buckets(endpoint: str, prefix: str = "") -> AsyncIterator[StepBuckets]:
    """The bucket as a step sees it."""
    async with client() as egress:
        vault: Any = OpenVault(endpoint, prefix)
        yield StepBuckets(vault, egress, cast("Any", None))


def upload(data: bytes) -> Upload:
    """A body of these bytes."""

    async def whole() -> AsyncIterator[bytes]:
        yield data

    return Upload(len(data), whole)


async def test_objects_come_back_as_they_were(endpoint: str) -> None:
    """Written, looked at, read, copied, listed and deleted, below the connection's prefix."""
    path = "a b/ü+&=?#%.csv"
    async with buckets(endpoint, "/pre/fix/") as bucket:
        assert await bucket.look("c", path) is None
        assert 3 == (await bucket.write("c", path, upload(b"one"), replace=True)).size
        entry = await bucket.look("c", path)
        assert entry is not None
        assert (path, "file", 3) == (entry.path, entry.kind, entry.size)
        assert b"one" == b"".join([chunk async for chunk in bucket.stream("c", path)])
        assert "copy.csv" == (await bucket.copy("c", path, "copy.csv", replace=True)).path
        found = await bucket.list("c", "", pattern="*.csv", recursive=True, most=10)
        assert [path, "copy.csv"] == [one.path for one in found]
        top = await bucket.list("c", "", pattern="*", recursive=False, most=10)
        assert [("a b", "folder"), ("copy.csv", "file")] == [(one.path, one.kind) for one in top]
        folder = await bucket.look("c", "a b")
        assert folder is not None
        assert "folder" == folder.kind
        assert [True, False] == [await bucket.delete("c", path), await bucket.delete("c", path)]
        assert await bucket.delete("c", "copy.csv")


async def test_lists_go_on_over_pages(endpoint: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And end in an error where there is more than asked for."""
    monkeypatch.setattr("wingbeat.egress.objects.PAGE", 2)
    async with buckets(endpoint, "pages") as bucket:
        for number in range(5):
            await bucket.write("c", f"{number}", upload(b""), replace=True)
        assert 5 == len(await bucket.list("c", "", pattern="*", recursive=True, most=5))
        with pytest.raises(StepError) as caught:
            await bucket.list("c", "", pattern="*", recursive=True, most=4)
    assert "FOLDER_TOO_LARGE" == caught.value.code


async def test_what_is_there_is_replaced_only_if_asked(endpoint: str) -> None:
    """Copies too."""
    async with buckets(endpoint, "once") as bucket:
        await bucket.write("c", "a", upload(b"1"), replace=True)
        await bucket.write("c", "b", upload(b"2"), replace=True)
        with pytest.raises(StepError) as caught:
            await bucket.copy("c", "a", "b", replace=False)
    assert "FILE_EXISTS" == caught.value.code


async def test_what_is_missing_is_said(endpoint: str) -> None:
    """An object that is not there."""
    async with buckets(endpoint) as bucket:
        with pytest.raises(StepError) as caught:
            _ = [chunk async for chunk in bucket.stream("c", "none")]
        assert "FILE_NOT_FOUND" == caught.value.code
        with pytest.raises(StepError) as caught:
            await bucket.copy("c", "none", "other", replace=True)
    assert "FILE_NOT_FOUND" == caught.value.code


@pytest.mark.parametrize("path", ["../a", "/a", "a//b", "a\0b", "\uff0e\uff0e/a"])
async def test_paths_are_held_to_the_same_rules(endpoint: str, path: str) -> None:
    """As those of folders."""
    async with buckets(endpoint) as bucket:
        with pytest.raises(StepError) as caught:
            await bucket.write("c", path, upload(b""), replace=True)
    assert "PATH_REFUSED" == caught.value.code


@pytest.mark.parametrize(
    ("status", "code", "retryable"),
    [
        (403, "S3_ACCESS_DENIED", False),
        (400, "S3_FAILED", False),
        (503, "S3_FAILED", True),
        (412, "FILE_EXISTS", False),
    ],
)
async def test_bad_answers_say_what_is_known(status: int, code: str, retryable: bool) -> None:
    """Without the keys."""
    answer = f"HTTP/1.1 {status} X\r\nContent-Length: 2\r\n\r\nno".encode()
    async with serving(answer) as server, buckets(f"http://127.0.0.1:{server.port}") as bucket:
        with pytest.raises(StepError) as caught:
            await bucket.write("c", "a", upload(b"x"), replace=False)
    assert (code, retryable) == (caught.value.code, caught.value.retryable)
    assert "AWS4-HMAC-SHA256 Credential=AK/" in str(server.header("authorization"))
    assert "SK" not in f"{caught.value} {caught.value.details} {server.heads}"


@pytest.mark.parametrize("body", [b"", b"<a", b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"\xff\xfe"])
async def test_lists_that_cannot_be_read_are_errors(body: bytes) -> None:
    """A stranger's XML may hold anything."""
    answer = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body
    async with serving(answer) as server, buckets(f"http://127.0.0.1:{server.port}") as bucket:
        with pytest.raises(StepError) as caught:
            await bucket.list("c", "", pattern="*", recursive=True, most=10)
    assert "S3_FAILED" == caught.value.code


async def test_a_connection_can_be_tried(endpoint: str) -> None:
    """Whether the bucket answers, and lets us see what is in it."""
    async with client() as egress:
        await try_bucket(OpenVault(endpoint).opened, egress)
        with pytest.raises(StepError) as caught:
            await try_bucket(OpenVault(endpoint, bucket="nothing").opened, egress)
    assert "S3_BUCKET_UNKNOWN" == caught.value.code


@pytest.mark.parametrize("bucket", ["evil.example/x", "a@b", "a:1", "?", "a b", "-", ".."])
async def test_a_bucket_is_a_name(bucket: str) -> None:
    """It becomes a part of a host's name, and leads nowhere else."""
    async with client() as egress:
        with pytest.raises(StepError) as caught:
            await try_bucket(OpenVault(None, bucket=bucket).opened, egress)
    assert "S3_NAME_INVALID" == caught.value.code


async def test_a_service_that_repeats_its_keys_shows_nothing(database: Database) -> None:
    """Neither in objects nor in errors, and not the beginning of one where the error's text is cut."""
    token = "temporary-token-of-many-characters/and+signs"  # noqa: S105 - a test's own
    secrets = {"access_key_id": "AKIAKEYOFATEST", "secret_access_key": "never-sent-key", "session_token": token}

    def echo(asked: Asked) -> Reply:
        sent = f"{asked.headers['authorization']} {asked.headers['x-amz-security-token']}"
        good = asked.path.endswith("good")
        return Reply(200, sent.encode()) if good else Reply(400, b"." * (EXCERPT - 12) + token.encode() + sent.encode())

    async with web(echo) as served, client() as egress:
        config: JsonObject = {"bucket": BUCKET, "endpoint_url": served.url}
        connection = str(await put_connection(database, "s3", config, secrets))
        bucket = StepBuckets(Vault(database, KEYS), egress, Trial())
        seen = b"".join([chunk async for chunk in bucket.stream(connection, "good")]).decode()
        for path in ("bad", "worse"):
            with pytest.raises(StepError) as caught:
                await (bucket.look(connection, path) if path == "worse" else anext(bucket.stream(connection, path)))
            seen += json.dumps(caught.value.to_json())
    assert "Credential=***/" in seen
    assert not [secret for secret in secrets.values() if secret[:8] in seen]


async def test_addresses_are_checked_as_everywhere(endpoint: str) -> None:
    """A connection cannot lead into the own network unless the operator permits it."""
    egress = Egress(Addresses())
    vault: Any = OpenVault(endpoint)
    with pytest.raises(StepError) as caught:
        await StepBuckets(vault, egress, cast("Any", None)).look("c", "a")
    await egress.close()
    assert "EGRESS_ADDRESS_REFUSED" == caught.value.code
