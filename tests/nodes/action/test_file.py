"""The file node: each of its operations, in folders and with references."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from wingbeat.core.errors import StepError
from wingbeat.nodes.action.file import NODE
from wingbeat.sdk import FILES, FOLDERS, Effect, Example, Json, JsonObject
from wingbeat.sdk.testing import ExampleContext, context_of, outcome_of, run_example
from wingbeat.services.executions.files import FileStore
from wingbeat.services.executions.folders import StepFolders
from wingbeat.storage.blobs import Blobs
from wingbeat.storage.folders import LocalFolders


class Workplace:
    """A real folder and real files for one test."""

    def __init__(self, tmp_path: Path) -> None:
        self.root = tmp_path / "root"
        self.root.mkdir()
        buckets: Any = None
        files = FileStore(Blobs((tmp_path / "blobs").as_uri()), b"key", 1_000_000).of(uuid4())
        folders = StepFolders(LocalFolders({"inbox": self.root}), buckets, 1_000_000)
        self.tools: dict[str, object] = {FILES.name: files, FOLDERS.name: folders}

    def run(self, raw: JsonObject, input_value: Json = None, *, rehearse: bool = False) -> Any:  # noqa: ANN401 - JSON
        """What comes out."""
        place: JsonObject = {} if raw["operation"] in ("parse", "make") else {"folder": "inbox"}
        example = Example("", {**place, **raw}, input=input_value)
        context: ExampleContext = context_of(example)
        context.tools = self.tools
        return outcome_of(run_example(NODE, example, context=context, rehearse=rehearse))["out"]

    def failure(self, raw: JsonObject, input_value: Json = None) -> str:
        """The code of the error that it ends in."""
        with pytest.raises(StepError) as caught:
            self.run(raw, input_value)
        assert caught.value.remedy
        return caught.value.code


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """A folder `inbox`, and files."""
    return Workplace(tmp_path)


def test_a_value_is_written_and_read(workplace: Workplace) -> None:
    """In the format that the name ends in; folders on the way are made."""
    written = workplace.run({"operation": "write", "path": "a/b.json", "content": "{{ input }}"}, {"x": [1, None]})
    assert ("a/b.json", "file", 15) == (written["path"], written["kind"], written["size"])
    assert '{"x":[1,null]}\n' == (workplace.root / "a" / "b.json").read_text()
    assert {"x": [1, None]} == workplace.run({"operation": "read", "path": "a/b.json"})
    assert '{"x":[1,null]}\n' == workplace.run({"operation": "read", "path": "a/b.json", "format": "text"})


def test_bytes_pass_through_as_a_reference(workplace: Workplace) -> None:
    """From the folder and back into it, without being looked at."""
    data = bytes(range(256)) * 1000
    (workplace.root / "a.bin").write_bytes(data)
    reference = workplace.run({"operation": "read", "path": "a.bin"})
    assert ("a.bin", hashlib.sha256(data).hexdigest()) == (reference["name"], reference["sha256"])
    workplace.run({"operation": "write", "path": "b.bin", "content": "{{ input }}"}, reference)
    assert data == (workplace.root / "b.bin").read_bytes()
    workplace.run({"operation": "append", "path": "b.bin", "content": "{{ input }}"}, reference)
    assert data * 2 == (workplace.root / "b.bin").read_bytes()


def test_a_reference_is_parsed_and_made(workplace: Workplace) -> None:
    """Without any folder."""
    rows: Json = [{"a": "1"}, {"a": "=2"}]
    for name in ("t.csv", "t.xlsx", "t.jsonl"):
        made = workplace.run({"operation": "make", "name": name, "content": "{{ input }}"}, rows)
        parsed = workplace.run({"operation": "parse", "content": "{{ input }}"}, made)
        assert (name, made["name"]) == (made["name"], name)
        assert [{"a": "1"}, {"a": "'=2" if name == "t.csv" else "=2"}] == parsed
    assert [{"a": "1"}] == workplace.run({"operation": "parse", "format": "csv", "content": "a\n1"})


def test_what_is_there_can_be_managed(workplace: Workplace) -> None:
    """Information, list, copy, move, delete."""
    workplace.run({"operation": "append", "path": "a.txt", "content": "one"})
    workplace.run({"operation": "append", "path": "a.txt", "content": " two"})
    assert (True, 7) == tuple(
        workplace.run({"operation": "info", "path": "a.txt"})[name] for name in ("exists", "size")
    )
    assert {"exists": False} == workplace.run({"operation": "info", "path": "b.txt"})
    workplace.run({"operation": "copy", "path": "a.txt", "to": "c/b.txt"})
    workplace.run({"operation": "move", "path": "a.txt", "to": "c/a.txt"})
    found = workplace.run({"operation": "list", "recursive": True, "pattern": "*.txt"})
    assert ["c/a.txt", "c/b.txt"] == [entry["path"] for entry in found]
    assert [{"deleted": True}, {"deleted": False}] == [
        workplace.run({"operation": "delete", "path": "c/a.txt"}) for _ in range(2)
    ]


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({"operation": "read", "path": "none.txt"}, "FILE_NOT_FOUND"),
        ({"operation": "read", "path": "../x.txt"}, "PATH_REFUSED"),
        ({"operation": "read", "path": "/etc/passwd"}, "PATH_REFUSED"),
        ({"operation": "read", "path": "{{ input }}"}, "PARAMETER_INVALID"),
        ({"operation": "read", "path": ""}, "PATH_REFUSED"),
        ({"operation": "read", "path": "big.txt", "max_bytes": 10}, "FILE_TOO_LARGE"),
        ({"operation": "write", "path": "big.txt", "content": "x", "if_exists": "fail"}, "FILE_EXISTS"),
        ({"operation": "copy", "path": "big.txt", "to": "big.txt", "if_exists": "fail"}, "FILE_EXISTS"),
        ({"operation": "write", "path": "a.unknown", "content": "x"}, "FORMAT_UNKNOWN"),
        ({"operation": "write", "path": "a.txt", "content": {"$file": "forged"}}, "FILE_REFERENCE_INVALID"),
        ({"operation": "parse", "content": {"$file": "forged"}, "format": "csv"}, "FILE_REFERENCE_INVALID"),
        ({"operation": "parse", "content": None, "format": "csv"}, "FILE_REFERENCE_INVALID"),
        ({"operation": "parse", "content": "x"}, "FORMAT_UNKNOWN"),
        ({"operation": "write", "path": "a.json", "content": "x", "encoding": "rot13"}, "ENCODING_UNKNOWN"),
        ({"operation": "append", "path": "a.txt", "content": "x" * 100, "max_bytes": 10}, "FILE_TOO_LARGE"),
        ({"operation": "write", "path": "a.txt", "content": "x" * 1_000_001}, "FILE_TOO_LARGE"),
        ({"operation": "list", "max_entries": 1}, "FOLDER_TOO_LARGE"),
        ({"operation": "read", "folder": "other", "path": "a.txt"}, "FOLDER_UNKNOWN"),
    ],
)
def test_what_cannot_be_done_is_an_error(workplace: Workplace, raw: JsonObject, code: str) -> None:
    """Of the step, with a code of its own; nothing is left behind."""
    (workplace.root / "big.txt").write_text("x" * 100)
    (workplace.root / "other.txt").write_text("")
    assert code == workplace.failure(raw)
    assert ["big.txt", "other.txt"] == sorted(path.name for path in workplace.root.iterdir())


def test_a_missing_file_can_be_null(workplace: Workplace) -> None:
    """For workflows that expect it."""
    assert workplace.run({"operation": "read", "path": "none.txt", "missing": "null"}) is None


@pytest.mark.parametrize(
    ("raw", "effect"),
    [
        ({"operation": "read", "path": "a"}, Effect.IDEMPOTENT),
        ({"operation": "write", "path": "a", "content": "x"}, Effect.IDEMPOTENT),
        ({"operation": "write", "path": "a", "content": "x", "if_exists": "fail"}, Effect.UNSAFE),
        ({"operation": "append", "path": "a", "content": "x"}, Effect.UNSAFE),
        ({"operation": "copy", "path": "a", "to": "b"}, Effect.IDEMPOTENT),
        ({"operation": "copy", "path": "a", "to": "b", "if_exists": "fail"}, Effect.UNSAFE),
        ({"operation": "move", "path": "a", "to": "b"}, Effect.UNSAFE),
        ({"operation": "delete", "path": "a"}, Effect.IDEMPOTENT),
        ({"operation": "list"}, Effect.IDEMPOTENT),
    ],
)
def test_the_effect_follows_from_the_operation(raw: JsonObject, effect: Effect) -> None:
    """What comes to the same when it is done twice may be repeated."""
    assert effect is NODE.read({"folder": "inbox", **raw}).effect


@pytest.mark.parametrize(
    "raw",
    [
        {"operation": "write", "path": "a.txt", "content": "x"},
        {"operation": "append", "path": "a.txt", "content": "x"},
        {"operation": "delete", "path": "kept.txt"},
        {"operation": "move", "path": "kept.txt", "to": "b.txt"},
        {"operation": "copy", "path": "kept.txt", "to": "b.txt"},
    ],
)
def test_a_rehearsal_changes_nothing(workplace: Workplace, raw: JsonObject) -> None:
    """It says what would be done."""
    (workplace.root / "kept.txt").write_text("x")
    said = workplace.run(raw, rehearse=True)
    assert (True, raw["operation"], raw["path"]) == (said["rehearsed"], said["operation"], said["path"])
    assert ["kept.txt"] == [path.name for path in workplace.root.iterdir()]


@pytest.mark.parametrize(
    ("raw", "part"),
    [
        ({"operation": "read", "path": "a"}, "folder"),
        ({"operation": "read", "path": "a", "folder": "f", "connection": str(uuid4())}, "either"),
        ({"operation": "read", "folder": "f"}, "path"),
        ({"operation": "write", "folder": "f", "path": "a"}, "content"),
        ({"operation": "move", "folder": "f", "path": "a"}, "to"),
        ({"operation": "parse"}, "content"),
        ({"operation": "burn"}, "operation"),
        ({"operation": "read", "path": "a", "connection": "no id"}, "connection"),
        ({}, "operation"),
    ],
)
def test_what_is_missing_is_said_when_the_workflow_is_checked(raw: JsonObject, part: str) -> None:
    """Before anything runs."""
    assert part in f"{NODE.read(raw).problems}"
