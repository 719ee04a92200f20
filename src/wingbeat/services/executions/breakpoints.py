"""Where executions are to stop: what is asked for is checked against the workflow, and kept with the execution."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

from wingbeat.core.errors import ExpressionError, InvalidInput
from wingbeat.core.expression import compile_expression
from wingbeat.core.names import closest
from wingbeat.core.part import Part
from wingbeat.services.executions.executions import find, note, steer
from wingbeat.storage import control
from wingbeat.storage.encoding import encode_json
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load
from wingbeat.storage.scoping import as_engine

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.plan import Plan
    from wingbeat.storage.executions import StoredExecution
    from wingbeat.storage.pool import Database


def check_breakpoints(given: Sequence[JsonObject], plan: Plan) -> list[JsonObject]:
    """The breakpoints, the last one for each node, without fields that say nothing.

    Raises:
        InvalidInput: `BREAKPOINT_UNKNOWN`: no node has that id. `BREAKPOINT_INVALID`: a condition is no expression.
    """
    checked: dict[str, JsonObject] = {}
    for one in given:
        node_id, condition = cast("str", one["node"]), one.get("condition")
        if node_id not in plan.nodes:
            near = closest(node_id, plan.nodes)
            raise InvalidInput(
                f"A breakpoint is for the node {node_id!r:.120}, which the workflow does not have.",
                code="BREAKPOINT_UNKNOWN",
                remedy=f"Did you mean {near!r}?" if near else "Name one of its nodes.",
            )
        checked[node_id] = {"node": node_id}
        if isinstance(condition, str):
            checked[node_id]["condition"] = _readable(node_id, condition)
    return list(checked.values())


def _readable(node_id: str, condition: str) -> str:
    try:
        compile_expression(condition)
    except ExpressionError as error:
        raise InvalidInput(
            f"The condition of the breakpoint at {node_id!r} cannot be read: {error.message}",
            code="BREAKPOINT_INVALID",
            remedy=error.remedy,
            details={} if error.position is None else {"position": error.position},
        ) from error
    return condition


async def keep(connection: asyncpg.Connection, breakpoints: Mapping[UUID, Sequence[JsonObject]]) -> None:
    """Keep the breakpoints of executions that are just being put in, in the caller's transaction."""
    if breakpoints:
        await load("endings").set_breakpoints(
            connection,
            execution_ids=list(breakpoints),
            breakpoints=[encode_json(cast("Json", list(given))) for given in breakpoints.values()],
        )


class ReadsPlans(Protocol):
    """Where plans come from."""

    async def get(self, workflow_id: UUID, revision: int, part: Part | None = None) -> Plan:
        """The plan of a revision, or of a part of it."""
        ...


@dataclass(frozen=True)
class Breakpoints:
    """The use case of changing them while an execution is under way."""

    database: Database
    plans: ReadsPlans

    async def set(self, principal: Principal, execution_id: UUID, given: Sequence[JsonObject]) -> StoredExecution:
        """Let the execution stop at these and at no others; one that runs hears of it at once.

        Raises:
            NotFound: `EXECUTION_NOT_FOUND`.
            InvalidInput: see `check_breakpoints`.
            Conflict: `EXECUTION_ENDED`.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await steer(connection, principal, execution_id)
                execution = await find(connection, execution_id)
        header = execution.header
        plan = await self.plans.get(header.workflow_id, header.revision, Part.read(header.draft))
        breakpoints = check_breakpoints(given, plan)
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await steer(connection, principal, execution_id)
                async with as_engine(connection):
                    await control.set_breakpoints(connection, execution_id, breakpoints)
                await note(connection, principal, execution_id, "execution.set_breakpoints")
                return await find(connection, execution_id)
