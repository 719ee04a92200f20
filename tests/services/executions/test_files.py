"""Files of executions: kept, passed on, and refused when a reference is not what was given."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from wingbeat.core.errors import StepError
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.sdk.files import MARK, ExampleFiles, clean_media_type, clean_name
from wingbeat.services.executions.files import ExecutionFiles, FileStore
from wingbeat.storage.blobs import Blobs


def store(folder: Path, *, key: bytes = b"one key", most_bytes: int = 1_000) -> FileStore:
    """A store of files in a folder."""
    return FileStore(Blobs((folder / "blobs").as_uri()), key, most_bytes)


@pytest.fixture
def files(tmp_path: Path) -> ExecutionFiles:
    """The files of an execution."""
    return store(tmp_path).of(uuid4())


async def parts(*chunks: bytes, error: Exception | None = None) -> AsyncIterator[bytes]:
    """The chunks one by one, and then the error."""
    for chunk in chunks:
        yield chunk
    if error is not None:
        raise error


def stored(folder: Path) -> list[Path]:
    """The files that the store holds."""
    return sorted(folder.rglob("files/*"))


async def refusal(files: ExecutionFiles, reference: Json, most_bytes: int = 1_000) -> StepError:
    """The error that reading a reference ends in."""
    with pytest.raises(StepError) as caught:
        await files.load(reference, most_bytes=most_bytes)
    assert caught.value.remedy
    return caught.value


async def test_a_file_comes_back_as_it_was(files: ExecutionFiles) -> None:
    """Whole or in parts, and its reference says what it is."""
    reference = await files.keep(b"a,b\n", name="list.csv", media_type="text/csv; charset=utf-8")
    assert {"name": "list.csv", "media_type": "text/csv; charset=utf-8", "size": 4} == {
        name: reference[name] for name in ("name", "media_type", "size")
    }
    assert hashlib.sha256(b"a,b\n").hexdigest() == reference["sha256"]
    assert (b"a,b\n", "list.csv", "text/csv; charset=utf-8") == await files.load(reference, most_bytes=4)
    assert b"a,b\n" == b"".join([chunk async for chunk in files.stream(reference)])


async def test_an_empty_file_is_a_file(files: ExecutionFiles) -> None:
    """It has no bytes, and that is what comes back."""
    assert b"" == (await files.load(await files.keep(b"", name="none"), most_bytes=0)).data


async def test_another_execution_may_read_it(tmp_path: Path, files: ExecutionFiles) -> None:
    """A sub-workflow can be given a file: another process with the same key reads it."""
    reference = await files.keep(b"mine", name="a")
    assert str(files.execution_id) == str(reference[MARK]).partition(".")[0]
    assert b"mine" == (await store(tmp_path).of(uuid4()).load(reference, most_bytes=100)).data


@pytest.mark.parametrize("value", [None, "", 1, [], {}, "text", {MARK: None}, {MARK: 1}, {MARK: ""}, {MARK: "a.b.c"}])
async def test_what_is_no_reference_is_refused(files: ExecutionFiles, value: Json) -> None:
    """Whatever it is."""
    assert "FILE_REFERENCE_INVALID" == (await refusal(files, value)).code


@pytest.mark.parametrize("token", ["x" * 100_000, "ü.ü.ü", "..", ".", "018f.e30.AAAA", "\x00.\x00.\x00"])
async def test_made_up_tokens_are_refused(files: ExecutionFiles, token: str) -> None:
    """Long, strange or nearly right."""
    assert "FILE_REFERENCE_INVALID" == (await refusal(files, {MARK: token})).code


async def test_no_part_of_a_reference_can_be_altered(tmp_path: Path, files: ExecutionFiles) -> None:
    """Not the execution, the file, the size, the digest or the signature; and another key does not fit."""
    reference = await files.keep(b"secret", name="a")
    token = str(reference[MARK])
    owner, said, signature = token.split(".")
    altered: list[JsonObject] = [
        {**reference, MARK: f"{uuid4()}.{said}.{signature}"},
        {**reference, MARK: f"{owner}.{said[:-2]}AA.{signature}"},
        {**reference, MARK: f"{owner}.{said}.{signature[:-1]}"},
        {**reference, MARK: f"{owner}.{said}.{signature}="},
        {**reference, "size": 5},
        {**reference, "sha256": "0" * 64},
        {**reference, "name": 1},
    ]
    assert ["FILE_REFERENCE_INVALID"] * len(altered) == [(await refusal(files, one)).code for one in altered]
    foreign = store(tmp_path, key=b"another").of(files.execution_id)
    assert "FILE_REFERENCE_INVALID" == (await refusal(foreign, reference)).code


async def test_a_reference_may_be_renamed(files: ExecutionFiles) -> None:
    """Name and media type are no secret and open nothing; they are made harmless."""
    reference = await files.keep(b"x", name="a.bin")
    renamed: JsonObject = {**reference, "name": "../b\r\n.csv", "media_type": "text/csv"}
    assert (b"x", ".._b__.csv", "text/csv") == await files.load(renamed, most_bytes=10)
    assert (".._b__.csv", 1) == (files.look_at(renamed).name, files.look_at(renamed).size)


async def test_large_files_are_refused(tmp_path: Path, files: ExecutionFiles) -> None:
    """Before they are read, and while they come; nothing of them stays."""
    reference = await files.keep(b"x" * 1_000, name="a")
    assert "FILE_TOO_LARGE" == (await refusal(files, reference, 999)).code
    before = stored(tmp_path)
    for most_bytes in (None, 10):
        with pytest.raises(StepError) as caught:
            await files.keep_stream(parts(b"x" * 600, b"x" * 600), name="a", most_bytes=most_bytes)
        assert "FILE_TOO_LARGE" == caught.value.code
    assert before == stored(tmp_path)


async def test_nothing_stays_of_what_breaks_off(tmp_path: Path, files: ExecutionFiles) -> None:
    """The error of the source comes out as it is."""
    with pytest.raises(ValueError, match="the source"):
        await files.keep_stream(parts(b"x", error=ValueError("the source")), name="a")
    assert [] == stored(tmp_path)


async def test_a_file_of_many_parts_is_whole(tmp_path: Path) -> None:
    """Also beyond the size of one part of the store."""
    files = store(tmp_path, most_bytes=100_000_000).of(uuid4())
    reference = await files.keep_stream(parts(*[b"ab" * 1_000_000] * 6), name="a")
    digest = hashlib.sha256()
    async for chunk in files.stream(reference):
        digest.update(chunk)
    assert (12_000_000, digest.hexdigest()) == (reference["size"], reference["sha256"])


async def test_a_file_past_its_retention_says_so(files: ExecutionFiles) -> None:
    """It went with its execution; the reference is genuine all the same."""
    reference = await files.keep(b"x", name="a")
    await files.store.blobs.drop([files.execution_id])
    assert "FILE_GONE" == (await refusal(files, reference)).code
    with pytest.raises(StepError) as caught:
        _ = [chunk async for chunk in files.stream(reference)]
    assert "FILE_GONE" == caught.value.code


async def test_damage_is_seen(tmp_path: Path, files: ExecutionFiles) -> None:
    """A blob that somebody else wrote over is not handed out as the file."""
    reference = await files.keep(b"x", name="a")
    (found,) = stored(tmp_path)
    found.write_bytes(b"y")
    assert "FILE_DAMAGED" == (await refusal(files, reference)).code


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("a.csv", "a.csv"),
        ("../../etc/passwd", ".._.._etc_passwd"),
        ("C:\\a", "C:_a"),
        ("a\r\nX: y", "a__X: y"),
        ("", "file"),
        ("..", "file"),
        ("gpj\u202egnp.exe", "gpj_gnp.exe"),
        ("x" * 300 + ".csv", "x" * 251 + ".csv"),
        ("x" * 300, "x" * 255),
        ("\ud800", "_"),
    ],
)
def test_names_are_made_harmless(given: str, expected: str) -> None:
    """One part of a path, printable, not too long."""
    assert expected == clean_name(given)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("Text/CSV", "text/csv"),
        ("text/html; charset=utf-8", "text/html; charset=utf-8"),
        ("text/html\r\nX: y", "application/octet-stream"),
        ("", "application/octet-stream"),
        ("x" * 10_000, "application/octet-stream"),
    ],
)
def test_media_types_are_made_harmless(given: str, expected: str) -> None:
    """What is not well formed is just bytes."""
    assert expected == clean_media_type(given)


async def test_the_stand_in_for_examples_holds_its_world() -> None:
    """It reads what the world holds and what it kept itself, and refuses the rest."""
    files = ExampleFiles({"f": {"name": "a.csv", "media_type": "text/csv", "text": "a"}, "g": {"base64": "AAE="}})
    assert (b"a", "a.csv", "text/csv") == await files.load({MARK: "f"}, most_bytes=10)
    assert b"\x00\x01" == b"".join([chunk async for chunk in files.stream({MARK: "g"})])
    kept = await files.keep_stream(parts(b"a", b"b"), name="b")
    assert ("kept-1", 2, b"ab") == (kept[MARK], kept["size"], (await files.load(kept, most_bytes=2)).data)
    wrongs: list[Json] = [None, {MARK: "h"}, {MARK: []}]
    for wrong in wrongs:
        with pytest.raises(StepError):
            files.look_at(wrong)
