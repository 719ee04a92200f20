"""Starting executions for steps of other executions: many steps in one transaction, and inline where there is room.

What one step sees of this is in family.py. How the ends of children reach their parents is in endings.py.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, NamedTuple, Protocol
from uuid import UUID

import structlog

from wingbeat.core.errors import StepError
from wingbeat.core.status import ExecutionStatus
from wingbeat.sdk.waits import Signal
from wingbeat.services.executions.startable import StartableWorkflows
from wingbeat.services.executions.waits import taken_away
from wingbeat.storage import children as rows
from wingbeat.storage.children import KnownChild, NewChild, NewTarget, ParentLease, ParentStep
from wingbeat.storage.dispatch import Claimed, NewExecution
from wingbeat.storage.encoding import decode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import patiently

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    import asyncpg

    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.plan import Plan, PlannedNode
    from wingbeat.services.executions.start_requests import Ended, Held, PlanSource
    from wingbeat.storage.pool import Database

MOST_CHILDREN = 10_000
_PENDING = ExecutionStatus.PENDING
MOST_STEPS_IN_ONE_TRANSACTION = 200

log = structlog.get_logger()


class ParentWorker(Protocol):
    """The worker in this process, as far as children go."""

    def room_for_children(self) -> int:
        """How many executions it would take on now whose parents it runs."""
        ...

    @property
    def worker_id(self) -> UUID:
        """Who holds the executions that it is given."""
        ...

    def begin(self, claimed: Claimed, plan: Plan) -> Held:
        """Run an execution that is inserted under this worker's lease."""
        ...

    def deliver(self, execution_id: UUID, wait: str, signal: Signal) -> None:
        """Give a step of an execution that runs here what it waits for; nothing happens if none does."""
        ...


class Callee(NamedTuple):
    """A workflow that can be called; `limited` if it limits itself."""

    workflow_id: UUID
    revision: int
    plan: Plan
    trigger: PlannedNode
    limited: bool


class Call(NamedTuple):
    """What a step wants: the encoded trigger data of each child still to be started, by their numbers."""

    step: ParentStep
    epoch: int
    attempt: int
    # What is called; None when nothing is to be started any more.
    callee: Callee | None
    total: int
    concurrency: int
    eager: bool
    waits: bool
    inputs: dict[int, bytes]
    opening: bytes
    # The step runs for the first time, as far as it knows: if it has children all the same, nothing is started.
    fresh: bool

    @property
    def lease(self) -> ParentLease:
        """Under what the step runs."""
        return ParentLease(self.step.execution_id, self.epoch)


class Called(NamedTuple):
    """What a step has: its children in order, and the wait for them unless all have ended; `soon` if they run here.

    `found`: a step that ran for the first time had children already.
    """

    known: list[KnownChild]
    wait: UUID | None
    soon: bool
    found: bool = False


class _Wanted(NamedTuple):
    call: Call
    answer: asyncio.Future[Called]
    # Set when nothing is written for it any more.
    over: asyncio.Event


@dataclass(frozen=True)
class _Begun:
    """What one transaction put in: `ours` run here, with the time of their starts."""

    children: list[NewChild]
    ours: dict[UUID, datetime]
    waits: dict[ParentStep, UUID]
    # How many more children are to end until each of these steps goes on.
    missing: dict[ParentStep, int]
    known: dict[ParentStep, list[KnownChild]]
    found: set[ParentStep]


class ChildStarter:
    """Starts children, for all steps of this process. `worker` is where they may begin at once, once there is one."""

    def __init__(self, database: Database, plans: PlanSource, *, slots: int, most_depth: int) -> None:
        self.database = database
        self.plans = plans
        self.startable = StartableWorkflows(database)
        self.worker: ParentWorker | None = None
        self._slots = slots
        self._most_depth = most_depth
        self._wanted: list[_Wanted] = []
        self._writing: asyncio.Task[None] | None = None

    async def bring_about(self, call: Call) -> Called:
        """Start what the step wants and does not have yet, and let it wait. Doing it again changes nothing.

        Who is cancelled leaves when it is certain whether the children are there: what is written for many steps at
        once goes on without one of them, and whoever withdraws them afterwards must find them.

        Raises:
            StepError: `SUBWORKFLOW_TOO_DEEP`, or the parent has ended or is another worker's by now.
        """
        wanted = _Wanted(call, asyncio.get_running_loop().create_future(), asyncio.Event())
        self._wanted.append(wanted)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all(), name="children")
        try:
            return await wanted.answer
        except asyncio.CancelledError:
            if wanted in self._wanted:
                self._wanted.remove(wanted)
            else:
                await wanted.over.wait()
            raise

    async def _write_all(self) -> None:
        try:
            while self._wanted:
                batch = self._wanted[:MOST_STEPS_IN_ONE_TRANSACTION]
                del self._wanted[:MOST_STEPS_IN_ONE_TRANSACTION]
                try:
                    await self._write(batch)
                finally:
                    for wanted in batch:
                        wanted.over.set()
        finally:
            self._writing = None

    async def _write(self, batch: list[_Wanted]) -> None:
        """Write a batch; where it is refused as a whole, one by one, so that only the guilty one is refused."""
        calls = [wanted.call for wanted in batch if not wanted.answer.done()]
        if not calls:
            return
        refused: dict[ParentStep, StepError] = {}
        try:
            begun = await patiently(lambda: self._insert_for(batch, calls, refused))
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            await self._write_apart(batch, error)
            return
        # It is durable, so everybody is told of it, whatever goes wrong from now on.
        here = self._begin(begun, {call.step: call for call in calls})
        for step, answer in [(call.step, answer) for call, answer, _ in batch if not answer.done()]:
            if step in refused:
                answer.set_exception(refused[step])
                continue
            wait = begun.waits.get(step)
            answer.set_result(Called(begun.known[step], wait, step in here, step in begun.found))

    async def _write_apart(self, batch: list[_Wanted], error: Exception) -> None:
        if len(batch) > 1:
            for wanted in batch:
                await self._write([wanted])
        elif not batch[0].answer.done():
            batch[0].answer.set_exception(error)

    async def _insert_for(
        self, batch: list[_Wanted], calls: list[Call], refused: dict[ParentStep, StepError]
    ) -> _Begun:
        if all(wanted.answer.done() for wanted in batch):
            # Nobody waits any more, as when the process ends while the database is away.
            return _Begun([], {}, {}, {}, {}, set())
        return await self._insert_all(calls, refused)

    async def _insert_all(self, calls: Sequence[Call], refused: dict[ParentStep, StepError]) -> _Begun:
        refused.clear()
        async with self.database.pool.acquire() as connection, connection.transaction():
            parents: dict[ParentLease, bool] = {}
            for call in calls:
                parents[call.lease] = parents.get(call.lease, False) or call.waits
            living = await rows.lock_parents(connection, parents)
            known = await rows.list_of_steps(connection, [call.step for call in calls])
            found = {call.step for call in calls if call.fresh and known[call.step]}
            new: list[NewChild] = []
            targets: list[NewTarget] = []
            inline: list[NewChild] = []
            missing: dict[ParentStep, int] = {}
            for call in calls:
                parent = living.get(call.lease)
                if parent is None:
                    refused[call.step] = taken_away()
                    continue
                if parent.depth >= self._most_depth:
                    refused[call.step] = _too_deep(self._most_depth)
                    continue
                if call.step in found:
                    continue
                begun = _new_children(call, parent, known[call.step])
                new += begun
                if call.callee is not None and not call.callee.limited:
                    inline += begun
                if call.waits and (target := _target(call, known[call.step])) is not None:
                    targets.append(target)
                    missing[call.step] = target.target - sum(child.status.terminal for child in known[call.step])
            ours = await self._insert(connection, new, inline)
            waits = await rows.open_waits(connection, targets) if targets else {}
        return _Begun(new, ours, waits, missing, known, found)

    async def _insert(
        self, connection: asyncpg.Connection, new: list[NewChild], inline: list[NewChild]
    ) -> dict[UUID, datetime]:
        worker = self.worker
        ours: dict[UUID, datetime] = {}
        first = inline[: worker.room_for_children()] if worker is not None else []
        if first and worker is not None:
            ours = await rows.insert_leased(connection, first, worker.worker_id, self._slots)
        others = [child for child in new if child.new.execution_id not in ours]
        if others:
            await rows.insert_queued(connection, others)
        return ours

    def _begin(self, begun: _Begun, calls: dict[ParentStep, Call]) -> set[ParentStep]:
        """Run what is ours, and listen for its end; returns the steps that will hear of it."""
        worker = self.worker
        if worker is None:
            return set()
        messengers: dict[ParentStep, _Messenger] = {}
        here = Counter(child.step for child in begun.children if child.new.execution_id in begun.ours)
        for step, running in here.items():
            if step in begun.waits and running >= begun.missing[step]:
                messengers[step] = _Messenger(worker, step, str(begun.waits[step]), begun.missing[step])
                messengers[step].only = calls[step].total == 1
        for child in begun.children:
            start_time = begun.ours.get(child.new.execution_id)
            callee = calls[child.step].callee
            if start_time is None or callee is None:
                continue
            try:
                held = worker.begin(_claimed(child.new, start_time), callee.plan)
            except Exception:
                # The worker holds it and does not run it, and gives it back once it notices; the database tells then.
                log.exception("child_not_begun", execution_id=str(child.new.execution_id))
                messengers.pop(child.step, None)
                continue
            messenger = messengers.get(child.step)
            if messenger is not None:
                held.ended.add_done_callback(partial(messenger.hear, child.new.execution_id))
        return set(messengers)


class _Messenger:
    """Tells a parent in this process of the ends of its children in this process, before the database does.

    With the `only` child of a step comes what it came to, so that nobody has to read it.
    """

    def __init__(self, worker: ParentWorker, step: ParentStep, wait: str, missing: int) -> None:
        self.only = False
        self._worker = worker
        self._step = step
        self._wait = wait
        self._missing = missing

    def hear(self, execution_id: UUID, ended: asyncio.Future[Ended | None]) -> None:
        """A child has ended; it is durable. Or it has left this process, and somebody else will tell."""
        end = ended.result()
        if end is None:
            return
        self._missing -= 1
        if self._missing:
            return
        value: Json = None
        if self.only:
            value = {
                "execution_id": str(execution_id),
                "status": end.status.value,
                "output": end.output,
                "error": end.error,
            }
        self._worker.deliver(self._step.execution_id, self._wait, Signal("resolved", value, None))


def _new_children(call: Call, parent: rows.Parent, known: list[KnownChild]) -> list[NewChild]:
    """The next ones, as many as may run besides those that do; they are added to `known`."""
    callee = call.callee
    if callee is None:
        return []
    have = {child.number for child in known}
    running = sum(not child.status.terminal for child in known)
    room = call.concurrency - running if call.waits else call.total
    created: list[NewChild] = []
    for index in range(call.total):
        if len(created) >= room:
            break
        if index in have or index not in call.inputs:
            continue
        new = NewExecution(
            new_id(),
            callee.workflow_id,
            callee.revision,
            callee.trigger.id,
            call.inputs[index],
            b"{}",
            callee.plan.workflow.settings.priority,
        )
        created.append(NewChild(new, call.step, parent.root_execution_id, parent.depth + 1, index, call.waits))
    known += [KnownChild(child.number, child.new.execution_id, _PENDING) for child in created]
    return created


def _target(call: Call, known: list[KnownChild]) -> NewTarget | None:
    """For how many ends the step waits next; None when all children have ended."""
    ended = sum(child.status.terminal for child in known)
    if ended >= call.total:
        return None
    each = call.eager or len(known) < call.total
    return NewTarget(call.step, call.attempt, ended + 1 if each else call.total, call.opening)


def _claimed(new: NewExecution, start_time: datetime) -> Claimed:
    data: Json = decode_json(new.trigger_data)
    variables: JsonObject = {}
    return Claimed(
        new.execution_id, new.workflow_id, new.revision, 1, new.trigger_node_id, data, variables, 0.0, 0, start_time
    )


def _too_deep(most: int) -> StepError:
    return StepError(
        f"The workflows have called one another {most} times deep, which is the limit.",
        code="SUBWORKFLOW_TOO_DEEP",
        remedy="Look whether a workflow calls itself for ever; the operator can raise SUBWORKFLOW_MAX_DEPTH.",
        details={"limit": most},
    )
