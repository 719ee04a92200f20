"""Going on from a part of an execution: another try from where it failed, or a fork from any of its steps.

Either is a new execution, which begins with a copy of what it keeps of the journal. The original is never changed.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, NamedTuple, Protocol, cast

from wingbeat.core.access import Permission
from wingbeat.core.errors import Conflict, InvalidInput, NotFound, StepError
from wingbeat.core.events import ExecutionStarted
from wingbeat.core.fork import (
    Cut,
    Edit,
    ForkPoint,
    Recorded,
    Selection,
    Trial,
    inside_own_loop,
    regions_of,
)
from wingbeat.core.names import closest
from wingbeat.core.node_kind import Role
from wingbeat.core.outcome import DONE, Outcome
from wingbeat.core.part import Part
from wingbeat.core.refusals import check_outcome
from wingbeat.core.status import ExecutionStatus, StepStatus
from wingbeat.services.executions.breakpoints import check_breakpoints, keep
from wingbeat.services.executions.drafts import find_draft
from wingbeat.services.executions.executions import find, note, steer
from wingbeat.services.executions.start_requests import Started
from wingbeat.services.executions.startable import StartableWorkflows
from wingbeat.services.licence import Unlimited
from wingbeat.services.permissions import access
from wingbeat.storage import control, forks, idempotency
from wingbeat.storage import workflows as workflow_rows
from wingbeat.storage.encoding import decode_json, encode_json
from wingbeat.storage.forks import GivenRow, NewFork
from wingbeat.storage.identifiers import new_id
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.scoping import as_engine

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.events import Event
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.plan import Plan, PlannedNode
    from wingbeat.services.executions.start_requests import PlanSource
    from wingbeat.services.licence import Gate
    from wingbeat.storage.executions import StoredExecution
    from wingbeat.storage.forks import OutlineRow, StepRows
    from wingbeat.storage.journal import RecordedRow
    from wingbeat.storage.pool import Database

OPERATION = "fork"
_TAKEN_UP = (ExecutionStatus.RUNNING, ExecutionStatus.PENDING)
_RETRIABLE = (ExecutionStatus.FAILED, ExecutionStatus.CANCELLED)
MOST_NAMED = 20


class Given(NamedTuple):
    """A value that somebody gave, which may be null."""

    value: Json


@dataclass(frozen=True, slots=True)
class ForkRequest:
    """Where to begin anew, on which revision, and what to change there.

    Without `node_id` it is another try of an execution that failed or was cancelled: all that had not completed runs
    again. A `node_id` of a loop with the scope of one of its iterations means that iteration. With `output`, the step
    does not run: it counts as completed with this, by `port`.
    """

    execution_id: UUID
    node_id: str | None = None
    scope: str | None = None
    new_input: Given | None = None
    output: Given | None = None
    port: str | None = None
    revision: int | Literal["same", "latest"] = "same"
    cancel_original: bool = False
    idempotency_key: str | None = None
    breakpoints: Sequence[JsonObject] = ()


class KeepsBlobs(Protocol):
    """The store of big values: storage.blobs.Blobs."""

    async def get(self, path: str) -> bytes:
        """The bytes at a path."""
        ...

    async def put(self, execution_id: UUID, name: str, data: bytes) -> str:
        """Keep the bytes, and return their path."""
        ...


class _Origin(NamedTuple):
    """What is forked: the execution, its plan, and the plan that the fork is to run."""

    execution: StoredExecution
    before: Plan
    plan: Plan
    revision: int
    point: ForkPoint | None


@dataclass(frozen=True)
class Forks:
    """Makes forks. `events_of` reads rows of the journal; outputs beyond the threshold go to the blobs."""

    database: Database
    plans: PlanSource
    blobs: KeepsBlobs
    events_of: Callable[[Iterable[RecordedRow]], Iterator[Event]]
    blob_threshold: int
    enabled: bool = True
    gate: Gate = field(default_factory=Unlimited)

    async def fork(self, principal: Principal, request: ForkRequest) -> Started:
        """Make a new execution of what the request keeps of another one; any worker runs it.

        Raises:
            Forbidden: the caller may see the execution or its workflow, but not run it.
            NotFound: `EXECUTION_NOT_FOUND`, `NODE_UNKNOWN`, `SCOPE_UNKNOWN` or `REVISION_UNKNOWN`.
            InvalidInput: `SCOPE_NEEDED`, or the output does not fit the node (`OUTPUT_UNFIT`).
            Conflict: `EXECUTION_RUNNING`, `NOTHING_TO_RETRY`, `STEP_NEVER_RAN`, `FORK_POINT_LOST`, `JOURNAL_EXPIRED`,
                `FORK_INCOMPATIBLE`, or the workflow cannot be started as it stands.
        """
        if not self.enabled:
            raise Conflict(
                "Workflows are switched off on this installation.",
                code="WORKFLOWS_DISABLED",
                remedy="The operator can set FEATURE_WORKFLOWS_ENABLED=true.",
            )
        if request.idempotency_key is not None and (
            earlier := await self._recall(principal, request, request.idempotency_key)
        ):
            return earlier
        origin = await self._origin(principal, request)
        breakpoints = check_breakpoints(request.breakpoints, origin.plan)
        rows = await self._rows_of(origin)
        fork = await self._select(request, origin, rows)
        return await self._insert(principal, request, fork, breakpoints)

    # What is asked for.

    async def _origin(self, principal: Principal, request: ForkRequest) -> _Origin:
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await check_may_fork(connection, principal, request.execution_id)
                execution = await find(connection, request.execution_id)
                readable = await forks.has_journal(connection, request.execution_id)
        header = execution.header
        status = ExecutionStatus(header.status)
        if status in _TAKEN_UP:
            raise Conflict(
                f"The execution {header.execution_id} is {status.value}.",
                code="EXECUTION_RUNNING",
                remedy="Wait for its end, or pause it first.",
            )
        if status.terminal and not readable:
            raise forks.expired()
        if request.node_id is None and status not in _RETRIABLE:
            raise Conflict(
                f"The execution {header.execution_id} is {status.value}: no step of it failed for good.",
                code="NOTHING_TO_RETRY",
                remedy="Fork it from the step that shall run again.",
            )
        startable = await (
            find_draft(self.database, principal, header.workflow_id)
            if header.draft is not None
            else StartableWorkflows(self.database).find(principal, header.workflow_id)
        )
        await self.gate.admit(startable.community_id, startable.features)
        revision = await self._revision(request, header.workflow_id, header.revision, startable.revision)
        part = Part.read(header.draft)
        before = await self.plans.get(header.workflow_id, header.revision, part)
        plan = await self.plans.get(header.workflow_id, revision, part)
        point = await self._failed_step(execution) if request.node_id is None else await self._point(request, before)
        return _Origin(execution, before, plan, revision, point)

    async def _failed_step(self, execution: StoredExecution) -> ForkPoint | None:
        """The step that failed the execution, if one did: it may have been a limit, or a person."""
        error: JsonObject = execution.error or {}
        node_id, scope = error.get("node"), error.get("scope", "")
        if not (isinstance(node_id, str) and isinstance(scope, str)):
            return None
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                failed = await forks.has_failed(connection, execution.header.execution_id, node_id, scope)
        return ForkPoint(node_id, scope) if failed else None

    async def _revision(self, request: ForkRequest, workflow_id: UUID, same: int, latest: int) -> int:
        if request.revision == "same":
            return same
        if request.revision == "latest":
            return latest
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                found = await workflow_rows.get_revision(connection, workflow_id, request.revision)
        if found is None:
            raise NotFound(
                f"The workflow has no revision {request.revision}.",
                code="REVISION_UNKNOWN",
                remedy=f"It was executed as revision {same}; published is {latest}.",
            )
        return request.revision

    async def _point(self, request: ForkRequest, plan: Plan) -> ForkPoint:
        node_id, scope = request.node_id or "", request.scope
        if node_id not in plan.nodes:
            near = closest(node_id, plan.nodes)
            raise NotFound(
                f"The workflow that was executed has no node {node_id!r:.120}.",
                code="NODE_UNKNOWN",
                remedy=f"Did you mean {near!r}?" if near else "Look at the execution's steps.",
            )
        loops = _loops_around(plan, node_id)
        if scope is None and loops:
            known = await self._scopes(request.execution_id, node_id)
            raise InvalidInput(
                f"The node {node_id!r} is in a loop, so it ran more than once.",
                code="SCOPE_NEEDED",
                remedy="Give the scope of one of its steps.",
                details={"scopes": list(known[:MOST_NAMED])},
            )
        point = ForkPoint(node_id, scope or "")
        own = [*loops, node_id] if plan.nodes[node_id].role is Role.LOOP else loops
        if _loops_in(point.scope) not in (loops, own):
            raise await self._unknown_scope(request.execution_id, point)
        return point

    async def _scopes(self, execution_id: UUID, node_id: str) -> list[str]:
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                return await forks.list_scopes(connection, execution_id, node_id)

    async def _unknown_scope(self, execution_id: UUID, point: ForkPoint) -> NotFound:
        known = await self._scopes(execution_id, point.node_id)
        near = closest(point.scope, known)
        return NotFound(
            f"The node {point.node_id!r} has not run in the scope {point.scope!r:.200}.",
            code="SCOPE_UNKNOWN",
            remedy=f"Did you mean {near!r}?" if near else "Look at the execution's steps.",
            details={"scopes": list(known[:MOST_NAMED])},
        )

    async def _rows_of(self, origin: _Origin) -> StepRows:
        point = origin.point
        if point is None:
            return forks.StepRows(None, None)
        with translate_errors():
            async with self.database.pool.acquire() as connection:
                return await forks.find_step(
                    connection, origin.execution.header.execution_id, *point, iteration=inside_own_loop(point)
                )

    # What is kept.

    async def _select(self, request: ForkRequest, origin: _Origin, rows: StepRows) -> NewFork:
        """Fold the journal under its own plan, to find what goes; and what stays under the fork's, if that differs."""
        execution, point = origin.execution, origin.point
        header = execution.header
        started = ExecutionStarted(header.trigger_node_id, execution.trigger_data, execution.variables)
        edit = _edit_of(request, origin, rows)
        retried = request.node_id is None
        cut = None if point is None else Cut(origin.before, point, later=not retried, first=rows.first or 0)
        selection = Selection(origin.before, started, cut, edit)
        async for page in self._pages(header.execution_id):
            selection.take(page)
        selection.close()
        kept: Selection | Trial = selection
        if not selection.settled or origin.plan is not origin.before:
            kept = await self._try(Trial(origin.plan, origin.before, started, edit), header.execution_id, selection)
        if point is not None and (edit is None or edit.sequence is None) and not kept.awaits(point):
            raise await self._out_of_reach(header.execution_id, point, rows)
        fork = NewFork(
            execution_id=new_id(),
            original=header.execution_id,
            revision=origin.revision,
            dropped=selection.dropped,
            last=selection.last,
            node_id=None if point is None else point.node_id,
            scope=None if point is None else point.scope,
            keeps_keys=retried,
        )
        return await self._with_edit(fork, request, origin, edit)

    async def _try(self, trial: Trial, execution_id: UUID, selection: Selection) -> Trial:
        gone = set(selection.dropped)
        async for page in self._pages(execution_id, selection.last):
            trial.take([recorded for recorded in page if recorded.sequence not in gone])
        return trial

    async def _pages(self, execution_id: UUID, last: int | None = None) -> AsyncIterator[list[Recorded]]:
        """The journal, part by part; up to `last`, since that of a waiting execution may grow meanwhile."""
        after = 0
        while True:
            with translate_errors():
                async with self.database.pool.acquire() as connection:
                    page = await forks.read_outline(connection, execution_id, after)
            recorded = [one for row in page for one in await self._recorded(row)]
            yield recorded if last is None else [one for one in recorded if one.sequence <= last]
            if len(page) < forks.OUTLINE_ROWS:
                return
            after = page[-1].row.sequence
            await asyncio.sleep(0)

    async def _recorded(self, outline: OutlineRow) -> list[Recorded]:
        row = outline.row
        if row.output_blob is not None:
            row = row._replace(output=decode_json(await self.blobs.get(row.output_blob)))
        return [Recorded(row.sequence, event, outline.inputs) for event in self.events_of((row,))]  # type: ignore[arg-type] # no row tells of a start

    async def _out_of_reach(self, execution_id: UUID, point: ForkPoint, rows: StepRows) -> Conflict | NotFound:
        if rows.first is not None:
            return Conflict(
                f"The step {point.node_id!r} would not run: what stays of the journal has overtaken it.",
                code="FORK_POINT_LOST",
                remedy="Fork from the node that ended its branch or its loop, or give the step's output.",
                details={"node": point.node_id, "scope": point.scope},
            )
        if point.scope:
            return await self._unknown_scope(execution_id, point)
        return Conflict(
            f"The node {point.node_id!r} never ran in this execution.",
            code="STEP_NEVER_RAN",
            remedy="Fork from a node that ran.",
            details={"node": point.node_id},
        )

    async def _with_edit(self, fork: NewFork, request: ForkRequest, origin: _Origin, edit: Edit | None) -> NewFork:
        """The fork with what a person gives in the place of a step's output or input."""
        point = origin.point
        if point is None:
            return fork
        if edit is not None:
            place = fork.rows + 1
            if edit.sequence is not None:
                place = edit.sequence - sum(dropped < edit.sequence for dropped in fork.dropped)
            output = encode_json(edit.outcome.output)
            given = GivenRow(place, *point, StepStatus.COMPLETED.value, output, ",".join(edit.outcome.ports))
            if len(output) > self.blob_threshold:
                path = await self.blobs.put(fork.execution_id, f"{point.node_id}-given", output)
                given = given._replace(output=None, output_blob=path)
            return fork._replace(except_row=edit.sequence, given=given)
        if request.new_input is None:
            return fork
        value = encode_json(request.new_input.value)
        if origin.before.nodes[point.node_id].role is Role.TRIGGER:
            return fork._replace(trigger_data=value)
        output = encode_json({"input": request.new_input.value})
        return fork._replace(given=GivenRow(fork.rows + 1, *point, StepStatus.RELEASED.value, output))

    # The new execution.

    async def _insert(
        self, principal: Principal, request: ForkRequest, fork: NewFork, breakpoints: Sequence[JsonObject]
    ) -> Started:
        key = request.idempotency_key
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                if key is not None:
                    fingerprint = _fingerprint(request)
                    earlier = await idempotency.remember(
                        connection, OPERATION, key, fingerprint, fork.execution_id, owner=principal.key
                    )
                    if earlier is not None:
                        return await _read_started(connection, earlier)
                await steer(connection, principal, fork.original)
                async with as_engine(connection):
                    if request.cancel_original:
                        with suppress(Conflict):  # It has ended by itself.
                            await control.cancel(connection, fork.original)
                    workflow_id, start_time = await forks.insert(connection, fork, started_by=principal.user_id)
                    if breakpoints:
                        await keep(connection, {fork.execution_id: breakpoints})
                await note(connection, principal, fork.original, "execution.fork")
        return Started(fork.execution_id, workflow_id, ExecutionStatus.PENDING, start_time)

    async def _recall(self, principal: Principal, request: ForkRequest, key: str) -> Started | None:
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await check_may_fork(connection, principal, request.execution_id)
                earlier = await idempotency.recall(
                    connection, OPERATION, key, _fingerprint(request), owner=principal.key
                )
                return None if earlier is None else await _read_started(connection, earlier)


async def check_may_fork(connection: asyncpg.Connection, principal: Principal, execution_id: UUID) -> None:
    """Make sure that the caller may see what the execution came to, and run it.

    Raises:
        NotFound, Forbidden: see `access.require_execution`.
    """
    await access.require_execution(connection, principal, execution_id, Permission.EXECUTE)


async def _read_started(connection: asyncpg.Connection, execution_id: UUID) -> Started:
    header = (await find(connection, execution_id)).header
    status = ExecutionStatus(header.status)
    return Started(execution_id, header.workflow_id, status, header.start_time, replayed=True)


def _edit_of(request: ForkRequest, origin: _Origin, rows: StepRows) -> Edit | None:
    point = origin.point
    if point is None or (request.output is None and request.new_input is None):
        return None
    node = origin.before.nodes[point.node_id]
    if inside_own_loop(point):
        raise InvalidInput(
            f"{point.scope!r} is an iteration as a whole, which has neither input nor output of its own.",
            code="OUTPUT_UNFIT",
            remedy="Give the input or output of a node in it.",
        )
    if request.output is None:
        return None
    if node.role is Role.END:
        raise InvalidInput(
            f"The node {node.id!r} ends the execution, so nothing would be left to run.",
            code="OUTPUT_UNFIT",
            remedy="Give the input of the node, or fork from one before it.",
        )
    outcome = Outcome(request.output.value, _ports_of(request, node))
    try:
        check_outcome(origin.plan.nodes.get(node.id, node), outcome)
    except StepError as error:
        near = closest(outcome.ports[0], node.ports)
        raise InvalidInput(
            f"The node {node.id!r} has no port {outcome.ports[0]!r:.120}.",
            code="OUTPUT_UNFIT",
            remedy=f"Did you mean {near!r}?" if near else f"Its ports are: {', '.join(node.ports) or 'none'}.",
        ) from error
    return Edit(outcome, rows.last)


def _ports_of(request: ForkRequest, node: PlannedNode) -> tuple[str, ...]:
    if request.port is not None:
        return (request.port,)
    return (DONE,) if node.role is Role.LOOP else node.ports[:1]


def _loops_around(plan: Plan, node_id: str) -> list[str]:
    """The loops that the node is in, from the outermost in."""
    regions = regions_of(plan)
    loops: list[str] = []
    loop = regions[node_id].loop
    while loop:
        loops.insert(0, loop)
        loop = regions[loop].loop
    return loops


def _loops_in(scope: str) -> list[str] | None:
    """The loops that a scope names; None if it is no scope."""
    if not scope:
        return []
    parts = [part.rpartition(":") for part in scope.split("/")]
    if not all(index.isascii() and index.isdecimal() and len(index) < 10 for _, _, index in parts):  # noqa: PLR2004
        return None
    return [loop for loop, _, _ in parts]


def _fingerprint(request: ForkRequest) -> bytes:
    """Changes with whatever makes another fork of it."""
    asked: JsonObject = {
        "node": request.node_id,
        "scope": request.scope,
        "input": None if request.new_input is None else [request.new_input.value],
        "output": None if request.output is None else [request.output.value],
        "port": request.port,
        "revision": request.revision,
        "cancel": request.cancel_original,
        "breakpoints": cast("Json", list(request.breakpoints)),
    }
    return idempotency.hash_request(request.execution_id.bytes, encode_json(asked))
