"""The workflow as people draw it: nodes and connections, frozen. What it means is in `plan`, its faults in `checks`."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

from wingbeat.core.limits import NO_WISHES, LimitsWanted
from wingbeat.core.outcome import OUT
from wingbeat.core.retry import RetryPolicy

if TYPE_CHECKING:
    from collections.abc import Mapping

    from wingbeat.core.json_value import Json, JsonObject


class OnError(StrEnum):
    """What happens when a node has failed for good."""

    STOP = "stop"
    CONTINUE = "continue"
    BRANCH = "branch"


class OnUnknown(StrEnum):
    """What happens to an unsafe step whose outcome is not known: its worker died, or no answer came."""

    RETRY = "retry"
    FAIL = "fail"
    ASK = "ask"


class Overflow(StrEnum):
    """What happens to a start beyond the limits: it waits, is refused, or takes the place of an older one."""

    QUEUE = "queue"
    DROP = "drop"
    REPLACE = "replace"


class Color(StrEnum):
    """Of a note or a group: a name, since what it looks like is the screen's business, in the light and in the dark."""

    GRAY = "gray"
    RED = "red"
    PINK = "pink"
    GRAPE = "grape"
    VIOLET = "violet"
    INDIGO = "indigo"
    BLUE = "blue"
    CYAN = "cyan"
    TEAL = "teal"
    GREEN = "green"
    LIME = "lime"
    YELLOW = "yellow"
    ORANGE = "orange"


@dataclass(frozen=True, slots=True)
class Node:
    """One step of the drawing. `pinned` says whether `pinned_output` is given, since null is a value."""

    id: str
    type: str
    name: str = ""
    position: tuple[float, float] = (0.0, 0.0)
    parameters: JsonObject = field(default_factory=dict)
    on_error: OnError = OnError.STOP
    on_unknown: OnUnknown = OnUnknown.FAIL
    retry: RetryPolicy | None = None
    timeout_seconds: float | None = None
    disabled: bool = False
    notes: str = ""
    pinned: bool = False
    pinned_output: Json = None


@dataclass(frozen=True, slots=True)
class Connection:
    """An arrow from a port of one node to a port of another."""

    source: str
    target: str
    source_port: str = OUT
    target_port: str = "in"

    def __str__(self) -> str:
        return f"{self.source}.{self.source_port} -> {self.target}"

    def to_json(self) -> JsonObject:
        """As a definition has it."""
        return {"from": self.source, "from_port": self.source_port, "to": self.target, "to_port": self.target_port}


@dataclass(frozen=True, slots=True)
class WorkflowSettings:
    """What holds for the workflow as a whole."""

    limits: LimitsWanted = NO_WISHES
    max_concurrent: int | None = None
    max_per_minute: int | None = None
    priority: int = 0
    # The id of the workflow that runs when an execution of this one fails.
    error_workflow: str | None = None
    overflow: Overflow = Overflow.QUEUE
    max_queued: int | None = None
    # Starts within so many seconds of each other, and with the same key, become one; it waits for so long at most.
    debounce_seconds: float | None = None
    debounce_max_seconds: float | None = None
    debounce_key: str | None = None
    # Of executions by the trigger that they begin at, instead of `priority`.
    trigger_priorities: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))


@dataclass(frozen=True, slots=True)
class Note:
    """A text beside the nodes, in Markdown."""

    id: str
    text: str = ""
    position: tuple[float, float] = (0.0, 0.0)
    width: float = 240.0
    height: float = 160.0
    color: Color = Color.YELLOW


@dataclass(frozen=True, slots=True)
class Group:
    """A titled frame; the nodes that lie in it are in it."""

    id: str
    title: str = ""
    position: tuple[float, float] = (0.0, 0.0)
    width: float = 480.0
    height: float = 320.0
    color: Color = Color.GRAY


@dataclass(frozen=True, slots=True)
class Annotations:
    """What is drawn for people alone: nothing that runs reads it."""

    notes: tuple[Note, ...] = ()
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Workflow:
    """A whole definition, as saved and as run."""

    name: str
    nodes: tuple[Node, ...]
    connections: tuple[Connection, ...] = ()
    description: str = ""
    global_variables: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}))
    settings: WorkflowSettings = field(default_factory=WorkflowSettings)
    annotations: Annotations = Annotations()
