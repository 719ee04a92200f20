"""Folders of this machine: what can be done in them, and that nothing leads out."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from wingbeat.core.errors import StepError
from wingbeat.sdk.folders import parts_of
from wingbeat.storage.folders import LocalFolder, LocalFolders, read_chunk


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A folder for workflows, beside one that is none of their business."""
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside" / "secret").write_text("secret")
    (tmp_path / "root").mkdir()
    return tmp_path / "root"


@pytest.fixture
def folder(root: Path) -> LocalFolder:
    """The folder, opened by its name."""
    return LocalFolders({"inbox": root}).find("inbox")


def put(folder: LocalFolder, path: str, data: bytes, *, replace: bool = True) -> None:
    """Write a file."""
    draft = folder.begin(path)
    try:
        draft.write(data)
        draft.finish(replace=replace)
    finally:
        draft.close()


def get(folder: LocalFolder, path: str) -> bytes:
    """Read a file."""
    descriptor = folder.open_file(path)
    try:
        return read_chunk(descriptor)
    finally:
        os.close(descriptor)


OPERATIONS: dict[str, Callable[[LocalFolder, str], object]] = {
    "look": lambda folder, path: folder.look(path),
    "open": get,
    "begin": lambda folder, path: put(folder, path, b"x"),
    "append": lambda folder, path: folder.append(path, b"x"),
    "list": lambda folder, path: folder.list(path, pattern="*", recursive=True, most=100),
    "delete": lambda folder, path: folder.delete(path),
    "move": lambda folder, path: folder.move(path, "moved", replace=True),
    "move_to": lambda folder, path: folder.move("plain", path, replace=True),
}
each_operation = pytest.mark.parametrize("operation", OPERATIONS)


def codes(folder: LocalFolder, operation: str, path: str) -> str:
    """The code of the error that an operation ends in."""
    with pytest.raises(StepError) as caught:
        OPERATIONS[operation](folder, path)
    assert caught.value.remedy
    return caught.value.code


def test_files_come_back_as_they_were(folder: LocalFolder, root: Path) -> None:
    """Written, looked at, read, added to, moved, listed and deleted."""
    put(folder, "a/b/c.txt", b"one")
    entry = folder.append("a/b/c.txt", b" two")
    assert ("a/b/c.txt", "file", 7, b"one two") == (entry.path, entry.kind, entry.size, get(folder, "a/b/c.txt"))
    assert entry == folder.look("a/b/c.txt")
    assert "a/d.txt" == folder.move("a/b/c.txt", "a/d.txt", replace=False).path
    assert ["a", "a/b", "a/d.txt"] == [one.path for one in folder.list("", pattern="*", recursive=True, most=10)]
    assert ["a/d.txt"] == [one.path for one in folder.list("a", pattern="*.txt", recursive=False, most=10)]
    assert [True, False, True] == [folder.delete(path) for path in ("a/d.txt", "a/d.txt", "a/b")]
    assert [] == list((root / "a").iterdir())


def test_what_is_there_is_replaced_only_if_asked(folder: LocalFolder) -> None:
    """Also by a move; a refused write leaves what was there, and nothing else."""
    put(folder, "a", b"old")
    put(folder, "b", b"other")
    with pytest.raises(StepError) as caught:
        put(folder, "a", b"new", replace=False)
    assert "FILE_EXISTS" == caught.value.code
    with pytest.raises(StepError) as caught:
        folder.move("b", "a", replace=False)
    assert "FILE_EXISTS" == caught.value.code
    assert [b"old", b"other"] == [get(folder, "a"), get(folder, "b")]
    put(folder, "a", b"new")
    assert ["a", "b"] == [one.path for one in folder.list("", pattern="*", recursive=True, most=10)]
    assert b"new" == get(folder, "a")


def test_an_unfinished_file_is_not_there(folder: LocalFolder, root: Path) -> None:
    """Neither under its name nor in a list, and nothing of it stays."""
    draft = folder.begin("a")
    draft.write(b"half")
    assert (None, []) == (folder.look("a"), folder.list("", pattern="*", recursive=True, most=10))
    draft.close()
    assert [] == list(root.iterdir())


@each_operation
@pytest.mark.parametrize(
    "path",
    [
        "../outside/secret",
        "a/../../outside/secret",
        "/etc/passwd",
        "//etc/passwd",
        "a//b",
        "./a",
        "a/.",
        "..",
        "\uff0e\uff0e/outside/secret",
        "\u2024\u2024/outside/secret",
        "a\uff0fb",
        "..\\outside\\secret",
        "a\0b",
        "a\nb",
        "gpj.\u202etxt",
        "a\u200bb",
        "half \ud800",
        " ",
        "x" * 256,
        "ä" * 200,
        "a/" * 33 + "b",
        "x" * 100_000,
    ],
)
def test_paths_that_lead_elsewhere_are_refused(folder: LocalFolder, operation: str, path: str) -> None:
    """By each operation, before anything is touched."""
    put(folder, "plain", b"x")
    assert "PATH_REFUSED" == codes(folder, operation, path)


@each_operation
@pytest.mark.parametrize("path", ["link", "link/secret", "file_link", "dangling", "inside_link"])
def test_no_link_is_followed(folder: LocalFolder, root: Path, operation: str, path: str) -> None:
    """Not to a folder, not to a file, not to nothing, and not even to what is inside."""
    put(folder, "plain", b"x")
    (root / "link").symlink_to(root.parent / "outside")
    (root / "file_link").symlink_to(root.parent / "outside" / "secret")
    (root / "dangling").symlink_to(root.parent / "outside" / "new")
    (root / "inside_link").symlink_to(root / "plain")
    if (operation, path) == ("delete", "link/secret"):
        # What is behind a link is not there.
        assert folder.look(path) is None
        assert folder.delete(path) is False
    elif (operation, path) == ("look", "link/secret"):
        assert folder.look(path) is None
    else:
        assert "PATH_REFUSED" == codes(folder, operation, path)
    assert ["secret"] == [found.name for found in (root.parent / "outside").iterdir()]
    assert "secret" == (root.parent / "outside" / "secret").read_text()


def test_links_are_not_listed(folder: LocalFolder, root: Path) -> None:
    """Neither they nor what is behind them."""
    (root / "link").symlink_to(root.parent / "outside")
    (root / "file_link").symlink_to(root.parent / "outside" / "secret")
    assert [] == folder.list("", pattern="*", recursive=True, most=10)


@each_operation
@pytest.mark.parametrize("kind", ["pipe", "socket", "folder"])
def test_only_ordinary_files_are_touched(folder: LocalFolder, root: Path, operation: str, kind: str) -> None:
    """A pipe holds nobody up, and a folder is no file."""
    put(folder, "plain", b"x")
    path = root / "odd"
    if kind == "pipe":
        os.mkfifo(path)
    elif kind == "folder":
        path.mkdir()
        (path / "full").write_text("")
    else:
        with socket.socket(socket.AF_UNIX) as opened:
            opened.bind(str(path))
    if kind == "folder" and operation in {"look", "list"}:
        OPERATIONS[operation](folder, "odd")
    else:
        expected = "FOLDER_NOT_EMPTY" if (kind, operation) == ("folder", "delete") else "PATH_REFUSED"
        assert expected == codes(folder, operation, "odd")


def test_what_is_missing_is_said(folder: LocalFolder) -> None:
    """A file, or a folder on the way."""
    assert (None, None) == (folder.look("a"), folder.look("a/b"))
    for operation in ("open", "list", "move"):
        assert "FILE_NOT_FOUND" == codes(folder, operation, "a/b")


def test_a_list_has_an_end(folder: LocalFolder) -> None:
    """More entries than asked for are an error, and never left out."""
    for name in ("a", "b", "c"):
        put(folder, name, b"")
    with pytest.raises(StepError) as caught:
        folder.list("", pattern="*", recursive=False, most=2)
    assert "FOLDER_TOO_LARGE" == caught.value.code


def test_a_folder_that_is_not_there_is_the_operators_business(root: Path) -> None:
    """It is said as such, and may be there again at another try."""
    with pytest.raises(StepError) as caught:
        LocalFolders({"inbox": root / "none"}).find("inbox").look("a")
    assert ("FOLDER_UNAVAILABLE", True) == (caught.value.code, caught.value.retryable)
    assert str(root) not in str(caught.value)


@pytest.mark.parametrize("name", ["", "none", "../inbox", "/"])
def test_only_named_folders_are_there(root: Path, name: str) -> None:
    """Nothing can be reached that the operator did not name; where it is stays unsaid."""
    with pytest.raises(StepError) as caught:
        LocalFolders({"inbox": root}).find(name)
    assert "FOLDER_UNKNOWN" == caught.value.code
    assert str(root) not in str(caught.value)


def test_plain_names_of_all_languages_pass() -> None:
    """Also with spaces, dots and signs in them."""
    path = "Aufträge 2026/日本語/a..b/.hidden/x=1 (2)+[3]~.csv"
    assert tuple(path.split("/")) == parts_of(path)
    assert () == parts_of("", root=True)
    assert ("a", "b") == parts_of("a/b/")
