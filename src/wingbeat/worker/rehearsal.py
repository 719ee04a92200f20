"""Test runs: the same state machine and nodes, but no side effects, no waiting and no journal; every step is traced."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from dataclasses import replace
from datetime import UTC, datetime
from inspect import isawaitable
from typing import TYPE_CHECKING, Any, NamedTuple, cast
from uuid import UUID

from wingbeat.core.commands import Ask, Cancel, Fail, Finish, Load, Record, Retry, Run, Sleep, Spill
from wingbeat.core.document import parse_workflow
from wingbeat.core.errors import Conflict, NotFound, StepError
from wingbeat.core.events import (
    ChunkLoaded,
    ChunkSpilled,
    Event,
    ExecutionStarted,
    LoopOpened,
    RetryDue,
    RoundDecided,
    StepCompleted,
    StepFailed,
    StepKey,
)
from wingbeat.core.execution import Execution
from wingbeat.core.node_kind import Effect
from wingbeat.core.outcome import OpenLoop, Outcome, Result, Round, Wait
from wingbeat.core.part import pinned_outcome, trigger_data_of
from wingbeat.core.plan import make_plan
from wingbeat.core.scope import StepNames
from wingbeat.core.status import ExecutionStatus, StepStatus
from wingbeat.services.catalog import bring_up_to_date
from wingbeat.services.executions.rehearsal import RehearsalReport, TracedStep
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.identifiers import new_id
from wingbeat.worker.outcomes import describe_error, ending_as_outcome
from wingbeat.worker.step_context import NO_TOOLS, StepContext, input_for

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager

    from wingbeat.core.commands import Command, OpenCommand
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.limits import Limits
    from wingbeat.core.node_kind import Catalog
    from wingbeat.core.plan import Plan
    from wingbeat.sdk.context import HttpResponse, HttpStream
    from wingbeat.sdk.node_type import NodeType
    from wingbeat.sdk.prepare import Prepared
    from wingbeat.worker.step_context import Toolbox

NO_WORKFLOW = UUID(int=0)


class EngineRehearser:
    """Rehearses definitions; implements `wingbeat.services.executions.rehearsal.Rehearser`."""

    def __init__(self, catalog: Catalog, limits: Limits, caps: Limits, toolbox: Toolbox = NO_TOOLS) -> None:
        self._catalog = catalog
        self._toolbox = toolbox
        self._limits = limits
        self._caps = caps

    async def run(
        self, document: JsonObject, trigger_data: Json, variables: JsonObject, trigger_node_id: str | None = None
    ) -> RehearsalReport:
        """Rehearse a definition; see `Rehearser.run`."""
        await bring_up_to_date(self._catalog)
        plan = make_plan(parse_workflow(document), self._catalog, self._caps)
        trigger = plan.trigger(trigger_node_id)
        if trigger is None and trigger_node_id is not None:
            raise NotFound(f"The workflow has no trigger {trigger_node_id!r:.120}.", code="TRIGGER_UNKNOWN")
        if trigger is None:
            raise Conflict("Every trigger of the workflow is disabled.", code="NO_TRIGGER", remedy="Enable one.")
        limits = self._limits.raised_to(plan.workflow.settings.limits, self._caps)
        data = trigger_data_of(trigger, trigger_data)
        rehearsal = _Rehearsal(plan, limits, data, self._toolbox)
        async with asyncio.timeout(limits.timeout_seconds):
            return await rehearsal.run(ExecutionStarted(trigger.id, data, variables))


class _NoNetwork:
    """Stands where the way out would be: what a rehearsal sends goes nowhere."""

    async def send(self, method: str, url: str, **_parts: object) -> HttpResponse:
        """Refuse."""
        raise _sends_nothing(method, url)

    def stream(self, method: str, url: str, **_parts: object) -> AbstractAsyncContextManager[HttpStream]:
        """Refuse."""
        raise _sends_nothing(method, url)


def _sends_nothing(method: str, url: str) -> StepError:
    return StepError(
        f"A test run sends nothing, and {method} {url} was to be sent.",
        code="REHEARSAL_HAS_NO_NETWORK",
        remedy="Pin an output for the node.",
    )


def _no_network(_context: StepContext) -> _NoNetwork:
    return _NoNetwork()


class _Identity(NamedTuple):
    """A rehearsal is no execution of a workflow, but nodes may ask."""

    execution_id: UUID
    workflow_id: UUID = NO_WORKFLOW
    key_owner: UUID | None = None
    epoch: int = 0


class _Rehearsal:
    def __init__(self, plan: Plan, limits: Limits, trigger_data: Json, toolbox: Toolbox) -> None:
        self._toolbox = toolbox
        self._execution = Execution(plan, limits=limits)
        self._trigger_data = trigger_data
        self._identity = _Identity(new_id())
        self._facts: dict[str, Json] = {
            "trigger": trigger_data,
            "execution": {
                "id": str(self._identity.execution_id),
                "start_time": datetime.now(UTC).isoformat(),
                "resume_urls": {name: f"/api/v1/waits/test-run-{name}" for name in plan.nodes},
            },
            "workflow": {"id": str(NO_WORKFLOW), "name": plan.workflow.name, "revision": 0},
        }
        self._trace: list[TracedStep] = []
        self._commands: deque[Command] = deque()
        # The streams that loops have made, chunk by chunk.
        self._streams: dict[StepKey, dict[int, list[Json]]] = {}

    async def run(self, started: ExecutionStarted) -> RehearsalReport:
        began = time.perf_counter()
        self._commands.extend(self._execution.advance(started))
        steps = 0
        while self._execution.finished is None and self._commands:
            await self._carry_out(self._commands.popleft())
            steps += 1
            if not steps % 64:
                await asyncio.sleep(0)
        finished = self._execution.finished
        status = finished.status if finished else ExecutionStatus.FAILED
        return RehearsalReport(
            status=status.value,
            trace=self._trace,
            output=finished.output if finished else None,
            error=finished.error if finished else None,
            variables=self._execution.root.variables,
            seconds=time.perf_counter() - began,
        )

    async def _carry_out(self, command: Command) -> None:
        if isinstance(command, Cancel | Finish) or self._execution.open.get(command.key) is not command:
            return
        if isinstance(command, Run | Ask):
            await self._step(command)
        elif isinstance(command, Record | Fail | Spill | Load):
            self._go_on_with_loop(command)
        elif isinstance(command, Sleep):
            self._commands.extend(self._execution.advance(StepCompleted(command.key, command.outcome)))
        elif isinstance(command, Retry):
            self._commands.extend(self._execution.advance(RetryDue(command.key)))

    def _go_on_with_loop(self, command: Record | Fail | Spill | Load) -> None:
        match command:
            case Record():
                self._record(command)
            case Fail(error=error):
                self._note(command, StepStatus.FAILED, None, time.time(), error=error)
                self._commands.extend(self._execution.advance(StepFailed(command.key, error, None)))
            case Spill():
                self._streams.setdefault(command.loop.key, {})[command.chunk] = command.values
                self._commands.extend(self._execution.advance(ChunkSpilled(command.key)))
            case Load():
                self._load(command)

    def _record(self, command: Record) -> None:
        outcome = command.outcome
        if command.spilled:
            # What a test run keeps, it keeps in memory.
            loop, counted = command.key, cast("dict[str, Any]", outcome.output)
            stream: JsonObject = {"id": [loop.node_id, loop.scope], "chunks": counted["stream"]["chunks"]}
            outcome = replace(outcome, output={"stream": stream, "count": counted["count"]})
        self._advance(command, outcome, None, time.time())

    def _load(self, command: Load) -> None:
        stream = cast("dict[str, Any]", command.stream["stream"])
        try:
            node_id, scope = stream["id"]
            values = self._streams[StepKey(node_id, scope, 1)][command.chunk]
        except (KeyError, TypeError, ValueError):
            missing = StepError(
                "The test run has made no such stream.",
                code="STREAM_INVALID",
                remedy="Go through a stream that a loop of this workflow collects.",
            )
            described, _ = describe_error(missing, command.key)
            self._commands.extend(self._execution.advance(StepFailed(command.key, described, None)))
            return
        self._commands.extend(self._execution.advance(ChunkLoaded(command.key, values)))

    async def _step(self, command: Run | Ask) -> None:
        started = time.time()
        value = input_for(command, self._trigger_data)
        context = StepContext(command, value, self._identity, started, _no_network, self._toolbox)
        try:
            result = await self._result(command, context, started)
            self._advance(command, result, context, started)
        except Exception as error:  # noqa: BLE001 - whatever a node raises is the node's failure
            self._fail(command, error, context, started)

    async def _result(self, command: Run | Ask, context: StepContext, started: float) -> Result:
        node = command.node
        pinned = pinned_outcome(node)
        if pinned is not None:
            return pinned
        kind = cast("NodeType", node.kind)
        names = StepNames(command.scope, context.input, self._facts, started)
        parameters = cast("Prepared", node.reading.prepared).resolve(names)
        if isinstance(command, Ask):
            return Round(kind.again(parameters, context)) if kind.again else Round(again=False)
        run = kind.rehearse if kind.rehearse is not None and node.effect is not Effect.PURE else kind.run
        if run is kind.run and node.effect is not Effect.PURE:
            context.log("This node cannot be rehearsed, so it did nothing.")
            return Outcome(None, node.ports[:1])
        result: Any = run(parameters, context)
        return cast("Result", await result if isawaitable(result) else result)

    def _advance(self, command: OpenCommand, result: Result, context: StepContext | None, started: float) -> None:
        event, output, ports = _read(command, result)
        encode_json(output)
        commands = self._execution.advance(event)
        self._note(command, StepStatus.COMPLETED, context, started, output=output, ports=ports)
        self._commands.extend(commands)

    def _fail(self, command: OpenCommand, error: BaseException, context: StepContext, started: float) -> None:
        described, retryable = describe_error(error, command.key)
        self._note(command, StepStatus.FAILED, context, started, error=described)
        retry_at = self._execution.retry_at(command.key, described, retryable=retryable, at=time.time())
        self._commands.extend(self._execution.advance(StepFailed(command.key, described, retry_at)))

    def _note(  # noqa: PLR0913 - the parts of one line of the trace
        self,
        command: OpenCommand,
        status: StepStatus,
        context: StepContext | None,
        started: float,
        *,
        output: Json = None,
        ports: tuple[str, ...] = (),
        error: JsonObject | None = None,
    ) -> None:
        key = command.key
        self._trace.append(
            TracedStep(
                node_id=key.node_id,
                type=command.node.node.type,
                scope=key.scope,
                attempt=key.attempt,
                status=status.value,
                ports=list(ports),
                input=context.input if context is not None else None,
                output=output,
                error=error,
                log=list(context.lines) if context is not None else [],
                seconds=max(0.0, time.time() - started),
            )
        )


def _read(command: OpenCommand, result: Result) -> tuple[Event, Json, tuple[str, ...]]:
    key = command.key
    match result:
        case Outcome():
            return StepCompleted(key, result), result.output, result.ports
        case Wait(output=output):
            outcome = Outcome.of(output)
            return StepCompleted(key, outcome), output, outcome.ports
        case OpenLoop(items=items):
            return LoopOpened(key, result), cast("Json", items), ("body",)
        case Round(again=again):
            return RoundDecided(key, again), again, ()
        case _:
            outcome = ending_as_outcome(result)
            return StepCompleted(key, outcome), outcome.output, outcome.ports
