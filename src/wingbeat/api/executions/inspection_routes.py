"""The addresses for looking into an execution, part by part, however long it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Literal
from uuid import UUID

from fastapi import Query
from pydantic import BaseModel, ConfigDict, Field
from starlette.requests import Request
from starlette.responses import Response

from wingbeat.api.answers import success
from wingbeat.api.executions.routes import ONE, TAG
from wingbeat.api.executions.shapes import (
    ExcerptShape,
    GraphShape,
    IterationShape,
    NodeSummaryShape,
    StepDetailShape,
    StepLineShape,
    StepPageMeta,
    StepStatus,
)
from wingbeat.api.permission import Permission
from wingbeat.api.principal import principal_of
from wingbeat.api.routing import Operation, add_operation
from wingbeat.api.shapes import Envelope, NoMeta
from wingbeat.storage.inspection import Wanted

if TYPE_CHECKING:
    from fastapi import FastAPI

    from wingbeat.services.executions.inspection import Inspection

ROW = f"{ONE}/steps/{{sequence:int}}"
# Rows are numbered by integers of the database.
MOST_ROWS = 2**31 - 1
# What a text in the database cannot hold.
NO_NUL = r"^[^\u0000]*$"
Sequence = Annotated[int, Field(ge=0, le=MOST_ROWS)]


class StepsQuery(BaseModel):
    """Which rows of the journal."""

    model_config = ConfigDict(extra="forbid")

    after_sequence: Sequence = 0
    node_id: Annotated[str, Field(max_length=200, pattern=NO_NUL)] | None = None
    scope: Annotated[str, Field(max_length=10_000, pattern=NO_NUL)] | None = Field(
        None, description="The iteration; empty for what is in no loop."
    )
    status: Annotated[list[StepStatus], Field(max_length=20)] = []
    limit: Annotated[int, Field(ge=1, le=2000)] = 1000


class IterationsQuery(BaseModel):
    """Of which node, and behind which row."""

    model_config = ConfigDict(extra="forbid")

    node_id: Annotated[str, Field(max_length=200, pattern=NO_NUL)]
    after_sequence: Sequence = 0
    limit: Annotated[int, Field(ge=1, le=2000)] = 500


class ValueQuery(BaseModel):
    """Which part of which value."""

    model_config = ConfigDict(extra="forbid")

    of: Literal["input", "output", "error", "changes", "log"]
    path: Annotated[str, Field(max_length=10_000)] = Field("", description="A JSON pointer, as `/items/0`.")
    offset: Annotated[int, Field(ge=0, le=MOST_ROWS)] = Field(0, description="From which item or character on.")
    items: Annotated[int, Field(ge=1, le=1000)] = Field(100, description="How many items of each list and object.")


@dataclass(frozen=True)
class InspectionRoutes:
    """The endpoints; their names are the operation ids of the OpenAPI document."""

    inspection: Inspection

    def add_to(self, app: FastAPI) -> None:
        """Put the routes into the app."""
        view = Permission.VIEW
        one, lines = Envelope[StepDetailShape, NoMeta], Envelope[list[StepLineShape], StepPageMeta]
        iterations = Envelope[list[IterationShape], StepPageMeta]
        summary, graph = Envelope[list[NodeSummaryShape], NoMeta], Envelope[GraphShape, NoMeta]
        value = Envelope[ExcerptShape, NoMeta]
        for path, summary_text, answer, endpoint in (
            (f"{ONE}/graph", "Read the definition that an execution runs", graph, self.get_execution_graph),
            (f"{ONE}/nodes", "What came of each node of an execution", summary, self.get_execution_nodes),
            (f"{ONE}/steps", "List the steps of an execution, without their values", lines, self.list_execution_steps),
            (f"{ONE}/iterations", "List the iterations in which a node ran", iterations, self.list_iterations),
            (ROW, "Read a step of an execution", one, self.get_execution_step),
            (f"{ROW}/value", "Read a part of a value of a step", value, self.get_step_value),
        ):
            add_operation(
                app, Operation("GET", path, view, summary_text, {200: answer}, TAG, errors=(404, 409)), endpoint
            )

    async def get_execution_graph(self, request: Request, execution_id: UUID) -> Response:
        """As it was saved then, whatever the workflow is by now."""
        return success("The definition.", await self.inspection.graph(principal_of(request), execution_id))

    async def get_execution_nodes(self, request: Request, execution_id: UUID) -> Response:
        """One line for each node that ran, in the order in which they first did."""
        return success("The nodes.", await self.inspection.summary(principal_of(request), execution_id))

    async def list_execution_steps(
        self, request: Request, execution_id: UUID, query: Annotated[StepsQuery, Query()]
    ) -> Response:
        """Rows of the journal in their order; the next part begins behind `next_after_sequence`."""
        wanted = Wanted(query.after_sequence, query.node_id, query.scope, query.status or None, query.limit)
        lines, more = await self.inspection.steps(principal_of(request), execution_id, wanted)
        return success("Steps.", lines, meta={"next_after_sequence": lines[-1].sequence if more else None})

    async def list_iterations(
        self, request: Request, execution_id: UUID, query: Annotated[IterationsQuery, Query()]
    ) -> Response:
        """Each scope once, by the row with which the node began there."""
        found, more = await self.inspection.iterations(
            principal_of(request), execution_id, query.node_id, after=query.after_sequence, most=query.limit
        )
        return success("Iterations.", found, meta={"next_after_sequence": found[-1].sequence if more else None})

    async def get_execution_step(self, request: Request, execution_id: UUID, sequence: Sequence) -> Response:
        """With the beginnings of its values; what was cut is read with `/value`."""
        return success("The step.", await self.inspection.step(principal_of(request), execution_id, sequence))

    async def get_step_value(
        self, request: Request, execution_id: UUID, sequence: Sequence, query: Annotated[ValueQuery, Query()]
    ) -> Response:
        """A part of a value, cut where it is too large as well."""
        found = await self.inspection.value(
            principal_of(request),
            execution_id,
            sequence,
            query.of,
            path=query.path,
            offset=query.offset,
            items=query.items,
        )
        return success("The value.", found)
