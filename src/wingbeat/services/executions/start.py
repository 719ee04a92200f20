"""Starting executions: many requests in one transaction, and those whose caller waits are run by this very process.

Once a start is answered, its execution is in the database and will end, whatever happens to this process.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, cast
from uuid import UUID

import structlog

from wingbeat.core.errors import Conflict, NotFound, PlatformError, RateLimited, WingbeatError
from wingbeat.core.names import closest
from wingbeat.core.part import Part, trigger_data_of
from wingbeat.core.status import ExecutionStatus
from wingbeat.services.executions import overflow
from wingbeat.services.executions.breakpoints import check_breakpoints, keep
from wingbeat.services.executions.ends import Ends
from wingbeat.services.executions.responses import Responses
from wingbeat.services.executions.start_requests import (
    NOTHING_INSERTED,
    Held,
    InlineWorker,
    Inserted,
    PlanSource,
    Prepared,
    Started,
    StartRequest,
    Summary,
)
from wingbeat.services.executions.startable import StartableWorkflows
from wingbeat.services.licence import Unlimited
from wingbeat.storage import audit, decisions, dispatch, idempotency
from wingbeat.storage.decisions import Decision, TriggerKind
from wingbeat.storage.dispatch import Claimed, NewExecution, StartTimes
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import despite_collisions
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json
    from wingbeat.core.plan import Plan
    from wingbeat.services.executions.overflow import Refused
    from wingbeat.services.licence import Gate
    from wingbeat.storage.pool import Database

MOST_IN_ONE_TRANSACTION = 500
MOST_BYTES = 32_000_000
OPERATION = "execute"

log = structlog.get_logger()


class Starter:
    """Starts executions of published workflows."""

    def __init__(  # noqa: PLR0913 - the parts that bootstrap puts together
        self,
        database: Database,
        plans: PlanSource,
        *,
        slots: int,
        worker: InlineWorker | None,
        responses: Responses | None = None,
        enabled: bool = True,
        gate: Gate | None = None,
    ) -> None:
        self._database = database
        self._startable = StartableWorkflows(database)
        self._gate = gate or Unlimited()
        self._plans = plans
        self._slots = slots
        self._worker = worker
        self._enabled = enabled
        self._responses = responses if responses is not None else Responses(database)
        self._ends = Ends(database, self._responses)
        self._wanted: list[Prepared] = []
        self._writing: asyncio.Task[None] | None = None

    async def start(self, principal: Principal, request: StartRequest) -> Started:
        """Start an execution and leave it to whichever worker takes it.

        Raises:
            NotFound, Conflict: there is no such workflow or trigger, or it cannot be started as it stands.
            Forbidden: the caller may see the workflow, but not run it.
            InvalidInput: the data cannot be stored.
            DatabaseUnavailable: most likely nothing was started. If the answer alone was lost, the execution runs;
                with an `idempotency_key` the same request again leads to it.
        """
        started, _ = await self._submit(principal, request, inline=False)
        return started

    async def start_and_wait(self, principal: Principal, request: StartRequest, seconds: float) -> Summary:
        """Start an execution and wait up to `seconds` for its end, or for its `response`; it goes on after either."""
        started, held = await self._submit(principal, request, inline=True)
        return await self.wait_for(started, held, seconds)

    # For those who have a transaction of their own, with more in it than the start.

    async def insert(self, connection: asyncpg.Connection, batch: list[Prepared]) -> Inserted:
        """Put prepared starts in; what it gives is for `begin`, after the transaction has ended well."""
        return await self._insert(connection, batch, hurry=False)

    def begin(self, prepared: Prepared, inserted: Inserted) -> tuple[Started, Held | None]:
        """Let run what was put in; what it gives is for `wait_for`. Raises RateLimited for what was refused."""
        return self._answer(prepared, inserted)

    async def find(self, execution_id: UUID) -> Started:
        """An execution that was started before."""
        summary = await self._ends.read(execution_id)
        return Started(execution_id, summary.workflow_id, summary.status, summary.start_time, replayed=True)

    async def wait_for(
        self, started: Started, held: Held | None, seconds: float, *, until_end: bool = False
    ) -> Summary:
        """Wait up to `seconds` for the end or, unless `until_end`, for a response."""
        return await self._ends.wait_for(started, held, seconds, until_end=until_end)

    async def prepare(self, principal: Principal, request: StartRequest, *, inline: bool) -> Prepared:
        """What a start needs to be put in; raises as `start`."""
        if not self._enabled:
            raise Conflict(
                "Workflows are switched off on this installation.",
                code="WORKFLOWS_DISABLED",
                remedy="The operator can set FEATURE_WORKFLOWS_ENABLED=true.",
            )
        draft = request.draft
        startable = draft.startable if draft else await self._startable.find(principal, request.workflow_id)
        revision = startable.revision
        part = Part.read(draft.part.to_json()) if draft else None
        plan = await self._plans.get(request.workflow_id, revision, part)
        trigger = plan.trigger(request.trigger_node_id)
        if trigger is None:
            raise _no_trigger(plan, request.trigger_node_id)
        if part is not None and part.pins:
            request = replace(request, trigger_data=trigger_data_of(trigger, request.trigger_data))
        new = NewExecution(
            request.execution_id or new_id(),
            request.workflow_id,
            revision,
            trigger.id,
            encode_json(request.trigger_data),
            encode_json(request.variables),
            _priority(plan, trigger.id) if request.priority is None else request.priority,
            principal.user_id or request.cause.actor,
            request.cause.kind.value,
            request.cause.trigger_id,
        )
        if request.breakpoints:
            request = replace(request, breakpoints=check_breakpoints(request.breakpoints, plan))
        await self._gate.admit(startable.community_id, startable.features)
        answer: asyncio.Future[tuple[Started, Held | None]] = asyncio.get_running_loop().create_future()
        guard = startable.guard
        eligible = inline and not startable.limited and guard is None and not request.breakpoints
        return Prepared(request, new, plan, eligible, audit.caller(), answer, guard)

    async def _submit(
        self, principal: Principal, request: StartRequest, *, inline: bool
    ) -> tuple[Started, Held | None]:
        wanted = await self.prepare(principal, request, inline=inline)
        if request.idempotency_key is not None:
            return await self._write_once(principal, wanted, request.idempotency_key)
        self._wanted.append(wanted)
        if self._writing is None:
            self._writing = asyncio.create_task(self._write_all(), name="starter")
        return await wanted.answer

    # One transaction after another, each with all that came in meanwhile.

    async def _write_all(self) -> None:
        try:
            while self._wanted:
                count = _fitting(self._wanted)
                batch, self._wanted = self._wanted[:count], self._wanted[count:]
                await self._write_all_of(batch)
        finally:
            self._writing = None

    async def _write_all_of(self, batch: list[Prepared]) -> None:
        """Write a batch; where the database refuses it, one by one, so that only the guilty one is refused."""
        try:
            await self._write(batch)
        except Exception as error:  # noqa: BLE001 - whoever waits must hear of it
            if len(batch) > 1 and not isinstance(error, WingbeatError):
                for wanted in batch:
                    await self._write_all_of([wanted])
                return
            for wanted in batch:
                if not wanted.answer.done():
                    wanted.answer.set_exception(_as_wingbeat(error))

    async def _write(self, batch: list[Prepared]) -> None:
        async def insert() -> Inserted:
            async with self._database.pool.acquire() as connection, connection.transaction():
                # Who waits hears of nothing before the journal commits, which waits for the disk and takes this along.
                return await self._insert(connection, batch, hurry=True)

        inserted = await despite_collisions(insert)
        for wanted in batch:
            # What is inserted runs, even where whoever asked for it does not wait any more.
            try:
                answer = self._answer(wanted, inserted)
            except RateLimited as error:
                if not wanted.answer.done():
                    wanted.answer.set_exception(error)
                continue
            if not wanted.answer.done():
                wanted.answer.set_result(answer)

    async def _write_once(self, principal: Principal, wanted: Prepared, key: str) -> tuple[Started, Held | None]:
        """A start with an idempotency key has a transaction of its own, since it may lead to an earlier execution."""
        request, new = wanted.request, wanted.new
        parts = [new.workflow_id.bytes, new.trigger_node_id.encode(), new.trigger_data, new.variables]
        if request.breakpoints:
            parts.append(encode_json(cast("Json", list(request.breakpoints))))
        if request.draft is not None:
            parts.append(encode_json({"revision": new.revision, **request.draft.part.to_json()}))
        fingerprint = idempotency.hash_request(*parts)

        async def insert() -> tuple[UUID | None, Inserted]:
            inserted = NOTHING_INSERTED
            async with self._database.pool.acquire() as connection, connection.transaction():
                earlier = await idempotency.remember(
                    connection, OPERATION, key, fingerprint, new.execution_id, owner=principal.key
                )
                if earlier is None:
                    inserted = await self._insert(connection, [wanted], hurry=False)
                    # The key leads to what was put off, and to nothing if that was refused.
                    for refused in inserted.refused.values():
                        await idempotency.lead_to(connection, OPERATION, key, refused.execution_id, owner=principal.key)
            return earlier, inserted

        earlier, inserted = await despite_collisions(insert)
        if earlier is not None:
            summary = await self._ends.read(earlier)
            return Started(earlier, request.workflow_id, summary.status, summary.start_time, replayed=True), None
        return self._answer(wanted, inserted)

    async def _insert(self, connection: asyncpg.Connection, batch: list[Prepared], *, hurry: bool) -> Inserted:
        """Insert a batch, as far as their workflows' limits allow."""
        worker = self._worker
        inline = [wanted.new for wanted in batch if wanted.inline][: worker.room() if worker is not None else 0]
        ours: StartTimes = {}
        if inline and worker is not None:
            ours = await dispatch.insert_leased(connection, inline, worker.worker_id, self._slots, hurry=hurry)
        others = [wanted for wanted in batch if wanted.new.execution_id not in ours]
        if not others:
            return Inserted(ours, {}, {})
        if hurry and inline:
            await load("dispatch").wait_for_the_disk(connection)
        free = [wanted.new for wanted in others if wanted.guard is None]
        queued = await dispatch.insert_executions(connection, free) if free else {}
        guarded = [
            overflow.GuardedStart(wanted.new, wanted.guard, wanted.request.trigger_data)
            for wanted in others
            if wanted.guard is not None
        ]
        refused: dict[UUID, Refused] = {}
        if guarded:
            times, refused = await overflow.insert(connection, guarded)
            queued = {**queued, **times}
            await decisions.write(connection, [_decision(one, refused) for one in others if _is_in(one, refused)])
        await keep(
            connection,
            {
                one.new.execution_id: one.request.breakpoints
                for one in batch
                if one.request.breakpoints and not _is_in(one, refused)
            },
        )
        await _keep_drafts(connection, batch)
        return Inserted(ours, queued, refused)

    def _answer(self, wanted: Prepared, inserted: Inserted) -> tuple[Started, Held | None]:
        new, ours, queued = wanted.new, inserted.ours, inserted.queued
        refused = inserted.refused.get(new.execution_id)
        if refused is not None:
            if refused.execution_id is None or refused.start_time is None:
                raise refused.as_error()
            into = refused.execution_id
            return Started(into, new.workflow_id, ExecutionStatus.WAITING, refused.start_time), None
        audit.trace_start(new.execution_id, new.workflow_id, user_id=new.started_by, kind=new.kind, by=wanted.caller)
        start_time = ours.get(new.execution_id)
        if start_time is None or self._worker is None:
            return Started(new.execution_id, new.workflow_id, ExecutionStatus.PENDING, queued[new.execution_id]), None
        request = wanted.request
        claimed = Claimed(
            new.execution_id,
            new.workflow_id,
            new.revision,
            1,
            new.trigger_node_id,
            request.trigger_data,
            request.variables,
            0.0,
            0,
            start_time,
        )
        if not wanted.answer.done():
            self._responses.expect(new.execution_id)
        held: Held | None = None
        try:
            held = self._worker.begin(claimed, wanted.plan)
        except Exception:
            # It is in, and nothing else that came with it must suffer: its worker gives it back once it notices.
            log.exception("execution_not_begun", execution_id=str(new.execution_id))
        return Started(new.execution_id, new.workflow_id, ExecutionStatus.RUNNING, start_time), held


async def _keep_drafts(connection: asyncpg.Connection, batch: Sequence[Prepared]) -> None:
    for wanted in batch:
        if (draft := wanted.request.draft) is not None:
            await load("endings").set_draft(
                connection,
                execution_id=wanted.new.execution_id,
                draft=encode_json(draft.part.to_json()),
                seed=None if draft.seed is None else encode_json(draft.seed),
            )


def _priority(plan: Plan, trigger: str) -> int:
    settings = plan.workflow.settings
    return settings.trigger_priorities.get(trigger, settings.priority)


def _is_in(wanted: Prepared, refused: Mapping[UUID, Refused]) -> bool:
    return wanted.new.execution_id in refused


def _decision(wanted: Prepared, refused: Mapping[UUID, Refused]) -> Decision:
    new, why = wanted.new, refused[wanted.new.execution_id]
    return Decision(
        new.workflow_id,
        TriggerKind(new.kind),
        why.outcome,
        new.source,
        new.trigger_node_id,
        why.execution_id,
        new.planned_for,
        why.reason,
        actor=new.started_by,
    )


def _fitting(wanted: list[Prepared]) -> int:
    """How many of these go into one transaction: at least one, and not more than fit well into one message."""
    size = 0
    for count, one in enumerate(wanted[:MOST_IN_ONE_TRANSACTION]):
        size += len(one.new.trigger_data) + len(one.new.variables)
        if size > MOST_BYTES and count:
            return count
    return min(len(wanted), MOST_IN_ONE_TRANSACTION)


def _no_trigger(plan: Plan, wanted: str | None) -> WingbeatError:
    if wanted is None:
        return Conflict("Every trigger of the workflow is disabled.", code="NO_TRIGGER", remedy="Enable one.")
    names = [trigger.id for trigger in plan.triggers]
    near = closest(wanted, names)
    return NotFound(
        f"The workflow has no trigger {wanted!r:.120}.",
        code="TRIGGER_UNKNOWN",
        remedy=f"Did you mean {near!r}?" if near else f"Its triggers are: {', '.join(names)}.",
    )


def _as_wingbeat(error: Exception) -> WingbeatError:
    if isinstance(error, WingbeatError):
        return error
    return PlatformError(f"The execution could not be started: {type(error).__name__}: {error}")
