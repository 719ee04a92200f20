"""Workers and starters on a test's own database, and the ways in which a worker can come to harm."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, TypeVar
from uuid import UUID

import asyncpg
from tests.rig.connections import KEYS
from tests.rig.node_types import NODE_TYPES
from tests.rig.probes import Probes

from wingbeat.core.access import SYSTEM
from wingbeat.core.json_value import Json, JsonObject
from wingbeat.core.limits import Limits
from wingbeat.egress.addresses import Addresses
from wingbeat.egress.http import Egress
from wingbeat.egress.router import RouterClient
from wingbeat.egress.sockets import Sockets
from wingbeat.egress.sql.client import Databases
from wingbeat.egress.step_http import ConnectedHttp
from wingbeat.egress.vault import Vault
from wingbeat.sandbox.code_runner import Sandbox
from wingbeat.sdk import NodeType
from wingbeat.services.events.events import Events
from wingbeat.services.executions.children import ChildStarter
from wingbeat.services.executions.drafts import DraftRuns
from wingbeat.services.executions.firing import Firings
from wingbeat.services.executions.forks import Forks
from wingbeat.services.executions.responses import Responses
from wingbeat.services.executions.sights import Sights
from wingbeat.services.executions.start import Starter
from wingbeat.services.executions.start_requests import Started, StartRequest
from wingbeat.services.workflows import Workflows
from wingbeat.settings import Settings, load_settings, roots_of
from wingbeat.storage import control
from wingbeat.storage.blobs import Blobs
from wingbeat.storage.pool import Database
from wingbeat.storage.workflows import WorkflowFields
from wingbeat.toolbox import Parts, make_toolbox, make_wait_addresses
from wingbeat.worker.journal_rows import events_of
from wingbeat.worker.plans import Plans
from wingbeat.worker.streams import Streams
from wingbeat.worker.worker import Worker

ROOMY = Limits(300.0, 100_000, 1_000_000, 20, 100)
T = TypeVar("T")
# Ends only what hangs: on a busy machine everything takes its time.
PATIENCE_SECONDS = 100.0


async def until(condition: Callable[[], Awaitable[T]], what: str, seconds: float = PATIENCE_SECONDS) -> T:
    """The first true value that `condition` gives; fails when there is none in time."""
    deadline = time.monotonic() + seconds
    while True:
        value = await condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise AssertionError(f"It did not come about within {seconds} s: {what}.")
        await asyncio.sleep(0.01)


async def idle(worker: Worker) -> None:
    """Wait until the worker holds no execution: it lets go just after the database knows of the end."""

    async def lets_go() -> bool:
        return worker.running == 0

    await until(lets_go, "the worker has let go")


class Engine:
    """One test's installation. `database` is the test's own way to look in, apart from those of the workers."""

    def __init__(self, database: Database, folder: Path) -> None:
        self.database = database
        self.probes = Probes()
        self.catalog: Mapping[str, NodeType] = {**NODE_TYPES, **self.probes.node_types()}
        self.limits = ROOMY
        self._folder = folder
        # Where the machines for code are: a test that runs any gives a folder where they are compiled already.
        self.code_folder = folder
        self._sandboxes: list[Sandbox] = []
        self._databases: list[Databases] = []
        self.workers: list[Worker] = []
        self._pools: dict[int, Database] = {}
        self._ways_out: list[Egress] = []
        self._responses: dict[int, Responses] = {}

    def settings(self, **changed: object) -> Settings:
        """Settings as an operator might give them."""
        given = {"MAX_CONCURRENT_WORKFLOWS": "100", "WINGBEAT_DATA_DIR": str(self._folder)}
        return load_settings({**given, **{name.upper(): str(value) for name, value in changed.items()}})

    def events(self) -> Events:
        """What is published to all workflows."""
        return Events(self.database, Firings(Plans(self.database, self.catalog, ROOMY)))

    async def worker(self, dsn: str | None = None, *, start: bool = True, **changed: object) -> Worker:
        """A worker with connections of its own; `start` is false for one that is only to be asked for single rounds."""
        settings = self.settings(**changed)
        database = await Database.open(dsn or self.database.dsn, max_size=4, command_seconds=settings.lease_seconds)
        blobs, addresses = Blobs(settings.blob_url), Addresses(allow_private=True)
        egress = Egress(addresses)
        self._ways_out.append(egress)
        router = RouterClient(settings.router_url, settings.router_api_key)
        vault = Vault(database, KEYS)
        http = ConnectedHttp(egress, vault)
        sandbox = Sandbox(self.code_folder)
        self._sandboxes.append(sandbox)
        plans = Plans(database, self.catalog, ROOMY)
        children = ChildStarter(database, plans, slots=settings.max_concurrent_workflows, most_depth=5)
        responses = Responses(database)
        databases = Databases(Sockets(addresses), roots_of(settings))
        self._databases.append(databases)
        parts = Parts(
            database,
            blobs,
            egress,
            settings,
            KEYS,
            vault,
            addresses,
            http,
            router,
            sandbox,
            children,
            responses,
            databases,
        )
        worker = Worker(
            database,
            plans,
            blobs,
            Streams(blobs, KEYS.derive("streams")),
            http.for_step,
            make_toolbox(parts),
            settings,
            self.limits,
            ROOMY,
            make_wait_addresses(KEYS, settings),
        )
        children.worker = worker
        self._pools[id(worker)] = database
        self._responses[id(worker)] = responses
        self.workers.append(worker)
        if start:
            await worker.start()
        return worker

    def starter(self, worker: Worker | None = None, slots: int = 100) -> Starter:
        """A way to start executions; inline ones run in `worker`."""
        database = self.database if worker is None else self._pools[id(worker)]
        responses = None if worker is None else self._responses[id(worker)]
        plans = Plans(database, self.catalog, ROOMY)
        return Starter(database, plans, slots=slots, worker=worker, responses=responses)

    def forks(self) -> Forks:
        """A way to fork executions."""
        settings = self.settings()
        plans = Plans(self.database, self.catalog, ROOMY)
        return Forks(self.database, plans, Blobs(settings.blob_url), events_of, settings.blob_threshold_bytes)

    def sights(self) -> Sights:
        """What steps found."""
        plans = Plans(self.database, self.catalog, ROOMY)
        return Sights(self.database, plans, Blobs(self.settings().blob_url), events_of)

    def drafts(self) -> DraftRuns:
        """A way to try what is not published."""
        return DraftRuns(self.database, self.starter(), self.sights())

    async def kill(self, worker: Worker) -> None:
        """End a worker as `kill -9` does: its connections close, and nothing more of it is written."""
        await self.freeze(worker)
        worker.lease._connection.terminate()  # type: ignore[union-attr] # it was started
        self._pools[id(worker)].pool.terminate()

    async def freeze(self, worker: Worker) -> None:
        """Stop everything that a worker does, while its session and so its lock stay."""
        tasks = [worker.lease._task, worker._journal._task, *(task for _, task in worker._running.values())]
        worker._journal.drop = lambda *_: None  # type: ignore[method-assign] # what is dead does not tidy up
        living = [task for task in tasks if task is not None]
        for task in living:
            task.cancel()
        await asyncio.gather(*living, *(service.stop() for service in worker._services()), return_exceptions=True)
        if worker in self.workers:
            self.workers.remove(worker)

    async def close(self) -> None:
        """Stop what still runs."""
        for databases in self._databases:
            await databases.close()
        for sandbox in self._sandboxes:
            await sandbox.close()
        for worker in self.workers:
            await worker.stop(grace_seconds=0.2)
        for egress in self._ways_out:
            await egress.close()
        for database in self._pools.values():
            database.pool.terminate()

    # Workflows and executions.

    async def publish(self, *nodes: JsonObject, connections: str = "", **settings: Json) -> UUID:
        """Publish a workflow: `connections` like `a>b, b.error>c`; without any, the nodes follow one another."""
        if not connections:
            connections = ", ".join(f"{one['id']}>{two['id']}" for one, two in pairwise(nodes))
        document: JsonObject = {
            "name": "Test",
            "nodes": list(nodes),
            "connections": [_connection(text) for text in connections.split(",") if text.strip()],
            "settings": settings,
        }
        workflows = Workflows(self.database, self.catalog, ROOMY)
        created = await workflows.create(SYSTEM, WorkflowFields(document))
        workflow_id = created.workflow.header.workflow_id
        await workflows.publish(SYSTEM, workflow_id)
        return workflow_id

    async def start(self, workflow_id: UUID, data: Json = None, **given: Any) -> UUID:  # noqa: ANN401 - StartRequest's
        """Start an execution through the queue."""
        return (await self.begin(workflow_id, data, **given)).execution_id

    async def begin(self, workflow_id: UUID, data: Json = None, **given: Any) -> Started:  # noqa: ANN401 - the same
        """Start an execution through the queue, and all that is said about it."""
        return await self.starter().start(SYSTEM, StartRequest(workflow_id, data, **given))

    async def row(self, execution_id: UUID) -> asyncpg.Record:
        """The row of an execution."""
        return await self.database.pool.fetchrow(
            "SELECT * FROM workflow_executions WHERE execution_id = $1", execution_id
        )

    async def fields(self, execution_id: UUID, *names: str) -> list[Any]:
        """Some columns of the row of an execution."""
        row = await self.row(execution_id)
        return [row[name] for name in names]

    async def status(self, execution_id: UUID) -> str:
        """The status of an execution."""
        return str((await self.row(execution_id))["status"])

    async def reaches(self, execution_id: UUID, *statuses: str, seconds: float = PATIENCE_SECONDS) -> asyncpg.Record:
        """The row of an execution once it has one of these statuses."""

        async def look() -> asyncpg.Record | None:
            row = await self.row(execution_id)
            return row if row["status"] in statuses else None

        found = await until(look, f"{execution_id} is {' or '.join(statuses)}", seconds)
        assert found is not None
        return found

    async def ended(self, execution_id: UUID, seconds: float = PATIENCE_SECONDS) -> asyncpg.Record:
        """The row of an execution once it has ended."""
        return await self.reaches(execution_id, "completed", "failed", "cancelled", seconds=seconds)

    async def journal(self, execution_id: UUID) -> list[asyncpg.Record]:
        """The rows of the journal, in order."""
        rows: list[asyncpg.Record] = await self.database.pool.fetch(
            "SELECT * FROM workflow_execution_steps WHERE execution_id = $1 ORDER BY sequence", execution_id
        )
        return rows

    async def count(self, sql: str, *arguments: object) -> int:
        """The number that a statement gives."""
        return int(await self.database.pool.fetchval(sql, *arguments))

    async def take_away(self, execution_id: UUID) -> None:
        """Let an execution be another worker's, when its own has nothing to write by which it would notice."""

        async def written() -> bool:
            return len(await self.journal(execution_id)) == 1

        await until(written, "what came before the step is written")
        await self.database.pool.execute(
            "UPDATE workflow_executions SET epoch = epoch + 1 WHERE execution_id = $1", execution_id
        )

    async def control(self, what: Callable[..., Awaitable[T]], execution_id: UUID) -> T:
        """Cancel, pause or resume: one of the functions of `storage.control`."""
        async with self.database.pool.acquire() as connection:
            return await what(connection, execution_id)

    async def hears_of_pause(self, worker: Worker, execution_id: UUID) -> None:
        """Wait until the worker knows that it is to let go of the execution."""

        async def knows() -> bool:
            return worker._running[execution_id][0]._course.pausing

        await until(knows, "the worker knows of the pause")

    async def cancel(self, execution_id: UUID) -> str:
        """Cancel, and the status before."""
        return str(await self.control(control.cancel, execution_id))


@asynccontextmanager
async def running_engine(database: Database, folder: Path) -> AsyncIterator[Engine]:
    """An engine that is closed in the end."""
    engine = Engine(database, folder)
    yield engine
    await engine.close()


def node(node_id: str, node_type: str, **fields: Json) -> JsonObject:
    """A node of a workflow; what is not a field of nodes is a parameter."""
    outer = ("on_error", "on_unknown", "retry", "timeout_seconds", "disabled")
    return {
        "id": node_id,
        "type": node_type,
        "parameters": {name: value for name, value in fields.items() if name not in outer},
        **{name: value for name, value in fields.items() if name in outer},
    }


START: JsonObject = {"id": "start", "type": "trigger.manual"}


def retry(attempts: int, backoff: float = 0.01, longest: float = 300.0) -> JsonObject:
    """A policy that tries again soon."""
    return {
        "max_attempts": attempts,
        "backoff_seconds": backoff,
        "factor": 1.0,
        "max_delay_seconds": longest,
        "jitter": 0.0,
    }


def _connection(text: str) -> JsonObject:
    source, target = (part.strip() for part in text.split(">"))
    name, _, port = source.partition(".")
    return {"from": name, "to": target, **({"from_port": port} if port else {})}


def statuses(rows: Sequence[asyncpg.Record]) -> list[str]:
    """What the rows of a journal say, in order."""
    return [row["status"] for row in rows]
