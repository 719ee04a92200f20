"""What the engine is to do next. Each but `Cancel` and `Finish` stays open until an event answers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wingbeat.core.arrivals import Arrived
    from wingbeat.core.events import StepKey
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.outcome import Outcome
    from wingbeat.core.plan import PlannedNode
    from wingbeat.core.scope import LoopState, Scope
    from wingbeat.core.status import ExecutionStatus


class Run(NamedTuple):
    """Run a node. `unknown`: its start is recorded and its outcome is not, so it may or may not have had its effect."""

    key: StepKey
    node: PlannedNode
    scope: Scope
    arrivals: list[Arrived]
    unknown: bool = False


class Ask(NamedTuple):
    """Ask a loop without a list whether to go round again, in the scope of the iteration that would follow."""

    key: StepKey
    node: PlannedNode
    scope: Scope
    arrivals: list[Arrived]


class Record(NamedTuple):
    """Record an outcome that the state machine itself came to, as when a loop is through.

    `spilled`: its output only counts the chunks that `Spill` handed out; make a reference of it.
    """

    key: StepKey
    node: PlannedNode
    scope: Scope
    outcome: Outcome
    spilled: bool = False


class Fail(NamedTuple):
    """Record that a loop failed because of what happened in it. `cause` is the error of the step that failed."""

    key: StepKey
    node: PlannedNode
    scope: Scope
    error: JsonObject
    cause: JsonObject


class Spill(NamedTuple):
    """Store a part of a loop's results where it takes no memory; then say `ChunkSpilled`."""

    key: StepKey
    node: PlannedNode
    scope: Scope
    loop: LoopState
    chunk: int
    values: list[Json]


class Load(NamedTuple):
    """Fetch a part of the stream that a loop goes through, and say `ChunkLoaded`."""

    key: StepKey
    node: PlannedNode
    scope: Scope
    loop: LoopState
    chunk: int
    stream: JsonObject


class Sleep(NamedTuple):
    """At `until` (seconds since the epoch), complete the step with `outcome`.

    With a `wait`, let the node say what the step comes to, when the wait is resolved or at `until`. At the `deadline`
    it fails, if that comes first.
    """

    key: StepKey
    node: PlannedNode
    scope: Scope
    until: float | None
    outcome: Outcome
    wait: str | None = None
    arrivals: Sequence[Arrived] = ()
    deadline: float | None = None

    @property
    def times_out(self) -> bool:
        """Whether the step fails when its time has come."""
        return self.deadline is not None and (self.until is None or self.deadline < self.until)

    @property
    def due(self) -> float | None:
        """When its time has come, whatever it then comes to."""
        return self.deadline if self.times_out else self.until


class Retry(NamedTuple):
    """At `due` (seconds since the epoch), say `RetryDue`."""

    key: StepKey
    node: PlannedNode
    scope: Scope
    arrivals: list[Arrived]
    due: float


class Cancel(NamedTuple):
    """Stop these steps; what they come to no longer matters."""

    keys: list[StepKey]


class Finish(NamedTuple):
    """The execution is over."""

    status: ExecutionStatus
    output: Json = None
    error: JsonObject | None = None


OpenCommand: TypeAlias = Run | Ask | Record | Fail | Spill | Load | Sleep | Retry
Command: TypeAlias = OpenCommand | Cancel | Finish
