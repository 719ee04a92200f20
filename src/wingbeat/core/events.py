"""What happened in an execution, in the past tense. The journal holds these; an execution is their fold."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, TypeAlias

if TYPE_CHECKING:
    from wingbeat.core.arrivals import Arrived
    from wingbeat.core.json_value import Json, JsonObject
    from wingbeat.core.outcome import OpenLoop, Outcome


class StepKey(NamedTuple):
    """Which run of which node: with the execution's id, unique for ever."""

    node_id: str
    scope: str
    attempt: int


class ExecutionStarted(NamedTuple):
    """A trigger fired."""

    trigger_id: str
    data: Json
    variables: JsonObject
    # Of a node that runs alone: what came in.
    arrivals: tuple[Arrived, ...] = ()


class StepStarted(NamedTuple):
    """An unsafe step was about to begin; recorded before it does."""

    key: StepKey


class StepCleared(NamedTuple):
    """A person decided that a step whose outcome was not known may run again."""

    key: StepKey


class StepCompleted(NamedTuple):
    """A step came to its outcome. `sequence` is the number of its row."""

    key: StepKey
    outcome: Outcome
    sequence: int = 0


class StepFailed(NamedTuple):
    """A step failed. `error` is what `WingbeatError.to_json` gives, and the place.

    `retry_at` is when it is tried again (seconds since the epoch), None where that was its last attempt. It is decided
    once, when the step fails (`Execution.retry_at`): who replays the journal may run under other settings.
    """

    key: StepKey
    error: JsonObject
    retry_at: float | None
    sequence: int = 0


class StepWaiting(NamedTuple):
    """A step suspended: until `until` (seconds since the epoch), and then completes with `output`.

    With a `wait` it goes on when that is resolved, at the latest at `until`, and comes to whatever it then says. At
    its `deadline`, which follows from the node's time-out, it has failed.
    """

    key: StepKey
    until: float | None
    output: Json
    wait: str | None = None
    deadline: float | None = None


class LoopOpened(NamedTuple):
    """A loop knows what it goes through."""

    key: StepKey
    opening: OpenLoop


class RoundDecided(NamedTuple):
    """A loop without a list said whether this iteration takes place."""

    key: StepKey
    again: bool


class StepReleased(NamedTuple):
    """A person let the step run: after a breakpoint, or in a fork. `edited`: its input is `value` from now on."""

    key: StepKey
    variables: JsonObject
    edited: bool = False
    value: Json = None
    sequence: int = 0


class ChunkSpilled(NamedTuple):
    """A part of a loop's results is stored. The scope of its key is that of the part's first iteration."""

    key: StepKey


class ChunkLoaded(NamedTuple):
    """A part of the stream that a loop goes through is there. The scope of its key is that of the next iteration."""

    key: StepKey
    values: list[Json]


class RetryDue(NamedTuple):
    """The time to try a failed step again has come. Not recorded: the next attempt's own row says it."""

    key: StepKey


Event: TypeAlias = (
    ExecutionStarted
    | StepStarted
    | StepCleared
    | StepCompleted
    | StepFailed
    | StepWaiting
    | LoopOpened
    | RoundDecided
    | ChunkSpilled
    | ChunkLoaded
    | StepReleased
    | RetryDue
)
