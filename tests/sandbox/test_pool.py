"""Runner processes and the modules that they load: what becomes of a run when one dies, and what is not loaded."""

from __future__ import annotations

import asyncio
import json
import shutil
from typing import TYPE_CHECKING

import psutil
import pytest
from tests.rig.engine import until

from wingbeat.core.errors import StepError
from wingbeat.sandbox.artifacts import PYTHON, RECORD, describe_wanted, read_artifacts
from wingbeat.sandbox.code_runner import Sandbox
from wingbeat.sdk.code import CodeLimits

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from wingbeat.core.json_value import Json

SLEEP = "import time\ntime.sleep(input)\nreturn 7"
NO_TIME = 0.01


@pytest.fixture
async def sandbox(code_data_dir: Path) -> AsyncIterator[Sandbox]:
    """A sandbox with one process."""
    opened = Sandbox(code_data_dir, size=1)
    yield opened
    await opened.close()


def sleep(sandbox: Sandbox, seconds: float) -> asyncio.Task[Json]:
    """A run that takes so long, begun."""
    return asyncio.create_task(sandbox.run("python", SLEEP, {"input": seconds}, CodeLimits(time_seconds=60), print))


async def busy(sandbox: Sandbox, *before: int) -> psutil.Process:
    """The process that a run is in, once it is another one than before."""

    async def find() -> list[int]:
        return [runner.pid for runner in sandbox.pool._busy if runner.pid not in before]

    (pid,) = await until(find, "a process has the run")
    return psutil.Process(pid)


async def test_run_whose_process_dies_is_done_again(sandbox: Sandbox) -> None:
    """Whatever killed it, the answer comes from another one."""
    run = sleep(sandbox, 0.5)
    (await busy(sandbox)).kill()
    assert await run == 7


async def test_run_whose_process_dies_twice_may_be_tried_later(sandbox: Sandbox) -> None:
    """Then the step fails, and says that trying again may help; the sandbox goes on."""
    run = sleep(sandbox, 30)
    first = await busy(sandbox)
    first.kill()
    (await busy(sandbox, first.pid)).kill()
    with pytest.raises(StepError) as caught:
        await run
    assert ("CODE_RUNNER_FAILED", True) == (caught.value.code, caught.value.retryable)
    assert await sleep(sandbox, NO_TIME) == 7


async def test_cancelled_run_is_gone_at_once(sandbox: Sandbox) -> None:
    """Its process ends with it, and whoever waited gets another one."""
    first, second = sleep(sandbox, 60), sleep(sandbox, NO_TIME)
    process = await busy(sandbox)
    first.cancel()
    assert await second == 7
    assert not process.is_running()
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_processes_that_nobody_needs_end(sandbox: Sandbox) -> None:
    """After a while without work their memory is free again, and work starts new ones."""
    assert await sleep(sandbox, NO_TIME) == 7
    (pid,) = sandbox.pool.processes
    sandbox.pool._reap()

    async def gone() -> bool:
        return not psutil.pid_exists(pid)

    await until(gone, "the process has ended")
    assert [] == sandbox.pool.processes
    assert await sleep(sandbox, NO_TIME) == 7


@pytest.fixture
def copied(code_data_dir: Path, tmp_path: Path) -> Path:
    """A copy of the compiled modules."""
    return shutil.copytree(code_data_dir / "code" / describe_wanted(), tmp_path / "copied")


def test_modules_that_were_changed_are_not_loaded(copied: Path) -> None:
    """One other bit, and the folder is thrown away."""
    assert read_artifacts(copied) is not None
    data = bytearray((copied / PYTHON).read_bytes())
    data[len(data) // 2] ^= 1
    (copied / PYTHON).write_bytes(data)
    assert read_artifacts(copied) is None
    assert not copied.exists()


def test_modules_that_others_may_write_are_not_loaded(copied: Path) -> None:
    """Compiled code is a program: only its owner may change it."""
    (copied / PYTHON).chmod(0o666)
    assert read_artifacts(copied) is None


@pytest.mark.parametrize("record", [b"", b"[]", b"{}", json.dumps({"places": []}).encode(), b"\xff"])
def test_broken_record_is_not_believed(record: bytes, copied: Path) -> None:
    """It is as if nothing had been compiled."""
    (copied / RECORD).write_bytes(record)
    assert read_artifacts(copied) is None
