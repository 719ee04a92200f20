"""An installation of real processes that a campaign may kill: workers, the server, the embedded PostgreSQL."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import signal
import sys
import tempfile
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from uuid import UUID

from tests.rig.engine import until

from wingbeat.bootstrap import discover_node_types
from wingbeat.core.access import SYSTEM
from wingbeat.core.errors import DatabaseUnavailable
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.limits import DEFAULT_CAPS
from wingbeat.services.executions.start import Starter
from wingbeat.services.executions.start_requests import StartRequest
from wingbeat.services.workflows import Workflows
from wingbeat.storage import embedded
from wingbeat.storage.embedded import EmbeddedPostgres
from wingbeat.storage.migrate import migrate
from wingbeat.storage.pool import Database
from wingbeat.storage.workflows import WorkflowFields
from wingbeat.worker.plans import Plans

INHERITED = ("PATH", "HOME", "LANG", "TMPDIR")
WORKER = ("-m", "wingbeat", "worker")


class Process:
    """A process of the program, which is started again when it was killed."""

    def __init__(self, command: tuple[str, ...], environment: Mapping[str, str]) -> None:
        self._command = command
        self._environment = environment
        self.running: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Start it."""
        self.running = await asyncio.create_subprocess_exec(
            sys.executable,
            *self._command,
            env=dict(self._environment),
            stdout=asyncio.subprocess.DEVNULL,
            stderr=None if os.environ.get("CAMPAIGN_SHOW") else asyncio.subprocess.DEVNULL,
        )

    @property
    def pid(self) -> int:
        """Its process id."""
        assert self.running is not None
        return self.running.pid

    @property
    def alive(self) -> bool:
        """Whether it runs."""
        return self.running is not None and self.running.returncode is None

    def send(self, number: signal.Signals) -> None:
        """Send it a signal, if it runs."""
        if self.alive:
            os.kill(self.pid, number)

    async def end(self, number: signal.Signals = signal.SIGKILL) -> int | None:
        """Send it a signal and wait for its end; its exit status."""
        self.send(number)
        return None if self.running is None else await self.running.wait()


class Installation:
    """Processes on one data directory, and this process beside them, which starts executions and looks on."""

    def __init__(self, data_dir: Path, embedded_server: EmbeddedPostgres, database: Database) -> None:
        self.data_dir = data_dir
        self.database = database
        self.processes: list[Process] = []
        self._embedded = embedded_server
        self._catalog = discover_node_types().types
        self._starter = Starter(database, Plans(database, self._catalog, DEFAULT_CAPS), slots=100, worker=None)

    def environment(self, **settings: str) -> dict[str, str]:
        """The environment of the processes."""
        return {
            **{name: os.environ[name] for name in INHERITED if name in os.environ},
            "WINGBEAT_DATA_DIR": str(self.data_dir),
            "MAX_CONCURRENT_WORKFLOWS": "200",
            "HTTP_ALLOW_PRIVATE_ADDRESSES": "true",
            "LOG_LEVEL": "ERROR",
            **settings,
        }

    async def add(self, *command: str, **settings: str) -> Process:
        """Start a process."""
        process = Process(command or WORKER, self.environment(**settings))
        await process.start()
        self.processes.append(process)
        return process

    async def stop(self) -> None:
        """Stop all processes gently."""
        for process in self.processes:
            process.send(signal.SIGCONT)
            process.send(signal.SIGTERM)
        for process in self.processes:
            if process.running is not None:
                await process.running.wait()

    async def publish(self, document: JsonObject) -> Workflow:
        """Publish a workflow."""
        workflows = Workflows(self.database, self._catalog)
        created = await workflows.create(SYSTEM, WorkflowFields(document))
        workflow_id = created.workflow.header.workflow_id
        await workflows.publish(SYSTEM, workflow_id)
        return Workflow(self, workflow_id)

    async def start(self, request: StartRequest) -> UUID:
        """Start an execution, however often the database has to be asked."""
        while True:
            try:
                return (await self._starter.start(SYSTEM, request)).execution_id
            except DatabaseUnavailable:
                await self.heal()

    async def heal(self) -> None:
        """Start the database again where nobody else does."""
        try:
            await self._embedded.ensure_running()
        except DatabaseUnavailable:
            await asyncio.sleep(0.2)

    async def ask(self, statement: str, *arguments: object) -> Json:
        """The value of a statement, however often the database has to be asked."""
        while True:
            try:
                value: Json = await self.database.pool.fetchval(statement, *arguments)
            except Exception:  # noqa: BLE001 - it is being killed
                await self.heal()
            else:
                return value

    async def unended(self) -> int:
        """How many executions have not ended."""
        return int(
            str(
                await self.ask(
                    "SELECT count(*) FROM workflow_executions WHERE status NOT IN ('completed', 'failed', 'cancelled')"
                )
            )
        )

    async def drained(self, seconds: float) -> None:
        """Wait until all executions have ended, or the time is up."""
        await until(self._all_ended, "all executions have ended", seconds)

    async def _all_ended(self) -> bool:
        return await self.unended() == 0

    def kill_database(self) -> bool:
        """Kill the postmaster as the kernel would; false when it was down."""
        pid = embedded.status(self.data_dir).pid
        if pid is None:
            return False
        os.kill(pid, signal.SIGKILL)
        return True


class Workflow:
    """A published workflow."""

    def __init__(self, installation: Installation, workflow_id: UUID) -> None:
        self._installation = installation
        self.workflow_id = workflow_id

    async def start(self, n: int) -> None:
        """Start the execution number `n`: exactly one, however often this is tried."""
        request = StartRequest(self.workflow_id, {"n": n}, idempotency_key=f"{self.workflow_id}/{n}")
        await self._installation.start(request)


@asynccontextmanager
async def install() -> AsyncIterator[Installation]:
    """An empty installation in a directory of its own, which is removed with all processes."""
    data_dir = new_data_dir()
    server = EmbeddedPostgres()
    dsn = await server.start(data_dir)
    await migrate(dsn)
    database = await Database.open(dsn)
    installation = Installation(data_dir, server, database)
    try:
        yield installation
    finally:
        await installation.stop()
        await database.close()
        await server.stop()
        shutil.rmtree(data_dir, ignore_errors=True)


def new_data_dir() -> Path:
    """An empty directory that another user's server can reach."""
    data_dir = Path(tempfile.mkdtemp(prefix="wingbeat-campaign-"))
    data_dir.chmod(0o711)
    return data_dir


def pause(low: float, high: float) -> float:
    """Some seconds between."""
    return random.uniform(low, high)  # noqa: S311 - no secret
