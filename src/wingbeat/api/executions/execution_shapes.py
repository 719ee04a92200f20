"""The shapes of one execution: as it was started, as it stands, and what is in it."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from wingbeat.api.shapes import ExecutionStatus, Shape, TriggerKind


class StartedShape(Shape):
    """An execution that will end, whatever happens."""

    execution_id: UUID
    status: ExecutionStatus
    start_time: datetime


class OutcomeShape(StartedShape):
    """An execution that ended while the caller waited."""

    workflow_id: UUID
    end_time: datetime
    execution_time_seconds: float
    nodes_executed: int
    final_output: Any
    error: dict[str, Any] | None


class DraftShape(BaseModel):
    """How much of a workflow somebody tried."""

    to_node: str | None = None
    only_node: str | None = None
    use_pins: bool = False


class ExecutionHeaderShape(Shape):
    """What a list shows of an execution."""

    execution_id: UUID
    workflow_id: UUID
    revision: int
    status: ExecutionStatus
    start_time: datetime
    end_time: datetime | None
    execution_time_seconds: float | None
    nodes_executed: int | None = Field(
        description="How many steps completed or failed. A list does not count those of executions that go on: null."
    )
    error_message: str | None
    error_node_id: str | None
    created_at: datetime
    trigger_node_id: str
    priority: int
    wake_at: datetime | None
    pause_requested: bool
    trigger_kind: TriggerKind = Field(description="What started it.")
    draft: DraftShape | None = Field(description="Where somebody tried a saved revision: how much of it.")
    error_code: str | None
    workflow_name: str | None = Field(description="Null for somebody who may not see the workflow.")


class StepShape(Shape):
    """One row of an execution's journal."""

    sequence: int
    node_id: str
    scope: str
    attempt: int
    status: str
    ports: list[str]
    output: Any = Field(description="What came out; of a row `waiting`, until when (`until`) and what will (`output`).")
    error: dict[str, Any] | None
    changes: Any
    started_at: datetime
    ended_at: datetime
    log: Any = None


class MetricsShape(Shape):
    """How long an execution took and how much it did."""

    execution_time_seconds: float | None
    nodes_executed: int | None
    takeovers: int


class BreakpointShape(BaseModel):
    """A node before which the execution stops, always or when an expression holds."""

    node: str
    condition: str | None = None


class BreakpointsShape(Shape):
    """Where an execution stops."""

    execution_id: UUID
    status: ExecutionStatus
    breakpoints: list[BreakpointShape]


class ChildShape(Shape):
    """An execution that another one started, and in which of its steps."""

    execution_id: UUID
    workflow_id: UUID
    status: ExecutionStatus
    node_id: str
    scope: str
    number: int


class WaitShape(Shape):
    """What an execution waits for, or waited for; `url` is where an open one can be answered, if it has an address."""

    wait_id: UUID
    node_id: str
    scope: str
    kind: str
    turn: int
    opening: Any
    expires_at: datetime | None
    resolved_at: datetime | None
    outcome: Literal["resolved", "expired", "withdrawn"] | None
    created_at: datetime
    url: str | None


class ExecutionShape(ExecutionHeaderShape):
    """An execution; `metrics` and `steps` if they were asked for. `final_variables` are kept of a regular end alone."""

    trigger_data: Any
    variables: dict[str, Any]
    execution_path: list[Any]
    node_states: dict[str, Any]
    final_variables: dict[str, Any]
    final_output: Any
    error: dict[str, Any] | None
    parent_execution_id: UUID | None = Field(
        description="The execution that started this one with a sub-workflow node."
    )
    root_execution_id: UUID | None = Field(description="The first of those, from which all others come.")
    depth: int
    children: list[ChildShape]
    forked_from: UUID | None = Field(description="The execution of whose journal this one has kept a part.")
    forked_node_id: str | None = Field(description="Where it began anew; null if with all that had not completed.")
    forked_scope: str | None
    breakpoints: list[BreakpointShape]
    stepping: bool = Field(description="Whether it stops before every step.")
    metrics: MetricsShape | None = None
    steps: list[StepShape] | None = None
    more_steps: bool | None = None


class TracedStepShape(Shape):
    """What one node did, or would have done."""

    node_id: str
    type: str
    scope: str
    attempt: int
    status: str
    ports: list[str]
    input: Any
    output: Any
    error: dict[str, Any] | None
    log: list[Any]
    seconds: float


class RehearsalShape(Shape):
    """A test run: nothing outside was changed."""

    status: Literal["completed", "failed"]
    trace: list[TracedStepShape]
    output: Any
    error: dict[str, Any] | None
    variables: dict[str, Any]
    seconds: float
