"""How executions come to workers: put in with their jobs, claimed within limits, woken.

How PgQueuer is set up for that is in `storage.queue`; what people decide about executions is in `storage.control`.
"""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, NamedTuple, TypeAlias
from uuid import UUID

from pgqueuer.domain.types import QueueEntrypoint, QueueManagerId
from pgqueuer.ports.repository import EntrypointExecutionParameter

from wingbeat.storage.queries import load
from wingbeat.storage.queue import queue_queries

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    import asyncpg

    from wingbeat.core.json_value import Json, JsonObject

ENTRYPOINT = "execution"
# How often one claim goes on past executions that have to be parked, before others get their turn.
MOST_ROUNDS = 20
# The executions that were put in, with the database's time of it.
StartTimes: TypeAlias = dict[UUID, datetime]
_ENTRYPOINTS = {QueueEntrypoint(ENTRYPOINT): EntrypointExecutionParameter(concurrency_limit=0)}
# A job never stays picked: it is taken and removed in one transaction, so nothing is ever stale.
_NEVER_STALE = timedelta(days=36500)


class NewExecution(NamedTuple):
    """An execution to be; `trigger_data` and `variables` are encoded JSON."""

    execution_id: UUID
    workflow_id: UUID
    revision: int
    trigger_node_id: str
    trigger_data: bytes
    variables: bytes
    priority: int = 0
    # Who or what started it: a user, the kind of trigger, the webhook or schedule, the time that it was planned for.
    started_by: int = 0
    kind: str = "api"
    source: UUID | None = None
    planned_for: datetime | None = None


class Claimed(NamedTuple):
    """An execution that this worker holds now."""

    execution_id: UUID
    workflow_id: UUID
    revision: int
    epoch: int
    trigger_node_id: str
    trigger_data: Json
    variables: JsonObject
    active_seconds: float
    takeovers: int
    start_time: datetime
    # Whether workers had it that could not run it.
    deferred: bool = False
    # The execution whose id its idempotency keys have, where that is not its own.
    key_owner: UUID | None = None
    # Where it is to stop, as it was asked for; and whether before every step.
    breakpoints: list[JsonObject] | None = None
    stepping: bool = False
    # The part of the workflow that it is to run, and what a node that runs alone finds.
    draft: JsonObject | None = None
    seed: JsonObject | None = None


class Claims(NamedTuple):
    """What was claimed at once. `more`: the queue was not looked through to its end, though there was room.

    `full` are the workflows of which executions were parked; see `release_parked_with_room`.
    """

    taken: list[Claimed]
    full: set[UUID]
    more: bool


async def insert_executions(connection: asyncpg.Connection, rows: Sequence[NewExecution]) -> StartTimes:
    """Put in executions that wait for a worker, with their jobs, in the caller's transaction."""
    inserted = await load("dispatch").insert_executions(connection, **_columns(rows))
    await enqueue(connection, [(row.execution_id, row.priority) for row in rows])
    return _start_times(inserted)


async def insert_leased(
    connection: asyncpg.Connection, rows: Sequence[NewExecution], worker_id: UUID, slots: int, *, hurry: bool
) -> StartTimes:
    """Put in executions that this worker holds from the start, under epoch 1, while some of the `slots` are free.

    Holds the admission lock until the transaction ends. With `hurry`, its commit does not wait for the disk unless
    something else is put in as well. Returns which were put in.
    """
    statements = load("dispatch")
    await (statements.lock_admission_and_hurry if hurry else statements.lock_admission)(connection)
    inserted = await statements.insert_leased_executions(connection, **_columns(rows), worker_id=worker_id, slots=slots)
    return _start_times(inserted)


def _start_times(rows: Sequence[asyncpg.Record]) -> StartTimes:
    return {row["execution_id"]: row["start_time"] for row in rows}


def _columns(rows: Sequence[NewExecution]) -> dict[str, list[object]]:
    names = (
        "ids", "workflow_ids", "revisions", "triggers", "data", "variables", "priorities", "starters", "kinds",
        "sources", "planned",
    )  # fmt: skip
    return {name: list(values) for name, values in zip(names, zip(*rows, strict=True), strict=True)}


async def enqueue(connection: asyncpg.Connection, executions: Sequence[tuple[UUID, int]]) -> None:
    """Put a job in the queue for each of these (execution id, priority)."""
    if not executions:
        return
    await queue_queries(connection).enqueue(
        [ENTRYPOINT] * len(executions),
        [execution_id.bytes for execution_id, _ in executions],
        [priority for _, priority in executions],
    )


async def free_slots(connection: asyncpg.Connection, limit: int) -> int:
    """How many executions may still begin everywhere. Holds the admission lock until the transaction ends."""
    statements = load("dispatch")
    await statements.lock_admission(connection)
    return limit - int(await statements.count_leased(connection))


async def claim(connection: asyncpg.Connection, worker_id: UUID, *, most: int, limit: int) -> Claims:
    """Take up to `most` executions out of the queue, as far as the limits allow; in the caller's transaction.

    Those over a limit of their own workflow are parked, and others taken in their place.
    """
    room = min(most, await free_slots(connection, limit))
    claimed: list[Claimed] = []
    full: set[UUID] = set()
    for _ in range(MOST_ROUNDS):
        asked = room - len(claimed)
        if asked <= 0:
            return Claims(claimed, full, more=False)
        jobs, taken = await _claim_next(connection, worker_id, asked, full)
        claimed += taken
        if jobs < asked:
            return Claims(claimed, full, more=False)
    return Claims(claimed, full, more=True)


async def _claim_next(
    connection: asyncpg.Connection, worker_id: UUID, room: int, full: set[UUID]
) -> tuple[int, list[Claimed]]:
    """Take jobs out of the queue once; returns how many they were, and the executions that are held now."""
    jobs = await queue_queries(connection).dequeue(room, _ENTRYPOINTS, QueueManagerId(worker_id), None, _NEVER_STALE)
    if not jobs:
        return 0, []
    statements = load("dispatch")
    ids = [UUID(bytes=job.payload) for job in jobs if job.payload]
    checked, over = await _check_limits(connection, ids)
    if over:
        await statements.park(connection, ids=list(over))
        full.update(over.values())
        ids = [execution_id for execution_id in ids if execution_id not in over]
    rows = await statements.claim(connection, ids=ids, checked=checked, worker_id=worker_id)
    await statements.remove_jobs(connection, ids=[job.id for job in jobs])
    return len(jobs), [Claimed(*row) for row in rows]


async def defer(
    connection: asyncpg.Connection, execution_id: UUID, epoch: int, *, seconds: float, longest: float
) -> bool:
    """Leave an execution to other workers, who find it in `seconds`.

    False, and nothing is changed, if it has gone round like this for `longest` seconds, or the lease does not hold.
    """
    deferred = await load("dispatch").defer(
        connection, execution_id=execution_id, epoch=epoch, seconds=seconds, longest=longest
    )
    return deferred is not None


async def _check_limits(connection: asyncpg.Connection, ids: list[UUID]) -> tuple[list[UUID], dict[UUID, UUID]]:
    """Those that their own workflow's limits let in, which are counted; and those kept out, each with its workflow."""
    statements = load("dispatch")
    taken: Counter[UUID] = Counter()
    admitted: Counter[UUID] = Counter()
    over: dict[UUID, UUID] = {}
    checked, counted = [], []
    for row in await statements.find_limited(connection, ids=ids):
        workflow_id = row["workflow_id"]
        slots, rate = row["free_slots"], row["free_this_minute"]
        full = slots is not None and taken[workflow_id] >= slots
        too_fast = rate is not None and not row["admitted"] and admitted[workflow_id] >= rate
        if full or too_fast:
            over[row["execution_id"]] = workflow_id
            continue
        checked.append(row["execution_id"])
        taken[workflow_id] += 1
        if row["max_per_minute"] is not None and not row["admitted"]:
            admitted[workflow_id] += 1
            counted.append(row["execution_id"])
    if counted:
        await statements.admit(connection, ids=counted)
    return checked, over


class Ahead(NamedTuple):
    """What waits for the clock: in how many seconds something wakes, if anything does, and whether some are parked."""

    seconds_to_next_wake: float | None
    parked: bool

    @property
    def due(self) -> bool:
        """Whether something is to be woken now."""
        return self.seconds_to_next_wake is not None and self.seconds_to_next_wake <= 0


async def look_ahead(connection: asyncpg.Connection) -> Ahead:
    """What there is to do for whoever goes by the clock; changes nothing."""
    return Ahead(*await load("dispatch").look_ahead(connection))


async def has_jobs(connection: asyncpg.Connection) -> bool:
    """Whether a claim would find anything in the queue; changes nothing, and locks nothing."""
    return bool(await load("dispatch").has_jobs(connection))


async def wake_due(connection: asyncpg.Connection, most: int = 1000) -> int:
    """Put waiting executions whose time has come back into the queue; in the caller's transaction. Returns how many."""
    woken = [(row["execution_id"], row["priority"]) for row in await load("dispatch").wake_due(connection, most=most)]
    await enqueue(connection, woken)
    return len(woken)


async def release_parked(connection: asyncpg.Connection, workflow_ids: Sequence[UUID], most: int) -> int:
    """Put up to `most` parked executions of each workflow back into the queue; in the caller's transaction."""
    rows = await load("dispatch").release_parked(connection, workflow_ids=list(workflow_ids), most=most)
    await enqueue(connection, [(row["execution_id"], row["priority"]) for row in rows])
    return len(rows)


async def release_parked_with_room(connection: asyncpg.Connection, only: Collection[UUID] | None = None) -> None:
    """Put parked executions back into the queue where their workflow has room; of all workflows, or of `only` these.

    Whoever parked some calls it after the commit: an execution that ended meanwhile could not see them yet.
    """
    rows = await load("dispatch").parked_workflows(connection, only=None if only is None else list(only))
    for row in rows:
        if row["free_slots"] > 0:
            async with connection.transaction():
                await release_parked(connection, [row["workflow_id"]], row["free_slots"])
