"""An installation for one benchmark: a data directory and an embedded server of its own, gone afterwards."""

from __future__ import annotations

import asyncio
import secrets
import shutil
import socket
import tempfile
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wingbeat.bench.processes import check_alive, running
from wingbeat.bench.report import BenchmarkBroken
from wingbeat.bootstrap import open_platform
from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import StepError
from wingbeat.sandbox.artifacts import ArtifactStore
from wingbeat.settings import load_settings
from wingbeat.storage.dispatch import NewExecution, insert_executions
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.workflows import WorkflowFields

if TYPE_CHECKING:
    from asyncio.subprocess import Process
    from collections.abc import AsyncIterator, Iterator, Sequence
    from uuid import UUID

    from wingbeat.bootstrap import Platform
    from wingbeat.core.json_value import Json, JsonObject

POLL_SECONDS = 0.05
# Below those that systems give to whoever asks for any port, or connects: one of those may be gone before it is used.
PORTS = range(20_000, 32_000)
TRIES = 100
READY_SECONDS = 60.0


@dataclass(frozen=True)
class Installation:
    """A data directory with its database open; processes of the benchmark share both."""

    folder: Path
    environment: dict[str, str]
    platform: Platform

    @asynccontextmanager
    async def worker(self) -> AsyncIterator[Process]:
        """A `wingbeat worker` of this installation, registered and ready to claim."""
        log = self.folder / "worker.log"
        before = await self._count_workers()
        async with running(["worker"], self.environment, log) as process:
            async with asyncio.timeout(READY_SECONDS):
                while await self._count_workers() <= before:
                    check_alive(process, log)
                    await asyncio.sleep(POLL_SECONDS)
            yield process

    async def compile_code(self) -> None:
        """Have done what a process with a new data directory does on every core soon after it has begun."""
        with suppress(StepError):
            await ArtifactStore(self.folder / "data").get()

    async def _count_workers(self) -> int:
        return int(await self.query("SELECT count(*) FROM workers"))

    async def publish(self, definition: JsonObject) -> UUID:
        """Save and publish a workflow."""
        created = await self.platform.workflows.create(SYSTEM, WorkflowFields(definition))
        published = await self.platform.workflows.publish(SYSTEM, created.workflow.header.workflow_id)
        return published.header.workflow_id

    async def enqueue(self, workflow_id: UUID, data: Sequence[Json]) -> list[UUID]:
        """Put in an execution for each of these trigger data, all in one transaction."""
        rows = [NewExecution(new_id(), workflow_id, 1, "start", encode_json(one), b"{}", 0) for one in data]
        async with self.platform.database.pool.acquire() as connection, connection.transaction():
            await insert_executions(connection, rows)
        return [row.execution_id for row in rows]

    async def wait_for_end(self, first: UUID, seconds: float) -> None:
        """Wait until every execution from `first` on has ended, and see that all have completed.

        Raises:
            BenchmarkBroken: they did not within these seconds, or one failed.
        """
        unfinished = "SELECT EXISTS (SELECT FROM workflow_executions WHERE execution_id >= $1 AND end_time IS NULL)"
        try:
            async with asyncio.timeout(seconds):
                while await self.query(unfinished, first):  # noqa: ASYNC110 - another process brings it about
                    await asyncio.sleep(POLL_SECONDS)
        except TimeoutError:
            raise BenchmarkBroken(f"Executions had not ended after {seconds:g} s.", remedy=self._logs()) from None
        failed = await self.platform.database.pool.fetchrow(
            "SELECT status, error FROM workflow_executions WHERE execution_id >= $1 AND status <> 'completed' LIMIT 1",
            first,
        )
        if failed is not None:
            raise BenchmarkBroken(f"An execution is {failed['status']}: {failed['error']}")

    async def seconds_taken(self, first: UUID) -> float:
        """From the first claim to the last end of the executions from `first` on, by the database's clock."""
        return float(
            await self.query(
                "SELECT extract(epoch FROM max(end_time) - min(leased_at)) FROM workflow_executions "
                "WHERE execution_id >= $1",
                first,
            )
        )

    async def query(self, statement: str, *values: object) -> Any:  # noqa: ANN401 - whatever the statement asks for
        """The one value of a statement's answer."""
        return await self.platform.database.pool.fetchval(statement, *values)

    def _logs(self) -> str:
        logs = "\n".join(log.read_text(errors="replace")[-2_000:] for log in sorted(self.folder.glob("*.log")))
        return f"The processes said:\n{logs}" if logs else ""


@asynccontextmanager
async def open_installation(**settings: str) -> AsyncIterator[Installation]:
    """Make an installation with these settings (variables of the environment), and remove it afterwards."""
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(temporary_folder())
        environment = {"WINGBEAT_DATA_DIR": str(folder / "data"), "LOG_LEVEL": "WARNING", **settings}
        platform = await stack.enter_async_context(open_platform(load_settings(environment), run_worker=False))
        yield Installation(folder, environment, platform)


@contextmanager
def temporary_folder() -> Iterator[Path]:
    """A folder that the embedded server's own user may pass through, removed afterwards."""
    path = Path(tempfile.mkdtemp(prefix="wingbeat-bench-"))
    path.chmod(0o711)
    try:
        yield path
    finally:
        shutil.rmtree(path, ignore_errors=True)


def free_port() -> int:
    """A port of this machine that nobody listens on now, and that nobody is given by chance."""
    for _ in range(TRIES):
        port = secrets.choice(PORTS)
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise BenchmarkBroken(f"Of the ports {PORTS.start} to {PORTS.stop - 1} of this machine, none was free.")
