"""The bodies that requests may have.

Faults of a definition are found by the core; its shape here is for the OpenAPI document.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal, Self, TypeAlias
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

INTEGER_MAX = 2**31 - 1
NODE_ID = r"^[A-Za-z_][A-Za-z0-9_\-]*$"
VARIABLE_NAME = r"^[A-Za-z_][A-Za-z0-9_]*$"
NOT_BLANK = r"\S"
ID_TEXT = re.compile(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")

Seconds = Annotated[float, Field(gt=0, le=1e9)]
VariableName = Annotated[str, Field(pattern=VARIABLE_NAME)]
# Without the extra, the schema would say that other names are fine too.
Variables: TypeAlias = Annotated[dict[VariableName, Any], Field(json_schema_extra={"additionalProperties": False})]


def take_whole(value: object) -> object:
    """JSON knows one kind of number, so 3.0 is as whole as 3."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


def take_id(value: object) -> UUID:
    """JSON knows ids as texts only: those as this service writes them."""
    if not isinstance(value, str) or not ID_TEXT.fullmatch(value):
        raise PydanticCustomError("uuid_parsing", "It must be a UUID.")
    return UUID(value)


TAKE_WHOLE = BeforeValidator(take_whole)
Id: TypeAlias = Annotated[UUID, BeforeValidator(take_id)]
Count = Annotated[int, Field(ge=1, le=1_000_000_000), TAKE_WHOLE]


Priority = Annotated[int, Field(ge=-1000, le=1000), TAKE_WHOLE]
Debounce = Annotated[float, Field(gt=0, le=86_400)]


class Strict(BaseModel):
    """Refuses fields that it does not know."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


class PositionBody(Strict):
    """Where a node is drawn."""

    x: Annotated[float, Field(allow_inf_nan=False)]
    y: Annotated[float, Field(allow_inf_nan=False)]


class RetryBody(Strict):
    """When a failed node is tried again."""

    max_attempts: Annotated[int, Field(ge=1, le=1000), TAKE_WHOLE] | None = None
    backoff_seconds: Annotated[float, Field(ge=0, le=1e9)] | None = None
    factor: Annotated[float, Field(gt=0, le=1e9)] | None = None
    max_delay_seconds: Annotated[float, Field(ge=0, le=1e9)] | None = None
    jitter: Annotated[float, Field(ge=0, le=1)] | None = None


class NodeBody(Strict):
    """One node of a workflow."""

    id: Annotated[str, Field(pattern=NODE_ID, max_length=100)]
    type: Annotated[str, Field(min_length=1, max_length=1000, examples=["trigger.manual"])]
    name: Annotated[str, Field(max_length=255)] = ""
    position: PositionBody | None = None
    parameters: dict[str, Any] = {}
    on_error: Literal["stop", "continue", "branch"] = "stop"
    on_unknown: Literal["retry", "fail", "ask"] = "fail"
    retry: RetryBody | None = None
    timeout_seconds: Seconds | None = None
    disabled: bool = False
    notes: Annotated[str, Field(max_length=100_000)] = ""
    pinned_output: Any = None


class ConnectionBody(Strict):
    """An arrow from a port of one node to a port of another."""

    source: Annotated[str, Field(alias="from", max_length=1000)]
    from_port: Annotated[str, Field(max_length=1000)] = "out"
    target: Annotated[str, Field(alias="to", max_length=1000)]
    to_port: Annotated[str, Field(max_length=1000)] = "in"


class SettingsBody(Strict):
    """What holds for a workflow as a whole."""

    timeout_seconds: Seconds | None = None
    loop_iterations: Count | None = None
    total_operations: Count | None = None
    loop_depth: Count | None = None
    parallel_nodes: Count | None = None
    max_concurrent: Count | None = None
    max_per_minute: Count | None = None
    error_workflow: UUID | None = None
    priority: Annotated[int, Field(ge=-1000, le=1000), TAKE_WHOLE] | None = None
    overflow: Literal["queue", "drop", "replace"] = Field(
        "queue", description="What happens to a start beyond the limits: it waits, is refused, or replaces the oldest."
    )
    max_queued: Annotated[int, Field(ge=0, le=1_000_000_000), TAKE_WHOLE] | None = Field(
        None, description="Starts beyond so many that wait are refused."
    )
    debounce_seconds: Debounce | None = Field(
        None, description="Starts within so many seconds of each other become one, with the data of the last."
    )
    debounce_max_seconds: Debounce | None = Field(None, description="That one waits for no longer than this.")
    debounce_key: Annotated[str, Field(max_length=1000, examples=["data.order_id"])] | None = Field(
        None, description="An expression over the `data` of the trigger: starts with another value are other ones."
    )
    trigger_priorities: dict[str, Priority] | None = Field({}, description="By trigger, instead of `priority`.")


Side = Annotated[float, Field(gt=0, le=100_000)]
Color: TypeAlias = Literal[
    "gray",
    "red",
    "pink",
    "grape",
    "violet",
    "indigo",
    "blue",
    "cyan",
    "teal",
    "green",
    "lime",
    "yellow",
    "orange",
]


class NoteBody(Strict):
    """A text beside the nodes."""

    id: Annotated[str, Field(pattern=NODE_ID, max_length=100)]
    text: Annotated[str, Field(max_length=10_000, description="Markdown.")] = ""
    position: PositionBody | None = None
    width: Side | None = None
    height: Side | None = None
    color: Color = "yellow"


class GroupBody(Strict):
    """A titled frame around nodes."""

    id: Annotated[str, Field(pattern=NODE_ID, max_length=100)]
    title: Annotated[str, Field(max_length=255)] = ""
    position: PositionBody | None = None
    width: Side | None = None
    height: Side | None = None
    color: Color = "gray"


class AnnotationsBody(Strict):
    """What is drawn for people alone; nothing that runs reads it."""

    notes: Annotated[list[NoteBody], Field(max_length=1000)] = []
    groups: Annotated[list[GroupBody], Field(max_length=1000)] = []


class DefinitionBody(Strict):
    """A workflow's definition."""

    name: Annotated[str, Field(min_length=1, max_length=255, pattern=NOT_BLANK)]
    description: Annotated[str, Field(max_length=100_000)] = ""
    nodes: Annotated[list[NodeBody], Field(max_length=10_000)]
    connections: Annotated[list[ConnectionBody], Field(max_length=100_000)] = []
    global_variables: Variables = {}
    settings: SettingsBody = SettingsBody()
    annotations: AnnotationsBody = AnnotationsBody()


class UncheckedBody(BaseModel):
    """A definition that may have any faults: finding them is what it is sent for. See DefinitionBody for a good one."""

    model_config = ConfigDict(extra="allow")


Tag: TypeAlias = Annotated[
    str, Field(pattern=r"^[^\s\x00-\x1f]([^\x00-\x1f]{0,48}[^\s\x00-\x1f])?$", examples=["billing"])
]
Tags: TypeAlias = Annotated[list[Tag], Field(max_length=20, description="Short texts, each once.")]
_NAME = r"[^/\s\x00-\x1f]([^/\x00-\x1f]{0,98}[^/\s\x00-\x1f])?"
Folder: TypeAlias = Annotated[
    str,
    Field(
        pattern=rf"^({_NAME}(/{_NAME}){{0,9}})?$",
        max_length=500,
        description="Names with / between them, ten at most; empty at the top.",
        examples=["sales/orders"],
    ),
]


class AboutBody(BaseModel):
    """What is about a workflow and not in its definition. What is left out stays as it is."""

    model_config = ConfigDict(extra="ignore")

    version: Annotated[str, Field(pattern=r"^[0-9A-Za-z.+\-]{1,20}$")] | None = Field(
        None, description="In people's own counting; `1.0.0` for a new one."
    )
    enabled: bool | None = Field(None, description="Whether it may begin; a new one may.")
    entity_id: Annotated[int, Field(ge=0, le=INTEGER_MAX), TAKE_WHOLE] | None = None
    community_id: Annotated[int, Field(ge=0, le=INTEGER_MAX), TAKE_WHOLE] | None = None
    tags: Tags | None = None
    folder: Folder | None = None
    message: Annotated[str, Field(max_length=1000)] = Field("", description="What this revision changes, and why.")


class WorkflowBody(DefinitionBody, AboutBody):
    """A workflow as it is saved."""

    model_config = ConfigDict(extra="forbid", defer_build=True)


# What is about a node that runs alone.
NEED_ONLY_NODE = ("input", "execution_id", "scope")
NodeId: TypeAlias = Annotated[str, Field(pattern=r"^([A-Za-z_][A-Za-z0-9_\-]*)?$", max_length=100)]


class BreakpointBody(Strict):
    """A node before which an execution stops."""

    node: Annotated[str, Field(pattern=NODE_ID, max_length=100)]
    condition: Annotated[str, Field(min_length=1, max_length=10_000)] | None = Field(
        None, description="An expression over what the step sees; without it, always.", examples=["item.price > 10"]
    )


Breakpoints: TypeAlias = Annotated[
    list[BreakpointBody], Field(max_length=100, description="Where to stop, until somebody lets it go on.")
]


class BreakpointsBody(Strict):
    """Where an execution is to stop from now on, and nowhere else."""

    breakpoints: Breakpoints


class ExecuteBody(Strict):
    """What an execution starts with."""

    trigger_data: Any = Field(None, description="What the trigger gives; `trigger` in expressions.")
    variables: Variables = Field({}, description="Replace global variables of the same name.")
    trigger_node_id: Annotated[str, Field(pattern=NODE_ID, max_length=100)] | None = Field(
        None, description="Which trigger fires; needed if there are several."
    )
    priority: Annotated[int, Field(ge=-1000, le=1000), TAKE_WHOLE] | None = Field(
        None, description="Higher ones start first; the workflow's own if it is not given."
    )
    community_id: Annotated[int, Field(ge=0, le=INTEGER_MAX), TAKE_WHOLE] | None = Field(
        None, description="On whose behalf; taken for callers of earlier versions, and without effect."
    )
    breakpoints: Breakpoints = []


class RunBody(Strict):
    """How somebody tries a saved revision of a workflow: as a whole, up to a node, or one node alone."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {"not": {"required": ["to_node", "only_node"]}},
                {"if": {"required": ["input"]}, "then": {"required": ["only_node"]}},
                {"if": {"required": ["execution_id"]}, "then": {"required": ["only_node"]}},
                {"if": {"required": ["scope"]}, "then": {"required": ["only_node"]}},
            ]
        }
    )

    trigger_data: Any = None
    variables: Variables = {}
    trigger_node_id: Annotated[str, Field(pattern=NODE_ID, max_length=100)] | None = None
    revision: Annotated[int, Field(ge=1, le=INTEGER_MAX), TAKE_WHOLE] | None = Field(
        None, description="Which saved revision; without it, the latest."
    )
    to_node: NodeId = Field("", description="Run what this node needs, and it; nothing else.")
    only_node: NodeId = Field(
        "", description="Run this node alone, with what it found when it last ran, or with `input`."
    )
    input: Any = Field(None, description="With `only_node`: its input.")
    execution_id: Id | None = Field(
        None, description="With `only_node`: the execution in which it found what it is to find again."
    )
    scope: Annotated[str, Field(max_length=10_000)] | None = Field(
        None, description="With `only_node`: the iteration in which it did."
    )
    use_pins: bool = Field(
        default=False,
        description="Nodes with a pinned output give that and do not run. What is pinned at the trigger is taken where "
        "no `trigger_data` are given, and the node of `only_node` runs in any case.",
    )
    breakpoints: Breakpoints = []

    @model_validator(mode="after")
    def _names_one_node(self) -> Self:
        given = self.model_fields_set
        if {"to_node", "only_node"} <= given:
            raise ValueError("Give 'to_node' or 'only_node', not both.")
        if "only_node" not in given and (extra := given & {*NEED_ONLY_NODE}):
            raise ValueError(f"'{min(extra)}' goes with an 'only_node'.")
        return self


class RehearseBody(Strict):
    """What a test run starts with."""

    trigger_data: Any = None
    variables: Variables = {}
    trigger_node_id: Annotated[str, Field(pattern=NODE_ID, max_length=100)] | None = None
    community_id: Annotated[int, Field(ge=0, le=INTEGER_MAX), TAKE_WHOLE] | None = None


class EditBody(Strict):
    """What a step that has stopped at a breakpoint is to find instead of what it would."""

    input: Any = Field(None, description="Its input; where several connections lead to it, an object by source.")
    variables: Variables = Field({}, description="Variables, where they are; new ones belong to the execution.")


class ResumeBody(Strict):
    """How an execution goes on that rests: what became of a step, or how far to go from a breakpoint."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {
                    "if": {"required": ["scope"], "properties": {"scope": {"type": "string"}}},
                    "then": {"required": ["node"], "properties": {"node": {"type": "string"}}},
                },
                {
                    "if": {"required": ["decision"], "properties": {"decision": {"type": "string"}}},
                    "then": {"properties": {"mode": {"type": "null"}, "edit": {"type": "null"}}},
                },
            ]
        }
    )

    decision: Literal["retry", "fail", "complete"] | None = Field(
        None, description="Needed when the execution rests with the error STEP_OUTCOME_UNKNOWN, and only then."
    )
    output: Any = Field(None, description="With `complete`: what the step gave.")
    port: Annotated[str, Field(min_length=1, max_length=100)] = Field(
        "out", description="With `complete`: the port by which it goes on."
    )
    mode: Literal["continue", "step"] | None = Field(
        None, description="From a breakpoint: to the next breakpoint, or to the next step."
    )
    node: Annotated[str, Field(pattern=NODE_ID, max_length=100)] | None = Field(
        None, description="Which of the steps that the execution asks about is meant; without it, all."
    )
    scope: Annotated[str, Field(max_length=10_000)] | None = Field(None, description="With `node`: the iteration.")
    edit: EditBody | None = Field(None, description="At a breakpoint: what the one step is to find.")


# Which version of the workflow a new execution of an old one's journal runs.
Version: TypeAlias = Literal["same", "latest"] | Annotated[int, Field(ge=1, le=INTEGER_MAX), TAKE_WHOLE]


class RetryExecutionBody(Strict):
    """How an execution is tried again."""

    revision: Version = Field(
        "same", description="`same`, the one that it ran; `latest`, the published one; or a revision's number."
    )
    breakpoints: Breakpoints = []


class ForkBody(RetryExecutionBody):
    """From which step a new execution begins, and what is different there."""

    model_config = ConfigDict(
        json_schema_extra={
            "allOf": [
                {"not": {"required": ["input", "output"]}},
                {"if": {"required": ["port"]}, "then": {"required": ["output"]}},
            ]
        }
    )

    node_id: Annotated[str, Field(pattern=NODE_ID, max_length=100)]
    scope: Annotated[str, Field(max_length=10_000)] | None = Field(
        None,
        description="The iteration that the step is in, as its journal names it; needed in loops. For a loop, one of "
        "its own iterations means that iteration as a whole.",
        examples=["orders:3/lines:0"],
    )
    input: Any = Field(None, description="What the step is to get instead of what it got. Not together with `output`.")
    output: Any = Field(None, description="What the step is to have given; it does not run then.")
    port: Annotated[str, Field(min_length=1, max_length=100)] | None = Field(
        None, description="With `output`: the port by which it goes on; without it, the node's first."
    )
    cancel_original: bool = Field(default=False, description="Cancel the execution, if it has not ended.")

    @model_validator(mode="after")
    def _gives_one_thing(self) -> Self:
        given = self.model_fields_set
        if {"input", "output"} <= given:
            raise ValueError("Give 'input' or 'output', not both.")
        if "port" in given and "output" not in given:
            raise ValueError("A 'port' goes with an 'output'.")
        return self


Slug = Annotated[str, Field(pattern=r"^([a-z][a-z0-9_]{0,39})?$", description="The middle of its node types' names.")]
HttpAddress = Annotated[str, Field(max_length=2000, pattern=r"^(https?://[!-~]+)?$")]


class OpenApiBody(Strict):
    """An OpenAPI document that is to give node types."""

    document: dict[str, Any] | str | None = Field(
        None, description="OpenAPI 3.0 or 3.1: as an object, or as the text of the file (JSON or YAML)."
    )
    url: HttpAddress = Field("", description="Where the document is, if it is not sent.")
    name: Annotated[str, Field(max_length=255)] = Field("", description="The document's own title if it is empty.")
    slug: Slug = ""
    base_url: HttpAddress = Field("", description="Where requests go, instead of the servers that the document names.")
    connection_id: Id | None = Field(None, description="The stored connection that its nodes use.")


class McpBody(Strict):
    """A server of the Model Context Protocol whose tools are to be node types."""

    url: Annotated[str, Field(min_length=1, max_length=2000, pattern=r"^https?://[!-~]+$")]
    name: Annotated[str, Field(max_length=255)] = ""
    slug: Slug = ""
    connection_id: Id | None = None


class RefreshBody(Strict):
    """What changes of a connector; all else is taken anew from where it came from."""

    document: dict[str, Any] | str | None = None
    url: HttpAddress = ""
    name: Annotated[str, Field(max_length=255)] = ""
    base_url: HttpAddress = ""
    connection_id: Id | None = None


ABOUT_FIELDS = frozenset(AboutBody.model_fields)
REQUEST_BODIES: tuple[type[BaseModel], ...] = (
    WorkflowBody,
    DefinitionBody,
    UncheckedBody,
    ExecuteBody,
    RehearseBody,
    ResumeBody,
    BreakpointsBody,
    RetryExecutionBody,
    ForkBody,
    RunBody,
    OpenApiBody,
    McpBody,
    RefreshBody,
)


def schema_of(model: type[BaseModel]) -> dict[str, Any]:
    """A reference to the model's schema in the OpenAPI document."""
    return {"$ref": f"#/components/schemas/{model.__name__}"}
