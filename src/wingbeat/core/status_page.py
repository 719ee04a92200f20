"""The page of documentation about statuses, drawn from the tables in `status`."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, TypeVar

from wingbeat.core.status import EXECUTION_TRANSITIONS, STEP_TRANSITIONS, ExecutionStatus, StepStatus

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

S = TypeVar("S", bound=StrEnum | None)
_EXECUTIONS = {
    ExecutionStatus.PENDING: "It is recorded and waits for a worker: it is new, was resumed, or its worker was lost.",
    ExecutionStatus.RUNNING: "A worker holds it.",
    ExecutionStatus.WAITING: "It waits for a time (a delay, a retry) and takes no memory.",
    ExecutionStatus.PAUSED: "Somebody paused it.",
    ExecutionStatus.COMPLETED: "It came to its end.",
    ExecutionStatus.FAILED: "A step failed for good, a limit was reached, or the workflow ended itself as failed.",
    ExecutionStatus.CANCELLED: "Somebody cancelled it.",
}
_STEPS = {
    StepStatus.STARTED: "A step with a side effect that must not be repeated was about to begin.",
    StepStatus.COMPLETED: "The step came to its outcome.",
    StepStatus.FAILED: "The attempt failed. What follows is of the next attempt, if there is one.",
    StepStatus.WAITING: "The step suspended until a time.",
    StepStatus.OPENED: "A loop knows what it goes through; it completes when it is through.",
    StepStatus.ROUND: "A loop without a list was asked whether an iteration takes place; the scope is that iteration.",
    StepStatus.SPILLED: "A part of a loop's results was stored as a blob; the scope is the part's first iteration.",
    StepStatus.LOADED: "A part of the stream that a loop goes through was fetched; the scope is the next iteration.",
    StepStatus.CLEARED: "Whether the step had its effect was not known, and a person decided that it may run again.",
    StepStatus.RELEASED: "A person let the step run: after a breakpoint, or in a fork, perhaps with another input.",
    StepStatus.ENDED: "The last row: the execution ended. It belongs to no step.",
}


def states_page() -> str:
    """docs/states.md, whole."""
    return "\n".join(
        [
            "# Statuses",
            "",
            "Generated from `wingbeat.core.status` by `script/generate_docs.py`; do not edit.",
            "",
            "## Executions",
            "",
            *_diagram(EXECUTION_TRANSITIONS, ExecutionStatus.PENDING),
            "",
            *_table(_EXECUTIONS),
            "",
            "A terminal status (one without an arrow to another) is written once and never changes.",
            "",
            "## Rows of the journal",
            "",
            "What can follow what for one step, which is one node in one scope.",
            "",
            *_diagram(STEP_TRANSITIONS, None),
            "",
            *_table(_STEPS),
            "",
        ]
    )


def _diagram(transitions: Mapping[S, Collection[StrEnum]], first: StrEnum | None) -> Iterator[str]:
    yield "```mermaid"
    yield "stateDiagram-v2"
    if first is not None:
        yield f"    [*] --> {first}"
    drawn = {status for following in transitions.values() for status in following}
    for status, following in transitions.items():
        for after in sorted(following):
            yield f"    {status or '[*]'} --> {after}"
        if not following and status in drawn:
            yield f"    {status} --> [*]"
    yield "```"


def _table(meanings: Mapping[S, str]) -> Iterator[str]:
    yield "| status | meaning |"
    yield "|---|---|"
    for status, meaning in meanings.items():
        yield f"| `{status}` | {meaning} |"
