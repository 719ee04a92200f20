"""The shapes of answers, for the OpenAPI document; answers themselves are written without them, for speed."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Generic, Literal, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from wingbeat.api.bodies import DefinitionBody
from wingbeat.core.node_kind import Role

Data = TypeVar("Data")
Meta = TypeVar("Meta")
WorkflowStatus = Literal["draft", "published", "archived"]
ExecutionStatus = Literal["pending", "running", "waiting", "paused", "completed", "failed", "cancelled"]


class Shape(BaseModel):
    """Has no other fields than these, and all of them."""

    model_config = ConfigDict(extra="forbid")


class NoMeta(Shape):
    """Nothing more to say."""


class Envelope(Shape, Generic[Data, Meta]):
    """Every answer that is not an error."""

    success: Literal[True]
    message: str
    data: Data
    meta: Meta


class ErrorEnvelope(Shape):
    """Every error: `error_code` is stable, `message` is for people, `details` may say where and what to do."""

    success: Literal[False]
    message: str
    error_code: Annotated[str, Field(pattern=r"^[A-Z][A-Z0-9_]*$")]
    details: dict[str, Any]


class PageMeta(BaseModel):
    """Where a page is: with totals by page number, without them after a cursor."""

    model_config = ConfigDict(extra="forbid")

    per_page: int
    next_cursor: UUID | None = Field(description="The `cursor` of the next page, or null on the last one.")
    page: int | None = None
    total: int | None = None
    total_pages: int | None = None


class WorkflowHeaderShape(Shape):
    """What is about a workflow."""

    workflow_id: UUID
    name: str
    description: str
    entity_id: int
    community_id: int
    author_id: int
    status: WorkflowStatus
    version: str
    revision: int
    published_revision: int | None
    created_at: datetime
    updated_at: datetime
    published_at: datetime | None
    enabled: bool
    tags: list[str]
    folder: str
    node_count: int


class WorkflowShape(WorkflowHeaderShape):
    """A workflow with its definition."""

    definition: DefinitionBody


class MyWorkflowShape(WorkflowShape):
    """The same, with what the caller may do with it."""

    my_permissions: list[Literal["view", "edit", "delete", "execute"]]


class ArrowShape(Shape):
    """A connection between two nodes."""

    source: str = Field(alias="from")
    from_port: str
    target: str = Field(alias="to")
    to_port: str


class ProblemShape(BaseModel):
    """Something that is wrong with a workflow."""

    code: str
    severity: Literal["error", "warning"]
    message: str
    fix: str = ""
    node: str | None = None
    parameter: str | None = Field(None, description="The dotted path of the text at fault, as `headers.Accept`.")
    position: int | None = Field(None, description="The offset of the first character at fault in it, from 0.")
    connection: ArrowShape | None = Field(
        None, description="The connection that is at fault, or whose removal would mend it."
    )


class ValidationShape(Shape):
    """Whether a workflow could be published, and all that is wrong with it."""

    valid: bool
    problems: list[ProblemShape]


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


TriggerKind = Literal["manual", "api", "webhook", "schedule", "event", "command", "form"]


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


class PortShape(BaseModel):
    """A way out of a node; `schema` is the JSON Schema of what comes out, where it is known.

    `each` is the way to the parameters that name such ports, one each, as `cases[].port`; `name` only stands for them.
    """

    model_config = ConfigDict(extra="forbid")

    name: str
    help: str
    json_schema: dict[str, Any] = Field({}, alias="schema")
    each: str = ""
    when: dict[str, Any] = Field({}, description="A JSON Schema of the parameters with which the port is there.")


class NodeTypeExampleShape(BaseModel):
    """One use of a node: what it saw, and what came out of each port (`expect`) or the code of the error."""

    model_config = ConfigDict(extra="forbid")

    title: str
    parameters: dict[str, Any]
    input: Any
    variables: dict[str, Any] = {}
    nodes: dict[str, Any] = {}
    trigger: Any = None
    arrivals: list[dict[str, Any]] = []
    answers: list[dict[str, Any]] = []
    world: dict[str, Any] = {}
    expect: dict[str, Any] = {}
    expect_error: str = ""


class NodeTypeShape(Shape):
    """A node type. `parameters` is a JSON Schema, in which `x-wingbeat` marks templates and expressions.

    With `outputs_from_parameters`, it depends on a node's parameters which outputs there are: each says when.
    """

    type: str
    title: str
    help: str
    category: str
    role: Role
    effect: Literal["pure", "idempotent", "unsafe"]
    inputs: list[str]
    outputs: list[PortShape]
    outputs_from_parameters: bool
    uses: list[str]
    parameters: dict[str, Any]
    examples: list[NodeTypeExampleShape]


class HealthShape(Shape):
    """The process answers."""

    status: Literal["alive", "ready"]


class WorkerShape(Shape):
    """One worker process."""

    worker_id: UUID
    host: str
    pid: int
    started_at: datetime
    heartbeat_at: datetime
    alive: bool
    executions: int


class QueueShape(Shape):
    """How much waits for a worker."""

    jobs: int
    oldest_seconds: float | None
    parked: int


class DatabaseShape(Shape):
    """The server and our database on it."""

    version: str
    bytes: int
    connections: int


class StatusShape(Shape):
    """The state of the whole installation."""

    version: str
    workers: list[WorkerShape]
    queue: QueueShape
    executions: dict[str, int] = Field(
        description="How many are pending, running, waiting, paused and failed. Completed and cancelled ones are not "
        "counted here; the total of a list with that status tells."
    )
    workflows: int
    limits: dict[str, Any]
    database: DatabaseShape
    problems: list[str] = Field(
        description="What somebody should mend, in sentences, as seen by the process that answers."
    )


class ConnectorShape(Shape):
    """A system whose operations are node types."""

    connector_id: UUID
    slug: str
    kind: Literal["openapi", "mcp"]
    name: str
    description: str
    source_url: str
    base_url: str
    connection_id: UUID | None
    enabled: bool
    revision: int
    created_at: datetime
    updated_at: datetime


class NodeTypeLineShape(Shape):
    """One node type of a connector; `GET /api/v1/node-types` has all about it."""

    type: str
    title: str


class SkippedShape(Shape):
    """An operation that gives no node type."""

    operation: str
    why: str


class ConnectorDetailsShape(ConnectorShape):
    """With what it gives."""

    node_types: list[NodeTypeLineShape]
    skipped: list[SkippedShape]


class BreakerShape(Shape):
    """The circuit breaker: while it is open nothing is sent."""

    state: Literal["closed", "open", "half_open"]
    failures: int = Field(description="In a row.")
    open_since: datetime | None
    open_until: datetime | None


class ConnectionTestShape(Shape):
    """How a test of a connection went."""

    ok: bool
    message: str
    error_code: str | None
    remedy: str
    seconds: float


class ConnectionShape(Shape):
    """A connection, without its secrets."""

    connection_id: UUID
    name: str
    kind: str
    description: str
    config: dict[str, Any]
    allowed_hosts: list[str]
    entity_id: int
    community_id: int
    author_id: int
    enabled: bool
    revision: int
    secret_fields_set: list[str]
    authorized: bool = Field(description="Whether there are tokens (OAuth 2).")
    token_expires_at: datetime | None
    breaker: BreakerShape
    created_at: datetime
    updated_at: datetime
    rotated_at: datetime | None
    last_used_at: datetime | None = Field(description="To the minute.")
    last_tested_at: datetime | None
    last_test: ConnectionTestShape | None
    permissions: list[Literal["view", "edit", "delete", "execute"]] = Field(
        description="What the caller may do with it. Who may not use it does not see where it leads."
    )


class ConnectionTestedShape(Shape):
    """The result of a test, and the connection after it."""

    result: ConnectionTestShape
    connection: ConnectionShape


class SignInShape(Shape):
    """Where somebody signs in."""

    url: str


class ConnectionKindShape(Shape):
    """A kind of connection; a form can be drawn from its schemas."""

    kind: str
    title: str
    help: str
    icon: str = Field(description="The name of a picture for it.")
    needs_allowed_hosts: bool
    signs_in: bool = Field(description="Whether somebody has to sign in at the other side, by `authorize`.")
    config: dict[str, Any] = Field(description="A JSON Schema.")
    secrets: dict[str, Any] = Field(description="A JSON Schema; every field is writeOnly.")
