"""Looking into an execution, however long it is: its graph as it was, what came of each node, its steps one by one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, cast

from wingbeat.core.access import Permission
from wingbeat.core.errors import NotFound
from wingbeat.core.excerpt import Excerpt, excerpt
from wingbeat.services.executions.executions import find
from wingbeat.services.executions.hidden_addresses import hide_addresses
from wingbeat.services.permissions import access
from wingbeat.storage import inspection as rows
from wingbeat.storage.encoding import decode_json
from wingbeat.storage.pool import translate_errors
from wingbeat.storage.queries import load

if TYPE_CHECKING:
    from uuid import UUID

    import asyncpg

    from wingbeat.core.access import Principal
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.services.executions.sights import Sights
    from wingbeat.storage.inspection import Iteration, NodeSummary, RowOfStep, StepLine, StepRow, Wanted
    from wingbeat.storage.pool import Database

MOST_ROWS_OF_STEP = 200
Side: TypeAlias = Literal["input", "output", "error", "changes", "log"]
# Rows of steps that find nothing of their own: the end, and what loops do between their iterations.
_FINDS_NOTHING = frozenset({"ended", "spilled", "loaded", "round"})


@dataclass(frozen=True, slots=True)
class Graph:
    """The definition that an execution runs; `draft` says how much of it, where somebody tried it."""

    workflow_id: UUID
    workflow_name: str | None
    revision: int
    definition: JsonObject
    draft: JsonObject | None


@dataclass(frozen=True, slots=True)
class StepDetail:
    """One row with as much of its values as is shown at once; `rows` are all of the same step, attempt by attempt.

    `input` is what the step found, as it follows from the journal, which does not repeat it; None of a row of no step.
    """

    line: StepLine
    input: Excerpt | None
    output: Excerpt
    error: JsonObject | None
    changes: Excerpt
    log: Excerpt
    rows: list[RowOfStep]


@dataclass(frozen=True)
class Inspection:
    """The use cases. All raise NotFound for an execution that there is not, or that the caller may not see."""

    database: Database
    sights: Sights

    async def graph(self, principal: Principal, execution_id: UUID) -> Graph:
        """The definition of the revision that it runs, as it was saved.

        Raises:
            NotFound: `WORKFLOW_NOT_FOUND`, to somebody who started the execution and does not see the workflow.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require_execution(connection, principal, execution_id, Permission.VIEW)
                draft = (await find(connection, execution_id)).header.draft
                row = await load("inspection").read_definition(connection, execution_id=execution_id)
        if row is None or row["definition"] is None:
            raise access.missing(access.WORKFLOW, "of the execution" if row is None else row["workflow_id"])
        return Graph(row["workflow_id"], row["workflow_name"], row["revision"], row["definition"], draft)

    async def summary(self, principal: Principal, execution_id: UUID) -> list[NodeSummary]:
        """One line for each node that ran."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require_execution(connection, principal, execution_id, Permission.VIEW)
                return await rows.summarise(connection, execution_id)

    async def steps(self, principal: Principal, execution_id: UUID, wanted: Wanted) -> tuple[list[StepLine], bool]:
        """Rows of the journal without their values, and whether there are more."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                hide = await _looks_on(connection, principal, execution_id)
                found = await rows.list_lines(connection, execution_id, wanted)
        lines = [_without_addresses(line) for line in found] if hide else found
        return lines[: wanted.most], len(lines) > wanted.most

    async def iterations(
        self, principal: Principal, execution_id: UUID, node_id: str, *, after: int, most: int
    ) -> tuple[list[Iteration], bool]:
        """The scopes in which a node ran, by the row that it began with, and whether there are more."""
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                await access.require_execution(connection, principal, execution_id, Permission.VIEW)
                found = await rows.list_iterations(connection, execution_id, node_id, after=after, most=most)
        return found[:most], len(found) > most

    async def step(self, principal: Principal, execution_id: UUID, sequence: int) -> StepDetail:
        """One row with the beginnings of its values.

        Raises:
            NotFound: `STEP_NOT_FOUND`.
        """
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                hide = await _looks_on(connection, principal, execution_id)
                row = await _row(connection, execution_id, sequence)
                others = await rows.list_of_step(connection, execution_id, row.line, MOST_ROWS_OF_STEP)
                found = await self._input(connection, execution_id, row)
        output = await self._output(row)
        return StepDetail(
            _without_addresses(row.line) if hide else row.line,
            None if found is None else excerpt(_shown(found[0], hide=hide)),
            excerpt(_shown(output, hide=hide)),
            cast("JsonObject | None", _shown(row.error, hide=hide)),
            excerpt(_shown(row.changes, hide=hide)),
            excerpt(_shown(row.log, hide=hide)),
            others,
        )

    async def value(  # noqa: PLR0913 - which part of which value
        self,
        principal: Principal,
        execution_id: UUID,
        sequence: int,
        side: Side,
        *,
        path: str = "",
        offset: int = 0,
        items: int = 100,
    ) -> Excerpt:
        """A part of one of the values of a row, where a JSON pointer leads.

        Raises:
            NotFound: `STEP_NOT_FOUND` or `VALUE_HAS_NO_SUCH_PART`.
        """
        value: Json = None
        with translate_errors():
            async with self.database.scoped(principal) as connection:
                hide = await _looks_on(connection, principal, execution_id)
                row = await _row(connection, execution_id, sequence)
                if side == "input":
                    found = await self._input(connection, execution_id, row)
                    value = None if found is None else found[0]
        if side == "output":
            value = await self._output(row)
        elif side != "input":
            value = getattr(row, side)
        return excerpt(_shown(value, hide=hide), path=path, offset=offset, items=items)

    async def _input(self, connection: asyncpg.Connection, execution_id: UUID, row: StepRow) -> tuple[Json] | None:
        if row.line.status in _FINDS_NOTHING:
            return None
        execution = await find(connection, execution_id)
        sight = await self.sights.look(connection, execution, row.line.node_id, row.line.scope)
        if sight is None:
            return None
        await self.sights.fill(sight, ())
        return (sight.value(),)

    async def _output(self, row: StepRow) -> Json:
        return row.output if row.output_blob is None else decode_json(await self.sights.blobs.get(row.output_blob))


async def _looks_on(connection: asyncpg.Connection, principal: Principal, execution_id: UUID) -> bool:
    """Whether the caller may see the execution, and no more."""
    allowed = await access.require_execution(connection, principal, execution_id, Permission.VIEW)
    return Permission.EXECUTE not in allowed.permissions


async def _row(connection: asyncpg.Connection, execution_id: UUID, sequence: int) -> StepRow:
    row = await rows.read_step(connection, execution_id, sequence)
    if row is None:
        raise NotFound(
            f"The execution {execution_id} has no row {sequence} in its journal.",
            code="STEP_NOT_FOUND",
            remedy="List its steps; journals are kept for as long as the operator says.",
        )
    return row


def _shown(value: Json, *, hide: bool) -> Json:
    return hide_addresses(value) if hide else value


def _without_addresses(line: StepLine) -> StepLine:
    return replace(line, error_message=cast("str | None", hide_addresses(line.error_message)))
