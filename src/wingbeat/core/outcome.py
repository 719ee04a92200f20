"""What running one node can come to. A node returns one of these; the state machine gives it its consequences."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from wingbeat.core.json_value import Json, JsonObject

OUT = "out"
ERROR = "error"
BODY = "body"
DONE = "done"


class Operation(StrEnum):
    """How a variable changes. Applied in the order of the journal, so parallel branches do not lose updates."""

    SET = "set"
    APPEND = "append"
    INCREMENT = "increment"


@dataclass(frozen=True, slots=True)
class VariableChange:
    """One change of a variable, in the execution's scope or in that of the nearest iteration."""

    name: str
    operation: Operation
    value: Json
    iteration: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """The node did its work.

    `output` is what `nodes.<id>` gives. The `ports` named are taken, all others die. Each taken port carries `output`,
    or, where `split` is true, `output[port]`.
    """

    output: Json
    ports: tuple[str, ...] = (OUT,)
    split: bool = False
    changes: tuple[VariableChange, ...] = ()

    @classmethod
    def of(cls, output: Json) -> Outcome:
        """`output` leaves through the port `out`."""
        return cls(output)

    @classmethod
    def to(cls, port: str, output: Json) -> Outcome:
        """`output` leaves through one chosen port."""
        return cls(output, (port,))

    @classmethod
    def on(cls, **values: Json) -> Outcome:
        """Every port named is taken with a value of its own."""
        return cls(dict(values), tuple(values), split=True)


@dataclass(frozen=True, slots=True)
class Wait:
    """The step suspends until `until` (seconds since the epoch), and then completes with `output`."""

    until: float
    output: Json


@dataclass(frozen=True, slots=True)
class Await:
    """The step suspends until its wait is resolved from outside, or until `until` (seconds since the epoch).

    The wait was opened before (`wingbeat.sdk.waits`). When it is resolved or its time has come, the node type's
    `resume` says what the step comes to. `soon`: what is awaited runs in this very process, so holding on for a moment
    is worth it.
    """

    wait: str
    until: float | None = None
    soon: bool = False


class AfterBreak(StrEnum):
    """What becomes of iterations that still run when a loop is broken."""

    FINISH = "finish"
    CANCEL = "cancel"


class OnItemError(StrEnum):
    """What becomes of a loop when something in an iteration fails and nothing there handles it.

    `stop`: the loop fails. `keep` and `leave_out`: the iteration ends alone and gives its error, or nothing.
    """

    STOP = "stop"
    KEEP = "keep"
    LEAVE_OUT = "leave_out"


@dataclass(frozen=True, slots=True)
class OpenLoop:
    """The loop begins: with `items` one iteration for each; without, one after the other, and asked before each.

    With `batch_size`, an iteration gets a list of up to so many items. `in_order` says whether the results are in the
    order of the items or in that in which iterations ended. `ask_first` is about loops without a list: whether the
    first round has to be asked for. Instead of `items` a loop may go through a `stream`: the reference that a loop
    gives which was to `spill` its results.
    """

    items: list[Json] | None = None
    concurrency: int = 1
    collect: bool = True
    after_break: AfterBreak = AfterBreak.FINISH
    on_item_error: OnItemError = OnItemError.STOP
    batch_size: int | None = None
    in_order: bool = True
    ask_first: bool = True
    stream: JsonObject | None = None
    spill: bool = False


@dataclass(frozen=True, slots=True)
class Round:
    """A loop without a list was asked whether to go round again."""

    again: bool


@dataclass(frozen=True, slots=True)
class End:
    """The execution ends here and now, with this output; other branches are cancelled.

    With an `error` (code, message, and details where there are any) it has failed with just that.
    """

    output: Json
    failed: bool = False
    message: str = ""
    error: JsonObject | None = None


Result: TypeAlias = Outcome | Wait | Await | OpenLoop | Round | End
