"""Folders of this machine that the operator names, reached part by part, so that no path leads out of them.

Every part of a path is opened relative to the one before (openat) and never through a symbolic link, so nothing that
is changed meanwhile can lead elsewhere. Only ordinary files are read or written. All of it blocks: it is for threads.
"""

from __future__ import annotations

import errno
import os
import secrets
import stat
from contextlib import ExitStack, contextmanager, suppress
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

from wingbeat.core.errors import StepError
from wingbeat.sdk.folders import Entry, exists, not_found, parts_of, refused, too_many

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

FOLDER_FLAGS = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
# Without blocking: what looks like a file may be a pipe that nobody writes to.
FILE_FLAGS = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
CHUNK_BYTES = 256 * 1024
DRAFT = ".wingbeat-"
DEEPEST = 32
# In one folder, whatever is asked for.
MOST_NAMES = 200_000
FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


class LocalFolder:
    """One folder. Paths in errors are those that the workflow gave; where the folder is stays unsaid."""

    def __init__(self, name: str, root: Path) -> None:
        self._name = name
        self._root = root

    def look(self, path: str) -> Entry | None:
        """What is there; None if there is nothing."""
        parts = parts_of(path, root=True)
        with _told(path), ExitStack() as stack:
            if not parts:
                return _entry("", os.fstat(self._open_root(stack)))
            try:
                folder = self._open_folder(stack, parts[:-1])
                found = os.stat(parts[-1], dir_fd=folder, follow_symlinks=False)
            except (FileNotFoundError, NotADirectoryError):
                return None
            return _entry(path, found)

    def open_file(self, path: str) -> int:
        """A descriptor to read the file from; whoever asks closes it."""
        parts = parts_of(path)
        with _told(path), ExitStack() as stack:
            folder = self._open_folder(stack, parts[:-1])
            descriptor = os.open(parts[-1], os.O_RDONLY | FILE_FLAGS, dir_fd=folder)
            return _only_regular(path, descriptor)

    def begin(self, path: str) -> Draft:
        """Begin to write a file beside its place."""
        parts = parts_of(path)
        with _told(path), ExitStack() as stack:
            folder = self._open_folder(stack, parts[:-1], make=True)
            _refuse_others(path, parts[-1], folder)
            name = f"{DRAFT}{secrets.token_hex(8)}"
            descriptor = os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | FILE_FLAGS, 0o666, dir_fd=folder)
            return Draft(path, parts[-1], name, descriptor, os.dup(folder))

    def append(self, path: str, data: bytes) -> Entry:
        """Add to the end of a file, and have it on the disk."""
        parts = parts_of(path)
        with _told(path), ExitStack() as stack:
            folder = self._open_folder(stack, parts[:-1], make=True)
            flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | FILE_FLAGS
            descriptor = _only_regular(path, os.open(parts[-1], flags, 0o666, dir_fd=folder))
            stack.callback(os.close, descriptor)
            _write_all(descriptor, data)
            os.fsync(descriptor)
            return _entry(path, os.fstat(descriptor))

    def list(self, path: str, *, pattern: str, recursive: bool, most: int) -> list[Entry]:
        """What is in a folder; neither links nor special files nor unfinished ones."""
        parts = parts_of(path, root=True)
        found: list[Entry] = []
        with _told(path), ExitStack() as stack:
            folder = self._open_folder(stack, parts)
            for entry in _walk(folder, parts, DEEPEST if recursive else 0):
                if fnmatchcase(entry.path.rpartition("/")[2], pattern):
                    found.append(entry)
                    if len(found) > most:
                        raise too_many(most)
        return sorted(found)

    def delete(self, path: str) -> bool:
        """Delete a file or an empty folder; False if there was none."""
        parts = parts_of(path)
        with _told(path), ExitStack() as stack:
            try:
                folder = self._open_folder(stack, parts[:-1])
                found = os.stat(parts[-1], dir_fd=folder, follow_symlinks=False)
                if stat.S_ISDIR(found.st_mode):
                    os.rmdir(parts[-1], dir_fd=folder)
                else:
                    _refuse_others(path, parts[-1], folder)
                    os.unlink(parts[-1], dir_fd=folder)
            except (FileNotFoundError, NotADirectoryError):
                return False
            os.fsync(folder)
            return True

    def move(self, path: str, to: str, *, replace: bool) -> Entry:
        """Give a file another place in the folder."""
        source, target = parts_of(path), parts_of(to)
        with _told(path), ExitStack() as stack:
            old = self._open_folder(stack, source[:-1])
            descriptor = _only_regular(path, os.open(source[-1], os.O_RDONLY | FILE_FLAGS, dir_fd=old))
            stack.callback(os.close, descriptor)
            new = self._open_folder(stack, target[:-1], make=True)
            _refuse_others(to, target[-1], new)
            with _told(to):
                if replace:
                    os.rename(source[-1], target[-1], src_dir_fd=old, dst_dir_fd=new)
                else:
                    os.link(source[-1], target[-1], src_dir_fd=old, dst_dir_fd=new, follow_symlinks=False)
                    os.unlink(source[-1], dir_fd=old)
            os.fsync(new)
            os.fsync(old)
            return _entry(to, os.fstat(descriptor))

    def _open_root(self, stack: ExitStack) -> int:
        try:
            # The operator's own choice; it may be a link.
            descriptor = os.open(self._root, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except OSError as error:
            raise StepError(
                f"The folder '{self._name}' cannot be used on this machine: {error.strerror}.",
                code="FOLDER_UNAVAILABLE",
                remedy="Have the operator look at FILE_ROOTS: every worker needs the folder, and the right to use it.",
                retryable=True,
            ) from error
        stack.callback(os.close, descriptor)
        return descriptor

    def _open_folder(self, stack: ExitStack, parts: Sequence[str], *, make: bool = False) -> int:
        """The folder at these parts, opened one by one."""
        folder = self._open_root(stack)
        for part in parts:
            if make:
                with suppress(FileExistsError):
                    os.mkdir(part, 0o777, dir_fd=folder)
            folder = os.open(part, FOLDER_FLAGS, dir_fd=folder)
            stack.callback(os.close, folder)
        return folder


class Draft:
    """A file that is being written, under a name of its own until it is whole."""

    def __init__(self, path: str, name: str, draft: str, descriptor: int, folder: int) -> None:
        self._path = path
        self._name = name
        self._draft = draft
        self._descriptor = descriptor
        self._folder = folder

    def write(self, data: bytes) -> None:
        """Add to it."""
        with _told(self._path):
            _write_all(self._descriptor, data)

    def finish(self, *, replace: bool) -> Entry:
        """Have it on the disk, and give it its name; nothing else is at that place at any moment in between."""
        with _told(self._path):
            os.fsync(self._descriptor)
            if replace:
                os.rename(self._draft, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            else:
                os.link(self._draft, self._name, src_dir_fd=self._folder, dst_dir_fd=self._folder)
            entry = _entry(self._path, os.fstat(self._descriptor))
            os.fsync(self._folder)
            return entry

    def close(self) -> None:
        """Let go of it; a draft that was not finished is removed."""
        with suppress(OSError):
            os.unlink(self._draft, dir_fd=self._folder)
        os.close(self._descriptor)
        os.close(self._folder)


class LocalFolders:
    """The folders by their names."""

    def __init__(self, roots: Mapping[str, Path]) -> None:
        self._roots = dict(roots)

    def find(self, name: str) -> LocalFolder:
        """The folder of that name.

        Raises:
            StepError: `FOLDER_UNKNOWN`.
        """
        root = self._roots.get(name)
        if root is None:
            known = ", ".join(sorted(self._roots)) or "none"
            raise StepError(
                f"There is no folder '{name[:80]}' for workflows; there is: {known}.",
                code="FOLDER_UNKNOWN",
                remedy="Use one of these, or have the operator add it to FILE_ROOTS as name=/path.",
            )
        return LocalFolder(name, root)


def read_chunk(descriptor: int) -> bytes:
    """The next part of a file; empty at its end."""
    return os.read(descriptor, CHUNK_BYTES)


def _walk(folder: int, parts: Sequence[str], depth: int) -> Iterator[Entry]:
    with os.scandir(folder) as entries:
        names = sorted(
            entry.name
            for entry in islice(entries, MOST_NAMES + 1)
            if not entry.is_symlink() and not entry.name.startswith(DRAFT)
        )
    if len(names) > MOST_NAMES:
        raise too_many(MOST_NAMES)
    for name in names:
        try:
            found = os.stat(name, dir_fd=folder, follow_symlinks=False)
        except FileNotFoundError:
            continue
        path = "/".join((*parts, name))
        if stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode):
            yield _entry(path, found)
        if stat.S_ISDIR(found.st_mode) and depth > 0:
            yield from _walk_inside(folder, name, (*parts, name), depth)


def _walk_inside(folder: int, name: str, parts: Sequence[str], depth: int) -> Iterator[Entry]:
    try:
        inner = os.open(name, FOLDER_FLAGS, dir_fd=folder)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        yield from _walk(inner, parts, depth - 1)
    finally:
        os.close(inner)


def _entry(path: str, found: os.stat_result) -> Entry:
    if not (stat.S_ISREG(found.st_mode) or stat.S_ISDIR(found.st_mode)):
        raise refused(path, "what is there is neither a file nor a folder")
    folder = stat.S_ISDIR(found.st_mode)
    moment = datetime.fromtimestamp(found.st_mtime, UTC).isoformat()
    return Entry(path.removesuffix("/"), "folder" if folder else "file", 0 if folder else found.st_size, moment)


def _only_regular(path: str, descriptor: int) -> int:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise refused(path, "what is there is no ordinary file")
    return descriptor


def _refuse_others(path: str, name: str, folder: int) -> None:
    """Refuse to put a file where something is that is none."""
    try:
        found = os.stat(name, dir_fd=folder, follow_symlinks=False)
    except FileNotFoundError:
        return
    if not stat.S_ISREG(found.st_mode):
        raise refused(path, "what is there is no ordinary file")


def _write_all(descriptor: int, data: bytes) -> None:
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]


@contextmanager
def _told(path: str) -> Iterator[None]:
    """What the operating system says, in our words."""
    try:
        yield
    except FileNotFoundError as error:
        raise not_found(path) from error
    except FileExistsError as error:
        raise exists(path) from error
    except OSError as error:
        raise _failure(path, error) from error


def _failure(path: str, error: OSError) -> StepError:
    if error.errno in {errno.ELOOP, errno.EMLINK}:
        return refused(path, "it goes through a symbolic link")
    if error.errno in {errno.ENOTDIR, errno.EISDIR, errno.ENXIO, errno.ENODEV}:
        return refused(path, "what is there is no ordinary file, or a part on the way is no folder")
    if error.errno == errno.ENOTEMPTY:
        return StepError(
            f"The folder '{path}' is not empty.",
            code="FOLDER_NOT_EMPTY",
            remedy="Delete what is in it before; a folder is never deleted with its files.",
        )
    if error.errno in DENIED:
        return StepError(
            f"This is not permitted at '{path}': {error.strerror}.",
            code="FILE_ACCESS_DENIED",
            remedy="Have the operator give Wingbeat's user the right to do this there.",
        )
    if error.errno in FULL:
        return StepError(
            f"There is no space left for '{path}'.",
            code="FOLDER_FULL",
            remedy="Have the operator make space.",
            retryable=True,
        )
    return StepError(
        f"The file system failed at '{path}': {error.strerror or type(error).__name__}.",
        code="FILE_IO_FAILED",
        remedy="Ask the operator; it may be worth another try.",
        retryable=True,
        uncertain=True,
    )
