"""The shapes of answers that look into executions, for the OpenAPI document."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from wingbeat.api.bodies import DefinitionBody
from wingbeat.api.executions.execution_shapes import DraftShape
from wingbeat.api.shapes import ExecutionStatus, Shape

ValueKind = Literal["object", "list", "text", "number", "boolean", "null"]
StepStatus = Literal[
    "started",
    "cleared",
    "completed",
    "failed",
    "waiting",
    "opened",
    "round",
    "released",
    "spilled",
    "loaded",
    "ended",
]


class GraphShape(Shape):
    """The definition that an execution runs, as it was saved."""

    workflow_id: UUID
    workflow_name: str | None
    revision: int
    definition: DefinitionBody
    draft: DraftShape | None


class NodeSummaryShape(Shape):
    """What came of a node; nodes that did not run have none."""

    node_id: str
    runs: int = Field(description="How often it completed.")
    failures: int = Field(description="How often it failed for good.")
    retries: int = Field(description="How often it failed and was tried again.")
    scopes: int = Field(description="In how many iterations it ran.")
    first_start: datetime
    last_end: datetime
    seconds: float = Field(description="How long its attempts took together.")
    last_status: StepStatus
    last_scope: str
    last_sequence: int
    last_error_code: str | None


class StepLineShape(Shape):
    """A row of the journal without its values."""

    sequence: int
    node_id: str
    scope: str
    attempt: int
    status: StepStatus
    ports: list[str]
    started_at: datetime
    ended_at: datetime
    error_code: str | None
    error_message: str | None
    retry_at: datetime | None = Field(description="When it is tried again, of a row `failed`.")
    until: datetime | None = Field(description="How long it waits at most, of a row `waiting`.")
    has_log: bool


class StepPageMeta(Shape):
    """Where a part of a journal ends; null when there is no more of it."""

    next_after_sequence: int | None


class IterationShape(Shape):
    """One scope in which a node ran, from its first row to its last."""

    scope: str
    sequence: int
    last_sequence: int
    attempts: int
    status: StepStatus
    started_at: datetime
    ended_at: datetime


class CutShape(Shape):
    """A list, object or text that is there up to `shown` of its `length` items or characters."""

    path: str = Field(description="A JSON pointer into the value of which this is an excerpt.")
    kind: Literal["object", "list", "text"]
    length: int
    shown: int


class ExcerptShape(Shape):
    """A value, or as much of it as is shown at once: what is missing is listed in `cuts`."""

    kind: ValueKind
    length: int | None = Field(description="Of the whole list, object or text.")
    value: Any
    cuts: list[CutShape]


class RowOfStepShape(Shape):
    """One of the rows of a step: an attempt, or a part of one."""

    sequence: int
    attempt: int
    status: StepStatus
    started_at: datetime
    ended_at: datetime
    error_code: str | None


class StepDetailShape(Shape):
    """One row of the journal with its values, and the other rows of the same step."""

    line: StepLineShape
    input: ExcerptShape | None = Field(
        description="What the step found, worked out from the journal up to it; null of a row of no step."
    )
    output: ExcerptShape
    error: dict[str, Any] | None
    changes: ExcerptShape
    log: ExcerptShape
    rows: list[RowOfStepShape]


class BulkResultShape(BaseModel):
    """What came of the action for one of the executions."""

    execution_id: UUID
    done: bool
    status: ExecutionStatus | None = Field(None, description="Its status now, where it was done.")
    new_execution_id: UUID | None = Field(None, description="Of a retry: the execution that tries again.")
    stay: int = Field(
        0,
        description="Of a deletion: how many runs that it called stay: their workflows are not the caller's.",
    )
    error_code: str | None = None
    message: str = ""
    remedy: str = ""


class FaultShape(Shape):
    """Why there is no value. `path` leads to the text at fault inside a template, `position` into it."""

    code: str
    message: str
    remedy: str
    position: int | None
    path: list[str]


class UsedNameShape(Shape):
    """A name that the expression refers to, or the output of a node (`nodes`)."""

    name: str
    node_id: str | None
    position: int


class SourceShape(Shape):
    """The execution from which the data come; `ran` if the node itself ran there."""

    execution_id: UUID
    scope: str
    ran: bool
    start_time: datetime


class PreviewShape(Shape):
    """A value or an error; without a `source`, no execution had data to show."""

    value: ExcerptShape | None
    error: FaultShape | None
    names: list[UsedNameShape]
    source: SourceShape | None


class KnownPortShape(BaseModel):
    """What is known beforehand of what leaves a port."""

    name: str
    json_schema: dict[str, Any] = Field(alias="schema")


class KnownNameShape(Shape):
    """A name as it is written in an expression, with the value that it had, if there is one."""

    path: str
    kind: Literal["input", "node", "variable", "loop", "fact"]
    node_id: str | None
    value: ExcerptShape | None
    ports: list[KnownPortShape]


class NodeContextShape(Shape):
    """The names that can be written at a node."""

    source: SourceShape | None
    names: list[KnownNameShape]


class ArgumentShape(Shape):
    """One argument of a function."""

    name: str
    kinds: str
    required: bool
    many: bool


class FunctionShape(Shape):
    """A function of the expression language: `value.name()`, `value | name` and `name(value)` mean the same."""

    name: str
    aliases: list[str]
    family: str
    receiver: str = Field(description="The kinds of value that it is for, joined with `|`.")
    signature: str
    arguments: list[ArgumentShape]
    help: str
    example: str
    result: Any


class NameHelpShape(Shape):
    """A name that is always there, or there in loops."""

    name: str
    help: str


class ExpressionReferenceShape(Shape):
    """All that an expression can be made of."""

    names: list[NameHelpShape]
    functions: list[FunctionShape]
