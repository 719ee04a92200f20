"""The statuses of an execution and of a step, and their transitions, as tables. docs/states.md is drawn from here."""

from __future__ import annotations

from enum import StrEnum
from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class ExecutionStatus(StrEnum):
    """Where an execution stands. `pending`: recorded, no worker holds it yet."""

    PENDING = "pending"
    RUNNING = "running"
    WAITING = "waiting"
    PAUSED = "paused"
    COMPLETED = "completed"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def terminal(self) -> bool:
        """Whether nothing can follow."""
        return not EXECUTION_TRANSITIONS[self]


EXECUTION_TRANSITIONS: Mapping[ExecutionStatus, frozenset[ExecutionStatus]] = MappingProxyType(
    {
        ExecutionStatus.PENDING: frozenset(
            {ExecutionStatus.RUNNING, ExecutionStatus.PAUSED, ExecutionStatus.CANCELLED, ExecutionStatus.FAILED}
        ),
        ExecutionStatus.RUNNING: frozenset(
            {
                ExecutionStatus.PENDING,
                ExecutionStatus.WAITING,
                ExecutionStatus.PAUSED,
                ExecutionStatus.COMPLETED,
                ExecutionStatus.FAILED,
                ExecutionStatus.CANCELLED,
            }
        ),
        ExecutionStatus.WAITING: frozenset(
            {ExecutionStatus.PENDING, ExecutionStatus.PAUSED, ExecutionStatus.CANCELLED}
        ),
        ExecutionStatus.PAUSED: frozenset({ExecutionStatus.PENDING, ExecutionStatus.CANCELLED}),
        ExecutionStatus.COMPLETED: frozenset(),
        ExecutionStatus.FAILED: frozenset(),
        ExecutionStatus.CANCELLED: frozenset(),
    }
)


class StepStatus(StrEnum):
    """What one row of the journal says happened."""

    STARTED = "started"
    COMPLETED = "completed"
    FAILED = "failed"
    WAITING = "waiting"
    OPENED = "opened"
    ROUND = "round"
    SPILLED = "spilled"
    LOADED = "loaded"
    CLEARED = "cleared"
    RELEASED = "released"
    ENDED = "ended"


_OUTCOMES = frozenset(
    {
        StepStatus.STARTED,
        StepStatus.COMPLETED,
        StepStatus.FAILED,
        StepStatus.WAITING,
        StepStatus.OPENED,
        StepStatus.ROUND,
        StepStatus.SPILLED,
        StepStatus.LOADED,
    }
)

# Which rows of one step (a node in a scope) can follow each other; None is before the first. A row after `failed` is of
# the next attempt.
STEP_TRANSITIONS: Mapping[StepStatus | None, frozenset[StepStatus]] = MappingProxyType(
    {
        None: _OUTCOMES | {StepStatus.RELEASED},
        StepStatus.RELEASED: _OUTCOMES | {StepStatus.RELEASED},
        StepStatus.STARTED: frozenset(
            {StepStatus.COMPLETED, StepStatus.FAILED, StepStatus.WAITING, StepStatus.CLEARED}
        ),
        StepStatus.CLEARED: frozenset(
            {StepStatus.STARTED, StepStatus.COMPLETED, StepStatus.FAILED, StepStatus.WAITING}
        ),
        # It may wait once more, as for other people after an escalation.
        StepStatus.WAITING: frozenset({StepStatus.WAITING, StepStatus.COMPLETED, StepStatus.FAILED}),
        StepStatus.OPENED: frozenset({StepStatus.COMPLETED, StepStatus.FAILED}),
        StepStatus.FAILED: _OUTCOMES | {StepStatus.RELEASED},
        StepStatus.COMPLETED: frozenset(),
        StepStatus.ROUND: frozenset({StepStatus.SPILLED}),
        StepStatus.SPILLED: frozenset(),
        StepStatus.LOADED: frozenset({StepStatus.LOADED, StepStatus.SPILLED}),
        StepStatus.ENDED: frozenset(),
    }
)
