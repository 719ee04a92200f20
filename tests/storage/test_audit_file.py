"""The log file of what was done: whole lines whoever writes, rotation, and a disk that refuses."""

from __future__ import annotations

import gzip
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from wingbeat.storage import audit_file
from wingbeat.storage.audit_file import NAME, AuditFile

WRITER = """
import sys
from pathlib import Path
from wingbeat.storage.audit_file import AuditFile
file = AuditFile(Path(sys.argv[1]), max_bytes=4000, keep=1000)
for number in range(300):
    file.add({"writer": sys.argv[2], "number": number})
    if number % 10 == 0:
        file.flush()
file.flush()
"""


def read_all(directory: Path) -> list[dict[str, object]]:
    """Every line of every file, the oldest first."""
    texts = [gzip.decompress(path.read_bytes()).decode() for path in sorted(directory.glob(f"{NAME}.*.gz"))]
    current = directory / NAME
    return [json.loads(line) for text in [*texts, current.read_text()] for line in text.splitlines()]


def test_several_processes_share_one_file_and_lose_nothing(tmp_path: Path) -> None:
    """While all of them rotate, every line is there once, whole, and in its writer's order."""
    command = [sys.executable, "-c", WRITER, str(tmp_path)]
    writers = [subprocess.Popen([*command, name]) for name in "abc"]  # noqa: S603 - this test's own
    assert [0, 0, 0] == [writer.wait(60) for writer in writers]
    found = read_all(tmp_path)
    assert {name: list(range(300)) for name in "abc"} == {
        name: [line["number"] for line in found if line["writer"] == name] for name in "abc"
    }
    assert list(tmp_path.glob(f"{NAME}.*.gz"))


def test_a_new_day_begins_a_new_file_and_the_oldest_go(tmp_path: Path) -> None:
    """As many compressed ones are kept as was said, and nobody else may read them."""
    file = AuditFile(tmp_path, max_bytes=1_000_000, keep=2)
    for day in range(4):
        file.add({"day": day})
        file.flush()
        os.utime(file.path, (1_000_000_000, 1_000_000_000))
    assert [1, 2, 3] == [line["day"] for line in read_all(tmp_path)]
    assert {"0o640"} == {oct(path.stat().st_mode & 0o777) for path in tmp_path.glob(f"{NAME}*")}


def test_a_rotation_from_outside_is_noticed(tmp_path: Path) -> None:
    """What comes after logrotate moved the file goes into a new one."""
    file = AuditFile(tmp_path, max_bytes=1_000_000, keep=2)
    file.add({"number": 1})
    file.flush()
    file.path.rename(tmp_path / "moved.log")
    file.add({"number": 2})
    file.flush()
    assert '{"number":2}\n' == file.path.read_text()


def test_a_full_disk_keeps_the_lines_and_spoils_none(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half a line is taken back; later everything is written, with how much was too much."""
    file = AuditFile(tmp_path, max_bytes=1_000_000, keep=2)
    monkeypatch.setattr(audit_file, "MOST_WAITING", 2)
    file.add({"number": 0})
    file.flush()
    real = os.write

    def full(descriptor: int, data: memoryview) -> int:
        if len(data) <= 8:
            raise OSError(28, "No space left on device")
        return real(descriptor, data[: len(data) - 8])

    for number in (1, 2, 3):
        file.add({"number": number})
    with monkeypatch.context() as disk:
        disk.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            file.flush()
    assert '{"number":0}\n' == file.path.read_text()
    file.flush()
    lines = read_all(tmp_path)
    assert [0, "audit.lines_dropped", 2, 3] == [line.get("number", line.get("action")) for line in lines]
    assert str(lines[1]["message"]).startswith("1 lines")


def test_a_directory_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    """In a sentence, and the process goes on."""
    blocked = tmp_path / "file"
    blocked.write_text("")
    file = AuditFile(blocked / "logs", max_bytes=1_000_000, keep=2)
    file.start()
    file.add({"number": 1})
    file.stop()
    assert file.problem is not None
    assert str(blocked) in file.problem


def test_a_line_that_is_no_unicode_keeps_nobody_waiting(tmp_path: Path) -> None:
    """It is written with escapes."""
    file = AuditFile(tmp_path, max_bytes=1_000_000, keep=2)
    file.add({"text": "\ud800"})
    file.add({"text": "good"})
    file.flush()
    assert ["\ud800", "good"] == [line["text"] for line in read_all(tmp_path)]
