"""The machines' modules as machine code: compiled once for each machine and release, kept in the data directory.

Compiled code is trusted like a program of our own, so only its owner may write it, and its hash is checked before it is
loaded.
"""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import platform
import shutil
import stat
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

import structlog

from wingbeat.core.errors import StepError
from wingbeat.sandbox.launch import command_for

GUESTS = Path(__file__).resolve().parent / "guest"
PYTHON, JAVASCRIPT, RECORD = "python.cwasm", "javascript.cwasm", "record.json"
COMPILE_SECONDS = 300
# What is done ahead of any need waits until the start is over.
AHEAD_SECONDS = 5.0

log = structlog.get_logger()


class Artifacts(NamedTuple):
    """Compiled modules, checked. `places` is what the JavaScript machine has to know of its memory."""

    python: Path
    javascript: Path
    places: tuple[int, int]


class ArtifactStore:
    """Where the compiled modules are. Whoever comes first has them made, and the others wait for it."""

    def __init__(self, data_dir: Path) -> None:
        self._folder = data_dir / "code"
        self._making: asyncio.Task[Artifacts] | None = None
        self._ahead: asyncio.Task[None] | None = None

    @property
    def empty_folder(self) -> Path:
        """A place with nothing in it."""
        return self._folder / "empty"

    async def get(self) -> Artifacts:
        """The modules, compiled if they are not yet.

        Raises:
            StepError: `CODE_NOT_INSTALLED`, `CODE_NOT_COMPILED`.
        """
        if self._making is None or (self._making.done() and (self._making.cancelled() or self._making.exception())):
            self._making = asyncio.create_task(self._make(), name="code-artifacts")
        return await asyncio.shield(self._making)

    def prepare_ahead(self) -> None:
        """Have them made in a while, so that the first run need not wait."""
        self._ahead = asyncio.create_task(self._get_later(), name="code-artifacts-ahead")

    async def close(self) -> None:
        """Stop what is under way."""
        tasks = [task for task in (self._ahead, self._making) if task is not None and not task.done()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _get_later(self) -> None:
        await asyncio.sleep(AHEAD_SECONDS)
        try:
            await self.get()
        except StepError as error:
            log.warning("code_not_ready", code=error.code, error=error.message)

    async def _make(self) -> Artifacts:
        folder = self._folder / describe_wanted()
        found = await asyncio.to_thread(read_artifacts, folder)
        if found is None:
            await asyncio.to_thread(_make_folders, self._folder, self.empty_folder)
            await self._compile(folder)
            found = await asyncio.to_thread(read_artifacts, folder)
        if found is None:
            raise _not_compiled("what it wrote cannot be used")
        return found

    async def _compile(self, folder: Path) -> None:
        """In a process of its own: it takes seconds and some hundred megabytes."""
        given = json.dumps({"guests": str(GUESTS), "folder": str(folder), "parent": os.getpid()})
        process = await asyncio.create_subprocess_exec(
            *command_for("wingbeat.sandbox.compiling", given),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.DEVNULL,
            stderr=asyncio.subprocess.PIPE,
            env={},
        )
        try:
            async with asyncio.timeout(COMPILE_SECONDS):
                _, said = await process.communicate()
        except (TimeoutError, asyncio.CancelledError):
            with contextlib.suppress(ProcessLookupError):
                process.kill()
            await process.wait()
            raise
        if process.returncode:
            raise _not_compiled(said.decode(errors="replace").strip().rpartition("\n")[2][:500])


def describe_wanted() -> str:
    """The name of a folder that fits: it changes with the guests, wasmtime and the processor."""
    made_of = GUESTS / "python.wasm.made-of"
    if not made_of.exists() or not (GUESTS / "python.wasm").exists():
        raise StepError(
            "The machine for code is not part of this installation.",
            code="CODE_NOT_INSTALLED",
            remedy="Install Wingbeat as a package (pip install .), or run: python -m wingbeat.sandbox.build",
        )
    digest = hashlib.sha256(f"{version('wasmtime')} {platform.machine()} {_processor()}".encode())
    for path in (made_of, GUESTS / "javascript" / "prelude.js", Path(__file__).with_name("javascript_machine.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:32]


def _processor() -> str:
    """What the processor can do: compiled code may use all of it."""
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    return next((line for line in lines if line.lower().startswith(("flags", "features"))), "")


def read_artifacts(folder: Path) -> Artifacts | None:
    """What the folder holds, or nothing where it is not whole, not only ours, or not what was recorded."""
    try:
        record = json.loads((folder / RECORD).read_bytes())
        for name in (PYTHON, JAVASCRIPT):
            path = folder / name
            about = path.stat()
            if about.st_uid != os.geteuid() or about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
                return None
            _check_hash(path, record[name])
        return Artifacts(folder / PYTHON, folder / JAVASCRIPT, (record["places"][0], record["places"][1]))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, LookupError, TypeError) as error:
        log.warning("code_artifacts_refused", folder=str(folder), error=str(error))
        shutil.rmtree(folder, ignore_errors=True)
        return None


def _check_hash(path: Path, recorded: str) -> None:
    with path.open("rb") as file:
        if hashlib.file_digest(file, "sha256").hexdigest() != recorded:
            raise ValueError(f"{path.name} is not what was recorded")


def _make_folders(*folders: Path) -> None:
    for folder in folders:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def _not_compiled(reason: str) -> StepError:
    return StepError(
        f"The machines for code could not be prepared: {reason}.",
        code="CODE_NOT_COMPILED",
        remedy="Whoever runs the installation sees to it that the data directory has 200 MB free. Then try again.",
        retryable=True,
    )
