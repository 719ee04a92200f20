"""What a running node sees: the `Context` of the sdk, filled in by the worker."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import cached_property
from types import MappingProxyType
from typing import TYPE_CHECKING, Protocol, TypeAlias, TypeVar, cast

from wingbeat.core.arrivals import ArrivedError
from wingbeat.core.errors import StepError
from wingbeat.core.scope import input_of
from wingbeat.sdk.context import Arrival

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from uuid import UUID

    from wingbeat.core.commands import Ask, Run, Sleep
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.sdk.context import Http
    from wingbeat.sdk.tool import Tool

T = TypeVar("T")
# What carries out each tool, by the tool's name, for the step that asks.
Toolbox: TypeAlias = "Mapping[str, Callable[[StepContext], object]]"
# The way out for the step that asks.
MakeHttp: TypeAlias = "Callable[[StepContext], Http]"
NO_TOOLS: Toolbox = MappingProxyType({})
MOST_LINES = 1_000
LONGEST_LINE = 10_000


class Held(Protocol):
    """The execution that a step belongs to."""

    @property
    def execution_id(self) -> UUID:
        """Its id."""
        ...

    @property
    def epoch(self) -> int:
        """The lease under which it runs."""
        ...

    @property
    def workflow_id(self) -> UUID:
        """Its workflow's id."""
        ...

    @property
    def key_owner(self) -> UUID | None:
        """Whose id is in the idempotency keys of its steps, where that is not its own."""
        ...


class StepContext:
    """One run of one node; implements `wingbeat.sdk.Context`."""

    def __init__(  # noqa: PLR0913, PLR0917 - the parts of which the runner puts it together
        self, command: Run | Ask | Sleep, value: Json, held: Held, started: float, make_http: MakeHttp, toolbox: Toolbox
    ) -> None:
        self._command = command
        self._held = held
        self._started = started
        self.input = value
        self._make_http = make_http
        self._toolbox = toolbox
        self.lines: list[JsonObject] = []

    @property
    def execution_id(self) -> str:
        """The id as text."""
        return str(self._held.execution_id)

    @property
    def epoch(self) -> int:
        """The lease under which it runs: what is written for it holds only as long as that does."""
        return self._held.epoch

    @property
    def workflow_id(self) -> str:
        """The id as text."""
        return str(self._held.workflow_id)

    @property
    def node_id(self) -> str:
        """The node's id in the workflow."""
        return self._command.key.node_id

    @property
    def scope(self) -> str:
        """The iteration, or empty."""
        return self._command.key.scope

    @property
    def attempt(self) -> int:
        """1 for the first try."""
        return self._command.key.attempt

    @property
    def idempotency_key(self) -> str:
        """The same for all attempts at this step."""
        key = self._command.key
        return f"{self._held.key_owner or self._held.execution_id}:{key.node_id}:{key.scope}"

    @cached_property
    def now(self) -> datetime:
        """When the step began."""
        return datetime.fromtimestamp(self._started, UTC)

    @cached_property
    def arrivals(self) -> Sequence[Arrival]:
        """What came in, in the order of the connections."""
        return tuple(
            Arrival(one.node_id, one.port, one.value, isinstance(one, ArrivedError)) for one in self._command.arrivals
        )

    @cached_property
    def http(self) -> Http:
        """The way out, in this step's name."""
        return self._make_http(self)

    def use(self, tool: Tool[T]) -> T:
        """What carries out the tool here.

        Raises:
            StepError: `TOOL_MISSING`.
        """
        make = self._toolbox.get(tool.name)
        if make is None:
            raise StepError(
                f"This worker has no tool '{tool.name}', which the node uses.",
                code="TOOL_MISSING",
                remedy="Run the workflow on a worker of the release that the node type is made for.",
            )
        return cast("T", make(self))

    def log(self, message: str, **fields: Json) -> None:
        """Keep a line for the step's log; too many or too long ones are cut, and that is said."""
        if len(self.lines) > MOST_LINES:
            return
        if len(self.lines) == MOST_LINES:
            message, fields = f"The log ends here: it has {MOST_LINES} lines.", {}
        line: JsonObject = {"message": storable(message[:LONGEST_LINE])}
        if fields:
            line["fields"] = storable(fields)
        self.lines.append(line)


def storable(value: Json) -> Json:
    """With a sign in the place of what no text in the database can hold: a line of a log is no reason to fail."""
    if isinstance(value, str):
        return value.replace("\0", "\N{REPLACEMENT CHARACTER}").encode("utf-8", "replace").decode()
    if isinstance(value, list):
        return [storable(item) for item in value]
    if isinstance(value, dict):
        return {str(storable(name)): storable(item) for name, item in value.items()}
    return value


def input_for(command: Run | Ask | Sleep, trigger_data: Json) -> Json:
    """The value that the node sees as `input`: the trigger's data where nothing leads to it."""
    if command.node.incoming == 0 and not command.arrivals:
        return trigger_data
    return input_of(command.arrivals)
